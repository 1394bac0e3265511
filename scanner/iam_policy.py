"""The least-privilege policies, generated from what the collectors declare and from nothing else.

Two identities: the *audit* identity looks at an account, and only that; the *delivery* identity
runs the task. It reads states, keeps the database, reads the webhook's URL and may become the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from scanner.aws.collector import Collector
from scanner.aws.operations import PAID, PRICES, WHO, action
from scanner.collectors import collectors

SESSION = ("ec2:DescribeRegions", "sts:GetCallerIdentity")
"""What a scan asks before it reads anything: who it is, and which regions are enabled."""

MANAGED_POLICY_LIMIT = 6144
"""Characters of a customer-managed policy, white space not counted.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

Policy = dict[str, Any]


class Given(NamedTuple):
    """An ARN that whoever uses the policy has to say, and what follows it."""

    name: str
    path: str = ""


GIVEN = ("state_bucket_arn", "database_bucket_arn", "slack_secret_arn", "audit_role_arn")


def actions(
    of: Iterable[Collector] | None = None, *, who: bool = False, paid: bool = False, prices: bool = False
) -> list[str]:
    """Every IAM action that a scan by these collectors needs, by all where none are named; sorted.

    Those that AWS charges for are needed only where somebody is ready to pay, and the Price List where it is told what
    failures cost.
    """
    asked = map(action, (*(WHO if who else ()), *(PRICES if prices else ())))
    found = {*SESSION, *asked, *(name for each in of or collectors() for name in each.permissions)}
    return sorted(found if paid else found.difference(map(action, PAID)))


def audit(limit: int = MANAGED_POLICY_LIMIT, of: Iterable[Collector] | None = None, **more: bool) -> list[Policy]:
    """The policy of the identity that scans: these actions on every resource, and none that writes.

    Several policies where one would pass IAM's limit, each as full as can be. ``more`` is what ``actions`` takes.
    """
    needed = [_allow(_sid(each), [each], "*") for each in actions(of, **more)]
    denied = [NO_KEYS] if any(each["Action"] == NO_KEYS["Action"] for each in needed) else []
    return list(_within(limit, [*needed, *denied]))


def _sid(action: str) -> str:
    return f"Read{action.partition(':')[0].title().replace('-', '')}"


NO_KEYS = {
    "Sid": "NoKeysOfApis",
    "Effect": "Deny",
    "Action": ["apigateway:GET"],
    "Resource": ["arn:*:apigateway:*::/apikeys/*", "arn:*:apigateway:*::/usageplans/*/keys*"],
}
"""API Gateway's one reading action also reads the values of its keys, and only their paths tell it apart.

Not so for the list of them, which is read without the values that it can be asked for.
"""


def delivery() -> Policy:
    """The policy of the identity that runs the task."""
    state, database, secret, role = map(Given, GIVEN)
    return _policy(
        [
            _allow("FindStates", ["s3:ListBucket"], state),
            _allow("ReadStates", ["s3:GetObject"], Given(state.name, "/*")),
            _allow("FindDatabase", ["s3:ListBucket"], database),
            _allow("KeepDatabase", ["s3:GetObject", "s3:PutObject"], Given(database.name, "/*")),
            _allow("ReadSlackWebhook", ["secretsmanager:GetSecretValue"], secret),
            _allow("Look", ["sts:AssumeRole"], role),
        ]
    )


def _allow(sid: str, names: list[str], resource: str | Given) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": names, "Resource": resource}


def _policy(statements: Iterable[dict[str, Any]]) -> Policy:
    return {"Version": "2012-10-17", "Statement": list(statements)}


# --- IAM's limit ------------------------------------------------------------------------------------


def size(policy: Policy) -> int:
    """How long IAM finds a policy."""
    return len(json.dumps(policy, separators=(",", ":")))


def _within(limit: int, statements: Iterable[dict[str, Any]]) -> Iterator[Policy]:
    """The statements, those with one Sid as one, in policies of at most this size."""
    full: list[dict[str, Any]] = []
    for each in statements:
        if size(_policy([each])) > limit:
            raise ValueError(f"{each['Sid']} alone is more than {limit} characters")
        if size(_policy(more := _joined(full, each))) > limit:
            yield _policy(full)
            more = [each]
        full = more
    yield _policy(full)


def _joined(statements: list[dict[str, Any]], one: dict[str, Any]) -> list[dict[str, Any]]:
    if statements and (last := statements[-1])["Sid"] == one["Sid"]:
        return [*statements[:-1], last | {"Action": [*last["Action"], *one["Action"]]}]
    return [*statements, one]


# --- renderings -------------------------------------------------------------------------------------


def render(
    form: str,
    *,
    for_delivery: bool = False,
    limit: int = MANAGED_POLICY_LIMIT,
    of: Iterable[Collector] | None = None,
    **more: bool,
) -> str:
    """The policy as ``json``, as a ``terraform`` data source or as a ``cloudformation`` template.

    Where there are several, JSON is a list of them, and the others number theirs. ``of`` narrows it
    to what these collectors need; with ``who`` it also lets CloudTrail be asked who did it, with ``prices`` the Price
    List, and with ``paid`` what costs money.
    """
    policies = [delivery()] if for_delivery else audit(limit, of, **more)
    return {"json": _json, "terraform": _terraform, "cloudformation": _cloudformation}[form](policies)


def _json(policies: list[Policy]) -> str:
    """ARNs to be given stand as STATE_BUCKET_ARN."""
    found = [_with(policy, lambda given: f"{given.name.upper()}{given.path}") for policy in policies]
    return json.dumps(found[0] if len(found) == 1 else found, indent=2) + "\n"


def _with(policy: Policy, spell: Any) -> Policy:
    """The policy with its given ARNs spelled as a form has it."""
    return _policy(
        each | {"Resource": spell(each["Resource"])} if isinstance(each["Resource"], Given) else each
        for each in policy["Statement"]
    )


def _given(policies: list[Policy]) -> list[str]:
    found = [each["Resource"] for policy in policies for each in policy["Statement"]]
    return list(dict.fromkeys(each.name for each in found if isinstance(each, Given)))


def _numbered(name: str, policies: list[Policy]) -> list[tuple[str, Policy]]:
    if len(policies) == 1:
        return [(name, policies[0])]
    return [(f"{name}{n}", policy) for n, policy in enumerate(policies, 1)]


def _terraform(policies: list[Policy]) -> str:
    lines = [line for name in _given(policies) for line in (f'variable "{name}" {{ type = string }}', "")]
    for name, policy in _numbered("driftline", policies):
        lines.append(f'data "aws_iam_policy_document" "{name}" {{')
        for each in policy["Statement"]:
            lines += ["  statement {", *_about(each), "    actions = ["]
            lines += [f'      "{action}",' for action in each["Action"]]
            lines += ["    ]", f"    resources = [{', '.join(map(_hcl, _many(each['Resource'])))}]", "  }"]
        lines += ["}", ""]
    return "\n".join(lines[:-1]) + "\n"


def _about(statement: dict[str, Any]) -> list[str]:
    """Terraform lines up what stands on neighbouring lines."""
    if statement["Effect"] == "Allow":
        return [f'    sid = "{statement["Sid"]}"']
    return [f'    sid    = "{statement["Sid"]}"', f'    effect = "{statement["Effect"]}"']


def _many(resource: Any) -> list[Any]:
    return resource if isinstance(resource, list) else [resource]


def _hcl(resource: str | Given) -> str:
    if isinstance(resource, str):
        return f'"{resource}"'
    return f'"${{var.{resource.name}}}{resource.path}"' if resource.path else f"var.{resource.name}"


def _cloudformation(policies: list[Policy]) -> str:
    template: dict[str, Any] = {"AWSTemplateFormatVersion": "2010-09-09"}
    if names := _given(policies):
        template["Parameters"] = {_camel(name): {"Type": "String"} for name in names}
    template["Resources"] = {
        name: {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {
                "Description": "Generated: driftline iam-policy.",
                "PolicyDocument": _with(policy, lambda given: {"Fn::Sub": f"${{{_camel(given.name)}}}{given.path}"}),
            },
        }
        for name, policy in _numbered("DriftlinePolicy", policies)
    }
    return json.dumps(template, indent=2) + "\n"


def _camel(name: str) -> str:
    return name.title().replace("_", "")
