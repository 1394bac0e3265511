"""Keys of KMS as other things name them: by id or ARN, or by an alias, of which only the aliases tell the key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from state.noise import SAME, Difference, Rule, either
from state.resource import Unknown

Said = tuple[str, str, str]
"""Account, region, and what stands at the end of an ARN: ``key/…`` or ``alias/…``."""

_ARN = re.compile(r"arn:[^:]+:kms:([^:]+):(\d+):((?:key|alias)/.+)")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}")
_NAMED = re.compile("kms|encryption_?key|^key_id$", re.IGNORECASE)


def same_key(found: Difference) -> str:
    """Whether both sides name one key. An alias of another account or region was not read, and may be any key's."""
    said, runs = (_said(each, found) for each in (found.declared, found.live))
    if said is None or runs is None:
        return ""
    key = _key(said, found)
    return SAME if said == runs or (key is not None and key == _key(runs, found)) else ""


def asks(rule: Rule, declared: Iterable[Any]) -> bool:
    """Whether a rule is asked at all: that of keys where something is declared by an alias, which costs a call."""
    return rule is not same_key or any("alias/" in str(each) for each in declared)


def _said(value: Any, found: Difference) -> Said | None:
    if not isinstance(value, str):
        return None
    if arn := _ARN.fullmatch(value):
        return arn[2], arn[1], arn[3]
    here = found.actual.account, found.actual.region
    if _ID.fullmatch(value):
        return *here, f"key/{value}"
    return (*here, value) if value.startswith(("alias/", "key/")) else None


def _key(said: Said, found: Difference) -> Said | None:
    """The key that is meant; None where an alias is nobody's."""
    account, region, name = said
    if name.startswith("key/"):
        return said
    if (account, region) != (found.actual.account, found.actual.region):
        raise Unknown(f"{name} of {account} {region} was not read")
    for alias in found.among.near(found.actual, "aws_kms_alias", name=name):
        return (account, region, f"key/{alias['target_key_id']}") if alias["target_key_id"] else None
    return None


def excuses(paths: Mapping[str, str], own: Mapping[str, Rule]) -> Mapping[str, Rule]:
    """The rules of a type, and that of keys for the attributes that are, or hold, one: by the path in AWS's words."""
    keys = [name for name, path in paths.items() if _NAMED.search(name) or _NAMED.search(path)]
    return {**own, **{name: either(own[name], same_key) if name in own else same_key for name in keys}}
