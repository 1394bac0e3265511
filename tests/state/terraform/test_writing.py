"""HCL that we write: read back it says the same, `terraform fmt` leaves it, and terraform evaluates none of it."""

from __future__ import annotations

import json
import shutil
import subprocess

import hcl2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from state.terraform.configuration import said
from state.terraform.syntax import parse
from state.terraform.writing import Argument, Block, Comment, Document, Expression, quoted, text

HOSTILE = {
    "template": "${path.root}",
    "doubled": '$${x} $$${x} \\${x} ${"$"}{',
    "directive": "%{if true}x%{endif} %%{y} $%{z} %${a}",
    "quotes": "q\"\\ ' `",
    "lines": "one\ntwo\r\n\tthree\u2028four",
    "control": "\x00\x1b[31mred\x7f",
    "order": "\u202egnp.exe\u2066\u200b",
    "signs": "$ $$$ % a$ b%",
    "heredoc": "<<EOF\nEOF",
    "comment": "# /* // */",
    "far": "naïve 日本語 👩‍💻",
    "for": "a word of the language",
    "a key": "quoted",
    "${key}": "of a template",
}

ITEMS = (
    Comment("said\nby nobody"),
    Argument("name", "shop"),
    Argument("much_longer_name", ["a", "b"]),
    Argument("nothing", None),
    Argument("tags", {"Owner": "shop", "cost-center": "1", "in": True}),
    Argument("after", 1.5),
    Argument("policy", Document({"Statement": [{"Action": ["s3:Get*", "s3:List*"], "Resource": "*"}]})),
    Argument("many", ["x" * 30] * 4),
    Argument("rows", [{"a": 1}, {"b": [2, {"c": {}}]}]),
    Argument("by", Expression("var.password")),
    Block("empty"),
    Block("rule", (), (Argument("id", 2**70), Block("filter", (), (Argument("prefix", ""),)))),
)

WRITTEN = """\
resource "aws_thing" "a" {
  # said by nobody
  name             = "shop"
  much_longer_name = ["a", "b"]
  nothing          = null
  tags = {
    Owner         = "shop"
    "cost-center" = "1"
    "in"          = true
  }
  after = 1.5
  policy = jsonencode({
    Statement = [{
      Action   = ["s3:Get*", "s3:List*"]
      Resource = "*"
    }]
  })
  many = [
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
  ]
  rows = [
    {
      a = 1
    },
    {
      b = [
        2,
        {
          c = {}
        },
      ]
    },
  ]
  by = var.password

  empty {}

  rule {
    id = 1180591620717411303424

    filter {
      prefix = ""
    }
  }
}
"""
BLOCK = Block("resource", ("aws_thing", "a"), ITEMS)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def read_back(value):
    return said(parse(text([Argument("it", value)])).attributes["it"])


def test_it_is_laid_out_for_people():
    assert text([BLOCK]) == WRITTEN


def test_python_hcl2_reads_it():
    (found,) = hcl2.loads(WRITTEN)["resource"]
    assert found['"aws_thing"']['"a"']["tags"] == {"Owner": '"shop"', '"cost-center"': '"1"', '"in"': True}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_is_read_back_as_it_is(value):
    assert read_back(value) == value


@settings(max_examples=150)
@given(values)
def test_whatever_is_written_is_read_back(value):
    assert read_back(value) == value


def test_half_a_surrogate_pair_is_said_to_be_one():
    assert quoted("half \ud83d a pair") == '"half \\ufffd a pair"'


needs_terraform = pytest.mark.skipif(shutil.which("terraform") is None, reason="no terraform on the path")


@pytest.mark.terraform
@needs_terraform
def test_terraform_fmt_changes_nothing():
    block = Block("resource", ("aws_thing", "b"), (*ITEMS, Argument("tags_of_others", HOSTILE)))
    run = subprocess.run(
        ["terraform", "fmt", "-check", "-diff", "-"], input=text([block]), capture_output=True, text=True
    )
    assert (run.returncode, run.stdout) == (0, "")


@pytest.mark.terraform
@needs_terraform
def test_terraform_evaluates_nothing_of_it(tmp_path):
    value = Argument("value", HOSTILE)
    (tmp_path / "main.tf").write_text(text([Block("output", ("it",), (value,))]))
    for command in (["apply", "-auto-approve"], ["output", "-json", "it"]):
        run = subprocess.run(["terraform", *command], cwd=tmp_path, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == HOSTILE
