"""How a collector is declared: a listing, details, and where each Terraform attribute sits in the answer."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Container, Iterator, Mapping
from datetime import datetime
from enum import Enum
from functools import cache, cached_property
from typing import Any, ClassVar

import jmespath
import msgspec
from jmespath.visitor import TreeInterpreter

from scanner.aws.errors import Malformed
from scanner.aws.inside import Once
from scanner.aws.keys import excuses
from scanner.aws.owners import owner_by_tags
from scanner.aws.place import Item, Place
from scanner.aws.tagging import Listed
from state import GLOBAL, Inventory, Resource, Unknown
from state.documents import DOCUMENT, POLICY
from state.forms import CASELESS, NAME_OR_ARN, PLAIN, TAGS, UNORDERED, VOLATILE, Form
from state.noise import Rule
from state.schema import Identity, Parent, Projection, Schema, Spot

Getter = Callable[[Any], Any]
Join = Callable[[Resource, Inventory], Any]


class Scope(Enum):
    """Whether a listing is asked once an account or once a region."""

    REGION = "region"
    GLOBAL = "global"


class Unplaced(ValueError):
    """An item of a listing that spans regions does not say which region it is in."""


class Listing(msgspec.Struct, frozen=True):
    """A call whose pages hold the items: boto3's operation and the JMESPath of the items in a page.

    Collectors whose listings make the same call share its answers: the call is made once. With
    ``within``, the items are parts of each thing at that path, and come with it:
    ``{"Item": part, "Parent": thing}``. What functions of ours need as well is ``once``: the call is made there.
    """

    operation: str
    items: str
    arguments: tuple[tuple[str, Any], ...] = ()
    within: str | None = None
    once: Once | None = None

    @property
    def call(self) -> tuple[Any, ...]:
        return self.operation, repr(self.arguments)

    def found(self, page: Any) -> list[Any]:
        """The items of a page."""
        if self.within is None:
            return _many(getter(self.items)(page))
        parents = _many(getter(self.within)(page))
        return [{"Item": item, "Parent": parent} for parent in parents for item in _many(getter(self.items)(parent))]


def _many(found: Any) -> list[Any]:
    return found if isinstance(found, list) else [found] if found else []


class Detail(msgspec.Struct, frozen=True, kw_only=True):
    """A further call for each item, its answer put into the item under ``into``.

    ``arguments`` are JMESPaths in the item. The error codes in ``absent`` mean "there is none":
    ``into`` is then None; those in ``gone``, that the item itself went since it was listed, and is no
    resource any more; an answer without what stands at the path ``holds`` means "there is none" as well.
    An ``essential`` detail *is* the resource: where there is none there is no
    resource, and where it was refused the resource is a gap. Any other refused detail leaves the
    attributes that read it unknown. One with ``lacking``, two JMESPaths of lists of names, is asked for only
    where a name of the first list is not in the second, in whatever case; None stands where it was not. Tags
    that are ``listed`` are asked for only where the list does not tell them.
    """

    operation: str
    arguments: Mapping[str, str]
    into: str
    absent: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    holds: str | None = None
    essential: bool = False
    unless: str | None = None  # skip where this JMESPath of the item is already true
    lacking: tuple[str, str] | None = None
    listed: Listed | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """The JMESPaths of an item, or of answers put into it, that it is asked with."""
        listed = self.listed.arn if self.listed else ""
        return *self.arguments.values(), self.unless or "", *(self.lacking or ()), listed

    def spared(self, item: Item) -> bool:
        """Whether the item already says that it need not be asked for."""
        if self.unless and getter(self.unless)(item):
            return True
        return self.lacking is not None and _names(self.lacking[0], item) <= _names(self.lacking[1], item)


def _names(path: str, item: Item) -> set[str]:
    return {str(each).lower() for each in getter(path)(item) or ()}


class Withheld(ValueError):
    """AWS described an item without one of its values, and said why."""


class Unnamed(ValueError):
    """A shared answer does not name an item, so that nothing is known of it."""


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """A reading made once for all items, what it says of an item put into the item under ``into``.

    ``ask`` answers for all of them by name; ``by`` is the JMESPath of an item's name. The attributes
    that read it are unknown where it was refused, which is a gap, or does not name the item, which
    is none: AWS was asked, and had nothing to say (a user made since the report was). An answer that
    names only ``some`` items says None of the others. It is asked for only if there is an item
    where the JMESPath ``only`` is true.
    """

    essential: ClassVar[bool] = False
    gone: ClassVar[tuple[str, ...]] = ()

    ask: Callable[[Place], Awaitable[Mapping[str, Any]]]
    by: str
    into: str
    some: bool = False
    only: str | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """The JMESPaths of an item, or of answers put into it, that it is asked with."""
        return self.by, self.only or ""

    def of(self, answer: Mapping[str, Any], item: Item) -> Any:
        """What the answer says of an item; raises Unnamed where it says nothing."""
        name = getter(self.by)(item)
        if name not in answer and not self.some:
            raise Unnamed(f"the {self.ask.__name__.replace('_', ' ')} does not name {name}")
        return answer.get(name)


class Attribute(msgspec.Struct, frozen=True, kw_only=True):
    """Where an attribute sits in an item (JMESPath), what it becomes, and how it compares.

    ``withheld`` is where the item says why AWS left the value out of it, if it did: the value is
    then unknown, not unset.
    """

    path: str
    form: Form = PLAIN
    convert: Callable[[Any], Any] | None = None
    sensitive: bool = False
    withheld: str | None = None


def unordered(path: str, convert: Callable[[Any], Any] | None = None) -> Attribute:
    """A list that is a set to AWS."""
    return Attribute(path=path, form=UNORDERED, convert=convert)


def policy(path: str) -> Attribute:
    """An IAM policy document."""
    return Attribute(path=path, form=POLICY, convert=to_json)


def document(path: str) -> Attribute:
    """A JSON document."""
    return Attribute(path=path, form=DOCUMENT, convert=to_json)


def caseless(path: str) -> Attribute:
    return Attribute(path=path, form=CASELESS)


def name_or_arn(path: str) -> Attribute:
    """A reference that may be written as a name, an id or an ARN ending in it."""
    return Attribute(path=path, form=NAME_OR_ARN)


def volatile(path: str, rule: str = VOLATILE.noise) -> Attribute:
    """A value that AWS moves by itself, by the rule that says how: collected, never drift."""
    return Attribute(path=path, form=msgspec.structs.replace(VOLATILE, noise=rule))


def block(path: str, **inner: Form) -> Attribute:
    """A nested block, which the provider keeps as a list of objects: a JMESPath hash or list of them."""
    return Attribute(path=path, form=Form(inner=inner), convert=as_block)


def blocks(path: str, **inner: Form) -> Attribute:
    """A set of nested blocks: a JMESPath list of hashes, in any order."""
    return Attribute(path=path, form=Form(canonical=UNORDERED.canonical, inner=inner), convert=as_block)


def converted(path: str, convert: Callable[[Any], Any], form: Form = PLAIN) -> Attribute:
    return Attribute(path=path, form=form, convert=convert)


def sensitive(path: str, form: Form = PLAIN) -> Attribute:
    """A value that is compared and inspected in memory, and never shown or stored."""
    return Attribute(path=path, form=form, sensitive=True)


def arn(place: Place, service: str, resource: str) -> str:
    """The ARN of a thing of this account and region, where AWS does not say it."""
    return f"arn:{place.partition}:{service}:{place.region}:{place.account}:{resource}"


def as_block(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return [value] if any(each is not None for each in value.values()) else []
    return list(value or ())


def to_json(value: Any) -> str | None:
    """A document as the provider keeps it: a string, however AWS or botocore gave it."""
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


class Collector(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One resource type: how to fetch its items, and where each attribute sits in one.

    Names on the left are the Terraform provider's; paths on the right are JMESPath, as in
    ``aws --query``, and a registry test holds both to their published schemas. ``fetch`` is a
    Listing, or, where data is not enough, an async generator of pages (lists of items) over a
    Place; collectors with the same ``fetch`` share its pages. ``region`` is the path
    of an item's own region, for a listing that answers for all of them. ``facts`` are live-only
    values, under AWS's names in snake case. ``owner`` says who made an item where AWS says so.
    ``joins`` are attributes that only the resource's neighbours tell, worked out of what was read
    once all of it is, without a further call; ``owned`` is an owner that only they tell. An ``arn``
    that begins with ``arn:`` is put together from the item and its place, where AWS does not say it.
    A listing that ``asks_parents`` makes a call for each thing that its items may be parts of. What is too
    numerous to be listed is ``sought``: looked for by name where it is declared, by a ``fetch`` that is told
    what is; one that ``spans`` regions is told that too, and which are read. Where what AWS tells of a thing
    counts only if it is declared, an item is given under ``Declared`` what is declared of the attributes it ``minds``.
    The rest is what the comparison needs to know: see state.schema.Schema.
    """

    type: str
    service: str
    fetch: Listing | Callable[..., AsyncIterator[list[Item]]]
    permissions: tuple[str, ...]
    id: str
    attributes: Mapping[str, str | Attribute]
    details: tuple[Detail | Shared, ...] = ()
    facts: Mapping[str, str | Attribute] = {}
    tags: str | None = None
    arn: str | None = None
    region: str | None = None
    scope: Scope = Scope.REGION
    asks_parents: bool = False
    sought: bool = False
    spans: bool = False
    minds: tuple[str, ...] = ()
    owner: Callable[[Item], str | None] = lambda item: None
    joins: Mapping[str, Join] = {}
    owned: Callable[[Resource, Inventory], str | None] | None = None
    identity: Identity = ("id",)
    aliases: tuple[str, ...] = ()
    parent: Parent | None = None
    within: Parent | None = None
    homes: Mapping[str, Projection] = {}
    at_default: Callable[[Resource], bool] = lambda resource: False
    spot: Spot | None = None
    either: tuple[tuple[str, str], ...] = ()
    excuses: Mapping[str, Rule] = {}

    @cached_property
    def schema(self) -> Schema:
        joined = dict.fromkeys((*self.joins, "arn") if self._spelled else self.joins, PLAIN)
        forms = joined | {name: each.form for name, each in self._attributes.items()}
        return Schema(
            type=self.type,
            identity=self.identity,
            forms=forms | ({"tags": TAGS} if self.tags else {}),
            aliases=self.aliases,
            parent=self.parent,
            within=self.within,
            homes=self.homes,
            at_default=self.at_default,
            spot=self.spot,
            either=self.either,
            excuses=excuses({name: each.path for name, each in self._attributes.items()}, self.excuses),
            sensitive=frozenset(name for name, each in self._attributes.items() if each.sensitive),
            is_global=self.scope is Scope.GLOBAL and self.region is None,
        )

    @cached_property
    def _attributes(self) -> dict[str, Attribute]:
        return {name: _attribute(each) for name, each in self.attributes.items()}

    @cached_property
    def _getters(self) -> list[tuple[str, Getter]]:
        return [(name, _getter(each)) for name, each in self._attributes.items()]

    @cached_property
    def _withheld(self) -> list[tuple[str, Getter]]:
        return [(name, getter(each.withheld)) for name, each in self._attributes.items() if each.withheld]

    @cached_property
    def _fact_getters(self) -> list[tuple[str, Getter]]:
        return [(name, _getter(_attribute(each))) for name, each in self.facts.items()]

    @cached_property
    def _id(self) -> Getter:
        return getter(self.id)

    @property
    def _spelled(self) -> bool:
        return self.arn is not None and self.arn.startswith("arn:")

    @cached_property
    def _arn(self) -> Getter:
        return getter(self.arn) if self.arn and not self._spelled else lambda item: None

    @cached_property
    def _tags(self) -> Getter:
        return getter(self.tags) if self.tags else lambda item: None

    @cached_property
    def _region(self) -> Getter | None:
        return getter(self.region) if self.region else None

    def place(self, item: Item, place: Place) -> Place:
        """Where this item's details are asked for: its own region, if the listing spans regions."""
        if self._region is None:
            return place
        region = self._region(item)
        if not region:
            raise Unplaced(f"{self.id_of(item)} does not say its region") from item.get("RegionError")
        return place.at(region)

    def id_of(self, item: Item) -> str:
        """The item's id; raises Malformed where it has none."""
        if (found := self._id(item)) is None:
            raise Malformed(f"a thing of type {self.type} has no {self.id}")
        return str(found)

    def reads(self, detail: Detail | Shared) -> frozenset[str]:
        """The attributes, facts and tags that cannot be known without a detail's answer."""
        return self._reads[detail.into]

    @cached_property
    def _reads(self) -> dict[str, frozenset[str]]:
        paths = {name: _attribute(each).path for name, each in {**self.attributes, **self.facts}.items()}
        paths["tags"] = self.tags or ""
        return {
            each.into: frozenset(name for name, path in paths.items() if stands(each.into, path))
            for each in self.details
        }

    @cached_property
    def detailed(self) -> frozenset[str]:
        """What no listing tells."""
        return frozenset().union(*self._reads.values())

    @cached_property
    def stages(self) -> tuple[tuple[Detail | Shared, ...], ...]:
        """The details as they can be asked for: those of a stage at once, with the answers of those before."""
        stages: list[tuple[Detail | Shared, ...]] = []
        left = list(self.details)
        while left:
            waiting = {each.into for each in left}
            ready = [each for each in left if not any(stands(into, path) for into in waiting for path in each.paths)]
            stages.append(tuple(ready or left[:1]))
            left = [each for each in left if each not in stages[-1]]
        return tuple(stages)

    def names(self, item: Item, place: Place, unknown: Container[str]) -> set[str | None]:
        """What an item may be declared by, or as a part of; ``unknown`` is what was not asked for yet."""
        found, attributes = self._id(item), self._values(item, place, {}, unknown)
        id = "" if found is None else str(found)
        return {id, self.schema.identify(id, attributes), self.parent.of(attributes) if self.parent else None}

    def withheld(self, item: Item) -> Iterator[tuple[str, Withheld]]:
        """The attributes whose values AWS left out of this item, and why."""
        for name, get in self._withheld:
            if reason := get(item):
                yield name, Withheld(reason)

    def resource(self, item: Item, place: Place, unknown: Mapping[str, str]) -> Resource:
        """The item in the one shape; ``unknown`` are the attributes whose detail was refused."""
        id, tags = self.id_of(item), as_tags(self._tags(item))
        attributes = self._values(item, place, tags, unknown)
        return Resource(
            type=self.type,
            id=id,
            account=place.account,
            region=GLOBAL if self.schema.is_global else place.region,
            identity=self.schema.identify(id, attributes),
            arn=self._arn(item) or attributes.get("arn"),
            attributes=attributes,
            tags=tags,
            facts={name: get(item) for name, get in self._fact_getters if name not in unknown},
            unknown=unknown,
            sensitive=self.schema.sensitive,
            owner=self.owner(item) or owner_by_tags(tags),
        ).packed()

    def _values(self, item: Item, place: Place, tags: Mapping[str, str], unknown: Container[str]) -> dict[str, Any]:
        """The attributes that are known, the tags and an ARN put together among them."""
        attributes = {name: get(item) for name, get in self._getters if name not in unknown}
        if self.tags and "tags" not in unknown:
            attributes["tags"] = tags
        if self.arn and self._spelled:
            here = {"partition": place.partition, "region": place.region, "account": place.account}
            attributes["arn"] = self.arn.format_map(here | item)
        return attributes


def joined(resource: Resource, collector: Collector, inventory: Inventory) -> Resource:
    """The resource with what its neighbours tell of it; unknown is what a neighbour unseen would tell."""
    owner = resource.owner or _owner(resource, collector, inventory)
    if not collector.joins:
        return resource if owner == resource.owner else resource.replace(owner=owner)
    attributes, unknown = dict(resource.attributes.items()), dict(resource.unknown.items())
    for name, join in collector.joins.items():
        try:
            attributes[name] = join(resource, inventory)
        except Unknown as reason:
            attributes.pop(name, None)
            unknown[name] = str(reason)
    return resource.replace(attributes=attributes, unknown=unknown, owner=owner)


def _owner(resource: Resource, collector: Collector, inventory: Inventory) -> str | None:
    """Who made it, by its neighbours; where they were not seen nobody is known to have made it."""
    try:
        return collector.owned(resource, inventory) if collector.owned else None
    except Unknown:
        return None


def _attribute(each: str | Attribute) -> Attribute:
    return Attribute(path=each) if isinstance(each, str) else each


def _getter(attribute: Attribute) -> Getter:
    get, convert = getter(attribute.path), attribute.convert
    return (lambda item: convert(get(item))) if convert else get


def stands(word: str, path: str) -> bool:
    """Whether a JMESPath speaks of what is put under a name."""
    return re.search(rf"\b{re.escape(word)}\b", path) is not None


_PLAIN_PATH = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_INTERPRETER = TreeInterpreter()
"""One for all searches: JMESPath would make one for each, in a circle that stays until garbage is searched for."""


@cache
def getter(path: str) -> Getter:
    """A JMESPath, compiled once; a plain dotted name becomes plain look-ups, which are 30 times as fast."""
    if not _PLAIN_PATH.fullmatch(path):
        tree = jmespath.compile(path).parsed
        return lambda item: settled(_INTERPRETER.visit(tree, item))
    names = path.split(".")

    def look_up(item: Any) -> Any:
        for name in names:
            if not isinstance(item, Mapping):
                return None
            item = item.get(name)
        return settled(item)

    return look_up


def settled(value: Any) -> Any:
    """Times become RFC 3339 text, as the provider writes them."""
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def as_tags(value: Any) -> dict[str, str]:
    """Tags as a map, from a map or from AWS's list of pairs."""
    if isinstance(value, Mapping):
        return dict(value)
    return {pair.get("Key", pair.get("TagKey")): pair.get("Value", pair.get("TagValue", "")) for pair in value or ()}
