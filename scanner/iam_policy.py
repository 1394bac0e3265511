"""The least-privilege policies, generated from what the collectors declare and from nothing else."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from scanner.collectors import collectors

SESSION = ("ec2:DescribeRegions", "sts:GetCallerIdentity")
"""What a scan asks before it reads anything: who it is, and which regions are enabled."""

MANAGED_POLICY_LIMIT = 6144
"""Characters of a customer-managed policy, white space not counted.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

STATES = "arn:${partition}:s3:::${state_bucket}"
DATABASE = "arn:${partition}:s3:::${database_bucket}"


def actions() -> list[str]:
    """Every IAM action that a full scan needs, sorted."""
    return sorted({*SESSION, *(action for each in collectors() for action in each.permissions)})


def audit() -> dict[str, Any]:
    """The policy of the identity that scans: these actions on every resource, and none that writes."""
    by_service: dict[str, list[str]] = defaultdict(list)
    for action in actions():
        by_service[action.partition(":")[0]].append(action)
    return _policy(
        {"Sid": f"Read{service.title().replace('-', '')}", "Effect": "Allow", "Action": names, "Resource": "*"}
        for service, names in sorted(by_service.items())
    )


def delivery() -> dict[str, Any]:
    """The policy of the identity that reads states and keeps the database; fill in the bucket names."""
    return _policy(
        [
            {"Sid": "FindStates", "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": [STATES]},
            {"Sid": "ReadStates", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": [f"{STATES}/*"]},
            {
                "Sid": "KeepDatabase",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject"],
                "Resource": [f"{DATABASE}/*"],
            },
            {"Sid": "FindDatabase", "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": [DATABASE]},
        ]
    )


def _policy(statements: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def render(form: str, *, for_delivery: bool = False) -> str:
    """A policy as ``json``, as a ``terraform`` data source or as a ``cloudformation`` template."""
    policy = delivery() if for_delivery else audit()
    return {"json": _json, "terraform": _terraform, "cloudformation": _cloudformation}[form](policy)


def _json(policy: dict[str, Any]) -> str:
    return json.dumps(policy, indent=2) + "\n"


def _terraform(policy: dict[str, Any]) -> str:
    lines = ['data "aws_iam_policy_document" "driftline" {']
    for statement in policy["Statement"]:
        lines += ["  statement {", f'    sid       = "{statement["Sid"]}"']
        lines += [
            f"    actions   = {_list(statement['Action'])}",
            f"    resources = {_list(statement['Resource'])}",
            "  }",
        ]
    return "\n".join([*lines, "}", ""])


def _list(values: str | list[str]) -> str:
    names = [values] if isinstance(values, str) else values
    inner = "".join(f'\n      "{each}",' for each in names)
    return f'["{names[0]}"]' if len(names) == 1 else f"[{inner}\n    ]"


def _cloudformation(policy: dict[str, Any]) -> str:
    resource = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {
            "Description": "What Driftline reads. Generated: driftline iam-policy.",
            "PolicyDocument": policy,
        },
    }
    return _json({"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"DriftlinePolicy": resource}})
