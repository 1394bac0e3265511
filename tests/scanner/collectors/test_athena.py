from scanner.collectors.athena import COLLECTORS, DATA_CATALOG, NAMED_QUERY, WORKGROUP
from tests.conftest import read
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

CONFIGURATION = {
    "ResultConfiguration": {
        "OutputLocation": "s3://out/",
        "EncryptionConfiguration": {"EncryptionOption": "SSE_KMS", "KmsKey": "arn:k"},
    },
    "EnforceWorkGroupConfiguration": True,
    "PublishCloudWatchMetricsEnabled": True,
    "BytesScannedCutoffPerQuery": 10485760,
    "EngineVersion": {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"},
}
ANSWERS = {
    "ListWorkGroups": {"WorkGroups": [{"Name": "shop", "State": "ENABLED", "Description": "d"}]},
    "GetWorkGroup": {"WorkGroup": {"Name": "shop", "State": "ENABLED", "Configuration": CONFIGURATION}},
    "ListTagsForResource": {"Tags": [{"Key": "team", "Value": "shop"}]},
    "ListDataCatalogs": {
        "DataCatalogsSummary": [
            {"CatalogName": "AwsDataCatalog", "Type": "GLUE"},
            {"CatalogName": "theirs", "Type": "LAMBDA"},
        ]
    },
    "GetDataCatalog": {
        "DataCatalog": {"Name": "x", "Type": "LAMBDA", "Description": "d", "Parameters": {"function": "f"}}
    },
    "ListNamedQueries": {"NamedQueryIds": ["q"]},
    "BatchGetNamedQuery": {
        "NamedQueries": [
            {"NamedQueryId": "q", "Name": "all", "Database": "shop", "QueryString": "select 1", "WorkGroup": "primary"}
        ]
    },
}


def seen(*collectors, **changed):
    with answering(ANSWERS | changed):
        return read(*collectors)


def test_workgroup():
    found = only(seen(WORKGROUP), WORKGROUP.type)
    assert whole(found) == {
        "its id": "shop",
        "its identity": "shop",
        "its arn": "arn:aws:athena:eu-west-1:123456789012:workgroup/shop",
        "its owner": None,
        "arn": "arn:aws:athena:eu-west-1:123456789012:workgroup/shop",
        "configuration": [
            {
                "bytes_scanned_cutoff_per_query": 10485760,
                "enforce_workgroup_configuration": True,
                "engine_version": [
                    {"effective_engine_version": "Athena engine version 3", "selected_engine_version": "AUTO"}
                ],
                "publish_cloudwatch_metrics_enabled": True,
                "result_configuration": [
                    {
                        "encryption_configuration": [{"encryption_option": "SSE_KMS", "kms_key_arn": "arn:k"}],
                        "output_location": "s3://out/",
                    }
                ],
            }
        ],
        "description": "d",
        "name": "shop",
        "state": "ENABLED",
        "tags": {"team": "shop"},
    }
    [configuration] = found["configuration"]
    said = twin(found, configuration=[configuration | {"engine_version": [], "enforce_workgroup_configuration": None}])
    assert told(seen(WORKGROUP), COLLECTORS, said) == set()
    free = {
        "WorkGroup": {
            "Configuration": CONFIGURATION | {"EnforceWorkGroupConfiguration": False, "ResultConfiguration": {}}
        }
    }
    assert told(seen(WORKGROUP, GetWorkGroup=free), COLLECTORS, said) == {
        ("changed", WORKGROUP.type, "configuration[0].enforce_workgroup_configuration"),
        ("changed", WORKGROUP.type, "configuration[0].result_configuration"),
    }


def test_what_every_account_has_is_nobodys():
    primary = {"WorkGroups": [{"Name": "primary", "State": "ENABLED"}]}
    assert told(seen(WORKGROUP, ListWorkGroups=primary), COLLECTORS) == set()


def test_data_catalog():
    found = seen(DATA_CATALOG)
    assert {each.id: each.owner for each in found.of(DATA_CATALOG.type)} == {"AwsDataCatalog": "aws", "theirs": None}
    assert whole(only(found, DATA_CATALOG.type)) == {
        "its id": "theirs",
        "its identity": "theirs",
        "its arn": "arn:aws:athena:eu-west-1:123456789012:datacatalog/theirs",
        "its owner": None,
        "arn": "arn:aws:athena:eu-west-1:123456789012:datacatalog/theirs",
        "description": "d",
        "name": "theirs",
        "parameters": {"function": "f"},
        "type": "LAMBDA",
        "tags": {"team": "shop"},
    }
    assert told(found, COLLECTORS, twin(only(found, DATA_CATALOG.type), parameters={"function": "g"})) == {
        ("changed", DATA_CATALOG.type, "parameters.function")
    }


def test_named_query():
    found = only(seen(NAMED_QUERY), NAMED_QUERY.type)
    assert whole(found) == {
        "its id": "q",
        "its identity": "q",
        "its arn": None,
        "its owner": None,
        "database": "shop",
        "name": "all",
        "query": "select 1",
        "workgroup": "primary",
    }
    assert told(seen(NAMED_QUERY), COLLECTORS, twin(found, query="select 2", workgroup=None)) == {
        ("changed", NAMED_QUERY.type, "query")
    }


def test_denied():
    found = seen(WORKGROUP, NAMED_QUERY, GetWorkGroup=refused("AccessDeniedException"))
    assert [gap.permission for gap in found.gaps] == ["athena:GetWorkGroup"]
    assert (len(found.of(WORKGROUP.type)), len(found.of(NAMED_QUERY.type))) == (0, 1)
