"""What a rule reads: the types it looks at and the names it asks of them, told by its own code.

The texts in the code of a rule, and of whatever of ours it reaches, are more than it reads and hold all that
it spells out. A name that it puts together (``f"access_key_{number}_active"``) is in none of them: such a
check says it itself, with ``reads=``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from state.paths import first
from state.resource import SUBJECTS

ALL = "*"
"""Every type that takes tags, which a rule says in ``reads=`` where it goes through the whole reading."""
FIELDS = frozenset({"owner", "tags"})
"""What a resource holds beside its attributes and facts, and that takes a call or a neighbour: ``resource.owner``."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TYPE = re.compile(r"aws(_[a-z0-9]+)+")


@cache
def reads(rule: Callable[..., Any], types: tuple[str, ...], also: tuple[str, ...] = ()) -> Mapping[str, frozenset[str]]:
    """The types that a rule looks at, its own and its neighbours', and what it may read of any of them.

    Shape: attributes, facts, ``tags`` and ``owner`` by Terraform type; too many rather than too few.
    """
    said = texts(rule) | set(also)
    found = {*types, *filter(_TYPE.fullmatch, said), *(SUBJECTS & said), *({ALL} & set(also))}
    names = {first(each) for each in said if not each.startswith("aws_")}
    return dict.fromkeys(sorted(found), frozenset(filter(_NAME.fullmatch, names)))


@cache
def texts(function: Callable[..., Any]) -> frozenset[str]:
    """Every text in a function's code, and in the functions, classes and constants of its package that it reaches.

    ``FIELDS`` that are read of anything are among them. A rule of ``state`` may be made of functions of collectors.
    """
    ours = frozenset({"checks", "scanner", str(function.__module__).partition(".")[0]})
    found: set[str] = set()
    seen: dict[int, Any] = {}  # holds on to them: an id is another's once its owner is gone
    left: list[Any] = [function]
    while left:
        each = left.pop()
        if isinstance(each, str):
            found.add(each)
        elif id(each) not in seen:
            seen[id(each)] = each
            left.extend(_inside(each, ours))
    return frozenset(found)


def _inside(each: Any, ours: frozenset[str]) -> Iterable[Any]:
    """What a thing is made of, as far as that can hold a text of ours."""
    if isinstance(each, Mapping):
        return [*each.keys(), *each.values()]
    if isinstance(each, tuple | list | set | frozenset):
        return each
    if isinstance(each, partial):
        return [each.func, each.args, each.keywords]
    if isinstance(each, FunctionType | type):
        if str(each.__module__).partition(".")[0] not in ours:
            return ()
        return _of_class(each) if isinstance(each, type) else _of_function(each, ours)
    return [_wrapped(each)]


def _wrapped(each: Any) -> Any:
    """The function inside a property, a bound method or what a decorator like ``cache`` makes."""
    if isinstance(each, property):
        return each.fget
    if isinstance(each, cached_property):
        return each.func
    return each.__func__ if isinstance(each, MethodType) else getattr(each, "__wrapped__", None)


def _of_class(each: type) -> Iterator[Any]:
    yield from each.__bases__
    for name, inner in vars(each).items():
        if not name.startswith("__") or isinstance(inner, FunctionType):
            yield inner


@cache
def _of_function(function: FunctionType, ours: frozenset[str]) -> Sequence[Any]:
    return tuple(_reached(function, ours))


def _reached(function: FunctionType, ours: frozenset[str]) -> Iterator[Any]:
    yield function.__defaults__ or ()
    yield function.__kwdefaults__ or {}
    yield getattr(function, "__wrapped__", None)
    for cell in function.__closure__ or ():
        yield _held(cell)
    for code in _codes(function.__code__):
        yield from (each for each in code.co_consts if not isinstance(each, CodeType))
        yield from FIELDS.intersection(code.co_names)
        yield from _named(code.co_names, function.__globals__, ours)


def _held(cell: Any) -> Any:
    """What a variable of an outer function holds; nothing where that has not come to it yet."""
    try:
        return cell.cell_contents
    except ValueError:
        return None


def _codes(code: CodeType) -> Iterator[CodeType]:
    """A function's code and that of the functions inside it."""
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _codes(each)


def _named(names: Iterable[str], known: Mapping[str, Any], ours: frozenset[str]) -> Iterator[Any]:
    """What names in a code stand for: globals, and what is taken of a module of ours."""
    found = {name: known[name] if name in known else sys.modules.get(name) for name in names}
    for each in found.values():
        if not isinstance(each, ModuleType):
            yield each
        elif each.__name__.partition(".")[0] in ours:
            yield from (vars(each).get(name) for name in found)
