"""Amazon RDS: whether databases take connections without TLS, which their parameter groups say."""

from __future__ import annotations

from collections.abc import Mapping

from checks.check import Category, Fault, Severity, Skip, check
from checks.doubt import said
from checks.versions import numbers
from state import Inventory, Resource, Unknown

SWITCHES = {
    "aurora": "require_secure_transport",
    "aurora-mysql": "require_secure_transport",
    "aurora-postgresql": "rds.force_ssl",
    "mariadb": "require_secure_transport",
    "mysql": "require_secure_transport",
    "postgres": "rds.force_ssl",
    "sqlserver": "rds.force_ssl",
}
"""The parameter that asks for TLS, by engine."""

ON_SINCE: Mapping[str, tuple[int, ...]] = {"aurora-postgresql": (17,), "mariadb": (11, 8), "postgres": (15,)}
"""From which version on AWS's default is to ask for it; other engines never do by default.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.Requiring.html
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/mariadb-ssl-connections.require-ssl.html
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Security.html
"""

GROUPS = {
    "aws_db_instance": ("aws_db_parameter_group", "parameter_group_name"),
    "aws_rds_cluster": ("aws_rds_cluster_parameter_group", "db_cluster_parameter_group_name"),
}
"""The parameter group that decides, and what names it."""


@check(
    "aws_db_instance",
    "aws_rds_cluster",
    severity=Severity.HIGH,
    category=Category.ENCRYPTION,
    fsbp="RDS.38;RDS.39",
)
def rds_tls_not_enforced(database: Resource, inventory: Inventory) -> Fault | None:
    """Database accepts connections without TLS.

    Queries, what they find and the passwords then pass through the network as they are, if only one client
    leaves TLS out. Where nobody sets the parameter AWS's default holds: PostgreSQL asks for TLS from 15 on
    (17 on Aurora), MariaDB from 11.8 on, others do not. Oracle and Db2 have no such switch and are skipped.

    Fix: set `rds.force_ssl` (PostgreSQL, SQL Server) to 1, or `require_secure_transport` (MySQL, MariaDB) to
    ON, in the parameter group.

    Fails:

        resource "aws_db_instance" "orders" {
          engine               = "mysql"
          engine_version       = "8.4.3"
          parameter_group_name = "default.mysql8.4"
        }

    Fails:

        resource "aws_rds_cluster" "orders" {
          engine                          = "aurora-postgresql"
          engine_version                  = "17.4"
          db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.orders.name
        }

        resource "aws_rds_cluster_parameter_group" "orders" {
          name = "orders"
          parameter {
            name  = "rds.force_ssl"
            value = "0"
          }
        }

    Passes:

        resource "aws_db_instance" "orders" {
          engine               = "mysql"
          engine_version       = "8.4.3"
          parameter_group_name = aws_db_parameter_group.orders.name
        }

        resource "aws_db_parameter_group" "orders" {
          name = "orders"
          parameter {
            name  = "require_secure_transport"
            value = "ON"
          }
        }
    """
    engine = str(database["engine"]).lower()
    switch = SWITCHES.get(engine if engine in SWITCHES else engine.partition("-")[0])
    if switch is None or engine.startswith("custom"):
        raise Skip(f"{engine} has no parameter that asks for TLS")
    value = set_in_group(database, inventory, switch)
    if value.lower() in ("1", "on", "true") if value is not None else on_by_default(database, engine):
        return None
    return Fault(f"{database.name} takes connections without TLS", {switch: value})


def set_in_group(database: Resource, inventory: Inventory, parameter: str) -> str | None:
    """The value of a parameter in a database's group; None where nobody set it."""
    type, name = GROUPS[database.type]
    group = said(database, name)
    if group is None:
        return None
    found = inventory.near(database, type, name=group)
    if not found and not group.startswith("default."):
        raise Unknown(f"the parameter group {group} was not read")
    values = (each["value"] for one in found for each in one["parameter"] or () if each["name"].lower() == parameter)
    return next((str(each) for each in values), None)


def on_by_default(database: Resource, engine: str) -> bool:
    """Whether AWS's default parameters ask for TLS."""
    since = ON_SINCE.get(engine)
    if since is None:
        return False
    return numbers(".".join(str(database["engine_version"]).split(".")[: len(since)])) >= since
