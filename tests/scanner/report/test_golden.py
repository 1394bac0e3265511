"""Every output of the small scan, whole. After a wanted change, write the files anew and read the difference:

PYTHONPATH=. python -m tests.scanner.report.test_golden
"""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from scanner.outcome import Scan
from scanner.report import render, terminal
from tests.scanner.report import sample

GOLDEN = Path(__file__).parent / "golden"
FAILED = ["2 findings of severity high or worse", "2 resources changed"]


def shown(width: int, scan: Scan) -> str:
    console = Console(file=StringIO(), width=width, color_system=None)
    terminal.show(scan, FAILED, console=console)
    return "".join(f"{each.rstrip()}\n" for each in console.file.getvalue().splitlines())  # type: ignore[attr-defined]


OUTPUTS = {
    "scan.json": lambda: "".join(render("json", sample.scan())),
    "scan.jsonl": lambda: "".join(render("jsonl", sample.scan())),
    "scan.md": lambda: "".join(render("markdown", sample.scan())),
    "slack.jsonl": lambda: "".join(render("slack", sample.scan())),
    "terminal.txt": lambda: "".join(render("terminal", sample.scan())),
    "terminal-80.txt": lambda: shown(80, sample.scan()),
    "terminal-120.txt": lambda: shown(120, sample.scan()),
    "several.json": lambda: "".join(render("json", sample.several())),
    "several.md": lambda: "".join(render("markdown", sample.several())),
    "several-slack.jsonl": lambda: "".join(render("slack", sample.several())),
    "several-80.txt": lambda: shown(80, sample.several()),
    "asked.json": lambda: "".join(render("json", sample.asked())),
    "asked.md": lambda: "".join(render("markdown", sample.asked())),
    "asked-80.txt": lambda: shown(80, sample.asked()),
    "stopped-80.txt": lambda: shown(80, sample.stopped()),
    "stopped.md": lambda: "".join(render("markdown", sample.stopped())),
    "stopped-slack.jsonl": lambda: "".join(render("slack", sample.stopped())),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_output_is_as_it_was_read_and_approved(name):
    assert OUTPUTS[name]() == (GOLDEN / name).read_text(encoding="utf-8")


if __name__ == "__main__":
    for name, output in OUTPUTS.items():
        (GOLDEN / name).write_text(output(), encoding="utf-8")
