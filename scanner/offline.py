"""Checks of what is declared: of what plans lead to, of states, or of code. The account is not asked.

What Terraform cannot say is skipped, what only the apply will tell is unknown. Nothing of it is recorded: it is
no scan of an account.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import msgspec

from checks import REGISTRY, Check, Finding, Findings, Origin, Status
from checks.frameworks import assessed
from checks.prices import built_in
from checks.verdicts import estimated
from scanner import agreed, baseline, suppress
from scanner.aws.stop import Stop
from scanner.chosen import chosen
from scanner.collectors import schemas
from scanner.declarations import Declarations
from scanner.effect import Before, after, effects, removed, turned
from scanner.journey import Begun, declared_by, terms_of
from scanner.outcome import AccountRead, Note, Scan
from scanner.own_checks import own_checks
from scanner.settings import Settings, SettingsError
from scanner.suppress.applied import apply
from scanner.suppress.unused import unused
from scanner.version import VERSION
from state import GLOBAL, Gap, Inventory, Resource
from state.history import History
from state.resource import ANYTHING, SUBJECTS
from state.terraform import configuration, files, hcl
from state.terraform.configuration import Configuration, said
from state.terraform.remote import shown
from state.terraform.settle import settle, settled
from state.terraform.sources import CODE, Declared, Planned

LIVE_ONLY = "live only: no account is read"
WORDS = ("critical", "high", "medium", "low", "worse", "unknown", "never")
"""What a gate may name where no account is judged: nothing there has drifted, or was scanned before."""


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """What is judged together: one plan, one folder of code, or all states.

    ``resources`` are settled; ``gaps`` hide some of them, and ``standing`` is what a plan finds there.
    """

    about: str
    resources: Sequence[Resource]
    gaps: Sequence[Gap] = ()
    standing: Sequence[Resource] = ()


# --- what is asked --------------------------------------------------------------------------------


async def read(asked: Settings, *, offline: bool, stop: Stop | None = None, begun: Begun | None = None) -> Declared:
    """What the sources declare; only the code of folders, where nothing but folders of code is to be judged.

    Raises what scanner.journey raises of sources.
    """
    if offline and not asked.sources:
        raise SettingsError("--offline checks what is declared; name a plan, a state or a folder of code with --from")
    folders = await asyncio.to_thread(_folders, asked.sources) if offline else None
    if not folders:
        return await declared_by(asked, stop, begun)
    states = [state for each in asked.sources for state in files.inside(Path(each))[0]]
    return Declared(
        inventory=Inventory(),
        states=[],
        configurations=[configuration.read(each) for each in folders],
        notes=[f"{each} is not judged beside the code; name it with --from to judge it" for each in states],
    )


def _folders(sources: Sequence[str]) -> list[Path]:
    """The folders of code, where the sources are folders that hold some, and nothing else."""
    if not all(Path(each).is_dir() for each in sources):
        return []
    roots = [files.inside(Path(each))[1] for each in sources]
    return list(dict.fromkeys(each for found in roots for each in found)) if all(roots) else []


def judges(declared: Declared, asked: Settings, fail_on: str | None, *, offline: bool, live: bool) -> bool:
    """Whether what is declared is judged, and not the account: a plan always is, all else with --offline.

    ``fail_on`` is the flag as it was given. Raises SettingsError for what does not go together.
    """
    plans, states = len(declared.plans), len(declared.states) - len(declared.plans)
    if live and (offline or not plans or states):
        raise SettingsError("--live compares a plan with the account: name plans with --from, and leave out --offline")
    if plans and states and not offline:
        raise SettingsError(
            "--from names a plan and a state: add --offline to check what both declare, or name only one of them"
        )
    if not (plans or offline):
        if "worse" in asked.fail_on:
            raise SettingsError("--fail-on worse is of a plan: name one with --from")
        return False
    strange = [each for each in asked.fail_on if each not in WORDS] if fail_on is not None else []
    if strange:
        raise SettingsError(
            f"--fail-on {','.join(strange)}: what is declared has not drifted and is in no history; "
            f"choose from {', '.join(WORDS)}"
        )
    if "worse" in asked.fail_on and not plans:
        raise SettingsError("--fail-on worse is of a plan, and --from names none")
    return True


def last(asked: Settings, declared: Declared, db: Path) -> Before | None:
    """What was found when the accounts of a plan were last scanned; None where nothing is recorded of them."""
    accounts = [each.account for unit in units(declared) for each in (*unit.standing, *unit.resources)]
    found = None
    if declared.plans and db.exists():
        with History(db, read_only=True) as history:
            found = Before.of_history(history, accounts)
    if found is None and "worse" in asked.fail_on:
        raise SettingsError(f"--fail-on worse: {db} has no scan to compare the plan with; scan first, or add --live")
    return found


# --- what is judged -------------------------------------------------------------------------------


def units(declared: Declared) -> list[Unit]:
    """What is judged together: neighbours are looked for in one plan or folder, where addresses stand for names."""
    plans = [_planned(source, found, declared) for source, found in declared.plans.items()]
    states = [each.source for each in declared.states if each.source not in declared.plans]
    if states:
        found = [each for each in declared.inventory.resources if each.declared and each.declared.witness == "state"]
        plans.append(Unit(about=f"the state {', '.join(states)}", resources=found, gaps=declared.inventory.gaps))
    if not declared.states:
        plans += map(_coded, declared.configurations)
    return plans


def _planned(source: str, found: Planned, declared: Declared) -> Unit:
    return Unit(
        about=f"the plan {source}",
        resources=settle(found.after, schemas()),
        gaps=[*_hidden(found.after), *_unread(declared)],
        standing=settle(found.before, schemas()),
    )


def _unread(declared: Declared) -> Iterator[Gap]:
    """Sources that could not be read; that a plan does not say something yet is no such gap."""
    return (each for each in declared.inventory.gaps if each.type in (ANYTHING, CODE))


def _hidden(found: Iterable[Resource]) -> Iterator[Gap]:
    """Blocks of which it is not known what they come to, and so nothing of the parts of what they stand in."""
    for each in found:
        for gap in settled([each], schemas()).gaps if each.unknown else ():
            yield msgspec.structs.replace(gap, id=each.id or None)


def _coded(code: Configuration) -> Unit:
    found = list(hcl.resources(code, schemas()))
    faults = [(each, "malformed") for each in code.faults]
    faults += [(each, "unsupported") for each in _not_fetched(code)]
    hidden = [Gap(type=ANYTHING, account="", region=GLOBAL, reason=reason, kind=kind) for reason, kind in faults]
    resources = settle(found, schemas())
    return Unit(about=f"the code in {code.folder}", resources=resources, gaps=[*_hidden(found), *hidden])


def _not_fetched(code: Configuration) -> Iterator[str]:
    """The modules that are kept elsewhere: what they declare only a plan tells."""
    for module in _modules(code):
        for block in module.of("module"):
            source = said(block.body.attributes.get("source"))
            if block.labels and not str(source or "").startswith(("./", "../")):
                where = f"{block.file}:{block.line}: module {block.labels[0]}"
                yield f"{where} is kept elsewhere and is not fetched; what it declares only a plan tells"


def _modules(code: Configuration) -> Iterator[configuration.Module]:
    waiting = [code.root]
    while waiting:
        module = waiting.pop()
        yield module
        waiting += module.calls.values()


def scan(asked: Settings, declared: Declared, *, now: Scan | None = None, before: Before | None = None) -> Scan:
    """The verdicts on what is declared; of a plan, compared with the account ``now`` or as it was ``before``."""
    started, judged = datetime.now(UTC), units(declared)
    suppressions = suppress.read(asked.suppress, started.date())
    known = baseline.read(asked.baseline)
    before = Before.of_scan(now) if now else before
    with own_checks(asked):
        applied = apply(suppressions, _compared(asked, judged, now, before), ())
        found = _scan(asked, judged, started, now)
        found.findings, found.suppressions = estimated(applied.findings, built_in), applied.suppressions
        found.frameworks = [assessed(each, REGISTRY.values(), applied.findings) for each in asked.frameworks]
        found.accepted = suppressions.accepted(found.gaps)
        found.before = before.since if before else ""
        found.notes = [
            *(Note("declared", each) for each in declared.notes),
            *agreed.notes(asked),
            *applied.notes,
            *suppressions.over(),
        ]
        found.notes += unused(suppressions, applied.used, found, asked)
        if known is not None:
            found.known = baseline.known(known, found)
    return found


def _scan(asked: Settings, judged: Sequence[Unit], started: datetime, now: Scan | None) -> Scan:
    """What was judged, without the verdicts."""
    resources = [each for unit in judged for each in unit.resources]
    accounts = sorted({each.account for each in resources} - {""})
    gaps = [gap for unit in judged for gap in unit.gaps if gap.type in (ANYTHING, CODE) or gap.kind == "malformed"]
    return Scan(
        id=f"{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}",
        version=VERSION,
        started=started,
        ended=datetime.now(UTC),
        account=accounts[0] if len(accounts) == 1 else "",
        caller="",
        partition="",
        regions=sorted({each.region for each in resources} - {"", GLOBAL}),
        accounts=[AccountRead(id=each) for each in accounts],
        kinds=("check",),
        sources=tuple(map(shown, asked.sources)),
        live=Inventory(resources, taken_at=started),
        gaps=list(dict.fromkeys([*gaps, *(now.gaps if now else ())])),
        everything=asked.everything,
        calls=now.calls if now else 0,
        interrupted=now.interrupted if now else "",
        offline=", ".join(unit.about for unit in judged),
    )


def _compared(asked: Settings, judged: Sequence[Unit], now: Scan | None, before: Before | None) -> Findings:
    """The verdicts, each with what a plan makes of it where that can be told."""
    checks, severe = chosen(asked), agreed.severe(asked.severity)
    found = Findings(map(severe, _findings(asked, checks, judged, now)))
    if before is None:
        return found
    standing = [each for unit in judged for each in unit.standing]
    planned = [each for unit in judged for each in unit.resources]
    gone = map(severe, removed(checks, planned, standing, before))
    return Findings(chain(effects(found, standing, before, terms_of(asked)), gone))


def _findings(asked: Settings, checks: Iterable[Check], judged: Sequence[Unit], now: Scan | None) -> Iterator[Finding]:
    terms, sides = terms_of(asked), [_sides(asked, each, now) for each in judged]
    for check in checks:
        if check.subjects:
            yield _skipped(check)
            continue
        if {*check.types} <= SUBJECTS:
            yield from (each for _, among in sides for each in turned(check, now, among, terms))
            yield _skipped(check)
            continue
        found = [each for own, among in sides for each in check.run(own, terms, among)]
        yield from map(_told, [each for each in found if not _is_nothing(each)] or found[:1])


def _sides(asked: Settings, unit: Unit, now: Scan | None) -> tuple[Inventory, Declarations]:
    """What of a unit is judged, and among what its neighbours are looked for."""
    if now:
        among = after(unit.resources, unit.gaps, unit.standing, now)
    else:
        among = Declarations(unit.resources, unit.gaps, schemas())
    own = [each for each in among.resources if each.declared and (not asked.types or each.type in asked.types)]
    return Inventory(own, unit.gaps, taken_at=among.taken_at), among


def _is_nothing(finding: Finding) -> bool:
    return finding.status is Status.SKIPPED and finding.resource.id == "*"


def _told(finding: Finding) -> Finding:
    """What fails here is what the code says."""
    if finding.status is not Status.FAIL:
        return finding
    return msgspec.structs.replace(finding, origin=Origin.DECLARED, twin=finding.resource)


def _skipped(check: Check) -> Finding:
    return Finding(
        check=check, resource=Resource(type=check.types[0], id="*"), status=Status.SKIPPED, message=LIVE_ONLY
    )
