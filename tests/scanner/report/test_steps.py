"""Next steps as they are told: in the terminal to who asks, folded in Markdown, always in JSON."""

from __future__ import annotations

import html
import json
import re
import shlex
import subprocess
from io import StringIO

import msgspec
import pytest
from rich.console import Console

from checks import REGISTRY, Finding, Status
from scanner.report import render, terminal
from state import Declaration, Resource
from state.drift import Drift, Kind
from tests.conftest import ACCOUNT, REGION
from tests.scanner.report import sample
from tests.scanner.report.test_sound import OBEYED

CODE = f"""\
resource "aws_db_instance" "orders" {{
  multi_az = false
  password = "{sample.PASSWORD}"
}}
"""


def shown(scan, *, steps: bool, width: int = 100) -> str:
    console = Console(file=StringIO(), width=width, color_system=None)
    terminal.show(scan, console=console, steps=steps)
    return "".join(f"{each.rstrip()}\n" for each in console.file.getvalue().splitlines())  # type: ignore[attr-defined]


def one_drift(file: str):
    declared = Declaration(address="aws_db_instance.orders", source="prod.tfstate", file=file, line=1)
    drift = Drift(kind=Kind.MISSING, resource=sample.ORDERS, declared=declared)
    return sample.scan(drift=[drift], findings=(), digest=None, gaps=(), accepted=(), notes=())


def test_the_terminal_tells_the_next_step_and_the_code_to_who_asks(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.tf").write_text(CODE)
    scan = one_drift("main.tf")
    assert "terraform" not in shown(scan, steps=False)
    assert shown(scan, steps=True).partition("declared, not live\n")[2].partition("\n\n")[0] == (
        "      → re-create it in the root folder whose state is prod.tfstate, or let its state forget it and\n"
        "      take it out of main.tf:1\n"
        "        terraform apply -target=aws_db_instance.orders\n"
        "        # or\n"
        "        terraform state rm aws_db_instance.orders\n"
        '           1 resource "aws_db_instance" "orders" {\n'
        "           2   multi_az = false\n"
        "           3   password = (sensitive)\n"
        "           4 }"
    )


def test_code_that_is_gone_is_said_to_be(tmp_path):
    said = "".join(shown(one_drift(f"{tmp_path}/no.tf"), steps=True).split())  # however wide the path makes the line
    assert f"{tmp_path}/no.tfcouldnotberead" in said


def test_no_secret_and_nothing_that_a_terminal_obeys_is_in_the_steps():
    assert sample.PASSWORD not in shown(sample.scan(), steps=True)
    assert OBEYED.findall(shown(sample.hostile(), steps=True)) == []


@pytest.mark.parametrize("format", ["json", "jsonl"])
def test_json_has_the_next_step_of_what_drifted_or_fails(format):
    told = "".join(render(format, sample.scan()))
    rows = json.loads(told) if format == "json" else None
    every = [*rows["drift"], *rows["findings"]] if rows else [json.loads(each) for each in told.splitlines()]
    steps = {(each["kind"], each["status"]): each["next_step"] is not None for each in every}
    wanted = {("drift", "changed"), ("drift", "missing"), ("drift", "unmanaged"), ("finding", "fail")}
    assert {key for key, has in steps.items() if has} == wanted


def folded(scan) -> str:
    return "".join(render("markdown", scan)).partition("<details>")[2].partition("</details>")[0]


def test_markdown_folds_the_next_steps_away_and_reads_nothing_into_them():
    told = folded(sample.hostile())
    assert told.startswith("<summary>Next steps: ")
    assert {*re.findall(r"<[^>\n]*>", told)} == {"<summary>", "</summary>", "<pre>", "</pre>"}
    assert re.findall("[`@|]", told.partition("… and")[0]) == []


def test_markdown_says_how_many_steps_it_left_out():
    told = folded(sample.huge())
    assert len(told) < 7_000
    assert re.search(r"… and \d,\d{3} more \(see `--output json`\)", told)


def test_without_drift_and_failures_there_is_no_next_step():
    scan = msgspec.structs.replace(sample.scan(), drift=(), findings=())
    assert "<details>" not in "".join(render("markdown", scan))


SHUT = (
    "aws s3api put-public-access-block --bucket 'a  b' --public-access-block-configuration "
    "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true "
    f"--region {REGION}"
)


def unshut():
    bucket = Resource(type="aws_s3_bucket", id="a  b", account=ACCOUNT, region=REGION)
    failing = Finding(check=REGISTRY["s3-bucket-public-access-block"], resource=bucket, status=Status.FAIL)
    return sample.scan(drift=(), findings=[failing], digest=None, gaps=(), accepted=(), notes=())


def test_a_command_that_is_wider_than_the_terminal_is_one_again_when_pasted():
    said = shown(unshut(), steps=True, width=110)
    pasted = re.search(r"^ +aws s3api(.*\\\n)+.*\n", said, re.MULTILINE)
    assert pasted
    pasting = ["sh", "-c", f"printf '%s\\n' {pasted[0]}"]
    words = subprocess.run(pasting, capture_output=True, text=True, check=True).stdout
    assert words.splitlines() == shlex.split(SHUT)


def test_a_command_with_a_word_that_does_not_fit_is_not_told_in_part():
    said = shown(unshut(), steps=True, width=80)
    assert "aws s3api" not in said
    assert "--output json tells it" in said


def test_markdown_and_json_tell_the_command_whole():
    assert f"\n{SHUT}\n" in html.unescape(folded(unshut()))
    [row] = json.loads("".join(render("json", unshut())))["findings"]
    assert row["next_step"]["command"] == SHUT
