"""What one scan came to: the shape that history keeps and every report renders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec

from checks import Findings, Status
from checks.frameworks import Assessed
from scanner.iac_coverage import IacCoverage
from state import Declaration, Gap, Inventory, Resource
from state.drift import Drift
from state.history import Digest
from state.packed import EMPTY
from state.resource import Key


class Note(msgspec.Struct, frozen=True):
    """Something the reader should know that is neither drift nor finding nor gap (two states own one thing, …)."""

    about: str
    text: str


class AccountRead(msgspec.Struct, frozen=True):
    """An account that was to be read, and the regions of it that were; one not ``entered`` is a gap."""

    id: str
    name: str = ""
    regions: Sequence[str] = ()
    entered: bool = True


class Suppression(msgspec.Struct, frozen=True, kw_only=True):
    """Why something that was found is accepted, by whom and until when; ``entry`` is where that is written.

    A line of a .driftignore gives no reason of its own and has no end.
    """

    reason: str
    entry: str
    expires: date | None = None
    owner: str = ""
    ticket: str = ""


class SuppressedDrift(msgspec.Struct, frozen=True):
    """Drift, or those changes of one resource, that a suppression covers."""

    drift: Drift
    by: Suppression


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """Who last did to a thing what was found, as CloudTrail tells it: an ARN or a user's name, by which call, and when.

    No ``actor`` is nobody known, and ``why`` says why. Where it is only ``probable``, ``why`` says that too. The
    address that the call came from is there only where it was asked for.
    """

    actor: str | None = None
    time: datetime | None = None
    event: str | None = None
    event_id: str | None = None
    source_ip: str | None = None
    probable: bool = False
    why: str = ""


class Scan(msgspec.Struct, kw_only=True):
    """One run over one account, or several.

    ``account`` is the caller's, or the one whose role was assumed; ``accounts`` are all that were to be
    read, and ``regions`` the regions of all of them.

    ``kinds`` says what was asked: drift, check, or both. ``sources`` are the ``--from`` texts; empty
    when nothing was declared, and ``drift`` is then empty too; ``differing`` is all drift that there is, also what
    is suppressed, and where only checks were asked for (None where nothing was compared); ``in_sync`` are the live
    resources that are as declared, ``unsure`` those that are as far as they could be seen. ``attributes`` and
    ``compared`` count declared attributes, present and compared; ``outside`` declared resources that the
    scan was not asked to read; ``moved`` differences that are nobody's doing, and ``noise`` those
    differences, where everything was asked for. ``accepted`` are the gaps that a suppress file accepts; they are in
    ``gaps`` too. ``suppressed`` is the drift that is accepted, which is not in ``drift``; ``suppressions``
    tell of each suppressed finding, by its id, why. ``known`` are the ids of findings and drift that a baseline
    knows of, which fail no gate. ``who`` did it, by the ids of drift and failures, where that was asked; ``code`` is
    how much of what is live Terraform declares. ``incoming`` are the import blocks that bring in what is declared
    nowhere, by its key. ``everything`` asks for all that there is to be shown. ``digest`` is
    what moved since the last scan in the database; None without one. ``frameworks`` are those asked for by name.
    ``offline`` names what is declared that was judged, as in ``the plan plan.json``: no account was, and
    ``live`` is what is declared; empty where the account was. ``before`` says with what a plan was compared.
    ``interrupted`` says why, where Ctrl-C or the time limit ended the collecting.
    """

    id: str
    version: str
    started: datetime
    ended: datetime
    account: str
    caller: str
    partition: str
    regions: Sequence[str]
    accounts: Sequence[AccountRead] = ()
    kinds: Sequence[str] = ("drift", "check")
    sources: Sequence[str] = ()
    live: Inventory
    drift: Sequence[Drift] = ()
    differing: Sequence[Drift] | None = None
    noise: Sequence[Drift] = ()
    in_sync: Sequence[Resource] = ()
    unsure: Sequence[Resource] = ()
    findings: Findings = msgspec.field(default_factory=Findings)
    gaps: Sequence[Gap] = ()
    accepted: Sequence[Gap] = ()
    suppressed: Sequence[SuppressedDrift] = ()
    suppressions: Mapping[str, Suppression] = EMPTY
    known: frozenset[str] = frozenset()
    frameworks: Sequence[Assessed] = ()
    who: Mapping[str, Who] = EMPTY
    incoming: Mapping[Key, Declaration] = msgspec.field(default_factory=dict)
    code: IacCoverage | None = None
    owner_tags: Sequence[str] = ()
    everything: bool = False
    notes: Sequence[Note] = ()
    managed: int = 0
    attributes: int = 0
    compared: int = 0
    outside: int = 0
    moved: int = 0
    calls: int = 0
    throttled: int = 0
    digest: Digest | None = None
    interrupted: str = ""
    offline: str = ""
    before: str = ""

    def __post_init__(self) -> None:
        self.findings = Findings.of(self.findings)

    def __repr__(self) -> str:
        """Which one it is, and nothing of what it holds: asyncio writes the whole of it out when a scan is over."""
        return f"<scan {self.id} of {len(self.live.resources):,} resources>"

    @property
    def seconds(self) -> float:
        return (self.ended - self.started).total_seconds()

    @property
    def failing(self) -> Findings:
        """Failing findings, in the order in which they were told."""
        return self.findings.those(Status.FAIL)

    @property
    def failures(self) -> Findings:
        """Failing findings, the worst first."""
        return self.failing.sorted(lambda check: (-check.severity.rank, check.id))

    def count(self, status: Status) -> int:
        return self.findings.counts[status]
