"""Amazon RDS: whom snapshots are shared with, and who signs in to databases, and how."""

from __future__ import annotations

from checks.accounts import ours
from checks.check import Category, Severity, Terms, check
from checks.doubt import said
from state import Inventory, Resource, Unknown

WITH_IAM = frozenset({"mariadb", "mysql", "postgres"})
"""The engines that let users sign in by IAM."""

DEFAULT_NAMES = frozenset({"admin", "postgres"})


@check(
    "aws_db_snapshot",
    "aws_db_cluster_snapshot",
    severity=Severity.HIGH,
    category=Category.PUBLIC_EXPOSURE,
)
def rds_snapshot_shared_unknown(snapshot: Resource, inventory: Inventory, terms: Terms) -> str | None:
    """Database snapshot is shared with an account that is not ours.

    Whoever runs that account restores the snapshot and reads all the data in it. Ours are the accounts of
    this reading and those of our organisation; partners are listed in the settings. Sharing with everyone is
    told by another check.

    Fix: take the account out of those that the snapshot is shared with, or list it as a partner's.

    Fails:

        resource "aws_db_snapshot" "orders" {
          db_snapshot_identifier = "orders-2026"
          shared_accounts        = ["111122223333", "444455556666"]
        }

        live "aws_organizations_account" "shop" {
          id = "111122223333"
        }

    Passes:

        resource "aws_db_snapshot" "orders" {
          db_snapshot_identifier = "orders-2026"
          shared_accounts        = ["111122223333"]
        }

        live "aws_organizations_account" "shop" {
          id = "111122223333"
        }
    """
    shared = [each for each in snapshot["shared_accounts"] or () if each not in ("all", *terms.partner_accounts)]
    mine = ours(snapshot, inventory)
    if shared and not mine:
        raise Unknown(
            f"nobody can say whether account {shared[0]} is ours: the code does not say which account it is for"
        )
    strange = next((each for each in shared if each not in mine), None)
    return f"{snapshot.name} can be restored by account {strange}" if strange else None


@check(
    "aws_db_instance",
    severity=Severity.LOW,
    category=Category.IAM,
    fsbp="RDS.10",
    pci_4="7.2.1;7.2.2;7.2.5;7.3.1;7.3.2;7.3.3;8.2.7;8.2.8;8.3.4",
)
def rds_iam_authentication(db: Resource, inventory: Inventory) -> str | None:
    """Database instance does not offer IAM authentication.

    Programs then keep a password that has to be stored and rotated; a token of IAM lives for fifteen minutes,
    and who may have one stands in a policy. Engines that cannot do it are exempt.

    Fix: set `iam_database_authentication_enabled = true`, and let users of the database sign in by IAM.

    CLI: `aws rds modify-db-instance --db-instance-identifier {identifier}
    --enable-iam-database-authentication`

    Fails:

        resource "aws_db_instance" "orders" {
          engine                              = "postgres"
          iam_database_authentication_enabled = false
        }

    Passes:

        resource "aws_db_instance" "orders" {
          engine                              = "postgres"
          iam_database_authentication_enabled = true
        }

    Passes:

        resource "aws_db_instance" "orders" {
          engine                              = "oracle-se2"
          iam_database_authentication_enabled = false
        }
    """
    if db["iam_database_authentication_enabled"] or str(db["engine"]).lower() not in WITH_IAM:
        return None
    return f"{db.name} lets nobody sign in by IAM"


@check(
    "aws_rds_cluster",
    severity=Severity.LOW,
    category=Category.IAM,
    fsbp="RDS.12",
    pci_4="7.2.1;7.2.2;7.2.5;7.3.1;7.3.2;7.3.3;8.2.7;8.2.8;8.3.4",
)
def rds_cluster_iam_authentication(cluster: Resource, inventory: Inventory) -> str | None:
    """Database cluster does not offer IAM authentication.

    Programs then keep a password that has to be stored and rotated; a token of IAM lives for fifteen minutes,
    and who may have one stands in a policy. Serverless clusters of the first version cannot do it and are
    exempt.

    Fix: set `iam_database_authentication_enabled = true`, and let users of the database sign in by IAM.

    CLI: `aws rds modify-db-cluster --db-cluster-identifier {cluster_identifier}
    --enable-iam-database-authentication`

    Fails:

        resource "aws_rds_cluster" "orders" {
          engine_mode                         = "provisioned"
          iam_database_authentication_enabled = false
        }

    Passes:

        resource "aws_rds_cluster" "orders" {
          iam_database_authentication_enabled = true
        }
    """
    if cluster["iam_database_authentication_enabled"] or said(cluster, "engine_mode") == "serverless":
        return None
    return f"{cluster.name} lets nobody sign in by IAM"


@check(
    "aws_db_instance",
    "aws_rds_cluster",
    severity=Severity.LOW,
    category=Category.IAM,
    fsbp="RDS.24;RDS.25",
)
def rds_default_admin_name(database: Resource, inventory: Inventory) -> str | None:
    """Master user keeps the engine's default name.

    Whoever tries passwords then has to guess only those. Names that AWS offers are `admin` and `postgres`.
    Read replicas are exempt: their users are those of their source.

    Fix: make the database anew with another name for its master user; it cannot be changed in place.

    Fails:

        resource "aws_db_instance" "orders" {
          username = "admin"
        }

    Fails:

        resource "aws_rds_cluster" "orders" {
          master_username = "postgres"
        }

    Passes:

        resource "aws_db_instance" "orders" {
          username = "keeper"
        }

    Passes:

        resource "aws_rds_cluster" "orders" {
          master_username = "keeper"
        }
    """
    instance = database.type == "aws_db_instance"
    if said(database, "replicate_source_db" if instance else "replication_source_identifier"):
        return None
    name = database["username" if instance else "master_username"]
    if name is None:
        raise Unknown("nobody says what the master user is called")
    return f"the master user of {database.name} is called {name}" if name.lower() in DEFAULT_NAMES else None
