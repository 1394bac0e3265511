"""Amazon RDS: instances, clusters and snapshots."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, Terms, check
from checks.databases import days_kept, deletable, instances_in_one_zone, unencrypted
from state import Inventory, Resource


@check(
    "aws_db_instance",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
    cis_3_0="2.3.3",
    cis_5_0="2.2.3",
    cis_6_0="3.2.3",
    cis_7_0="3.2.3",
    fsbp="RDS.2",
    pci_4="1.2.8;1.3.1;1.3.2;1.4.2;1.5.1;3.5.1.3;10.3.2;A1.1.2;A1.1.3;A3.4.1",
    soc2="cc_6_2",
    nist_800_53_r5=(
        "ac_17_1;ac_17_10;ac_17_4_a;ac_17_9;ac_17_b;ac_2_6;ac_3;ac_3_7;ac_4_21;ac_6;mp_2;sc_25;sc_7_11;sc_7_12;"
        "sc_7_16;sc_7_2;sc_7_20;sc_7_21;sc_7_24_b;sc_7_25;sc_7_26;sc_7_27;sc_7_28;sc_7_3;sc_7_7;sc_7_9_a;sc_7_a;"
        "sc_7_b;sc_7_c"
    ),
    hipaa="164_308_a_3_i;164_312_a_1",
    well_architected_security="SEC03-BP07",
)
def rds_instance_public(db: Resource, inventory: Inventory) -> str | None:
    """Database instance is publicly accessible.

    Its name resolves to a public address, so that one open security group or network ACL is all
    that is missing between the internet and the data. Prowler asks for the open group and the public
    subnet as well; both change without anybody looking at the database.

    Fix: set `publicly_accessible = false` and reach the database from inside the VPC.

    Fails:

        resource "aws_db_instance" "orders" {
          publicly_accessible = true
        }

    Passes:

        resource "aws_db_instance" "orders" {
          publicly_accessible = false
        }
    """
    return f"{db.name} has a public address" if db["publicly_accessible"] else None


@check(
    "aws_db_snapshot",
    "aws_db_cluster_snapshot",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
    fsbp="RDS.1",
    pci_4="3.5.1.3;10.3.2;A1.1.2;A3.4.1",
    nist_800_53_r5=(
        "ac_17_1;ac_17_10;ac_17_4_a;ac_17_9;ac_17_b;ac_2_6;ac_3;ac_3_7;ac_4_21;ac_6;mp_2;sc_25;sc_7_11;sc_7_12;"
        "sc_7_16;sc_7_2;sc_7_20;sc_7_21;sc_7_24_b;sc_7_25;sc_7_26;sc_7_27;sc_7_28;sc_7_3;sc_7_7;sc_7_9_a;sc_7_a;"
        "sc_7_b;sc_7_c"
    ),
    hipaa="164_308_a_1_ii_b;164_308_a_3_i;164_312_a_1",
    well_architected_security="SEC03-BP07",
)
def rds_snapshot_public(snapshot: Resource, inventory: Inventory) -> str | None:
    """Database snapshot is shared with everyone.

    Whoever has an AWS account can restore a public snapshot and read all the data in it.

    Fix: take `all` out of the accounts that the snapshot is shared with.

    CLI: `aws rds modify-db-snapshot-attribute --db-snapshot-identifier {db_snapshot_identifier} --attribute-name
    restore --values-to-remove all`

    Fails:

        resource "aws_db_snapshot" "orders" {
          db_snapshot_identifier = "orders-2026"
          shared_accounts        = ["all"]
        }

    Fails:

        resource "aws_db_cluster_snapshot" "orders" {
          db_cluster_snapshot_identifier = "orders-2026"
          shared_accounts                = ["all"]
        }

    Passes:

        resource "aws_db_snapshot" "orders" {
          db_snapshot_identifier = "orders-2026"
          shared_accounts        = ["123456789012"]
        }
    """
    return f"{snapshot.name} can be restored by anyone" if "all" in (snapshot["shared_accounts"] or ()) else None


@check(
    "aws_db_instance",
    severity=Severity.MEDIUM,
    category=Category.RESILIENCE,
    cis_5_0="2.2.4",
    cis_6_0="3.2.4",
    cis_7_0="3.2.4",
    fsbp="RDS.5",
    nist_800_53_r5=(
        "cp_10;cp_1_a_1_b;cp_1_a_2;cp_2_5;cp_2_6;cp_2_a;cp_2_a_6;cp_2_a_7;cp_2_d;cp_2_e;cp_6_2;sc_22;sc_36;sc_5_2;"
        "sc_6;si_13_5"
    ),
    hipaa="164_308_a_1_ii_b;164_308_a_7_i;164_308_a_7_ii_a;164_308_a_7_ii_b;164_308_a_7_ii_c",
    well_architected_reliability="REL10-BP01",
)
def rds_instance_single_az(db: Resource, inventory: Inventory) -> str | None:
    """Database instance runs in a single Availability Zone.

    A single-AZ instance is down for as long as its zone is, and comes back from its last backup
    rather than from a standby. Read replicas are exempt: the source is what fails over.

    Fix: set `multi_az = true`; RDS makes the standby without an outage.

    CLI: `aws rds modify-db-instance --db-instance-identifier {identifier} --multi-az`

    Fails:

        resource "aws_db_instance" "orders" {
          multi_az = false
        }

    Passes:

        resource "aws_db_instance" "orders" {
          multi_az = true
        }

    Passes:

        resource "aws_db_instance" "replica" {
          multi_az            = false
          replicate_source_db = "orders"
        }
    """
    if db["multi_az"] or db["replicate_source_db"]:
        return None
    return f"{db.name} runs in one Availability Zone"


@check(
    "aws_rds_cluster",
    severity=Severity.MEDIUM,
    category=Category.RESILIENCE,
    cis_5_0="2.2.4",
    cis_6_0="3.2.4",
    cis_7_0="3.2.4",
    fsbp="RDS.15",
)
def rds_cluster_single_az(cluster: Resource, inventory: Inventory) -> Fault | None:
    """Database cluster runs in a single Availability Zone.

    The storage of Aurora spans three zones, but it answers only through instances: when all of them
    lie in one zone, the cluster is down with it. Clusters of MySQL and PostgreSQL without Aurora
    are always spread; serverless ones of the first version have no instances.

    Fix: put the cluster's instances into at least two zones.

    Fails:

        resource "aws_rds_cluster" "orders" {
          cluster_identifier = "orders"
          engine             = "aurora-mysql"
          engine_mode        = "provisioned"
        }

        resource "aws_rds_cluster_instance" "writer" {
          cluster_identifier = aws_rds_cluster.orders.id
          availability_zone  = "eu-west-1a"
        }

        resource "aws_rds_cluster_instance" "reader" {
          cluster_identifier = aws_rds_cluster.orders.id
          availability_zone  = "eu-west-1a"
        }

    Passes:

        resource "aws_rds_cluster" "orders" {
          cluster_identifier = "orders"
          engine             = "aurora-mysql"
          engine_mode        = "provisioned"
        }

        resource "aws_rds_cluster_instance" "writer" {
          cluster_identifier = aws_rds_cluster.orders.id
          availability_zone  = "eu-west-1a"
        }

        resource "aws_rds_cluster_instance" "reader" {
          cluster_identifier = aws_rds_cluster.orders.id
          availability_zone  = "eu-west-1b"
        }
    """
    if not cluster["engine"].startswith("aurora") or cluster["engine_mode"] == "serverless":
        return None
    return instances_in_one_zone(cluster, inventory, "aws_rds_cluster_instance")


@check(
    "aws_db_instance",
    severity=Severity.HIGH,
    category=Category.BACKUP,
    fsbp="RDS.11",
    pci_4="10.3.3",
    soc2="cc_7_4;cc_a_1_1",
    nist_800_53_r5="cp_10;cp_10_2;cp_1_2;cp_2_5;cp_6_1;cp_6_2;cp_6_a;cp_9_a;cp_9_b;cp_9_c;sc_5_2;si_13_5",
    hipaa=(
        "164_308_a_1_ii_b;164_308_a_4_ii_a;164_308_a_7_i;164_308_a_7_ii_a;164_308_a_7_ii_b;164_308_a_7_ii_c;"
        "164_312_a_2_ii"
    ),
    gdpr="article_32",
    well_architected_reliability="REL09-BP03",
)
def rds_instance_backup_retention(db: Resource, inventory: Inventory, terms: Terms) -> str | None:
    """Automated backups are off or kept under seven days.

    A mistake that is noticed after the weekend needs a backup from before it. Read replicas are
    exempt: their source is what is restored.

    Fix: set `backup_retention_period` to 7 or more.

    CLI: `aws rds modify-db-instance --db-instance-identifier {identifier} --backup-retention-period 35`

    Fails:

        resource "aws_db_instance" "orders" {
          backup_retention_period = 1
        }

    Passes:

        resource "aws_db_instance" "orders" {
          backup_retention_period = 7
        }

    Passes:

        resource "aws_db_instance" "replica" {
          backup_retention_period = 0
          replicate_source_db     = "orders"
        }
    """
    fault = days_kept(db, terms)
    return fault if fault and not db["replicate_source_db"] else None


@check("aws_rds_cluster", severity=Severity.HIGH, category=Category.BACKUP)
def rds_cluster_backup_retention(cluster: Resource, inventory: Inventory, terms: Terms) -> str | None:
    """Cluster backups are kept under seven days.

    Aurora keeps them for one day unless told otherwise, which is too short for a mistake that is
    noticed after the weekend.

    Fix: set `backup_retention_period` to 7 or more.

    CLI: `aws rds modify-db-cluster --db-cluster-identifier {cluster_identifier} --backup-retention-period 35`

    Fails:

        resource "aws_rds_cluster" "orders" {
          backup_retention_period = 1
        }

    Passes:

        resource "aws_rds_cluster" "orders" {
          backup_retention_period = 14
        }
    """
    return days_kept(cluster, terms)


@check(
    "aws_db_instance",
    severity=Severity.HIGH,
    category=Category.ENCRYPTION,
    cis_3_0="2.3.1",
    cis_5_0="2.2.1",
    cis_6_0="3.2.1",
    cis_7_0="3.2.1",
    fsbp="RDS.3",
    pci_4="3.5.1;8.3.2",
    nist_800_53_r5="au_9_3;cp_9_8;cp_9_d;sc_13_a;sc_28_1;sc_8_3;sc_8_4;si_19_4",
    soc2="pi_1_5",
    hipaa="164_308_a_1_ii_b;164_308_a_4_ii_a;164_312_a_2_iv;164_312_e_2_ii",
    gdpr="article_32",
    well_architected_security="SEC08-BP02",
)
def rds_instance_unencrypted(db: Resource, inventory: Inventory) -> str | None:
    """Database instance storage is not encrypted.

    Its snapshots are not encrypted either, and can be copied and shared without any key.

    Fix: copy a snapshot with a KMS key, restore it with `storage_encrypted = true`, and switch over;
    encryption cannot be turned on in place.

    Fails:

        resource "aws_db_instance" "orders" {
          storage_encrypted = false
        }

    Passes:

        resource "aws_db_instance" "orders" {
          storage_encrypted = true
        }
    """
    return unencrypted(db)


@check(
    "aws_db_instance",
    severity=Severity.MEDIUM,
    category=Category.BACKUP,
    fsbp="RDS.8",
    soc2="cc_c_1_1",
    nist_800_53_r5=(
        "ca_7_4_c;cm_3_a;cp_1_a_1_b;cp_1_a_2;cp_2_5;cp_2_a;cp_2_a_6;cp_2_a_7;cp_2_d;cp_2_e;sa_15_a_4;sc_22;sc_5_2;"
        "si_13_5"
    ),
    well_architected_reliability="REL09-BP03",
)
def rds_instance_deletion_protection(db: Resource, inventory: Inventory) -> str | None:
    """Database instance can be deleted by one call.

    A wrong `terraform destroy` or a stray script then takes the data with it.

    Fix: set `deletion_protection = true`; whoever means it turns it off first.

    CLI: `aws rds modify-db-instance --db-instance-identifier {identifier} --deletion-protection`

    Fails:

        resource "aws_db_instance" "orders" {
          deletion_protection = false
        }

    Passes:

        resource "aws_db_instance" "orders" {
          deletion_protection = true
        }
    """
    return deletable(db)
