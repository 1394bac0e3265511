import pytest

from scanner.collectors.rds_proxies import COLLECTORS, DB_PROXY, DEFAULT_TARGET_GROUP, PROXY_ENDPOINT, PROXY_TARGET
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.collectors.test_rds import subnet_group
from tests.scanner.compared import declared, only, told, twin
from tests.scanner.queries import said
from tests.scanner.standin import answering
from tests.scanner.whole import whole

ARN = f"arn:aws:rds:{REGION}:{ACCOUNT}"
AUTH = {"AuthScheme": "SECRETS", "SecretArn": "arn:secret", "IAMAuth": "REQUIRED", "ClientPasswordAuthType": "MYSQL"}
PROXY = {
    "DBProxyName": "front",
    "DBProxyArn": f"{ARN}:db-proxy:prx-1",
    "Status": "available",
    "EngineFamily": "MYSQL",
    "VpcId": "vpc-1",
    "VpcSecurityGroupIds": ["sg-1"],
    "VpcSubnetIds": ["subnet-1", "subnet-2"],
    "Auth": [AUTH],
    "RoleArn": "arn:role",
    "Endpoint": "front.proxy-1.rds.amazonaws.com",
    "RequireTLS": True,
    "IdleClientTimeout": 1800,
    "DebugLogging": False,
}
POOL = {"MaxConnectionsPercent": 100, "MaxIdleConnectionsPercent": 50, "ConnectionBorrowTimeout": 120}
GROUP = {
    "DBProxyName": "front",
    "TargetGroupName": "default",
    "TargetGroupArn": f"{ARN}:target-group:prx-tg-1",
    "IsDefault": True,
    "ConnectionPoolConfig": {**POOL, "SessionPinningFilters": []},
}
TARGETS = [
    {"Type": "TRACKED_CLUSTER", "RdsResourceId": "aurora", "TrackedClusterId": "aurora", "Port": 3306},
    {"Type": "RDS_INSTANCE", "RdsResourceId": "aurora-1", "TrackedClusterId": "aurora", "Endpoint": "e", "Port": 3306},
]
ENDPOINTS = [
    {
        "DBProxyEndpointName": name,
        "DBProxyEndpointArn": f"{ARN}:db-proxy-endpoint:{name}",
        "DBProxyName": "front",
        "Status": "available",
        "VpcId": "vpc-1",
        "VpcSecurityGroupIds": ["sg-1"],
        "VpcSubnetIds": ["subnet-1"],
        "Endpoint": "e",
        "TargetRole": "READ_ONLY",
        "IsDefault": name == "own",
    }
    for name in ("reader", "own")
]
TAGS = {"ListTagsForResource": {"TagList": [{"Key": "team", "Value": "shop"}]}}
PROXIES = {"DescribeDBProxies": {"DBProxies": [PROXY]}}


def seen(*collectors, **answers):
    with answering(said("rds", **PROXIES, **TAGS, **answers)):
        inventory = read(*collectors)
    assert inventory.gaps == []
    return inventory


def test_proxy():
    live = seen(DB_PROXY)
    found = only(live, "aws_db_proxy")
    auth = {"auth_scheme": "SECRETS", "secret_arn": "arn:secret", "iam_auth": "REQUIRED"}
    assert whole(found) == {
        "its id": "front",
        "its identity": "front",
        "its arn": f"{ARN}:db-proxy:prx-1",
        "its owner": None,
        "arn": f"{ARN}:db-proxy:prx-1",
        "auth": [auth | {"client_password_auth_type": "MYSQL"}],
        "debug_logging": False,
        "endpoint": "front.proxy-1.rds.amazonaws.com",
        "engine_family": "MYSQL",
        "idle_client_timeout": 1800,
        "name": "front",
        "require_tls": True,
        "role_arn": "arn:role",
        "tags": {"team": "shop"},
        "vpc_security_group_ids": ["sg-1"],
        "vpc_subnet_ids": ["subnet-1", "subnet-2"],
    }
    turned = twin(found, vpc_subnet_ids=["subnet-2", "subnet-1"], default_auth_scheme="NONE")
    assert told(live, COLLECTORS, turned) == set()
    assert told(live, COLLECTORS, twin(found, require_tls=False)) == {("changed", "aws_db_proxy", "require_tls")}


def test_default_target_group():
    live = seen(DEFAULT_TARGET_GROUP, DescribeDBProxyTargetGroups={"TargetGroups": [GROUP]})
    found = only(live, "aws_db_proxy_default_target_group")
    pool = {"connection_borrow_timeout": 120, "max_connections_percent": 100, "max_idle_connections_percent": 50}
    assert whole(found) == {
        "its id": "front",
        "its identity": "front",
        "its arn": GROUP["TargetGroupArn"],
        "its owner": None,
        "arn": GROUP["TargetGroupArn"],
        "connection_pool_config": [pool],
        "db_proxy_name": "front",
        "name": "default",
    }
    assert told(live, COLLECTORS) == set()
    fewer = twin(found, connection_pool_config=[pool | {"max_connections_percent": 80}])
    path = "connection_pool_config[0].max_connections_percent"
    assert told(live, COLLECTORS, fewer) == {("changed", DEFAULT_TARGET_GROUP.type, path)}
    ours = GROUP | {"ConnectionPoolConfig": POOL | {"InitQuery": "SET x=1"}}
    touched = seen(DEFAULT_TARGET_GROUP, DescribeDBProxyTargetGroups={"TargetGroups": [ours]})
    assert told(touched, COLLECTORS) == {("unmanaged", DEFAULT_TARGET_GROUP.type, "")}


def test_targets():
    live = seen(PROXY_TARGET, DescribeDBProxyTargets={"Targets": TARGETS})
    assert whole(only(live, "aws_db_proxy_target")) == {
        "its id": "front/default/TRACKED_CLUSTER/aurora",
        "its identity": "front/default/TRACKED_CLUSTER/aurora",
        "its arn": None,
        "its owner": None,
        "db_cluster_identifier": "aurora",
        "db_proxy_name": "front",
        "port": 3306,
        "rds_resource_id": "aurora",
        "target_group_name": "default",
        "tracked_cluster_id": "aurora",
        "type": "TRACKED_CLUSTER",
    }
    member = only(live, "aws_db_proxy_target", "rds: aurora")
    assert (member["db_instance_identifier"], member["db_cluster_identifier"]) == ("aurora-1", None)
    gone = declared("aws_db_proxy_target", "front/default/RDS_INSTANCE/orders", db_proxy_name="front")
    missing = {("missing", "aws_db_proxy_target", ""), ("unmanaged", "aws_db_proxy_target", "")}
    assert told(live, COLLECTORS, gone) == missing


def test_endpoint():
    live = seen(PROXY_ENDPOINT, DescribeDBProxyEndpoints={"DBProxyEndpoints": ENDPOINTS})
    assert only(live, "aws_db_proxy_endpoint", "rds: front")["is_default"] is True
    found = only(live, "aws_db_proxy_endpoint")
    assert whole(found) == {
        "its id": "front/reader",
        "its identity": "front/reader",
        "its arn": f"{ARN}:db-proxy-endpoint:reader",
        "its owner": None,
        "arn": f"{ARN}:db-proxy-endpoint:reader",
        "db_proxy_endpoint_name": "reader",
        "db_proxy_name": "front",
        "endpoint": "e",
        "is_default": False,
        "tags": {"team": "shop"},
        "target_role": "READ_ONLY",
        "vpc_id": "vpc-1",
        "vpc_security_group_ids": ["sg-1"],
        "vpc_subnet_ids": ["subnet-1"],
    }


@pytest.mark.parametrize("collector", [DEFAULT_TARGET_GROUP, PROXY_TARGET], ids=lambda each: each.type)
def test_what_is_refused_of_a_proxy_is_a_gap(collector):
    with answering(said("rds", **PROXIES)):
        inventory = read(collector)
    assert inventory.of(collector.type) == ()
    assert [each.permission for each in inventory.gaps] == [collector.permissions[1]]


def test_permissions_suffice(aws, allowed_only):
    rds = aws("rds")
    role, auth = f"arn:aws:iam::{ACCOUNT}:role/proxy", {"AuthScheme": "SECRETS", "IAMAuth": "REQUIRED"}
    _, subnets, _ = subnet_group(aws)
    rds.create_db_proxy(DBProxyName="front", EngineFamily="MYSQL", Auth=[auth], RoleArn=role, VpcSubnetIds=subnets)
    with allowed_only(*DB_PROXY.permissions, *DEFAULT_TARGET_GROUP.permissions):
        inventory = read(DB_PROXY, DEFAULT_TARGET_GROUP)
    assert inventory.gaps == []
    assert only(inventory, "aws_db_proxy_default_target_group")["name"] == "default"
