"""AWS IAM: policies of AWS's own that nobody, or not everybody, should hold."""

from __future__ import annotations

from checks.check import Category, Severity, check
from checks.iam_policies import ADMINISTRATOR, ATTACHMENTS, holder, made_by_aws
from state import Inventory, Resource

CLOUD_SHELL = ":iam::aws:policy/AWSCloudShellFullAccess"


@check(
    "aws_iam_user_policy_attachment",
    severity=Severity.CRITICAL,
    category=Category.IAM,
    pci_4="7.2.1;7.2.2;7.2.5;7.3.1;7.3.2;7.3.3;8.2.7;8.2.8;8.3.4",
)
def iam_user_administrator_access(attachment: Resource, inventory: Inventory) -> str | None:
    """User has AdministratorAccess attached.

    A user's password and keys live long and travel far; with this policy whoever finds one owns the
    account. No user is exempt, a role for emergencies serves better.

    Fix: give people a role of IAM Identity Center, and machines a role for their task.

    Fails:

        resource "aws_iam_user_policy_attachment" "ann" {
          user       = "ann"
          policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
        }

    Passes:

        resource "aws_iam_user_policy_attachment" "ann" {
          user       = "ann"
          policy_arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
        }
    """
    return f"{holder(attachment)} has AdministratorAccess" if attachment["policy_arn"].endswith(ADMINISTRATOR) else None


@check(
    "aws_iam_group_policy_attachment",
    severity=Severity.HIGH,
    category=Category.IAM,
)
def iam_group_administrator_access(attachment: Resource, inventory: Inventory) -> str | None:
    """Group has AdministratorAccess attached.

    Every member of the group owns the account, with credentials that live long; and who is a member is
    soon forgotten.

    Fix: give people a role of IAM Identity Center, and the group what its task needs.

    Fails:

        resource "aws_iam_group_policy_attachment" "ops" {
          group      = "ops"
          policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
        }

    Passes:

        resource "aws_iam_group_policy_attachment" "ops" {
          group      = "ops"
          policy_arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
        }
    """
    return f"{holder(attachment)} has AdministratorAccess" if attachment["policy_arn"].endswith(ADMINISTRATOR) else None


@check(
    *ATTACHMENTS,
    severity=Severity.MEDIUM,
    category=Category.IAM,
    cis_3_0="1.22",
    cis_5_0="1.21",
    cis_6_0="2.21",
    cis_7_0="2.20",
    pci_4="7.2.1;7.2.2;7.2.3;7.2.5;7.3.1;7.3.2;7.3.3;8.2.7;8.2.8;8.3.4",
)
def iam_policy_cloudshell_full(attachment: Resource, inventory: Inventory) -> str | None:
    """AWSCloudShellFullAccess is attached to a principal.

    The policy allows files to be carried into and out of CloudShell, past whatever watches the network.

    Fix: attach a policy that allows CloudShell without `cloudshell:GetFileDownloadUrls` and
    `cloudshell:GetFileUploadUrls`.

    Fails:

        resource "aws_iam_role_policy_attachment" "shell" {
          role       = "developer"
          policy_arn = "arn:aws:iam::aws:policy/AWSCloudShellFullAccess"
        }

    Passes:

        resource "aws_iam_role_policy_attachment" "shell" {
          role       = "developer"
          policy_arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
        }
    """
    if made_by_aws(attachment) or not attachment["policy_arn"].endswith(CLOUD_SHELL):
        return None
    return f"{holder(attachment)} has AWSCloudShellFullAccess"
