"""Both sides of an imported type: what the provider read and wrote into a state, and what our collector reads."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from scanner.aws.collect import collect
from scanner.aws.collector import Collector
from scanner.aws.operations import LISTED
from scanner.aws.pacing import Pacing
from scanner.aws.session import Access, Aws
from scanner.aws.wire import Wire
from scanner.collectors import collectors, schemas
from state import Declaration, Inventory, Resource
from state.drift import Comparison, Kind, drift
from state.terraform import statefile
from state.terraform.settle import settle
from tests.conftest import ACCOUNT
from tests.witness.imported.account import Account
from tests.witness.imported.made import REGION
from tests.witness.imported.words import ALWAYS, EXPLAINED, OF_TYPE

STATES = Path(__file__).parent / "states.jsonl.gz"

SOUGHT = [
    Resource(
        type="aws_s3_object",
        id="Key",
        account=ACCOUNT,
        region=REGION,
        attributes={"id": "Key", "bucket": "Name", "key": "Key"},
        declared=Declaration(address="aws_s3_object.it", source="it.tfstate"),
    ),
    Resource(
        type="aws_lambda_provisioned_concurrency_config",
        id="FunctionName,1",
        account=ACCOUNT,
        region=REGION,
        attributes={"id": "FunctionName,1", "function_name": "FunctionName", "qualifier": "1"},
        declared=Declaration(address="aws_lambda_provisioned_concurrency_config.it", source="it.tfstate"),
    ),
]
"""What is looked for only where it is declared."""

State = Mapping[str, Any]
"""What the provider read of one thing: its type, the version of its schema, its attributes; and whether it was bare."""


class Reader:
    """Reads types of a made-up account as a scan would."""

    def __init__(self, account: Account, wire: Wire, loop: asyncio.Runner, endpoint: str) -> None:
        self.account, self.wire, self.loop, self.endpoint = account, wire, loop, endpoint

    def read(self, type: str, bare: bool = False) -> Inventory:
        self.account.words, self.account.bare = words(type), bare
        return self.loop.run(self._read([each for each in collectors() if each.type in _with_parent(type)]))

    async def _read(self, wanted: list[Collector]) -> Inventory:
        async with Aws(Access(), wire=self.wire, allowed=LISTED) as aws:
            return await collect({aws: [REGION]}, wanted, declared=Inventory(SOUGHT), paid=True)


def words(type: str) -> Mapping[str, Any]:
    return ALWAYS | OF_TYPE.get(type, {})


def _with_parent(type: str) -> set[str]:
    parent = schemas()[type].parent
    return {type, parent.type} if parent else {type}


@contextmanager
def reading(setting: Callable[[str, str], None]) -> Iterator[Reader]:
    """Of an account whose address is made a ``setting`` of the environment."""
    with asyncio.Runner() as loop:
        opened, account = AsyncExitStack(), Account()
        endpoint = loop.run(opened.enter_async_context(account.listening()))
        setting("AWS_ENDPOINT_URL", endpoint)
        setting("AWS_MAX_ATTEMPTS", "1")
        wire = loop.run(opened.enter_async_context(Wire(pacing=Pacing(1000))))
        yield Reader(account, wire, loop, endpoint)
        loop.run(opened.aclose())


# --- what the provider read ---------------------------------------------------------------------------


def states() -> dict[str, State]:
    """By type, and whether it was bare."""
    if not STATES.exists():
        return {}
    rows = (msgspec.json.decode(line) for line in gzip.decompress(STATES.read_bytes()).splitlines())
    return {name(each): each for each in rows}


def name(state: State) -> str:
    return f"{state['type']} bare" if state.get("bare") else str(state["type"])


def keep(found: Mapping[str, State]) -> None:
    rows = b"".join(msgspec.json.encode(found[each]) + b"\n" for each in sorted(found))
    STATES.write_bytes(gzip.compress(rows, mtime=0))


def imported() -> frozenset[str]:
    """The types of which the real provider read a thing of a made-up account as we do."""
    return frozenset(each["type"] for each in states().values())


def declared(state: State) -> list[Resource]:
    """A recorded thing as a state's file declares it."""
    found = statefile.resources(statefile.parse(state_file(state), "it.tfstate"), "it.tfstate")
    return [each.replace(account=each.account or ACCOUNT) for each in found]


def state_file(state: State) -> bytes:
    thing = {
        "mode": "managed",
        "type": state["type"],
        "name": "it",
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [{"schema_version": state["version"], "attributes": state["attributes"]}],
    }
    file = {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "it", "outputs": {}}
    return msgspec.json.encode(file | {"resources": [thing]})


# --- compared -----------------------------------------------------------------------------------------


def compared(live: Inventory, state: State) -> Comparison:
    return drift(live, Inventory(settle(declared(state), schemas())), schemas())


def explained(state: State) -> Mapping[str, str]:
    """Where we and the provider part ways on purpose, and why."""
    return EXPLAINED.get(state["type"], {}) | EXPLAINED.get(name(state), {})


def apart(comparison: Comparison, type: str) -> dict[str, str]:
    """What differs of a type, by path; others of its kind were not imported, and are nobody's."""
    found: dict[str, str] = {}
    for each in comparison.drift:
        if each.resource.type == type and each.kind is not Kind.UNMANAGED:
            found |= {change.path: change.text for change in each.changes} or {each.kind.value: each.resource.id}
    return found | {f"unseen: {each.reason}": "" for each in comparison.gaps if each.type == type}
