"""Terragrunt's units, and where each keeps its state, as far as its files alone say it.

https://terragrunt.gruntwork.io/docs/reference/hcl/functions/, and gruntwork-io/terragrunt config/config_helpers.go and
config/include.go. Nothing is run, and nothing is read outside the checkout or taken from the environment: ``get_env``
would let code send what stands there to a bucket that it names.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from state.resource import Unknown
from state.terraform.configuration import checkout, tidy
from state.terraform.expressions import Allowance, Names, Steps, evaluate, stepped
from state.terraform.files import walk
from state.terraform.functions import FUNCTIONS
from state.terraform.syntax import MOST_CHARACTERS, Block, Body, Expression, Malformed, parse

UNIT = "terragrunt.hcl"
JSON = f"{UNIT}.json"
PARENTS = (JSON, UNIT)
DEEPEST = 8


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """A folder that Terragrunt applies: its ``remote_state``, and why it is not known what is ``unknown`` of it."""

    folder: Path
    file: str
    line: int
    type: str
    config: Mapping[str, Any]
    unknown: Mapping[str, str]
    problem: str = ""


def units(folder: Path) -> Iterator[Unit]:
    """Every unit below a folder that says where its state is; what is only included by others is none."""
    reading = _Reading(checkout(folder.resolve()))
    found = list(_files(folder))
    shelf = [_Hcl(path, path.parent, reading) for path in found]
    pairs = {(parent.path.resolve(), each.path.resolve()) for each in shelf for parent in each.included()}
    included = {parent for parent, unit in pairs if parent != unit}
    for each in shelf:
        if each.path.resolve() not in included and (unit := each.unit()):
            yield unit


def _files(folder: Path) -> Iterator[Path]:
    """The file of each unit: where one is written in JSON too, Terragrunt takes that."""
    every = {path: path.with_name(JSON) for path in walk(folder) if path.name in PARENTS}
    return (path for path, other in every.items() if path == other or other not in every)


class _Reading:
    """Files are read once, and none outside the checkout."""

    def __init__(self, boundary: Path) -> None:
        self.boundary = boundary
        self.allowance = Allowance()
        self._bodies: dict[Path, Body | str] = {}

    def body(self, path: Path) -> Body | str:
        """What a file holds, or why it cannot be read."""
        real = path.resolve()
        if real not in self._bodies:
            self._bodies[real] = self._read(real)
        return self._bodies[real]

    def _read(self, path: Path) -> Body | str:
        if not path.is_relative_to(self.boundary) or not path.is_file():
            return "is no file of this checkout"
        if path.stat().st_size > MOST_CHARACTERS:
            return "is too large to be read as HCL"
        if path.suffix == ".json":
            return "is JSON, which is not read here; name the state with --from"
        try:
            return parse(path.read_text("utf-8-sig"), str(path))
        except (Malformed, OSError, UnicodeDecodeError) as error:
            return str(error) if isinstance(error, Malformed) else "cannot be read"


class _Remote(NamedTuple):
    """What a file says of where its state is."""

    line: int
    type: Any
    config: Mapping[str, Any]
    unknown: Mapping[str, str]


class _Hcl:
    """One file as it is read for a unit: its own, or one that is included or looked into.

    ``folder`` is where paths begin: the unit's, also for what it includes, but a file's own where it is looked into.
    ``child`` is who included it, ``original`` the unit that all is read for.
    """

    def __init__(
        self,
        path: Path,
        folder: Path,
        reading: _Reading,
        *,
        child: _Hcl | None = None,
        original: Path | None = None,
        depth: int = 0,
    ) -> None:
        self.path, self.folder, self.reading, self.child, self.depth = path, folder, reading, child, depth
        self.original, self.parent = original or folder, path.parent
        found = reading.body(path)
        self.problem = found if isinstance(found, str) else ""
        self.body = Body() if isinstance(found, str) else found

    def unit(self) -> Unit | None:
        if self.problem:
            return self._unit(self.path, 1, problem=self.problem)
        every = list(self.whole())
        for each in every:
            if each.problem:
                return self._unit(each.path, 1, problem=each.problem)
            if (said := each.remote()) is not None:
                return self._kept(each.path, said)
        for each in every:
            for block in each.unread():
                return self._unit(each.path, block.line, problem=f"includes {_words(block)}, {UNREAD}")
        return None

    def whole(self) -> Iterator[_Hcl]:
        """The file and all that it includes, and what that includes in turn: what comes first wins."""
        yield self
        for each in reversed(list(self.included(merged=True))):
            yield from each.whole()

    def unread(self) -> Iterator[Block]:
        """The blocks that include what is not known."""
        return (block for block in self.body.of("include") if self._path_of(block) is None)

    def remote(self) -> _Remote | None:
        """Where the file says that its state is, in a block or as a value that it was handed."""
        if block := next(self.body.of("remote_state"), None):
            return self._remote(block.line, block.body.attributes)
        if (value := self.body.attributes.get("remote_state")) is None:
            return None
        if entries := value.entries():
            return self._remote(value.line, entries)
        handed = self.known(value)
        said = handed if isinstance(handed, dict) else {}
        return _Remote(value.line, said.get("backend"), said.get("config") or {}, {})

    def _remote(self, line: int, said: Mapping[str, Expression]) -> _Remote:
        return _Remote(line, self.known(said.get("backend")), *self.values(said.get("config")))

    def _kept(self, path: Path, said: _Remote) -> Unit:
        if not isinstance(said.type, str):
            return self._unit(path, said.line, problem="does not say which backend it is")
        return self._unit(path, said.line, type=said.type, config=said.config, unknown=said.unknown)

    def _unit(self, path: Path, line: int, **more: Any) -> Unit:
        about = {"type": "", "config": {}, "unknown": {}} | more
        return Unit(folder=self.folder, file=tidy(path), line=line, **about)

    def included(self, *, merged: bool = False) -> Iterator[_Hcl]:
        """What is included; of that what is ``merged``, where some is there only to be referred to."""
        for block in self.body.of("include") if self.depth < DEEPEST else ():
            if merged and self.known(block.body.attributes.get("merge_strategy")) == "no_merge":
                continue
            if (found := self._included(block)) is not None:
                yield found

    def _included(self, block: Block) -> _Hcl | None:
        if (path := self._path_of(block)) is None:
            return None
        deeper = self.depth + 1
        return _Hcl(path, self.folder, self.reading, child=self, original=self.original, depth=deeper)

    def _path_of(self, block: Block) -> Path | None:
        """What an included file includes is looked for from where that file is: from the unit it would find itself."""
        here = self if self.child is None else _Hcl(self.path, self.parent, self.reading, depth=self.depth)
        found = here.known(block.body.attributes.get("path"))
        path = here.folder / found if isinstance(found, str) else None
        return None if path is None or self._is_above(path) else path

    def _is_above(self, path: Path) -> bool:
        """Whether it is this very file, or one that led here."""
        same = path.resolve() == self.path.resolve()
        return same or (self.child is not None and self.child._is_above(path))

    # --- values -----------------------------------------------------------------------------------

    def known(self, expression: Expression | None) -> Any:
        """A value; None where it cannot be known."""
        try:
            return self.value(expression) if expression else None
        except Unknown:
            return None

    def value(self, expression: Expression) -> Any:
        names: Names = self._named
        return evaluate(expression, names, self.reading.allowance, {**FUNCTIONS, **self._functions()})

    def values(self, config: Expression | None) -> tuple[dict[str, Any], dict[str, str]]:
        """What a ``config`` says, and of what it leaves open why: one open value does not hide the others."""
        known: dict[str, Any] = {}
        unknown: dict[str, str] = {}
        if config is None:
            return known, unknown
        if not (entries := config.entries()):
            whole = self.known(config)
            return (whole, {}) if isinstance(whole, dict) else ({}, {"config": config.words})
        for name, each in entries.items():
            try:
                known[name] = self.value(each)
            except Unknown:
                if name in WEIGHTY:
                    unknown[name] = each.words
        return known, unknown

    def _named(self, name: str, steps: Steps) -> Any:
        if name == "include":
            return self._of_included(steps)
        if name != "local" or not steps:
            raise Unknown(f"{name} is not known")
        for block in self.body.of("locals"):
            if found := block.body.attributes.get(steps[0]):
                return stepped(self.value(found), steps[1:])
        raise Unknown(f"there is no local {steps[0]}")

    def _of_included(self, steps: Steps) -> Any:
        """``include.root.locals.x``, or ``include.locals.x`` where the block has no name."""
        for block in self.body.of("include"):
            begin = block.labels[:1]
            if steps[: len(begin)] == begin and (found := self._included(block)) is not None:
                return stepped(found.said(), steps[len(begin) :])
        raise Unknown("nothing of that name is included")

    def _functions(self) -> dict[str, Callable[..., Any]]:
        """Terragrunt's own. The paths are those of the unit, also in what it includes."""
        return {
            "basename": lambda path: Path(path).name,
            "dirname": lambda path: str(Path(path).parent),
            "find_in_parent_folders": self._above,
            "get_original_terragrunt_dir": lambda: str(self.original.resolve()),
            "get_parent_terragrunt_dir": lambda *label: str(self._parent(*label).resolve()),
            "get_path_from_repo_root": lambda: _relative(self.folder, self.reading.boundary),
            "get_path_to_repo_root": lambda: _relative(self.reading.boundary, self.folder),
            "get_repo_root": lambda: str(self.reading.boundary),
            "get_terragrunt_dir": lambda: str(self.folder.resolve()),
            "path_relative_from_include": lambda *label: _relative(self._parent(*label), self.folder),
            "path_relative_to_include": lambda *label: _relative(self.folder, self._parent(*label)),
            "read_terragrunt_config": self._read,
        }

    def _parent(self, label: str = "") -> Path:
        """The folder of the file that is included: of this one, or in a unit of that with the name."""
        blocks = (
            [] if self.child else [each for each in self.body.of("include") if each.labels[:1] == (label,) or not label]
        )
        path = self._path_of(blocks[0]) if blocks else None
        return path.parent if path is not None else self.parent

    def _above(self, name: str = "", *otherwise: str) -> str:
        """The nearest file or folder of a name in the folders above the unit."""
        here = self.folder.resolve()
        while here != self.reading.boundary and here != here.parent:
            here = here.parent
            for each in [name] if name else PARENTS:
                if (here / each).exists():
                    return str(here / each)
        if otherwise:
            return otherwise[0]
        raise Unknown("there is no such file above")

    def _read(self, path: str, *otherwise: Any) -> Any:
        """The locals and inputs of another file, those that can be known."""
        if self.depth >= DEEPEST:
            raise Unknown("files read one another without end")
        target = self.folder / path
        other = _Hcl(target, target.parent, self.reading, original=self.original, depth=self.depth + 1)
        if other.problem and otherwise:
            return otherwise[0]
        return other.said()

    def said(self) -> dict[str, Any]:
        """What a file says to one that looks into it, as far as that can be known: with what it includes."""
        blocks = [block.body.attributes for block in self.body.of("locals")]
        values = {name: self.known(each) for one in blocks for name, each in one.items()}
        every = list(self.whole())
        inputs = [each.known(each.body.attributes.get("inputs")) for each in reversed(every)]
        kept = next((said for each in every if (said := each.remote()) is not None), None)
        return {
            "locals": {k: v for k, v in values.items() if v is not None},
            "inputs": {name: each for given in inputs if isinstance(given, dict) for name, each in given.items()},
            "remote_state": {"backend": kept.type, "config": kept.config} if kept else None,
        }


UNREAD = "which cannot be known from the code; name the state with --from"


def _words(block: Block) -> str:
    path = block.body.attributes.get("path")
    return path.words if path else "a file that it does not name"


WEIGHTY = frozenset(
    (
        *("bucket", "key", "region", "role_arn", "profile", "assume_role", "workspace_key_prefix", "address", "path"),
        *("endpoint", "endpoints", "hostname", "organization", "workspaces", "workspace_dir"),
    )
)
"""What says where a state is kept, and as whom it is read."""


def _relative(path: Path, start: Path) -> str:
    return Path(os.path.relpath(path.resolve(), start.resolve())).as_posix()
