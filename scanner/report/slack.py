"""Slack: what moved since the last scan, as Block Kit messages, one JSON object a line.

Slack refuses a message whole when any one of its limits is passed. Beside the documented ones it
refuses some 11,000 characters of blocks in all (msg_blocks_too_long), which it says nowhere.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any

from checks import Severity
from scanner.outcome import Scan
from scanner.report import _rows, _words
from scanner.report._values import inert, shown, to_json
from scanner.report._words import Names
from state.drift import Drift
from state.history import Move

BLOCKS, MESSAGE = 50, 9_000
"""Blocks a message, and characters of blocks a message: the second holds with a margin for Slack's own count."""

SECTION, HEADER, FIELD = 3_000, 150, 2_000
EACH = 10
LONGEST = 120

Block = dict[str, Any]

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}

MARK = {
    "regressed": ":red_circle:",
    "reopened": ":red_circle:",
    "new": ":large_orange_circle:",
    "unsuppressed": ":large_yellow_circle:",
    "now_visible": ":large_yellow_circle:",
    "newly_checked": ":large_yellow_circle:",
    "resolved": ":large_green_circle:",
}


def render(scan: Scan) -> Iterator[str]:
    """The messages of a scan: one line of text where nothing moved."""
    blocks = list(_quiet(scan) if _is_quiet(scan) else _digest(scan))
    for message in _messages(blocks):
        yield f"{to_json({'text': _summary(scan), 'blocks': message, 'unfurl_links': False, 'unfurl_media': False})}\n"


def _messages(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    """The blocks in as few messages as Slack takes them in."""
    message: list[Block] = []
    size = 0
    for block in blocks:
        length = len(to_json(block))
        if message and (len(message) == BLOCKS or size + length > MESSAGE):
            yield message
            message, size = [], 0
        message.append(block)
        size += length
    yield message


# --- pieces ---------------------------------------------------------------------------------------


def escaped(text: str, longest: int = LONGEST) -> str:
    """Text that mentions nobody and links nowhere, no longer than this once it is escaped."""
    parts = [_ENTITIES.get(each, each) for each in inert(text)]
    ends = list(accumulate(map(len, parts)))
    return "".join(parts) if not ends or ends[-1] <= longest else f"{''.join(parts[: bisect(ends, longest - 1)])}…"


def name(text: str, longest: int = LONGEST) -> str:
    """An id or a value in a code span; Slack has no way to write a backtick in one."""
    return f"`{escaped(text.replace('`', 'ˋ'), longest)}`" if text.strip() else ""


def _mrkdwn(text: str) -> Block:
    """``verbatim``: without it Slack turns what looks like a URL or a channel into a link."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(text)}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(text)]}


def _list(title: str, lines: Sequence[str], total: int) -> Iterator[Block]:
    """A titled list in as many sections as it takes; ``lines`` are the first of ``total``."""
    more = [f"… and {total - len(lines):,} more"] if total > len(lines) else []
    text = title
    for line in (*lines, *more):
        if len(text) + len(line) + 1 > SECTION:
            yield _section(text)
            text = line
        else:
            text = f"{text}\n{line}"
    yield _section(text)


# --- messages -------------------------------------------------------------------------------------


def _is_quiet(scan: Scan) -> bool:
    return scan.digest is not None and not scan.interrupted and not any(_words.moved(scan.digest).values())


def _quiet(scan: Scan) -> Iterator[Block]:
    assert scan.digest
    since = _words.since(scan.digest, escaped)
    yield _context(f"*Driftline* · {_whose(scan)} · nothing moved {since} · {_standing(scan)}")


def _whose(scan: Scan) -> str:
    return ", ".join(escaped(each) for each in (_words.whose(scan), _words.not_entered(scan)) if each)


def _standing(scan: Scan) -> str:
    """How things stand, moved or not: the quiet digest must not read as all clear."""
    said = []
    if "drift" in scan.kinds:
        nothing = "no drift seen" if scan.sources else "nothing declared to compare with"
        said.append(_words.kinds(scan.drift) or nothing)
    if "check" in scan.kinds:
        failing = _words.severities(scan.failing)
        said.append(f"failing: {failing}" if failing else "no failure seen" if scan.findings else "no check was run")
    return " · ".join([*said, _words.many(len(scan.gaps), "gap")])


def _digest(scan: Scan) -> Iterator[Block]:
    title = f"Driftline: {inert(_words.whose(scan))}"
    yield {"type": "header", "text": {"type": "plain_text", "text": title[:HEADER], "emoji": False}}
    regions = escaped(", ".join(_words.everywhere(scan)) or "no region", 600)
    yield _context(f"{regions} · {scan.ended:%Y-%m-%d %H:%M %Z} · {scan.seconds:.1f} s · {escaped(scan.version)}")
    if scan.interrupted:
        yield _section(f"*{escaped(_words.stopped(scan))}*: what was not read by then is not known.")
    yield from _not_entered(scan)
    yield from _counts(scan)
    yield from _moves(scan)
    yield from _drift(scan)
    yield from _gaps(scan)


def _not_entered(scan: Scan) -> Iterator[Block]:
    missed = [each for each in scan.accounts if not each.entered]
    if missed and len(scan.accounts) > 1:
        lines = [f"• {name(each.id)} {escaped(each.name)}".rstrip() for each in missed[:EACH]]
        title = f":no_entry: *{_words.not_entered(scan)}* of {len(scan.accounts):,} accounts: nothing is known of these"
        yield from _list(title, lines, len(missed))


def _counts(scan: Scan) -> Iterator[Block]:
    """A field for each kind: never one number for them. Slack takes ten fields, so that a rare one needs a cause."""
    if scan.digest is None:
        yield _section("What moved is not known: this scan was not compared with an earlier one.")
        kinds = []
    else:
        moved = _words.moved(scan.digest).items()
        kinds = [f"*{_words.MOVED[kind]}*\n{count:,}" for kind, count in moved if count or kind != "unsuppressed"]
    standing = [f"*{name}*\n{said}" for name, said in _words.standing(scan)]
    fields = [*kinds, *standing, f"*gaps*\n{len(scan.gaps):,}"]
    yield {"type": "section", "fields": [_mrkdwn(each[:FIELD]) for each in fields]}
    if beside := " · ".join(f"{name}: {said}" for name, said in _words.beside(scan)):
        yield _context(beside)


def _moves(scan: Scan) -> Iterator[Block]:
    called = _words.names(scan)
    for kind, label in _words.MOVED.items():
        moves = _words.worst_first(getattr(scan.digest, kind, ()))
        if moves:
            yield from _list(
                f"{MARK[kind]} *{label}*", [_move(kind, each, called) for each in moves[:EACH]], len(moves)
            )


def _move(kind: str, move: Move, called: Names) -> str:
    verdict = move.verdict
    about = verdict.title or (f"drift of {verdict.type}" if verdict.kind == "drift" else verdict.check)
    severity = f"*{verdict.severity}* " if verdict.severity in list(Severity) else ""
    turned = escaped(_words.turned(kind, move))
    place = name(verdict.address) if verdict.address else ""
    said = f" · {escaped(verdict.message, 200)}" if verdict.message else ""
    whose = f" · {escaped(called(verdict.account))}" if called(verdict.account) else ""
    return f"• {severity}{name(verdict.resource)}{whose} {escaped(about)} ({turned}) {place}{said}".rstrip()


def _drift(scan: Scan) -> Iterator[Block]:
    if scan.drift:
        called = _words.names(scan)
        lines = [_drifted(each, called) for each in scan.drift[:EACH]]
        yield from _list(f"*Drift*: {_words.kinds(scan.drift)}", lines, len(scan.drift))


def _drifted(drift: Drift, called: Names) -> str:
    declared = _rows.declaration(drift)
    about = name(declared.address if declared else f"{drift.resource.type} {drift.resource.name}")
    at = f" at {name(_words.position(declared))}" if _words.position(declared) else ""
    changes = _rows.changes(drift)
    said = [f"{name(each['path'], 60)} {_turned(each)}" for each in changes[:2]]
    more = f", … and {len(changes) - 2:,} more" if len(changes) > 2 else ""
    note = f" ({escaped(drift.note)})" if drift.note else ""
    whose = f" · {escaped(called(drift.resource.account))}" if called(drift.resource.account) else ""
    return f"• {drift.kind} {about}{whose}{at}{': ' if said else ''}{', '.join(said)}{more}{note}"


def _turned(change: dict[str, Any]) -> str:
    return f"{name(shown(change['declared'], 60), 60)} → {name(shown(change['live'], 60), 60)}"


def _gaps(scan: Scan) -> Iterator[Block]:
    gaps = _words.unread(scan)
    if gaps:
        lines = [_gap(each) for each in gaps[:EACH]]
        yield from _list(f":grey_question: *Not seen*: {_words.many(len(scan.gaps), 'gap')}", lines, len(gaps))


def _gap(gap: _words.Unread) -> str:
    places = gap.places[0] if len(gap.places) == 1 else f"{gap.places[0]} and {len(gap.places) - 1:,} more"
    allow = f" · allow {name(gap.permission)}" if gap.permission else ""
    return f"• {escaped(gap.kind)}: {escaped(gap.reason, 200)} ({escaped(places)}){allow}"


def _summary(scan: Scan) -> str:
    """What a notification shows: our own words and figures only."""
    if scan.digest is None:
        return f"Driftline: {_whose(scan)}: {_standing(scan)}"
    counts = _words.moved(scan.digest)
    said = ", ".join(f"{count:,} {_words.MOVED[kind]}" for kind, count in counts.items() if count)
    return f"Driftline: {_whose(scan)}: {said or 'nothing moved'}"
