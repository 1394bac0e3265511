"""What nobody declares, as Terraform that adopts it: an import block and a skeleton for each thing, ready to plan."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from scanner.ahead import brought_in
from scanner.collectors import collectors, schemas
from scanner.import_ids import NoImport, import_id
from scanner.outcome import Scan
from scanner.settings import Settings
from scanner.skeleton import skeleton
from state import GLOBAL, Gap, Resource
from state.drift import Drift, Kind
from state.resource import ANYTHING, Key
from state.schema import Parent
from state.terraform.sources import Declared
from state.terraform.statefile import without_keys
from state.terraform.writing import Argument, Block, Comment, Expression, Item

LONGEST_NAME = 60
KINDS = ("drift", "imports")
"""What a scan is asked for, so that all of what nobody declares is read."""

_NOT_IN_NAMES = re.compile(r"[^a-z0-9_]+")
_STARTS_A_NAME = re.compile(r"[a-z_]")


class Adopted(msgspec.Struct, frozen=True, kw_only=True):
    """A thing to import under a name of its own, or ``why`` it cannot be."""

    resource: Resource
    name: str
    id: str = ""
    why: str = ""

    @property
    def address(self) -> str:
        return f"{self.resource.type}.{self.name}"

    def items(self, alias: str = "") -> tuple[Item, ...]:
        """The blocks; ``alias`` is the provider configuration of its account and region, where there are several."""
        if self.why:
            return (Comment(f"{self.resource.type} {self.resource.id} is not imported: {self.why}"),)
        by = (Argument("provider", Expression(f"aws.{alias}")),) if alias else ()
        to = Argument("to", Expression(self.address))
        body = skeleton(self.resource).body()
        return (
            Block("import", (), (*by, to, Argument("id", self.id))),
            Block("resource", (self.resource.type, self.name), (*by, *body)),
        )


def adopted(resource: Resource, taken: set[str] | None = None) -> Adopted:
    """How to import it, under a name that is not among those ``taken``, to which it is added."""
    name = _free(resource, set() if taken is None else taken)
    try:
        return Adopted(resource=resource, name=name, id=import_id(resource))
    except NoImport as reason:
        return Adopted(resource=resource, name=name, why=str(reason))


def _free(resource: Resource, taken: set[str]) -> str:
    first = name = _name(resource)
    number = 1
    while f"{resource.type}.{name}" in taken:
        number += 1
        name = f"{first}_{number}"
    taken.add(f"{resource.type}.{name}")
    return name


def _name(resource: Resource) -> str:
    """What people call it, as a name of Terraform's."""
    said = resource.tags.get("Name") or resource.attributes.get("name") or resource.name
    name = _NOT_IN_NAMES.sub("_", str(said).lower())[:LONGEST_NAME].strip("_")
    if not name:
        return resource.type.removeprefix("aws_")
    return name if _STARTS_A_NAME.match(name) else f"_{name}"


# --- what is adopted ------------------------------------------------------------------------------


class Adoption(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be imported, by account and region; what could not be seen of the types asked for."""

    places: dict[tuple[str, str], list[Adopted]]
    gaps: Sequence[Gap]

    @property
    def all(self) -> list[Adopted]:
        return [each for found in self.places.values() for each in found]


def reading(asked: Settings) -> Settings:
    """The settings with all types that have to be read: parts of those asked for, and what they are parts of."""
    if not asked.types:
        return asked
    above = {each.parent.type for each in collectors() if each.parent and each.type in asked.types}
    return msgspec.structs.replace(asked, types=tuple(sorted({*asked.types} | _parts_of(asked.types) | above)))


def _parts_of(types: Collection[str]) -> set[str]:
    return {each.type for each in collectors() if each.parent and each.parent.type in types}


def adoption(scan: Scan, types: Collection[str] = (), declared: Declared | None = None) -> Adoption:
    """What nobody declares of these types, and of their parts; of all types where none is named.

    No name is one that what is ``declared`` has already, be it of a state or only in code.
    """
    taken = {*_addresses(scan, declared)}
    places: dict[tuple[str, str], list[Adopted]] = {}
    for each in sorted(_undeclared(scan), key=lambda each: (each.account, each.region, each.key)):
        parent = _parent(each)
        if not types or each.type in types or (parent and parent.type in types):
            block = scan.incoming.get(each.key)
            found = Adopted(resource=each, name="", why=brought_in(block)) if block else adopted(each, taken)
            places.setdefault((each.account, each.region), []).append(found)
    asked = {*types, ANYTHING} | _parts_of(types)
    gaps = [each for each in scan.gaps if not types or each.type in asked]
    return Adoption(places=places, gaps=gaps)


def _addresses(scan: Scan, declared: Declared | None) -> Iterator[str]:
    """What the roots' own resources are called; in a module a name is another's."""
    said = [each.declared for each in declared.inventory.resources] if declared else []
    said += [each.declared for each in scan.drift]
    written = (address for root in declared.configurations for address in root.written) if declared else ()
    coming = (each.address for each in declared.imports) if declared else ()
    for address in (*(each.address for each in said if each), *written, *coming):
        if not address.startswith("module."):
            yield without_keys(address)


def _parent(resource: Resource) -> Parent | None:
    schema = schemas().get(resource.type)
    return schema.parent if schema else None


def _undeclared(scan: Scan) -> Iterator[Resource]:
    unmanaged = {each.resource.key: each.resource for each in scan.drift if each.kind is Kind.UNMANAGED}
    yield from unmanaged.values()
    parts = Parts(scan, unmanaged.keys())
    yield from (each for each in parts.of_unmanaged(unmanaged.values()) if each.key not in unmanaged)
    yield from (each for drift in scan.drift for each in parts.added(drift))


class Parts:
    """The parts of live things, by what they are parts of: those that have no say of their own, or ``every`` one."""

    def __init__(self, scan: Scan, unmanaged: Collection[Key] = (), *, every: bool = False) -> None:
        known = {each.resource.key for each in scan.drift} - {*unmanaged}
        known |= {each.key for each in (*scan.in_sync, *scan.unsure)}
        known = set() if every else known
        self._of: dict[tuple[str, str, str], list[Resource]] = {}
        for each in scan.live.resources:
            parent = _parent(each)
            if parent is None or each.key in known or schemas()[each.type].spot:
                continue
            if of := parent.of(each.attributes):
                self._of.setdefault((parent.type, each.account, of), []).append(each)

    def of(self, resource: Resource) -> list[Resource]:
        found: list[Resource] = []
        for name in dict.fromkeys((resource.name, resource.id)):
            found += self._of.get((resource.type, resource.account, name), ())
        return [each for each in found if GLOBAL in (each.region, resource.region) or each.region == resource.region]

    def of_unmanaged(self, resources: Iterable[Resource]) -> Iterator[Resource]:
        """What was made beside them by a person, and is not as AWS makes it."""
        for resource in resources:
            for part in self.of(resource):
                if part.owner in (None, resource.owner) and not schemas()[part.type].at_default(part):
                    yield part
                    yield from self.of_unmanaged([part])

    def added(self, drift: Drift) -> Iterator[Resource]:
        """Those added by hand to a thing that is declared, which a re-apply leaves where they are."""
        paths = {each.path for each in drift.changes if each.stays}
        if drift.kind is Kind.CHANGED and paths:
            yield from (each for each in self.of(drift.resource) if paths & {*_shown_at(each)})


def _shown_at(part: Resource) -> Iterator[str]:
    """Where its parent shows a part."""
    parent = _parent(part)
    if parent is not None:
        told = (parent.told(name) for name in part.attributes)
        yield from (parent.path(part), *(path for path in told if path))


# --- whose it is ----------------------------------------------------------------------------------


def aliases(places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """What to call the provider configuration of each account and region; nothing where one will do for all."""
    found = list(places)
    regions = {each for each in found if each[1] != GLOBAL}
    if len({account for account, _ in found}) < 2 and len(regions) < 2:
        return {}
    several = len({account for account, _ in found}) > 1
    return {(account, region): _alias(account if several else "", region) for account, region in found}


def _alias(account: str, region: str) -> str:
    name = "_".join(filter(None, (f"account_{account}" if account else "", region)))
    return _NOT_IN_NAMES.sub("_", name)


def provider(alias: str, account: str, region: str) -> Block:
    """The provider configuration that stands for an account and region, as a beginning."""
    items: list[Any] = [Argument("alias", alias), Argument("allowed_account_ids", [account])]
    if region != GLOBAL:
        items.insert(1, Argument("region", region))
    return Block("provider", ("aws",), tuple(items))
