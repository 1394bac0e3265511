"""Every collector against what AWS (botocore) and Terraform (the provider's schema) publish."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import jmespath.parser
import pytest
from botocore.exceptions import UnknownServiceError
from botocore.model import OperationModel, Shape

from scanner.aws.allowed import ALLOWED
from scanner.aws.collector import Attribute, Collector, Detail, Listing, Scope
from scanner.aws.operations import DENIED, ORGANIZATION, PAID, PRICES, WHO, action
from scanner.collectors import collectors
from tests.cases import every
from tests.scanner.fetched import FETCHED
from tests.scanner.provider import provider_schema

SESSION = botocore.session.get_session()
SCANNER = Path(__file__).parents[2] / "scanner"
OTHER_IDENTITY = {"delivery.py"}  # reads our own states and secrets with credentials of its own, by a list of its own
OURS = [each for each in collectors() if each.type.startswith("aws_")]

PAGED = ("all_of", "pages", "whole")
"""The ways of asking for all pages of an operation; ``call`` asks for the first."""

# What botocore calls on its own, so that no call in our text names it.
CALLED_BY_BOTOCORE = {"sts:AssumeRole"}


every_collector = every({each.type: each for each in collectors()})
every_one_of_ours = every({each.type: each for each in OURS})


def operation(service: str, name: str) -> OperationModel:
    """An operation by boto3's name (describe_vpcs) or AWS's (DescribeVpcs)."""
    model = SESSION.get_service_model(service)
    wanted = name.replace("_", "").lower()
    [found] = [each for each in model.operation_names if each.lower() == wanted]
    return model.operation_model(found)


def called(each: Collector) -> Iterator[OperationModel]:
    """The operations that a collector names."""
    if isinstance(each.fetch, Listing):
        yield operation(each.service, each.fetch.operation)
    for detail in each.details:
        if isinstance(detail, Detail):
            yield operation(each.service, detail.operation)
            if detail.listed:
                yield operation("resourcegroupstaggingapi", "get_resources")


def full_name(model: OperationModel) -> str:
    return f"{model.service_model.service_name}:{model.name}"


# --- operations and permissions -------------------------------------------------------------------


@every_collector
def test_operations_exist_and_are_allowed(each: Collector) -> None:
    assert {full_name(model) for model in called(each)} <= ALLOWED | PAID.keys()


@every_collector
def test_details_take_the_arguments_they_are_given(each: Collector) -> None:
    for detail in each.details:
        if isinstance(detail, Detail):
            shape = operation(each.service, detail.operation).input_shape
            assert set(shape.required_members if shape else ()) <= set(detail.arguments)
            assert set(detail.arguments) <= set(shape.members if shape else ())


def written(*ways: str) -> set[str]:
    """The operations that our own text calls by name, in these ways: place.call("s3", "get_bucket_location", …)."""
    return {full_name(operation(service, name)) for way, service, name in calls() if way in ways}


@cache
def calls() -> set[tuple[str, str, str]]:
    """What our own text calls with two texts or more, and those: a way of asking, a service and an operation."""
    found = set()
    for path in (each for each in SCANNER.rglob("*.py") if each.name not in OTHER_IDENTITY):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                service, name, *_ = [*(each.value for each in node.args if isinstance(each, ast.Constant)), "", ""]
                if name:
                    found.add((called_name(node.func), service, name))
    return found


def called_name(function: ast.expr) -> str:
    """``pages``, of pages(…) and of place.pages(…)."""
    return getattr(function, "attr", getattr(function, "id", ""))


def test_the_list_of_allowed_operations_is_what_is_called_and_no_more() -> None:
    used = (
        {full_name(model) for each in collectors() for model in called(each)}
        | written("call", *PAGED)
        | CALLED_BY_BOTOCORE
    )
    assert used - ALLOWED - PAID.keys() == (ORGANIZATION | WHO | PRICES) - ALLOWED
    assert ALLOWED - used == set()


def test_nothing_is_both_allowed_and_denied() -> None:
    assert set() == (ALLOWED | ORGANIZATION | WHO | PRICES) & DENIED


@every({name: name for name in sorted(ALLOWED | ORGANIZATION | WHO | PRICES | DENIED)})
def test_listed_operations_exist(name: str) -> None:
    service, _, short = name.partition(":")
    try:
        assert short in SESSION.get_service_model(service).operation_names
    except UnknownServiceError:
        pytest.fail(f"boto3 has no client {service}")


@every_collector
def test_permissions_are_actions_and_each_call_has_its_own(each: Collector) -> None:
    assert [name for name in each.permissions if not re.fullmatch(r"[a-z0-9-]+:[A-Z][A-Za-z0-9]+", name)] == []
    assert len(each.permissions) == len(set(each.permissions))
    needed = {full_name(model) for model in called(each)}
    assert {action(name) for name in needed} - set(each.permissions) == set()


# --- paths ----------------------------------------------------------------------------------------


class Rows:
    """A list whose members have a shape."""

    def __init__(self, member: Any) -> None:
        self.member = member


ANY = object()
"""A value that no shape describes."""


class NoSuchPath(Exception):
    pass


def member(shape: Any) -> Any:
    """The shape of a list's members."""
    if shape is ANY:
        return ANY
    if isinstance(shape, Rows):
        return shape.member
    if isinstance(shape, Shape) and shape.type_name == "list":
        return shape.member
    raise NoSuchPath(f"{told(shape)} is no list")


def field(shape: Any, name: str) -> Any:
    if shape is ANY:
        return ANY
    if isinstance(shape, Shape) and shape.type_name == "map":
        return shape.value
    members = shape if isinstance(shape, dict) else getattr(shape, "members", {})
    if name not in members:
        raise NoSuchPath(f"{told(shape)} has no {name}")
    return members[name]


def told(shape: Any) -> str:
    return shape.name if isinstance(shape, Shape) else "this"


def is_list(shape: Any) -> bool:
    return isinstance(shape, Rows) or (isinstance(shape, Shape) and shape.type_name == "list")


def walk(path: str, shape: Any) -> Any:
    """The shape at the end of a JMESPath; raises NoSuchPath where a step of it leads nowhere."""
    return step(jmespath.parser.Parser().parse(path).parsed, shape)


def step(node: dict[str, Any], shape: Any) -> Any:
    """One node of a JMESPath. A branch that cannot be told is ANY, which leads everywhere."""
    kind, children = node["type"], node["children"]
    if kind == "field":
        return field(shape, node["value"])
    if kind in ("subexpression", "index_expression", "pipe"):
        for child in children:
            shape = step(child, shape)
        return shape
    if kind in ("index", "slice"):
        return member(shape) if kind == "index" else shape
    if kind == "projection":
        return Rows(step(children[1], member(step(children[0], shape))))
    if kind == "filter_projection":
        each = member(step(children[0], shape))
        step(children[2], each)
        return Rows(step(children[1], each))
    if kind == "flatten":
        inner = member(step(children[0], shape))
        return inner if is_list(inner) else Rows(inner)
    if kind == "multi_select_dict":
        return {pair["value"]: step(pair["children"][0], shape) for pair in children}
    if kind == "function_expression":
        return called_function(children, shape)
    found = [step(child, shape) for child in children]
    if kind in ("identity", "current"):
        return shape
    if kind == "multi_select_list":
        return Rows(found[0])
    if kind in ("and_expression", "or_expression"):
        return next((each for each in reversed(found) if each is not ANY), ANY)
    return ANY


def called_function(arguments: list[dict[str, Any]], shape: Any) -> Any:
    """A function's result is of no known shape; its arguments are walked all the same."""
    found = [ANY]
    for each in arguments:
        inside = each["type"] == "expref"
        found.append(step(each["children"][0], member(found[1])) if inside else step(each, shape))
    return ANY


def item_shape(each: Collector) -> Any:
    """The shape of an item with its details put into it."""
    item = fetched_shape(each)
    members = dict(item if isinstance(item, dict) else getattr(item, "members", {}))
    for detail in each.details:
        of = operation(each.service, detail.operation).output_shape if isinstance(detail, Detail) else ANY
        members[detail.into] = of
    return members | ({"Declared": ANY} if each.minds else {})


def fetched_shape(each: Collector) -> Any:
    if isinstance(each.fetch, Listing):
        page = operation(each.service, each.fetch.operation).output_shape
        if each.fetch.within is None:
            return one(walk(each.fetch.items, page))
        parent = one(walk(each.fetch.within, page))
        return {"Item": one(walk(each.fetch.items, parent)), "Parent": parent}
    name, path, beside = FETCHED[each.fetch.__name__]
    found = one(walk(path, operation(*name.split(":")).output_shape))
    return {**found.members, **dict.fromkeys(beside, ANY)}


def one(shape: Any) -> Any:
    return member(shape) if is_list(shape) else shape


def paths(each: Collector) -> Iterator[tuple[str, str]]:
    """Every JMESPath of a collector, and what it is for."""
    named = {**each.attributes, **{f"fact {name}": path for name, path in each.facts.items()}}
    for name, said in named.items():
        yield name, said.path if isinstance(said, Attribute) else said
        if isinstance(said, Attribute) and said.withheld:
            yield f"{name} withheld", said.withheld
    for name in ("id", "arn", "tags", "region"):
        said = getattr(each, name)
        if said and not said.startswith("arn:"):
            yield name, said
    for detail in each.details:
        known = detail.arguments if isinstance(detail, Detail) else {"by": detail.by}
        yield from ((f"{detail.into} {name}", path) for name, path in known.items())


@every_collector
def test_paths_lead_through_what_aws_answers(each: Collector) -> None:
    shape, wrong = item_shape(each), {}
    for name, path in paths(each):
        try:
            walk(path, shape)
        except NoSuchPath as error:
            wrong[name] = f"{path}: {error}"
    assert wrong == {}


def test_a_path_that_leads_nowhere_is_seen() -> None:
    page = operation("rds", "describe_db_instances").output_shape
    assert walk("DBInstances[?Engine=='x'].Endpoint.Port | [0]", page).type_name == "integer"
    for path in ("DBInstance[]", "DBInstances.Engine", "DBInstances[?Motor=='x']", "DBInstances[].{a: Endpoint.Prt}"):
        with pytest.raises(NoSuchPath):
            walk(path, page)


# --- the provider's schema --------------------------------------------------------------------------


@every_one_of_ours
def test_attributes_are_the_providers(each: Collector) -> None:
    assert set(each.attributes) - set(provider_schema()[each.type]) == set()
    assert {name for name in each.aliases if name not in provider_schema()} == set()


@every_one_of_ours
def test_blocks_hold_the_providers_attributes(each: Collector) -> None:
    """A nested object is written out in a path, so its names can be read off it."""
    schema = provider_schema()[each.type]
    for name, said in each.attributes.items():
        if isinstance(schema[name], list) and isinstance(said, Attribute):
            for block in written_out(jmespath.parser.Parser().parse(said.path).parsed):
                assert block <= deep_names(schema[name]), name


def written_out(node: Any) -> Iterator[set[str]]:
    if node["type"] == "multi_select_dict":
        yield {pair["value"] for pair in node["children"]}
    for child in node["children"]:
        yield from written_out(child)


def deep_names(block: list[Any]) -> set[str]:
    inner = [each for each in block[1].values() if isinstance(each, list)]
    return set(block[1]).union(*(deep_names(each) for each in inner))


@every_one_of_ours
def test_what_the_provider_calls_sensitive_is_sensitive(each: Collector) -> None:
    schema = provider_schema()[each.type]
    marked = {name for name in each.attributes if isinstance(schema[name], str) and schema[name].endswith("!")}
    assert marked <= each.schema.sensitive


@every_one_of_ours
def test_identity_is_made_of_attributes(each: Collector) -> None:
    if not callable(each.identity):
        assert set(each.identity) <= {"id", *each.attributes}
        assert len(set(each.identity)) == len(each.identity)


def test_each_type_has_one_collector() -> None:
    types = [name for each in collectors() for name in (each.type, *each.aliases)]
    assert sorted(types) == sorted(set(types))


@every_collector
def test_global_things_are_not_placed_in_a_region_by_accident(each: Collector) -> None:
    if each.region:
        assert each.scope is Scope.GLOBAL
