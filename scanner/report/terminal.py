"""The terminal: what to act on first, in the width there is, with nothing from AWS that the terminal would obey."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import partial
from io import StringIO
from typing import Any, TypeVar

from rich.console import Console, RenderableType
from rich.console import Group as Stack
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from checks import Check, Effect, Finding, Origin, Severity, Status
from scanner.behind import Behind
from scanner.iac_coverage import Group
from scanner.judged import Judged
from scanner.next_step import NextStep, NextSteps
from scanner.outcome import Scan, SuppressedDrift, Suppression, Who
from scanner.report import _rows, _words, frameworks
from scanner.report._command import Command
from scanner.report._values import line, shown
from scanner.report._words import Names
from state import Declaration
from state.drift import Drift, Kind
from state.history import Move
from state.packed import EMPTY
from state.terraform.excerpt import NoExcerpt, excerpt

T = TypeVar("T")

EXCERPT = 40
WIDTH = 100
KNOWN = "  known before"
GROUPS, SHARES, CONTROLS = 20, 15, 24
PER_CHECK, CHECKS, DRIFTED, CHANGES, MOVES, GAPS, PLACES, NOTES, ACCOUNTS, HIDDEN = 5, 30, 20, 8, 6, 12, 4, 10, 20, 20

SEVERITY = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "bold blue",
}
SEVERITY_SAID = SEVERITY | {Severity.CRITICAL: "bold red"}
KIND = {Kind.CHANGED: ("~", "yellow"), Kind.MISSING: ("-", "red"), Kind.UNMANAGED: ("+", "green")}
ORIGIN = {Origin.DRIFTED: "yellow", Origin.DECLARED: "cyan", Origin.UNMANAGED: "magenta", Origin.UNKNOWN: "dim"}
EFFECT: Mapping[Effect | None, str] = {
    Effect.WORSE: "bold red",
    Effect.NEW: "bold red",
    Effect.AS_BEFORE: "dim",
    Effect.UNSURE: "yellow",
    Effect.MENDED: "green",
    Effect.REMOVED: "green",
}
MOVE = {"regressed": "bold red", "reopened": "bold red", "resolved": "green"}


def render(scan: Scan) -> Iterator[str]:
    """The summary as plain text, for a file or a log."""
    console = Console(file=StringIO(), width=WIDTH, color_system=None, legacy_windows=False)
    for part in _parts(scan, None):
        _print(console, part)
        yield console.file.getvalue()  # type: ignore[attr-defined]
        console.file.seek(0)
        console.file.truncate()


def show(
    scan: Scan,
    failed: Sequence[str] | None = None,
    *,
    color: str = "auto",
    console: Console | None = None,
    steps: bool = False,
) -> None:
    """Print the summary to standard error, or to a console.

    ``failed`` is what fails the gate, None when no gate was asked for. ``color`` is auto, always or never.
    With ``steps`` each row has what to do next, and the lines of code that declare it.
    """
    console = console or stderr(color)
    for part in _parts(scan, failed, NextSteps(scan) if steps else None):
        _print(console, part)


def stderr(color: str = "auto") -> Console:
    """Standard error as a console; what people read goes there, what programs read to standard output."""
    return _console(color, stderr=True)


def stdout(color: str = "auto") -> Console:
    """Standard output as a console, for the commands whose answer is a list."""
    return _console(color, stderr=False)


class _Console(Console):
    """A console that leaves it to the command what it ends with, where whoever reads is gone."""

    def on_broken_pipe(self) -> None:
        raise


def _console(color: str, *, stderr: bool) -> Console:
    """``always`` is meant, whatever TERM and NO_COLOR say."""
    if color == "always":
        return _Console(stderr=stderr, force_terminal=True, no_color=False, color_system="256")
    return _Console(
        stderr=stderr, force_terminal=False if color == "never" else None, no_color=color == "never" or None
    )


def show_moved(scan: Scan, console: Console) -> None:
    """Print only what moved since another scan, and where the later one could not look."""
    for part in (*_moves(scan), *_gaps(scan)):
        _print(console, part)


def show_reading(scan: Scan, console: Console) -> None:
    """Print who was read, and where that could not look."""
    for part in (*_head(scan), *_gaps(scan), *_notes(scan)):
        _print(console, part)


def _print(console: Console, part: RenderableType) -> None:
    """A part; without the spaces that fill up its lines, where it goes to a file."""
    if console.is_terminal:
        console.print(part, highlight=False, markup=False, emoji=False)
        return
    with console.capture() as text:
        console.print(part, highlight=False, markup=False, emoji=False)
    console.file.write("".join(f"{each.rstrip()}\n" for each in text.get().splitlines()))


def _parts(scan: Scan, failed: Sequence[str] | None, steps: NextSteps | None = None) -> Iterator[RenderableType]:
    yield from _head(scan)
    yield from _moves(scan)
    yield from _effects(scan)
    yield from _drift(scan, steps)
    yield from _noise(scan)
    yield from _findings(scan, steps)
    yield from _frameworks(scan)
    yield from _suppressed(scan)
    yield from _gaps(scan)
    yield from _notes(scan)
    yield from _accounts(scan)
    yield from _verdict(scan, failed)


# --- pieces ---------------------------------------------------------------------------------------


def _text(*parts: str | tuple[str, str]) -> Text:
    return Text.assemble(*parts, overflow="fold")


def _in(part: RenderableType, columns: int) -> Padding:
    return Padding(part, (0, 0, 0, columns))


def _title(name: str, said: str = "") -> RenderableType:
    under = [_in(_text((said, "dim")), 2)] if said else []
    return Stack("", Rule(Text(name, "bold"), align="left", style="dim", characters="─"), *under)


def _cut(rows: Sequence[T], most: int, draw: Callable[[T], RenderableType], columns: int = 2) -> Iterator[Any]:
    """The first rows drawn, and how many more there are."""
    yield from map(draw, rows[:most])
    yield from _more(len(rows) - most, columns)


def _more(count: int, columns: int) -> Iterator[RenderableType]:
    if count > 0:
        yield _in(_text((f"… and {count:,} more (see --output json)", "dim italic")), columns)


def _columns(rows: Iterable[Sequence[Text]], first: int, between: int = 2) -> Table:
    """Two columns, so that what does not fit goes on under its own beginning."""
    grid = Table.grid(padding=(0, between))
    grid.add_column(overflow="fold", max_width=first)
    grid.add_column(overflow="fold")
    for row in rows:
        grid.add_row(*row)
    return grid


# --- sections -------------------------------------------------------------------------------------


def _head(scan: Scan) -> Iterator[RenderableType]:
    missed = _words.not_entered(scan)
    yield _text(
        ("Driftline", "bold"), (f" {line(scan.version)}   ", "dim"), (line(_words.whose(scan)), "bold"),
        *((", ", (missed, "bold yellow")) if missed else ()),
        ("   in ", "dim"), ", ".join(map(line, _words.everywhere(scan))) or "no region",
    )  # fmt: skip
    seen = _words.many(_words.resources(scan), "resource")
    managed = f" ({scan.managed:,} managed)" if scan.sources and not scan.offline else ""
    calls = _words.many(scan.calls, "call") + (f", {scan.throttled:,} throttled" if scan.throttled else "")
    yield _text((f"{seen}{managed} · {calls} · {scan.seconds:.1f} s · {scan.ended:%Y-%m-%d %H:%M %Z}", "dim"))
    if scan.sources:
        yield _text((f"declared in {line(', '.join(scan.sources))}", "dim"))
    if scan.interrupted:
        yield _text((f"{line(_words.stopped(scan))}: what was not read by then is not known.", "bold yellow"))


def _moves(scan: Scan) -> Iterator[RenderableType]:
    digest = scan.digest
    if digest is None:
        return
    counts = _words.moved(digest)
    said = ", ".join(f"{count:,} {_words.MOVED[kind]}" for kind, count in counts.items() if count)
    yield _title("Moved", _words.moved_since(digest, said, line))
    called = _words.names(scan)
    for kind in counts:
        yield from _cut(_words.worst_first(getattr(digest, kind)), MOVES, partial(_move, kind, called))


def _move(kind: str, called: Names, move: Move) -> RenderableType:
    verdict = move.verdict
    about = verdict.check if verdict.kind == "finding" else f"drift of {verdict.type}"
    turned = line(_words.turned(kind, move))
    severity = f"{line(verdict.severity)}  " if verdict.severity else ""
    label = _text((f"{_words.MOVED[kind]:<13}", MOVE.get(kind, "yellow")))
    whose = f"{line(called(verdict.account))}  " if called(verdict.account) else ""
    said = _text((line(verdict.resource), "bold"), f"  {turned}  ", (f"{whose}{severity}{line(about)}", "dim"))
    return _in(_columns([(label, said)], 13), 2)


def _effects(scan: Scan) -> Iterator[RenderableType]:
    """What a plan makes of the findings there are; those that it makes are told with the others."""
    if scan.before:
        yield _title("Plan", _words.effects(scan))
        yield from _cut(_words.turned_by_plan(scan), MOVES, _turned)


def _turned(finding: Finding) -> RenderableType:
    effect = _text((finding.effect or "", EFFECT.get(finding.effect, "")))
    about = (f"{finding.check.severity}  {line(finding.check.id)}", "dim")
    return _in(_columns([(effect, _text((line(finding.resource.name), "bold"), "  ", about))], 13), 2)


def _drift(scan: Scan, steps: NextSteps | None) -> Iterator[RenderableType]:
    if "drift" not in scan.kinds:
        return
    yield _title("Drift", _words.kinds(scan.drift))
    if not scan.drift:
        yield _in(_text(_words.no_drift(scan)), 2)
    judged, groups = Judged(scan), _words.unmanaged(scan)
    draw = partial(_drifted, _words.names(scan), known=scan.known, steps=steps, who=scan.who, judged=judged)
    counted = [each for each in scan.drift if groups and each.kind is Kind.UNMANAGED]
    others = [each for each in scan.drift if not groups or each.kind is not Kind.UNMANAGED]
    yield from _cut(judged.worst_first(others), DRIFTED, draw)
    yield from _groups(groups)
    yield from _cut(counted, DRIFTED, draw)
    yield from _in_code(scan)


def _groups(groups: Sequence[Group]) -> Iterator[RenderableType]:
    """What nobody declares, counted by whose it is and where it may come from."""
    if not groups:
        return
    table = _table("UNMANAGED", "OWNER", "LIKELY ORIGIN", "TYPES")
    for each in groups[:GROUPS]:
        about = (line(text, 60) for text in (each.owner, each.origin, _words.grouped(each)))
        table.add_row(f"{len(each.resources):,}", *map(Text, about))
    yield _in(table, 2)
    yield from _more(len(groups) - GROUPS, 2)


def _in_code(scan: Scan) -> Iterator[RenderableType]:
    """How much of what is live Terraform declares; by account, type and owner to who asks for everything."""
    if scan.code is None:
        return
    yield _in(_text(("declared in code  ", "dim"), _words.in_code(scan.code)), 2)
    by = {"ACCOUNT": scan.code.accounts, "TYPE": scan.code.types, "OWNER": scan.code.owners}
    for name, shares in by.items() if scan.everything else ():
        table = _table("DECLARED", "OF", name)
        for each in shares[:SHARES]:
            table.add_row(f"{each.percent} %", f"{each.declared + each.unmanaged:,}", Text(line(each.name)))
        yield _in(table, 2)
        yield from _more(len(shares) - SHARES, 2)


def _table(*names: str) -> Table:
    """A table whose figures stand under each other, to the right."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in names:
        is_figure = name in ("UNMANAGED", "DECLARED", "OF")
        table.add_column(name, justify="right" if is_figure else "left", overflow="fold", no_wrap=is_figure)
    return table


def _noise(scan: Scan) -> Iterator[RenderableType]:
    if scan.noise:
        yield _title("Moved by nobody", "no drift, by the rules beside it")
        yield from _cut(scan.noise, DRIFTED, partial(_drifted, _words.names(scan)))


def _drifted(
    called: Names,
    drift: Drift,
    known: Container[str] = (),
    steps: NextSteps | None = None,
    who: Mapping[str, Who] = EMPTY,
    judged: Judged | None = None,
) -> RenderableType:
    mark, style = KIND[drift.kind]
    resource, declared = drift.resource, _rows.declaration(drift)
    name = declared.address if declared else resource.type
    about = resource.name, called(resource.account), resource.region, _words.position(declared)
    place = " · ".join(line(each) for each in about if each)
    said = _text((line(name), "bold"), ("  ", ""), (place, "dim"))
    if drift.kind is not Kind.CHANGED:
        said.append(f"  {_words.DRIFTED[drift.kind]}", style)
    if drift.id in known:
        said.append(KNOWN, "dim italic")
    head = _columns([(_text((mark, f"bold {style}")), said)], 1, between=1)
    changes = _rows.changes(drift)
    note = [_in(_text((line(drift.note), "italic yellow")), 4)] if drift.note else []
    grid = [_in(_columns(map(_change, changes[:CHANGES]), 32), 4)] if changes else []
    by = judged.by(drift) if judged else []
    note += [_in(_text((_words.judged(by), SEVERITY_SAID[by[0].severity])), 4)] if by else []
    note += [_in(each, 4) for each in _did_it(who.get(drift.id))]
    step = _in_step(steps.of_drift(drift), declared) if steps else ()
    return _in(Stack(head, *grid, *_more(len(changes) - CHANGES, 4), *note, *(_in(each, 4) for each in step)), 2)


def _did_it(who: Who | None) -> Iterator[RenderableType]:
    if who:
        yield _text(("who  ", "dim"), (line(_words.did_it(who), 600), "yellow" if who.actor is None else "cyan"))


def _in_step(step: NextStep | None, declared: Declaration | None) -> Iterator[RenderableType]:
    """What to do next, and the lines of code that it is about."""
    if step is None:
        return
    yield _text(("→ ", "bold green"), line(step.what))
    for command in step.commands:
        yield _in(Command(command), 2)
    if declared is not None and declared.file is not None:
        yield from _excerpt(declared)


def _excerpt(declared: Declaration) -> Iterator[RenderableType]:
    try:
        lines = excerpt(declared)
    except NoExcerpt as why:
        yield _in(_text((line(str(why)), "dim italic")), 2)
        return
    for number, each in enumerate(lines[:EXCERPT], declared.line or 1):
        yield _in(_columns([(_text((f"{number:>4}", "dim")), _text((line(each), "dim")))], 4, between=1), 2)
    yield from _more(len(lines) - EXCERPT, 2)


def _change(change: dict[str, Any]) -> tuple[Text, Text]:
    before, after = shown(change["declared"]), shown(change["live"])
    rule = (f"  {change['rule']}", "dim italic") if "rule" in change else ""
    return _text(line(change["path"])), _text((before, "red"), (" → ", "dim"), (after, "green"), rule)


def _findings(scan: Scan, steps: NextSteps | None) -> Iterator[RenderableType]:
    if "check" not in scan.kinds:
        return
    failures = scan.failures
    failing = f"{_words.severities(failures)} failing" if failures else ""
    yield _title("Findings", "; ".join(filter(None, (failing, _words.verdicts(scan)))))
    if not failures:
        yield _in(_text(_words.no_failure(scan)), 2)
    tell = partial(_finding, _words.names(scan), scan, Behind(scan), steps)
    yield from _cut(failures.by_check(), CHECKS, lambda each: _failing(*each, tell))


def _failing(check: Check, findings: Sequence[Finding], tell: Callable[[Finding], RenderableType]) -> RenderableType:
    said = _rows.words(check)
    badge = Text(f" {check.severity.upper()} ", SEVERITY[check.severity])
    title = _text((line(said.title), "bold"), (f"  {line(check.id)} · {len(findings):,}", "dim"))
    head = _columns([(badge, title)], 10)
    why = [_in(_text((line(said.why, 600), "italic")), 4)] if said.why else []
    fix = [_in(_text(("Fix: ", "bold green"), line(said.fix, 600)), 4)] if said.fix else []
    ids = [_in(_text((line(said.frameworks, 160), "dim")), 4)] if said.frameworks else []
    rows = _cut(findings, PER_CHECK, tell, 4)
    return Stack("", head, *why, *rows, *fix, *ids)


def _finding(called: Names, scan: Scan, behind: Behind, steps: NextSteps | None, finding: Finding) -> RenderableType:
    resource = finding.resource
    place = " · ".join(line(each) for each in (called(resource.account), resource.region) if each)
    mark = (KNOWN, "dim italic") if finding.id in scan.known else ""
    effect = (f"  {_words.EFFECTS[finding.effect]}", EFFECT[finding.effect]) if finding.effect else ""
    head = _text(("• ", "dim"), (line(resource.name), "bold"), ("  ", ""), (place, "dim"), effect, mark)
    parts: list[RenderableType] = [_text(line(finding.message))]
    if costs := _words.monthly(finding):
        parts.append(_text((line(costs), "green")))
    if origin := _words.origin(finding, behind):
        parts.append(_text((line(origin), ORIGIN[finding.origin] if finding.origin else "")))
    read = "   ".join(f"{line(name)} = {shown(value, 80)}" for name, value in _rows.evidence(finding).items())
    if read:
        parts.append(_text((line(read, 400), "dim")))
    parts += _did_it(scan.who.get(finding.id))
    if steps:
        parts += _in_step(steps.of_finding(finding), _rows.declaration(finding))
    return _in(Stack(head, *(_in(part, 2) for part in parts)), 4)


def _frameworks(scan: Scan) -> Iterator[RenderableType]:
    for each in scan.frameworks:
        yield _title(each.title, frameworks.heading(each))
        if about := frameworks.about(each):
            yield _in(_text((about, "dim")), 2)
        yield _in(frameworks.table(each), 2)
        for told, controls in frameworks.aside(each):
            named = "; ".join(controls[:CONTROLS])
            more = f"; … and {len(controls) - CONTROLS:,} more (see --output json)" if controls[CONTROLS:] else ""
            yield _in(_text((f"{told}: ", "dim"), line(named, len(named)), (more, "dim italic")), 2)


def _suppressed(scan: Scan) -> Iterator[RenderableType]:
    """What is accepted for a time, to who asks for everything; the others get its number."""
    if not (scan.everything and _words.suppressed(scan)):
        return
    yield _title("Suppressed", _words.suppressed(scan))
    hidden = [each for each in scan.findings if each.status is Status.SUPPRESSED]
    yield from _cut(hidden, HIDDEN, partial(_hidden, _words.names(scan), scan.suppressions))
    yield from _cut(scan.suppressed, HIDDEN, partial(_hidden_drift, _words.names(scan)))


def _hidden(called: Names, suppressions: Mapping[str, Suppression], finding: Finding) -> RenderableType:
    resource = finding.resource
    place = " · ".join(line(each) for each in (called(resource.account), resource.region) if each)
    head = _text((line(resource.name), "bold"), ("  ", ""), (f"{line(finding.check.id)}  {place}", "dim"))
    by = suppressions.get(finding.id)
    return _in(Stack(head, _in(_text(line(_words.accepted_by(by) if by else finding.message)), 2)), 2)


def _hidden_drift(called: Names, hidden: SuppressedDrift) -> RenderableType:
    return Stack(_drifted(called, hidden.drift), _in(_text(line(_words.accepted_by(hidden.by))), 6))


def _gaps(scan: Scan) -> Iterator[RenderableType]:
    gaps, unknowns = _words.unread(scan), _words.unknowns(scan)
    if not (gaps or unknowns):
        return
    accepted = f", {len(scan.accepted):,} accepted" if scan.accepted else ""
    unknown = f"; {_words.many(sum(count for _, count in unknowns), 'verdict')} unknown" if unknowns else ""
    yield _title("Not seen", f"{_words.many(len(scan.gaps), 'gap')}{accepted}{unknown}")
    yield from _cut(gaps, GAPS, _gap)
    gap_reasons = {each.reason for each in scan.gaps}
    other = [each for each in unknowns if each[0] not in gap_reasons]
    yield from _cut(other, GAPS, lambda each: _in(_text((f"{each[1]:,} unknown  ", "yellow"), line(each[0])), 2))


def _gap(gap: _words.Unread) -> RenderableType:
    taken = ("  accepted", "green") if gap.accepted else ""
    parts: list[RenderableType] = [_text((f"{gap.kind}  ", "yellow"), line(gap.reason), taken)]
    parts += _cut(gap.places, PLACES, lambda place: _in(_text((line(place), "dim")), 4), 4)
    if gap.permission:
        parts.append(_in(_text(("allow ", "bold green"), line(gap.permission)), 4))
    return _in(Stack(*parts), 2)


def _notes(scan: Scan) -> Iterator[RenderableType]:
    if scan.notes:
        yield _title("Notes")
        yield from _cut(
            scan.notes, NOTES, lambda note: _in(_text((f"{line(note.about)}  ", "bold"), line(note.text)), 2)
        )


def _accounts(scan: Scan) -> Iterator[RenderableType]:
    accounts = _words.by_account(scan)
    if not accounts:
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("ACCOUNT", "REGIONS", "SEEN", "DRIFT", "GAPS", "FAILING"):
        table.add_column(name, justify="left" if name in ("ACCOUNT", "FAILING") else "right", overflow="fold")
    for each in accounts[:ACCOUNTS]:
        figures = [f"{n:,}" if each.entered else "–" for n in (each.regions, each.resources, each.drift)]
        failing = Text(_words.severities(each.failing)) if each.entered else Text("not entered", "bold yellow")
        table.add_row(_text(line(each.id), " ", (line(each.name, 40), "bold")), *figures, f"{each.gaps:,}", failing)
    yield _title("Accounts")
    yield _in(table, 2)
    yield from _more(len(accounts) - ACCOUNTS, 2)


def _verdict(scan: Scan, failed: Sequence[str] | None) -> Iterator[RenderableType]:
    yield _title("Result", _words.compared(scan) if scan.sources else "")
    standing = [said if name == "drift" and scan.drift else f"{name}: {said}" for name, said in _words.standing(scan)]
    missed = _words.not_entered(scan)
    standing += [f"{name}: {said}" for name, said in _words.beside(scan)]
    seen = [*standing, _words.many(len(scan.gaps), "gap"), *([f"accounts: {missed}"] if missed else ())]
    yield _in(_text(" · ".join(seen)), 2)
    if failed:
        yield _in(_text((" GATE FAILED ", "bold white on red"), "  ", line("; ".join(failed), 1000)), 2)
    elif failed is not None:
        unseen = len(scan.gaps) > len(scan.accepted)
        yield _in(_text((" GATE PASSED ", "bold black on green"), "  in what was seen" if unseen else ""), 2)
