from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.resource import Unknown
from state.terraform.expressions import Allowance, Steps, evaluate, stepped
from state.terraform.functions import jsonencode
from state.terraform.syntax import Malformed, parse, parse_expression

NAMES = {"var": {"env": "prod", "ports": [22, 80], "tags": {"b": "2", "a": "1"}, "none": None, "on": True}}


def names(root: str, steps: Steps) -> Any:
    if root not in NAMES:
        raise Unknown(root)
    return stepped(NAMES[root], steps)


def value(text: str) -> Any:
    return evaluate(parse_expression(text), names, Allowance())


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('"a"', "a"),
        ("1", 1),
        ("-1.5", -1.5),
        ("-3", -3),
        ("1e3", 1000.0),
        ("null", None),
        ("[1, true, null,]", [1, True, None]),
        ('{ a = 1, "b c" : 2, (var.env) = 3 }', {"a": 1, "b c": 2, "prod": 3}),
        ('"a-${var.env}-${1 + 1}"', "a-prod-2"),
        ('"${var.ports}"', [22, 80]),
        (r'"\"q\"\n\\\u00e9 $${x} %%{y}"', '"q"\n\\é ${x} %{y}'),
        ("<<EOT\n  a ${var.env}\n\n$${b}\nEOT\n", "  a prod\n\n${b}\n"),
        ('<<-EOT\n    {"a": "${upper(var.env)}"}\n      b\n  EOT\n', '{"a": "PROD"}\n  b\n'),
        ("var.ports[1]", 80),
        ("var.ports.0", 22),
        ('var.tags["a"]', "1"),
        ("[{ a = 1 }, { a = 2 }][*].a", [1, 2]),
        ("1 + 2 * 3 - 4 / 2", 5),
        ("-5 % 3", -2),
        ('var.env == "prod" && !false || var.none', True),
        ("false && var.none", False),
        ("1 == true", False),
        ('var.on ? "yes" : missing.value', "yes"),
        ("[for port in var.ports : port + 1 if port > 22]", [81]),
        ("{ for key, each in var.tags : upper(key) => each }", {"A": "1", "B": "2"}),
        ("[for n, port in var.ports : n]", [0, 1]),
        ('jsonencode({ b = [1, 2.0, null], a = "<&>" })', '{"a":"\\u003c\\u0026\\u003e","b":[1,2,null]}'),
        ("merge(var.tags, { a = 3 })", {"a": 3, "b": "2"}),
        ("concat([1], [2, 3], [])", [1, 2, 3]),
        ('format("%s-%03d-%q-%v%%", "a", 7, "b", true)', 'a-007-"b"-true%'),
        ('join("-", ["a", 1, true])', "a-1-true"),
        ("max(var.ports...)", 80),
        ('toset(["b", "a", "b"])', ["a", "b"]),
        ('lookup(var.tags, "z", "none")', "none"),
        ('coalesce(var.none, "", "a")', "a"),
        ("contains(var.ports, 22)", True),
        ("length(var.tags)", 2),
        ('split(",", "a,b")', ["a", "b"]),
        ("keys(var.tags)", ["a", "b"]),
        ("values(var.tags)", ["1", "2"]),
        ('merge({ a = 1 }, { b = 2 })["b"]', 2),
    ],
)
def test_an_expression_comes_to_what_terraform_makes_of_it(text: str, wanted: Any) -> None:
    found = value(text)
    assert (found, type(found)) == (wanted, type(wanted))


@pytest.mark.parametrize(
    "text",
    [
        "var.missing",
        "aws_vpc.main.id",
        'file("/etc/passwd")',
        "timestamp()",
        "uuid()",
        "provider::aws::arn_parse(var.env)",
        '"%{ if var.on }a%{ endif }"',
        "1 / 0",
        "var.ports[2]",
        "var.env.name",
        '"${var.tags}-"',
        '"${null}-"',
        "!var.env",
        '"a" + 1',
        "1 < true",
        'jsondecode("{")',
        'format("%x", 1)',
        'replace("a", "/a/", "b")',
        "{ for k, v in var.tags : k => v... }",
        "[for a in var.env : a]",
    ],
)
def test_what_the_code_alone_does_not_say_is_unknown(text: str) -> None:
    with pytest.raises(Unknown) as reason:
        value(text)
    assert str(reason.value) == f"{text} cannot be known from the code"


DOUBLING = "[for a in {0} : [for b in {0} : [for c in {0} : [for d in {0} : a]]]]".format(
    'split("", "' + "x" * 99 + '")'
)


@pytest.mark.parametrize(
    "text",
    [
        DOUBLING,
        "9" * 200,
        "99999999999999999999 * 99999999999999999999 * 1",
        'join("{0}", split("", "{0}"))'.format("x" * 2000),
        'replace("{0}", "x", "{0}")'.format("x" * 2000),
        'format("%999999999d", 1)',
        "(" * 5000 + "1" + ")" * 5000,
        "[" * 5000 + "]" * 5000,
    ],
)
def test_an_expression_that_blows_up_is_unknown(text: str) -> None:
    with pytest.raises(Unknown):
        value(text)


def test_a_long_expression_is_not_repeated_whole() -> None:
    with pytest.raises(Unknown) as reason:
        value('missing(\n  "' + "x" * 500 + '")')
    assert str(reason.value) == f'missing( "{"x" * 107}… cannot be known from the code'


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)))
def test_json_is_written_so_that_it_reads_back(written: Any) -> None:
    import json

    assert json.loads(jsonencode(written)) == written


# --- syntax ---------------------------------------------------------------------------------------


def test_blocks_have_their_labels_and_lines() -> None:
    body = parse('# one\nresource "aws_vpc" main {\n  a = 1\n\n  inner {\n    b = 2\n  }\n}\n', "main.tf")
    [block] = body.blocks
    [inner] = block.body.blocks
    assert (block.type, block.labels, block.line, block.file) == ("resource", ("aws_vpc", "main"), 2, "main.tf")
    assert (block.body.attributes["a"].line, inner.type, inner.line) == (3, "inner", 5)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('resource "a" {', "line 1 is not HCL"),
        ("a = 1\nb = = 2\n", "line 2 is not HCL"),
        ('a = "unclosed\n', "line 1 is not HCL"),
        ("\x00", "line 1 is not HCL"),
        ("a { " * 200 + "}" * 200, "is nested too deeply to be read"),
        ("#" * 5_000_000, "is too large to be read as HCL"),
    ],
)
def test_what_is_no_hcl_is_said_by_its_line_alone(text: str, line: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse(text)
    assert str(refused.value) == line


@given(st.text(max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        parse(text)
    except Malformed as refused:
        assert str(refused).endswith("HCL")
