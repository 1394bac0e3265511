"""What is declared, as a place to look for neighbours in: what is not declared here may be declared elsewhere.

A check learns of that as of a denied call, by Unknown: what is declared may fail it, and what is not never
passes it. Only of what a plan creates is it known that nothing outside refers to it; beside a reading of the
account there is no outside.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from state import GLOBAL, Gap, Inventory, Resource, Unknown
from state.inventory import NAMING
from state.resource import ANYTHING
from state.schema import Schemas

NAMED = ("id", "arn")
"""Attributes that tell one thing from all others, whatever its type."""

TOKEN = "${"  # noqa: S105  how what has no name yet begins: its address in a template
MADE_BY_AWS = frozenset(
    {
        "aws_ebs_volume",
        "aws_iam_service_linked_role",
        "aws_main_route_table_association",
        "aws_network_acl",
        "aws_network_acl_association",
        "aws_network_interface",
        "aws_route_table",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_security_group",
    }
)
"""What AWS makes of its own accord along with something else: that no code declares one does not mean there is none."""


class Some(Sequence[Resource]):
    """Neighbours that were found, and why there may be more: to ask for all of them raises Unknown."""

    def __init__(self, found: Sequence[Resource], doubt: str) -> None:
        self.found, self.doubt = found, doubt

    def __iter__(self) -> Iterator[Resource]:
        yield from self.found
        raise Unknown(self.doubt)

    def __bool__(self) -> bool:
        return bool(self.found) or len(self) > 0

    def __len__(self) -> int:
        raise Unknown(self.doubt)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, int) and 0 <= index < len(self.found):
            return self.found[index]
        raise Unknown(self.doubt)


class Declarations(Inventory):
    """The resources of one plan, of one folder of code or of some states, settled.

    With ``beside`` it has what was seen of the account too, and knows where nobody looked.
    """

    def __init__(
        self, resources: Iterable[Resource], gaps: Iterable[Gap], schemas: Schemas, beside: Inventory | None = None
    ) -> None:
        read, taken_at = (beside.read, beside.taken_at) if beside else (None, None)
        super().__init__(resources, gaps, read=read, taken_at=taken_at)
        self._schemas, self._is_whole = schemas, beside is not None
        self._by: dict[tuple[str, tuple[str, ...]], _Found] = {}

    def unseen(self, type: str, account: str, region: str, *ids: Any) -> str | None:
        return super().unseen(type, account, region, *ids) or (None if self._is_whole else _elsewhere(type))

    def near(self, resource: Resource, type: str, **where: Any) -> Sequence[Resource]:
        """The declared neighbours; a place that is not said is any place."""
        names = tuple(sorted(where))
        if (type, names) not in self._by:
            self._by[type, names] = _Found(self.of(type), names)
        index = self._by[type, names]
        found = [each for each in index.of(where) if _together(resource, each)]
        doubt = self._gap(resource, type, where) or index.doubt(resource)
        if not doubt and not self._is_all(resource, type, where, found):
            doubt = _elsewhere(type)
        return Some(found, doubt) if doubt else found

    def _gap(self, resource: Resource, type: str, where: Mapping[str, Any]) -> str:
        names_one = self._is_of_parent(type, where) or not where.keys().isdisjoint(NAMING)
        named = [*where.values()] if names_one else []
        if self._is_whole and (reason := self.unseen(type, resource.account, resource.region, *named)):
            return reason
        for gap in self.gaps:
            about = gap.type in (ANYTHING, type) and gap.attribute is None
            if (
                about
                and (gap.id is None or gap.id in named or not names_one)
                and _is_one(gap.account, resource.account)
            ):
                return gap.reason
        return ""

    def _is_all(self, resource: Resource, type: str, where: Mapping[str, Any], found: Sequence[Resource]) -> bool:
        """Whether no code of others can declare one more."""
        if found and self._is_unique(type, where):
            return True
        said = resource.declared
        if self._is_whole:
            return said is None or not said.new or type not in MADE_BY_AWS
        if said is None or type in MADE_BY_AWS:
            return False
        if any(each.declared and each.declared.part for each in found) and self._is_of_parent(type, where):
            return True  # what is written inside a block is all that Terraform leaves there
        own = {resource.id, resource.identity, *(resource.attributes.get(name) for name in (*NAMED, *NAMING))}
        fresh = (str(value).startswith(TOKEN) or (said.new and value in own) for value in where.values())
        return type in said.alone or (said.witness == "plan" and any(fresh))

    def _is_of_parent(self, type: str, where: Mapping[str, Any]) -> bool:
        schema = self._schemas.get(type)
        return schema is not None and schema.parent is not None and schema.parent.by in where

    def _is_unique(self, type: str, where: Mapping[str, Any]) -> bool:
        schema = self._schemas.get(type)
        identity = schema.identity if schema and not callable(schema.identity) else None
        return not where.keys().isdisjoint(NAMED) or (identity is not None and where.keys() >= {*identity})


class _Found:
    """Resources of one type by the values of some attributes, and those whose values nobody knows."""

    def __init__(self, resources: Iterable[Resource], names: tuple[str, ...]) -> None:
        self.names = names
        self.found: dict[str, list[Resource]] = defaultdict(list)
        self.unsure: list[tuple[Resource, str]] = []
        for each in resources:
            try:
                self.found[repr([each.id if name == "id" else each[name] for name in names])].append(each)
            except Unknown as reason:
                self.unsure.append((each, f"{each.type}: {reason}"))

    def of(self, where: Mapping[str, Any]) -> Sequence[Resource]:
        return self.found.get(repr([where[name] for name in self.names]), ())

    def doubt(self, resource: Resource) -> str:
        return next((reason for each, reason in self.unsure if _together(resource, each)), "")


def _elsewhere(type: str) -> str:
    return f"{type} may be declared elsewhere, or be there undeclared"


def _together(one: Resource, other: Resource) -> bool:
    return _is_one(one.account, other.account) and (
        GLOBAL in (one.region, other.region) or _is_one(one.region, other.region)
    )


def _is_one(place: str, other: str) -> bool:
    """Whether two places may be the same; code does not always say which it is."""
    return "" in (place, other) or place == other
