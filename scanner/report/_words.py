"""What every output for people says in the same words: places, origins, counts, gaps and verdicts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from checks import Check, Effect, Finding, Origin, Severity, Status
from checks.prices import money, total
from scanner.behind import Behind
from scanner.iac_coverage import Group, IacCoverage, groups
from scanner.outcome import Scan, Suppression, Who
from scanner.report._rows import declaration
from state import Declaration, Gap
from state.drift import Drift, Kind
from state.history import Digest, Move
from state.resource import ANYTHING, SUBJECTS

MOVED = {
    "regressed": "regressed",
    "reopened": "reopened",
    "new": "new",
    "unsuppressed": "unsuppressed",
    "now_visible": "now visible",
    "newly_checked": "newly checked",
    "resolved": "resolved",
}

Names = Callable[[str], str]
"""What an account is called in a row, by its id; nothing where there is only one."""

EFFECTS = {
    Effect.WORSE: "worse",
    Effect.NEW: "new",
    Effect.AS_BEFORE: "as before",
    Effect.UNSURE: "not known before",
    Effect.MENDED: "mended",
    Effect.REMOVED: "removed with their resource",
}

SOME = 3
"""How many are named before they are only counted: checks that judge by what has changed, addresses to apply."""

DRIFTED = {
    Kind.CHANGED: "an attribute differs",
    Kind.MISSING: "declared, not live",
    Kind.UNMANAGED: "live, declared nowhere",
}


def many(count: int, noun: str, plural: str = "") -> str:
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def resources(scan: Scan) -> int:
    """How many AWS things were seen."""
    return sum(each.type not in SUBJECTS for each in scan.live.resources)


def position(declared: Declaration | None) -> str:
    """``main.tf:12``; empty where nobody knows the file."""
    if declared is None or declared.file is None:
        return ""
    return declared.file if declared.line is None else f"{declared.file}:{declared.line}"


def origin(finding: Finding, behind: Behind) -> str:
    """Where a failure comes from, and so who mends it; empty where nothing was declared to tell it by."""
    declared = declaration(finding)
    at = position(declared) or (declared.address if declared else "")
    match finding.origin:
        case Origin.DECLARED:
            return f"declared: fix the code at {at}" if at else "declared: fix the code"
        case Origin.DRIFTED:
            return _drifted(finding, behind.of(finding))
        case Origin.UNMANAGED:
            if finding.resource.is_always_there:
                return "unmanaged: no code sets it"
            if finding.resource.owner:
                return f"unmanaged: made by {finding.resource.owner}, to be mended there"
            return "unmanaged: import it or delete it"
        case Origin.UNKNOWN:
            return "origin unknown: what the code declares could not be told"
    return ""


def _drifted(finding: Finding, behind: Sequence[Drift] | None) -> str:
    """What is to be applied again, which need not be what fails; what was only added, no apply takes away."""
    declared = declaration(finding)
    if behind is None:
        return f"drifted: re-apply {declared.address}" if declared else "drifted: re-apply"
    applied = [each.declared.address for each in behind if each.declared and not each.stays]
    added = [
        f"{', '.join(change.path for change in each.changes)} was added to {each.declared.address}: delete or import it"
        for each in behind
        if each.declared and each.stays
    ]
    mends = [f"re-apply {some(applied)}"] if applied else []
    at = position(declared) or (declared.address if declared else "the code")
    said = "; ".join([*mends, *added[:SOME]])
    return f"drifted: {said}" if said else f"drifted: nothing that is compared differs; say it in {at}"


def some(names: Sequence[str]) -> str:
    """``a, b, c and 4 more``."""
    more = f" and {len(names) - SOME:,} more" if len(names) > SOME else ""
    return f"{', '.join(names[:SOME])}{more}"


def did_it(who: Who) -> str:
    """Who did it, by which call and when, and what makes it less than certain; that nobody is known, and why."""
    if who.actor is None:
        return f"nobody knows: {who.why}"
    at = f" {who.time:%Y-%m-%d %H:%M} UTC" if who.time else ""
    said = f"{who.actor}{f' from {who.source_ip}' if who.source_ip else ''}: {who.event}{at}"
    return f"probably {said} ({who.why})" if who.probable else said


def unmanaged(scan: Scan) -> list[Group]:
    """What nobody declares, by owner and likely origin; one thing alone needs no counting."""
    found = [each.resource for each in scan.drift if each.kind is Kind.UNMANAGED]
    return groups(found, scan.owner_tags) if len(found) > 1 else []


def grouped(group: Group) -> str:
    """``6 aws_s3_bucket, 3 aws_sqs_queue, 2 other types``."""
    named = [f"{count:,} {type}" for type, count in group.types[:REGIONS]]
    others = len(group.types) - REGIONS
    return ", ".join([*named, *([many(others, "other type")] if others > 0 else ())])


def in_code(code: IacCoverage) -> str:
    """``62 % of 130 resources``: how much of what is live Terraform declares, and what that leaves out."""
    if code.percent is None:
        said = "nothing seen that Terraform could declare"
    else:
        said = f"{code.percent} % of {many(code.declared + code.unmanaged, 'resource')}"
    left = [f"{many(code.undecided, 'resource')} undecided"] if code.undecided else []
    left += [f"{many(code.gaps, 'gap')}: only what was seen is counted"] if code.gaps else []
    return "; ".join([said, *left])


def severities(findings: Iterable[Finding]) -> str:
    """``1 critical, 3 high``: never one number for the severities."""
    counts = Counter(each.check.severity for each in findings)
    return ", ".join(f"{counts[each]:,} {each}" for each in reversed(Severity) if counts[each])


def kinds(drift: Iterable[Drift]) -> str:
    """``1 changed, 2 missing``."""
    counts = Counter(each.kind for each in drift)
    return ", ".join(f"{counts[each]:,} {each}" for each in Kind if counts[each])


def worst_first(moves: Iterable[Move]) -> list[Move]:
    """Moves by severity; drift, which has none, after them."""
    ranks = {each.value: each.rank for each in Severity}
    return sorted(moves, key=lambda each: -ranks.get(each.verdict.severity, -1))


def moved(digest: Digest) -> dict[str, int]:
    """How many verdicts moved, by kind."""
    return {kind: len(getattr(digest, kind)) for kind in MOVED}


def since(digest: Digest, named: Callable[[str], str]) -> str:
    """Since when it moved; accounts are each compared with the last scan that read them."""
    if digest.since:
        return f"since scan {named(digest.since)}"
    return "since each account's last scan" if any(digest.sinces.values()) else "at the first scan"


def moved_since(digest: Digest, said: str, named: Callable[[str], str]) -> str:
    """``since scan 1: 2 regressed``; the first scan has nothing to be compared with."""
    if not said and not digest.since and not any(digest.sinces.values()):
        return "this is the first scan: the next one is compared with it"
    return f"{since(digest, named)}: {said or 'nothing'}"


def compared(scan: Scan) -> str:
    """How much of what is declared could be compared."""
    if scan.offline:
        return "What is declared was judged, and not what is live"
    said = f"{scan.compared:,} of {many(scan.attributes, 'declared attribute')} compared"
    if scan.moved:
        said += f" ({scan.moved:,} moved by nobody{'' if scan.noise else ': --all'})"
    if scan.unsure:
        said += f", {many(len(scan.unsure), 'managed resource')} not seen in whole"
    return f"{said}, {many(scan.outside, 'declared resource')} outside this scan" if scan.outside else said


def standing(scan: Scan) -> Iterator[tuple[str, str]]:
    """How things stand, moved or not: what was asked for, and what was seen of it."""
    if "drift" in scan.kinds:
        yield "drift", kinds(scan.drift) or ("none seen" if scan.sources else "nothing declared to compare with")
    if "check" in scan.kinds:
        yield "failing", severities(scan.failing) or ("none seen" if scan.findings else "no check was run")


def monthly(finding: Finding) -> str:
    """``estimate: costs about $4 a month (40 GB of gp2 at $0.10; built in, us-east-1)``; empty without a price."""
    if (told := finding.estimate) is None:
        return ""
    source = told.source.partition(";")[0]
    return f"estimate: {told.kind} about {money(told.amount)} a month ({told.basis}; {source})"


def all_monthly(scan: Scan) -> str:
    """``about $37 a month in 5 findings``: an estimate; empty where there is none."""
    told = [each.estimate for each in scan.failing if each.estimate]
    return f"about {money(total(told))} a month in {many(len(told), 'finding')}" if told else ""


def suppressed(scan: Scan) -> str:
    """``3 findings, 1 resource``: what is accepted for a time; empty where nothing is."""
    drifted = len({each.drift.id for each in scan.suppressed})
    counts = ((scan.count(Status.SUPPRESSED), "finding"), (drifted, "resource"))
    return ", ".join(many(count, noun) for count, noun in counts if count)


def beside(scan: Scan) -> Iterator[tuple[str, str]]:
    """What stands beside it: what is accepted or known of a baseline, and fails no gate, and what failures cost."""
    if costs := all_monthly(scan):
        yield "estimate", costs
    if hidden := suppressed(scan):
        yield "suppressed", hidden
    if scan.known:
        yield "known before", many(len(scan.known), "failure")


def accepted_by(by: Suppression) -> str:
    """Why something is accepted, by whom, until when, and where that is written."""
    until = f"until {by.expires}" if by.expires else "without end"
    named = {"owner": by.owner, "ticket": by.ticket}
    said = ", ".join([until, *(f"{name} {value}" for name, value in named.items() if value), by.entry])
    return f"{by.reason} ({said})"


def became(kind: str, move: Move) -> str:
    """What a verdict is now; one that was resolved without becoming good went with its resource."""
    return "gone" if kind == "resolved" and move.before == move.verdict.status else move.verdict.status


def turned(kind: str, move: Move) -> str:
    """``pass → fail``; at first sight ``fail``."""
    now = became(kind, move)
    return now if move.before is None else f"{move.before} → {now}"


def judged(checks: Sequence[Check]) -> str:
    """Which checks judge by what has changed, the most severe first; empty where none does."""
    if not checks:
        return ""
    judge = "judge" if len(checks) > 1 else "judges"
    return f"{checks[0].severity}: {some([each.id for each in checks])} {judge} by it"


def effects(scan: Scan) -> str:
    """``2 worse, 1 new``: what a plan makes of the findings there are."""
    counts = Counter(each.effect for each in scan.findings)
    said = ", ".join(f"{counts[each]:,} {EFFECTS[each]}" for each in Effect if counts[each])
    return f"against {scan.before}: {said or 'nothing fails, before or after'}"


def turned_by_plan(scan: Scan) -> list[Finding]:
    """What no longer fails once a plan is applied: mended, or gone with what it is of."""
    return [each for each in scan.findings if each.effect in (Effect.MENDED, Effect.REMOVED)]


def no_drift(scan: Scan) -> str:
    """What may be said where no drift was found."""
    if not scan.sources:
        return "Nothing was declared to compare with: name a Terraform state with --from."
    stands = "No drift" if not scan.suppressed else "No drift but what is suppressed"
    seen = stands if not scan.gaps else f"{stands} in what could be seen"
    return f"{seen}: {many(scan.managed, 'managed resource')}, {compared(scan)}."


def no_failure(scan: Scan) -> str:
    """What may be said where no finding fails."""
    if not scan.findings:
        return "No check was run."
    seen = "No finding fails" if not (scan.gaps or scan.count(Status.UNKNOWN)) else "No finding fails in what was seen"
    return f"{seen}: {verdicts(scan)}."


def verdicts(scan: Scan) -> str:
    """``41 pass, 3 unknown, …``: every status but fail that there is."""
    counts = scan.findings.counts
    return ", ".join(f"{counts[each]:,} {each}" for each in Status if counts[each] and each is not Status.FAIL)


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """Gaps that are one to the reader: the same reason, mended by the same permission."""

    kind: str
    reason: str
    permission: str | None
    accepted: bool
    places: list[str]


TYPES, REGIONS, ACCOUNTS = 12, 4, 3
"""How many of each are named where a reason holds of many, before they are only counted."""


def unread(scan: Scan) -> list[Unread]:
    """What could not be seen, the same reason told once: accounts not entered first, gaps that were accepted last."""
    accepted, called = set(scan.accepted), names(scan)
    grouped: dict[tuple[bool, bool, str, str, str | None], list[Gap]] = defaultdict(list)
    for gap in scan.gaps:
        reason = gap.reason.replace(gap.account, "…") if _is_account(gap) else gap.reason
        grouped[gap in accepted, not _is_account(gap), gap.kind, reason, gap.permission].append(gap)
    rows = sorted(grouped.items(), key=lambda each: (each[0][:2], -len(each[1])))
    return [
        Unread(kind=kind, reason=reason, permission=permission, accepted=taken, places=list(_places(gaps, called)))
        for (taken, _, kind, reason, permission), gaps in rows
    ]


def _is_account(gap: Gap) -> bool:
    """Whether it is an account as a whole that was not read."""
    return gap.type == ANYTHING and bool(gap.account)


def _is_whole(gap: Gap) -> bool:
    """Whether it is all of a type that was not read, in a region."""
    return not (gap.id or gap.attribute or _is_account(gap))


def _places(gaps: list[Gap], called: Names) -> Iterator[str]:
    """``aws_db_instance in eu-west-1, us-east-1``; one resource by its id, one attribute by its name."""
    whole = [each for each in gaps if not (each.id or each.attribute or _is_account(each))]
    types = {each.type for each in whole}
    if len(types) > TYPES:
        yield f"{many(len(types), 'type')}{_where(whole, called)}"
        gaps = [each for each in gaps if each.id or each.attribute or _is_account(each)]
    about: dict[str, list[Gap]] = defaultdict(list)
    for gap in gaps:
        about[_about(gap, called)].append(gap)
    for name, found in about.items():
        yield name if _is_account(found[0]) else f"{name}{_where(found, called)}"


def _about(gap: Gap, called: Names) -> str:
    if _is_account(gap):
        return f"account {gap.account}" + (
            f" ({name})" if (name := called(gap.account)) not in ("", gap.account) else ""
        )
    about = f"{gap.type} {gap.id}" if gap.id else gap.type
    return f"{gap.attribute} of {about}" if gap.attribute else about


def _where(gaps: Iterable[Gap], called: Names) -> str:
    """`` in eu-west-1, us-east-1``; of several accounts, which, or how many they are."""
    places = [(each.region, called(each.account)) for each in gaps]
    accounts = list(dict.fromkeys(each for _, each in places if each))
    regions = sorted({each for each, _ in places if each})
    within = _listed(regions, REGIONS if accounts else len(regions), "region")
    return (f" in {within}" if within else "") + (f" of {_listed(accounts, ACCOUNTS, 'account')}" if accounts else "")


def _listed(named: Sequence[str], most: int, noun: str) -> str:
    return ", ".join(named) if len(named) <= most else many(len(named), noun)


def unknowns(scan: Scan) -> list[tuple[str, int]]:
    """Why verdicts are unknown, and how many for each reason, the commonest first."""
    why = scan.interrupted
    reasons = (each.message for each in scan.findings.those(Status.UNKNOWN))
    return Counter(why if why and each.endswith(why) else each for each in reasons).most_common()


# --- several accounts -------------------------------------------------------------------------------


def several(scan: Scan) -> bool:
    """Whether it has to be said of each row which account it is of."""
    moved = {each.verdict.account for kind in MOVED for each in getattr(scan.digest, kind, ())}
    return len(scan.accounts) > 1 or len(moved) > 1


def names(scan: Scan) -> Names:
    """What accounts are called: by their names, where those tell them apart; nothing where there is only one."""
    if not several(scan):
        return lambda id: ""
    known = {each.id: each.name for each in scan.accounts if each.name}
    alike = Counter(known.values())

    def called(id: str) -> str:
        name = known.get(id, "")
        return name if alike[name] == 1 and not name.isdecimal() else f"{name} {id}".strip()

    return called


def whose(scan: Scan) -> str:
    """``account 123456789012``, or ``12 accounts``; or what is declared, where that was judged."""
    if scan.offline:
        return scan.offline
    return many(len(scan.accounts), "account") if len(scan.accounts) > 1 else f"account {scan.account}"


def not_entered(scan: Scan) -> str:
    """``2 not entered``; empty where all were."""
    count = sum(not each.entered for each in scan.accounts)
    return f"{count:,} not entered" if count else ""


def everywhere(scan: Scan) -> list[str]:
    """The regions read; of several accounts only their number, where they are many."""
    return [many(len(scan.regions), "region")] if several(scan) and len(scan.regions) > REGIONS else [*scan.regions]


def stopped(scan: Scan) -> str:
    """Why the scan is not whole: ``The scan was ended by Ctrl-C``."""
    return scan.interrupted[:1].upper() + scan.interrupted[1:]


class AccountStanding(msgspec.Struct, kw_only=True):
    """How one of several accounts stands."""

    id: str
    name: str
    entered: bool
    regions: int
    resources: int = 0
    drift: int = 0
    failing: list[Finding] = []
    gaps: int = 0

    @property
    def _badness(self) -> tuple[bool, list[int], int, int, str]:
        ranks = Counter(each.check.severity for each in self.failing)
        return self.entered, [-ranks[each] for each in reversed(Severity)], -self.drift, -self.gaps, self.id


def by_account(scan: Scan) -> list[AccountStanding]:
    """How each of several accounts stands: those not entered first, then the worst; none where there is only one."""
    if len(scan.accounts) < 2:
        return []
    found = {
        each.id: AccountStanding(id=each.id, name=each.name, entered=each.entered, regions=len(each.regions))
        for each in scan.accounts
    }
    nowhere = AccountStanding(id="", name="", entered=True, regions=0)
    for each in scan.live.resources:
        found.get(each.account, nowhere).resources += each.type not in SUBJECTS
    for drifted in scan.drift:
        found.get(drifted.resource.account, nowhere).drift += 1
    for finding in scan.failing:
        found.get(finding.resource.account, nowhere).failing.append(finding)
    for gap in scan.gaps:
        found.get(gap.account, nowhere).gaps += 1
    return sorted(found.values(), key=lambda each: each._badness)
