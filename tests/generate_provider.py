"""What the AWS provider says of the types that Driftline knows: state/terraform/provider.json, and what 6 adds to it.

The schema (`terraform providers schema -json`, compacted) says the types and flags of attributes.
It does not say what a left-out attribute comes to, nor which blocks AWS fills where they are left
out; the plan of tests/state/terraform/data/minimal.tf, made by the same provider, says both:

    terraform plan -refresh=false -out=p && terraform show -json p   (without planned_values)
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scanner.collectors import collectors
from tests.shared import FACTS

FIVE, SIX = FACTS / "schema_5.100.json.gz", FACTS / "schema_6.25.json.gz"
PLAN = Path(__file__).parent / "state/terraform/data/minimal.plan.json"
EMPTY = (None, "", 0, False, [], {})

LISTED = [
    "aws_db_cluster_snapshot",
    "aws_db_instance",
    "aws_db_snapshot",
    "aws_default_route_table",
    "aws_default_security_group",
    "aws_default_subnet",
    "aws_default_vpc",
    "aws_dynamodb_table",
    "aws_ebs_snapshot",
    "aws_ebs_volume",
    "aws_eip",
    "aws_instance",
    "aws_internet_gateway",
    "aws_lambda_function",
    "aws_nat_gateway",
    "aws_rds_cluster",
    "aws_rds_cluster_instance",
    "aws_route",
    "aws_route_table",
    "aws_s3_account_public_access_block",
    "aws_s3_bucket",
    "aws_s3_bucket_acl",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_logging",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
    "aws_security_group",
    "aws_security_group_rule",
    "aws_subnet",
    "aws_vpc",
    "aws_vpc_security_group_egress_rule",
    "aws_vpc_security_group_ingress_rule",
]


def known_types(schema: dict[str, Any]) -> set[str]:
    """The types of the collectors with their other names and homes, all of IAM, and those listed."""
    types = set(LISTED) | {name for name in schema if name.startswith("aws_iam_")}
    for each in collectors():
        types |= {each.type, *each.aliases, *each.homes}
    return types & schema.keys()


def left_out() -> tuple[dict[str, dict[str, Any]], dict[str, set[str]]]:
    """By type: what left-out attributes come to before anything is applied, and the blocks that AWS fills.

    Paths have dots.
    """
    plan = json.loads(PLAN.read_text())
    written = {
        each["address"]: each.get("expressions", {}) for each in plan["configuration"]["root_module"]["resources"]
    }
    defaults: dict[str, dict[str, Any]] = defaultdict(dict)
    filled: dict[str, set[str]] = defaultdict(set)
    for each in plan["resource_changes"]:
        change, says = each["change"], written[each["address"]]
        defaults[each["type"]].update(given("", change["after"], says))
        filled[each["type"]].update(name for name, value in change["after_unknown"].items() if value is True)
    return defaults, filled


def given(path: str, after: dict[str, Any], says: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each value of a plan that nobody wrote."""
    for name, value in after.items():
        if name not in says:
            yield path + name, value
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            block = says[name][0] if isinstance(says[name], list) else None
            if block is not None:
                yield from given(f"{path}{name}.", value[0], block)


def cut(block: dict[str, Any], defaults: dict[str, Any], filled: set[str], path: str = "") -> dict[str, Any]:
    """A block of the schema: ``"type flags"`` an attribute, ``[nesting, block]`` a block of it."""
    kept: dict[str, Any] = {}
    for name, each in sorted(block.items()):
        if name == "timeouts":
            continue
        if isinstance(each, dict):
            again = name in path.split(".")  # a statement of a statement: a firewall's nest, and say the same again
            inner = {} if again else cut(each["b"], defaults, set(), f"{path}{name}.")
            kept[name] = [each["n"] + (" c" if name in filled else ""), inner]
        else:
            chosen = path + name in defaults and name != "tags_all"  # by the provider, whatever the schema says
            about = f"{each[0]} {flags(each[1], chosen)}"
            default = defaults.get(path + name)
            kept[name] = about if default in EMPTY else {"is": about, "default": default}
    return kept


def flags(said: str, chosen: bool) -> str:
    """Those of an attribute; that it is deprecated matters only of what can be written."""
    return said.translate(str.maketrans("", "", ("c" if chosen else "") + ("" if {*"ro"} & {*said} else "d")))


def provider() -> str:
    """state/terraform/provider.json, from provider 5 and its plan."""
    schema = read(FIVE)
    defaults, filled = left_out()
    types = {
        name: cut(schema["types"][name]["b"], defaults.get(name, {}), filled.get(name, set()))
        for name in sorted(known_types(schema["types"]))
    }
    rows = ",\n".join(f"{json.dumps(name)}:{json.dumps(each, separators=(',', ':'))}" for name, each in types.items())
    return f'{{"version":{json.dumps(schema["version"])},"types":{{\n{rows}\n}}}}\n'


def provider_6() -> str:
    """tests/data/provider_6.json: the attributes that provider 6 has and 5 has not, ``[nesting, block]`` a block."""
    old, new = read(FIVE)["types"], read(SIX)["types"]
    types = {name: added(old[name]["b"], new[name]) for name in sorted(known_types(old) & new.keys())}
    rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(each)}" for name, each in types.items() if each)
    return f"{{\n{rows}\n}}\n"


def added(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, each in sorted(new.items()):
        was = old.get(name)
        if "b" not in each:
            if was is None:
                found[name] = each["t"]
        elif name != "timeouts" and (was is None or isinstance(was, dict)):
            inner = added(was["b"] if was else {}, each["b"])
            if inner or was is None:
                found[name] = [each["n"], inner]
    return found


def read(source: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(source.read_bytes()))
    return found
