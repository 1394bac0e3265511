from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scanner.collectors import collectors
from state.resource import Unknown
from state.terraform import hcl, plan
from state.terraform.partial import Partial
from state.terraform.provider import attributes, sensitive, shaped
from tests import generate_provider
from tests.shared import needs_facts
from tests.state.terraform.states import SCHEMAS
from tests.witness.terraform import PLUGINS, lacking

DATA = Path(__file__).parent / "data"
PLAN = json.loads((DATA / "minimal.plan.json").read_text())
ROOT = Path(__file__).parents[3]


def said(value: Any) -> Any:
    """A value with "?" for what is not known of it, empty forms as one, and no order in lists."""
    if isinstance(value, Partial):
        return said({**value, **dict.fromkeys(value.unknown, "?")})
    if isinstance(value, dict):
        return {name: inner for name, each in value.items() if (inner := said(each)) is not None} or None
    if isinstance(value, list):
        return sorted((inner for each in value if (inner := said(each)) is not None), key=repr) or None
    return parsed(value) or None


def parsed(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) and value.startswith("{") else value


def whole(resource: Any) -> dict[str, Any]:
    """A resource's attributes, but for those that each of the two ways names in its own manner."""
    values = {**resource.attributes, **dict.fromkeys(resource.unknown, "?")}
    named = ("id", "arn", "bucket", "name", "timeouts", "tags_all")
    return {name: found for name, each in values.items() if name not in named and (found := said(each)) is not None}


def test_code_comes_to_what_the_provider_plans_of_it() -> None:
    """Whatever the provider calls known, and only that, is known from the code, and is the same."""
    planned = {each.declared.address: each for each in plan.resources(PLAN, "plan", SCHEMAS) if each.declared}
    written = hcl.resources((DATA / "minimal.tf").read_text(), SCHEMAS)
    read = {each.declared.address: each for each in written if each.declared}
    assert read.keys() == planned.keys()
    wrong = {address: differences(whole(read[address]), whole(planned[address])) for address in planned}
    assert {address: each for address, each in wrong.items() if each} == ODD


def differences(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    names = sorted(ours.keys() | theirs.keys())
    return {name: (ours.get(name), theirs.get(name)) for name in names if ours.get(name) != theirs.get(name)}


ODD = {
    "aws_dynamodb_table.blocks": {"ttl": ([{"attribute_name": "until"}], None)},  # not enabled, so not looked at
    "aws_instance.attached": {"source_dest_check": (True, None)},  # the network interface's own
}
"""Where the provider plans something else: its default depends on another attribute."""


@pytest.mark.terraform
@pytest.mark.skipif(bool(lacking()), reason=lacking())
def test_the_plan_is_the_one_that_the_real_provider_makes(tmp_path: Path) -> None:
    shutil.copy(DATA / "minimal.tf", tmp_path)
    quiet = os.environ | {"TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1", "AWS_REGION": "eu-west-1"}

    def terraform(*words: str) -> str:
        answer = subprocess.run(["terraform", *words], env=quiet, cwd=tmp_path, capture_output=True, text=True)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    terraform("init", f"-plugin-dir={PLUGINS}")
    terraform("plan", "-refresh=false", "-out=it")
    made = json.loads(terraform("show", "-json", "it"))
    kept = ("actions", "after", "after_unknown", "after_sensitive")
    changes = {each["address"]: {name: each["change"][name] for name in kept} for each in made["resource_changes"]}
    assert changes == {each["address"]: each["change"] for each in PLAN["resource_changes"]}


@needs_facts
def test_what_is_known_of_the_provider_is_what_its_schema_says() -> None:
    assert (ROOT / "state/terraform/provider.json").read_text() == generate_provider.provider()


def test_every_type_that_is_collected_is_known() -> None:
    types = {name for each in collectors() for name in (each.type, *each.aliases, *each.homes)}
    assert {name for name in types if name.startswith("aws_") and not attributes(name)} == set()


def test_left_out_attributes_are_empty_only_where_the_provider_leaves_them_empty() -> None:
    instance = attributes("aws_db_instance")
    assert instance["auto_minor_version_upgrade"].left_out() is True
    assert instance["monitoring_interval"].left_out() is None
    assert attributes("aws_instance")["credit_specification"].left_out() == []
    for type, name in (
        ("aws_db_instance", "multi_az"),
        ("aws_db_instance", "arn"),
        ("aws_instance", "metadata_options"),
    ):
        with pytest.raises(Unknown):
            attributes(type)[name].left_out()


@pytest.mark.parametrize(
    ("value", "type", "wanted"),
    [
        ("true", "bool", True),
        (True, "string", "true"),
        (22, "string", "22"),
        (1.0, "string", "1"),
        ("22", "number", 22),
        ("1.5", "number", 1.5),
        ("many", "number", "many"),
        ([1, "a"], "list(string)", ["1", "a"]),
        ({"a": 1}, "map(string)", {"a": "1"}),
        (None, "bool", None),
        ([{"a": 1}], "set(object(a:number))", [{"a": 1}]),
    ],
)
def test_values_take_the_type_of_their_attribute(value: Any, type: str, wanted: Any) -> None:
    assert shaped(value, type) == wanted


def test_settings_about_secrets_are_no_secrets() -> None:
    values = {
        "allow_users_to_change_password": True,
        "minimum_password_length": 14,
        "kms_key_id": "k",
        "tags": {"token": "t"},
    }
    assert sensitive("aws_iam_account_password_policy", values) == frozenset()
