"""A state of another shape than the provider's: one gap, and the rest of it is compared."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.collectors import schemas
from state import Resource
from state.drift import drift
from state.inventory import Inventory
from state.terraform import provider
from state.terraform.settle import settled, told
from state.terraform.shapes import as_read, typed
from state.terraform.statefile import parse, resources
from tests.state.terraform.states import block, state

GROUP = "aws_security_group"
RULE = {"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["10.0.0.0/8"]}


def of(kind: str, **attributes: Any) -> list[Resource]:
    instances: list[dict[str, Any]] = [{"attributes": {"id": "it-1"} | attributes}]
    return list(resources(parse(state(block(kind, "it", instances)), "s"), "s"))


@pytest.mark.parametrize(
    ("ingress", "problem"),
    [
        ("a text", "ingress is no list of blocks"),
        (["a text"], "ingress is no list of blocks"),
        (7, "ingress is no list of blocks"),
        ({}, "ingress is no list of blocks"),
        ([RULE | {"cidr_blocks": "10.0.0.0/8"}], "ingress.cidr_blocks is no list"),
        ([RULE, [RULE]], "ingress is no list of blocks"),
        ([RULE], ""),
        ([None], ""),
        ([], ""),
        (None, ""),
    ],
)
def test_what_is_no_provider_s_shape_is_one_gap(ingress: Any, problem: str) -> None:
    [group], [vpc] = of(GROUP, name="web", ingress=ingress), of("aws_vpc", cidr_block="10.0.0.0/16")
    declared, gaps = settled([group, vpc], schemas())
    assert vpc.id in {each.id for each in declared}
    if not problem:
        assert (gaps, len(list(told([group], schemas())))) == ([], 1)
        return
    assert {each.type for each in declared} == {"aws_vpc", "aws_vpc_dhcp_options_association"} & {
        each.type for each in declared
    }
    [gap] = gaps
    assert (gap.type, gap.id, gap.kind) == (GROUP, "it-1", "malformed")
    assert gap.reason == f"aws_security_group.it: {problem}, which no provider writes; restore the state from a backup"
    assert list(told([group], schemas())) == []


def test_nothing_of_a_misshapen_thing_is_unmanaged() -> None:
    [group] = of(GROUP, name="web", ingress="a text")
    about = {"account": "1", "region": "r"}
    rule = {"security_group_id": "it-1", "cidr_ipv4": "0.0.0.0/0", "ip_protocol": "tcp", "from_port": 22, "to_port": 22}
    seen = [
        Resource(type=GROUP, id="it-1", identity="it-1", attributes={"name": "web"}, **about),
        Resource(type="aws_vpc_security_group_ingress_rule", id="sgr-1", attributes=rule, **about),
    ]
    declared = Inventory(*settled([group], schemas()))
    assert drift(Inventory(seen), declared, schemas()).drift == []


def test_what_only_declares_others_leaves_a_gap_of_each_type() -> None:
    [rule] = of("aws_security_group_rule", type="ingress", cidr_blocks="10.0.0.0/8")
    gaps = settled([rule], schemas()).gaps
    assert sorted((each.type, each.id) for each in gaps) == [
        ("aws_vpc_security_group_egress_rule", None),
        ("aws_vpc_security_group_ingress_rule", None),
    ]


def test_an_empty_block_is_written_as_null() -> None:
    said = {"ingress": [None, RULE], "name": "web"}
    assert as_read(GROUP, said) == ({"ingress": [RULE], "name": "web"}, "")
    inner = {"rule": [{"apply_server_side_encryption_by_default": [None]}]}
    assert as_read("aws_s3_bucket", {"server_side_encryption_configuration": [inner]})[0] == {
        "server_side_encryption_configuration": [{"rule": [{"apply_server_side_encryption_by_default": []}]}]
    }
    whole = {"ingress": [RULE], "name": "web"}
    assert as_read(GROUP, whole)[0] is whole


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
HOMES = sorted({home for each in schemas().values() for home in each.homes if provider.attributes(home)})


@given(data=st.data(), type=st.sampled_from(HOMES))
def test_no_value_of_a_state_ends_the_reading(data: st.DataObject, type: str) -> None:
    names = sorted(provider.attributes(type))
    values = data.draw(st.dictionaries(st.sampled_from(names), junk, max_size=4))
    found = of(type, **values)
    declared = Inventory(*settled(found, schemas()))
    list(told(found, schemas()))
    seen = [Resource(type=each.type, id="other", account="1", region="r") for each in declared.resources]
    drift(Inventory(seen), declared, schemas())


@pytest.mark.parametrize(
    ("flat", "value"),
    [
        ({"ebs_optimized": "true"}, {"ebs_optimized": True}),
        ({"cpu_core_count": "2"}, {"cpu_core_count": 2}),
        ({"cpu_core_count": ""}, {"cpu_core_count": ""}),
        ({"user_data": "2"}, {"user_data": "2"}),
        ({"secondary_private_ips": ["1"]}, {"secondary_private_ips": ["1"]}),
        ({"root_block_device": [{"volume_size": "8"}]}, {"root_block_device": [{"volume_size": 8}]}),
        ({"root_block_device": "x"}, {"root_block_device": "x"}),
        ({"tags": {"a": "1"}}, {"tags": {"a": "1"}}),
        ({"unheard_of": "1"}, {"unheard_of": "1"}),
    ],
)
def test_texts_of_terraform_0_11_are_what_the_schema_says(flat: dict[str, Any], value: dict[str, Any]) -> None:
    assert typed("aws_instance", flat) == value


def test_lists_and_maps_are_told_apart() -> None:
    assert as_read("aws_instance", {"tags": "x"})[1] == "tags is no map"
    assert as_read("aws_instance", {"vpc_security_group_ids": "sg-1"})[1] == "vpc_security_group_ids is no list"
    assert as_read("aws_instance", {"root_block_device": [{"tags": []}]})[1] == "root_block_device.tags is no map"
    assert as_read("aws_instance", {"ami": ["ami-1"]})[1] == "ami is no text or number"
    assert as_read("aws_instance", {"ami": 7, "ebs_optimized": "true", "cpu_core_count": "2"})[1] == ""
    assert as_read("aws_nothing", {"tags": "x"})[1] == ""
