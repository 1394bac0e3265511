import pytest

from scanner.collectors import elasticache, elasticache_users
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.queries import said
from tests.scanner.standin import answering
from tests.scanner.whole import whole

COLLECTORS = [*elasticache.COLLECTORS, *elasticache_users.COLLECTORS]
ARN = f"arn:aws:elasticache:{REGION}:{ACCOUNT}"
SHOP = [{"Key": "team", "Value": "shop"}]


def node(name, **more):
    return {
        "CacheClusterId": name,
        "ARN": f"{ARN}:cluster:{name}",
        "CacheNodeType": "cache.t4g.small",
        "Engine": "redis",
        "EngineVersion": "7.1.0",
        "CacheClusterStatus": "available",
        "NumCacheNodes": 1,
        "PreferredAvailabilityZone": "eu-west-1a",
        "PreferredMaintenanceWindow": "mon:05:00-mon:06:00",
        "NotificationConfiguration": {"TopicArn": "arn:topic", "TopicStatus": "active"},
        "CacheParameterGroup": {"CacheParameterGroupName": "own"},
        "CacheSubnetGroupName": "main",
        "CacheNodes": [{"CacheNodeId": "0001", "Endpoint": {"Address": "n", "Port": 6379}}],
        "AutoMinorVersionUpgrade": True,
        "SecurityGroups": [{"SecurityGroupId": "sg-1", "Status": "active"}],
        "SnapshotRetentionLimit": 1,
        "SnapshotWindow": "03:00-04:00",
        "TransitEncryptionEnabled": True,
        "NetworkType": "ipv4",
        "IpDiscovery": "ipv4",
    } | more


LOG = {
    "LogType": "slow-log",
    "DestinationType": "cloudwatch-logs",
    "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": "slow"}},
    "LogFormat": "json",
}
SHARD = {
    "NodeGroupId": "0001",
    "PrimaryEndpoint": {"Address": "p", "Port": 6379},
    "ReaderEndpoint": {"Address": "r", "Port": 6379},
    "NodeGroupMembers": [{"CacheClusterId": "shop-001"}, {"CacheClusterId": "shop-002"}],
}
GROUP = {
    "ReplicationGroupId": "shop",
    "ARN": f"{ARN}:replicationgroup:shop",
    "Description": "shop",
    "Status": "available",
    "MemberClusters": ["shop-001", "shop-002"],
    "NodeGroups": [SHARD],
    "AutomaticFailover": "enabled",
    "MultiAZ": "disabled",
    "SnapshotRetentionLimit": 1,
    "SnapshotWindow": "03:00-04:00",
    "ClusterEnabled": False,
    "CacheNodeType": "cache.t4g.small",
    "AuthTokenEnabled": False,
    "TransitEncryptionEnabled": True,
    "TransitEncryptionMode": "required",
    "AtRestEncryptionEnabled": True,
    "KmsKeyId": "arn:key",
    "UserGroupIds": ["staff"],
    "LogDeliveryConfigurations": [LOG],
    "DataTiering": "disabled",
    "AutoMinorVersionUpgrade": True,
    "NetworkType": "ipv4",
    "IpDiscovery": "ipv4",
    "ClusterMode": "disabled",
}
SERVERLESS = {
    "ServerlessCacheName": "free",
    "ARN": f"{ARN}:serverlesscache:free",
    "Description": "shop",
    "Status": "available",
    "Engine": "valkey",
    "MajorEngineVersion": "8",
    "FullEngineVersion": "8.0",
    "CacheUsageLimits": {"DataStorage": {"Maximum": 10, "Unit": "GB"}, "ECPUPerSecond": {"Maximum": 5000}},
    "SecurityGroupIds": ["sg-1"],
    "Endpoint": {"Address": "e", "Port": 6379},
    "ReaderEndpoint": {"Address": "e", "Port": 6380},
    "SubnetIds": ["subnet-1"],
    "SnapshotRetentionLimit": 0,
    "DailySnapshotTime": "03:00",
}
MEMBERS = [
    {"ReplicationGroupId": "far", "ReplicationGroupRegion": "us-east-1", "Role": "SECONDARY"},
    {"ReplicationGroupId": "shop", "ReplicationGroupRegion": REGION, "Role": "PRIMARY", "AutomaticFailover": "enabled"},
]
DATASTORE = {
    "GlobalReplicationGroupId": "sgaui-shop",
    "ARN": f"arn:aws:elasticache::{ACCOUNT}:globalreplicationgroup:sgaui-shop",
    "GlobalReplicationGroupDescription": "shop",
    "Status": "available",
    "CacheNodeType": "cache.r6g.large",
    "Engine": "redis",
    "EngineVersion": "6.2.6",
    "Members": MEMBERS,
    "ClusterEnabled": True,
    "GlobalNodeGroups": [{"GlobalNodeGroupId": "1", "Slots": "0-16383"}],
    "TransitEncryptionEnabled": True,
}
ELSEWHERE = DATASTORE | {"GlobalReplicationGroupId": "sgaui-far", "Members": [MEMBERS[0] | {"Role": "PRIMARY"}]}
USERS = [
    {
        "UserId": id,
        "UserName": id,
        "Status": "active",
        "Engine": "redis",
        "AccessString": "on ~* +@all",
        "Authentication": {"Type": "password", "PasswordCount": 2},
        "ARN": f"{ARN}:user:{id}",
    }
    for id in ("default", "ann")
]
ANSWERS = said(
    "elasticache",
    DescribeCacheClusters={
        "CacheClusters": [
            node("lone"),
            node("shop-001", ReplicationGroupId="shop"),
            node("shop-002", ReplicationGroupId="shop", CacheParameterGroup={"CacheParameterGroupName": "other"}),
        ]
    },
    DescribeReplicationGroups={"ReplicationGroups": [GROUP]},
    DescribeGlobalReplicationGroups={"GlobalReplicationGroups": [DATASTORE, ELSEWHERE]},
    DescribeServerlessCaches={"ServerlessCaches": [SERVERLESS]},
    DescribeCacheSubnetGroups={
        "CacheSubnetGroups": [
            {
                "CacheSubnetGroupName": name,
                "CacheSubnetGroupDescription": "shop",
                "VpcId": "vpc-1",
                "Subnets": [{"SubnetIdentifier": "subnet-1"}, {"SubnetIdentifier": "subnet-2"}],
                "ARN": f"{ARN}:subnetgroup:{name}",
            }
            for name in ("main", "default")
        ]
    },
    DescribeCacheParameterGroups={
        "CacheParameterGroups": [
            {
                "CacheParameterGroupName": name,
                "CacheParameterGroupFamily": "redis7",
                "Description": "shop",
                "ARN": f"{ARN}:parametergroup:{name}",
                "IsGlobal": name.startswith("global"),
            }
            for name in ("own", "default.redis7", "global-datastore-1")
        ]
    },
    DescribeCacheParameters={"Parameters": [{"ParameterName": "maxmemory-policy", "ParameterValue": "noeviction"}]},
    DescribeUsers={"Users": USERS},
    DescribeUserGroups={
        "UserGroups": [
            {
                "UserGroupId": "staff",
                "Status": "active",
                "Engine": "redis",
                "UserIds": ["default", "ann"],
                "ReplicationGroups": ["shop"],
                "ARN": f"{ARN}:usergroup:staff",
            }
        ]
    },
    ListTagsForResource={"TagList": SHOP},
)


@pytest.fixture(scope="module")
def live():
    """All of them, read at once."""
    with answering(ANSWERS) as it:
        inventory = read(*COLLECTORS)
    assert inventory.gaps == []
    assert [it.asked.count(each) for each in ("DescribeCacheClusters", "DescribeUserGroups")] == [1, 1]
    assert {each.form["Source"] for each in it.requests if each.action == "DescribeCacheParameters"} == {"user"}
    return inventory


SAME = {
    "auto_minor_version_upgrade": "true",
    "engine": "redis",
    "engine_version": "7.1.0",
    "engine_version_actual": "7.1.0",
    "ip_discovery": "ipv4",
    "maintenance_window": "mon:05:00-mon:06:00",
    "network_type": "ipv4",
    "node_type": "cache.t4g.small",
    "notification_topic_arn": "arn:topic",
    "parameter_group_name": "own",
    "port": 6379,
    "security_group_ids": ["sg-1"],
    "snapshot_retention_limit": 1,
    "snapshot_window": "03:00-04:00",
    "subnet_group_name": "main",
    "transit_encryption_enabled": True,
}
EXPECTED = {
    "aws_elasticache_cluster": SAME
    | {
        "its id": "lone",
        "arn": f"{ARN}:cluster:lone",
        "availability_zone": "eu-west-1a",
        "az_mode": "single-az",
        "cache_nodes": [{"address": "n", "id": "0001", "port": 6379}],
        "cluster_id": "lone",
        "num_cache_nodes": 1,
    },
    "aws_elasticache_replication_group": SAME
    | {
        "its id": "shop",
        "arn": f"{ARN}:replicationgroup:shop",
        "at_rest_encryption_enabled": "true",
        "automatic_failover_enabled": True,
        "cluster_enabled": False,
        "cluster_mode": "disabled",
        "data_tiering_enabled": False,
        "description": "shop",
        "kms_key_id": "arn:key",
        "log_delivery_configuration": [
            {
                "destination": "slow",
                "destination_type": "cloudwatch-logs",
                "log_format": "json",
                "log_type": "slow-log",
            }
        ],
        "member_clusters": ["shop-001", "shop-002"],
        "multi_az_enabled": False,
        "num_cache_clusters": 2,
        "num_node_groups": 1,
        "primary_endpoint_address": "p",
        "reader_endpoint_address": "r",
        "replicas_per_node_group": 1,
        "replication_group_id": "shop",
        "transit_encryption_mode": "required",
        "user_group_ids": ["staff"],
    },
    "aws_elasticache_global_replication_group": {
        "its id": "sgaui-shop",
        "arn": DATASTORE["ARN"],
        "automatic_failover_enabled": True,
        "cache_node_type": "cache.r6g.large",
        "cluster_enabled": True,
        "engine": "redis",
        "engine_version": "6.2.6",
        "engine_version_actual": "6.2.6",
        "global_node_groups": [{"global_node_group_id": "1", "slots": "0-16383"}],
        "global_replication_group_description": "shop",
        "global_replication_group_id": "sgaui-shop",
        "num_node_groups": 1,
        "primary_replication_group_id": "shop",
        "transit_encryption_enabled": True,
    },
    "aws_elasticache_serverless_cache": {
        "its id": "free",
        "arn": f"{ARN}:serverlesscache:free",
        "cache_usage_limits": [
            {"data_storage": [{"maximum": 10, "unit": "GB"}], "ecpu_per_second": [{"maximum": 5000}]}
        ],
        "daily_snapshot_time": "03:00",
        "description": "shop",
        "endpoint": [{"address": "e", "port": 6379}],
        "engine": "valkey",
        "full_engine_version": "8.0",
        "major_engine_version": "8",
        "name": "free",
        "reader_endpoint": [{"address": "e", "port": 6380}],
        "security_group_ids": ["sg-1"],
        "snapshot_retention_limit": 0,
        "status": "available",
        "subnet_ids": ["subnet-1"],
    },
    "aws_elasticache_subnet_group": {
        "its id": "main",
        "arn": f"{ARN}:subnetgroup:main",
        "description": "shop",
        "name": "main",
        "subnet_ids": ["subnet-1", "subnet-2"],
        "vpc_id": "vpc-1",
    },
    "aws_elasticache_parameter_group": {
        "its id": "own",
        "arn": f"{ARN}:parametergroup:own",
        "description": "shop",
        "family": "redis7",
        "name": "own",
        "parameter": [{"name": "maxmemory-policy", "value": "noeviction"}],
    },
    "aws_elasticache_user": {
        "its id": "ann",
        "access_string": "on ~* +@all",
        "arn": f"{ARN}:user:ann",
        "authentication_mode": [{"password_count": 2, "type": "password"}],
        "engine": "redis",
        "no_password_required": False,
        "user_id": "ann",
        "user_name": "ann",
    },
    "aws_elasticache_user_group": {
        "its id": "staff",
        "arn": f"{ARN}:usergroup:staff",
        "engine": "redis",
        "user_group_id": "staff",
        "user_ids": ["default", "ann"],
    },
}


@pytest.mark.parametrize("type", EXPECTED)
def test_each(live, type):
    found, id = only(live, type), EXPECTED[type]["its id"]
    its = {"its identity": id, "its arn": EXPECTED[type]["arn"], "its owner": None, "tags": {"team": "shop"}}
    if type == "aws_elasticache_global_replication_group":
        del its["tags"]
    assert whole(found) == its | EXPECTED[type]


CHANGES = [
    ("aws_elasticache_replication_group", {"engine_version": "7.1"}, None),
    ("aws_elasticache_replication_group", {"engine_version": "7.x"}, None),
    ("aws_elasticache_replication_group", {"engine_version": "6.x"}, "engine_version"),
    ("aws_elasticache_replication_group", {"member_clusters": []}, None),
    ("aws_elasticache_replication_group", {"automatic_failover_enabled": False}, "automatic_failover_enabled"),
    ("aws_elasticache_replication_group", {"parameter_group_name": "other"}, "parameter_group_name"),
    ("aws_elasticache_cluster", {"notification_topic_arn": None}, "notification_topic_arn"),
    ("aws_elasticache_subnet_group", {"subnet_ids": ["subnet-2", "subnet-1"]}, None),
    ("aws_elasticache_parameter_group", {"parameter": []}, "parameter[maxmemory-policy]"),
    ("aws_elasticache_serverless_cache", {"user_group_id": "staff"}, "user_group_id"),
    ("aws_elasticache_user", {"access_string": "off"}, "access_string"),
    (
        "aws_elasticache_user",
        {"authentication_mode": [{"passwords": ["a", "b"], "password_count": 2, "type": "password"}]},
        None,
    ),
    (
        "aws_elasticache_user",
        {"authentication_mode": [{"password_count": 0, "type": "no-password-required"}]},
        "authentication_mode[0].type",
    ),
]


@pytest.mark.parametrize(("type", "said", "path"), CHANGES)
def test_what_is_drift(live, type, said, path):
    changes = told(live, COLLECTORS, twin(only(live, type), **said))
    found = {each for kind, of, each in changes if (kind, of) == ("changed", type)}
    assert path in found if path else found == set()


def test_what_aws_makes_by_itself_has_an_owner(live):
    owners = {each.id: each.owner for each in live.resources if each.owner}
    assert owners == {
        "default": "aws",
        "default.redis7": "aws",
        "global-datastore-1": "elasticache: global datastore",
        "shop-001": "elasticache: shop",
        "shop-002": "elasticache: shop",
    }


def test_a_user_is_let_into_a_group_by_the_group_or_by_an_association(live):
    group = only(live, "aws_elasticache_user_group")
    one, ann = sorted(live.of("aws_elasticache_user_group_association"), key=lambda each: each["user_id"] == "ann")
    assert (ann.id, ann.identity, ann.attributes) == (
        "staff,ann",
        "staff/ann",
        {"user_group_id": "staff", "user_id": "ann"},
    )
    kinds = [elasticache_users.USER_GROUP, elasticache_users.USER_GROUP_ASSOCIATION]
    of = lambda *wanted: {each for each in told(live, kinds, *wanted) if "user_group" in each[1]}  # noqa: E731
    assert of(twin(group)) == set()
    assert of(twin(group, user_ids=["default"]), twin(ann)) == set()
    changed = {("changed", group.type, "user_ids[ann]")}
    assert of(twin(group, user_ids=["default"])) == changed
    assert one["user_id"] == "default"


def test_refused_nodes_leave_unknown_what_they_tell():
    with answering({name: each for name, each in ANSWERS.items() if name != "DescribeCacheClusters"}):
        inventory = read(elasticache.REPLICATION_GROUP)
    found = only(inventory, "aws_elasticache_replication_group")
    assert set(found.unknown) == {
        "engine",
        "engine_version",
        "engine_version_actual",
        "maintenance_window",
        "notification_topic_arn",
        "parameter_group_name",
        "security_group_ids",
        "subnet_group_name",
    }
    assert found["at_rest_encryption_enabled"] == "true"


def test_permissions_suffice(aws, allowed_only):
    api = aws("elasticache")
    api.create_cache_cluster(CacheClusterId="lone", Engine="redis", CacheNodeType="cache.t3.micro", NumCacheNodes=1)
    api.create_replication_group(ReplicationGroupId="shop", ReplicationGroupDescription="shop", Engine="redis")
    kinds = [elasticache.CLUSTER, elasticache.REPLICATION_GROUP, elasticache_users.USER]
    with allowed_only(*{name for each in kinds for name in each.permissions}):
        inventory = read(*kinds)
    assert inventory.gaps == []
    assert only(inventory, "aws_elasticache_replication_group")["description"] == "shop"
