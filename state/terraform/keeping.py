"""The states that are kept in S3: in which bucket, whether Terraform locks them, and where they hold secrets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from state.terraform.discovery import Backing, completed
from state.terraform.errors import Unreadable
from state.terraform.remote import S3

LOCKS = ("use_lockfile", "dynamodb_table")


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """One state in a bucket. ``locked`` is None where no code was read that says it, ``said_in`` is where it does.
    ``table`` is the one of DynamoDB that alone tells of its locks.

    ``secrets`` say by path what kind of secret stands there, never the secret; None where the state was not read.
    """

    source: str
    bucket: str
    locked: bool | None = None
    said_in: str = ""
    table: str = ""
    secrets: Mapping[str, str] | None = None


def kept(read: Iterable[tuple[S3, Mapping[str, str]]], backings: Iterable[Backing]) -> list[Kept]:
    """Every state in S3 that was read, with the secrets in it, or that code names."""
    named: dict[S3, Kept] = {}
    for at, each in (pair for backing in backings for pair in _named(backing)):
        named[at] = min(named.get(at, each), each, key=_how_sure)
    found: list[Kept] = []
    told: set[S3] = set()
    for at, secrets in read:
        naming = {each: of for each, of in named.items() if each.bucket == at.bucket and each.is_of(at.key)}
        told.update(naming)
        of = min(naming.values(), key=_how_sure, default=Kept(source="", bucket=at.bucket))
        found.append(msgspec.structs.replace(of, source=at.shown, secrets=secrets))
    return [*found, *(of for at, of in named.items() if at not in told)]


def unseen_locks(states: Iterable[Kept]) -> list[str]:
    """A line on each table in which nobody looked for the locks of states that were read.

    A lock is an item there, and to ask for an item is to ask for what somebody stores.
    """
    lines = (
        f"{each.said_in}: locks are kept in the DynamoDB table {each.table}, where nobody looked: "
        "whether Terraform is at work is not known"
        for each in states
        if each.table and each.secrets is not None
    )
    return list(dict.fromkeys(lines))


def _how_sure(each: Kept) -> int:
    """Of several that name one state, one that does not lock it is enough."""
    return (False, None, True).index(each.locked)


def _named(backing: Backing) -> Iterator[tuple[S3, Kept]]:
    """The state that a backend names, in whichever workspace; none where it is not said which."""
    if backing.type != "s3" or backing.problem:
        return
    try:
        said = completed(backing)
    except Unreadable:  # told as a gap where backends are followed; whose the bucket is, nobody can say
        return
    at = S3(
        bucket=said.settings["bucket"],
        key=said.settings["key"].lstrip("/"),
        workspace="*",
        workspace_key_prefix=said.settings.get("workspace_key_prefix", "env:"),
    )
    table = "" if said.settings.get("use_lockfile") == "true" else said.settings.get("dynamodb_table", "")
    yield at, Kept(source=at.shown, bucket=at.bucket, locked=_locks(said), said_in=said.said_in, table=table)


def _locks(of: Backing) -> bool | None:
    """Whether a backend locks its states; None where it sets that to what only a run tells."""
    if of.settings.get("dynamodb_table") or of.settings.get("use_lockfile") == "true":
        return True
    return None if {*LOCKS} & {*of.hidden} else False
