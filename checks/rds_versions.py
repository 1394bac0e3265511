"""Amazon RDS: on which versions databases run, and how they are kept up to date."""

from __future__ import annotations

from datetime import date, timedelta

from checks.check import Category, Severity, Skip, check
from checks.doubt import said
from checks.versions import numbers
from state import Inventory, Resource, Unknown

# Ends of standard support, as AWS's pages below tell them, read on 2026-11-21 at endoflife.date, which copies and cites
# them. Where AWS tells a month alone, its last day stands here. Of Aurora PostgreSQL that was so for 11 and 12 alone,
# which ended with those of RDS; that the later ones do too is taken from that, and was not read anywhere:
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MySQL.Concepts.VersionMgmt.html
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MariaDB.Concepts.VersionMgmt.html
# https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraMySQLReleaseNotes/AuroraMySQL.release-calendars.html
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraPostgreSQLReleaseNotes/aurorapostgresql-release-calendar.html
POSTGRES = {
    "11": date(2024, 2, 29),
    "12": date(2025, 2, 28),
    "13": date(2026, 2, 28),
    "14": date(2027, 2, 28),
    "15": date(2028, 2, 29),
    "16": date(2029, 2, 28),
    "17": date(2030, 2, 28),
}
STANDARD_SUPPORT = {
    "aurora": {"5.6": date(2023, 2, 28)},
    "aurora-mysql": {"5.7": date(2024, 10, 31), "8.0": date(2028, 4, 30)},
    "aurora-postgresql": {"10": date(2023, 1, 31), **POSTGRES},
    "mariadb": {
        "10.3": date(2023, 10, 23),
        "10.4": date(2025, 2, 28),
        "10.5": date(2026, 2, 28),
        "10.6": date(2026, 8, 31),
        "10.11": date(2028, 2, 29),
        "11.4": date(2029, 5, 31),
        "11.8": date(2030, 6, 30),
    },
    "mysql": {
        "5.6": date(2022, 3, 1),
        "5.7": date(2024, 2, 29),
        "8.0": date(2026, 7, 31),
        "8.4": date(2029, 7, 31),
    },
    "postgres": {"9.6": date(2022, 4, 26), "10": date(2023, 4, 17), **POSTGRES},
}

# The first versions that AWS keeps at a price, from the day after their standard support ends, for up to three years:
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/extended-support.html, read on 2026-11-21. Of the oldest some
# were free for a month or so longer, which is long past.
EXTENDED_SINCE = {"aurora-mysql": "5.7", "aurora-postgresql": "11", "mysql": "5.7", "postgres": "11"}
NOT_ENROLLED = "open-source-rds-extended-support-disabled"

# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html; the day of May 2061 is another in
# each region, and that of 2121 too.
CA_UNTIL = {
    "rds-ca-2015": date(2020, 3, 5),
    "rds-ca-2019": date(2024, 8, 22),
    "rds-ca-ecc384-g1": date(2121, 5, 1),
    "rds-ca-rsa2048-g1": date(2061, 5, 1),
    "rds-ca-rsa4096-g1": date(2121, 5, 1),
}
AHEAD = timedelta(days=90)


@check(
    "aws_db_instance",
    severity=Severity.MEDIUM,
    category=Category.GOVERNANCE,
    cis_3_0="2.3.2",
    cis_5_0="2.2.2",
    cis_6_0="3.2.2",
    cis_7_0="3.2.2",
    fsbp="RDS.13",
    pci_4="6.3.3",
    well_architected_security="SEC06-BP01",
)
def rds_instance_minor_upgrades(db: Resource, inventory: Inventory) -> str | None:
    """Database instance takes no automatic minor upgrades.

    Flaws that the engine's makers have mended then stay open until somebody thinks of it.

    Fix: set `auto_minor_version_upgrade = true`, and a maintenance window that suits.

    CLI: `aws rds modify-db-instance --db-instance-identifier {identifier} --auto-minor-version-upgrade`

    Fails:

        resource "aws_db_instance" "orders" {
          auto_minor_version_upgrade = false
        }

    Passes:

        resource "aws_db_instance" "orders" {
          auto_minor_version_upgrade = true
        }
    """
    return None if db["auto_minor_version_upgrade"] else f"{db.name} takes no minor upgrades"


@check(
    "aws_db_instance",
    "aws_rds_cluster",
    severity=Severity.HIGH,
    category=Category.GOVERNANCE,
)
def rds_engine_deprecated(database: Resource, inventory: Inventory) -> str | None:
    """Database engine version is no longer offered.

    When standard support of a major version ends, AWS keeps it at a price for each core and hour, where it
    does at all, and in the end moves the database to another version by itself. The dates are AWS's; a
    version that this list does not have yet is unknown, and engines that others sell, of which AWS tells no
    dates, are skipped. Prowler asks which minor versions can still be made, which says nothing of support.

    Fix: try the next major version on a copy (a blue/green deployment), then raise `engine_version`.

    Fails:

        resource "aws_db_instance" "orders" {
          engine         = "mysql"
          engine_version = "5.7.44"
        }

    Fails:

        resource "aws_rds_cluster" "orders" {
          engine         = "aurora-postgresql"
          engine_version = "13.9"
        }

    Passes:

        resource "aws_db_instance" "orders" {
          engine         = "postgres"
          engine_version = "17.2"
        }
    """
    engine = str(database["engine"]).lower()
    if engine not in STANDARD_SUPPORT:
        raise Skip(f"AWS tells no end of support for {engine}")
    ends = STANDARD_SUPPORT[engine]
    version = major(engine, str(database["engine_version"]))
    end = ends.get(version)
    if end is None and numbers(version) > numbers(next(iter(ends))):
        raise Unknown(f"until when {engine} {version} is supported is not known here")
    if end is None:
        return f"{database.name} runs {engine} {version}, long out of support"
    over = inventory.taken_at.date() > end
    return f"{database.name} runs {engine} {version}, in standard support until {end}" if over else None


@check("aws_db_instance", "aws_rds_cluster", severity=Severity.MEDIUM, category=Category.COST)
def rds_extended_support(database: Resource, inventory: Inventory) -> str | None:
    """Database pays for Extended Support of an old engine.

    Once the standard support of a major version of MySQL or PostgreSQL has ended, AWS charges for each vCPU and hour
    on top, more of it in the third year: often as much as the machine itself. The dates are AWS's; a version that
    this list does not have yet is unknown. What is not enrolled pays nothing, and is moved to another version by
    AWS; older versions, and other engines, have no Extended Support. Members of a cluster are judged with it.

    Fix: try the next major version on a copy (a blue/green deployment), then raise `engine_version`.

    Fails:

        resource "aws_db_instance" "orders" {
          engine         = "mysql"
          engine_version = "5.7.44"
        }

    Passes:

        resource "aws_db_instance" "orders" {
          engine         = "mysql"
          engine_version = "8.4.3"
        }

    Passes:

        resource "aws_rds_cluster" "orders" {
          engine                   = "aurora-postgresql"
          engine_version           = "13.9"
          engine_lifecycle_support = "open-source-rds-extended-support-disabled"
        }
    """
    engine = str(database["engine"]).lower()
    if engine not in EXTENDED_SINCE:
        raise Skip(f"there is no Extended Support of {engine}")
    version = major(engine, str(database["engine_version"]))
    if numbers(version) < numbers(EXTENDED_SINCE[engine]):
        return None
    end = STANDARD_SUPPORT[engine].get(version)
    if end is None:
        raise Unknown(f"until when {engine} {version} is supported is not known here")
    if inventory.taken_at.date() <= end or said(database, "engine_lifecycle_support") == NOT_ENROLLED:
        return None
    return f"{database.name} runs {engine} {version}, and pays for its support since {end}"


def major(engine: str, version: str) -> str:
    """The part of a version that support hangs on: 8.0 of 8.0.35 and of 8.0.mysql_aurora.3.05.2, 15 of 15.4."""
    first, *others = version.split(".")
    alone = "postgres" in engine and first.isdigit() and int(first) >= 10
    return first if alone or not others else f"{first}.{others[0]}"


@check(
    "aws_db_instance",
    "aws_rds_cluster_instance",
    severity=Severity.HIGH,
    category=Category.ENCRYPTION,
)
def rds_certificate_expiry(db: Resource, inventory: Inventory) -> str | None:
    """Database's CA certificate expires within 90 days.

    From that day on clients that check whom they speak to connect no more. What is judged is the authority:
    the certificates that it signs are changed by RDS itself. An authority that this list does not have is
    unknown.

    Fix: give the clients AWS's new bundle, then set `ca_cert_identifier` to rds-ca-rsa2048-g1 or another
    of that generation.

    Fails:

        resource "aws_db_instance" "orders" {
          ca_cert_identifier = "rds-ca-2019"
        }

    Passes:

        resource "aws_db_instance" "orders" {
          ca_cert_identifier = "rds-ca-rsa2048-g1"
        }
    """
    authority = db["ca_cert_identifier"]
    if authority not in CA_UNTIL:
        raise Unknown(f"when the authority {authority} ends is not known here")
    until = CA_UNTIL[authority]
    if until - inventory.taken_at.date() > AHEAD:
        return None
    return f"{db.name} has a certificate of {authority}, which ends on {until}"


@check(
    "aws_rds_cluster",
    severity=Severity.MEDIUM,
    category=Category.GOVERNANCE,
    fsbp="RDS.35",
)
def rds_cluster_minor_upgrades(cluster: Resource, inventory: Inventory) -> str | None:
    """Database cluster takes no automatic minor upgrades.

    Flaws that the engine's makers have mended then stay open until somebody thinks of it. Terraform says it
    of a cluster's instances alone; AWS says it of the cluster.

    Fix: set `auto_minor_version_upgrade = true` on each `aws_rds_cluster_instance`, and a maintenance window
    that suits.

    CLI: `aws rds modify-db-cluster --db-cluster-identifier {cluster_identifier} --auto-minor-version-upgrade`

    Fails:

        live "aws_rds_cluster" "orders" {
          auto_minor_version_upgrade = false
        }

    Passes:

        live "aws_rds_cluster" "orders" {
          auto_minor_version_upgrade = true
        }
    """
    upgraded = cluster.fact("auto_minor_version_upgrade")
    if upgraded is None:
        raise Unknown("AWS does not say whether the cluster takes minor upgrades")
    return None if upgraded else f"{cluster.name} takes no minor upgrades"
