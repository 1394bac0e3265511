"""The forms of documents in a string, policies and other JSON: compared by what they say, and told part by part.

Whether two are the same is settled as a whole, by the canonical form; where they are not, it is told in which parts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from state.forms import Form, document, many, parsed, policy_document, settled_statement, sort_key, stated, text
from state.secret import looks, veiled

Difference = tuple[str, Any, Any]
"""(path, declared, live)"""
Settled = Mapping[str, Any]


class Document(Form, frozen=True, kw_only=True):
    """A JSON document, told by its keys. One that holds a secret, or is on one side only, is told as a whole."""

    def _deeper(self, path: str, declared: Any, live: Any) -> Iterator[Difference]:
        yield from self._parts(path, declared, live) or [(path, declared, live)]

    def _parts(self, path: str, declared: Any, live: Any) -> list[Difference]:
        if looks(declared) or looks(live):
            return []
        try:
            found = [*self._told(path, parsed(declared), parsed(live))]
        except RecursionError:
            return []
        return found if len({each[0] for each in found}) == len(found) else []

    def _told(self, path: str, declared: Any, live: Any) -> Iterator[Difference]:
        if isinstance(declared, Mapping) and isinstance(live, Mapping):
            yield from _members(path, declared, live)


class Policy(Document, frozen=True, kw_only=True):
    """An IAM policy, told by its statements: ``policy.Statement[Sid=Read].Action``."""

    def _told(self, path: str, declared: Any, live: Any) -> Iterator[Difference]:
        if not all(isinstance(each, Mapping) and "Statement" in each for each in (declared, live)):
            return
        one, other = ({"Version": "2008-10-17"} | stated(each) | {"Statement": None} for each in (declared, live))
        yield from _members(path, one, other)
        said, seen = many(declared["Statement"]), many(live["Statement"])
        yield from _statements(f"{path}.Statement", said, seen)


def differences(form: Form, path: str, declared: Any, live: Any, hidden: bool) -> Iterator[Difference]:
    """Where two values differ by their form; of a ``hidden`` document not even in which of its parts."""
    if hidden and isinstance(form, Document):
        form = Form(canonical=form.canonical)
    return form.differences(path, declared, live)


def _members(path: str, declared: Mapping[str, Any], live: Mapping[str, Any]) -> Iterator[Difference]:
    for key in sorted(declared.keys() | live.keys()):
        one, other, place = declared.get(key), live.get(key), f"{path}.{key}"
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            yield from _members(place, one, other)
        elif sort_key(one) != sort_key(other):
            yield place, veiled(one, key), veiled(other, key)


# --- statements -----------------------------------------------------------------------------------


def _statements(path: str, said: Sequence[Any], seen: Sequence[Any]) -> Iterator[Difference]:
    pairs = _pairs(said, seen)
    sids = [Counter(map(_sid, each)) for each in (said, seen)]

    def place(at: int, of: Sequence[Any], alone: Counter[str]) -> str:
        sid = _sid(of[at])
        return f"{path}[Sid={sid}]" if sid and alone[sid] == 1 else f"{path}[{at}]"

    for at, statement in enumerate(said):
        if at in pairs:
            yield from _elements(place(at, said, sids[0]), statement, seen[pairs[at]])
    lost = {place(at, said, sids[0]): each for at, each in enumerate(said) if at not in pairs}
    new = {place(at, seen, sids[1]): each for at, each in enumerate(seen) if at not in pairs.values()}
    for name in sorted(lost.keys() | new.keys()):
        yield name, lost.get(name), new.get(name)


def _sid(statement: Any) -> str:
    found = statement.get("Sid") if isinstance(statement, Mapping) else None
    return found if isinstance(found, str) else ""


def _pairs(said: Sequence[Any], seen: Sequence[Any]) -> dict[int, int]:
    """Which live statement each declared one is: by a Sid that is alone, by content, then by what is most alike."""
    pairs: dict[int, int] = {}
    sids = [Counter(map(_sid, each)) for each in (said, seen)]
    named = {_sid(each): at for at, each in enumerate(seen) if sids[1][_sid(each)] == 1}
    for at, each in enumerate(said):
        if (sid := _sid(each)) and sids[0][sid] == 1 and sid in named:
            pairs[at] = named[sid]
    one, other = ([settled_statement(each) for each in side] for side in (said, seen))
    for least in (_SAME, 1):
        for at in (at for at in range(len(said)) if at not in pairs):
            left = [each for each in range(len(seen)) if each not in pairs.values()]
            scores = {each: _alike(one[at], other[each]) for each in left}
            best = max(left, key=lambda each: (scores[each], -each), default=None)
            if best is not None and scores[best] >= least:
                pairs[at] = best
    return pairs


_SAME = 1000
"""How alike two statements are that say the same."""


def _alike(one: Any, other: Any) -> int:
    """In how many elements two statements agree; two that have names of their own are two."""
    if sort_key(one) == sort_key(other):
        return _SAME
    if not (isinstance(one, Mapping) and isinstance(other, Mapping)) or (_sid(one) and _sid(other)):
        return 0
    return sum(one[name] == other[name] for name in one.keys() & other.keys() - {"Effect"})


def _elements(path: str, said: Any, seen: Any) -> Iterator[Difference]:
    """Where two statements differ, as they are written."""
    one, other = settled_statement(said), settled_statement(seen)
    if not (isinstance(one, Mapping) and isinstance(other, Mapping)):
        if sort_key(one) != sort_key(other):
            yield path, said, seen
        return
    for name in sorted(one.keys() | other.keys()):
        wanted, actual, place = said.get(name), seen.get(name), f"{path}.{name}"
        if one.get(name) == other.get(name):
            continue
        if name in ("Principal", "NotPrincipal") and name in one and name in other:
            yield from _principals(place, wanted, actual, one[name], other[name])
        elif name == "Condition" and _is_tests(wanted) and _is_tests(actual):
            yield from _tests(place, wanted, actual)
        elif name in ("Action", "NotAction", "Resource", "NotResource"):
            yield place, _listed(wanted), _listed(actual)
        else:
            yield place, wanted, actual


def _listed(value: Any) -> Any:
    return None if value is None else many(value)


def _principals(
    path: str, said: Any, seen: Any, one: Mapping[str, Any], other: Mapping[str, Any]
) -> Iterator[Difference]:
    wanted, actual = (each if isinstance(each, Mapping) else {"AWS": each} for each in (said, seen))
    for kind in sorted(one.keys() | other.keys()):
        if one.get(kind) != other.get(kind):
            yield f"{path}.{kind}", _listed(wanted.get(kind)), _listed(actual.get(kind))


def _is_tests(condition: Any) -> bool:
    """Whether a condition is of operators and keys, each of them there once, whatever its case."""
    if condition is None:
        return True
    if not isinstance(condition, Mapping) or not all(isinstance(each, Mapping) for each in condition.values()):
        return False
    names = [(operator.lower(), key.lower()) for operator, tests in condition.items() for key in tests]
    return len({*names}) == len(names)


def _tests(path: str, said: Any, seen: Any) -> Iterator[Difference]:
    one, other = _by_name(said), _by_name(seen)
    for name in sorted(one.keys() | other.keys()):
        operator, key, _ = one.get(name) or other[name]
        wanted, actual = (side[name][2] if name in side else None for side in (one, other))
        if wanted is None or actual is None or {*map(text, wanted)} != {*map(text, actual)}:
            yield f"{path}.{operator}[{key}]", wanted, actual


def _by_name(condition: Any) -> dict[tuple[str, str], tuple[str, str, list[Any]]]:
    found = {}
    for operator, tests in (condition or {}).items():
        for key, values in tests.items():
            found[operator.lower(), key.lower()] = operator, key, many(values)
    return found


DOCUMENT = Document(canonical=document)
POLICY = Policy(canonical=policy_document)
