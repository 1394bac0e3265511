"""Markdown: a summary to paste into a pull request, short enough for a comment there.

GitHub takes comments of 65,536 characters. It reads `@name` and `#1` after Markdown is done, so
that an escape does not stop a mention; code does, and so does a space of no width.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import chain

from checks import Check, Finding, Origin, Status
from scanner.behind import Behind
from scanner.iac_coverage import Group, Share
from scanner.judged import Judged
from scanner.next_step import NextStep, NextSteps
from scanner.outcome import Scan
from scanner.report import _rows, _words, frameworks
from scanner.report._values import cut, inert, shown
from scanner.report._words import Names
from state.drift import Drift, Kind

LONGEST_SECTION = 10_000
LONGEST_STEPS = 6_000
LONGEST_CELL = 300
PLACES = 8
GROUPS, SHARES = 10, 5
ACCOUNTS = 20

KNOWN = " (known before)"
NO_WIDTH = "\u200b"

_ACTING = re.compile(r"[\\`*{}\[\]<>&|~$]|(?<![a-z0-9])_|_(?![a-z0-9])|:(?=//)|(?<=www)\.", re.IGNORECASE)
"""Markdown's own characters. A low line within a word is none, and a type's name is full of them."""

_MENTION = re.compile(r"@(?=\w)|(?<!&)#(?=\w)")
_NOT_IN_SPAN = re.compile(r"[`|\\]")
_IN_PRE = re.compile(r"[<>&@`|]|:(?=//)|(?<=www)\.", re.IGNORECASE)
_NOT_WORD = re.compile(r"[^\w \-]")


def render(scan: Scan) -> Iterator[str]:
    yield from _head(scan)
    yield from _accounts(scan)
    yield from _moves(scan)
    yield from _effects(scan)
    yield from _drift(scan)
    yield from _in_code(scan)
    yield from _findings(scan)
    yield from _steps(scan)
    yield from _frameworks(scan)
    yield from _suppressed(scan)
    yield from _gaps(scan)
    yield from _notes(scan)


# --- pieces ---------------------------------------------------------------------------------------


def prose(text: str, longest: int = LONGEST_CELL) -> str:
    """Text that means nothing to Markdown, HTML or GitHub."""
    said = _ACTING.sub(_entity, cut(inert(text), longest))
    return _MENTION.sub(f"\\g<0>{NO_WIDTH}", said)


def docs(text: str) -> str:
    """A check's own words, in which backticks mean code."""
    return "".join(code(part) if n % 2 else prose(part, 600) for n, part in enumerate(text.split("`")))


def code(text: str, longest: int = LONGEST_CELL) -> str:
    """A name or a value as it stands. A code span cannot hold every character in a table; ``<code>`` can."""
    said = cut(inert(text), longest)
    if said and said.strip() == said and not _NOT_IN_SPAN.search(said):
        return f"`{said}`"
    return f"<code>{_NOT_WORD.sub(_entity, said)}</code>" if said else ""


def _entity(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]], longest: int = LONGEST_SECTION) -> Iterator[str]:
    """A table that stops where the section would grow too long, and says how many rows it left out."""
    yield f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}\n"
    size = left_out = 0
    for row in rows:
        text = f"| {' | '.join(row)} |\n"
        size += len(text)
        if size > longest:
            left_out += 1
        else:
            yield text
    yield f"\n… and {left_out:,} more (see `--output json`)\n" if left_out else ""


# --- sections -------------------------------------------------------------------------------------


def _head(scan: Scan) -> Iterator[str]:
    regions = ", ".join(map(code, _words.everywhere(scan)))
    missed = _words.not_entered(scan)
    whose = _words.whose(scan) if len(scan.accounts) > 1 else f"account {code(scan.account)}"
    whose = code(scan.offline) if scan.offline else whose
    yield f"## Driftline: {whose}{f', **{missed}**' if missed else ''}\n\n"
    seen = f"{_words.many(_words.resources(scan), 'resource')}, {_words.many(scan.calls, 'call')}, {scan.seconds:.1f} s"
    yield f"{regions or 'no region'} · {seen} · {scan.ended:%Y-%m-%d %H:%M %Z} · version {prose(scan.version)}\n\n"
    if scan.interrupted:
        yield f"**{prose(_words.stopped(scan))}: what was not read by then is not known.**\n\n"
    accepted = f", {len(scan.accepted):,} accepted" if scan.accepted else ""
    yield from _table(
        ["", ""],
        [
            *([name.capitalize(), said] for name, said in (*_words.standing(scan), *_words.beside(scan))),
            ["Other verdicts", _words.verdicts(scan) or "none"],
            ["Gaps", f"{len(scan.gaps):,}{accepted}"],
            ["Coverage", _words.compared(scan) if scan.sources else "nothing declared to compare with"],
        ],
    )


def _accounts(scan: Scan) -> Iterator[str]:
    accounts = _words.by_account(scan)
    if accounts:
        yield "\n### Accounts\n\n"
        columns = ["Account", "Name", "Regions", "Resources", "Drift", "Failing", "Gaps"]
        yield from _table(columns, map(_account_row, accounts[:ACCOUNTS]))
        yield f"\n… and {len(accounts) - ACCOUNTS:,} more (see `--output json`)\n" if len(accounts) > ACCOUNTS else ""


def _account_row(account: _words.AccountStanding) -> list[str]:
    row = [code(account.id), prose(account.name, 60)]
    if not account.entered:
        return [*row, "**not entered**", "", "", "", f"{account.gaps:,}"]
    figures = [f"{each:,}" for each in (account.regions, account.resources, account.drift)]
    return [*row, *figures, _words.severities(account.failing), f"{account.gaps:,}"]


def _moves(scan: Scan) -> Iterator[str]:
    digest = scan.digest
    if digest is None:
        return
    counts = _words.moved(digest)
    said = ", ".join(f"{count:,} {_words.MOVED[kind]}" for kind, count in counts.items() if count)
    yield f"\n### Moved\n\n{_words.moved_since(digest, said, code)}\n\n"
    if said:
        yield from _table(["", "Resource", "What", "Was", "Is", "Severity"], _move_rows(scan))


def _move_rows(scan: Scan) -> Iterator[list[str]]:
    called = _words.names(scan)
    for kind, label in _words.MOVED.items():
        for move in _words.worst_first(getattr(scan.digest, kind)):
            verdict = move.verdict
            about = code(verdict.check) if verdict.kind == "finding" else f"drift of {code(verdict.type)}"
            was, now = prose(move.before or ""), prose(_words.became(kind, move))
            name = f"{code(verdict.resource)} {prose(called(verdict.account))}".strip()
            yield [label, name, about, was, now, prose(verdict.severity)]


def _effects(scan: Scan) -> Iterator[str]:
    """What a plan makes of the findings there are; those that it makes are told with the others."""
    if not scan.before:
        return
    yield f"\n### What the plan makes of it\n\n{prose(_words.effects(scan))}\n\n"
    if turned := _words.turned_by_plan(scan):
        yield from _table(["", "Resource", "Check", "Severity"], map(_turned, turned))


def _turned(finding: Finding) -> list[str]:
    return [finding.effect or "", code(finding.resource.name), code(finding.check.id), finding.check.severity.value]


def _drift(scan: Scan) -> Iterator[str]:
    if "drift" not in scan.kinds:
        return
    yield "\n### Drift\n\n"
    if not scan.drift:
        yield f"{_words.no_drift(scan)}\n"
        return
    groups = _words.unmanaged(scan)
    counted = [each for each in scan.drift if groups and each.kind is Kind.UNMANAGED]
    if others := [each for each in scan.drift if not groups or each.kind is not Kind.UNMANAGED]:
        yield from _drift_table(scan, others, LONGEST_SECTION // 2 if counted else LONGEST_SECTION)
    if counted:
        yield f"\n#### Unmanaged: {len(counted):,}\n\n"
        columns = ["Resources", "Owner", "Likely origin", "Types"]
        yield from _table(columns, map(_group_row, groups[:GROUPS]), LONGEST_SECTION // 4)
        yield f"\n… and {len(groups) - GROUPS:,} more (see `--output json`)\n" if len(groups) > GROUPS else ""
        yield "\n"
        yield from _drift_table(scan, counted, LONGEST_SECTION // 4)


def _drift_table(scan: Scan, drift: Sequence[Drift], longest: int = LONGEST_SECTION) -> Iterator[str]:
    called, judged = _words.names(scan), Judged(scan)
    columns = ["", "Resource", "Code", "Attribute", "Declared", "Live"]
    first = judged.worst_first(drift)
    rows = ((each, row) for each in first for row in _drift_rows(each, called, scan.known, judged.by(each)))
    yield from _table(_with_who(scan, columns), (_with_who(scan, row, each) for each, row in rows), longest)


def _with_who(scan: Scan, row: list[str], of: Drift | Finding | None = None) -> list[str]:
    """A row, or the names of columns, with who did it, where CloudTrail was asked; said in the first row of each."""
    if not scan.who:
        return row
    who = scan.who.get(of.id) if of and row[0] else None
    return [*row, (prose(_words.did_it(who)) if who else "") if of else "Who"]


def _group_row(group: Group) -> list[str]:
    return [f"{len(group.resources):,}", prose(group.owner), prose(group.origin), prose(_words.grouped(group))]


def _in_code(scan: Scan) -> Iterator[str]:
    """How much of what is live Terraform declares, by account, type and owner: the first of each."""
    code = scan.code
    if code is None or code.percent is None:
        return
    yield f"\n### Declared in code: {_words.in_code(code)}\n\n"
    by = {"account": code.accounts, "type": code.types, "owner": code.owners}
    rows = ((what, each) for what, shares in by.items() for each in shares[:SHARES])
    yield from _table(
        ["By", "", "Declared", "Unmanaged", ""], (_share_row(*each) for each in rows), LONGEST_SECTION // 4
    )


def _share_row(what: str, share: Share) -> list[str]:
    return [what, code(share.name), f"{share.declared:,}", f"{share.unmanaged:,}", f"{share.percent} %"]


def _drift_rows(drift: Drift, called: Names, known: Container[str], judges: Sequence[Check]) -> Iterator[list[str]]:
    declared = _rows.declaration(drift)
    address = code(declared.address) if declared else code(drift.resource.type)
    name = f"{address} {code(drift.resource.name)} {prose(called(drift.resource.account))}".strip()
    kind = f"{drift.kind.value}{f'<br>{prose(_words.judged(judges))}' if judges else ''}"
    head = [f"{kind}{KNOWN if drift.id in known else ''}", name, code(_words.position(declared))]
    note = f" ({prose(drift.note)})" if drift.note else ""
    if drift.kind is not Kind.CHANGED or not drift.changes:
        yield [*head, f"{_words.DRIFTED[drift.kind]}{note}", "", ""]
    for change in _rows.changes(drift):
        yield [*head, f"{code(change['path'])}{note}", code(shown(change["declared"])), code(shown(change["live"]))]
        head, note = ["", "", ""], ""


def _findings(scan: Scan) -> Iterator[str]:
    if "check" not in scan.kinds:
        return
    failures = scan.failures
    yield "\n### Failing findings\n\n"
    if not failures:
        yield f"{_words.no_failure(scan)}\n"
        return
    called, behind = _words.names(scan), Behind(scan)
    columns = _with_who(scan, ["Severity", "Check", "Resource", "Why", "Origin"])
    rows = ((_finding_row(each, called, scan.known, behind), each) for each in failures)
    yield from _table(columns, (_with_who(scan, row, each) for row, each in rows))
    yield "\n"
    yield from _table(["Check", "Why it matters", "Fix", "Frameworks"], map(_check_row, failures.by_check()))


def _steps(scan: Scan) -> Iterator[str]:
    """What to do next, folded away; in ``<pre>``, where Markdown and GitHub read nothing into it."""
    steps, size, left_out = NextSteps(scan), 0, 0
    drifted = (("drift", _called(each), steps.of_drift(each)) for each in scan.drift if "drift" in scan.kinds)
    failing = ((each.check.id, _called(each), steps.of_finding(each)) for each in scan.failures)
    found = [_step(*each[:2], each[2]) for each in chain(drifted, failing) if each[2]]
    if not found:
        return
    yield f"\n<details><summary>Next steps: {len(found):,}</summary>\n"
    for each in found:
        size += len(each)
        left_out += size > LONGEST_STEPS
        yield "" if size > LONGEST_STEPS else f"\n<pre>\n{each}</pre>\n"
    yield f"\n… and {left_out:,} more (see `--output json`)\n" if left_out else ""
    yield "\n</details>\n"


def _called(of: Finding | Drift) -> str:
    declared = _rows.declaration(of)
    return declared.address if declared else f"{of.resource.type} {of.resource.name}"


def _step(about: str, name: str, step: NextStep) -> str:
    said = [f"# {about} {name}: {step.what}", *step.commands]
    lines = [*(cut(inert(each), 1_000) for each in said), *(inert(each) for each in (step.hcl or "").splitlines())]
    return "".join(f"{_IN_PRE.sub(_entity, each)}\n" for each in lines)


def _check_row(failing: tuple[Check, Sequence[Finding]]) -> list[str]:
    said = _rows.words(failing[0])
    return [code(failing[0].id), docs(said.why), docs(said.fix), prose(said.frameworks)]


def _finding_row(finding: Finding, called: Names, known: Container[str], behind: Behind) -> list[str]:
    check = f"{prose(_rows.words(finding.check).title)} {code(finding.check.id)}"
    place = prose(" · ".join(filter(None, (called(finding.resource.account), finding.resource.region))))
    name = f"{code(finding.resource.name)} {place}"
    read = ", ".join(f"{name} = {shown(value, 80)}" for name, value in _rows.evidence(finding).items())
    why = f"{prose(finding.message)} {code(read)}" if read else prose(finding.message)
    if costs := _words.monthly(finding):
        why += f"; {prose(costs)}"
    declared = _rows.declaration(finding)
    address = code(declared.address) if declared and finding.origin is Origin.DECLARED else ""
    effect = f" ({_words.EFFECTS[finding.effect]})" if finding.effect else ""
    severity = f"{finding.check.severity.value}{effect}{KNOWN if finding.id in known else ''}"
    return [severity, check, name, why, f"{prose(_words.origin(finding, behind))} {address}".strip()]


def _frameworks(scan: Scan) -> Iterator[str]:
    for each in scan.frameworks:
        yield f"\n### {each.title}: {frameworks.heading(each)}\n\n"
        if about := frameworks.about(each):
            yield f"{about}\n\n"
        rows = (_control_row(row) for _, row in frameworks.rows(each))
        yield from _table([name.capitalize() for name in frameworks.COLUMNS], rows)
        for told, controls in frameworks.aside(each):
            named = "; ".join(controls)
            yield f"\n{told.capitalize()}: {prose(named, len(named))}\n"


def _control_row(row: tuple[str, str, str, str, str]) -> list[str]:
    id, title, standing, failing, checks = row
    return [code(id), prose(title), standing, failing, ", ".join(map(code, checks.split(", ")))]


def _suppressed(scan: Scan) -> Iterator[str]:
    """What is accepted for a time, to who asks for everything; the others get its number."""
    if not (scan.everything and _words.suppressed(scan)):
        return
    yield f"\n### Suppressed: {_words.suppressed(scan)}\n\n"
    hidden = (each for each in scan.findings if each.status is Status.SUPPRESSED)
    findings = ((each.check.id, each.resource.name, scan.suppressions.get(each.id)) for each in hidden)
    drift = ((_drifted(each.drift), each.drift.resource.name, each.by) for each in scan.suppressed)
    rows = (
        [code(what), code(name), prose(_words.accepted_by(by)) if by else ""]
        for what, name, by in chain(findings, drift)
    )
    yield from _table(["What", "Resource", "Why"], rows)


def _drifted(drift: Drift) -> str:
    return f"{drift.kind}: {', '.join(each.path for each in drift.changes)}".removesuffix(": ")


def _gaps(scan: Scan) -> Iterator[str]:
    gaps, unknowns = _words.unread(scan), _words.unknowns(scan)
    if gaps:
        yield f"\n### Not seen: {_words.many(len(scan.gaps), 'gap')}\n\n"
        yield from _table(["Kind", "Why", "Where", "Allow"], map(_gap_row, gaps))
    if unknowns:
        yield "\n### Verdicts unknown\n\n"
        yield from _table(["Verdicts", "Why"], ([f"{count:,}", prose(reason)] for reason, count in unknowns))


def _gap_row(gap: _words.Unread) -> list[str]:
    kind = f"{prose(gap.kind)}, accepted" if gap.accepted else prose(gap.kind)
    places = [code(each) for each in gap.places[:PLACES]]
    if len(gap.places) > PLACES:
        places.append(f"… and {len(gap.places) - PLACES:,} more")
    return [kind, prose(gap.reason), "<br>".join(places), code(gap.permission or "")]


def _notes(scan: Scan) -> Iterator[str]:
    if scan.notes:
        yield "\n### Notes\n\n"
        yield from _table(["About", ""], ([prose(each.about), prose(each.text)] for each in scan.notes))
