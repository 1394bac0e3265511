"""Amazon EC2: whether machines are kept fresh and watched, and what a region asks of new ones."""

from __future__ import annotations

from datetime import timedelta

from checks.check import Category, Severity, check
from checks.clock import moment
from checks.doubt import said
from checks.ebs import where_used
from state import Inventory, Resource

OLDEST = timedelta(days=180)
PREVIOUS = frozenset(["a1", "c1", "c3", "cc2", "cr1", "g2", "hs1", "i2", "m1", "m2", "m3", "r3", "t1"])
"""Families that AWS lists under "previous generation": https://aws.amazon.com/ec2/previous-generation/."""


def is_up(instance: Resource) -> bool:
    """Whether a machine runs, or is in code, where each does."""
    return instance.declared is not None or instance["instance_state"] in ("running", "pending")


@check("aws_ec2_instance_metadata_defaults", severity=Severity.MEDIUM, category=Category.IAM)
def ec2_imdsv2_account_default(setting: Resource, inventory: Inventory) -> str | None:
    """Region's default does not demand IMDSv2 for new instances.

    Whoever starts a machine and says nothing of metadata then gets one that hands its credentials to any GET
    request, unless its image asks for more. A region without volumes, snapshots and instances is skipped.

    Fix: declare an `aws_ec2_instance_metadata_defaults` with `http_tokens = "required"` in each region.

    CLI: `aws ec2 modify-instance-metadata-defaults --http-tokens required`

    Fails:

        resource "aws_ec2_instance_metadata_defaults" "here" {
          http_tokens = "no-preference"
        }

    Fails:

        live "aws_ec2_instance_metadata_defaults" "here" {
          http_tokens = "optional"
        }

        live "aws_instance" "web" {
          id = "i-1"
        }

    Passes:

        resource "aws_ec2_instance_metadata_defaults" "here" {
          http_tokens = "required"
        }
    """
    fault = None if said(setting, "http_tokens") == "required" else "new instances need not ask for IMDSv2"
    return where_used(setting, inventory, fault)


@check("aws_ec2_image_block_public_access", severity=Severity.MEDIUM, category=Category.PUBLIC_EXPOSURE)
def ec2_ami_block_public_access(setting: Resource, inventory: Inventory) -> str | None:
    """Region does not stop AMIs from being made public.

    One wrong click, or one call with stolen credentials, and everyone may start, and read, a machine's disk. A
    region without volumes, snapshots and instances is skipped.

    Fix: declare an `aws_ec2_image_block_public_access` with `state = "block-new-sharing"`.

    CLI: `aws ec2 enable-image-block-public-access --image-block-public-access-state block-new-sharing`

    Fails:

        resource "aws_ec2_image_block_public_access" "here" {
          state = "unblocked"
        }

    Fails:

        live "aws_ec2_image_block_public_access" "here" {
          state = "unblocked"
        }

        live "aws_instance" "web" {
          id = "i-1"
        }

    Passes:

        resource "aws_ec2_image_block_public_access" "here" {
          state = "block-new-sharing"
        }
    """
    fault = "images can be shared with everyone" if setting["state"] == "unblocked" else None
    return where_used(setting, inventory, fault)


@check(
    "aws_instance",
    severity=Severity.MEDIUM,
    category=Category.GOVERNANCE,
    nist_800_53_r5="cm_2_2;cm_2_a;cm_2_b;cm_2_b_1;cm_2_b_2;cm_2_b_3;cm_3_3;cm_8_6",
    hipaa="164_308_a_1_ii_b",
)
def ec2_instance_too_old(instance: Resource, inventory: Inventory) -> str | None:
    """Running instance is older than the allowed age; replace rather than patch.

    A machine that nobody dares to replace holds what no code tells, and patches that were forgotten. The age
    counts from its last start, and 180 days are allowed. One that does not run is exempt.

    Fix: make it anew from a fresh image, best by an Auto Scaling group with `max_instance_lifetime`.

    Fails:

        live "aws_instance" "web" {
          instance_state = "running"
          launch_time    = "2024-01-01T00:00:00Z"
        }

    Passes:

        live "aws_instance" "web" {
          instance_state = "running"
          launch_time    = "2026-11-01T00:00:00Z"
        }

    Passes:

        live "aws_instance" "web" {
          instance_state = "stopped"
          launch_time    = "2024-01-01T00:00:00Z"
        }
    """
    since = moment(instance.fact("launch_time"))
    if not is_up(instance) or inventory.taken_at - since <= OLDEST:
        return None
    return f"{instance.id} runs since {since:%Y-%m-%d}"


@check(
    "aws_instance",
    severity=Severity.LOW,
    category=Category.LOGGING,
    pci_4="10.2.1.1;10.4.1;10.4.1.1;10.4.2;10.6.3;10.7.1;10.7.2;A3.3.1;A3.5.1",
)
def ec2_instance_detailed_monitoring(instance: Resource, inventory: Inventory) -> str | None:
    """Instance reports metrics every five minutes only.

    An alarm then rings, and a group scales, minutes after what happened. A metric a minute costs a little. One
    that does not run is exempt.

    Fix: set `monitoring = true`.

    Fails:

        resource "aws_instance" "web" {
          monitoring = false
        }

    Passes:

        resource "aws_instance" "web" {
          monitoring = true
        }

    Passes:

        live "aws_instance" "web" {
          monitoring     = false
          instance_state = "stopped"
        }
    """
    if said(instance, "monitoring") or not is_up(instance):
        return None
    return f"{instance.id} reports its metrics every five minutes"


@check("aws_instance", severity=Severity.LOW, category=Category.COST)
def ec2_instance_previous_generation(instance: Resource, inventory: Inventory) -> str | None:
    """Instance type is of a previous generation.

    A newer machine of the same size does more for less money, and old hosts are retired one day. The families are
    those that AWS itself has put on its list, whatever newer ones there are beside the rest.

    Fix: set `instance_type` to a newer family; from Xen to Nitro the image needs the drivers ENA and NVMe.

    Fails:

        resource "aws_instance" "web" {
          instance_type = "m3.large"
        }

    Passes:

        resource "aws_instance" "web" {
          instance_type = "m7i.large"
        }
    """
    kind = str(instance["instance_type"])
    return f"{instance.id} is a {kind}" if kind.partition(".")[0] in PREVIOUS else None
