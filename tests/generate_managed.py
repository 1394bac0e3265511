"""What AWS's own policies say of the actions by which rights are raised, cut from the copy of them that moto keeps."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data

from checks.policy import parse
from checks.rights import ACTIONS, every, reaches_every


def managed() -> str:
    """``checks/aws_managed.json``: one line a policy."""
    found: dict[str, Any] = json.loads(aws_managed_policies_data)
    head = {
        "source": f"iam:GetPolicyVersion of each policy of AWS's own, as moto {version('moto')} keeps them",
        "newest": max(each.get("UpdateDate") or each["CreateDate"] for each in found.values()),
    }
    told = (f"  {json.dumps(name)}: {line(found[name]['Document']['Statement'])}" for name in sorted(found))
    return json.dumps(head, indent=1).removesuffix("\n}") + ',\n "policies": {\n' + ",\n".join(told) + "\n }\n}\n"


def line(statements: Any) -> str:
    return json.dumps(abridged(statements if isinstance(statements, list) else [statements]), separators=(",", ":"))


def abridged(policy: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What of a policy's statements, as JSON, matters to the paths: what ``aws_managed.json`` keeps of each."""
    return [each for statement in policy if (each := _abridged(statement))]


def _abridged(statement: Mapping[str, Any]) -> dict[str, Any] | None:
    [read] = parse({"Statement": statement})
    if read.every_action and read.every_resource:
        return {name: statement[name] for name in ("Effect", "Action", "Resource") if name in statement}
    touched = [action for action in ACTIONS if read.touches(action) and reaches_every(read, action)]
    if not touched:
        return None
    resources = sorted({each for each in read.resources if any(every(each, action) for action in touched)})
    about = {"Effect": statement["Effect"], "Action": touched, "Resource": resources or "*"}
    return about | ({"Condition": statement["Condition"]} if statement.get("Condition") else {})
