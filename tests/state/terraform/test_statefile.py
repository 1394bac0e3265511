from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.resource import Resource
from state.terraform.errors import NotState
from state.terraform.statefile import Content, Reading, decode, parse, quoted, resources, unflatten, without_keys
from tests.shared import STATES, needs_states
from tests.state.terraform.states import block, bucket, state

terraform = pytest.mark.skipif(shutil.which("terraform") is None, reason="no terraform on the path")


def read(data: bytes) -> list[Resource]:
    return list(resources(parse(data, "it.tfstate"), "it.tfstate"))


def addresses(data: bytes) -> list[str]:
    return [each.declared.address for each in read(data) if each.declared]


def listed(path: Path) -> list[str]:
    """What the real Terraform says stands in a state."""
    quiet = os.environ | {"TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
    answer = subprocess.run(
        ["terraform", "state", "list", f"-state={path}"], env=quiet, cwd=path.parent, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.splitlines()


# --- addresses ------------------------------------------------------------------------------------


@terraform
@needs_states
def test_the_addresses_of_real_states_are_those_that_terraform_lists() -> None:
    wrong = {}
    for path in STATES:
        whole = json.loads(path.read_bytes())
        others = {each["type"] for each in whole["resources"] if "hashicorp/aws" not in each["provider"]}
        ours = sorted(addresses(path.read_bytes()))
        theirs = sorted(
            each for each in listed(path) if not re.search(r"(^|\.)data\.", each) and kind(each) not in others
        )
        if ours != theirs:
            wrong[path.name] = set(ours) ^ set(theirs)
    assert wrong == {}


def kind(address: str) -> str:
    return without_keys(address).split(".")[-2]


HOSTILE = [
    "plain",
    "a.b",
    'say "hi"',
    "back\\slash",
    "${x}",
    "%{x}",
    "$${x}",
    "new\nline",
    "tab\there",
    "é",
    "]",
    "$",
    "[0]",
]


@terraform
def test_keys_are_written_as_terraform_writes_them(tmp_path: Path) -> None:
    instances = [{"index_key": key, "attributes": {"id": "x"}} for key in [*HOSTILE, 0, 12]]
    data = state(block("aws_vpc", "it", instances, module='module.a["x.y"].module.b[0]'))
    (tmp_path / "it.tfstate").write_bytes(data)
    # Terraform prints a new line within a key as \n, so that each address is one line.
    assert sorted(addresses(data)) == sorted(listed(tmp_path / "it.tfstate"))


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_key_gets_into_the_address_without_keys(key: str, other: str) -> None:
    assert without_keys(f"module.a[{quoted(key)}].aws_vpc.b[{quoted(other)}]") == "module.a.aws_vpc.b"


def test_data_sources_and_other_providers_are_left_out_and_deposed_objects_are_marked() -> None:
    old = {"deposed": "00000001", "attributes": {"id": "old"}}
    data = state(
        bucket("logs"),
        bucket("read") | {"mode": "data"},
        block("aws_vpc", "it", [old, {"attributes": {"id": "vpc-1"}, "status": "tainted"}]),
        block(
            "random_id",
            "it",
            [{"attributes": {"id": "1"}}],
            provider='provider["registry.terraform.io/hashicorp/random"]',
        ),
        block(
            "aws_x", "it", [{"attributes": {"id": "1"}}], provider='provider["registry.terraform.io/hashicorp/awscc"]'
        ),
    )
    found = [(each.id, each.declared.address, each.declared.deposed) for each in read(data) if each.declared]
    assert found == [
        ("logs", "aws_s3_bucket.it", False),
        ("old", "aws_vpc.it", True),
        ("vpc-1", "aws_vpc.it", False),
    ]


@pytest.mark.parametrize(
    "provider",
    [
        'provider["registry.terraform.io/hashicorp/aws"]',
        'provider["registry.terraform.io/hashicorp/aws"].west',
        'module.a["x"].provider["registry.opentofu.org/hashicorp/aws"].west',
        'provider["registry.terraform.io/-/aws"]',
        "provider.aws",
        "module.a.provider.aws.west",
    ],
)
def test_every_way_to_name_the_provider_is_known(provider: str) -> None:
    assert addresses(state(bucket("logs") | {"provider": provider})) == ["aws_s3_bucket.it"]


# --- account and region ---------------------------------------------------------------------------


def place(**attributes: Any) -> tuple[str, str]:
    [found] = read(state(block("aws_x", "it", [{"attributes": {"id": "1"} | attributes}])))
    return found.account, found.region


@pytest.mark.parametrize(
    ("attributes", "wanted"),
    [
        ({"arn": "arn:aws:sqs:eu-west-1:123456789012:q"}, ("123456789012", "eu-west-1")),
        ({"arn": "arn:aws-us-gov:sqs:us-gov-west-1:123456789012:q"}, ("123456789012", "us-gov-west-1")),
        ({"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}, ("", "")),
        ({"arn": "arn:"}, ("", "")),
        ({"arn": ["arn:aws:sqs:eu-west-1:1:q"]}, ("", "")),
        ({"region": "eu-west-1"}, ("", "eu-west-1")),
        ({"availability_zone": "us-gov-west-1b"}, ("", "us-gov-west-1")),
        ({"availability_zone": "us-west-2-lax-1a"}, ("", "us-west-2")),
        ({"availability_zone": ""}, ("", "")),
    ],
)
def test_account_and_region_are_what_the_attributes_say(attributes: Any, wanted: Any) -> None:
    assert place(**attributes) == wanted


def test_the_identity_comes_first_and_siblings_share_it() -> None:
    identity = {"account_id": "123456789012", "region": "eu-west-1"}
    data = state(
        block("aws_x", "it", [{"attributes": {"id": "1"}, "identity": identity}]),
        block("aws_y", "it", [{"attributes": {"id": "2"}}]),
        block("aws_z", "it", [{"attributes": {"id": "3"}}], provider=block("", "", [])["provider"] + ".west"),
    )
    assert [(each.account, each.region) for each in read(data)] == [
        ("123456789012", "eu-west-1"),
        ("123456789012", "eu-west-1"),
        ("", ""),
    ]


# --- forms ----------------------------------------------------------------------------------------


def test_utf_8_and_utf_16_with_marks_are_read() -> None:
    data = state(bucket("logs"))
    for written in (b"\xef\xbb\xbf" + data, data.decode().encode("utf-16"), data + b"\r\n"):
        assert addresses(written) == ["aws_s3_bucket.it"]


def test_numbers_that_became_floats_equal_the_whole_ones() -> None:
    [found] = read(state(bucket("logs", port=443.0)))
    assert found["port"] == 443


def test_attributes_of_terraform_0_11_are_unflattened() -> None:
    flat = {
        "id": "sg-1",
        "tags.%": "2",
        "tags.Name": "web",
        "tags.kubernetes.io/cluster/a.b": "owned",
        "ingress.#": "2",
        "ingress.20.cidr_blocks.#": "1",
        "ingress.20.cidr_blocks.0": "10.0.0.0/8",
        "ingress.3.cidr_blocks.#": "0",
        "vpc_security_group_ids.#": "0",
    }
    assert unflatten(flat) == {
        "id": "sg-1",
        "tags": {"Name": "web", "kubernetes.io/cluster/a.b": "owned"},
        "ingress": [{"cidr_blocks": []}, {"cidr_blocks": ["10.0.0.0/8"]}],
        "vpc_security_group_ids": [],
    }
    [found] = read(state(block("aws_security_group", "it", [{"attributes_flat": flat}])))
    assert (found.id, found.tags["Name"]) == ("sg-1", "web")


@given(st.dictionaries(st.text(".#%a0", max_size=30), st.text(max_size=3), max_size=8))
def test_no_flat_attributes_break_the_reading(flat: dict[str, str]) -> None:
    assert isinstance(unflatten(flat), dict)


def test_flat_attributes_have_the_types_of_the_provider_s_schema() -> None:
    flat = {
        "id": "i-1",
        "ebs_optimized": "false",
        "cpu_core_count": "2",
        "user_data": "443",
        "root_block_device.#": "1",
        "root_block_device.0.volume_size": "20",
        "root_block_device.0.delete_on_termination": "true",
        "root_block_device.0.volume_id": "vol-1",
        "tags.%": "1",
        "tags.port": "443",
        "nobody_knows": "1",
    }
    [found] = read(state(block("aws_instance", "it", [{"attributes_flat": flat}])))
    assert dict(found.attributes) == {
        "id": "i-1",
        "ebs_optimized": False,
        "cpu_core_count": 2,
        "user_data": "443",
        "root_block_device": [{"volume_size": 20, "delete_on_termination": True, "volume_id": "vol-1"}],
        "tags": {"port": "443"},
        "nobody_knows": "1",
    }


def test_a_flat_path_of_many_steps_is_harmless() -> None:
    assert list(unflatten({".".join("a" * 50_000): "x"})) == ["a"]


def test_marked_values_are_sensitive() -> None:
    marks = [
        [{"type": "get_attr", "value": "password"}],
        [{"type": "get_attr", "value": "user"}, {"type": "index"}],
        [],
    ]
    [found] = read(state(block("aws_x", "it", [{"attributes": {"id": "1"}, "sensitive_attributes": marks}])))
    assert found.sensitive == {"password", "user"}


# --- what is no state -----------------------------------------------------------------------------

POINTER = {
    "version": 3,
    "backend": {"type": "s3", "config": {"bucket": "acme-tf", "key": "prod/a.tfstate"}},
    "modules": [],
}


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", "the file is empty; point --from at the state of an applied configuration"),
        (b" \n", "the file is empty; point --from at the state of an applied configuration"),
        (b"\x7fELF\x00\x01", "the file is not JSON, so no Terraform state; point --from at a terraform.tfstate"),
        (b"version = 4", "the file is not JSON, so no Terraform state; point --from at a terraform.tfstate"),
        (
            state(bucket("logs"))[:-20],
            "the state is cut short or damaged (Input data was truncated); fetch it again with `terraform state pull`",
        ),
        (b"[]", "the file is JSON, but no Terraform state"),
        (b'{"a": 1}', "the file is JSON, but no Terraform state (it has no version)"),
        (
            b'{"version": 3, "modules": []}',
            "state version 3 is not read, only 4; upgrade it with `terraform apply -refresh-only`",
        ),
        (
            json.dumps(POINTER).encode(),
            "this is a pointer to a backend, not a state; use --from s3://acme-tf/prod/a.tfstate",
        ),
        (
            json.dumps(POINTER | {"backend": {"type": "azurerm", "config": None}}).encode(),
            "this is a pointer to a backend, not a state; the state is kept in azurerm; "
            "fetch it with `terraform state pull`",
        ),
        (
            b'{"version": 4, "encrypted_data": "x", "meta": {}}',
            "the state is encrypted by OpenTofu; give its decrypted form (`tofu state pull`)",
        ),
        (
            b'{"version": 4, "resources": {}}',
            "not the shape of a Terraform state: Expected `array`, got `object` - at `$.resources`",
        ),
    ],
)
def test_what_is_no_state_is_said_in_one_line(data: bytes, line: str) -> None:
    with pytest.raises(NotState) as refused:
        parse(data, "it.tfstate")
    assert str(refused.value) == f"it.tfstate: {line}"


def test_json_nested_without_end_is_no_state() -> None:
    with pytest.raises(NotState) as refused:
        decode(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "it.tfstate")
    assert str(refused.value).startswith("it.tfstate: the state is cut short or damaged (")


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reading(data: bytes) -> None:
    try:
        read(data)
    except NotState as refused:
        assert str(refused).startswith("it.tfstate: ") and "\n" not in str(refused)


def test_the_contents_are_all_there_is_of_any_provider_and_outputs() -> None:
    random = 'provider["registry.terraform.io/hashicorp/random"]'
    text = state(
        bucket("orders"),
        block("random_password", "it", [{"attributes": {"result": "x"}, "index_key": 0}], provider=random),
        block("aws_caller_identity", "me", [{"attributes": {"id": "1"}}], mode="data", module="module.a"),
        outputs={"url": {"value": ["y"], "type": "string"}},
    )
    seen: list[Content] = []

    def inspect(content: Content) -> Iterator[tuple[str, str]]:
        seen.append(content)
        yield next(iter(content.attributes)), f"of {content.type}"

    reading = Reading("s", inspect)
    reading.add(parse(text, "s"))
    assert [(each.address, each.type, *each.attributes)[:3] for each in seen] == [
        ("aws_s3_bucket.it", "aws_s3_bucket", "id"),
        ("random_password.it[0]", "random_password", "result"),
        ("module.a.data.aws_caller_identity.me", "aws_caller_identity", "id"),
        ("output", "output", "url"),
    ]
    assert reading.found == {
        "aws_s3_bucket.it.id": "of aws_s3_bucket",
        "random_password.it[0].result": "of random_password",
        "module.a.data.aws_caller_identity.me.id": "of aws_caller_identity",
        "output.url": "of output",
    }
