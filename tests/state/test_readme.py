"""The page of rules names what there is."""

import importlib
import re
from pathlib import Path
from typing import Any

from tests.cases import every
from tests.shared import FACTS, needs_facts

PAGE = Path(__file__).parents[2] / "state/README.md"
ROW = re.compile(r"^\| (?!rule \|)([^|]+) \|(?: ([\d -]+))? \| ([^|]+) \|(?: ([^|]+))? \|$", re.M)
SOURCE = r"((gruntwork-io|hashicorp)/\S+ )?[\w./-]+\.(go|markdown)( \(\w+(, \w+)*\))?|https://\S+\w"
NAMES = sorted({name for _, _, where, _ in ROW.findall(PAGE.read_text()) for name in re.findall(r"`([^`]+)`", where)})


def named(path: str) -> Any:
    """What stands at a path of dots: a module's, or something in one."""
    parts = path.split(".")
    for split in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:split]))
        except ModuleNotFoundError:
            continue
        for name in parts[split:]:
            found = getattr(found, name)
        return found
    raise AssertionError(path)


@every({name: name for name in NAMES})
def test_each_rule_lives_where_the_page_says(name: str) -> None:
    assert name.startswith(("state.", "scanner."))
    assert callable(named(name))


def test_each_row_names_something() -> None:
    rows = ROW.findall(PAGE.read_text())
    assert len(rows) > 80
    assert [rule for rule, _, where, _ in rows if not re.fullmatch(r"`[\w.]+`(, `[\w.]+`)*", where)] == []


def test_what_a_rule_was_verified_in_is_a_file_or_an_address() -> None:
    sources = [source for *_, source in ROW.findall(PAGE.read_text()) if source]
    assert len(sources) > 15
    assert [each for each in sources if not re.fullmatch(f"({SOURCE})(, ({SOURCE}))*", each)] == []


def numbers(text: str) -> set[int]:
    """``2-4 8`` is 2, 3, 4 and 8."""
    spans = [each.split("-") for each in text.split()]
    return {number for span in spans for number in range(int(span[0]), int(span[-1]) + 1)}


@needs_facts
def test_each_fact_is_settled_by_a_rule_or_said_not_to_be() -> None:
    text = PAGE.read_text()
    rows, open_ones = text.split("## Not settled")
    settled = set().union(*(numbers(facts) for _, facts, *_ in ROW.findall(rows)))
    settled |= {int(each) for each in re.findall(r"\(fact (\d+)\)", open_ones)}
    facts = {int(each) for each in re.findall(r"^(\d+)\. ", (FACTS / "normalisation.md").read_text(), re.M)}
    assert len(facts) > 140
    assert (facts - settled, settled - facts) == (set(), set())
