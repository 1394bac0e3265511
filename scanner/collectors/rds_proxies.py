"""Amazon RDS Proxy: proxies, how each pools its connections, what it stands before, and where else it is reached."""

from __future__ import annotations

from collections.abc import Iterable

from scanner.aws.collector import Attribute, Collector, Detail, Listing, as_block, blocks, unordered, volatile
from scanner.aws.inside import Once, inside, listing, unless_gone
from scanner.aws.place import Item, Place
from scanner.collectors.rds_groups import GONE, tagging
from state import Resource
from state.forms import UNORDERED, Form, defaulting

DELETING = "Status=='deleting'"


async def _proxies(place: Place) -> list[Item]:
    return list((await place.whole("rds", "describe_db_proxies")).get("DBProxies") or ())


async def _targets(place: Place, proxy: Item) -> Item:
    return await unless_gone(place.whole("rds", "describe_db_proxy_targets", DBProxyName=proxy["DBProxyName"]), GONE)


def _with_proxy(answer: Item, proxy: Item) -> Iterable[Item]:
    return [{**each, "Proxy": proxy["DBProxyName"]} for each in answer.get("Targets") or ()]


PROXIES = Once(_proxies)
FETCH = listing("db_proxies", PROXIES)

DB_PROXY = Collector(
    type="aws_db_proxy",
    service="rds",
    fetch=FETCH,
    details=(tagging("DBProxyArn"),),
    permissions=("rds:DescribeDBProxies", "rds:ListTagsForResource"),
    id="DBProxyName",
    identity=("name",),
    attributes={
        "arn": "DBProxyArn",
        "auth": blocks(
            "Auth[].{auth_scheme: AuthScheme, client_password_auth_type: ClientPasswordAuthType, "
            "description: Description, iam_auth: IAMAuth, secret_arn: SecretArn, username: UserName}"
        ),
        "debug_logging": "DebugLogging",
        "default_auth_scheme": Attribute(path="DefaultAuthScheme", form=defaulting("NONE")),
        "endpoint": volatile("Endpoint"),
        "engine_family": "EngineFamily",
        "idle_client_timeout": "IdleClientTimeout",
        "name": "DBProxyName",
        "require_tls": "RequireTLS",
        "role_arn": "RoleArn",
        "vpc_security_group_ids": unordered("VpcSecurityGroupIds"),
        "vpc_subnet_ids": unordered("VpcSubnetIds"),
    },
    facts={"created_date": "CreatedDate", "pending_deletion": DELETING, "status": "Status", "vpc_id": "VpcId"},
    tags="Tagging.TagList",
)

# --- targets --------------------------------------------------------------------------------------

POOL = "Groups.TargetGroups[?IsDefault] | [0]"
AT_FIRST = {"connection_borrow_timeout": 120, "max_connections_percent": 100, "max_idle_connections_percent": 50}


def untouched(group: Resource) -> bool:
    """A proxy's pool as it is made with the proxy."""
    [pool] = group.attributes.get("connection_pool_config") or [{}]
    return {name: value for name, value in pool.items() if value} == AT_FIRST


DEFAULT_TARGET_GROUP = Collector(
    type="aws_db_proxy_default_target_group",
    service="rds",
    fetch=FETCH,
    details=(
        Detail(
            operation="describe_db_proxy_target_groups",
            arguments={"DBProxyName": "DBProxyName"},
            into="Groups",
            gone=(*GONE, "DBProxyTargetGroupNotFoundFault"),
            holds="TargetGroups[?IsDefault]",
            essential=True,
        ),
    ),
    permissions=("rds:DescribeDBProxies", "rds:DescribeDBProxyTargetGroups"),
    id="DBProxyName",
    identity=("db_proxy_name",),
    at_default=untouched,
    attributes={
        "arn": f"{POOL}.TargetGroupArn",
        "connection_pool_config": Attribute(
            path=f"{POOL}.ConnectionPoolConfig.{{connection_borrow_timeout: ConnectionBorrowTimeout, "
            "init_query: InitQuery, max_connections_percent: MaxConnectionsPercent, "
            "max_idle_connections_percent: MaxIdleConnectionsPercent, "
            "session_pinning_filters: SessionPinningFilters}",
            form=Form(inner={"session_pinning_filters": UNORDERED}),
            convert=as_block,
        ),
        "db_proxy_name": "DBProxyName",
        "name": f"{POOL}.TargetGroupName",
    },
    facts={"pending_deletion": DELETING},
)


def made_by_proxy(target: Item) -> str | None:
    """A proxy follows the members of a cluster by itself."""
    cluster = target.get("TrackedClusterId")
    return f"rds: {cluster}" if cluster and target.get("Type") == "RDS_INSTANCE" else None


# A proxy has one target group, which is the default.
PROXY_TARGET = Collector(
    type="aws_db_proxy_target",
    service="rds",
    fetch=inside("db_proxy_targets", PROXIES, Once(_targets), _with_proxy),
    permissions=("rds:DescribeDBProxies", "rds:DescribeDBProxyTargets"),
    id="join('/', [Proxy, 'default', Type, RdsResourceId])",
    identity=("db_proxy_name", "target_group_name", "type", "rds_resource_id"),
    owner=made_by_proxy,
    attributes={
        "db_cluster_identifier": "Type!='RDS_INSTANCE' && RdsResourceId || `null`",
        "db_instance_identifier": "Type=='RDS_INSTANCE' && RdsResourceId || `null`",
        "db_proxy_name": "Proxy",
        "endpoint": volatile("Endpoint"),
        "port": volatile("Port"),
        "rds_resource_id": "RdsResourceId",
        "target_arn": "TargetArn",
        "target_group_name": "'default'",
        "tracked_cluster_id": "TrackedClusterId",
        "type": "Type",
    },
    facts={"target_health": "TargetHealth.State"},
)

# --- endpoints ------------------------------------------------------------------------------------


def made_with_proxy(endpoint: Item) -> str | None:
    return f"rds: {endpoint['DBProxyName']}" if endpoint.get("IsDefault") else None


PROXY_ENDPOINT = Collector(
    type="aws_db_proxy_endpoint",
    service="rds",
    fetch=Listing("describe_db_proxy_endpoints", "DBProxyEndpoints"),
    details=(
        Detail(
            operation="list_tags_for_resource",
            arguments={"ResourceName": "DBProxyEndpointArn"},
            into="Tagging",
            gone=("DBProxyEndpointNotFoundFault",),
        ),
    ),
    permissions=("rds:DescribeDBProxyEndpoints", "rds:ListTagsForResource"),
    id="join('/', [DBProxyName, DBProxyEndpointName])",
    identity=("db_proxy_name", "db_proxy_endpoint_name"),
    owner=made_with_proxy,
    attributes={
        "arn": "DBProxyEndpointArn",
        "db_proxy_endpoint_name": "DBProxyEndpointName",
        "db_proxy_name": "DBProxyName",
        "endpoint": volatile("Endpoint"),
        "is_default": "IsDefault",
        "target_role": "TargetRole",
        "vpc_id": "VpcId",
        "vpc_security_group_ids": unordered("VpcSecurityGroupIds"),
        "vpc_subnet_ids": unordered("VpcSubnetIds"),
    },
    facts={"created_date": "CreatedDate", "pending_deletion": DELETING, "status": "Status"},
    tags="Tagging.TagList",
)

COLLECTORS = [DB_PROXY, DEFAULT_TARGET_GROUP, PROXY_TARGET, PROXY_ENDPOINT]
