"""What is known of one resource type before any instance is read: identity, forms, homes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from state.forms import TAGS, Form
from state.noise import Rule
from state.paths import covers
from state.resource import Resource

Identity = tuple[str, ...] | Callable[[Mapping[str, Any]], str | None]
Projection = Callable[[Resource], Iterable[Resource]]
By = str | Callable[[Mapping[str, Any]], str | None]
Spot = Callable[[Mapping[str, Any]], tuple[str, ...] | None]
"""The id of another resource, and paths in it."""


class Parent(msgspec.Struct, frozen=True, kw_only=True):
    """The resource that a type is a part of: a rule's security group, a policy's bucket.

    ``by`` is the attribute that holds the parent's identity, or works it out of them; ``part`` the name under
    which the provider shows such a part in the parent (``ingress``), and so how drift of it is told.
    ``paths`` are beginnings of the part's own paths that stand elsewhere in the parent. Where the parent
    shows its parts under several names, ``parts``, a part's identity begins with the one that is its.
    ``whole`` is the attribute of a parent that, where it is set, declares all its parts in one document.
    ``block`` is the block of a part that the parent shows, where a part is nothing but one.
    """

    type: str
    by: By
    part: str
    paths: Mapping[str, str] = {}
    parts: tuple[str, ...] = ()
    whole: str = ""
    block: str = ""

    def of(self, part: Mapping[str, Any]) -> str | None:
        """The identity of the parent of a part with these attributes; None where they do not tell it."""
        found = self.by(part) if callable(self.by) else part.get(self.by)
        return None if found is None else str(found)

    def name(self, part: Resource) -> str:
        """The name under which the parent shows this part."""
        first, _, _ = self._label(part).partition("/")
        return first if first in self.parts else self.part

    def path(self, part: Resource) -> str:
        """Where the parent shows this part: ``ingress[cidr=0.0.0.0/0,port=22]``; ``policy``, where it has but one."""
        label, name = self._label(part), self.name(part)
        if name in self.parts:
            label = label.removeprefix(f"{name}/")
        return name if label == self.of(part.attributes) else f"{name}[{label}]"

    def _label(self, part: Resource) -> str:
        return part.name.removeprefix(f"{self.of(part.attributes)}/")

    def place(self, part: Resource, path: str) -> str:
        """Where the parent shows this place of a part."""
        inside = path.removeprefix(f"{self.block}[0].") if self.block else path
        return self.told(path) or f"{self.path(part)}.{inside}"

    def row(self, shown: Mapping[str, Any]) -> Any:
        """What the parent shows of a part whose own attributes are these."""
        return shown[self.block][0] if shown.get(self.block) else shown

    def told(self, path: str) -> str | None:
        """Where the parent shows this place of a part, if elsewhere than under ``part``."""
        for own, shown in self.paths.items():
            if covers(own, path):
                return shown + path.removeprefix(own)
        return None


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """A block of another type that declares resources of this one, of which more is to be said than its projection.

    ``written`` are the attributes by which code asks for it, where the state shows it in others. ``filled`` tells
    which of its parts come by themselves with the thing that has the block: the disks of an image, a default policy.
    A ``mixed`` block may stand beside parts that are declared by themselves. ``members`` is the list, of a resource
    that only declares others, that a lost one is lost from; one that ``lasts`` is there even when all are lost, as
    long as what it is a list ``of`` is: by itself the parent of the parts.
    """

    project: Projection
    written: tuple[str, ...] = ()
    filled: Callable[[Resource, Resource], bool] = lambda home, part: False
    mixed: bool = False
    members: str = ""
    lasts: bool = False
    of: Parent | None = None

    def __call__(self, home: Resource) -> Iterable[Resource]:
        return self.project(home)


def always(home: Resource, part: Resource) -> bool:
    """Of `Home.filled`: all of them."""
    return True


class Schema(msgspec.Struct, frozen=True, kw_only=True):
    """One resource type, as the reader of states, the comparison and the checks need to know it.

    ``identity`` names the attributes by which the provider's Read finds the thing, or works it out
    of them; it is part of every finding's id, and so fixed for good. ``aliases`` are
    types that are this one under another name. ``homes`` turns a resource of another type that
    declares this one inside a block into the resources of this type that it declares.
    ``at_default`` tells a live thing that is as AWS makes it by itself, and so nobody's drift.
    ``sensitive`` attributes are compared but never shown or stored. ``spot`` is where in another resource
    one of this type stands, which declares it alone: a tag of an instance that is a resource of its own.
    ``within`` is what declares all of them in one document, where somebody declares that, and then tells of them.
    ``either`` are pairs of attributes that say one thing, of which the provider keeps the one that was written.
    ``excuses`` are rules by which a difference in an attribute is noise, where that hangs on more than its form.
    """

    type: str
    identity: Identity = ("id",)
    forms: Mapping[str, Form] = {}
    excuses: Mapping[str, Rule] = {}
    aliases: tuple[str, ...] = ()
    parent: Parent | None = None
    within: Parent | None = None
    homes: Mapping[str, Projection] = {}
    at_default: Callable[[Resource], bool] = lambda resource: False
    spot: Spot | None = None
    either: tuple[tuple[str, str], ...] = ()
    sensitive: frozenset[str] = frozenset()
    is_global: bool = False

    def identify(self, id: str, attributes: Mapping[str, Any]) -> str:
        """The identity of a resource with these attributes; its id where one of them is not known."""
        if callable(self.identity):
            return self.identity(attributes) or id
        parts = [id if name == "id" else attributes.get(name) for name in self.identity]
        found = id if None in parts else "/".join(map(str, parts))
        return id if found == id else found  # one text for both, of a hundred thousand things

    def home(self, type: str) -> Home:
        """The block of that type that declares resources of this one."""
        found = self.homes[type]
        return found if isinstance(found, Home) else Home(project=found)

    def form(self, attribute: str) -> Form | None:
        """How an attribute compares; None when no collector reads it, so that it cannot be compared."""
        return TAGS if attribute == "tags" and "tags" in self.forms else self.forms.get(attribute)

    @property
    def compared(self) -> Mapping[str, Form]:
        """The attributes that are compared where both sides know them."""
        return {name: form for name in self.forms if (form := self.form(name)) is not None}


Schemas = Mapping[str, Schema]


def types_inside(schemas: Schemas) -> Mapping[str, list[str]]:
    """By type those of its parts."""
    found: dict[str, list[str]] = {}
    for each in schemas.values():
        if each.parent:
            found.setdefault(each.parent.type, []).append(each.type)
    return found
