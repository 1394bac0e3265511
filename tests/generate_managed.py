"""What AWS's own policies say of the actions by which rights are raised, cut from the copy of them that moto keeps."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data

from checks.rights import abridged


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
