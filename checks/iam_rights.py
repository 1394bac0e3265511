"""AWS IAM: what a customer's policies allow beyond their task."""

from __future__ import annotations

import re
from collections.abc import Callable

from checks.check import Category, Fault, Severity, check, evidence_of
from checks.conditions import leaves_whole
from checks.doubt import all_of, any_of, unless
from checks.iam_policies import INLINE, attached, holder, made_by_aws
from checks.policy import Policy, Statement, grants_everything, parse
from checks.rights import ASSUME_ROLE, PASS_ROLE, TAKING_OVER, WAYS, Way, allowed, way_up
from state import Inventory, Resource

WHOLE_SERVICE = re.compile(r"[a-z0-9-]+:[*?]*\*[*?]*", re.IGNORECASE)
BOUNDED = ("aws_iam_role", "aws_iam_user")

Found = Callable[[Policy], Statement | None]


def beyond(policy: Resource, inventory: Inventory, found: Found) -> Statement | None:
    """The statement that allows too much, where the policy does not allow everything anyhow, and grants at all.

    What AWS made, and a policy that only bounds what others allow, grants nothing that could be narrowed.
    """

    def judged() -> Statement | None:
        statements = parse(policy["policy"])
        statement = found(statements)
        return None if statement is None or grants_everything(statements) else statement

    return unless(lambda: made_by_aws(policy) or only_bounds(policy, inventory), judged)


def only_bounds(policy: Resource, inventory: Inventory) -> bool:
    """Whether a policy is somebody's permissions boundary, and attached to nobody."""
    if policy.type != "aws_iam_policy":
        return False
    arn = policy["arn"]
    bounds = any_of(lambda type: bool(inventory.near(policy, type, permissions_boundary=arn)), BOUNDED)
    return bool(bounds) and attached(policy, inventory) is None


@check(
    "aws_iam_policy",
    *INLINE,
    severity=Severity.MEDIUM,
    category=Category.IAM,
    fsbp="IAM.21",
    pci_4="3.5.1.1;3.5.1.3;3.6.1;3.6.1.2;3.6.1.3;3.6.1.4;3.7.1;3.7.2;3.7.4;3.7.6;3.7.7;4.2.1.1;7.2.1;7.2.2;7.2.3;7.2.5;7.3.1;7.3.2;7.3.3;8.2.7;8.2.8;8.3.4",
    soc2="cc_3_3",
)
def iam_policy_service_wildcard(policy: Resource, inventory: Inventory) -> str | None:
    """Customer policy grants service:* on all resources.

    All of a service is more than any task asks for: to delete, to change who may do what, and whatever
    AWS adds to it. A policy that names its resources is exempt, as is one that allows everything, which
    is found as that, and one that only bounds what others allow.

    Fix: list the actions; IAM Access Analyzer writes a policy from what was used.

    Fails:

        resource "aws_iam_role_policy" "queues" {
          role = "worker"
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = "*" }]
          })
        }

    Passes:

        resource "aws_iam_role_policy" "queues" {
          role = "worker"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [
              { Effect = "Allow", Action = "sqs:*", Resource = "arn:aws:sqs:eu-west-1:123456789012:orders" },
              { Effect = "Allow", Action = ["sqs:List*", "sqs:Get*"], Resource = "*" },
            ]
          })
        }

    Passes:

        resource "aws_iam_policy" "most" {
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = "*" }]
          })
        }

        resource "aws_iam_role" "worker" {
          name                 = "worker"
          permissions_boundary = aws_iam_policy.most.arn
        }
    """
    statement = beyond(policy, inventory, _whole_service)
    return (
        f"{statement.label} allows {', '.join(filter(WHOLE_SERVICE.fullmatch, statement.actions))}"
        if statement
        else None
    )


def _whole_service(policy: Policy) -> Statement | None:
    def open(each: Statement) -> Statement | None:
        return each if all_of(leaves_whole, each.conditions) else None

    whole = (each for each in policy if each.allows and each.every_resource)
    return any_of(open, (each for each in whole if any(map(WHOLE_SERVICE.fullmatch, each.actions))))


@check(
    "aws_iam_policy",
    *INLINE,
    severity=Severity.HIGH,
    category=Category.IAM,
)
def iam_policy_passrole_wildcard(policy: Resource, inventory: Inventory) -> str | None:
    """Policy allows iam:PassRole on every role.

    Who may pass any role to something of their own may do what the strongest role may. A condition on
    the service that it is passed to (`iam:PassedToService`) is a remedy, as IAM Access Analyzer has it;
    one on how the holder signed in is none. A policy that allows everything is found as that.

    Fix: name the roles, or a path of them, and add `iam:PassedToService`.

    Fails:

        resource "aws_iam_role_policy" "deploy" {
          role = "deployer"
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = "iam:PassRole", Resource = "arn:aws:iam::*:role/*" }]
          })
        }

    Passes:

        resource "aws_iam_role_policy" "deploy" {
          role = "deployer"
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = "iam:PassRole", Resource = "arn:aws:iam::*:role/task-*" }]
          })
        }

    Passes:

        resource "aws_iam_role_policy" "deploy" {
          role = "deployer"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Action    = "iam:PassRole"
              Resource  = "*"
              Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
            }]
          })
        }

    Passes:

        resource "aws_iam_policy" "most" {
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = "iam:PassRole", Resource = "*" }]
          })
        }

        resource "aws_iam_role" "worker" {
          name                 = "worker"
          permissions_boundary = aws_iam_policy.most.arn
        }
    """
    statement = beyond(policy, inventory, lambda each: allowed(each, PASS_ROLE))
    return f"{statement.label} allows iam:PassRole on every role" if statement else None


@check(
    "aws_iam_policy",
    *INLINE,
    severity=Severity.HIGH,
    category=Category.IAM,
)
def iam_policy_assume_any_role(policy: Resource, inventory: Inventory) -> str | None:
    """Policy allows sts:AssumeRole on every role.

    Each role that trusts the account as a whole, as most made by hand do, is then the holder's. Every
    role of one account is as much as every role. A policy that allows everything is found as that.

    Fix: name the roles that the holder is meant to take.

    Fails:

        resource "aws_iam_policy" "hop" {
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = "*" }]
          })
        }

    Passes:

        resource "aws_iam_policy" "hop" {
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = "arn:aws:iam::*:role/audit" }]
          })
        }

    Passes:

        resource "aws_iam_policy" "most" {
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = "*" }]
          })
        }

        resource "aws_iam_role" "worker" {
          name                 = "worker"
          permissions_boundary = aws_iam_policy.most.arn
        }
    """
    statement = beyond(policy, inventory, lambda each: allowed(each, ASSUME_ROLE))
    return f"{statement.label} allows sts:AssumeRole on every role" if statement else None


# --- escalation ---------------------------------------------------------------------------------


def climbs(policy: Resource) -> Way | None:
    """The path by which a policy's holder gets more than it says; one that allows everything leaves no more to get."""
    statements = parse(policy["policy"])
    way = way_up(statements, ways=(*WAYS, *TAKING_OVER))
    return None if way is None or grants_everything(statements) else way


@check(
    "aws_iam_policy",
    severity=Severity.HIGH,
    category=Category.IAM,
    well_architected_security="SEC02-BP06",
)
def iam_privilege_escalation_managed(policy: Resource, inventory: Inventory) -> Fault | None:
    """Customer policy lets its holder raise its own rights.

    Some actions are as good as all of them: to rewrite a policy, to make a key for somebody stronger, to
    pass a strong role to a machine of one's own, to change the code of a function that has one. It counts
    where it reaches every user, role or policy; Prowler counts it on named ones too. A policy that nobody
    holds is exempt, as is one that allows everything, which is found as that.

    Fix: name the roles and policies that the holder may touch, or bind what it makes with
    `iam:PermissionsBoundary`.

    Fails:

        resource "aws_iam_policy" "deploy" {
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = ["iam:PassRole", "ec2:RunInstances"], Resource = "*" }]
          })
        }

        resource "aws_iam_role_policy_attachment" "deploy" {
          role       = "deployer"
          policy_arn = aws_iam_policy.deploy.arn
        }

    Passes:

        resource "aws_iam_policy" "deploy" {
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [
              { Effect = "Allow", Action = "ec2:RunInstances", Resource = "*" },
              { Effect = "Allow", Action = "iam:PassRole", Resource = "arn:aws:iam::123456789012:role/web" },
            ]
          })
        }

        resource "aws_iam_role_policy_attachment" "deploy" {
          role       = "deployer"
          policy_arn = aws_iam_policy.deploy.arn
        }
    """

    def found() -> Fault | None:
        way = climbs(policy)
        held = attached(policy, inventory) if way else None
        if way is None or held is None:
            return None
        return Fault(f"{way.label} on everything lets {holder(held)} raise its rights", evidence_of(held, "policy_arn"))

    return unless(lambda: made_by_aws(policy), found)


@check(
    *INLINE,
    severity=Severity.HIGH,
    category=Category.IAM,
    soc2="cc_3_3",
)
def iam_privilege_escalation_inline(policy: Resource, inventory: Inventory) -> str | None:
    """Inline policy lets its holder raise its own rights.

    The same as for managed policies, and harder to see: inline policies show in no list. To act on
    oneself alone, as on `user/${aws:username}`, is no way up.

    Fix: name the roles and policies that the holder may touch, or bind what it makes with
    `iam:PermissionsBoundary`.

    Fails:

        resource "aws_iam_user_policy" "keys" {
          user = "ann"
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = "iam:CreateAccessKey", Resource = "*" }]
          })
        }

    Passes:

        resource "aws_iam_user_policy" "keys" {
          user = "ann"
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = "iam:CreateAccessKey", Resource = "arn:aws:iam::*:user/ann" }]
          })
        }
    """
    way = None if made_by_aws(policy) else climbs(policy)
    return f"{way.label} on everything lets {holder(policy)} raise its rights" if way else None
