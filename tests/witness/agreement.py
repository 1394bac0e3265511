"""The page that says how far Terraform and we agree, out of the fixtures and of what changes.py explains."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from scanner.collectors import collectors
from tests.witness.case import NOTHING, Case, Row, cases, row, terraforms
from tests.witness.fewer import FEWER
from tests.witness.imported.reading import imported
from tests.witness.not_made import NOT_MADE

INTRODUCTION = """\
Terraform of ours was applied by the real `terraform` and AWS provider 5.100 to moto. What it wrote and asked for is
kept here: the state (`terraform.tfstate`), the requests that made the account (`account.jsonl`), and what
`terraform plan -refresh-only` reported after each change by hand (`drift/`). The tests make the account anew, change
it, and hold our drift to Terraform's: the same things, the same attributes, the same values before and after, or a
reason why not. Right after an apply we must find nothing. `python -m tests.witness.record` records all of it anew where
Terraform is at hand.

- *states*: those that declare the type
- *changes*: those by hand of which Terraform or we say something of the type
- *equal*: rows (changed, missing, unmanaged; thing; attribute) that both say
- *explained*: rows that only one of the two says, with the number of the reason

What is said whatever was changed is said once, and makes no change of the type.
"""


class Told(msgspec.Struct):
    """What is known of one type."""

    states: set[str] = msgspec.field(default_factory=set)
    changes: set[tuple[str, str]] = msgspec.field(default_factory=set)
    equal: int = 0
    explained: Counter[str] = msgspec.field(default_factory=Counter)


def page() -> Iterator[str]:
    found = told(cases())
    reasons = {reason: f"{number}" for number, reason in enumerate(sorted(_reasons(found)), 1)}
    collected = {each.type for each in collectors() if each.type.startswith("aws_")}
    yield from ("# The real Terraform as a witness", "", "Generated: `make generated`.", "")
    yield from INTRODUCTION.splitlines()
    yield ""
    yield f"{len(found.keys() & collected)} of {len(collected)} collected types, {len(cases())} cases, {_sum(found)}."
    yield from ("", "| type | states | changes | equal | explained |", "| --- | --- | --- | --- | --- |")
    for type in sorted(found):
        yield f"| {' | '.join(_cells(type, found[type], reasons))} |"
    yield from ("", "## Reasons", "")
    yield from (f"{number}. {reason}" for reason, number in reasons.items())
    yield from (
        "",
        "## Other values",
        "",
        "Where both say that an attribute changed, and the one or the other tells more of it.",
        "",
    )
    yield from (f"- `{leaf}`: {reason}" for leaf, reason in sorted(_otherwise()))
    yield from ("", "## Fewer than three changes", "")
    yield from (f"- `{type}`: {reason}" for type, reason in sorted(FEWER.items()))
    yield from ("", "## Not in it", "")
    left = collected - found.keys()
    apart, beside = len(left & imported()), len(imported() - left)
    yield "Each was tried, and not to be had of moto. The real provider read one of them of an account that is made up"
    yield "from botocore's models instead (`imported/`: all that AWS may tell, and as little as it may). What it wrote"
    yield f"into a state is what we read, attribute by attribute: {apart} of these {len(left)} types, and {beside} of"
    yield "those above. Tests beside the collectors hold what is read to the provider's names, by moto or by stand-ins."
    yield ""
    yield from (f"- `{type}`: {NOT_MADE.get(type, 'not recorded yet')}" for type in sorted(left))
    yield from ("", "Of the types above, moto does not have these operations, so that what they tell goes unheld:", "")
    yield ", ".join(f"`{each}`" for each in sorted({gap for case in cases() for gap in case.gaps}))


def told(of: Iterable[Case]) -> dict[str, Told]:
    found: dict[str, Told] = defaultdict(Told)
    called = {alias: each.type for each in collectors() for alias in (*each.aliases, each.type)}
    for case in of:
        always, before = case.always, {row(each) for each in case.explained(NOTHING)}
        for resource in case.declared():
            if resource.type in called:
                found[called[resource.type]].states.add(case.name)
        for change in (NOTHING, *case.changes):
            explained = case.explained(change)
            apart = {
                row(each): reason for each, reason in explained.items() if change == NOTHING or row(each) not in before
            }
            both = terraforms(case.drift(change)) - apart.keys() - before if change != NOTHING else set()
            for each in [*both, *apart]:
                about = found[called.get(_type(each), _type(each))]
                if change != NOTHING and each not in always:
                    about.changes.add((case.name, change))
                about.equal += each in both
                about.explained.update([apart[each]] if each in apart else [])
    return found


def _type(row: Row) -> str:
    [type] = re.findall(r"\b(aws_\w+)", row[1])[:1]
    return str(type)


def _reasons(found: Mapping[str, Told]) -> set[str]:
    return {reason for each in found.values() for reason in each.explained}


def _otherwise() -> set[tuple[str, str]]:
    return {each for case in cases() for change in case.changes for each in case.otherwise(change).items()}


def _sum(found: Mapping[str, Told]) -> str:
    changes = {change for each in found.values() for change in each.changes}
    equal, explained = (sum(each) for each in zip(*((t.equal, t.explained.total()) for t in found.values())))
    return f"{len(changes)} changes; of {equal + explained} rows {equal} are equal and {explained} explained"


def _cells(type: str, about: Told, reasons: Mapping[str, str]) -> Iterator[str]:
    numbers = ", ".join(sorted((reasons[each] for each in about.explained), key=int))
    explained: Any = f"{about.explained.total()} ({numbers})" if numbers else 0
    yield f"`{type}`"
    yield from (str(each) for each in (len(about.states), len(about.changes), about.equal, explained))
