"""Listings inside listings: what is asked of each thing that another listing names, which is itself asked for once.

AWS lists the stages of one API at a time, and the aliases of one function. Several types begin with
the same APIs, and some are told by one answer about each of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from botocore.exceptions import ClientError

from scanner.aws.errors import code
from scanner.aws.place import Item, Place

if TYPE_CHECKING:
    from scanner.aws.session import Aws

Fetch = Callable[[Place], AsyncIterator[list[Item]]]
Reader = Callable[..., Any]
"""Whoever an answer is given to: a fetch, or an asking that begins with another."""
Parts = Callable[[Any, Item], Iterable[Item]]

AT_ONCE, PAGE = 25, 100
GONE = frozenset({"NotFoundException", "ResourceNotFoundException"})


class _Answer:
    """What an asking came to, a refusal too, and the fetches that it was given to."""

    __slots__ = ("given", "lock", "outcome")

    def __init__(self) -> None:
        self.given: set[Reader] = set()
        self.lock = asyncio.Lock()
        self.outcome: Any = None

    async def of(self, asking: Callable[[], Awaitable[Any]]) -> Any:
        async with self.lock:
            if self.outcome is None:
                self.outcome = await _tried(asking)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


class Once:
    """An asking whose answer is shared by all fetches that need it.

    Each is given an answer once: whoever asks a second time is reading anew, and is not given what
    was true before. An answer is kept until all of them have it, or its account is left. ``operation`` is the one
    call that it takes, where it takes just one: ``lambda:list_functions``.
    """

    def __init__(self, ask: Callable[..., Awaitable[Any]], operation: str = "") -> None:
        self.ask, self.operation = ask, operation
        self.readers: set[Reader] = set()
        self._answers: WeakKeyDictionary[Aws, dict[str, _Answer]] = WeakKeyDictionary()

    async def __call__(self, reader: Reader, place: Place, *about: Item) -> Any:
        answer = self._answer(reader, self._answers.setdefault(place.aws, {}), repr((place.region, about)))
        return await answer.of(lambda: self.ask(place, *about))

    def _answer(self, reader: Reader, answers: dict[str, _Answer], asked: str) -> _Answer:
        if asked not in answers or reader in answers[asked].given:
            answers[asked] = _Answer()
        answer = answers[asked]
        answer.given.add(reader)
        if answer.given >= self.readers:
            del answers[asked]
        return answer


def all_of(service: str, operation: str, items: str, **arguments: Any) -> Once:
    """The asking for everything that an operation lists; ``items`` is where in its answer that stands."""

    async def ask(place: Place) -> list[Item]:
        return list((await place.whole(service, operation, **arguments)).get(items) or ())

    return Once(ask, f"{service}:{operation}")


def listing(name: str, things: Once, fits: Callable[[Item], bool] = lambda thing: True) -> Fetch:
    """The fetch, under this name, of things that others begin with too."""

    async def fetch(place: Place) -> AsyncIterator[list[Item]]:
        found = [each for each in await things(fetch, place) if fits(each)]
        for first in range(0, len(found), PAGE):
            yield found[first : first + PAGE]

    fetch.__name__ = name
    things.readers.add(fetch)
    return fetch


def inside(name: str, outer: Once, asked: Once, parts: Parts, gone: Collection[str] = GONE) -> Fetch:
    """The fetch, under this name, of the parts of what is answered of each thing that ``outer`` lists.

    What was refused of one thing does not hide the others: it is raised when all have been asked about. The
    error codes in ``gone`` say that the thing went since it was listed, or has nothing of what was asked for.
    """

    async def fetch(place: Place) -> AsyncIterator[list[Item]]:
        things, refused = await outer(fetch, place), []
        for first in range(0, len(things), AT_ONCE):
            some = things[first : first + AT_ONCE]
            answers = await asyncio.gather(*(_tried(asked, fetch, place, thing) for thing in some))
            pairs = list(zip(answers, some, strict=True))
            told = [(answer, thing) for answer, thing in pairs if not isinstance(answer, Exception)]
            yield [part for answer, thing in told for part in parts(answer, thing)]
            refused += [each for each in answers if isinstance(each, Exception) and code(each) not in gone]
        if refused:
            raise refused[0]

    fetch.__name__ = name
    outer.readers.add(fetch)
    asked.readers.add(fetch)
    return fetch


async def unless_gone(asking: Awaitable[Item], gone: Collection[str]) -> Item:
    """An answer; of a thing that went since it was listed, nothing."""
    try:
        return await asking
    except ClientError as error:
        if code(error) not in gone:
            raise
        return {}


async def _tried(asking: Callable[..., Awaitable[Any]], *about: Any) -> Any:
    """What an asking comes to, or why it came to nothing; begun only here, so that what is ended before never is."""
    try:
        return await asking(*about)
    except Exception as error:
        return error
