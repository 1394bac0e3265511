"""Amazon RDS: how clusters and snapshots are kept, what both kinds of databases log and copy."""

from __future__ import annotations

from checks.check import Category, Severity, check
from checks.databases import deletable, unencrypted
from state import Inventory, Resource


@check(
    "aws_db_snapshot",
    "aws_db_cluster_snapshot",
    severity=Severity.HIGH,
    category=Category.ENCRYPTION,
    fsbp="RDS.4",
    pci_4="3.5.1;8.3.2",
)
def rds_snapshot_unencrypted(snapshot: Resource, inventory: Inventory) -> str | None:
    """Database snapshot is not encrypted.

    It can be copied and shared without any key. Those of the daily backup are exempt: the database they are
    of is told as not encrypted itself, and they go with time.

    Fix: copy the snapshot with a KMS key and delete the one that has none.

    Fails:

        live "aws_db_snapshot" "orders" {
          snapshot_type = "manual"
          encrypted     = false
        }

    Fails:

        live "aws_db_cluster_snapshot" "orders" {
          snapshot_type     = "manual"
          storage_encrypted = false
        }

    Passes:

        live "aws_db_snapshot" "orders" {
          snapshot_type = "manual"
          encrypted     = true
        }
    """
    encrypted = "encrypted" if snapshot.type == "aws_db_snapshot" else "storage_encrypted"
    if snapshot[encrypted] or snapshot["snapshot_type"] == "automated":
        return None
    return f"{snapshot.name} is not encrypted"


@check(
    "aws_rds_cluster",
    severity=Severity.HIGH,
    category=Category.ENCRYPTION,
    fsbp="RDS.27",
    pci_4="3.5.1;8.3.2",
    soc2="pi_1_5",
)
def rds_cluster_unencrypted(cluster: Resource, inventory: Inventory) -> str | None:
    """Database cluster storage is not encrypted.

    Its snapshots are not encrypted either, and can be copied and shared without any key.

    Fix: restore a snapshot into a cluster with `storage_encrypted = true` and switch over; encryption
    cannot be turned on in place.

    Fails:

        resource "aws_rds_cluster" "orders" {
          storage_encrypted = false
        }

    Passes:

        resource "aws_rds_cluster" "orders" {
          storage_encrypted = true
        }
    """
    return unencrypted(cluster)


@check(
    "aws_rds_cluster",
    severity=Severity.MEDIUM,
    category=Category.BACKUP,
    fsbp="RDS.7",
)
def rds_cluster_deletion_protection(cluster: Resource, inventory: Inventory) -> str | None:
    """Database cluster can be deleted by one call.

    A wrong `terraform destroy` or a stray script then takes the data with it.

    Fix: set `deletion_protection = true`; whoever means it turns it off first.

    CLI: `aws rds modify-db-cluster --db-cluster-identifier {cluster_identifier} --deletion-protection`

    Fails:

        resource "aws_rds_cluster" "orders" {
          deletion_protection = false
        }

    Passes:

        resource "aws_rds_cluster" "orders" {
          deletion_protection = true
        }
    """
    return deletable(cluster)


@check(
    "aws_db_instance",
    severity=Severity.MEDIUM,
    category=Category.LOGGING,
    fsbp="RDS.9;RDS.36",
    pci_4="5.3.4;10.2.1;10.2.1.1;10.2.1.2;10.2.1.3;10.2.1.4;10.2.1.5;10.2.1.6;10.2.1.7;10.2.2;10.3.1;10.6.3;A1.2.1",
    soc2="cc_7_2;cc_7_3;cc_a_1_1;pi_1_3",
    nist_800_53_r5=(
        "ac_2_4;ac_3_1;ac_3_10;ac_4_26;ac_6_9;au_10;au_12_1;au_12_2;au_12_3;au_12_4;au_12_a;au_12_c;au_14_3;"
        "au_14_a;au_14_b;au_2_b;au_3_a;au_3_b;au_3_c;au_3_d;au_3_e;au_3_f;au_6_3;au_6_4;au_6_6;au_6_9;au_8_b;"
        "ca_7_b;cm_5_1_b;ia_3_3_b;ma_4_1_a;pm_14_a_1;pm_14_b;pm_31;sc_7_9_b;si_10_1_c;si_1_1_c;si_3_8_b;si_4_17;"
        "si_4_2;si_4_20;si_7_8"
    ),
    hipaa="164_308_a_4_ii_a;164_312_b",
    gdpr="article_32",
    well_architected_reliability="REL06-BP01",
    well_architected_security="SEC04-BP01",
)
def rds_log_exports(db: Resource, inventory: Inventory) -> str | None:
    """Database instance exports no logs.

    They are kept on the instance for days and go with it; who did what before it failed is then not to be
    found out. Any log is enough to pass; AWS's own control wants certain ones for each engine.

    Fix: name the engine's logs in `enabled_cloudwatch_logs_exports`.

    Fails:

        resource "aws_db_instance" "orders" {
          enabled_cloudwatch_logs_exports = []
        }

    Passes:

        resource "aws_db_instance" "orders" {
          enabled_cloudwatch_logs_exports = ["postgresql"]
        }
    """
    return None if db["enabled_cloudwatch_logs_exports"] else f"{db.name} exports no logs"


@check(
    "aws_rds_cluster",
    severity=Severity.MEDIUM,
    category=Category.LOGGING,
    fsbp="RDS.34;RDS.37",
    pci_4=("5.3.4;10.2.1;10.2.1.1;10.2.1.2;10.2.1.3;10.2.1.4;10.2.1.5;10.2.1.6;10.2.1.7;10.2.2;10.3.1;10.6.3;A1.2.1"),
    soc2="pi_1_3",
)
def rds_cluster_log_exports(cluster: Resource, inventory: Inventory) -> str | None:
    """Database cluster exports no logs.

    They are kept on its instances for days and go with them; who did what before is then not to be found
    out. Any log is enough to pass; AWS's own control wants certain ones for each engine.

    Fix: name the engine's logs in `enabled_cloudwatch_logs_exports`.

    Fails:

        resource "aws_rds_cluster" "orders" {
          enabled_cloudwatch_logs_exports = []
        }

    Passes:

        resource "aws_rds_cluster" "orders" {
          enabled_cloudwatch_logs_exports = ["audit"]
        }
    """
    return None if cluster["enabled_cloudwatch_logs_exports"] else f"{cluster.name} exports no logs"


@check(
    "aws_db_instance",
    "aws_rds_cluster",
    severity=Severity.LOW,
    category=Category.TAGGING,
    fsbp="RDS.16;RDS.17",
    soc2="cc_7_5",
)
def rds_copy_tags_to_snapshots(database: Resource, inventory: Inventory) -> str | None:
    """Database does not copy its tags to snapshots.

    Nobody can tell then whose a snapshot is and what it costs, and policies that go by tags do not reach it.

    Fix: set `copy_tags_to_snapshot = true`; it holds for snapshots made from then on.

    CLI: `aws rds modify-db-instance --db-instance-identifier {identifier} --copy-tags-to-snapshot`

    Fails:

        resource "aws_db_instance" "orders" {
          copy_tags_to_snapshot = false
        }

    Passes:

        resource "aws_rds_cluster" "orders" {
          copy_tags_to_snapshot = true
        }
    """
    return None if database["copy_tags_to_snapshot"] else f"{database.name} does not copy its tags to snapshots"
