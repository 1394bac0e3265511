"""What the real provider read of a made-up account, held to what we read of it: the same, attribute by attribute."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scanner.collectors import collectors
from tests.witness.imported.reading import Reader, State, apart, compared, explained, imported, reading, states
from tests.witness.imported.words import EXPLAINED
from tests.witness.not_made import NOT_MADE

STATES = states()


@pytest.fixture(scope="module")
def account(environment: None) -> Iterator[Reader]:
    with pytest.MonkeyPatch.context() as patch, reading(patch.setenv) as reader:
        yield reader


@pytest.mark.parametrize("state", STATES.values(), ids=STATES.keys())
def test_what_the_provider_read_is_what_we_read(account: Reader, state: State) -> None:
    type, bare = state["type"], state["bare"]
    comparison = compared(account.read(type, bare), state)
    differing, said = apart(comparison, type), explained(state).keys()
    assert differing.keys() - said == set(), differing
    assert bare or differing.keys() == said
    assert [each.type for each in comparison.pairs.values()] == [type]
    assert comparison.compared > 0


def test_what_is_read_from_elsewhere_would_show(account: Reader) -> None:
    state = STATES["aws_athena_named_query"]
    elsewhere = {**state, "attributes": {**state["attributes"], "database": state["attributes"]["query"]}}
    assert apart(compared(account.read(state["type"]), elsewhere), state["type"]) == {
        "database": 'database: "QueryString" → "Database"'
    }


def test_whatever_the_witness_cannot_make_was_read_by_the_provider_too() -> None:
    assert NOT_MADE.keys() <= imported()


def test_what_is_recorded_is_collected_and_what_is_explained_recorded() -> None:
    assert imported() <= {each.type for each in collectors()}
    assert EXPLAINED.keys() <= STATES.keys()
