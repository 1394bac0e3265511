"""Amazon EBS: volumes and their snapshots."""

from __future__ import annotations

from datetime import timedelta

from checks import estimates
from checks.check import Category, Fault, Severity, Skip, check
from checks.clock import moment
from checks.doubt import any_of, either
from checks.protection import SELECTION, arn_of, protected
from state import Inventory, Resource


@check(
    "aws_ebs_snapshot",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
    fsbp="EC2.1",
    soc2="cc_6_6",
    nist_800_53_r5=(
        "ac_17_1;ac_17_10;ac_17_4_a;ac_17_9;ac_17_b;ac_2_6;ac_3;ac_3_7;ac_4_21;ac_6;mp_2;sc_25;sc_7_11;sc_7_12;"
        "sc_7_16;sc_7_2;sc_7_20;sc_7_21;sc_7_24_b;sc_7_25;sc_7_26;sc_7_27;sc_7_28;sc_7_3;sc_7_7;sc_7_9_a;sc_7_a;"
        "sc_7_b;sc_7_c"
    ),
    hipaa="164_308_a_1_ii_b;164_308_a_3_i;164_312_a_1",
    well_architected_security="SEC03-BP07;SEC05-BP02",
)
def ebs_snapshot_public(snapshot: Resource, inventory: Inventory) -> str | None:
    """EBS snapshot can be restored by anyone.

    Whoever has an AWS account can make a volume of a public snapshot and read the whole disk.
    Public snapshots are listed, and are searched for secrets all the time.

    Fix: take the group `all` out of the snapshot's create-volume permissions, and turn on the
    region's block public access for snapshots.

    CLI: `aws ec2 modify-snapshot-attribute --snapshot-id {id} --attribute createVolumePermission --operation-type
    remove --group-names all`

    Fails:

        live "aws_ebs_snapshot" "disk" {
          public = true
        }

    Passes:

        live "aws_ebs_snapshot" "disk" {
          public = false
        }
    """
    return f"{snapshot.id} can be restored by anyone" if snapshot.fact("public") else None


@check(
    "aws_ebs_volume",
    severity=Severity.HIGH,
    category=Category.ENCRYPTION,
    cis_3_0="2.2.1",
    cis_5_0="5.1.1",
    cis_6_0="6.1.1",
    fsbp="EC2.3",
    pci_4="3.5.1;8.3.2",
    nist_800_53_r5="au_9_3;cm_6_a;cm_9_b;cp_9_d;sc_13_a;sc_28_1;sc_8_3;sc_8_4;si_19_4",
    soc2="pi_1_5",
    hipaa="164_308_a_1_ii_b;164_308_a_4_ii_a;164_312_a_2_iv;164_312_c_1;164_312_c_2;164_312_e_2_ii",
    gdpr="article_32",
    well_architected_security="SEC08-BP02",
)
def ebs_volume_unencrypted(volume: Resource, inventory: Inventory) -> str | None:
    """EBS volume is not encrypted.

    A volume that is not encrypted can be copied and shared without any key. It cannot be encrypted
    in place. One that is attached to nothing counts too, other than with AWS's own control: what it
    holds is the same.

    Fix: turn on encryption by default for the region; copy the volume through an encrypted snapshot
    and swap the two.

    Fails:

        resource "aws_ebs_volume" "data" {
          availability_zone = "eu-west-1a"
          size              = 20
          encrypted         = false
        }

    Passes:

        resource "aws_ebs_volume" "data" {
          availability_zone = "eu-west-1a"
          size              = 20
          encrypted         = true
        }
    """
    return None if volume["encrypted"] else f"{volume.id} is not encrypted"


@check(
    "aws_ebs_snapshot_block_public_access",
    severity=Severity.HIGH,
    category=Category.PUBLIC_EXPOSURE,
    pci_4="3.5.1.3;10.3.2;A1.1.2;A3.4.1",
    soc2="cc_6_6",
)
def ebs_snapshot_block_public_access(setting: Resource, inventory: Inventory) -> str | None:
    """Region does not stop snapshots from being made public.

    One wrong click, or one call with stolen credentials, and a disk is everyone's. Blocking new shares
    is enough to pass; Prowler wants those blocked that exist, which here ebs-snapshot-public finds. Other than with
    Prowler, a region in which nobody works does not fail: the check is skipped where the lists of volumes, snapshots
    and instances were read in full and are empty.

    Fix: declare an `aws_ebs_snapshot_block_public_access` with `state = "block-all-sharing"`.

    CLI: `aws ec2 enable-snapshot-block-public-access --state block-all-sharing`

    Fails:

        resource "aws_ebs_snapshot_block_public_access" "here" {
          state = "unblocked"
        }

    Fails:

        live "aws_ebs_snapshot_block_public_access" "here" {
          state = "unblocked"
        }

        live "aws_instance" "web" {
          id = "i-1"
        }

    Passes:

        resource "aws_ebs_snapshot_block_public_access" "here" {
          state = "block-all-sharing"
        }
    """
    fault = "snapshots can be shared with everyone" if setting["state"] == "unblocked" else None
    return where_used(setting, inventory, fault)


USES = ("aws_ebs_volume", "aws_ebs_snapshot", "aws_instance")


def where_used(setting: Resource, inventory: Inventory, fault: str | None) -> str | None:
    """What is wrong with a region's setting; raises Skip where all that it is about was looked for, and there is none.

    What code declares was somebody's choice.
    """
    if fault is None or setting.declared is not None:
        return fault
    if any_of(lambda type: inventory.near(setting, type), USES):
        return fault
    raise Skip(f"{setting.region} has no volumes, snapshots or instances")


@check(
    "aws_ebs_snapshot",
    severity=Severity.MEDIUM,
    category=Category.ENCRYPTION,
    pci_4="3.5.1;8.3.2",
    soc2="cc_7_5",
    well_architected_security="SEC08-BP02",
)
def ebs_snapshot_unencrypted(snapshot: Resource, inventory: Inventory) -> str | None:
    """EBS snapshot is not encrypted.

    Whoever may share a snapshot can hand on a disk that no key protects.

    Fix: copy it with encryption, delete the original, and turn on encryption by default for the region.

    Fails:

        live "aws_ebs_snapshot" "disk" {
          encrypted = false
        }

    Passes:

        live "aws_ebs_snapshot" "disk" {
          encrypted = true
        }
    """
    return None if snapshot["encrypted"] else f"{snapshot.id} is not encrypted"


OLD = timedelta(days=365)
OF_A_COPY = "vol-ffffffff"
"""What AWS names as the volume of a snapshot that was copied."""


@check("aws_ebs_snapshot", severity=Severity.LOW, category=Category.COST)
def ebs_snapshot_old(snapshot: Resource, inventory: Inventory) -> str | None:
    """EBS snapshot is over a year old, or its volume is gone.

    It is paid for by the month, and nobody can say any more what it is good for. Those of images,
    backup plans and lifecycle policies are exempt: they go when their owner lets them.

    Fix: delete it, or move it to the archive tier if it has to be kept.

    Fails:

        live "aws_ebs_snapshot" "disk" {
          volume_id  = "vol-1"
          start_time = "-400 days"
        }

        live "aws_ebs_volume" "disk" {
          id = "vol-1"
        }

    Fails:

        live "aws_ebs_snapshot" "disk" {
          volume_id  = "vol-1"
          start_time = "-2 days"
        }

    Passes:

        live "aws_ebs_snapshot" "disk" {
          volume_id  = "vol-1"
          start_time = "-2 days"
        }

        live "aws_ebs_volume" "disk" {
          id = "vol-1"
        }
    """
    if made_by_other(snapshot):
        return None
    since = moment(snapshot.fact("start_time"))
    if inventory.taken_at - since > OLD:
        return f"{snapshot.id} is from {since:%Y-%m-%d}"
    volume = snapshot["volume_id"]
    if volume == OF_A_COPY or inventory.near(snapshot, "aws_ebs_volume", id=volume):
        return None
    return f"the volume of {snapshot.id} is gone"


def made_by_other(resource: Resource) -> bool:
    """Whether something else made it and lets it go again; a stack's resources are its author's own."""
    return bool(resource.owner) and not str(resource.owner).startswith("cloudformation:")


@check(
    "aws_ebs_encryption_by_default",
    severity=Severity.HIGH,
    category=Category.ENCRYPTION,
    cis_7_0="6.1.1",
    fsbp="EC2.7",
    nist_800_53_r5="au_9_3;cm_6_a;cm_9_b;cp_9_d;sc_13_a;sc_28_1;sc_8_3;sc_8_4;si_19_4",
    hipaa="164_308_a_1_ii_b;164_308_a_4_ii_a;164_312_a_2_iv;164_312_e_2_ii",
    well_architected_security="SEC08-BP02",
)
def ebs_default_encryption(setting: Resource, inventory: Inventory) -> str | None:
    """Region does not encrypt new volumes by default.

    Whoever makes a volume has to remember to encrypt it, and sooner or later somebody does not. CIS asks it of the
    regions in use. AWS's own control asks it of each region in which Config records; here the check is skipped
    where the lists of volumes, snapshots and instances were read in full and are empty.

    Fix: declare an `aws_ebs_encryption_by_default` in each region.

    CLI: `aws ec2 enable-ebs-encryption-by-default`

    Fails:

        resource "aws_ebs_encryption_by_default" "here" {
          enabled = false
        }

    Fails:

        live "aws_ebs_encryption_by_default" "here" {
          enabled = false
        }

        live "aws_instance" "web" {
          id = "i-1"
        }

    Passes:

        resource "aws_ebs_encryption_by_default" "here" {
          enabled = true
        }
    """
    return where_used(setting, inventory, None if setting["enabled"] else "new volumes are not encrypted by default")


def is_in_use(volume: Resource) -> bool:
    return bool(volume.fact("attachments"))


@check("aws_ebs_volume", severity=Severity.LOW, category=Category.COST, monthly=estimates.volume)
def ebs_volume_unattached(volume: Resource, inventory: Inventory) -> str | None:
    """EBS volume is attached to nothing.

    It costs as much as one that is used.

    Fix: make a snapshot of it and delete it.

    Fails:

        live "aws_ebs_volume" "data" {
          attachments = []
        }

    Passes:

        live "aws_ebs_volume" "data" {
          attachments = [{ instance_id = "i-1" }]
        }
    """
    return None if is_in_use(volume) else f"{volume.id} is attached to nothing"


@check("aws_ebs_volume", severity=Severity.LOW, category=Category.COST, monthly=estimates.gp3_instead)
def ebs_volume_gp2(volume: Resource, inventory: Inventory) -> str | None:
    """EBS volume is gp2 where gp3 costs less.

    A gp3 volume costs a fifth less a gigabyte, and is as fast at any size as a gp2 volume of a
    terabyte. The change is made while the volume is in use.

    Fix: set `type = "gp3"`.

    Fails:

        resource "aws_ebs_volume" "data" {
          type = "gp2"
        }

    Passes:

        resource "aws_ebs_volume" "data" {
          type = "gp3"
        }
    """
    return f"{volume.id} is gp2" if volume["type"] == "gp2" else None


@check(
    "aws_ebs_volume",
    severity=Severity.HIGH,
    category=Category.BACKUP,
    pci_4="3.2.1;3.3.1.1;3.3.1.3;3.3.2;3.3.3;10.5.1",
    soc2="cc_7_5",
)
def ebs_volume_no_snapshot(volume: Resource, inventory: Inventory) -> str | None:
    """Volume in use has no snapshot at all.

    What is on it is lost with it. Disks of instances that an Auto Scaling group, EKS or Karpenter makes
    and ends are exempt; Prowler tells those too.

    Fix: put it into a backup plan, or make a snapshot lifecycle policy for its tags.

    Fails:

        live "aws_ebs_volume" "data" {
          id          = "vol-1"
          attachments = [{ instance_id = "i-1" }]
        }

        live "aws_instance" "db" {
          id = "i-1"
        }

    Passes:

        live "aws_ebs_volume" "data" {
          id          = "vol-1"
          attachments = [{ instance_id = "i-1" }]
        }

        live "aws_instance" "db" {
          id = "i-1"
        }

        live "aws_ebs_snapshot" "data" {
          volume_id = "vol-1"
        }
    """
    if not is_in_use(volume) or inventory.near(volume, "aws_ebs_snapshot", volume_id=volume.id):
        return None
    users = [each.get("instance_id") for each in volume.fact("attachments")]
    if any(made_by_other(each) for id in users for each in inventory.near(volume, "aws_instance", id=id)):
        return None
    return f"{volume.id} has no snapshot"


@check(
    "aws_ebs_volume",
    severity=Severity.MEDIUM,
    category=Category.BACKUP,
    fsbp="EC2.28",
    pci_4="10.3.3",
)
def ebs_volume_backup_plan(volume: Resource, inventory: Inventory) -> Fault | None:
    """Volume in use is in no backup plan or lifecycle policy.

    Snapshots that somebody makes by hand are old when they are needed. A plan that takes the instance takes
    its volumes too. A lifecycle policy is told by the snapshots that it made; one that has made none yet is
    not seen. Disks of instances that an Auto Scaling group, EKS or Karpenter makes and ends are exempt.

    Fix: select the volume, its instance or a tag of them in an `aws_backup_selection`.

    Fails:

        live "aws_ebs_volume" "data" {
          id          = "vol-1"
          arn         = "arn:aws:ec2:eu-west-1:123456789012:volume/vol-1"
          tags        = {}
          attachments = [{ instance_id = "i-1" }]
        }

        live "aws_instance" "db" {
          id   = "i-1"
          arn  = "arn:aws:ec2:eu-west-1:123456789012:instance/i-1"
          tags = {}
        }

    Passes:

        live "aws_ebs_volume" "data" {
          id          = "vol-1"
          arn         = "arn:aws:ec2:eu-west-1:123456789012:volume/vol-1"
          tags        = {}
          attachments = [{ instance_id = "i-1" }]
        }

        live "aws_instance" "db" {
          id   = "i-1"
          arn  = "arn:aws:ec2:eu-west-1:123456789012:instance/i-1"
          tags = {}
        }

        live "aws_backup_selection" "instances" {
          plan_id       = "plan-1"
          resources     = ["arn:aws:ec2:*:*:instance/*"]
          not_resources = []
          selection_tag = []
          condition     = []
        }
    """
    if not is_in_use(volume):
        return None
    ids = [each.get("instance_id") for each in volume.fact("attachments")]
    users = [each for id in ids for each in inventory.near(volume, "aws_instance", id=id)]
    if any(made_by_other(each) for each in users):
        return None
    kept = either(
        lambda: any_of(lambda each: protected(each, inventory), (volume, *users)),
        lambda: kept_by_lifecycle(volume, inventory),
    )
    return None if kept else Fault(f"{volume.id} is in no backup plan", {"arn": arn_of(volume), SELECTION: None})


def kept_by_lifecycle(volume: Resource, inventory: Inventory) -> bool:
    """Whether a lifecycle policy has made a snapshot of a volume: it says so in a tag."""
    snapshots = inventory.near(volume, "aws_ebs_snapshot", volume_id=volume.id)
    return any("aws:dlm:lifecycle-policy-id" in (each["tags"] or {}) for each in snapshots)
