"""The forms a value may take without meaning anything else: what equal means, per attribute."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from state.noise import BY_ITSELF

Canonical = Callable[[Any], Any]


def plain(value: Any) -> Any:
    """Empty forms are one: null, "", 0, false, [], {} and [{}] all say "not set"."""
    if isinstance(value, Mapping):
        kept = {key: inner for key, each in value.items() if (inner := plain(each)) is not None}
        return kept or None
    if isinstance(value, list | tuple | set | frozenset):
        return [inner for each in value if (inner := said(each)) is not None] or None
    return value or None


def said(value: Any) -> Any:
    """The same, of a place where false and 0 are values: in a list, or where the default is another."""
    return value if isinstance(value, bool | int | float) else plain(value)


_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|[+-]00:?00)")


def to_the_second(value: Any) -> Any:
    """A time, of which Terraform keeps no fractions in one type, and some in another; anything else as a set."""
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    return found[1] if found else without_order(value)


def sort_key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def without_order(value: Any) -> Any:
    """A set: Terraform and AWS list its members in any order."""
    members = plain(value)
    if not isinstance(members, list):
        return members
    return sorted(members, key=sort_key)


def unless_too_deep(canonical: Canonical) -> Canonical:
    """A document from a checkout may nest deeper than the stack: it then compares as it is written."""

    def settled(value: Any) -> Any:
        try:
            return canonical(value)
        except RecursionError:
            return value

    return settled


def if_enabled(value: Any) -> Any:
    """A block that is off is no block: AWS reports it, Terraform leaves it out, or the other way round."""
    return plain([each for each in value or () if each.get("enabled")])


def there(value: Any) -> Any:
    """A block that says something by being there, whatever it holds."""
    return bool(value) or None


@unless_too_deep
def document(value: Any) -> Any:
    """A JSON document in a string: white space and the order of keys say nothing, all else does."""
    found = parsed(value)
    return None if _is_nothing(found) else sort_key(found)


def _is_nothing(value: Any) -> bool:
    return value is None or value in ("", [], {})


def parsed(value: Any) -> Any:
    """What a JSON document says; the text itself where it says nothing, or two things at once."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value, object_pairs_hook=_members, parse_float=_number)
    except ValueError:
        return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object. Of two members with one name some readers take the first and some the last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("two members have the same name")
    return found


def _number(text: str) -> int | float:
    """1.0 is 1."""
    number = float(text)
    return int(number) if number.is_integer() else number


def caseless(value: Any) -> Any:
    return value.lower() if isinstance(value, str) and value else plain(value)


def caseless_set(value: Any) -> Any:
    return without_order([caseless(each) for each in value or ()])


def last_segment(value: Any) -> Any:
    """The name that an ARN ends in; a name is itself."""
    return value.rsplit("/", 1)[-1].rsplit(":", 1)[-1] if isinstance(value, str) and value else plain(value)


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """How the values of one attribute compare.

    Two values are the same when they are equal, or when their canonical forms are. ``inner``
    holds the forms of a nested block's attributes. Where ``noise`` says why an attribute moves with
    nobody's hand on it (a timestamp, an endpoint), a difference is noise: told apart, and never drift.
    """

    canonical: Canonical = plain
    noise: str = ""
    inner: Mapping[str, Form] = {}

    def settle(self, value: Any) -> Any:
        """The canonical form, nested blocks settled by their own forms first."""
        return self.canonical(self._settle_inner(value)) if self.inner else self.canonical(value)

    def _settle_inner(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [self._settle_inner(each) for each in value]
        if isinstance(value, Mapping):
            return {k: self.inner[k].settle(v) if k in self.inner else v for k, v in value.items()}
        return value

    def differences(self, path: str, declared: Any, live: Any) -> Iterator[tuple[str, Any, Any]]:
        """(path, declared, live) of each place where the two differ, as deep as maps go."""
        if declared == live:
            return
        wanted, actual = self.settle(declared), self.settle(live)
        if wanted != actual:
            yield from self._deeper(path, declared, live)

    def _deeper(self, path: str, declared: Any, live: Any) -> Iterator[tuple[str, Any, Any]]:
        if self.canonical is plain:
            if isinstance(declared, Mapping) and isinstance(live, Mapping):
                for name in sorted(declared.keys() | live.keys()):
                    form = self.inner.get(name, PLAIN)
                    yield from form.differences(f"{path}.{name}", declared.get(name), live.get(name))
                return
            if _one_block(declared) and _one_block(live) and declared[0].keys() & live[0].keys():
                yield from self._fields(f"{path}[0]", declared[0], live[0])
                return
        yield path, declared, live

    def _fields(
        self, path: str, declared: Mapping[str, Any], live: Mapping[str, Any]
    ) -> Iterator[tuple[str, Any, Any]]:
        """A block's attributes that both sides know: another provider version has others."""
        for name in sorted(declared.keys() & live.keys()):
            yield from self.inner.get(name, PLAIN).differences(f"{path}.{name}", declared[name], live[name])


def _one_block(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 1 and isinstance(value[0], Mapping)


class Pairwise(Form, frozen=True, kw_only=True):
    """Values that mean the same only beside one another: no form of either would tell."""

    agree: Callable[[Any, Any], bool]

    def differences(self, path: str, declared: Any, live: Any) -> Iterator[tuple[str, Any, Any]]:
        if not self.agree(declared, live):
            yield from Form.differences(self, path, declared, live)


def some_version_of(declared: Any, live: Any) -> bool:
    """ "8.0" is any 8.0.x: which of them runs is AWS's choice, and changes with its minor upgrades."""
    return isinstance(declared, str) and isinstance(live, str) and live.startswith(f"{declared}.")


def left_out(declared: Any, live: Any) -> bool:
    """Left out of the declaration, what AWS chose stands. False and 0 are declared, in a block too."""
    if isinstance(declared, Mapping):
        return all(left_out(each, live) for each in declared.values())
    if isinstance(declared, list | tuple):
        return all(left_out(each, live) for each in declared)
    return declared is None or declared == ""


def not_told(declared: Any, live: Any) -> bool:
    """Where AWS says nothing, as of what a thing of its kind does not have, the provider keeps what is declared."""
    return live is None or live == []


def pairs_as_declared(name: str, value: str) -> Callable[[Any, Any], bool]:
    """Of a list of named values, each that is declared is so; AWS tells all of them, with its own of the others."""

    def agree(declared: Any, live: Any) -> bool:
        told = {each[name]: each.get(value) for each in live or ()}
        return all(told.get(each[name]) == each.get(value) for each in declared or ())

    return agree


def one_names_the_other(declared: Any, live: Any) -> bool:
    """A name, or an id, and an ARN that ends in it. Two names or two ARNs are the same only when they are equal."""
    return _ends_in(declared, live) or _ends_in(live, declared)


def _ends_in(arn: Any, name: Any) -> bool:
    return _is_arn(arn) and isinstance(name, str) and name != "" and arn.endswith((f"/{name}", f":{name}"))


def _is_arn(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("arn:")


def defaulting(default: Any) -> Form:
    """A default of AWS's: to say it and to leave it out are the same. Where it is true, false is a value.

    It is then a text, which no block around it takes for nothing.
    """
    empty = _unless_false if default is True else plain
    return Form(canonical=lambda value: None if value == default else empty(value))


def _unless_false(value: Any) -> Any:
    return "false" if value == 0 and isinstance(value, bool | int | float) else plain(value)


PLAIN = Form()
UNORDERED = Form(canonical=without_order)
TO_THE_SECOND = Form(canonical=to_the_second)
THERE = Form(canonical=there)
CASELESS = Form(canonical=caseless)
VOLATILE = Form(canonical=to_the_second, noise=BY_ITSELF)
UNREAD = Form(canonical=lambda value: None)
"""Of a nested block's attribute: Terraform's alone, so that it never makes a difference."""
NAME_OR_ARN = Pairwise(agree=one_names_the_other)
VERSION = Pairwise(agree=some_version_of)
IF_DECLARED = Pairwise(agree=left_out)
IF_TOLD = Pairwise(agree=not_told)


# --- IAM policy documents ---------------------------------------------------------------------


@unless_too_deep
def policy_document(value: Any) -> Any:
    """An IAM policy: order, one-or-many, principal forms and the case of actions say nothing.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
    """
    found = parsed(value)
    if not isinstance(found, Mapping) or "Statement" not in found:
        return document(value)
    statements = sorted(sort_key(settled_statement(each)) for each in many(found["Statement"]))
    return {"Version": "2008-10-17"} | stated(found) | {"Statement": statements}


def stated(element: Mapping[str, Any]) -> dict[str, Any]:
    """The members that hold something: a Sid of "" is none. False and 0 are something."""
    return {name: each for name, each in element.items() if not _is_nothing(each)}


def settled_statement(statement: Any) -> Any:
    if not isinstance(statement, Mapping):
        return statement
    return {name: _ELEMENTS.get(name, _as_it_is)(each) for name, each in stated(statement).items()}


def _as_it_is(value: Any) -> Any:
    return value


def _texts(values: Any) -> list[str]:
    return sorted({text(each) for each in many(values)})


def _actions(values: Any) -> list[str]:
    return sorted({text(each).lower() for each in many(values)})


def _principal(principal: Any) -> Any:
    kinds = stated(principal) if isinstance(principal, Mapping) else {"AWS": principal}
    return {kind: sorted({_account_root(text(each)) for each in many(who)}) for kind, who in kinds.items()}


def _account_root(principal: str) -> str:
    """123456789012 and arn:aws:iam::123456789012:root are the same principal, in every partition."""
    parts = principal.split(":")
    return parts[4] if len(parts) == 6 and parts[2] == "iam" and parts[5] == "root" else principal


def _condition(condition: Any) -> Any:
    """Its tests. The case of keys says nothing, nor that of operators, of which IAM refuses all but one; values do."""
    if not isinstance(condition, Mapping):
        return condition
    return sorted((test for operator, tests in condition.items() for test in _tests(operator, tests)), key=sort_key)


def _tests(operator: str, tests: Any) -> list[Any]:
    if not isinstance(tests, Mapping):
        return [[operator.lower(), tests]]
    return [[operator.lower(), key.lower(), _texts(values)] for key, values in tests.items()]


def many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_ELEMENTS: Mapping[str, Canonical] = {
    "Action": _actions,
    "NotAction": _actions,
    "Resource": _texts,
    "NotResource": _texts,
    "Principal": _principal,
    "NotPrincipal": _principal,
    "Condition": _condition,
}


def as_map(value: Any) -> Any:
    """A map whose keys the user chose: one with an empty value is there all the same."""
    return dict(value) or None if isinstance(value, Mapping) else None


class _Map(Form, frozen=True, kw_only=True):
    """A map, told key by key; settled into a text, so that no block around it takes its empty values for nothing."""

    def settle(self, value: Any) -> Any:
        found = self.canonical(value)
        return None if found is None else sort_key(found)

    def _deeper(self, path: str, declared: Any, live: Any) -> Iterator[tuple[str, Any, Any]]:
        wanted, actual = self.canonical(declared) or {}, self.canonical(live) or {}
        for key in sorted(wanted.keys() | actual.keys()):
            if wanted.get(key) != actual.get(key):
                yield f"{path}.{key}", wanted.get(key), actual.get(key)


MAP = _Map(canonical=as_map)


class Keyed(Form, frozen=True, kw_only=True):
    """A set of blocks, each known by one of its own attributes: told block by block, and deeper where both have it."""

    by: str

    def _deeper(self, path: str, declared: Any, live: Any) -> Iterator[tuple[str, Any, Any]]:
        wanted, actual = self._named(declared), self._named(live)
        if wanted is None or actual is None:
            yield path, declared, live
            return
        for key in sorted(wanted.keys() | actual.keys()):
            one, other, place = wanted.get(key), actual.get(key), f"{path}[{key}]"
            if one is None or other is None:
                yield place, one, other
            else:
                yield from self._fields(place, one, other)

    def _named(self, blocks: Any) -> dict[str, Any] | None:
        """The blocks by name; None where two have the same, or one has none."""
        rows = list(blocks or ()) if isinstance(blocks, list | tuple | None) else [None]
        form = self.inner.get(self.by, PLAIN)
        named = {str(form.settle(row[self.by])): row for row in rows if isinstance(row, Mapping) and row.get(self.by)}
        return named if len(named) == len(rows) else None


# --- maps -------------------------------------------------------------------------------------


def own_tags(value: Any) -> Any:
    """Tags whose keys begin with ``aws:`` are AWS's own: nobody can set them. An empty value is a value, null is none.

    A number in a tag is its text, as the provider writes it.
    """
    if not isinstance(value, Mapping):
        return None
    own = {key: text(each) for key, each in value.items() if each is not None and not key.startswith("aws:")}
    return own or None


TAGS = _Map(canonical=own_tags)
