"""The page of rules names what there is."""

import importlib
import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[2] / "state/README.md"
ROW = re.compile(r"^\| (?!rule \|)([^|]+) \| ([^|]+) \|(?: ([^|]+))? \|$", re.M)
SOURCE = r"((gruntwork-io|hashicorp)/\S+ )?[\w./-]+\.(go|markdown)( \(\w+(, \w+)*\))?|https://\S+\w"
NAMES = sorted({name for _, where, _ in ROW.findall(PAGE.read_text()) for name in re.findall(r"`([^`]+)`", where)})


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


@pytest.mark.parametrize("name", NAMES)
def test_each_rule_lives_where_the_page_says(name: str) -> None:
    assert name.startswith(("state.", "scanner."))
    assert callable(named(name))


def test_each_row_names_something() -> None:
    rows = ROW.findall(PAGE.read_text())
    assert len(rows) > 80
    assert [rule for rule, where, _ in rows if not re.fullmatch(r"`[\w.]+`(, `[\w.]+`)*", where)] == []


def test_what_a_rule_was_verified_in_is_a_file_or_an_address() -> None:
    sources = [source for *_, source in ROW.findall(PAGE.read_text()) if source]
    assert len(sources) > 15
    assert [each for each in sources if not re.fullmatch(f"({SOURCE})(, ({SOURCE}))*", each)] == []
