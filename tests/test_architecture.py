"""The one rule of the house: imports point left. state <- checks <- scanner; deploy and tests are no one's."""

import ast
import re
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ALLOWED = {"state": {"state"}, "checks": {"state", "checks"}, "scanner": {"state", "checks", "scanner"}}


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").partition(".")[0]


@pytest.mark.parametrize("package", ALLOWED)
def test_imports_point_left(package: str) -> None:
    ours = {"state", "checks", "scanner", "tests", "deploy"}
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / package).rglob("*.py")
        for name in imported(path)
        if name in ours - ALLOWED[package]
    }
    assert wrong == set()


BANNED = ("manager", "helper", "util", "facade", "engine", "base", "service")


def names(package: str) -> Iterator[str]:
    """Every module and class of a package."""
    for path in (ROOT / package).rglob("*.py"):
        yield path.stem
        yield from (node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef))


def says_nothing(name: str) -> bool:
    return any(word in BANNED or word.removesuffix("s") in BANNED for word in re.findall(r"[A-Z]?[a-z]+", name.lower()))


@pytest.mark.parametrize("package", ALLOWED)
def test_no_module_or_class_has_a_name_that_says_nothing(package: str) -> None:
    assert [name for name in names(package) if says_nothing(name)] == []


@pytest.mark.parametrize("package", ALLOWED)
def test_every_module_says_in_a_sentence_what_it_is(package: str) -> None:
    silent = [path for path in (ROOT / package).rglob("*.py") if not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []


@pytest.mark.parametrize("package", ALLOWED)
def test_no_other_distribution_provides_our_names(package: str) -> None:
    assert set(packages_distributions()[package]) == {"driftline"}


def test_one_module_knows_aioboto3() -> None:
    knowing = [each for each in sorted(ROOT.glob("scanner/**/*.py")) if {"aioboto3", "aiobotocore"} & {*imported(each)}]
    assert [each.relative_to(ROOT).as_posix() for each in knowing] == ["scanner/aws/wire.py"]
