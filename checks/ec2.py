"""Amazon EC2: instances, their templates and images."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from checks import estimates, secrets
from checks.check import Category, Fault, Severity, check
from checks.doubt import any_of, either
from state import Inventory, Resource, Unknown


@check(
    "aws_instance",
    severity=Severity.HIGH,
    category=Category.IAM,
    cis_3_0="5.6",
    cis_5_0="5.7",
    cis_6_0="6.7",
    cis_7_0="6.7",
    fsbp="EC2.8",
    pci_4="8.2.8",
    soc2="cc_7_2",
    nist_800_53_r5=(
        "ac_24;ac_2_6;ac_3;ac_3_12_a;ac_3_13;ac_3_15_a;ac_3_15_b;ac_3_3;ac_3_3_a;ac_3_3_b_1;ac_3_3_b_2;ac_3_3_b_3;"
        "ac_3_3_b_4;ac_3_3_b_5;ac_3_3_c;ac_3_4;ac_3_4_a;ac_3_4_b;ac_3_4_c;ac_3_4_d;ac_3_4_e;ac_3_7;ac_3_8;ac_4_28;"
        "ac_6;cm_5_1_a;mp_2;sc_23_3"
    ),
    well_architected_security="SEC03-BP01;SEC06-BP01",
)
def ec2_imdsv2_required(instance: Resource, inventory: Inventory) -> str | None:
    """Instance still answers metadata requests without a session token.

    Version 1 of the metadata endpoint hands the instance's credentials to whoever can make it send
    one GET request, as a server-side request forgery does.

    Fix: set `http_tokens = "required"` in `metadata_options`; no restart is needed.

    CLI: `aws ec2 modify-instance-metadata-options --instance-id {id} --http-tokens required`

    Fails:

        resource "aws_instance" "web" {
          metadata_options {
            http_tokens = "optional"
          }
        }

    Passes:

        resource "aws_instance" "web" {
          metadata_options {
            http_tokens = "required"
          }
        }

    Passes:

        resource "aws_instance" "web" {
          metadata_options {
            http_endpoint = "disabled"
            http_tokens   = "optional"
          }
        }
    """

    def safe(options: dict[str, object]) -> bool:
        return either(
            lambda: options.get("http_tokens") == "required",
            lambda: options.get("http_endpoint") == "disabled",
        )

    if any_of(safe, instance["metadata_options"] or ()):
        return None
    return f"{instance.id} answers metadata requests without a token"


@check(
    "aws_instance",
    severity=Severity.MEDIUM,
    category=Category.IAM,
    cis_3_0="1.18",
    cis_5_0="1.17",
    cis_6_0="2.17",
    cis_7_0="2.16",
    pci_4="7.2.1;7.2.2;7.2.5;7.3.1;7.3.2;7.3.3;8.2.7;8.2.8;8.3.4",
    nist_800_53_r5="ac_3;cm_5_1_a;cm_6_a",
    well_architected_security="SEC03-BP01;SEC03-BP02;SEC06-BP04;SEC06-BP05",
)
def ec2_instance_role_missing(instance: Resource, inventory: Inventory) -> str | None:
    """Running instance has no instance profile.

    A machine without a role has no short-lived credentials, so that sooner or later somebody puts an
    access key on it; nor can Session Manager reach it. One that does not run is exempt.

    Fix: set `iam_instance_profile` to one whose role may do what the machine needs, and no more.

    Fails:

        resource "aws_instance" "web" {
          iam_instance_profile = ""
        }

    Passes:

        resource "aws_instance" "web" {
          iam_instance_profile = "web"
        }

    Passes:

        live "aws_instance" "web" {
          iam_instance_profile = null
          instance_state       = "stopped"
        }
    """
    if instance["iam_instance_profile"]:
        return None
    stopped = instance.declared is None and instance["instance_state"] not in ("running", "pending")
    return None if stopped else f"{instance.id} has no role"


@check(
    "aws_instance",
    severity=Severity.HIGH,
    category=Category.SECRETS,
    well_architected_security="SEC02-BP03",
)
def ec2_instance_user_data_secrets(instance: Resource, inventory: Inventory) -> Fault | None:
    """Instance user data holds what looks like a secret.

    Every process on the machine can read its user data, and so can whoever may describe instances. What
    is looked for is the form of known keys, and values given to names like PASSWORD.

    Fix: let the machine read the secret from Secrets Manager or Parameter Store with its role; change
    the one that was shown.

    Fails:

        resource "aws_instance" "web" {
          user_data = <<-EOT
            #!/bin/sh
            export DB_PASSWORD=hunter2
          EOT
        }

    Passes:

        resource "aws_instance" "web" {
          user_data = <<-EOT
            #!/bin/sh
            export DB_PASSWORD=$(aws ssm get-parameter --name /web/password)
          EOT
        }
    """
    return secrets.fault(instance, secrets.in_user_data(instance, code=("user_data", "user_data_base64")))


@check(
    "aws_launch_template",
    severity=Severity.HIGH,
    category=Category.SECRETS,
    well_architected_security="SEC02-BP03",
)
def ec2_launch_template_secrets(template: Resource, inventory: Inventory) -> Fault | None:
    """Launch template user data holds what looks like a secret.

    Each machine made of it gets the secret, and each version of the template keeps it. The latest
    version is judged.

    Fix: let the machine read the secret from Secrets Manager or Parameter Store with its role; change
    the one that was shown, and delete the versions that hold it.

    Fails:

        resource "aws_launch_template" "web" {
          user_data = base64encode("mysql --password=hunter2")
        }

    Passes:

        resource "aws_launch_template" "web" {
          user_data = base64encode("mysql --password=$PASSWORD")
        }
    """
    return secrets.fault(template, secrets.in_user_data(template))


LONG_STOPPED = timedelta(days=30)
SINCE = re.compile(r"\((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?:GMT|UTC)\)")


@check("aws_instance", severity=Severity.LOW, category=Category.COST, monthly=estimates.disks, fsbp="EC2.4")
def ec2_instance_stopped_long(instance: Resource, inventory: Inventory) -> str | None:
    """Instance has been stopped for over 30 days and still costs storage.

    Nobody misses it, while its disks and addresses cost what they always did, and its system gets older
    and weaker until it is started again.

    Fix: make an image of it and terminate it, or terminate it.

    Fails:

        live "aws_instance" "old" {
          instance_state          = "stopped"
          state_transition_reason = "User initiated (2026-03-01 10:00:00 GMT)"
        }

    Passes:

        live "aws_instance" "web" {
          instance_state          = "running"
          state_transition_reason = ""
        }

    Passes:

        live "aws_instance" "paused" {
          instance_state          = "stopped"
          state_transition_reason = "User initiated (2026-11-20 10:00:00 GMT)"
        }
    """
    if instance["instance_state"] != "stopped":
        return None
    match = SINCE.search(instance.fact("state_transition_reason") or "")
    if match is None:
        raise Unknown(f"AWS does not say since when {instance.id} is stopped")
    since = datetime.fromisoformat(match[1]).replace(tzinfo=UTC)
    long = inventory.taken_at - since > LONG_STOPPED
    return f"{instance.id} is stopped since {since:%Y-%m-%d}" if long else None


@check(
    "aws_ami",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
    soc2="cc_6_6",
    well_architected_security="SEC03-BP07",
)
def ec2_ami_public(image: Resource, inventory: Inventory) -> str | None:
    """Our AMI can be launched by anyone.

    Whoever has an AWS account can start it and read all that was ever written to its disks. Public
    images are searched for keys all the time. One that is meant for everyone belongs into the
    suppressions, with the reason.

    Fix: take the group `all` out of the image's launch permissions, and block public access to images
    in the region.

    CLI: `aws ec2 modify-image-attribute --image-id {id} --launch-permission 'Remove=[{Group=all}]'`

    Fails:

        live "aws_ami" "web" {
          public = true
        }

    Passes:

        live "aws_ami" "web" {
          public = false
        }
    """
    return f"{image.id} can be launched by anyone" if image["public"] else None
