"""What holds of every output, whatever AWS says: hostile, empty and huge scans, and no secret in any."""

import json
import re
import sys
from collections import Counter
from functools import cache
from io import StringIO

import pytest
from markdown_it import MarkdownIt
from rich.console import Console

from scanner.report import formats, render, terminal
from state.history import Digest
from tests.scanner.report import sample
from tests.scanner.report.sample import HOSTILE

OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
SCANS = {"small": sample.scan, "hostile": sample.hostile, "bare": sample.bare, "huge": sample.huge}
SCANS |= {"several": sample.several, "stopped": sample.stopped}
SCANS |= {"asked": sample.asked, "hostile owners": sample.hostile_owners}


def text(format, scan):
    return "".join(render(format, scan))


@cache
def told_of(format, scan):
    """One of the scans as it is told: to tell a huge one takes seconds, and many tests look at it."""
    return text(format, SCANS[scan]())


@pytest.mark.parametrize("format", sorted(formats()))
def test_no_secret_is_in_any_output(format):
    assert sample.PASSWORD not in text(format, sample.scan())


@pytest.mark.parametrize("scan", SCANS)
@pytest.mark.parametrize("format", ["json", "jsonl", "markdown", "slack", "terminal"])
def test_no_character_that_a_terminal_obeys_is_in_any_output(format, scan):
    assert OBEYED.findall(told_of(format, scan)) == []


def test_json_tells_every_hostile_value_as_it_is():
    told = json.loads(told_of("json", "hostile"))
    assert [each["evidence"][0]["declared"] for each in told["drift"]] == list(HOSTILE.values())
    failing = {each["message"]: each["evidence"] for each in told["findings"] if each["status"] == "fail"}
    assert failing == {str(value): {str(value): value, name: {str(value): value}} for name, value in HOSTILE.items()}
    assert [each["about"] for each in told["notes"]] == list(map(str, HOSTILE.values()))


@pytest.mark.parametrize("scan", SCANS)
def test_jsonl_tells_the_rows_of_json(scan):
    told = json.loads(told_of("json", scan))
    rows = [json.loads(each) for each in told_of("jsonl", scan).splitlines()]
    assert rows == told["drift"] + told["noise"] + told["suppressed"] + told["findings"] + told["gaps"]
    assert len({tuple(row) for row in rows}) <= 1  # every row has the same fields


@pytest.mark.parametrize("format", ["json", "jsonl", "markdown", "slack", "terminal"])
def test_what_is_told_of_a_thing_does_not_grow_with_the_things(format):
    small, large = (steps(format, sample.huge(count)) for count in (150, 600))
    assert large < 4.5 * small  # 16, if each were looked for among all


def steps(format, scan):
    """How many functions are called to tell a scan: no clock, which runs as it likes on a busy machine."""
    calls = Counter()
    sys.setprofile(lambda frame, event, argument: calls.update([event]))
    try:
        text(format, scan)
    finally:
        sys.setprofile(None)
    return calls["call"] + calls["c_call"]


def test_the_terminal_cuts_what_is_long_and_says_so():
    told = text("terminal", sample.huge())
    assert re.findall(r"… and [\d,]+ more", told) == [
        "… and 1,994 more", "… and 1,980 more", "… and 995 more", "… and 995 more", "… and 1,988 more"
    ]  # fmt: skip
    assert len(told.splitlines()) < 160
    assert all(len(each) <= terminal.WIDTH for each in told.splitlines())


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_terminal_obeys_nothing_but_its_own_colours(width):
    console = Console(file=StringIO(), width=width, force_terminal=True, color_system="truecolor")
    terminal.show(sample.hostile(), console=console)
    told = console.file.getvalue()
    plain = re.sub("\x1b\\[[0-9;]*m", "", told)
    assert OBEYED.findall(plain) == []
    assert "\x1b]8" not in told
    if width > 80:
        assert "[red]x[/red] [link=https://evil.example]y[/link] :bomb:" in plain
        assert r"\x1b[31mred\x1b]0;title\x07\x9b2J" in plain


def test_the_gate_is_told_last():
    def last(failed, **changes):
        console = Console(file=StringIO(), width=80, color_system=None)
        terminal.show(sample.scan(**changes), failed, console=console)
        return console.file.getvalue().splitlines()[-1].strip()

    assert last(["1 resource changed", "1 regression"]) == "GATE FAILED   1 resource changed; 1 regression"
    assert last([]) == "GATE PASSED   in what was seen"
    assert last([], gaps=()) == "GATE PASSED"
    assert last(None).endswith("3 gaps")


OUR_STRESS = re.compile(r"(\d+ )?not entered|.*: what was not read by then is not known\.")


@cache
def tokens(scan):
    parsed = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(told_of("markdown", scan))
    return parsed, [inner for each in parsed for inner in each.children or ()]


@pytest.mark.parametrize("scan", SCANS)
def test_markdown_holds_no_markup_but_its_own(scan):
    _, inner = tokens(scan)
    assert {each.content for each in inner if each.type == "html_inline"} <= {"<code>", "</code>", "<br>"}
    assert {each.type for each in inner} <= {"text", "code_inline", "html_inline", "strong_open", "strong_close"}
    for opened in (index for index, each in enumerate(inner) if each.type == "strong_open"):
        assert inner[opened + 1].type == "text"
        assert OUR_STRESS.fullmatch(inner[opened + 1].content)
        assert inner[opened + 2].type == "strong_close"


def test_markdown_mentions_nobody_and_links_nowhere():
    _, inner = tokens("hostile")
    in_code, prose = False, []
    for each in inner:
        if each.type == "html_inline":
            in_code = each.content == "<code>"
        elif each.type == "text" and not in_code:
            prose.append(each.content)
    assert re.findall(r"[@#]\w+", "".join(prose)) == []
    outside_code = re.sub(r"`[^`\n]*`|<code>.*?</code>", "", told_of("markdown", "hostile"))
    assert re.findall(r"://|www\.", outside_code) == []


@pytest.mark.parametrize("scan", SCANS)
def test_markdown_tables_keep_their_columns(scan):
    blocks, _ = tokens(scan)
    width, cells = 0, 0
    for each in blocks:
        if each.type == "tr_open":
            cells = 0
        cells += each.type in ("th_open", "td_open")
        width = 0 if each.type == "table_open" else width
        if each.type == "tr_close":
            width = width or cells
            assert cells == width
    lines = told_of("markdown", scan).splitlines()
    assert sum(line.startswith("|") for line in lines) == sum(each.type == "tr_open" for each in blocks) + sum(
        each.type == "table_open" for each in blocks
    )


@pytest.mark.parametrize("scan", SCANS)
def test_markdown_fits_a_comment_on_github(scan):
    assert len(told_of("markdown", scan)) < 65_536


def test_nothing_unseen_is_called_clean():
    quiet = Digest(scan="scan-2", since="scan-1")
    changes = {"drift": (), "findings": sample.FINDINGS[4:5], "digest": quiet}
    for format in ("terminal", "markdown"):
        told = text(format, sample.scan(**changes))
        assert "No drift in what could be seen: 3 managed resources, 36 of 40 declared attributes compared" in told
        assert "No finding fails in what was seen: 1 pass." in told
        told = text(format, sample.scan(**changes, gaps=(), accepted=()))
        assert "No drift: 3 managed resources, 36 of 40 declared attributes compared" in told
        assert "No finding fails: 1 pass." in told
        told = text(format, sample.bare(interrupted="the scan was ended by Ctrl-C"))
        assert "The scan was ended by Ctrl-C: what was not read by then is not known." in told
        assert "No check was run." in told
        assert "Nothing was declared to compare with" in told
