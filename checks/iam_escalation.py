"""AWS IAM: what a principal may do by all of its policies together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import msgspec

from checks.check import Category, Fault, Severity, check, evidence_of
from checks.iam_policies import made_by_aws
from checks.policy import Policy, grants_everything, parse
from checks.rights import of_aws, way_up
from state import Inventory, Resource, Unknown

KINDS = {"aws_iam_role": "role", "aws_iam_user": "user", "aws_iam_group": "group"}
ATTACHED = {
    "role": "aws_iam_role_policy_attachment",
    "user": "aws_iam_user_policy_attachment",
    "group": "aws_iam_group_policy_attachment",
}
INLINE = {"role": "aws_iam_role_policy", "user": "aws_iam_user_policy", "group": "aws_iam_group_policy"}

Part = TypeVar("Part")


class Held(msgspec.Struct):
    """What could be seen of a principal's policies, by attachment or inline policy, and why the rest could not."""

    pieces: list[tuple[Resource, Policy]] = []
    doubts: list[Unknown] = []

    def asked(self, question: Callable[[], Sequence[Part] | None]) -> Sequence[Part]:
        try:
            return question() or ()
        except Unknown as doubt:
            self.doubts.append(doubt)
            return ()

    def add(self, near: Resource, kind: str, name: str, inventory: Inventory) -> None:
        by = {kind: name}
        for each in self.asked(lambda: inventory.near(near, INLINE[kind], **by)):
            self.pieces += self.asked(partial(_inline, each))
        for each in self.asked(lambda: inventory.near(near, ATTACHED[kind], **by)):
            self.pieces += self.asked(partial(_attached, each, inventory))

    @property
    def evidence(self) -> dict[str, Any]:
        granting = (each for each, policy in self.pieces if any(statement.allows for statement in policy))
        return {name: said for each in granting for name, said in evidence_of(each, "policy", "policy_arn").items()}


def _inline(policy: Resource) -> list[tuple[Resource, Policy]]:
    return [(policy, parse(policy["policy"]))]


def _attached(attachment: Resource, inventory: Inventory) -> list[tuple[Resource, Policy]]:
    return [(attachment, document(attachment["policy_arn"], attachment, inventory))]


@check(
    *KINDS,
    severity=Severity.HIGH,
    category=Category.IAM,
)
def iam_privilege_escalation_principal(principal: Resource, inventory: Inventory) -> Fault | None:
    """All policies of one principal taken together allow it to become administrator.

    Each policy may look harmless: one passes any role, another starts machines. Attached and inline
    policies are taken together, a user's with those of its groups, within its permissions boundary. Only
    paths to any right count here; to take over what runs already does not, since how far that leads hangs
    on what runs. Who is an administrator already is found as that, and what AWS made is exempt.

    Fix: name the roles that may be passed, and take actions on IAM away or bind them with
    `iam:PermissionsBoundary`; or give the principal a permissions boundary.

    Fails:

        resource "aws_iam_role" "deployer" {
          name                 = "deployer"
          permissions_boundary = null
        }

        resource "aws_iam_role_policy" "pass" {
          role = "deployer"
          name = "pass"
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = "iam:PassRole", Resource = "*" }]
          })
        }

        resource "aws_iam_role_policy_attachment" "machines" {
          role       = "deployer"
          policy_arn = "arn:aws:iam::aws:policy/AmazonEC2FullAccess"
        }

    Fails:

        resource "aws_iam_user" "ann" {
          name                 = "ann"
          permissions_boundary = null
        }

        resource "aws_iam_user_group_membership" "ann" {
          user   = "ann"
          groups = ["ops"]
        }

        resource "aws_iam_policy" "keys" {
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = "iam:CreateAccessKey", Resource = "*" }]
          })
        }

        resource "aws_iam_group_policy_attachment" "keys" {
          group      = "ops"
          policy_arn = aws_iam_policy.keys.arn
        }

    Passes:

        resource "aws_iam_role" "deployer" {
          name                 = "deployer"
          permissions_boundary = null
        }

        resource "aws_iam_role_policy" "pass" {
          role = "deployer"
          name = "pass"
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = "iam:PassRole", Resource = "arn:aws:iam::*:role/web" }]
          })
        }

        resource "aws_iam_role_policy_attachment" "machines" {
          role       = "deployer"
          policy_arn = "arn:aws:iam::aws:policy/AmazonEC2FullAccess"
        }

    Passes:

        resource "aws_iam_user" "ann" {
          name                 = "ann"
          permissions_boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
        }

        resource "aws_iam_user_policy" "keys" {
          user = "ann"
          name = "keys"
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = "iam:CreateAccessKey", Resource = "*" }]
          })
        }

        resource "aws_iam_user_group_membership" "ann" {
          user   = "ann"
          groups = []
        }
    """
    if made_by_aws(principal):
        return None
    held = _held(principal, inventory)
    statements = [statement for _, policy in held.pieces for statement in policy]
    if grants_everything(statements):
        return None
    way = way_up(statements, _bounds(principal, inventory))
    if way is None and held.doubts:
        raise held.doubts[0]
    return Fault(f"{way.label} on everything makes {principal.name} an administrator", held.evidence) if way else None


def _held(principal: Resource, inventory: Inventory) -> Held:
    """A principal's policies, and those of a user's groups."""
    held, name = Held(), principal["name"]
    held.add(principal, KINDS[principal.type], name, inventory)
    if principal.type == "aws_iam_user":
        for each in held.asked(lambda: inventory.near(principal, "aws_iam_user_group_membership", user=name)):
            for group in held.asked(partial(each.__getitem__, "groups")):
                held.add(principal, "group", group, inventory)
    return held


def _bounds(principal: Resource, inventory: Inventory) -> list[Policy]:
    """What a permissions boundary leaves at most; a group has none."""
    arn = None if principal.type == "aws_iam_group" else principal["permissions_boundary"]
    return [document(arn, principal, inventory)] if arn else []


def document(arn: str, near: Resource, inventory: Inventory) -> Policy:
    """What a managed policy allows, AWS's own or one of the account's."""
    if (said := of_aws(arn)) is not None:
        return said
    for each in inventory.near(near, "aws_iam_policy", arn=arn):
        return parse(each["policy"])
    raise Unknown(f"{arn} is not among the policies that were read")
