import pytest

from scanner.collectors import glue, glue_catalog
from scanner.collectors.glue import (
    CONNECTION,
    CRAWLER,
    ENCRYPTION_SETTINGS,
    JOB,
    RESOURCE_POLICY,
    SECURITY_CONFIGURATION,
    TRIGGER,
    WORKFLOW,
    enabled,
)
from scanner.collectors.glue_catalog import DATABASE, REGISTRY, SCHEMA, TABLE
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

COLLECTORS = [*glue.COLLECTORS, *glue_catalog.COLLECTORS]
ARN = f"arn:aws:glue:{REGION}:{ACCOUNT}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/glue"
COLUMNS = [{"Name": "day", "Type": "date"}, {"Name": "total", "Type": "double", "Comment": "in euro"}]
TABLES = {
    "TableList": [
        {
            "Name": "sales",
            "DatabaseName": "shop",
            "CatalogId": ACCOUNT,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"classification": "parquet", "recordCount": "9", "empty": ""},
            "PartitionKeys": COLUMNS[:1],
            "StorageDescriptor": {
                "Columns": COLUMNS,
                "Location": "s3://lake/sales",
                "SerdeInfo": {"SerializationLibrary": "parquet", "Parameters": {"serialization.format": "1"}},
                "SortColumns": [],
                "Compressed": False,
            },
        }
    ]
}
ANSWERS = {
    "GetTags": {"Tags": {"team": "shop"}},
    "GetJobs": {
        "Jobs": [
            {
                "Name": "nightly",
                "Role": ROLE,
                "Command": {"Name": "glueetl", "ScriptLocation": "s3://jobs/a.py", "PythonVersion": "3"},
                "DefaultArguments": {"--job-language": "python", "--empty": ""},
                "ExecutionProperty": {"MaxConcurrentRuns": 1},
                "GlueVersion": "4.0",
                "MaxCapacity": 10.0,
                "NumberOfWorkers": 10,
                "WorkerType": "G.1X",
                "Timeout": 2880,
                "ExecutionClass": "STANDARD",
            }
        ]
    },
    "GetCrawlers": {
        "Crawlers": [
            {
                "Name": "lake",
                "Role": "glue",
                "DatabaseName": "shop",
                "Targets": {"S3Targets": [{"Path": "s3://lake", "Exclusions": ["*.tmp"]}], "JdbcTargets": []},
                "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVERYTHING"},
                "SchemaChangePolicy": {"UpdateBehavior": "LOG", "DeleteBehavior": "DEPRECATE_IN_DATABASE"},
                "LineageConfiguration": {"CrawlerLineageSettings": "DISABLE"},
                "Schedule": {"ScheduleExpression": "cron(0 1 * * ? *)", "State": "SCHEDULED"},
                "Configuration": '{"Version": 1.0}',
                "State": "READY",
            }
        ]
    },
    "GetTriggers": {
        "Triggers": [
            {
                "Name": "morning",
                "Type": "SCHEDULED",
                "State": "ACTIVATED",
                "Schedule": "cron(0 6 * * ? *)",
                "Actions": [{"JobName": "nightly", "Arguments": {"--day": "today"}}],
                "WorkflowName": "daily",
            }
        ]
    },
    "ListWorkflows": {"Workflows": ["daily"]},
    "BatchGetWorkflows": {"Workflows": [{"Name": "daily", "DefaultRunProperties": {"a": "b"}, "MaxConcurrentRuns": 1}]},
    "GetConnections": {
        "ConnectionList": [
            {
                "Name": "orders",
                "ConnectionType": "JDBC",
                "ConnectionProperties": {
                    "JDBC_CONNECTION_URL": "jdbc:x",
                    "USERNAME": "u",
                    "ENCRYPTED_PASSWORD": "hush",
                },
                "PhysicalConnectionRequirements": {
                    "SubnetId": "subnet-1",
                    "SecurityGroupIdList": ["sg-2", "sg-1"],
                    "AvailabilityZone": "eu-west-1a",
                },
            }
        ]
    },
    "GetSecurityConfigurations": {
        "SecurityConfigurations": [
            {
                "Name": "sealed",
                "EncryptionConfiguration": {
                    "S3Encryption": [{"S3EncryptionMode": "SSE-KMS", "KmsKeyArn": "arn:k"}],
                    "CloudWatchEncryption": {"CloudWatchEncryptionMode": "DISABLED"},
                    "JobBookmarksEncryption": {"JobBookmarksEncryptionMode": "DISABLED"},
                },
            }
        ]
    },
    "GetDataCatalogEncryptionSettings": {
        "DataCatalogEncryptionSettings": {
            "EncryptionAtRest": {"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": "arn:k"},
            "ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": False},
        }
    },
    "GetResourcePolicy": {"PolicyInJson": '{"Version": "2012-10-17", "Statement": []}', "PolicyHash": "h"},
    "GetDatabases": {
        "DatabaseList": [
            {
                "Name": "shop",
                "CatalogId": ACCOUNT,
                "Parameters": {"owner": "shop"},
                "CreateTableDefaultPermissions": [
                    {"Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}, "Permissions": ["ALL"]}
                ],
            },
            {"Name": "link", "CatalogId": ACCOUNT, "TargetDatabase": {"CatalogId": "9", "DatabaseName": "theirs"}},
        ]
    },
    "GetTables": TABLES,
    "ListRegistries": {"Registries": [{"RegistryName": "events", "RegistryArn": f"{ARN}:registry/events"}]},
    "ListSchemas": {
        "Schemas": [{"SchemaName": "order", "SchemaArn": f"{ARN}:schema/events/order", "RegistryName": "events"}]
    },
    "GetSchema": {
        "SchemaName": "order",
        "RegistryName": "events",
        "RegistryArn": f"{ARN}:registry/events",
        "DataFormat": "AVRO",
        "Compatibility": "BACKWARD",
        "LatestSchemaVersion": 2,
        "NextSchemaVersion": 3,
        "SchemaCheckpoint": 1,
    },
}


def seen(*collectors, **changed):
    with answering(ANSWERS | changed):
        return read(*collectors)


def test_job():
    found = only(seen(JOB), JOB.type)
    assert whole(found) == {
        "its id": "nightly",
        "its identity": "nightly",
        "its arn": "arn:aws:glue:eu-west-1:123456789012:job/nightly",
        "its owner": None,
        "arn": "arn:aws:glue:eu-west-1:123456789012:job/nightly",
        "command": [{"name": "glueetl", "python_version": "3", "script_location": "s3://jobs/a.py"}],
        "default_arguments": {"--job-language": "python"},
        "execution_class": "STANDARD",
        "execution_property": [{"max_concurrent_runs": 1}],
        "glue_version": "4.0",
        "max_capacity": 10.0,
        "name": "nightly",
        "number_of_workers": 10,
        "role_arn": "arn:aws:iam::123456789012:role/glue",
        "timeout": 2880,
        "worker_type": "G.1X",
        "tags": {"team": "shop"},
    }
    said = twin(
        found,
        role_arn="glue",
        execution_class=None,
        execution_property=[],
        command=[{"script_location": "s3://jobs/a.py", "name": "glueetl"}],
    )
    assert told(seen(JOB), COLLECTORS, said) == set()
    paths = {path for _, _, path in told(seen(JOB), COLLECTORS, twin(found, default_arguments={}, worker_type="G.2X"))}
    assert paths == {"default_arguments.--empty", "default_arguments.--job-language", "worker_type"}


def test_crawler():
    found = only(seen(CRAWLER), CRAWLER.type)
    assert whole(found) == {
        "its id": "lake",
        "its identity": "lake",
        "its arn": "arn:aws:glue:eu-west-1:123456789012:crawler/lake",
        "its owner": None,
        "arn": "arn:aws:glue:eu-west-1:123456789012:crawler/lake",
        "configuration": '{"Version": 1.0}',
        "database_name": "shop",
        "lineage_configuration": [{"crawler_lineage_settings": "DISABLE"}],
        "name": "lake",
        "recrawl_policy": [{"recrawl_behavior": "CRAWL_EVERYTHING"}],
        "role": "glue",
        "s3_target": [{"exclusions": ["*.tmp"], "path": "s3://lake"}],
        "schedule": "cron(0 1 * * ? *)",
        "schema_change_policy": [{"delete_behavior": "DEPRECATE_IN_DATABASE", "update_behavior": "LOG"}],
        "tags": {"team": "shop"},
    }
    said = twin(found, role=ROLE, configuration='{"Version":1}', recrawl_policy=[], lineage_configuration=[])
    assert told(seen(CRAWLER), COLLECTORS, said) == set()
    assert told(seen(CRAWLER), COLLECTORS, twin(found, schedule=None, schema_change_policy=[])) == {
        ("changed", CRAWLER.type, "schedule"),
        ("changed", CRAWLER.type, "schema_change_policy"),
    }


def test_trigger_and_workflow():
    found = seen(TRIGGER, WORKFLOW)
    assert whole(only(found, TRIGGER.type)) == {
        "its id": "morning",
        "its identity": "morning",
        "its arn": "arn:aws:glue:eu-west-1:123456789012:trigger/morning",
        "its owner": None,
        "actions": [{"arguments": {"--day": "today"}, "job_name": "nightly"}],
        "arn": "arn:aws:glue:eu-west-1:123456789012:trigger/morning",
        "enabled": True,
        "name": "morning",
        "schedule": "cron(0 6 * * ? *)",
        "state": "ACTIVATED",
        "type": "SCHEDULED",
        "workflow_name": "daily",
        "tags": {"team": "shop"},
    }
    assert whole(only(found, WORKFLOW.type)) == {
        "its id": "daily",
        "its identity": "daily",
        "its arn": "arn:aws:glue:eu-west-1:123456789012:workflow/daily",
        "its owner": None,
        "arn": "arn:aws:glue:eu-west-1:123456789012:workflow/daily",
        "default_run_properties": {"a": "b"},
        "max_concurrent_runs": 1,
        "name": "daily",
        "tags": {"team": "shop"},
    }
    stopped = {"Triggers": [ANSWERS["GetTriggers"]["Triggers"][0] | {"State": "DEACTIVATED"}]}
    wanted = [twin(only(found, TRIGGER.type)), twin(only(found, WORKFLOW.type))]
    assert told(found, COLLECTORS, *wanted) == set()
    assert told(seen(TRIGGER, WORKFLOW, GetTriggers=stopped), COLLECTORS, *wanted) == {
        ("changed", TRIGGER.type, "enabled")
    }


@pytest.mark.parametrize(
    ("said", "on"),
    [(("ON_DEMAND", "DELETING"), False), (("SCHEDULED", "CREATED"), False), (("CONDITIONAL", "ACTIVATED"), True)],
)
def test_what_is_enabled(said, on):
    assert enabled(said) is on


@pytest.mark.parametrize("kind", ["ON_DEMAND", "EVENT"])
def test_a_trigger_that_is_pulled_otherwise_is_on_or_off_as_declared(kind):
    pulled = ANSWERS["GetTriggers"]["Triggers"][0] | {"Type": kind, "State": "CREATED"}
    found = seen(TRIGGER, GetTriggers={"Triggers": [pulled]})
    for declared in (True, False, None):
        assert told(found, COLLECTORS, twin(only(found, TRIGGER.type), enabled=declared)) == set()


def test_connection():
    found = only(seen(CONNECTION), CONNECTION.type)
    assert whole(found) == {
        "its id": "123456789012:orders",
        "its identity": "orders",
        "its arn": "arn:aws:glue:eu-west-1:123456789012:connection/orders",
        "its owner": None,
        "arn": "arn:aws:glue:eu-west-1:123456789012:connection/orders",
        "catalog_id": "123456789012",
        "connection_properties": {"JDBC_CONNECTION_URL": "jdbc:x", "USERNAME": "u"},
        "connection_type": "JDBC",
        "name": "orders",
        "physical_connection_requirements": [
            {"availability_zone": "eu-west-1a", "security_group_id_list": ["sg-2", "sg-1"], "subnet_id": "subnet-1"}
        ],
        "tags": {"team": "shop"},
    }
    assert "hush" not in str(found)
    properties = found["connection_properties"] | {"PASSWORD": "mine"}
    assert told(seen(CONNECTION), COLLECTORS, twin(found, connection_properties=properties)) == set()
    other = properties | {"USERNAME": "root"}
    assert told(seen(CONNECTION), COLLECTORS, twin(found, connection_properties=other)) == {
        ("changed", CONNECTION.type, "connection_properties")
    }


def test_encryption():
    found = seen(SECURITY_CONFIGURATION, ENCRYPTION_SETTINGS)
    assert whole(only(found, SECURITY_CONFIGURATION.type)) == {
        "its id": "sealed",
        "its identity": "sealed",
        "its arn": None,
        "its owner": None,
        "encryption_configuration": [
            {
                "cloudwatch_encryption": [{"cloudwatch_encryption_mode": "DISABLED"}],
                "job_bookmarks_encryption": [{"job_bookmarks_encryption_mode": "DISABLED"}],
                "s3_encryption": [{"kms_key_arn": "arn:k", "s3_encryption_mode": "SSE-KMS"}],
            }
        ],
        "name": "sealed",
    }
    assert whole(only(found, ENCRYPTION_SETTINGS.type)) == {
        "its id": "123456789012",
        "its identity": "glue_data_catalog_encryption_settings",
        "its arn": None,
        "its owner": None,
        "catalog_id": "123456789012",
        "data_catalog_encryption_settings": [
            {
                "connection_password_encryption": [{"return_connection_password_encrypted": False}],
                "encryption_at_rest": [{"catalog_encryption_mode": "SSE-KMS", "sse_aws_kms_key_id": "arn:k"}],
            }
        ],
    }
    assert told(found, COLLECTORS, twin(only(found, SECURITY_CONFIGURATION.type))) == {
        ("unmanaged", ENCRYPTION_SETTINGS.type, "")
    }
    off = {"DataCatalogEncryptionSettings": {"EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"}}}
    plain = seen(ENCRYPTION_SETTINGS, GetDataCatalogEncryptionSettings=off)
    assert told(plain, COLLECTORS) == set()
    assert told(plain, COLLECTORS, twin(only(found, ENCRYPTION_SETTINGS.type))) != set()


def test_resource_policy():
    found = only(seen(RESOURCE_POLICY), RESOURCE_POLICY.type)
    assert whole(found) == {
        "its id": "123456789012",
        "its identity": "glue_resource_policy",
        "its arn": None,
        "its owner": None,
        "policy": '{"Version": "2012-10-17", "Statement": []}',
    }
    none = seen(RESOURCE_POLICY, GetResourcePolicy=refused("EntityNotFoundException"))
    assert (list(none.of(RESOURCE_POLICY.type)), none.gaps) == ([], [])


def test_database_and_table():
    found = seen(DATABASE, TABLE)
    shop, link = sorted(found.of(DATABASE.type), key=lambda each: each.id, reverse=True)
    assert whole(shop) == {
        "its id": "123456789012:shop",
        "its identity": "shop",
        "its arn": "arn:aws:glue:eu-west-1:123456789012:database/shop",
        "its owner": None,
        "arn": "arn:aws:glue:eu-west-1:123456789012:database/shop",
        "catalog_id": "123456789012",
        "create_table_default_permission": [
            {"permissions": ["ALL"], "principal": [{"data_lake_principal_identifier": "IAM_ALLOWED_PRINCIPALS"}]}
        ],
        "name": "shop",
        "parameters": {"owner": "shop"},
        "tags": {"team": "shop"},
    }
    assert link["target_database"] == [{"catalog_id": "9", "database_name": "theirs", "region": None}]
    assert whole(only(found, TABLE.type)) == {
        "its id": "123456789012:shop:sales",
        "its identity": "shop/sales",
        "its arn": "arn:aws:glue:eu-west-1:123456789012:table/shop/sales",
        "its owner": None,
        "arn": "arn:aws:glue:eu-west-1:123456789012:table/shop/sales",
        "catalog_id": "123456789012",
        "database_name": "shop",
        "name": "sales",
        "parameters": {"classification": "parquet", "recordCount": "9"},
        "partition_keys": [{"name": "day", "type": "date"}],
        "storage_descriptor": [
            {
                "columns": [{"name": "day", "type": "date"}, {"comment": "in euro", "name": "total", "type": "double"}],
                "compressed": False,
                "location": "s3://lake/sales",
                "ser_de_info": [{"parameters": {"serialization.format": "1"}, "serialization_library": "parquet"}],
            }
        ],
        "table_type": "EXTERNAL_TABLE",
    }
    counted = twin(only(found, TABLE.type), parameters={"classification": "parquet", "empty": "", "recordCount": "1"})
    wanted = [twin(shop, create_table_default_permission=[]), twin(link), counted]
    assert told(found, COLLECTORS, *wanted) == set()
    fewer = {"TableList": [TABLES["TableList"][0] | {"Parameters": {"classification": "csv"}}]}
    assert told(seen(DATABASE, TABLE, GetTables=fewer), COLLECTORS, *wanted) == {("changed", TABLE.type, "parameters")}


def test_what_a_crawler_made_is_a_crawlers():
    made = TABLES["TableList"][0] | {"Parameters": {"UPDATED_BY_CRAWLER": "lake"}, "CreatedBy": "arn:x/AWS-Crawler"}
    assert only(seen(TABLE, GetTables={"TableList": [made]}), TABLE.type, "glue: lake")


def test_schemas():
    found = seen(REGISTRY, SCHEMA)
    assert whole(only(found, REGISTRY.type)) == {
        "its id": "arn:aws:glue:eu-west-1:123456789012:registry/events",
        "its identity": "events",
        "its arn": "arn:aws:glue:eu-west-1:123456789012:registry/events",
        "its owner": None,
        "arn": "arn:aws:glue:eu-west-1:123456789012:registry/events",
        "registry_name": "events",
        "tags": {"team": "shop"},
    }
    assert whole(only(found, SCHEMA.type)) == {
        "its id": "arn:aws:glue:eu-west-1:123456789012:schema/events/order",
        "its identity": "arn:aws:glue:eu-west-1:123456789012:schema/events/order",
        "its arn": "arn:aws:glue:eu-west-1:123456789012:schema/events/order",
        "its owner": None,
        "arn": "arn:aws:glue:eu-west-1:123456789012:schema/events/order",
        "compatibility": "BACKWARD",
        "data_format": "AVRO",
        "latest_schema_version": 2,
        "next_schema_version": 3,
        "registry_arn": "arn:aws:glue:eu-west-1:123456789012:registry/events",
        "registry_name": "events",
        "schema_checkpoint": 1,
        "schema_name": "order",
        "tags": {"team": "shop"},
    }
    assert told(
        found, COLLECTORS, twin(only(found, REGISTRY.type)), twin(only(found, SCHEMA.type), compatibility="NONE")
    ) == {("changed", SCHEMA.type, "compatibility")}


def test_denied_tags_are_unknown():
    found = seen(JOB, GetTags=refused("AccessDeniedException"))
    assert [gap.permission for gap in found.gaps] == ["glue:GetTags"]
    assert list(only(found, JOB.type).unknown) == ["tags"]


def test_real_states():
    assert_corpus_equals_itself(COLLECTORS)
