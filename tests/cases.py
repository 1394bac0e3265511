"""Thousands of small cases as one test: of a test of its own, pytest takes longer than such a case does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import pytest

Test = Callable[..., None]


def every(cases: Mapping[str, Any] | Callable[[], Mapping[str, Any]]) -> Callable[[Test], Test]:
    """Tries all of them, each under its name, and tells each one that fails; several arguments are a tuple.

    For tests that need nothing made for them: a case that needs a fixture, or may be skipped, is parametrized. Cases
    that take long to find come from a function, which is not called where tests are only collected.
    """

    def tried(test: Test) -> Test:
        @wraps(test)
        def all_of_them() -> None:
            known = cases() if callable(cases) else cases
            failed = {name: error for name, case in known.items() if (error := failure(test, name, case))}
            if failed:
                raise BaseExceptionGroup(f"{len(failed)} of {len(known)}: {', '.join(failed)}", [*failed.values()])

        del all_of_them.__wrapped__  # type: ignore[attr-defined]  # whose arguments pytest would take for fixtures
        return all_of_them

    return tried


def failure(test: Test, name: str, case: Any) -> BaseException | None:
    try:
        test(*case if isinstance(case, tuple) else (case,))
    except (Exception, pytest.fail.Exception) as error:
        error.add_note(f"The case: {name}")
        return error
    return None
