"""What a scan is asked: from flags, from the environment, and from driftline.toml.

The file of the current folder may come from anyone's pull request. It may say what a team agreed on
and whose the states are; whatever sends credentials somewhere or lowers the gate is taken only from
a file named by --config (or DRIFTLINE_CONFIG), or from flags.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec

from checks import Category, Severity, Thresholds
from checks.check import Days
from checks.frameworks import NAMES
from scanner.near import refusal

FOUND = Path("driftline.toml")
ANYBODYS = frozenset({"owner_tags", "required_tags", "states"})
"""What a file may say that only happens to be here."""
FLAGS_ONLY = ("own_checks",)
"""What no file may say: whoever writes one would run code."""
FASTEST = 10.0
"""How many times AWS's documented rates a scan may be told to use."""


class SettingsError(Exception):
    """A setting that cannot be used; the text says which, where and what to do."""


class Whose(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"source": "from"}):
    """A [[states]] entry: whose a state is that does not say so. ``from`` is a --from text or a glob of them."""

    source: str
    account: str = ""
    region: str = ""


class Role(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An [[accounts]] entry: how to enter an account, by a role (its ARN, or its name) or a profile.

    Which account it is has to be said, unless the ARN does; ``name`` is what people call it.
    """

    account: str | None = None
    role_arn: str | None = None
    role_name: str | None = None
    external_id: str | None = None
    profile: str | None = None
    name: str = ""

    @property
    def id(self) -> str:
        return self.account or account_of(self.role_arn) or ""


class SeverityOf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A [[severity]] entry: how severe the findings of some checks are, by account, type or tag (``env=dev``).

    Each may be a glob; of a tag, its value.
    """

    check: str
    severity: Severity
    account: str = "*"
    type: str = "*"
    tag: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether it is about some findings of a check, and not all."""
        return (self.account, self.type, self.tag) != ("*", "*", "")


class ThresholdOf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A [[threshold]] entry: another number of days for some resources, chosen as for [[severity]]."""

    name: str
    days: Days
    account: str = "*"
    type: str = "*"
    tag: str = ""


class TagsOf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A [[tags]] entry: what the tags and names of some resources have to be, chosen as for [[severity]].

    What it does not say stays as it is for all others.
    """

    required_tags: tuple[str, ...] | None = None
    allowed_tag_values: Mapping[str, str] | None = None
    name_pattern: str | None = None
    account: str = "*"
    type: str = "*"
    tag: str = ""


class Disabled(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A [[disabled]] entry: checks, by a glob of their ids, that are switched off, and why."""

    check: str
    reason: Annotated[str, msgspec.Meta(pattern=r"\S")]


_ROLE = re.compile(r"arn:[\w-]+:iam::(\d{12}):role/.+")


def account_of(role_arn: str | None) -> str | None:
    """The account that a role is of; None where this is no role's ARN."""
    found = _ROLE.fullmatch(role_arn or "")
    return found[1] if found else None


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"sources": "from"}):
    """Everything a scan can be told. Every field has a default, and the defaults scan the caller's account."""

    sources: tuple[str, ...] = ()
    follow_backends: bool = False
    allow_backends: tuple[str, ...] = ()
    states: tuple[Whose, ...] = ()
    profile: str | None = None
    role_arn: str | None = None
    external_id: str | None = None
    role_name: str | None = None
    session_name: str | None = None
    account: tuple[str, ...] = ()
    accounts: tuple[Role, ...] = ()
    org: bool = False
    ous: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    exclude_regions: tuple[str, ...] = ()
    required_tags: tuple[str, ...] = ("owner", "environment", "cost-center", "service")
    owner_tags: tuple[str, ...] = ("owner", "team")
    allowed_regions: tuple[str, ...] = ()
    name_pattern: str = ""
    partner_accounts: tuple[str, ...] = ()
    public_load_balancers: tuple[str, ...] = ()
    public_repositories: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    delegated_administrators: tuple[str, ...] = ()
    thresholds: Thresholds = Thresholds()
    allowed_tag_values: Mapping[str, str] = {}
    checks: tuple[str, ...] = ()
    frameworks: tuple[str, ...] = ()
    own_checks: tuple[Path, ...] = ()
    severity: tuple[SeverityOf, ...] = ()
    threshold: tuple[ThresholdOf, ...] = ()
    tags: tuple[TagsOf, ...] = ()
    disabled: tuple[Disabled, ...] = ()
    services: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    parts: bool = True
    categories: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    everything: bool = False
    ignore_code_hashes: bool = False
    who: bool = False
    who_ip: bool = False
    who_most: int = 200
    paid: bool = False
    pace: float = 0.5
    timeout: float | None = None
    call_log: Path | None = None
    db: Path | None = None
    suppress: tuple[Path, ...] = ()
    baseline: Path | None = None
    fail_on: tuple[str, ...] = ("high", "changed", "missing")

    @property
    def whole_organization(self) -> bool:
        """Whether the organization says which accounts to read: all of its, or those of some units."""
        return self.org or bool(self.ous)


class Gate(StrEnum):
    """What --fail-on may name."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    CHANGED = "changed"
    MISSING = "missing"
    UNMANAGED = "unmanaged"
    REGRESSION = "regression"
    NEW = "new"
    WORSE = "worse"
    UNKNOWN = "unknown"
    NEVER = "never"


def read(config: Path | None) -> Settings:
    """The settings of a file: of the one named, which is trusted, or of ./driftline.toml, which is not.

    Raises SettingsError for a file that cannot be read, an unknown key, a value of another type, or
    a key that an untrusted file may not set.
    """
    named = config or (Path(os.environ["DRIFTLINE_CONFIG"]) if os.environ.get("DRIFTLINE_CONFIG") else None)
    if named is None and not FOUND.is_file():
        return Settings()
    path = named or FOUND
    text = _text(path)
    if named is None:
        _refuse_untrusted(text)
    return parse(text, str(path))


def parse(text: str, where: str) -> Settings:
    """The settings in a TOML text; ``where`` it stands is how an error begins. Raises SettingsError."""
    try:
        table = _table(text, where)
        if isinstance(table.get("suppress"), str):
            table["suppress"] = [table["suppress"]]
        for name in FLAGS_ONLY:
            if name in table:
                raise SettingsError(f"{where}: {name}: files of checks are named on the command line, by --checks")
        settings = msgspec.convert(table, Settings, dec_hook=lambda type, value: Path(value))
    except msgspec.ValidationError as error:
        raise SettingsError(refusal(error, text, where, Settings, "see the settings in README")) from error
    settings = msgspec.structs.replace(settings, who=settings.who or settings.who_ip)
    check_gate(settings.fail_on, where)
    check_numbers(settings, f"{where}: ")
    check_thresholds(settings, f"{where}: ")
    check_pattern(settings, f"{where}: ")
    check_accounts(settings, f"{where}: ")
    check_frameworks(settings, f"{where}: frameworks ")
    return settings


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise SettingsError(f"{path}: there is no such settings file; check the path given to --config") from error
    except OSError as error:
        raise SettingsError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: not TOML: {error}") from error


def _table(text: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{where}: not TOML: {error}") from error


def _refuse_untrusted(text: str) -> None:
    """A file that only happens to be here names no host or role, and lowers no gate."""
    known = {field.encode_name for field in msgspec.structs.fields(Settings)}
    refused = sorted(set(_table(text, str(FOUND))) & known - ANYBODYS)
    if refused:
        raise SettingsError(
            f"{FOUND}: {', '.join(refused)} may only be set by flags or in a file that you name; "
            f"use --config {FOUND} if you trust it"
        )


def check_gate(fail_on: Sequence[str], where: str) -> None:
    """Raises SettingsError for a word that --fail-on does not know, and for none: an unset variable opens no gate."""
    if not fail_on:
        raise SettingsError(f"{where}: names nothing to fail on; `never` opens the gate on purpose")
    for word in fail_on:
        if word not in list(Gate):
            raise SettingsError(f"{where}: {word!r} is nothing to fail on; choose from {', '.join(Gate)}")


def check_numbers(settings: Settings, where: str) -> None:
    """Raises SettingsError for a pace that nobody would want, and a time that is none.

    AWS grants accounts more than its documented rates, on request, and what stands in for AWS may know no rates.
    """
    if not 0 < settings.pace <= FASTEST:
        raise SettingsError(
            f"{where}pace: {settings.pace:g} is no pace; give more than 0, up to 1, "
            f"and up to {FASTEST:g} where the accounts were granted more than AWS documents"
        )
    if settings.who_most <= 0:
        raise SettingsError(f"{flag(where, 'who_most')}: {settings.who_most:,} is no number of things to ask about")
    if settings.timeout is not None and settings.timeout <= 0:
        raise SettingsError(f"{where}timeout: {settings.timeout:g} is no number of seconds to scan for")


def flag(where: str, name: str) -> str:
    """A setting where it was given: ``--who-most``, ``driftline.toml: who_most``."""
    return f"--{name.replace('_', '-')}" if where == "--" else f"{where}{name}"


def check_thresholds(settings: Settings, where: str) -> None:
    """Raises SettingsError for a [[threshold]] entry about a threshold that there is none of."""
    for each in settings.threshold:
        if each.name not in Thresholds.__struct_fields__:
            known = ", ".join(Thresholds.__struct_fields__)
            raise SettingsError(f"{where}threshold: {each.name!r} is none; choose from {known}")


def check_pattern(settings: Settings, where: str) -> None:
    """Raises SettingsError for a pattern of names or of tag values that is no regular expression."""
    every: list[Settings | TagsOf] = [settings, *settings.tags]
    for said in every:
        of_tags = {f"allowed_tag_values: {key}": pattern for key, pattern in (said.allowed_tag_values or {}).items()}
        for name, pattern in {"name_pattern": said.name_pattern or "", **of_tags}.items():
            try:
                re.compile(pattern)
            except re.error as error:
                raise SettingsError(f"{where}{name}: {pattern!r} is no pattern: {error}") from error


def check_frameworks(settings: Settings, where: str) -> None:
    """Raises SettingsError for a framework that no check could be mapped to."""
    for name in settings.frameworks:
        if name not in NAMES:
            raise SettingsError(f"{where}{name}: choose from {', '.join(NAMES)}")


def check_accounts(settings: Settings, where: str) -> None:
    """Raises SettingsError for an account or role that is none, and for an entry that does not say its account."""
    named = (each.account for each in settings.accounts if each.account)
    for id in (*settings.account, *settings.partner_accounts, *settings.delegated_administrators, *named):
        if not re.fullmatch(r"\d{12}", id):
            raise SettingsError(f"{where}account: {id!r} is no account; an account's id has 12 digits")
    for arn in filter(None, (settings.role_arn, *(each.role_arn for each in settings.accounts))):
        if account_of(arn) is None:
            raise SettingsError(f"{flag(where, 'role_arn')}: {arn!r} is no role's ARN; see `aws iam get-role`")
    for each in settings.accounts:
        if not each.id:
            raise SettingsError(f"{where}accounts: say which account {each.profile or each.name!r} is: account = …")
        if each.account and each.role_arn and account_of(each.role_arn) != each.account:
            raise SettingsError(f"{where}accounts: {each.role_arn} is no role of account {each.account}")


def from_flags(settings: Settings, asked: Mapping[str, Any]) -> Settings:
    """The settings with what the command line says put over them.

    Raises SettingsError for a severity, category or gate word that there is none of.
    """
    given = {
        name: value for name, value in asked.items() if name in Settings.__struct_fields__ and value not in (None, ())
    }
    if asked.get("fail_on") is not None:
        given["fail_on"] = tuple(word.strip() for word in asked["fail_on"].split(",") if word.strip())
        check_gate(given["fail_on"], "--fail-on")
    for name in ("db", "baseline", "call_log"):
        if name in given:
            given[name] = Path(given[name])
    for name in ("suppress", "own_checks"):
        if name in given:
            given[name] = tuple(map(Path, given[name]))
    given["who"] = given.get("who", settings.who) or given.get("who_ip", settings.who_ip)
    found = msgspec.structs.replace(settings, **given)
    check_numbers(found, "--")
    check_accounts(found, "--")
    check_frameworks(found, "--framework ")
    _known("--severity", found.severities, Severity)
    _known("--category", found.categories, Category)
    return found


def _known(flag: str, given: Sequence[str], known: type[StrEnum]) -> None:
    for word in given:
        if word not in list(known):
            raise SettingsError(f"{flag} {word}: choose from {', '.join(known)}")
