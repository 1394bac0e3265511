"""Checks of a user's own: a Python file with ``@check``, or a TOML file that says on which condition a thing fails.

They are read only where somebody names the file: a Python file is run.
"""

from __future__ import annotations

import re
import sys
import tomllib
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Annotated

import msgspec

from checks.check import FRAMEWORKS, REGISTRY, TAGGED, Category, Check, Rule, Severity, add
from checks.expression import Condition, NoCondition, condition
from checks.frameworks import NAMES
from state import Inventory, Resource

Known = Mapping[str, Collection[str]]
"""The types that can be judged, and the attributes, facts and ``tags`` that are read of each."""

_HEADER = re.compile(r"\s*\[\[\s*checks\s*\]\]")


class BadCheck(Exception):
    """A check of a user's own that cannot be used; the text says where, why and what to do."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A [[checks]] entry. A resource of the ``type`` fails where ``condition`` is true of it."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)+$")]
    title: Annotated[str, msgspec.Meta(min_length=1)]
    type: str
    condition: str
    severity: Severity
    category: Category
    message: str = ""
    remediation: str = ""
    frameworks: Mapping[str, tuple[str, ...]] = {}


@contextmanager
def added(paths: Sequence[Path], known: Callable[[], Known]) -> Iterator[None]:
    """The registry with the checks of these files in it, for as long as this lasts. Raises BadCheck."""
    if not paths:
        yield
        return
    before = dict(REGISTRY)
    try:
        for path in paths:
            _load(path, known())
        yield
    finally:
        REGISTRY.clear()
        REGISTRY.update(before)


def _load(path: Path, known: Known) -> None:
    read = {".py": _python, ".toml": _toml}.get(path.suffix)
    if read is None:
        raise BadCheck(f"{path}: checks are written in a .py or a .toml file; name the file itself")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadCheck(f"{path}: {(error.strerror or str(error)).lower()}") from error
    except UnicodeDecodeError as error:
        raise BadCheck(f"{path}: not UTF-8: {error}") from error
    before = len(REGISTRY)
    read(path, text, known)
    if len(REGISTRY) == before:
        raise BadCheck(f"{path}: there is no check in it; see --checks in README")


# --- Python ---------------------------------------------------------------------------------------


def _python(path: Path, text: str, known: Known) -> None:
    """Run the file; compiled here, so that nothing is written beside it."""
    before = set(REGISTRY)
    module = ModuleType(re.sub(r"\W", "_", f"own_{path.resolve()}"))
    module.__file__ = str(path)
    sys.modules[module.__name__] = module
    try:
        exec(compile(text, str(path), "exec", dont_inherit=True), vars(module))  # noqa: S102  what --checks asks for
    except (Exception, SystemExit) as error:
        raise BadCheck(f"{path}:{_line_of(error, path)}: {_said(error)}") from error
    for id in REGISTRY.keys() - before:
        if wrong := _wrong(REGISTRY[id], known):
            raise BadCheck(f"{path}:{REGISTRY[id].rule.__code__.co_firstlineno}: {id}: {wrong}")


def _line_of(error: BaseException, path: Path) -> int:
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno or 1
    frames = traceback.extract_tb(error.__traceback__)
    return next((each.lineno or 1 for each in reversed(frames) if each.filename == str(path)), 1)


def _said(error: BaseException) -> str:
    said = error.msg if isinstance(error, SyntaxError) else " ".join(str(error).split())
    return said if isinstance(error, ValueError | msgspec.ValidationError) else f"{type(error).__name__}: {said}"


def _wrong(found: Check, known: Known) -> str:
    """What of a check cannot be used; empty where all can."""
    if not found.types:
        return "it says no type of resource"
    for type in found.types:
        if type not in known and type != TAGGED:
            return f"no collector reads {type}; see scanner/collectors/README.md"
    if not (isinstance(found.severity, Severity) and isinstance(found.category, Category)):
        return "its severity is a Severity and its category a Category, both of which `checks` has"
    for name in found.frameworks:
        if name not in FRAMEWORKS:
            return f"there is no framework {name}; choose from {', '.join(FRAMEWORKS)}"
    return "" if found.rule.__doc__ else "its docstring is its title, and there is none"


# --- TOML -----------------------------------------------------------------------------------------


def _toml(path: Path, text: str, known: Known) -> None:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadCheck(f"{path}: not TOML: {error}") from error
    rows, strange = table.get("checks"), sorted(table.keys() - {"checks"})
    if strange or not isinstance(rows, list):
        raise BadCheck(f"{path}: {strange[0] if strange else 'checks'}: it holds [[checks]] entries and nothing else")
    lines = [n for n, line in enumerate(text.splitlines(), 1) if _HEADER.match(line)]
    for n, row in enumerate(rows):
        try:
            add(_check(msgspec.convert(row, Entry), known))
        except (msgspec.ValidationError, ValueError) as error:
            about = f" {row['id']}:" if isinstance(row, Mapping) and isinstance(row.get("id"), str) else ""
            raise BadCheck(f"{path}:{lines[n] if n < len(lines) else 1}:{about} {_said(error)}") from error


def _check(entry: Entry, known: Known) -> Check:
    """The check that an entry says. Raises ValueError where it says none."""
    if entry.type not in known:
        raise ValueError(f"no collector reads {entry.type}; see scanner/collectors/README.md")
    names = known[entry.type]
    try:
        found = condition(entry.condition, names, tagged="tags" in names)
    except NoCondition as error:
        raise ValueError(f"condition: {error}") from error
    return Check(
        rule=_rule(entry, found),
        types=(entry.type,),
        severity=entry.severity,
        category=entry.category,
        frameworks=dict(_mapped(entry.frameworks)),
        also_reads=found.reads,
    )


def _mapped(frameworks: Mapping[str, Sequence[str]]) -> Iterable[tuple[str, tuple[str, ...]]]:
    for name, ids in frameworks.items():
        if name not in NAMES:
            raise ValueError(f"there is no framework {name}; choose from {', '.join(NAMES)}")
        yield NAMES[name], tuple(ids)


def _rule(entry: Entry, fails: Condition) -> Rule:
    said = entry.message or entry.title

    def rule(resource: Resource, inventory: Inventory) -> str | None:
        return said if fails.holds(resource) else None

    rule.__name__ = entry.id.replace("-", "_")
    why = f"It fails where `{entry.condition}` holds."
    fix = f"Fix: {entry.remediation}" if entry.remediation else ""
    rule.__doc__ = "\n\n".join(" ".join(each.split()) for each in (entry.title, why, fix) if each)
    return rule
