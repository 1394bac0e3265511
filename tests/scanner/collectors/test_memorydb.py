import pytest

from scanner.collectors.memorydb import CLUSTER, COLLECTORS, PARAMETER_GROUP
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import json
from tests.scanner.compared import declared, only, told, twin
from tests.scanner.standin import answering
from tests.scanner.whole import whole

ARN = f"arn:aws:memorydb:{REGION}:{ACCOUNT}"
NODE = {"Name": "shop-0001-001", "AvailabilityZone": "eu-west-1a", "Endpoint": {"Address": "n", "Port": 6379}}
DEFAULTS = [{"Name": "timeout", "Value": "0"}, {"Name": "activedefrag", "Value": "no"}]
OWN = [{"Name": "timeout", "Value": "5"}, DEFAULTS[1]]
ANSWERS = {
    "DescribeClusters": {
        "Clusters": [
            {
                "Name": "shop",
                "Status": "available",
                "NumberOfShards": 1,
                "Shards": [{"Name": "0001", "Slots": "0-16383", "Nodes": [NODE, NODE], "NumberOfNodes": 2}],
                "ClusterEndpoint": {"Address": "e", "Port": 6379},
                "NodeType": "db.t4g.small",
                "Engine": "valkey",
                "EngineVersion": "7.2",
                "EnginePatchVersion": "7.2.6",
                "ParameterGroupName": "own",
                "SecurityGroups": [{"SecurityGroupId": "sg-1", "Status": "active"}],
                "SubnetGroupName": "main",
                "TLSEnabled": True,
                "KmsKeyId": "arn:key",
                "ARN": f"{ARN}:cluster/shop",
                "SnsTopicArn": "arn:topic",
                "SnsTopicStatus": "ACTIVE",
                "SnapshotRetentionLimit": 1,
                "MaintenanceWindow": "mon:05:00-mon:06:00",
                "SnapshotWindow": "03:00-04:00",
                "ACLName": "staff",
                "AutoMinorVersionUpgrade": True,
                "DataTiering": "false",
            }
        ]
    },
    "DescribeSubnetGroups": {
        "SubnetGroups": [
            {
                "Name": "main",
                "Description": "shop",
                "VpcId": "vpc-1",
                "Subnets": [{"Identifier": "subnet-1"}],
                "ARN": f"{ARN}:subnetgroup/main",
            }
        ]
    },
    "DescribeACLs": {
        "ACLs": [
            {"Name": "staff", "UserNames": ["ann"], "MinimumEngineVersion": "6.2", "ARN": f"{ARN}:acl/staff"},
            {"Name": "open-access", "UserNames": ["default"], "ARN": f"{ARN}:acl/open-access"},
        ]
    },
    "DescribeUsers": {
        "Users": [
            {
                "Name": name,
                "AccessString": "on ~* +@all",
                "MinimumEngineVersion": "6.2",
                "Authentication": {"Type": "password", "PasswordCount": 1},
                "ARN": f"{ARN}:user/{name}",
            }
            for name in ("ann", "default")
        ]
    },
    "DescribeParameterGroups": {
        "ParameterGroups": [
            {"Name": name, "Family": "memorydb_redis7", "Description": "shop", "ARN": f"{ARN}:parametergroup/{name}"}
            for name in ("own", "default.memorydb-redis7")
        ]
    },
    "DescribeParameters": lambda asked: json({"Parameters": OWN if '"own"' in asked.body else DEFAULTS}),
    "ListTags": {"TagList": [{"Key": "team", "Value": "shop"}]},
}
EXPECTED = {
    "aws_memorydb_cluster": {
        "its id": "shop",
        "acl_name": "staff",
        "arn": f"{ARN}:cluster/shop",
        "auto_minor_version_upgrade": True,
        "cluster_endpoint": [{"address": "e", "port": 6379}],
        "data_tiering": False,
        "engine": "valkey",
        "engine_patch_version": "7.2.6",
        "engine_version": "7.2",
        "kms_key_arn": "arn:key",
        "maintenance_window": "mon:05:00-mon:06:00",
        "name": "shop",
        "node_type": "db.t4g.small",
        "num_replicas_per_shard": 1,
        "num_shards": 1,
        "parameter_group_name": "own",
        "port": 6379,
        "security_group_ids": ["sg-1"],
        "shards": [
            {
                "name": "0001",
                "nodes": [
                    {
                        "availability_zone": "eu-west-1a",
                        "endpoint": [{"address": "n", "port": 6379}],
                        "name": "shop-0001-001",
                    }
                ]
                * 2,
                "num_nodes": 2,
                "slots": "0-16383",
            }
        ],
        "snapshot_retention_limit": 1,
        "snapshot_window": "03:00-04:00",
        "sns_topic_arn": "arn:topic",
        "subnet_group_name": "main",
        "tls_enabled": True,
    },
    "aws_memorydb_subnet_group": {
        "its id": "main",
        "arn": f"{ARN}:subnetgroup/main",
        "description": "shop",
        "name": "main",
        "subnet_ids": ["subnet-1"],
        "vpc_id": "vpc-1",
    },
    "aws_memorydb_acl": {
        "its id": "staff",
        "arn": f"{ARN}:acl/staff",
        "minimum_engine_version": "6.2",
        "name": "staff",
        "user_names": ["ann"],
    },
    "aws_memorydb_user": {
        "its id": "ann",
        "access_string": "on ~* +@all",
        "arn": f"{ARN}:user/ann",
        "authentication_mode": [{"password_count": 1, "type": "password"}],
        "minimum_engine_version": "6.2",
        "user_name": "ann",
    },
    "aws_memorydb_parameter_group": {
        "its id": "own",
        "arn": f"{ARN}:parametergroup/own",
        "description": "shop",
        "family": "memorydb_redis7",
        "name": "own",
        "parameter": [{"name": "timeout", "value": "5"}],
    },
}


@pytest.fixture(scope="module")
def live():
    """All of them, read at once."""
    with answering(ANSWERS):
        inventory = read(*COLLECTORS)
    assert inventory.gaps == []
    return inventory


@pytest.mark.parametrize("type", EXPECTED)
def test_each(live, type):
    found, id = only(live, type), EXPECTED[type]["its id"]
    its = {"its identity": id, "its arn": EXPECTED[type]["arn"], "its owner": None, "tags": {"team": "shop"}}
    assert whole(found) == its | EXPECTED[type]


@pytest.mark.parametrize(
    ("type", "said", "path"),
    [
        ("aws_memorydb_cluster", {"tls_enabled": False}, "tls_enabled"),
        ("aws_memorydb_cluster", {"engine_version": "7.2", "shards": []}, None),
        ("aws_memorydb_acl", {"user_names": ["ann", "bob"]}, "user_names"),
        ("aws_memorydb_parameter_group", {"parameter": [{"name": "timeout", "value": "5"}]}, None),
        (
            "aws_memorydb_parameter_group",
            {"parameter": [{"name": "timeout", "value": "0"}]},
            "parameter[timeout].value",
        ),
        ("aws_memorydb_parameter_group", {"parameter": []}, "parameter[timeout]"),
    ],
)
def test_what_is_drift(live, type, said, path):
    changes = told(live, COLLECTORS, twin(only(live, type), **said))
    assert {each for kind, of, each in changes if (kind, of) == ("changed", type)} == ({path} if path else set())


def test_what_aws_makes_by_itself_has_an_owner(live):
    assert {each.id for each in live.resources if each.owner == "aws"} == {
        "default",
        "default.memorydb-redis7",
        "open-access",
    }


@pytest.mark.parametrize(("value", "paths"), [("no", set()), ("yes", {"parameter[activedefrag].value"})])
def test_a_parameter_declared_at_its_default_is_compared_with_it(value, paths):
    rows = [{"name": "timeout", "value": "5"}, {"name": "activedefrag", "value": value}]
    own = declared(PARAMETER_GROUP.type, "own", name="own", parameter=rows)
    with answering(ANSWERS):
        live = read(PARAMETER_GROUP, declared=[own])
    assert told(live, COLLECTORS, own) == {("changed", PARAMETER_GROUP.type, path) for path in paths}


def test_parameters_of_a_family_without_known_defaults_are_unknown():
    kept = {"ParameterGroups": ANSWERS["DescribeParameterGroups"]["ParameterGroups"][:1]}
    with answering(ANSWERS | {"DescribeParameterGroups": kept}):
        found = only(read(PARAMETER_GROUP), PARAMETER_GROUP.type)
    assert dict(found.unknown.items()) == {"parameter": "the list of defaults does not name memorydb_redis7"}


def test_refused_parameters_are_unknown():
    with answering({name: each for name, each in ANSWERS.items() if name != "DescribeParameters"}):
        inventory = read(PARAMETER_GROUP)
    assert set(only(inventory, PARAMETER_GROUP.type).unknown) == {"parameter"}


def test_permissions_suffice(aws, allowed_only):
    aws("memorydb").create_cluster(ClusterName="shop", NodeType="db.t4g.small", ACLName="open-access")
    with allowed_only(*CLUSTER.permissions):
        inventory = read(CLUSTER)
    assert inventory.gaps == []
    assert only(inventory, "aws_memorydb_cluster")["acl_name"] == "open-access"
