"""What people do to proxies by hand."""

from __future__ import annotations

from tests.witness.case import Clients, State


def things_deleted(aws: Clients, state: State) -> None:
    aws("rds").deregister_db_proxy_targets(DBProxyName="orders", DBInstanceIdentifiers=["orders"])
    aws("rds").delete_global_cluster(GlobalClusterIdentifier="all")


GAPS = {"ec2:DescribeSecurityGroupVpcAssociations"}
"""The operations that moto does not have."""

EXPLAINED: dict[str, dict[str, str]] = {}
"""What only one of the two says after a change, and why that is as it should be."""
