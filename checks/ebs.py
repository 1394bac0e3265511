"""Amazon EBS: volumes and their snapshots."""

from __future__ import annotations

from checks.check import Category, Severity, check
from state import Inventory, Resource


@check(
    "aws_ebs_snapshot",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
    fsbp="EC2.1",
    soc2="cc_6_6",
)
def ebs_snapshot_public(snapshot: Resource, inventory: Inventory) -> str | None:
    """EBS snapshot can be restored by anyone.

    Whoever has an AWS account can make a volume of a public snapshot and read the whole disk.
    Public snapshots are listed, and are searched for secrets all the time.

    Fix: take the group `all` out of the snapshot's create-volume permissions, and turn on the
    region's block public access for snapshots.

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
)
def ebs_volume_unencrypted(volume: Resource, inventory: Inventory) -> str | None:
    """EBS volume is not encrypted.

    A volume that is not encrypted can be copied and shared without any key. It cannot be encrypted
    in place.

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
