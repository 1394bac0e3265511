"""What there is, listed: chosen, counted, and told in each form without a secret or anything that acts."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from scanner.collectors import collectors
from scanner.inventory import Untold, as_json, fits
from scanner.needs import with_neighbours
from scanner.settings import SettingsError
from state import Resource
from tests.conftest import ACCOUNT, REGION
from tests.scanner.command import driftline

TABLES = ("--region", REGION, "--type", "aws_dynamodb_t*", "-q")
HOSTILE = "=cmd('/c calc')!A1\x1b]0;owned\x07"


@pytest.fixture
def tables(aws: Any, here: Path) -> Any:
    """Three tables: a stack's, one with a hostile tag and one with a secret in a tag."""
    for name, tags in {
        "carts": {"aws:cloudformation:stack-name": "shop", "team": "a=b"},
        "orders": {"team": HOSTILE},
        "users": {"api-key": "hunter2", "team": "blue", "url": "postgres://admin:hunter2@db/users"},
    }.items():
        aws("dynamodb").create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )
    return aws


def lines(*arguments: object) -> list[Any]:
    found = driftline("inventory", *TABLES, *arguments, "--output", "jsonl")
    assert found.stderr == ""
    return [json.loads(each) for each in found.stdout.splitlines()]


def names(*arguments: object) -> list[str]:
    return [each["name"] for each in lines(*arguments) if each["kind"] == "resource"]


# --- counts and forms -----------------------------------------------------------------------------


def test_counts_come_first_and_each_resource_is_a_line(tables: Any) -> None:
    counts, *rows = lines()
    assert {name: counts[name] for name in ("kind", "schema_version", "resources", "gaps", "left_out")} == {
        "kind": "counts", "schema_version": "1.0", "resources": 3, "gaps": 0, "left_out": {},
    }  # fmt: skip
    assert [counts[name] for name in ("types", "regions", "accounts", "owners")] == [
        {"aws_dynamodb_table": 3}, {REGION: 3}, {ACCOUNT: 3}, {"none": 2, "cloudformation: shop": 1},
    ]  # fmt: skip
    assert [list(each) for each in rows] == [["kind", *as_json(Resource(type="", id=""))]] * 3
    carts = rows[0]
    assert [carts[name] for name in ("id", "arn", "account", "region", "owner", "unknown")] == [
        "carts", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/carts", ACCOUNT, REGION, "cloudformation: shop", {},
    ]  # fmt: skip
    assert carts["attributes"]["billing_mode"] == "PAY_PER_REQUEST"
    assert "tags" not in carts["attributes"]


def test_the_table_is_for_people(tables: Any) -> None:
    found = driftline("inventory", "--region", REGION, "--type", "aws_dynamodb_table", env={"COLUMNS": "200"})
    said = found.stdout.splitlines()
    assert said[0] == "3 resources"
    assert [each.split() for each in said if each.startswith("aws_dynamodb_table ")] == [["aws_dynamodb_table", "3"]]
    assert any("carts" in each and "cloudformation: shop" in each and "team=a=b" in each for each in said)
    assert "Driftline" in found.stderr
    assert (found.exit_code, "\x1b" in found.stdout, "hunter2" in found.output) == (0, False, False)


def test_csv_holds_no_formula_and_no_control_character(tables: Any) -> None:
    found = driftline("inventory", *TABLES, "--output", "csv")
    rows = list(csv.DictReader(io.StringIO(found.stdout)))
    assert [each["name"] for each in rows] == ["carts", "orders", "users"]
    assert json.loads(rows[1]["tags"]) == {"team": HOSTILE}
    assert not set(found.stdout) & {"\x1b", "\x07"}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "  =1", "\t=1", "\uff1d1", "|cmd"])
def test_no_cell_begins_as_a_formula_does(text: str) -> None:
    from scanner.report.inventory import _cell

    assert _cell(text)[:1] in ("'", "\\")
    assert _cell("web") == "web"


def test_a_file_of_its_own_leaves_standard_output_to_people(tables: Any, here: Path) -> None:
    found = driftline("inventory", *TABLES, "--output", f"jsonl://{here}/all.jsonl", "--output", f"csv://{here}/a.csv")
    assert found.stdout.startswith("3 resources")
    assert len((here / "all.jsonl").read_text().splitlines()) == len((here / "a.csv").read_text().splitlines()) == 4


# --- what is asked for ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (("--tag", "team"), ["carts", "orders", "users"]),
        (("--tag", "team=a=b"), ["carts"]),
        (("--tag", "team=blue", "--tag", "api-key"), ["users"]),
        (("--tag", "nobody"), []),
        (("--owner", "cloudformation"), ["carts"]),
        (("--owner", "cloudformation: s*"), ["carts"]),
        (("--owner", "none"), ["orders", "users"]),
        (("--owner", "none", "--owner", "cloudformation"), ["carts", "orders", "users"]),
        (("--where", "tags.team == 'blue' && attributes.billing_mode == 'PAY_PER_REQUEST'"), ["users"]),
        (("--where", "tags.\"api-key\" == 'hunter2'"), []),
        (("--where", f"region == '{REGION}' && !owner"), ["orders", "users"]),
        (("--where", "contains(name, 'ar')"), ["carts"]),
    ],
)  # fmt: skip
def test_what_fits_is_listed(tables: Any, arguments: tuple[str, ...], found: list[str]) -> None:
    assert names(*arguments) == found


def test_an_expression_that_some_things_have_no_value_for_says_so(tables: Any) -> None:
    found = driftline("inventory", *TABLES, "--where", "starts_with(owner, 'cloud')", "--output", "jsonl")
    counts = json.loads(found.stdout.splitlines()[0])
    assert (found.exit_code, counts["resources"]) == (3, 1)
    assert counts["left_out"] == {
        "--where: In function starts_with(), invalid type for value: None, expected one of: ['string'], "
        'received: "null"': 2
    }


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("a ==", "--where: Invalid jmespath expression: Incomplete expression"),
        ("nope(name)", "--where: Unknown function: nope()"),
        ("length()", "--where: Expected 1 argument for function length(), received 0"),
        ("'a", "--where: Bad jmespath expression: Unclosed ' delimiter"),
        ("a b", '--where: Unexpected token: b: Parse error at column 2, token "b" (UNQUOTED_IDENTIFIER)'),
    ],
)
def test_a_bad_expression_is_one_line(here: Path, where: str, line: str) -> None:
    found = driftline("inventory", "--where", where)
    assert (found.exit_code, found.stdout) == (2, "")
    assert found.stderr == f"driftline: {line}; see https://jmespath.org\n"


def test_a_function_met_late_is_refused_all_the_same() -> None:
    with pytest.raises(SettingsError, match="Unknown function"):
        fits("name && nope(name)", {"name": "x"})
    with pytest.raises(Untold):
        fits("abs(name)", {"name": "x"})


@pytest.mark.parametrize("type", ["aws_x*", "aws_s3_object"])
def test_a_type_that_nothing_lists_is_one_line(here: Path, type: str) -> None:
    found = driftline("inventory", "--type", type)
    assert (found.exit_code, found.stderr) == (
        2,
        f"driftline: --type {type}: no collector lists such a type; see scanner/collectors/README.md\n",
    )


# --- what could not be seen -----------------------------------------------------------------------


def test_a_refused_listing_is_said_and_is_no_empty_one(tables: Any, allowed_only: Any) -> None:
    with allowed_only("ec2:DescribeRegions"):
        found = driftline("inventory", *TABLES, "--output", "jsonl")
    counts, gap = map(json.loads, found.stdout.splitlines())
    assert (found.exit_code, counts["resources"], counts["gaps"]) == (3, 0, 1)
    assert (gap["kind"], gap["type"], gap["evidence"]["permission"]) == (
        "gap", "aws_dynamodb_table", "dynamodb:ListTables",
    )  # fmt: skip


def test_what_fits_not_since_it_was_not_seen_is_counted(tables: Any, allowed_only: Any) -> None:
    with allowed_only("ec2:DescribeRegions", "dynamodb:ListTables", "dynamodb:DescribeTable"):
        counts = lines("--tag", "team")[0]
    assert (counts["resources"], counts["left_out"]) == (0, {"tags could not be seen": 3})


def test_neighbours_that_tell_of_a_type_are_read_with_it() -> None:
    for type, read in {
        "aws_dynamodb_table": ["aws_dynamodb_table"],
        "aws_internet_gateway": ["aws_internet_gateway", "aws_vpc"],
    }.items():
        assert [each.type for each in with_neighbours(collectors(), [type]).collectors] == read


def test_neighbours_are_read_but_not_listed(aws: Any, here: Path) -> None:
    ec2 = aws("ec2")
    default = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
    made = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=made, VpcId=default)
    found = driftline("inventory", "--region", REGION, "--type", "aws_internet_gateway", "-q", "--output", "jsonl")
    counts, gateway = map(json.loads, found.stdout.splitlines())
    assert (counts["types"], gateway["owner"], gateway["unknown"]) == ({"aws_internet_gateway": 1}, "aws: default", {})


# --- secrets --------------------------------------------------------------------------------------


def test_no_secret_is_told() -> None:
    told = as_json(
        Resource(
            type="aws_db_instance",
            id="orders",
            attributes={
                "password": "hunter2",
                "engine": "mysql",
                "domain_auth_secret_arn": "arn:aws:x",
                "parameters": {"dbPassword": "hunter2", "size": "1"},
                "blocks": [{"API_TOKEN": "hunter2", "url": "https://a:hunter2@b/"}],
                "tags": {"password": "hunter2"},
                "marked": "hunter2",
                "master_password": None,
            },
            tags={"DB_PASSWORD": "hunter2", "webhook": "https://hooks.slack.com/services/hunter2", "team": "a"},
            facts={"note": "-----BEGIN RSA PRIVATE KEY----- hunter2"},
            sensitive=frozenset({"marked"}),
        )
    )
    assert "hunter2" not in json.dumps(told)
    assert told["attributes"] == {
        "password": "(sensitive)",
        "engine": "mysql",
        "domain_auth_secret_arn": "arn:aws:x",
        "parameters": {"dbPassword": "(sensitive)", "size": "1"},
        "blocks": [{"API_TOKEN": "(sensitive)", "url": "(sensitive)"}],
        "marked": "(sensitive)",
        "master_password": None,
    }
    assert told["tags"] == {"DB_PASSWORD": "(sensitive)", "webhook": "(sensitive)", "team": "a"}
