"""What the `moved`, `removed` and `import` blocks of code will make of a state with the next apply.

https://developer.hashicorp.com/terraform/language/block/moved, and the same of removed and import. Objects move first,
one block after the other, but to no place that is taken; then what is at an address that was removed goes.
Where ``count`` was written or taken out they move without a block: internal/refactoring/move_statement.go
(ImpliedMoveStatements) of hashicorp/terraform, which does no such thing for ``for_each``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from state.resource import Resource, Unknown
from state.terraform.configuration import Configuration, Module, enriched, nothing_known, said
from state.terraform.expressions import address
from state.terraform.hcl import provider_region
from state.terraform.modules import Scope
from state.terraform.settle import declaration
from state.terraform.statefile import without_keys
from state.terraform.syntax import Block

T = TypeVar("T")

ALL = "*"
"""In place of a key: some instance of a resource."""

DESTROYED, FORGOTTEN = "destroyed", "forgotten"

Steps = tuple[tuple[str, str], ...]
"""An address as names with their keys: ``module.a["x"].aws_vpc.b`` is (module.a, ["x"]), (aws_vpc.b, )."""

_STEP = re.compile(r'(module\.[\w-]+|[\w-]+\.[\w-]+)(\[(?:-?\d+|"(?:[^"\\]|\\.)*")\])?(?:\.|$)')


class Move(msgspec.Struct, frozen=True):
    """One `moved` block, its two ends as they are called in the ``module`` where it stands."""

    module: tuple[str, ...]
    start: Steps
    end: Steps

    @property
    def is_of_module(self) -> bool:
        return self.start[-1][0].startswith("module.")

    def of(self, at: Steps) -> tuple[Steps, Steps] | None:
        """Where it moves an address, and what must not be taken for that; None where it is about another.

        Without a key at either end it moves all instances, each with its key; else the one instance.
        """
        outer, inner = at[: len(self.module)], at[len(self.module) :]
        head, rest = inner[: len(self.start)], inner[len(self.start) :]
        (name, key), whole = self.start[-1], not (self.start[-1][1] or self.end[-1][1])
        if tuple(each for each, _ in outer) != self.module or len(head) != len(self.start):
            return None
        if head[:-1] != self.start[:-1] or head[-1][0] != name or not (whole or head[-1][1] == key):
            return None
        to, kept = self.end[-1][0], head[-1][1] if whole else self.end[-1][1]
        place = (*outer, *self.end[:-1], (to, kept))
        return (*place, *rest), (*place[:-1], (to, ALL)) if whole and not self.is_of_module else place

    def names(self, at: Steps) -> bool:
        """Whether one of its ends is that resource, or an instance of it: it says then where such a one goes."""
        outer, inner = at[: len(self.module)], at[len(self.module) :]
        ends = ((*end[:-1], (end[-1][0], "")) for end in (self.start, self.end))
        named = (*inner[:-1], (inner[-1][0], "")) if inner else ()
        return tuple(each for each, _ in outer) == self.module and named in ends


class Removal(msgspec.Struct, frozen=True):
    """One `removed` block: the address of a resource or a module without keys."""

    address: str
    how: str
    file: str
    line: int

    def is_of(self, named: str) -> bool:
        return named == self.address or named.startswith(f"{self.address}.")


class Import(msgspec.Struct, frozen=True):
    """One thing that an `import` block brings in, by its id or what it is known by; ``region`` where the code says."""

    address: str
    type: str
    file: str
    line: int
    id: str = ""
    identity: Mapping[str, Any] = {}
    region: str = ""


class Refactoring(msgspec.Struct, frozen=True):
    """What the blocks of one configuration say; ``notes`` name those of which the code does not say it."""

    configuration: Configuration
    moves: list[Move]
    removals: list[Removal]
    imports: list[Import]
    notes: list[str]

    def enriched(self, each: Resource, taken: Collection[Steps] = ()) -> Resource:
        """A resource of a state with what the code says of it, under the address that the code has for it."""
        declared = declaration(each)
        at = self.moved(declared.address, taken)
        if at != declared.address:
            each = each.replace(declared=msgspec.structs.replace(declared, address=at, moved=declared.address))
        named = without_keys(at)
        going = next((it for it in self.removals if it.is_of(named)), None)
        if going is None or named in self.configuration.written:
            return enriched(each, self.configuration.written)
        gone = msgspec.structs.replace(declaration(each), file=going.file, line=going.line, removed=going.how)
        return each.replace(declared=gone)

    def implied(self, address: str) -> str:
        """Where ``count`` alone moves an instance, since it was written or taken out; empty where it does not."""
        block, is_one = self.configuration.written.get(without_keys(address)), not address.endswith("]")
        if block is None or not (block.numbered if is_one else address.endswith("[0]") and not block.many):
            return ""
        at = steps(address)
        if not at or any(each.names(at) for each in self.moves):
            return ""
        return f"{address}[0]" if is_one else address.removesuffix("[0]")

    def moved(self, address: str, taken: Collection[Steps]) -> str:
        """The address that a resource will have; its own where the blocks go in a circle, as Terraform refuses them."""
        at, passed = steps(address), {steps(address)}
        if (first := steps(self.implied(address))) and first not in taken:
            passed.add(at := first)
        while at and (to := self._next(at, passed, taken)):
            if to in passed:
                return address
            passed.add(to)
            at = to
        return _written(at) or address

    def _next(self, at: Steps, passed: Collection[Steps], taken: Collection[Steps]) -> Steps | None:
        found = filter(None, (each.of(at) for each in self.moves))
        return next((to for to, place in found if to in passed or place not in taken), None)


def steps(address: str) -> Steps:
    """The steps of an address; none where it is no address."""
    found = tuple((each[1], each[2] or "") for each in _STEP.finditer(address))
    return found if _written(found) == address else ()


def _written(at: Steps) -> str:
    return ".".join(f"{name}{key}" for name, key in at)


def taken(addresses: Iterable[str]) -> set[Steps]:
    """All places that something has: instances, resources with any key, and the modules above them."""
    found: set[Steps] = set()
    for at in map(steps, addresses):
        found.update(at[:length] for length in range(1, len(at) + 1))
        found.update([(*at[:-1], (at[-1][0], ALL))] if at else ())
    return found


# --- the blocks -----------------------------------------------------------------------------------


def read(configuration: Configuration, scope: Scope) -> Refactoring:
    """What the blocks of a configuration say; ``scope`` is that of its root module."""
    found = Refactoring(configuration, [], [], [], [])
    for path, module in _modules(configuration.root):
        for block in module.of("moved"):
            _told(block, found.notes, found.moves, _move, path)
        for block in module.of("removed"):
            _told(block, found.notes, found.removals, _removal, path)
    for block in configuration.root.of("import"):
        _told(block, found.notes, found.imports, _imports, scope, configuration)
    return found


def _told(block: Block, notes: list[str], into: list[T], read: Callable[..., Iterator[T]], *about: object) -> None:
    try:
        into += list(read(block, *about))
    except (Unknown, KeyError):
        note = f"{block.file}:{block.line}: what this {block.type} block is about cannot be known from the code"
        notes.append(f"{note}; it counts for nothing")


def _modules(root: Module) -> Iterator[tuple[tuple[str, ...], Module]]:
    """The outer ones first: what they say of an address counts before what an inner one says."""
    waiting: list[tuple[tuple[str, ...], Module]] = [((), root)]
    while waiting:
        path, module = waiting.pop(0)
        yield path, module
        waiting += (((*path, f"module.{name}"), each) for name, each in module.calls.items())


def _move(block: Block, path: tuple[str, ...]) -> Iterator[Move]:
    start, end = (_steps(address(block.body.attributes[name], nothing_known)) for name in ("from", "to"))
    move = Move(path, start, end)
    if move.is_of_module != end[-1][0].startswith("module."):
        raise Unknown("a module is no resource")
    yield move


def _steps(address: str) -> Steps:
    if not (found := steps(address)):
        raise Unknown("is no address")
    return found


def _removal(block: Block, path: tuple[str, ...]) -> Iterator[Removal]:
    at = _steps(address(block.body.attributes["from"], nothing_known))
    how = DESTROYED
    for lifecycle in block.body.of("lifecycle"):
        if (expression := lifecycle.body.attributes.get("destroy")) is not None:
            how = {True: DESTROYED, False: FORGOTTEN}[said(expression)]
    yield Removal(".".join((*path, without_keys(_written(at)))), how, block.file, block.line)


def _imports(block: Block, scope: Scope, configuration: Configuration) -> Iterator[Import]:
    attributes = block.body.attributes
    for instance in scope.instances(block):
        names = scope.bound(instance)
        to = address(attributes["to"], names)
        type = _steps(to)[-1][0].partition(".")[0]
        by = "identity" if "identity" in attributes else "id"
        value = scope.value(attributes[by], names)
        if by == "identity" and not isinstance(value, Mapping):
            raise Unknown("is no identity")
        yield Import(
            address=to,
            type=scope.shared.aliases.get(type, type),
            file=block.file,
            line=block.line,
            id=str(value) if by == "id" else "",
            identity=value if by == "identity" else {},
            region=_region(block, to, scope, configuration),
        )


def _region(block: Block, to: str, scope: Scope, configuration: Configuration) -> str:
    """That of the block's own provider configuration, else of what the resource's block says."""
    type, _, name = without_keys(to).partition(".")
    target = scope.resources.get((type, name), block)
    if (own := target.body.attributes.get("region")) is not None:
        return str(said(own) or "")
    return provider_region(scope, block if "provider" in block.body.attributes else target, configuration)
