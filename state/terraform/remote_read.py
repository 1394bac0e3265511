"""One way to read a state wherever it is kept: what an address stands for, what is there, and whether it has moved."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import msgspec

from state.terraform import files
from state.terraform.errors import Forbidden, NotFound, Unreadable
from state.terraform.files import is_pattern
from state.terraform.incoming import Rooms
from state.terraform.remote import LOCK, S3, Address, Blob, Https, ObjectStore, Tfc
from state.terraform.remote_hcp import Hcp
from state.terraform.remote_http import Web

Where = Path | Address


class Several(msgspec.Struct, kw_only=True):
    """What a pattern stands for. ``locked`` are those among them that somebody is at work on."""

    found: list[Where]
    locked: set[Where] = msgspec.field(default_factory=set)
    notes: list[str] = []


def named(where: Where) -> str:
    """A state as it is told and stored."""
    return str(where) if isinstance(where, Path) else where.shown


def is_one(at: Address) -> bool:
    """Whether an address is that of one state."""
    if isinstance(at, S3):
        return bool(at.key) and not at.key.endswith("/") and not is_pattern(at.key) and not is_pattern(at.workspace)
    return isinstance(at, Https) or not (at.tags or at.project or is_pattern(at.workspace) or "[" in at.workspace)


class Reader:
    """Reads states. What it cannot read raises NotFound, Forbidden, NotState or Unreadable."""

    def __init__(self, objects: ObjectStore | None, web: Web) -> None:
        self._objects, self.web = objects, web
        self.hcp = Hcp(web)

    def objects(self, at: S3) -> ObjectStore:
        if self._objects is None:
            raise Forbidden(
                at.shown, "S3 is read with AWS credentials, and there are none; set AWS_PROFILE or use --profile"
            )
        return self._objects

    async def read(self, where: Where, rooms: Rooms) -> Blob:
        if isinstance(where, Path):
            return await files.read(where, rooms)
        if isinstance(where, S3):
            blob = await self.objects(where).read(where.bucket, where.key, where.how, rooms)
            return Blob(blob.data, "") if where.how.version else blob
        if isinstance(where, Https):
            return await self.web.read(where, rooms)
        return await self.hcp.read(where, rooms)

    async def version(self, where: Where) -> str | None:
        """What would be read now, without reading it; None where it is not to be had any more."""
        try:
            if isinstance(where, Path):
                return await asyncio.to_thread(files.version, where)
            if isinstance(where, S3):
                return await self.objects(where).version(where.bucket, where.key, where.how)
            return await (self.web.version(where) if isinstance(where, Https) else self.hcp.version(where))
        except Unreadable:
            return None

    async def is_locked(self, where: Where) -> bool:
        """Whether somebody is at work on a state. Raises Unreadable where that cannot be seen."""
        if isinstance(where, Path):
            return await asyncio.to_thread(files.is_locked, where)
        if isinstance(where, S3):
            if where.how.version:
                return False
            lock = f"{where.key}{LOCK}"
            return lock in await self.objects(where).list(where.bucket, lock, where.how)
        return isinstance(where, Tfc) and (await self.hcp.workspace(where)).locked

    async def those_of(self, at: Address) -> Several:
        """The states that an address with a pattern stands for."""
        if isinstance(at, Tfc):
            return await self._workspaces(at)
        if isinstance(at, S3):
            return await (self._in_workspaces(at) if at.workspace else self._in_bucket(at))
        return Several(found=[at])

    async def _workspaces(self, at: Tfc) -> Several:
        every = await self.hcp.workspaces(at)
        kept = [each for each in every if not each.empty]
        empty = [each.at.workspace for each in every if each.empty]
        if not every:
            raise NotFound(at.shown, "no workspace fits; check the names, and which the token may read")
        notes = [f"{at.shown}: nothing was applied yet in {', '.join(empty)}"] if empty else []
        return Several(found=[each.at for each in kept], locked={each.at for each in kept if each.locked}, notes=notes)

    async def _in_bucket(self, at: S3) -> Several:
        pattern = at.key if is_pattern(at.key) else f"{at.key}**"
        keys = await self.objects(at).list(at.bucket, _before_sign(pattern), at.how)
        return _several(at, [each for each in keys if files.is_chosen(each, pattern)], keys)

    async def _in_workspaces(self, at: S3) -> Several:
        """Workspaces are kept under ``env:/NAME/`` before the key, the default one under the key itself."""
        folder = f"{at.workspaces}{_before_sign(at.workspace)}"
        store = self.objects(at)
        keys = await store.list(at.bucket, folder, at.how) + await store.list(at.bucket, at.key, at.how)
        return _several(at, [each for each in keys if at.is_of(each)], keys)


def _several(at: S3, chosen: list[str], keys: list[str]) -> Several:
    locked = {at.at(key) for key in chosen if f"{key}{LOCK}" in keys}
    return Several(found=[at.at(key) for key in sorted(set(chosen))], locked={*locked})


def _before_sign(pattern: str) -> str:
    return re.split(r"[*?]", pattern, maxsplit=1)[0]
