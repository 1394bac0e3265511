"""A team's own checks, for as long as somebody works with the settings that name their files."""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from typing import Any, ParamSpec, TypeVar

from checks.custom import added
from scanner.collectors import collectors
from scanner.settings import Settings
from state.resource import SUBJECTS

Given = ParamSpec("Given")
Result = TypeVar("Result")
Work = Callable[Given, Coroutine[Any, Any, Result]]


def own_checks(asked: Settings) -> AbstractContextManager[None]:
    """The registry with the checks of --checks in it. Raises checks.custom.BadCheck for one that cannot be used."""
    return added(asked.own_checks, _judged)


def _judged() -> dict[str, set[str]]:
    """What is read of each type that can be judged."""
    read = {each.type: {*each.schema.forms, *each.facts} for each in collectors()}
    return {subject: set() for subject in SUBJECTS} | read


def with_own_checks(work: Work[Given, Result]) -> Work[Given, Result]:
    """Work that knows the checks that its settings, the first thing it is given, name the files of."""

    @functools.wraps(work)
    async def known(*given: Given.args, **about: Given.kwargs) -> Result:
        asked = given[0] if given else about.get("settings")
        with own_checks(asked if isinstance(asked, Settings) else Settings()):
            return await work(*given, **about)

    return known
