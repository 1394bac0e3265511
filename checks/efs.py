"""Amazon EFS: how file systems are kept."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check, evidence_of
from checks.doubt import either, said
from checks.protection import protected
from state import Inventory, Resource

BACKED_UP = ("ENABLED", "ENABLING")


@check(
    "aws_efs_file_system",
    severity=Severity.MEDIUM,
    category=Category.ENCRYPTION,
    cis_3_0="2.4.1",
    cis_5_0="2.3.1",
    cis_6_0="3.3.1",
    cis_7_0="3.3.1",
    fsbp="EFS.1",
    pci_4="3.5.1;8.3.2",
    nist_800_53_r5="au_9_3;cp_9_d;sc_13_a;sc_28_1;sc_8_3;sc_8_4;si_19_4",
    hipaa="164_308_a_1_ii_b;164_308_a_4_ii_a;164_312_a_2_iv;164_312_e_2_ii",
    gdpr="article_32",
    well_architected_security="SEC08-BP02",
)
def efs_unencrypted(files: Resource, inventory: Inventory) -> str | None:
    """File system is not encrypted at rest.

    Files and their names then lie on AWS's disks as they are, and so do those of its backups.

    Fix: make a file system with `encrypted = true` and copy the files over with DataSync; it cannot be
    turned on in place.

    Fails:

        resource "aws_efs_file_system" "shared" {
          encrypted = false
        }

    Passes:

        resource "aws_efs_file_system" "shared" {
          encrypted = true
        }
    """
    return None if files["encrypted"] else f"{files.name} is not encrypted"


@check(
    "aws_efs_file_system",
    severity=Severity.MEDIUM,
    category=Category.BACKUP,
    fsbp="EFS.2",
    pci_4="10.3.3",
    soc2="cc_7_4;cc_a_1_1",
    nist_800_53_r5="cp_10;cp_10_2;cp_1_2;cp_2_5;cp_6_1;cp_6_2;cp_6_a;cp_9_a;cp_9_b;cp_9_c;sc_5_2;si_13_5",
    hipaa="164_308_a_7_i;164_308_a_7_ii_a;164_308_a_7_ii_b;164_308_a_7_ii_c;164_312_a_2_ii",
)
def efs_backup(files: Resource, inventory: Inventory) -> Fault | None:
    """File system has no automatic backup.

    EFS keeps no versions: what is overwritten or deleted is gone. A backup plan that selects the file
    system will do as well as its own switch; AWS's own control asks for the plan.

    Fix: add an `aws_efs_backup_policy` with `status = "ENABLED"`, or put the file system into a backup plan.

    CLI: `aws efs put-backup-policy --file-system-id {id} --backup-policy Status=ENABLED`

    Fails:

        resource "aws_efs_file_system" "shared" {
          tags = {}
        }

    Passes:

        resource "aws_efs_file_system" "shared" {
          tags = {}
        }

        resource "aws_efs_backup_policy" "shared" {
          file_system_id = aws_efs_file_system.shared.id
          backup_policy {
            status = "ENABLED"
          }
        }

    Passes:

        resource "aws_efs_file_system" "shared" {
          tags = { backup = "daily" }
        }

        resource "aws_backup_selection" "daily" {
          plan_id       = aws_backup_plan.daily.id
          not_resources = []
          selection_tag {
            type  = "STRINGEQUALS"
            key   = "backup"
            value = "daily"
          }
        }

        resource "aws_backup_plan" "daily" {
          name = "daily"
        }
    """
    if either(lambda: _switched_on(files, inventory), lambda: protected(files, inventory)):
        return None
    return Fault(f"{files.name} is not backed up", {"aws_efs_backup_policy": None})


def _switched_on(files: Resource, inventory: Inventory) -> bool:
    policies = inventory.near(files, "aws_efs_backup_policy", file_system_id=files.id)
    return any(block.get("status") in BACKED_UP for each in policies for block in each["backup_policy"] or ())


@check(
    "aws_efs_file_system",
    severity=Severity.MEDIUM,
    category=Category.RESILIENCE,
)
def efs_single_az(files: Resource, inventory: Inventory) -> Fault | None:
    """File system is One Zone or has one mount target.

    A file system of the One Zone class is lost with its zone. A regional one lives on, but clients reach
    it by mount targets only, and with a single one nobody does while that one's zone is down. Without any
    it is not in use, and is exempt.

    Fix: copy a One Zone file system into a regional one; add a mount target in a second zone.

    Fails:

        resource "aws_efs_file_system" "shared" {
          availability_zone_name = "eu-west-1a"
        }

    Fails:

        resource "aws_efs_file_system" "shared" {
          availability_zone_name = null
        }

        resource "aws_efs_mount_target" "a" {
          file_system_id = aws_efs_file_system.shared.id
          subnet_id      = "subnet-a"
        }

    Passes:

        resource "aws_efs_file_system" "shared" {
          availability_zone_name = null
        }

        resource "aws_efs_mount_target" "a" {
          file_system_id = aws_efs_file_system.shared.id
          subnet_id      = "subnet-a"
        }

        resource "aws_efs_mount_target" "b" {
          file_system_id = aws_efs_file_system.shared.id
          subnet_id      = "subnet-b"
        }
    """
    zone = said(files, "availability_zone_name")
    if zone:
        return Fault(f"{files.name} is kept in {zone} alone")
    targets = inventory.near(files, "aws_efs_mount_target", file_system_id=files.id)
    if len(targets) != 1:  # AWS admits one mount target in a zone
        return None
    return Fault(f"{files.name} is reached in one zone alone", evidence_of(targets[0], "subnet_id"))
