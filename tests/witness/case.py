"""A case: Terraform of ours, the state the real provider wrote for it, and changes made by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import cache, cached_property
from importlib import import_module
from inspect import getmembers, isfunction
from pathlib import Path
from typing import Any

import msgspec

from state import Resource
from state.drift import Kind
from state.terraform import statefile
from tests.conftest import ACCOUNT

ROOT = Path(__file__).parent

Clients = Callable[..., Any]
Row = tuple[str, str, str]
"""(kind, address, attribute); no attribute where the thing is missing or unmanaged."""

NOTHING = "none"
"""What a refresh, and we, find before any change: not a change itself."""

MISSING = Kind.MISSING.value

ALSO = {"tags_all": "tags"}
"""The provider's second name for what it tells under a first."""

State = Mapping[str, Mapping[str, Any]]
"""Attributes by address, as terraform.tfstate has them."""


class Case(msgspec.Struct, frozen=True, dict=True):
    """One folder: ``main.tf``, ``changes.py``, and the fixtures that the recorder writes.

    ``applied.tfstate`` is the state right after the apply; ``terraform.tfstate`` the same after a
    refresh, with the copies of separate rules, policies and settings that the provider then adds.
    """

    name: str

    @property
    def folder(self) -> Path:
        return ROOT / self.name

    @property
    def account(self) -> Path:
        return self.folder / "account.jsonl"

    @cached_property
    def changes(self) -> dict[str, Callable[[Clients, State], None]]:
        module = import_module(f"tests.witness.{self.name}.changes")
        return {name: each for name, each in getmembers(module, isfunction) if not name.startswith("_")}

    def explained(self, change: str) -> Mapping[str, str]:
        """Where Terraform and we part ways after a change on purpose, each with its reason."""
        found: Mapping[str, str] = import_module(f"tests.witness.{self.name}.changes").EXPLAINED.get(change, {})
        return found

    def otherwise(self, change: str) -> Mapping[str, str]:
        """Where Terraform and we tell other values of what both call changed, each with its reason."""
        found: Mapping[str, Mapping[str, str]] = getattr(
            import_module(f"tests.witness.{self.name}.changes"), "VALUES", {}
        )
        return found.get(change, {})

    @property
    def gaps(self) -> Set[str]:
        """The operations that moto does not have, of types that are read along with those of the case."""
        found: Set[str] = getattr(import_module(f"tests.witness.{self.name}.changes"), "GAPS", frozenset())
        return found

    def said(self, change: str) -> set[Row]:
        """What Terraform or we say after a change, whether or not the other does."""
        return terraforms(self.drift(change)) | {row(each) for each in self.explained(change)}

    @cached_property
    def always(self) -> Set[Row]:
        """What is explained whatever was changed, but where the thing is gone: it says nothing of a change."""
        explained = {change: {row(each) for each in self.explained(change)} for change in self.changes}
        gone = {change: {at for kind, at, _ in self.said(change) if kind == MISSING} for change in self.changes}
        return {row(each) for each in self.explained(NOTHING)} | {
            each
            for each in set.union(*explained.values())
            if all(each in explained[change] or each[1] in gone[change] for change in self.changes)
        }

    @property
    def rounds(self) -> list[list[str]]:
        """The changes, those of different things together: one reading of the account then serves them all.

        One that makes a thing comes first, and one a round: what is made after another has another id.
        """
        always = self.always
        rounds: list[tuple[list[str], set[Row]]] = []
        for change in sorted(self.changes, key=lambda each: not _makes(self.said(each) - always)):
            said = self.said(change)
            free = [each for each in rounds if not _clash(said, each[1], always)]
            if _makes(said - always) or not free:
                rounds.append(([change], said))
            else:
                free[0][0].append(change)
                free[0][1].update(said)
        return [names for names, _ in rounds]

    def declared(self, file: str = "terraform.tfstate") -> Sequence[Resource]:
        return _recorded(self.folder / file)

    def state(self) -> State:
        return {each.declared.address: each.attributes for each in self.declared() if each.declared}

    def drift(self, change: str) -> list[dict[str, Any]]:
        """What Terraform reported after a change."""
        return msgspec.json.decode((self.folder / "drift" / f"{change}.json").read_bytes())


def row(explained: str) -> Row:
    """ "ours: changed aws_vpc.main tags" without whose it is."""
    kind, address, attribute = (*re.sub(r"^\w+: ", "", explained).split(" ", 2), "")[:3]
    return kind, address, attribute


def _makes(rows: Set[Row]) -> bool:
    return any(kind == Kind.UNMANAGED.value for kind, _, _ in rows)


def _clash(one: Set[Row], other: Set[Row], always: Set[Row]) -> bool:
    """Whether both say something of one thing, or only one of them what is always said."""
    return bool(_things(one - always) & _things(other - always)) or one & always != other & always


def _things(rows: Set[Row]) -> set[str]:
    return {address for _, address, _ in rows}


def terraforms(reported: Iterable[dict[str, Any]]) -> set[Row]:
    """What Terraform reported, as rows."""
    rows: set[Row] = set()
    for each in reported:
        if each["actions"] == ["delete"]:
            rows.add((MISSING, each["address"], ""))
        names = {ALSO.get(name, name) for name in each.get("changed", ())}
        rows |= {(Kind.CHANGED.value, each["address"], name) for name in names}
    return rows


def declared(path: Path) -> list[Resource]:
    """What a state declares. One of nothing but buckets does not say its account: here the settings do."""
    found = statefile.resources(statefile.parse(path.read_bytes(), path.name), path.name)
    return [each.replace(account=each.account or ACCOUNT) for each in found]


@cache
def _recorded(path: Path) -> Sequence[Resource]:
    return declared(path)


def cases() -> list[Case]:
    return [Case(each.parent.name) for each in sorted(ROOT.glob("*/main.tf"))]
