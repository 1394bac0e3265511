import pytest

from scanner.collectors.redshift_serverless import COLLECTORS, NAMESPACE, WORKGROUP
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering
from tests.scanner.whole import whole

ARN = f"arn:aws:redshift-serverless:{REGION}:{ACCOUNT}"
ROLE = "arn:aws:iam::123456789012:role/load"
ANSWERS = {
    "ListNamespaces": {
        "namespaces": [
            {
                "adminUsername": "root",
                "dbName": "dev",
                "iamRoles": [f"IamRole(applyStatus=in-sync, iamRoleArn={ROLE})"],
                "kmsKeyId": "AWS_OWNED_KMS_KEY",
                "logExports": ["userlog"],
                "namespaceArn": f"{ARN}:namespace/1",
                "namespaceId": "1",
                "namespaceName": "shop",
                "status": "AVAILABLE",
            }
        ]
    },
    "ListWorkgroups": {
        "workgroups": [
            {
                "baseCapacity": 32,
                "configParameters": [
                    {"parameterKey": "require_ssl", "parameterValue": "true"},
                    {"parameterKey": "datestyle", "parameterValue": "ISO, MDY"},
                ],
                "endpoint": {"address": "e", "port": 5439, "vpcEndpoints": [{"vpcEndpointId": "vpce-1"}]},
                "enhancedVpcRouting": True,
                "namespaceName": "shop",
                "publiclyAccessible": False,
                "pricePerformanceTarget": {"status": "DISABLED"},
                "securityGroupIds": ["sg-1"],
                "subnetIds": ["subnet-1", "subnet-2"],
                "trackName": "current",
                "workgroupArn": f"{ARN}:workgroup/2",
                "workgroupId": "2",
                "workgroupName": "shop",
                "status": "AVAILABLE",
            }
        ]
    },
    "ListTagsForResource": {"tags": [{"key": "team", "value": "shop"}]},
}


@pytest.fixture(scope="module")
def live():
    """All of them, read at once."""
    with answering(ANSWERS):
        inventory = read(*COLLECTORS)
    assert inventory.gaps == []
    return inventory


def test_namespace(live):
    found = only(live, NAMESPACE.type)
    assert found.sensitive >= {"admin_username"}
    assert whole(found) == {
        "its id": "shop",
        "its identity": "shop",
        "its arn": f"{ARN}:namespace/1",
        "its owner": None,
        "admin_username": "root",
        "arn": f"{ARN}:namespace/1",
        "db_name": "dev",
        "iam_roles": [ROLE],
        "kms_key_id": "AWS_OWNED_KMS_KEY",
        "log_exports": ["userlog"],
        "namespace_id": "1",
        "namespace_name": "shop",
        "tags": {"team": "shop"},
    }
    assert told(live, [NAMESPACE], twin(found, log_exports=[])) == {("changed", NAMESPACE.type, "log_exports")}


def test_workgroup(live):
    found = only(live, WORKGROUP.type)
    assert whole(found) == {
        "its id": "shop",
        "its identity": "shop",
        "its arn": f"{ARN}:workgroup/2",
        "its owner": None,
        "arn": f"{ARN}:workgroup/2",
        "base_capacity": 32,
        "config_parameter": [
            {"parameter_key": "require_ssl", "parameter_value": "true"},
            {"parameter_key": "datestyle", "parameter_value": "ISO, MDY"},
        ],
        "endpoint": [{"address": "e", "port": 5439, "vpc_endpoint": [{"vpc_endpoint_id": "vpce-1"}]}],
        "enhanced_vpc_routing": True,
        "namespace_name": "shop",
        "port": 5439,
        "price_performance_target": [{"enabled": False}],
        "publicly_accessible": False,
        "security_group_ids": ["sg-1"],
        "subnet_ids": ["subnet-1", "subnet-2"],
        "track_name": "current",
        "workgroup_id": "2",
        "workgroup_name": "shop",
        "tags": {"team": "shop"},
    }
    wanted = {"config_parameter": [{"parameter_key": "require_ssl", "parameter_value": "true"}]}
    quiet = twin(found, subnet_ids=["subnet-2", "subnet-1"], price_performance_target=[], **wanted)
    assert told(live, [WORKGROUP], quiet) == set()
    off = twin(found, config_parameter=[{"parameter_key": "require_ssl", "parameter_value": "false"}])
    assert told(live, [WORKGROUP], off) == {("changed", WORKGROUP.type, "config_parameter")}


def test_refused_tags_are_unknown():
    with answering({name: each for name, each in ANSWERS.items() if name != "ListTagsForResource"}):
        assert set(only(read(WORKGROUP), WORKGROUP.type).unknown) == {"tags"}
