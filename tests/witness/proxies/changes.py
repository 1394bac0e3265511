"""What people do to proxies by hand."""

from __future__ import annotations

from tests.witness.case import Clients, State


def things_deleted(aws: Clients, state: State) -> None:
    aws("rds").deregister_db_proxy_targets(DBProxyName="orders", DBInstanceIdentifiers=["orders"])
    aws("rds").delete_global_cluster(GlobalClusterIdentifier="all")


def database_deleted(aws: Clients, state: State) -> None:
    aws("rds").deregister_db_proxy_targets(DBProxyName="orders", DBInstanceIdentifiers=["orders"])
    aws("rds").delete_db_instance(DBInstanceIdentifier="orders", SkipFinalSnapshot=True)


def proxy_asks_for_a_seal(aws: Clients, state: State) -> None:
    """The proxy made again without its target; moto cannot change one."""
    aws("rds").deregister_db_proxy_targets(DBProxyName="orders", DBInstanceIdentifiers=["orders"])
    found = aws("rds").describe_db_proxies(DBProxyName="orders")["DBProxies"][0]
    aws("rds").delete_db_proxy(DBProxyName="orders")
    kept = ("DBProxyName", "EngineFamily", "Auth", "RoleArn", "VpcSubnetIds", "VpcSecurityGroupIds")
    tags = [{"Key": "Team", "Value": "data"}]
    aws("rds").create_db_proxy(**{name: found[name] for name in kept}, RequireTLS=True, Tags=tags)


def proxy_retagged(aws: Clients, state: State) -> None:
    arn = state["aws_db_proxy.orders"]["arn"]
    aws("rds").add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "Team", "Value": "nobody"}])


def _all_regions(aws: Clients, **changed: object) -> None:
    """The cluster made again; moto cannot change one."""
    aws("rds").delete_global_cluster(GlobalClusterIdentifier="all")
    said = {"Engine": "aurora-postgresql", "EngineVersion": "15.4", "DatabaseName": "shop"}
    aws("rds").create_global_cluster(GlobalClusterIdentifier="all", **said | changed)


def cluster_of_all_regions_upgraded(aws: Clients, state: State) -> None:
    _all_regions(aws, EngineVersion="16.1")


def cluster_of_all_regions_protected(aws: Clients, state: State) -> None:
    _all_regions(aws, DeletionProtection=True)


GAPS = {"ec2:DescribeSecurityGroupVpcAssociations"}
"""The operations that moto does not have."""

RUNNING = "the version that runs, which AWS upgrades by itself within the one that is declared"
PLACES = "addresses and nodes that AWS gives by itself, and no drift"

EXPLAINED: dict[str, dict[str, str]] = {
    "cluster_of_all_regions_protected": {"terraform: changed aws_rds_global_cluster.all endpoint": PLACES},
    "cluster_of_all_regions_upgraded": {
        "terraform: changed aws_rds_global_cluster.all endpoint": PLACES,
        "terraform: changed aws_rds_global_cluster.all engine_version_actual": RUNNING,
    },
    "proxy_asks_for_a_seal": {"terraform: changed aws_db_proxy.orders endpoint": PLACES},
}
"""What only one of the two says after a change, and why that is as it should be."""
