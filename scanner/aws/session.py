"""One AWS account as a scan reaches it: who is asking, in which regions, and the places that calls are made from."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Self

import msgspec
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

from scanner.aws import credentials
from scanner.aws.allowed import ALLOWED
from scanner.aws.credentials import Keys
from scanner.aws.errors import INVALID, SKEWED, Refused, code, explain, skew
from scanner.aws.place import Item, Place
from scanner.aws.turns import ended
from scanner.aws.wire import HOME_REGION, Session, Wire, of_role
from scanner.near import meant
from scanner.version import VERSION

__all__ = ["HOME_REGION", "Access", "Aws"]

NOT_IN_A_NAME = re.compile(r"[^\w+=,.@-]", re.ASCII)


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach one account: profile, role and what the role asks for. All optional.

    ``region`` says which partition: China's and GovCloud's accounts are asked at home first.
    ``account`` is the one expected; any other is refused. ``name`` is what people call it.
    """

    profile: str | None = None
    role_arn: str | None = None
    external_id: str | None = None
    session_name: str | None = None
    account: str | None = None
    region: str | None = None
    name: str = ""


class Aws:
    """One AWS account. Read-only: refuses every operation that is not listed.

    Use as an async context manager. ``account``, ``partition``, ``caller`` (the ARN) and ``home`` (the
    region that the settings name) are known once entered; Refused is raised where it cannot be. Accounts
    of one scan share a ``wire``; without one it has its own. ``ahead`` are services whose clients are made while
    AWS is asked who is calling.
    """

    def __init__(
        self,
        access: Access,
        *,
        scan_id: str = "",
        wire: Wire | None = None,
        allowed: frozenset[str] = ALLOWED,
        ahead: Sequence[str] = (),
    ) -> None:
        self.access, self.ahead = access, ahead
        self.allowed = allowed
        self.account = self.partition = self.caller = self.home = ""
        self.wire = wire or Wire(scan_id=scan_id, known=allowed)
        self._listed: list[str] | None = None
        self._stack = AsyncExitStack()
        if wire is None:
            self._stack.push_async_exit(self.wire)
        self.session: Session
        self.keys: Keys

    async def __aenter__(self) -> Self:
        try:
            self.session = self.wire.session(self.access.profile)
            await self._who_am_i()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    @property
    def calls(self) -> int:
        """The requests sent, to this account and all others on its wire."""
        return self.wire.calls

    def at(self, region: str) -> Place:
        """The account in one region; ``global`` is where the partition's global services answer."""
        return Place(self, HOME_REGION.get(self.partition, "us-east-1") if region == "global" else region)

    # --- who ----------------------------------------------------------------------------------

    async def _who_am_i(self) -> None:
        identity = await self._identity()
        self.account, self.caller = identity["Account"], identity["Arn"]
        self.partition = self.caller.split(":")[1]
        if self.access.account and self.access.account != self.account:
            raise Refused(
                f"the credentials are for account {self.account}, not {self.access.account}; "
                "use the profile or the role of that account"
            )

    async def _identity(self) -> Item:
        self.home = self._first_region()
        opening = asyncio.ensure_future(self.wire.open(self.session, self.home, self.ahead))
        self._stack.push_async_callback(ended, [opening])
        try:
            self.keys = await self.session.keys(self.home).ready()
            if self.access.role_arn:
                self.keys = await self._role(self.access.role_arn).ready()
            return await self.at(self.home).call("sts", "get_caller_identity")
        except (NoCredentialsError, PartialCredentialsError) as error:
            raise Refused("no AWS credentials found; set AWS_PROFILE, use --profile, or run `aws sso login`") from error
        except ClientError as error:
            raise Refused(self._refusal(error)) from error
        except (BotoCoreError, OSError, TimeoutError) as error:
            said = credentials.unavailable(error, self.session.login)
            raise Refused(said or f"AWS could not be asked who is calling: {explain(error)[1]}") from error

    def _role(self, role_arn: str) -> Keys:
        """The credentials of a role, assumed with those of the caller."""
        source = Place(self, self.home, self.keys)
        request = {"RoleArn": role_arn, "RoleSessionName": self._session_name()}
        if self.access.external_id:
            request["ExternalId"] = self.access.external_id
        return of_role(lambda: source.call("sts", "assume_role", **request))

    def _session_name(self) -> str:
        """What CloudTrail shows of us: ``driftline-<version>-<scan>``, after as much as fits of the name asked for.

        https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
        """
        name = f"driftline-{VERSION}-{self.wire.scan_id or 'scan'}"[:64]
        asked = (self.access.session_name or "")[: max(63 - len(name), 0)]
        return NOT_IN_A_NAME.sub("-", f"{asked}-{name}" if asked else name)

    def _refusal(self, error: ClientError) -> str:
        kind, reason = explain(error)
        if code(error) in SKEWED and (wrong := skew(error)):
            return f"AWS refused the request's time: {wrong}; set the clock, and repeat the scan"
        if kind == "expired":
            return "the AWS credentials have expired; log in again (`aws sso login`) and repeat the scan"
        if error.operation_name == "AssumeRole":
            if self.access.role_arn is None:
                return f"the profile's role could not be assumed: {reason}; check its trust policy and the MFA code"
            return f"role {self.access.role_arn} could not be assumed: {reason}; check its trust policy and external id"
        if code(error) in INVALID:
            return f"{self.home} knows no such credentials ({code(error)}); for China or GovCloud name a --region of it"
        return f"AWS refused the credentials: {reason}"

    def _first_region(self) -> str:
        """The region of the settings, unless what is to be read lies in another partition."""
        settings = self.session.region
        role = (self.access.role_arn or "").split(":")
        partition = role[1] if len(role) > 1 else self.session.partition(self.access.region or settings)
        if settings and self.session.partition(settings) == partition:
            return settings
        return HOME_REGION.get(partition, self.access.region or settings)

    # --- where --------------------------------------------------------------------------------

    async def regions(self, wanted: Sequence[str], excluded: Sequence[str] = ()) -> list[str]:
        """The regions to read: those named, or all that are enabled for the account.

        Raises Refused for a name that is no region of the partition, or one not enabled here; and
        where the account's regions may not be listed and none is named.
        """
        enabled = await self.enabled_regions(or_else=(*wanted, *excluded) if wanted else ())
        for name in (*wanted, *excluded):
            if name not in enabled:
                raise Refused(await self._no_such_region(name, enabled))
        return [name for name in dict.fromkeys(wanted or enabled) if name not in excluded]

    async def enabled_regions(self, or_else: Sequence[str] = ()) -> list[str]:
        """The regions that are enabled for the account; those of ``or_else`` that exist where it may not list them.

        Raises Refused where it may not, and none is named.
        """
        try:
            found = await self.listed_regions()
            why = "" if found else "AWS named none"
        except (ClientError, BotoCoreError, OSError, TimeoutError) as error:
            found, why = [], explain(error)[1]
        if not why:
            return sorted(found)
        if or_else:
            return [name for name in await self.session.regions(self.partition) if name in or_else]
        raise Refused(
            f"the account's regions could not be listed: {why}; allow ec2:DescribeRegions, or name them with --region"
        )

    async def listed_regions(self) -> list[str]:
        """The regions that AWS says are enabled in the partition, asked for once; raises what botocore raises."""
        if self._listed is None:
            answer = await self.at("global").call("ec2", "describe_regions", AllRegions=False)
            named = (each["RegionName"] for each in answer.get("Regions") or ())
            self._listed = [name for name in named if self.session.partition(name) == self.partition]
        return self._listed

    async def _no_such_region(self, name: str, enabled: list[str]) -> str:
        if name in await self.session.regions(self.partition):
            return f"region {name} is not enabled for account {self.account}; enable it, or leave it out"
        near = meant(name, enabled, f"enabled here: {', '.join(enabled)}")
        return f"there is no region {name!r} in partition {self.partition}{near}"
