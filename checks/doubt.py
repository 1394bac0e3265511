"""Yes, no and "could not be seen" taken together, so that one unseen value spoils only what hangs on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

from state import Resource, Unknown
from state.terraform.provider import LEFT_OUT

Thing = TypeVar("Thing")
Answer = TypeVar("Answer")
Ask = Callable[[], object]


def any_of(judge: Callable[[Thing], Answer], things: Iterable[Thing]) -> Answer | None:
    """The first answer that is a yes; None where every answer is a no.

    Raises Unknown where there is no yes and one answer could not be had.
    """
    doubt: Unknown | None = None
    try:
        for thing in things:
            try:
                answer = judge(thing)
            except Unknown as reason:
                doubt = doubt or reason
            else:
                if answer:
                    return answer
        if doubt:
            raise doubt
        return None
    finally:
        del doubt  # an error and a frame that hold each other stay until the next search for garbage


def each_yes(judge: Callable[[Thing], Answer | None], things: Iterable[Thing]) -> list[Answer]:
    """All answers that are a yes; none where every answer is a no.

    Raises Unknown where there is no yes and one answer could not be had.
    """
    found: list[Answer] = []

    def keep(thing: Thing) -> None:
        if answer := judge(thing):
            found.append(answer)

    try:
        any_of(keep, things)
    except Unknown:
        if not found:
            raise
    return found


def each_known(judge: Callable[[Thing], Answer], things: Iterable[Thing]) -> list[Answer]:
    """The answers that could be had: for a choice of what to look at, never for a verdict."""
    found: list[Answer] = []
    for thing in things:
        with suppress(Unknown):
            found.append(judge(thing))
    return found


def all_of(judge: Callable[[Thing], object], things: Iterable[Thing]) -> bool:
    """Whether every answer is a yes; one certain no is enough for no, whatever could not be seen."""
    return not any_of(lambda thing: not judge(thing), things)


def unless(shut: Ask, found: Callable[[], Answer | None]) -> Answer | None:
    """What is found, unless that way is shut; where it is, what could not be seen behind it does not matter."""
    try:
        answer = found()
    except Unknown:
        if shut():
            return None
        raise
    return answer if answer and not shut() else None


def where(way: Ask, found: Callable[[], Answer | None]) -> Answer | None:
    """What is found where a way is open: `unless` for what takes longer to find than to see whether it is shut."""
    try:
        if not way():
            return None
    except Unknown:
        with suppress(Unknown):
            if not found():
                return None
        raise
    return found() or None


def either(*asks: Ask) -> bool:
    """Whether one of some questions is answered by yes."""
    return bool(any_of(lambda ask: ask(), asks))


def both(*asks: Ask) -> bool:
    """Whether each of some questions is answered by yes."""
    return all_of(lambda ask: ask(), asks)


def left_out(resource: Resource, name: str) -> bool:
    """Whether code leaves an attribute to AWS; of what is live, or in a state, it is always known."""
    return resource.declared is not None and resource.unknown.get(name) == LEFT_OUT


def said(resource: Resource, name: str) -> Any:
    """What is known of an attribute; None where code leaves it to AWS."""
    if not left_out(resource, name):
        return resource[name]
    getattr(resource, "seen", {})[name] = None  # what a rule is said to have read of whom it judges
    return None


def said_in(block: Mapping[str, Any], name: str) -> Any:
    """What is known of a value in a nested block; None where code leaves it to AWS."""
    return None if getattr(block, "unknown", {}).get(name) == LEFT_OUT else block.get(name)
