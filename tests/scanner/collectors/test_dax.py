import pytest

from scanner.collectors.dax import CLUSTER, COLLECTORS, PARAMETER_GROUP
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import declared, only, told, twin
from tests.scanner.standin import answering
from tests.scanner.whole import whole

ARN = f"arn:aws:dax:{REGION}:{ACCOUNT}:cache/shop"
ANSWERS = {
    "DescribeClusters": {
        "Clusters": [
            {
                "ClusterName": "shop",
                "Description": "shop",
                "ClusterArn": ARN,
                "TotalNodes": 1,
                "NodeType": "dax.t3.small",
                "Status": "available",
                "ClusterDiscoveryEndpoint": {"Address": "e", "Port": 8111},
                "Nodes": [
                    {"NodeId": "shop-a", "AvailabilityZone": "eu-west-1a", "Endpoint": {"Address": "n", "Port": 8111}}
                ],
                "PreferredMaintenanceWindow": "mon:05:00-mon:06:00",
                "NotificationConfiguration": {"TopicArn": "arn:topic", "TopicStatus": "inactive"},
                "SubnetGroup": "main",
                "SecurityGroups": [{"SecurityGroupIdentifier": "sg-1", "Status": "active"}],
                "IamRoleArn": "arn:role",
                "ParameterGroup": {"ParameterGroupName": "own"},
                "SSEDescription": {"Status": "ENABLED"},
                "ClusterEndpointEncryptionType": "TLS",
            }
        ]
    },
    "DescribeSubnetGroups": {
        "SubnetGroups": [
            {"SubnetGroupName": "main", "VpcId": "vpc-1", "Subnets": [{"SubnetIdentifier": "subnet-1"}]},
            {"SubnetGroupName": "default", "VpcId": "vpc-0"},
        ]
    },
    "DescribeParameterGroups": {
        "ParameterGroups": [{"ParameterGroupName": "own"}, {"ParameterGroupName": "default.dax1.0"}]
    },
    "DescribeParameters": {"Parameters": [{"ParameterName": "query-ttl-millis", "ParameterValue": "1"}]},
    "ListTags": {"Tags": [{"Key": "team", "Value": "shop"}]},
}
EXPECTED = {
    "aws_dax_cluster": {
        "its id": "shop",
        "its arn": ARN,
        "arn": ARN,
        "availability_zones": ["eu-west-1a"],
        "cluster_address": "e",
        "cluster_endpoint_encryption_type": "TLS",
        "cluster_name": "shop",
        "configuration_endpoint": "e:8111",
        "description": "shop",
        "iam_role_arn": "arn:role",
        "maintenance_window": "mon:05:00-mon:06:00",
        "node_type": "dax.t3.small",
        "nodes": [{"address": "n", "availability_zone": "eu-west-1a", "id": "shop-a", "port": 8111}],
        "parameter_group_name": "own",
        "port": 8111,
        "replication_factor": 1,
        "security_group_ids": ["sg-1"],
        "server_side_encryption": [{"enabled": True}],
        "subnet_group_name": "main",
        "tags": {"team": "shop"},
    },
    "aws_dax_subnet_group": {"its id": "main", "name": "main", "subnet_ids": ["subnet-1"], "vpc_id": "vpc-1"},
    "aws_dax_parameter_group": {
        "its id": "own",
        "name": "own",
        "parameters": [{"name": "query-ttl-millis", "value": "1"}],
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
    its = {"its arn": None, "its owner": None, "its identity": EXPECTED[type]["its id"]}
    assert whole(only(live, type)) == its | EXPECTED[type]


def test_changed_by_hand(live):
    found = only(live, CLUSTER.type)
    changes = told(live, [CLUSTER], twin(found, replication_factor=3, server_side_encryption=[], nodes=[]))
    assert changes == {("changed", CLUSTER.type, path) for path in ("replication_factor", "server_side_encryption")}


@pytest.mark.parametrize(
    ("names", "paths"),
    [
        ({"query-ttl-millis": "1"}, set()),
        ({"query-ttl-millis": "1", "record-ttl-millis": "300000"}, set()),
        ({"query-ttl-millis": "2", "record-ttl-millis": "1"}, {"query-ttl-millis].value", "record-ttl-millis].value"}),
        ({"record-ttl-millis": "300000"}, {"query-ttl-millis]"}),
    ],
)
def test_a_state_holds_parameters_that_nobody_set(names, paths):
    rows = [{"name": name, "value": value} for name, value in names.items()]
    own = declared(PARAMETER_GROUP.type, "own", name="own", description="", parameters=rows)
    kept = {"ParameterName": "record-ttl-millis", "ParameterValue": "300000", "Source": "engine-default"}
    ours = ANSWERS["DescribeParameters"]["Parameters"][0] | {"Source": "user"}
    group = {"ParameterGroupName": "own", "Description": " "}
    answers = {
        "DescribeParameters": {"Parameters": [ours, kept]},
        "DescribeParameterGroups": {"ParameterGroups": [group]},
    }
    with answering(answers) as it:
        live = read(PARAMETER_GROUP, declared=[own])
    assert it.asked == ["DescribeParameterGroups", "DescribeParameters"]
    assert told(live, COLLECTORS, own) == {("changed", PARAMETER_GROUP.type, f"parameters[{path}") for path in paths}


def test_defaults_are_made_by_aws(live):
    assert {each.id for each in live.resources if each.owner == "aws"} == {"default", "default.dax1.0"}


def test_refused_parameters_are_unknown():
    with answering({name: each for name, each in ANSWERS.items() if name != "DescribeParameters"}):
        assert set(only(read(PARAMETER_GROUP), PARAMETER_GROUP.type).unknown) == {"parameters"}


def test_a_cluster_on_its_way_has_no_address(aws):
    aws("dax").create_cluster(
        ClusterName="shop",
        NodeType="dax.t3.small",
        ReplicationFactor=1,
        IamRoleArn="arn:aws:iam::123456789012:role/dax",
    )
    found = read(CLUSTER)
    assert (found.gaps, only(found, CLUSTER.type)["configuration_endpoint"]) == ([], None)
