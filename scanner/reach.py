"""Which accounts and regions a scan reads: the caller's own, those whose roles are named, or a whole organization."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from scanner.aws import operations
from scanner.aws.collect import in_turn
from scanner.aws.errors import Refused, explain
from scanner.aws.session import Access, Aws, Item, Place
from scanner.aws.wire import Wire
from scanner.outcome import AccountRead
from scanner.settings import Role, Settings, SettingsError
from state import GLOBAL, Gap
from state.resource import ANYTHING

AT_ONCE = 8


class Reached(msgspec.Struct, kw_only=True):
    """The accounts that a scan could enter, the regions of each, and what is to be said of the others.

    ``caller`` is whoever asks; its account is read only where it is among ``regions``.
    """

    caller: Aws
    regions: dict[Aws, list[str]] = {}
    gaps: list[Gap] = []
    notes: list[str] = []

    @property
    def accounts(self) -> list[AccountRead]:
        """All accounts in the order of their ids, those that refused us without a region."""
        read = [AccountRead(aws.account, aws.access.name, names) for aws, names in self.regions.items()]
        return sorted([*read, *(AccountRead(gap.account) for gap in self.gaps)], key=lambda each: each.id)


async def reach(asked: Settings, wire: Wire, stack: AsyncExitStack) -> Reached:
    """The accounts that were asked for, entered; ``stack`` leaves them.

    Raises Refused where the caller is nobody, the one account asked for cannot be entered, or the
    organization may not be listed; SettingsError where no region is left to read. Of several accounts,
    one that refuses its role is a gap.
    """
    several = bool(asked.org or asked.role_name or asked.accounts)
    access = _of_caller(asked) if several else _of_one(asked)
    allowed = operations.ALLOWED | (operations.ORGANIZATION if asked.org else frozenset())
    caller = await stack.enter_async_context(Aws(access, wire=wire, allowed=allowed))
    reached = Reached(caller=caller)
    if not several:
        reached.regions[caller] = await _regions(caller, asked)
        return reached
    targets = [each async for each in _targets(asked, reached)]
    if not targets:
        raise Refused("no account is left to read")
    await in_turn((_enter(each, asked, reached, stack) for each in targets), AT_ONCE)
    return reached


def _of_caller(asked: Settings) -> Access:
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


async def _regions(aws: Aws, asked: Settings) -> list[str]:
    regions = await aws.regions(asked.regions, asked.exclude_regions)
    if not regions:
        raise SettingsError("--exclude-region leaves no region to read")
    return regions


# --- several accounts -------------------------------------------------------------------------------


async def _targets(asked: Settings, reached: Reached) -> AsyncIterator[Access]:
    """How to enter each account, once each."""
    partition, seen = reached.caller.partition, set()
    roles = [Role(account=each) for each in asked.account]
    if asked.org:
        roles += [Role(account=each["Id"], name=each.get("Name", "")) async for each in _members(asked, reached)]
    for role in (*asked.accounts, *roles):
        access = _access(role, asked, partition)
        key = access.account or access.role_arn or access.profile
        if key not in seen:
            seen.add(key)
            yield access


def _access(role: Role, asked: Settings, partition: str) -> Access:
    """A role's own settings over those that all accounts share."""
    name = role.role_name or asked.role_name
    arn = role.role_arn or (f"arn:{partition}:iam::{role.account}:role/{name}" if role.account and name else None)
    if arn is None and role.profile is None:
        raise SettingsError(f"account {role.account or role.name}: which role is to be assumed? name it: --role-name")
    return Access(
        profile=role.profile or asked.profile,
        role_arn=arn,
        external_id=role.external_id or asked.external_id,
        session_name=asked.session_name,
        account=role.account or _account_of(arn),
        region=next(iter(asked.regions), None) if role.profile is None else None,
        name=role.name,
    )


def _account_of(arn: str | None) -> str | None:
    found = re.match(r"arn:[\w-]+:iam::(\d{12}):role/", arn or "")
    return found[1] if found else None


async def _enter(access: Access, asked: Settings, reached: Reached, stack: AsyncExitStack) -> None:
    """Enter one account: the caller's own as it is, any other by its role. One that refuses is a gap."""
    caller = reached.caller
    try:
        own = access.account == caller.account and access.profile == caller.access.profile
        aws = caller if own else await stack.enter_async_context(Aws(access, wire=caller.wire))
        caller.access = msgspec.structs.replace(caller.access, name=access.name) if own else caller.access
        enabled = await aws.enabled_regions(or_else=asked.regions)
    except Refused as error:
        reached.gaps.append(_gap(access, str(error)))
        return
    reached.regions[aws] = [name for name in asked.regions or enabled if name not in asked.exclude_regions]
    for name in [name for name in reached.regions[aws] if name not in enabled]:
        reached.regions[aws].remove(name)
        reached.notes.append(f"region {name} is not enabled for account {aws.account}, and was left out there")


def _gap(access: Access, reason: str) -> Gap:
    account = access.account or access.profile or access.name
    return Gap(
        type=ANYTHING,
        account=account,
        region=GLOBAL,
        kind="denied",
        reason=reason,
        operation="sts:AssumeRole" if access.role_arn else None,
        permission="sts:AssumeRole" if access.role_arn else None,
    )


# --- the organization -------------------------------------------------------------------------------


async def _members(asked: Settings, reached: Reached) -> AsyncIterator[Item]:
    """The active accounts of the organization, or of its units that were named; the others are said.

    https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
    """
    place = reached.caller.at("global")
    try:
        found = [each async for each in _listed(place, asked.ous)]
    except (ClientError, BotoCoreError, OSError, TimeoutError) as error:
        raise Refused(
            f"the organization's accounts could not be listed: {explain(error)[1]}; "
            "ask as its management account or a delegated administrator, and allow organizations:ListAccounts"
        ) from error
    for each in found:
        state = each.get("State") or each.get("Status") or "ACTIVE"
        if state == "ACTIVE":
            yield each
        else:
            words = state.lower().replace("_", " ")
            reached.notes.append(f"account {each['Id']} ({each.get('Name', '')}) is {words}, and was not read")


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
    open, seen = list(units), set()
    while open:
        unit = open.pop(0)
        if unit in seen:
            continue
        seen.add(unit)
        yield unit
        async for page in place.pages("organizations", "list_organizational_units_for_parent", ParentId=unit):
            open += [each["Id"] for each in page["OrganizationalUnits"]]
