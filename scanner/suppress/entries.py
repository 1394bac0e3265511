"""driftline.suppress.toml: what a team has accepted for a time, each entry with a reason and an end."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import msgspec

from scanner.near import refusal
from scanner.outcome import Suppression
from scanner.settings import SettingsError
from scanner.suppress.globs import covers, is_anything, matches
from state import Declaration, Gap, Resource
from state.drift import Drift, Kind

LONGEST_DAYS = 180
FURTHEST_DAYS = 3_660


class Accepted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every entry says: globs of the type and the place, why, until when, and who answers for it."""

    type: str = "*"
    account: str = "*"
    region: str = "*"
    reason: str
    expires: date
    owner: str = ""
    ticket: str = ""

    @property
    def place(self) -> dict[str, str]:
        return {"type": self.type, "account": self.account, "region": self.region}


class AcceptedGap(Accepted, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A [[gaps]] entry: globs of what is known not to be seen."""

    @property
    def globs(self) -> dict[str, str]:
        return self.place

    def covers(self, gap: Gap) -> bool:
        return all(map(matches, self.globs.values(), (gap.type, gap.account, gap.region)))


class AcceptedFinding(Accepted, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A [[findings]] entry: globs of the check, and of the resource by its address, ARN, id or name."""

    check: str = "*"
    resource: str = "*"

    @property
    def globs(self) -> dict[str, str]:
        return {"check": self.check, "resource": self.resource, **self.place}

    def covers(self, check: str, resource: Resource, declared: Declaration | None) -> bool:
        return matches(self.check, check) and is_about(self, resource, declared)


class AcceptedDrift(Accepted, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A [[drift]] entry: globs of the resource, of the attribute's path where it is about that, and a kind."""

    resource: str = "*"
    attribute: str = "*"
    kind: Kind | None = None

    @property
    def globs(self) -> dict[str, str]:
        return {"resource": self.resource, "attribute": self.attribute, **self.place}

    def covers(self, drift: Drift, path: str | None) -> bool:
        """Whether it is about this drift, or one of its changes; nothing but a change has a path."""
        if self.kind not in (None, drift.kind) or not is_about(self, drift.resource, drift.declared):
            return False
        return is_anything(self.attribute) if path is None else covers(self.attribute, path)


Entry = AcceptedGap | AcceptedFinding | AcceptedDrift


def is_about(entry: AcceptedFinding | AcceptedDrift, resource: Resource, declared: Declaration | None) -> bool:
    """Whether an entry's globs of the resource and its place fit. What moves goes by the address that it had, too."""
    said = declared or resource.declared
    addresses = (said.address, said.moved or None) if said else ()
    return (
        matches(entry.resource, *addresses, resource.arn, resource.id, resource.name)
        and matches(entry.type, resource.type)
        and matches(entry.account, resource.account)
        and matches(entry.region, resource.region)
    )


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The [policy] of a file: how far its entries may reach, and whether tags of live resources suppress."""

    longest_days: int = LONGEST_DAYS
    allow_resource_tags: bool = False
    resource_tags_reason: str = ""
    resource_tags_expire: date | None = None


class Written(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that a file says."""

    policy: Policy = Policy()
    gaps: tuple[AcceptedGap, ...] = ()
    findings: tuple[AcceptedFinding, ...] = ()
    drift: tuple[AcceptedDrift, ...] = ()


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """An entry with the place where it is written: its file, its table and its number there."""

    file: str
    table: str
    number: int
    entry: Entry

    @property
    def name(self) -> str:
        return f"{self.file} [[{self.table}]] {self.number}"

    @property
    def about(self) -> str:
        """``check s3-*, resource logs``: what narrows it."""
        named = {name: glob for name, glob in self.entry.globs.items() if not is_anything(glob)}
        if isinstance(self.entry, AcceptedDrift) and self.entry.kind:
            named["kind"] = self.entry.kind
        return ", ".join(f"{name} {glob}" for name, glob in named.items())

    @property
    def suppression(self) -> Suppression:
        each = self.entry
        return Suppression(
            reason=each.reason, expires=each.expires, owner=each.owner, ticket=each.ticket, entry=self.name
        )


def parse(text: str, where: str, today: date) -> Written:
    """What a text says. Raises SettingsError for an entry without a reason or an end, or one without bounds."""
    try:
        found = msgspec.convert(tomllib.loads(text.removeprefix("\ufeff")), Written)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(f"{where}: not TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise SettingsError(refusal(error, text, where, Written, "see README, what is accepted")) from error
    _check_policy(found.policy, where, today)
    for rule in rules(found, where):
        _check(rule, found.policy, today)
    return found


def rules(found: Written, file: str) -> Iterator[Rule]:
    """Every entry of a file, with its place."""
    tables: dict[str, tuple[Entry, ...]] = {"findings": found.findings, "drift": found.drift, "gaps": found.gaps}
    for table, entries in tables.items():
        for number, entry in enumerate(entries, 1):
            yield Rule(file=file, table=table, number=number, entry=entry)


def _check(rule: Rule, policy: Policy, today: date) -> None:
    entry = rule.entry
    _check_end(entry.expires, f"{rule.name} expires {entry.expires}", policy, today)
    if not entry.reason.strip():
        raise SettingsError(f"{rule.name} gives no reason")
    if not rule.about:
        raise SettingsError(f"{rule.name} would silence everything; narrow it by {_narrowing(entry)}")
    if isinstance(entry, AcceptedDrift) and not is_anything(entry.attribute) and entry.kind not in (None, Kind.CHANGED):
        raise SettingsError(f"{rule.name} names an attribute, and nothing of what is {entry.kind} has one")


def _narrowing(entry: Entry) -> str:
    *names, last = entry.globs
    return f"{', '.join(names)} or {last}"


def _check_policy(policy: Policy, where: str, today: date) -> None:
    if not 0 < policy.longest_days <= FURTHEST_DAYS:
        raise SettingsError(f"{where}: longest_days: give 1 to {FURTHEST_DAYS:,}; {LONGEST_DAYS} is the default")
    if not policy.allow_resource_tags:
        return
    if not policy.resource_tags_reason.strip():
        raise SettingsError(f"{where}: [policy] allows resource tags, and gives no resource_tags_reason")
    if policy.resource_tags_expire is None:
        raise SettingsError(f"{where}: [policy] allows resource tags without an end; set resource_tags_expire")
    said = f"{where}: resource_tags_expire is {policy.resource_tags_expire}"
    _check_end(policy.resource_tags_expire, said, policy, today)


def _check_end(expires: date, said: str, policy: Policy, today: date) -> None:
    if expires > today + timedelta(days=policy.longest_days):
        raise SettingsError(f"{said}, over {policy.longest_days} days from now; renew it")


def quoted(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, date):
        return value.isoformat()
    escaped = msgspec.json.encode(str(value)).decode()
    return escaped.replace("\x7f", "\\u007f")
