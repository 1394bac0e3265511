"""What is known of one resource type before any instance is read: identity, forms, homes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from state.forms import TAGS, Form
from state.resource import Resource

Identity = tuple[str, ...] | Callable[[Mapping[str, Any]], str | None]
Projection = Callable[[Resource], Iterable[Resource]]
Spot = Callable[[Mapping[str, Any]], tuple[str, ...] | None]
"""The id of another resource, and paths in it."""


class Parent(msgspec.Struct, frozen=True, kw_only=True):
    """The resource that a type is a part of: a rule's security group, a policy's bucket.

    ``by`` is the attribute that holds the parent's identity, ``part`` the name under which the
    provider shows such a part in the parent (``ingress``), and so how drift of it is told.
    ``paths`` are beginnings of the part's own paths that stand elsewhere in the parent. Where the parent
    shows its parts under several names, ``parts``, a part's identity begins with the one that is its.
    """

    type: str
    by: str
    part: str
    paths: Mapping[str, str] = {}
    parts: tuple[str, ...] = ()

    def told(self, path: str) -> str | None:
        """Where the parent shows this place of a part, if elsewhere than under ``part``."""
        for own, shown in self.paths.items():
            if path == own or path.startswith((f"{own}[", f"{own}.")):
                return shown + path.removeprefix(own)
        return None


class Schema(msgspec.Struct, frozen=True, kw_only=True):
    """One resource type, as the reader of states, the comparison and the checks need to know it.

    ``identity`` names the attributes by which the provider's Read finds the thing, or works it out
    of them; it is part of every finding's id, and so fixed for good. ``aliases`` are
    types that are this one under another name. ``homes`` turns a resource of another type that
    declares this one inside a block into the resources of this type that it declares.
    ``at_default`` tells a live thing that is as AWS makes it by itself, and so nobody's drift.
    ``sensitive`` attributes are compared but never shown or stored. ``spot`` is where in another resource
    one of this type stands, which declares it alone: a tag of an instance that is a resource of its own.
    """

    type: str
    identity: Identity = ("id",)
    forms: Mapping[str, Form] = {}
    aliases: tuple[str, ...] = ()
    parent: Parent | None = None
    homes: Mapping[str, Projection] = {}
    at_default: Callable[[Resource], bool] = lambda resource: False
    spot: Spot | None = None
    sensitive: frozenset[str] = frozenset()
    is_global: bool = False

    def identify(self, id: str, attributes: Mapping[str, Any]) -> str:
        """The identity of a resource with these attributes; its id where one of them is not known."""
        if callable(self.identity):
            return self.identity(attributes) or id
        parts = [id if name == "id" else attributes.get(name) for name in self.identity]
        return id if None in parts else "/".join(map(str, parts))

    def form(self, attribute: str) -> Form | None:
        """How an attribute compares; None when no collector reads it, so that it cannot be compared."""
        return TAGS if attribute == "tags" and "tags" in self.forms else self.forms.get(attribute)


Schemas = Mapping[str, Schema]
