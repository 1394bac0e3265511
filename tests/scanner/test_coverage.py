"""How much of what is declared is compared: counted, and held to what the comparison really tells."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from scanner.collectors import schemas
from scanner.coverage import LeftOut, covered, is_found_by_id, left_out, seen
from scanner.report.coverage import document
from state import Inventory, Resource
from state.drift import drift
from state.schema import Schema
from state.terraform.settle import Told, settle, told
from state.terraform.statefile import parse, resources
from tests.scanner.command import driftline
from tests.shared import STATES
from tests.state.inventories import SCHEMAS, wanted
from tests.state.terraform.states import block, bucket, state

WITNESSED = sorted(Path(__file__).parents[1].glob("witness/*/applied.tfstate"))
NAMES = {type: frozenset(schema.compared) for type, schema in schemas().items()}


def group_with(**attributes: Any) -> Resource:
    return wanted("group", "sg-1").replace(attributes=attributes)


def test_each_attribute_is_counted_under_its_rule() -> None:
    group = group_with(
        id="sg-1",
        region="eu-west-1",
        name="web",
        path=None,
        tags={},
        tags_all={},
        ingress=[{"port": 22}],
        made="today",
        colour="red",
        timeouts={},
        name_prefix="w",
        force_destroy=False,
        password="hunter2",
    )
    found = json.loads(document(covered(Inventory([group, wanted("thing", "t-1", size=1)]), SCHEMAS, ["a.tfstate"])))
    assert found["types"]["group"] == {
        "instances": 1,
        "instances_collected": 1,
        "attributes": 8,
        "attributes_compared": 7,
        "repeated": 0,
        "noise": 1,
        "reason": None,
        "compared": dict.fromkeys(("id", "ingress", "made", "name", "region", "tags", "tags_all"), 1),
        "left_out": {
            "argument": {"force_destroy": 1},
            "prefix": {"name_prefix": 1},
            "secret": {"password": 1},
            "timeouts": {"timeouts": 1},
        },
        "not_compared": {"unread": {"colour": 1}},
    }
    assert found["types"]["thing"]["reason"] == "no collector reads it yet"
    assert found["types"]["thing"]["not_compared"] == {"type": {"size": 1}}
    counts = ("instances", "instances_collected", "attributes", "attributes_compared")
    assert [found[name] for name in counts] == [2, 1, 9, 7]
    assert found["not_compared"] == {"type": 1, "unread": 1, "computed": 0, "made-up": 0, "unknown": 0}
    assert found["noise"] == 1
    assert found["left_out"] == {"timeouts": 1, "prefix": 1, "argument": 1, "secret": 1}


def test_what_a_plan_does_not_say_is_not_compared() -> None:
    group = wanted("group", "", name="web").replace(unknown={"path": "known after apply"})
    found = covered(Inventory([group]), SCHEMAS).types["group"]
    assert (found.attributes, found.attributes_compared) == (2, 1)
    assert {rule: dict(names) for rule, names in found.not_compared.items()} == {"unknown": {"path": 1}}


@pytest.mark.parametrize(
    ("type", "name", "rule"),
    [
        ("aws_instance", "timeouts", LeftOut.TIMEOUTS),
        ("aws_s3_bucket", "bucket_prefix", LeftOut.PREFIX),
        ("aws_lb", "wait_for_steady_state", LeftOut.ARGUMENT),
        ("aws_rds_cluster", "master_password_wo_version", LeftOut.ARGUMENT),
        ("aws_lambda_function", "s3_key", LeftOut.ARGUMENT),
        ("aws_iam_access_key", "secret", LeftOut.HIDDEN),
        ("aws_cloudtrail", "s3_key_prefix", None),
        ("aws_codebuild_project", "s3_key", None),
        ("aws_lambda_function", "iam_role", None),
        ("aws_lb", "name", None),
    ],
)
def test_only_what_no_api_tells_is_left_out(type: str, name: str, rule: LeftOut | None) -> None:
    assert left_out(type, name) is rule


# --- what is called compared, is ------------------------------------------------------------------

NOT_TOLD_ALONE = {
    ("aws_default_network_acl", "default_network_acl_id"),  # its id says the same
    ("aws_s3_bucket", "acl"),  # that of a state before the bucket was split, whose grants say the same
    ("aws_s3_bucket", "object_lock_configuration"),  # that of a lock without a rule, which object_lock_enabled says too
    ("aws_security_group_rule", "self"),  # the source says the same
    ("aws_security_group_rule", "to_port"),  # of a rule for all ports
    ("aws_sfn_state_machine", "encryption_configuration"),  # but for a key of one's own it is AWS's
}


def others(value: Any) -> Iterator[Any]:
    """Values that differ from this one in one place."""
    if isinstance(value, dict):
        yield value | {"another": "value"}
        yield from (value | {name: other} for name, inner in value.items() for other in others(inner))
    elif isinstance(value, list):
        yield []
        yield from ([*value[:n], other, *value[n + 1 :]] for n, inner in enumerate(value) for other in others(inner))
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, str):
        yield f"{value}x"
        yield {"ingress": "egress"}.get(value, "ingress")
    else:
        yield "x" if value is None else value + 7


def is_told(declared: Resource, name: str) -> bool:
    """Whether a comparison says anything when this attribute of a declared resource is another."""
    known = about(declared.type)
    live = Inventory([each.replace(declared=None) for each in _known(declared)])
    for other in others(declared.attributes[name]):
        place = {name: other} if name in ("id", "region") else {}
        changed = declared.replace(attributes={**declared.attributes, name: other}, **place)
        found = drift(live, Inventory(_known(changed)), known, everything=True)
        if found.drift or found.noise or found.gaps:
            return True
    return False


def _known(declared: Resource) -> list[Resource]:
    known = about(declared.type)
    return [each for each in settle([declared], known) if each.type in known]


@cache
def about(type: str) -> dict[str, Schema]:
    """What a resource of a type may come to: the few schemas that have a word in it."""
    own = {each.type for each in schemas().values() if type in (each.type, *each.aliases)} | {type}
    return {each.type: each for each in schemas().values() if each.type in own or own & each.homes.keys()}


def wrong(path: Path) -> Iterator[tuple[str, str, bool]]:
    """Attributes of a state that are called compared and are not told, or the other way round."""
    for each in told(map(_placed, resources(parse(path.read_bytes(), path.name), path.name)), schemas()):
        claimed = seen(each, NAMES, schemas()) if each.collected else frozenset()
        for name, value in each.declared.attributes.items():
            if not value or _says_again(each, name) or (each.declared.type, name) in NOT_TOLD_ALONE:
                continue
            if (name in claimed) != is_told(each.declared, name):
                yield each.declared.type, name, name in claimed


def _placed(each: Resource) -> Resource:
    return each.replace(account=each.account or "1", region=each.region or "r")


def _says_again(each: Told, name: str) -> bool:
    """Tags are compared as tags_all, and an id as what it is made of. S3 finds a bucket wherever it is."""
    if name == "tags":
        return each.declared.attributes.get("tags_all") is not None
    return (name == "id" and not is_found_by_id(each, schemas())) or (
        name == "region" and each.declared.type.startswith("aws_s3_")
    )


@pytest.mark.parametrize("path", WITNESSED, ids=lambda path: path.parent.name)
def test_what_is_called_compared_is_told_and_all_else_is_not(path: Path) -> None:
    assert list(wrong(path)) == []


def test_so_it_is_of_real_states() -> None:
    if not STATES:
        pytest.skip("no real states are at hand")
    assert [each for path in STATES for each in wrong(path)] == []


# --- the command ----------------------------------------------------------------------------------


def test_the_command_counts_states_and_says_which_it_could_not_read(here: Path) -> None:
    (here / "a.tfstate").write_bytes(state(bucket("one"), block("aws_nothing", "x", [{"attributes": {"id": "n"}}])))
    (here / "b.tfstate").write_bytes(state(bucket("one")))
    found = driftline("coverage", "--from", here, "--output", "json")
    answer = json.loads(found.stdout)
    assert (found.exit_code, found.stderr) == (0, "")
    assert (answer["instances"], answer["instances_collected"]) == (3, 2)
    assert {type: each["instances"] for type, each in answer["types"].items()} == {"aws_nothing": 1, "aws_s3_bucket": 2}
    (here / "c.tfstate").write_text("{")
    found = driftline("coverage", "--from", here, "--output", f"json://{here}/out.json")
    assert found.exit_code == 3
    assert "Not read:" in found.stdout
    assert "cut short" in json.loads((here / "out.json").read_text())["gaps"][0]["reason"]


def test_what_a_state_calls_its_types_and_attributes_does_not_act_on_the_terminal(here: Path) -> None:
    hostile = {"id": "1", "\x1b]0;owned\x07": "x"}
    (here / "a.tfstate").write_bytes(state(block("aws_\x1b[2J", "x", [{"attributes": hostile}]), bucket("[red]b")))
    found = driftline("coverage", "--from", here)
    assert "\x1b" not in found.stdout
    assert "aws_\\x1b[2J" in found.stdout


def test_it_wants_a_source_and_knows_its_outputs(here: Path) -> None:
    found = driftline("coverage")
    assert (found.exit_code, found.stderr) == (
        2,
        "driftline: coverage is of what is declared; name a state with --from\n",
    )
    found = driftline("coverage", "--from", here, "--output", "html")
    assert (found.exit_code, found.stderr) == (2, "driftline: there is no output 'html' of this; there are: json\n")
