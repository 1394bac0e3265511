"""Which accounts and regions a scan reads: the caller's own, those whose roles are named, or a whole organization."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, TypeVar

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from scanner.aws import operations
from scanner.aws.allowed import ALLOWED
from scanner.aws.errors import Refused, Stopped, explain
from scanner.aws.operations import action
from scanner.aws.place import Item, Place
from scanner.aws.session import Access, Aws
from scanner.aws.stop import Stop
from scanner.aws.turns import in_turn
from scanner.aws.wire import Wire
from scanner.outcome import AccountRead
from scanner.settings import Role, Settings, SettingsError
from state import GLOBAL, Gap
from state.resource import ANYTHING

AT_ONCE = 8
REGIONS = "ec2"
"""The service that tells the regions of an account."""
ORGANIZATIONS = {"aws-cn": "cn-northwest-1"}
"""Where Organizations answers, if not where the partition's other global services do."""

T = TypeVar("T")

FAILED = (ClientError, BotoCoreError, OSError, TimeoutError)


class Reached(msgspec.Struct, kw_only=True):
    """The accounts that a scan could enter, the regions of each, and what is to be said of the others.

    ``caller`` is whoever asks; its account is read only where it is among ``regions``. ``names`` are what
    people call the accounts, by their ids. Of an account that could not be entered there is a gap.
    """

    caller: Aws
    regions: dict[Aws, list[str]] = {}
    gaps: list[Gap] = []
    names: dict[str, str] = {}
    notes: list[str] = []

    @property
    def accounts(self) -> list[AccountRead]:
        """All accounts in the order of their ids."""
        read = [self._read(aws.account, regions) for aws, regions in self.regions.items()]
        refused = [self._read(gap.account, (), entered=False) for gap in self.gaps]
        return sorted([*read, *refused], key=lambda each: each.id)

    def _read(self, id: str, regions: Sequence[str], *, entered: bool = True) -> AccountRead:
        return AccountRead(id, self.names.get(id, ""), regions, entered)

    def called(self, id: str) -> str:
        """``123456789012 (shop)``; the id alone where nobody knows a name."""
        return f"{id} ({self.names[id]})" if self.names.get(id) else id


async def before_all(stop: Stop, work: Coroutine[Any, Any, T]) -> T:
    """What has to be known before the first account is read, and nothing can be told without."""
    try:
        return await stop.may_end(work)
    except Stopped as error:
        raise _too_early(error) from error


def _too_early(why: Exception | str) -> Refused:
    return Refused(f"{why}, before any account could be read")


async def reach(
    asked: Settings, wire: Wire, stack: AsyncExitStack, ahead: Sequence[str] = (), stop: Stop | None = None
) -> Reached:
    """The accounts that were asked for, entered; ``stack`` leaves them. ``ahead`` are services that are asked first.

    Raises Refused where the caller is nobody, no account can be entered, the organization may not be
    listed, or a region is enabled nowhere; SettingsError where no account or region is left to read. Of several
    accounts, one that refuses its role is a gap, and so is one that was not entered when ``stop`` was called.
    """
    stop = stop or Stop()
    several = asked.whole_organization or asked.role_name or asked.accounts
    access = _of_caller(asked) if several else _of_one(asked)
    allowed = _allowed(asked) | (operations.ORGANIZATION if asked.whole_organization else frozenset())
    aws = Aws(access, wire=wire, allowed=allowed, ahead=(REGIONS, *ahead))
    caller = await before_all(stop, stack.enter_async_context(aws))
    reached = Reached(caller=caller)
    if several:
        await _enter_all(await before_all(stop, _targets(asked, reached)), asked, reached, stack, stop)
    else:
        reached.regions[caller] = await before_all(stop, caller.regions(asked.regions, asked.exclude_regions))
    if not any(reached.regions.values()):
        raise SettingsError("--exclude-region leaves no region to read")
    return reached


def _allowed(asked: Settings) -> frozenset[str]:
    besides = (operations.WHO if asked.who else (), operations.PAID if asked.paid else ())
    return ALLOWED.union(operations.PRICES, *besides)


def _of_caller(asked: Settings) -> Access:
    if asked.whole_organization and not asked.role_name:
        raise SettingsError("--org: which role is to be assumed in each account? name it: --role-name")
    return Access(profile=asked.profile, region=next(iter(asked.regions), None))


def _of_one(asked: Settings) -> Access:
    if len(asked.account) > 1:
        raise SettingsError("--account: several accounts need --role-name, the role to assume in each")
    return Access(
        profile=asked.profile,
        role_arn=asked.role_arn,
        external_id=asked.external_id,
        session_name=asked.session_name,
        account=next(iter(asked.account), None),
        region=next(iter(asked.regions), None),
    )


# --- several accounts -------------------------------------------------------------------------------


async def _targets(asked: Settings, reached: Reached) -> list[Access]:
    """How to enter each account, once each; what is said of one account comes before what is said of all."""
    roles = [*asked.accounts, *([Role(role_arn=asked.role_arn)] if asked.role_arn else ())]
    roles += [Role(account=each) for each in asked.account]
    reached.names |= {each.id: each.name for each in roles if each.name}
    if asked.whole_organization:
        for each in await _members(asked, reached):
            roles.append(Role(account=each["Id"]))
            reached.names.setdefault(each["Id"], each.get("Name", ""))
    first = {role.id: role for role in reversed(roles)}
    return [_access(first[id], asked, reached) for id in dict.fromkeys(role.id for role in roles)]


def _access(role: Role, asked: Settings, reached: Reached) -> Access:
    """A role's own settings over those that all accounts share; the caller's account needs no role."""
    caller, arn = reached.caller, role.role_arn
    if arn is None and (name := role.role_name or _shared_role(role, asked, caller)):
        arn = f"arn:{caller.partition}:iam::{role.account}:role/{name}"
    return Access(
        profile=role.profile or asked.profile,
        role_arn=arn,
        external_id=role.external_id or asked.external_id,
        session_name=asked.session_name,
        account=role.id,
        region=None if role.profile else next(iter(asked.regions), None),
        name=reached.names.get(role.id, ""),
    )


def _shared_role(role: Role, asked: Settings, caller: Aws) -> str | None:
    """The role that all accounts share, where it is to be assumed in this one."""
    if role.profile or role.account == caller.account:
        return None
    if not asked.role_name:
        raise SettingsError(f"account {role.account}: which role is to be assumed? name it: --role-name")
    return asked.role_name


async def _enter_all(
    targets: Sequence[Access], asked: Settings, reached: Reached, stack: AsyncExitStack, stop: Stop
) -> None:
    """Enter the accounts. Raises Refused where none lets us in, or a region that was named is enabled in none."""
    if not targets:
        raise SettingsError("no account is left to read; name some with --account, or --org")
    found = await in_turn((_entering(each, asked, reached, stack, stop) for each in targets), AT_ONCE)
    if not reached.regions and stop.reason:
        raise _too_early(stop.reason)
    if not reached.regions:
        first = min(reached.gaps, key=lambda each: each.account)
        raise Refused(f"no account could be entered; of {reached.called(first.account)}: {first.reason}")
    enabled = {aws.account: names for aws, names in filter(None, found)}
    for name in (*asked.regions, *asked.exclude_regions):
        if not any(name in names for names in enabled.values()):
            raise Refused(f"region {name} is enabled in no account that was entered; check its name, or leave it out")
    reached.notes += _left_out(asked.regions, enabled, reached)


def _left_out(wanted: Iterable[str], enabled: Mapping[str, Collection[str]], reached: Reached) -> Iterator[str]:
    for name in wanted:
        if without := sorted(id for id, names in enabled.items() if name not in names):
            listed = ", ".join(map(reached.called, without))
            yield f"region {name} is not enabled in {_many(without)} and was left out there: {listed}"


def _many(accounts: Sequence[str]) -> str:
    return f"{len(accounts)} account{'' if len(accounts) == 1 else 's'}"


async def _entering(
    access: Access, asked: Settings, reached: Reached, stack: AsyncExitStack, stop: Stop
) -> tuple[Aws, Sequence[str]] | None:
    """Enter one account, unless that is ended first: then it is a gap, and None, and those entered before stay so."""
    try:
        return await stop.may_end(_enter(access, asked, reached, stack))
    except Stopped as error:
        reached.gaps.append(_gap(access, str(error), error.kind, None))
        return None


async def _enter(
    access: Access, asked: Settings, reached: Reached, stack: AsyncExitStack
) -> tuple[Aws, Sequence[str]] | None:
    """Enter one account, and the regions enabled in it. One that refuses is a gap, and None."""
    try:
        aws = await _entered(access, reached.caller, _allowed(asked), stack)
    except Refused as error:
        kind = explain(error.__cause__)[0] if error.__cause__ else "error"
        reached.gaps.append(_gap(access, str(error), kind, "sts:AssumeRole" if access.role_arn else None))
        return None
    try:
        enabled = await aws.enabled_regions(or_else=(*asked.regions, *asked.exclude_regions) if asked.regions else ())
    except Refused as error:
        reached.gaps.append(_gap(access, str(error), "denied", "ec2:DescribeRegions"))
        return None
    wanted = dict.fromkeys(asked.regions or enabled)
    reached.regions[aws] = [name for name in wanted if name in enabled and name not in asked.exclude_regions]
    return aws, enabled


async def _entered(access: Access, caller: Aws, allowed: frozenset[str], stack: AsyncExitStack) -> Aws:
    """The account by its role or its profile; the caller's own, without either, as the caller."""
    if access.role_arn is None and access.account == caller.account and access.profile == caller.access.profile:
        caller.access = msgspec.structs.replace(caller.access, name=access.name)
        return caller
    return await stack.enter_async_context(Aws(access, wire=caller.wire, allowed=allowed))


def _gap(access: Access, reason: str, kind: str, operation: str | None) -> Gap:
    return Gap(
        type=ANYTHING,
        account=access.account or "",
        region=GLOBAL,
        kind=kind,
        reason=reason,
        operation=operation,
        permission=operation if kind == "denied" else None,
    )


# --- the organization -------------------------------------------------------------------------------


async def _members(asked: Settings, reached: Reached) -> list[Item]:
    """The active accounts of the organization, or of its units that were named; the others are said.

    https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
    """
    place = reached.caller.at(ORGANIZATIONS.get(reached.caller.partition, "global"))
    try:
        found = [each async for each in _listed(place, asked.ous)]
    except FAILED as error:
        raise Refused(f"the organization's accounts could not be listed: {_why(error)}") from error
    others = defaultdict(list)
    for each in found:
        if (state := each.get("State") or each.get("Status") or "ACTIVE") != "ACTIVE":
            others[state].append(f"{each['Id']} ({each.get('Name', '')})")
    for state, names in others.items():
        said = f"{_many(names)} {'is' if len(names) == 1 else 'are'} {state.lower().replace('_', ' ')}"
        reached.notes.append(f"{said} and {'was' if len(names) == 1 else 'were'} not read: {', '.join(names)}")
    return [each for each in found if (each.get("State") or each.get("Status") or "ACTIVE") == "ACTIVE"]


def _why(error: Exception) -> str:
    kind, reason = explain(error)
    if kind != "denied":
        return reason
    allow = action(f"organizations:{getattr(error, 'operation_name', 'ListAccounts')}")
    return f"{reason}; ask as its management account or a delegated administrator, and allow {allow}"


async def _listed(place: Place, units: Sequence[str]) -> AsyncIterator[Item]:
    if not units:
        async for page in place.pages("organizations", "list_accounts"):
            for each in page["Accounts"]:
                yield each
        return
    for unit in [each async for each in _with_inner(place, units)]:
        async for page in place.pages("organizations", "list_accounts_for_parent", ParentId=unit):
            for each in page["Accounts"]:
                yield each


async def _with_inner(place: Place, units: Iterable[str]) -> AsyncIterator[str]:
    """The units and all that lie in them."""
    left, seen = list(units), set()
    while left:
        unit = left.pop(0)
        if unit in seen:
            continue
        seen.add(unit)
        yield unit
        async for page in place.pages("organizations", "list_organizational_units_for_parent", ParentId=unit):
            left += [each["Id"] for each in page["OrganizationalUnits"]]
