"""How much of what is declared is compared: a row a type for people, and all of it for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from scanner.coverage import Coverage, LeftOut, TypeCoverage, Why
from scanner.report._rows import SCHEMA_VERSION
from scanner.report._values import line, to_json
from scanner.report._words import many
from scanner.version import VERSION

WORDS: Mapping[LeftOut | Why, str] = {
    LeftOut.TIMEOUTS: "timeouts",
    LeftOut.PREFIX: "beginnings of names",
    LeftOut.ARGUMENT: "arguments of creating or deleting",
    LeftOut.HIDDEN: "secrets",
    Why.TYPE: "of types that are not read",
    Why.UNREAD: "not read",
    Why.COMPUTED: "worked out by AWS or the provider, and not read",
    Why.MADE_UP: "made up when the thing was made",
    Why.UNKNOWN: "not said by the source",
}
COUNTS = ("instances", "instances_collected", "attributes", "attributes_compared")


def document(found: Coverage) -> str:
    """The whole of it as JSON: counts, and of each type which attributes are not compared and why."""
    about = {"schema_version": SCHEMA_VERSION, "version": VERSION, "sources": found.sources}
    whole = {name: found.total(name) for name in (*COUNTS, "repeated", "noise")}
    rules = {"left_out": _summed(found, LeftOut), "not_compared": _summed(found, Why)}
    types = {type: _type(each) for type, each in found.types.items()}
    gaps = [{"kind": each.kind, "reason": each.reason} for each in found.gaps]
    return f"{to_json(about | whole | rules | {'types': types, 'gaps': gaps})}\n"


def _summed(found: Coverage, rules: type[LeftOut] | type[Why]) -> dict[LeftOut | Why, int]:
    field = "left_out" if rules is LeftOut else "not_compared"
    return {rule: sum(getattr(each, field)[rule].total() for each in found.types.values()) for rule in rules}


def _type(each: TypeCoverage) -> dict[str, Any]:
    counts = {name: getattr(each, name) for name in (*COUNTS, "repeated", "noise")}
    return counts | {
        "reason": each.reason,
        "compared": _ordered(each.compared),
        "left_out": _by_rule(each.left_out),
        "not_compared": _by_rule(each.not_compared),
    }


def _by_rule(found: Mapping[Any, Counter[str]]) -> dict[str, dict[str, int]]:
    return {rule: _ordered(names) for rule, names in sorted(found.items()) if names}


def _ordered(names: Counter[str]) -> dict[str, int]:
    """By count, the largest first."""
    return dict(sorted(names.items(), key=lambda each: (-each[1], each[0])))


# --- for people -------------------------------------------------------------------------------------


def show(found: Coverage, console: Console) -> None:
    """The counts first, then a row a type: those of which most is not compared first."""
    for part in _parts(found):
        console.print(part, highlight=False, markup=False, emoji=False)


def _parts(found: Coverage) -> Iterator[Any]:
    instances, collected, attributes, compared = map(found.total, COUNTS)
    repeated, noise = found.total("repeated"), found.total("noise")
    yield Text(f"{_share(collected, instances)} of {many(instances, 'managed instance')} are of a collected type.")
    yield Text(f"{_share(compared, attributes)} of {many(attributes, 'attribute')} that are set are compared.")
    if repeated:
        yield _in(f"Among them {many(repeated, 'id')} that only say again what other attributes do.")
    if noise:
        yield _in(f"Among them {noise:,} that AWS moves by itself: told apart from drift, and with --all.")
    yield from _rules("Not compared", _summed(found, Why))
    yield from _rules("Left out, since no API tells them", _summed(found, LeftOut))
    for gap in found.gaps:
        yield Text(f"Not read: {line(gap.reason)}", "yellow")
    yield Text("")
    yield _table(found)


def _share(part: int, whole: int) -> str:
    """Rounded down, so that 100 % is all of them."""
    return f"{part:,} ({part * 1000 // whole / 10} %)" if whole else "0"


def _rules(title: str, counts: Mapping[Any, int]) -> Iterator[Any]:
    told = ", ".join(f"{count:,} {WORDS[rule]}" for rule, count in counts.items() if count)
    if told:
        yield _in(f"{title}: {told}.")


def _in(text: str) -> Padding:
    return Padding(Text(text, "dim"), (0, 0, 0, 2))


def _table(found: Coverage) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("TYPE", overflow="fold")
    for name in ("INSTANCES", "COMPARED"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("NOT COMPARED", overflow="fold", ratio=1)
    rows = sorted(found.types.items(), key=lambda row: (row[1].attributes_compared - row[1].attributes, row[0]))
    for type, each in rows:
        compared = f"{each.attributes_compared:,} of {each.attributes:,}"
        table.add_row(line(type), f"{each.instances:,}", compared, _missing(each))
    return table


def _missing(each: TypeCoverage) -> Text:
    if each.reason:
        return Text(each.reason, "yellow")
    told = (f"{WORDS[rule]}: {_names(names)}" for rule, names in sorted(each.not_compared.items()) if names)
    return Text("; ".join(told))


def _names(names: Counter[str]) -> str:
    return ", ".join(f"{line(name)} {count:,}" for name, count in _ordered(names).items())
