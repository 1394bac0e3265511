"""The forms a value may take without meaning anything else: what equal means, per attribute."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

Canonical = Callable[[Any], Any]


def plain(value: Any) -> Any:
    """Empty forms are one: null, "", 0, false, [], {} and [{}] all say "not set"."""
    if isinstance(value, Mapping):
        kept = {key: inner for key, each in value.items() if (inner := plain(each)) is not None}
        return kept or None
    if isinstance(value, list | tuple | set | frozenset):
        return [inner for each in value if (inner := plain(each)) is not None] or None
    return value or None


def sort_key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def without_order(value: Any) -> Any:
    """A set: Terraform and AWS list its members in any order."""
    members = plain(value)
    if not isinstance(members, list):
        return members
    return sorted((plain(member) for member in members), key=sort_key)


def parsed(value: Any) -> Any:
    """A JSON document in a string: white space and the order of keys say nothing."""
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value)
        except msgspec.DecodeError:
            return value
    return plain(value)


def caseless(value: Any) -> Any:
    return value.lower() if isinstance(value, str) and value else plain(value)


def last_segment(value: Any) -> Any:
    """A name or an ARN that ends in it."""
    return value.rsplit("/", 1)[-1].rsplit(":", 1)[-1] if isinstance(value, str) and value else plain(value)


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """How the values of one attribute compare.

    Two values are the same when they are equal, or when their canonical forms are. ``inner``
    holds the forms of a nested block's attributes. An attribute whose ``compared`` is false
    (a timestamp, an endpoint) is collected but is never drift.
    """

    canonical: Canonical = plain
    compared: bool = True
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
            if _one_block(declared) and _one_block(live):
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
    """Left out of the declaration, what AWS chose stands."""
    return plain(declared) is None


def defaulting(default: Any) -> Form:
    """A default of AWS's: to say it and to leave it out are the same."""
    return Form(canonical=lambda value: None if value == default else plain(value))


PLAIN = Form()
UNORDERED = Form(canonical=without_order)
DOCUMENT = Form(canonical=parsed)
CASELESS = Form(canonical=caseless)
NAME_OR_ARN = Form(canonical=last_segment)
VOLATILE = Form(compared=False)
UNREAD = Form(canonical=lambda value: None)
"""Of a nested block's attribute: Terraform's alone, so that it never makes a difference."""
VERSION = Pairwise(agree=some_version_of)
IF_DECLARED = Pairwise(agree=left_out)


# --- IAM policy documents ---------------------------------------------------------------------

_LISTS = ("Action", "NotAction", "Resource", "NotResource")


def policy_document(value: Any) -> Any:
    """An IAM policy: order, one-or-many, principal forms and the case of actions say nothing.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
    """
    document = parsed(value)
    if not isinstance(document, Mapping) or "Statement" not in document:
        return document
    statements = [_statement(each) for each in _many(document["Statement"]) if isinstance(each, Mapping)]
    rest = {key: each for key, each in document.items() if key != "Statement"}
    return {"Version": "2008-10-17"} | rest | {"Statement": sorted(statements, key=sort_key)}


def _statement(statement: Mapping[str, Any]) -> dict[str, Any]:
    settled = dict(statement)
    for name in _LISTS:
        if name in settled:
            members = {str(each) for each in _many(settled[name])}
            settled[name] = sorted({each.lower() for each in members} if "Action" in name else members)
    for name in ("Principal", "NotPrincipal"):
        if name in settled:
            settled[name] = _principal(settled[name])
    if isinstance(condition := settled.get("Condition"), Mapping):
        settled["Condition"] = {
            operator.lower(): {
                key.lower(): sorted(_text(each) for each in _many(values)) for key, values in tests.items()
            }
            for operator, tests in condition.items()
            if isinstance(tests, Mapping)
        }
    return settled


def _principal(principal: Any) -> Any:
    kinds = principal if isinstance(principal, Mapping) else {"AWS": principal}
    return {kind: sorted({_account_root(str(each)) for each in _many(who)}) for kind, who in kinds.items()}


def _account_root(principal: str) -> str:
    """123456789012 and arn:aws:iam::123456789012:root are the same principal."""
    parts = principal.split(":")
    return parts[4] if len(parts) == 6 and parts[5] == "root" else principal


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


POLICY = Form(canonical=policy_document)


# --- tags -------------------------------------------------------------------------------------


def own_tags(value: Any) -> Any:
    """Tags whose keys begin with ``aws:`` are AWS's own: nobody can set them. An empty value is a value."""
    if not isinstance(value, Mapping):
        return None
    return {key: text or "" for key, text in value.items() if not key.startswith("aws:")} or None


class _Tags(Form, frozen=True, kw_only=True):
    def _deeper(self, path: str, declared: Any, live: Any) -> Iterator[tuple[str, Any, Any]]:
        wanted, actual = own_tags(declared) or {}, own_tags(live) or {}
        for key in sorted(wanted.keys() | actual.keys()):
            if wanted.get(key) != actual.get(key):
                yield f"{path}.{key}", wanted.get(key), actual.get(key)


TAGS = _Tags(canonical=own_tags)
