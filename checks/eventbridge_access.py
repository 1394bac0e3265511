"""Amazon EventBridge: who may put events on a bus."""

from __future__ import annotations

from typing import Any

import msgspec

from checks.check import Category, Severity, check
from checks.policy import Policy, Statement, opens_to_anyone, parse
from state import Inventory, Resource

ACTIONS = ("events:*",)


@check(
    "aws_cloudwatch_event_permission",
    "aws_cloudwatch_event_bus_policy",
    severity=Severity.HIGH,
    category=Category.PUBLIC_EXPOSURE,
    cis_7_0="2.21",
)
def eventbridge_bus_public(policy: Resource, inventory: Inventory) -> str | None:
    """Event bus policy admits anyone.

    Anyone with an AWS account can put events on the bus that your rules then act on. Of a policy each
    statement that has a name is judged as the `aws_cloudwatch_event_permission` that it is, and the
    others with the policy, so that each is found once. What events say (`events:source`) closes
    nothing: callers write it.

    Fix: name the accounts, or the organisation with `aws:PrincipalOrgID`.

    Fails:

        resource "aws_cloudwatch_event_permission" "all" {
          principal      = "*"
          statement_id   = "all"
          action         = "events:PutEvents"
          event_bus_name = "orders"
        }

    Fails:

        resource "aws_cloudwatch_event_bus_policy" "orders" {
          event_bus_name = "orders"
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Principal = "*", Action = "events:PutEvents", Resource = "*" }]
          })
        }

    Passes:

        resource "aws_cloudwatch_event_permission" "all" {
          principal      = "*"
          statement_id   = "all"
          action         = "events:PutEvents"
          event_bus_name = "orders"

          condition {
            key   = "aws:PrincipalOrgID"
            type  = "StringEquals"
            value = "o-a1b2c3d4e5"
          }
        }
    """
    statement = _opened(policy, inventory)
    return f"{statement.label} lets anyone put events on {policy['event_bus_name']}" if statement else None


def _opened(policy: Resource, inventory: Inventory) -> Statement | None:
    if policy.type == "aws_cloudwatch_event_bus_policy":
        return opens_to_anyone(_named(parse(policy["policy"]), ""), ACTIONS)
    if policy.declared is not None and "principal" not in {*policy.attributes, *policy.unknown}:
        return _in_whole(policy, inventory)
    return opens_to_anyone(_alone(policy), ACTIONS)


def _named(policy: Policy, sid: str) -> Policy:
    """A policy with only that grant of it which has this name, and with all its denials."""
    return [each for each in policy if not each.allows or each.sid == sid]


def _in_whole(permission: Resource, inventory: Inventory) -> Statement | None:
    """One statement of a policy that the code declares as a whole, which the permission only names."""
    bus, sid = permission["event_bus_name"], permission["statement_id"]
    for whole in inventory.near(permission, "aws_cloudwatch_event_bus_policy", event_bus_name=bus):
        return opens_to_anyone(_named(parse(whole["policy"]), sid), ACTIONS)
    return None


def _alone(permission: Resource) -> Policy:
    """The statement that a permission is."""
    conditions: dict[str, dict[str, Any]] = {}
    for each in permission["condition"] or ():
        conditions.setdefault(each["type"], {})[each["key"]] = _listed(each["value"])
    return parse(
        {
            "Statement": {
                "Sid": permission["statement_id"],
                "Effect": "Allow",
                "Principal": {"AWS": _listed(permission["principal"])},
                "Action": str(permission["action"] or "events:PutEvents").split(", "),
                "Resource": "*",
                "Condition": conditions,
            }
        }
    )


def _listed(value: Any) -> Any:
    """Where AWS holds a list, the collector tells it as JSON."""
    if not isinstance(value, str) or not value.startswith(("[", "{")):
        return value
    found = msgspec.json.decode(value)
    return found if isinstance(found, list) else [each for group in found.values() for each in _many(group)]


def _many(group: Any) -> list[Any]:
    return group if isinstance(group, list) else [group]
