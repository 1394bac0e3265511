"""Writes provider_schema.json: what the AWS provider's schemas say of the types that have a collector.

    python tests/data/make_provider_schema.py SCHEMA_5.json.gz SCHEMA_6.json.gz [MORE_TYPES…]

A SCHEMA is `terraform providers schema -json`, compacted: under ``types`` an attribute is [type, flags]
or {"t": type}, a block {"n": nesting, "b": attributes}. Where two differ, the first is right.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from scanner.collectors import collectors  # noqa: E402

OUTPUT = Path(__file__).with_name("provider_schema.json")


def cut(attributes: dict[str, Any]) -> dict[str, Any]:
    """``"string"``, ``"string!"`` for a sensitive one, ``["list", {…}]`` for a block."""
    return {name: _cut(each) for name, each in attributes.items() if name != "timeouts"}


def _cut(each: Any) -> Any:
    if isinstance(each, list):
        return f"{each[0]}!" if "s" in each[1] else each[0]
    return [each["n"], cut(each["b"])] if "b" in each else each["t"]


def merged(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """The attributes of both, blocks by their attributes."""
    whole = second | first
    for name in first.keys() & second.keys():
        if isinstance(first[name], list) and isinstance(second[name], list):
            whole[name] = [first[name][0], merged(first[name][1], second[name][1])]
    return dict(sorted(whole.items()))


def read(source: str) -> dict[str, dict[str, Any]]:
    types = json.loads(gzip.decompress(Path(source).read_bytes()))["types"]
    return {name: cut(each["b"] if "v" in each else each) for name, each in types.items()}


def main(five: str, six: str, *more: str) -> None:
    old, new = read(five), read(six)
    ours = {name for each in collectors() for name in (each.type, *each.aliases)} | set(more)
    known = sorted(name for name in ours if name in old or name in new)
    rows = [f"{json.dumps(name)}: {json.dumps(merged(old.get(name, {}), new.get(name, {})))}" for name in known]
    OUTPUT.write_text("{\n" + ",\n".join(rows) + "\n}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
