"""One measurement, in a process of its own so that its memory and its time are nobody else's.

``python -m tests.bench.child NAME ARGUMENTS`` prints one JSON object; the arguments are one too.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import ssl
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

Figures = dict[str, Any]
Call = Callable[..., Awaitable[Any]]
Measurement = Callable[..., Coroutine[Any, Any, dict[str, Any]]]

USUAL = gc.get_threshold()


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def memory(which: str = "VmHWM") -> float:
    """Megabytes of this process: ``VmRSS`` now, ``VmHWM`` at most. Where there is no /proc, at most."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith(which)) / 1024


# --- scans ----------------------------------------------------------------------------------------


async def collect(regions: Sequence[str]) -> Figures:
    from tests.bench import scanning

    before, began = cpu(), time.monotonic()
    scan = await scanning.collected(regions)
    wall, used = time.monotonic() - began, cpu() - before
    return {
        "wall": wall,
        "cpu": used,
        "rss": memory(),
        "seen": len(scan.live.resources),
        "gaps": len(scan.gaps),
        "reasons": sorted({f"{gap.type}: {gap.reason}" for gap in scan.gaps})[:5],
    }


async def bare(regions: Sequence[str], most: int) -> Figures:
    """CPU of a call through default aiobotocore clients, of so many at most of those that a scan makes."""
    from aiobotocore.config import AioConfig
    from aiobotocore.session import get_session
    from botocore.exceptions import ClientError

    from tests.bench import scanning

    # s3control has the account stand before the host, which no number of a loopback can.
    every = [each for each in await scanning.called(regions) if each.service != "s3control"]
    some = every[:: -(-len(every) // most)]
    session, turnstile = get_session(), asyncio.Semaphore(12)
    async with AsyncExitStack() as stack:
        clients = {
            at: await stack.enter_async_context(
                session.create_client(at[1], region_name=at[0], config=AioConfig(max_pool_connections=64))
            )
            for at in {each[:2] for each in some}
        }

        async def one(call: scanning.Called) -> None:
            async with turnstile:
                with suppress(ClientError):  # of a bucket without a policy S3 says so by an error
                    await getattr(clients[call[:2]], call.operation)(**call.arguments)

        await asyncio.gather(*map(one, some[: len(some) // 4]))
        gc.collect()
        began = cpu()
        await asyncio.gather(*map(one, some))
        return {"ms": 1000 * (cpu() - began) / len(some)}


async def declare(regions: Sequence[str], path: str) -> Figures:
    """A state that declares nine of ten live resources, every twentieth of them not quite as it is."""
    from tests.bench import scanning

    scan = await scanning.collected(regions, pace=scanning.FASTEST)
    blocks = [
        {
            "mode": "managed",
            "type": each.type,
            "name": f"r{n}",
            "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
            "instances": [{"attributes": _declared(n, each)}],
        }
        for n, each in enumerate(scan.live.resources)
        if each.type.startswith("aws_") and n % 10
    ]
    return {"declared": len(blocks), "megabytes": _write(Path(path), blocks)}


def _write(path: Path, blocks: list[Figures]) -> float:
    """Laid out as Terraform does."""
    import msgspec

    from tests.bench.pairs import HEAD

    path.write_bytes(msgspec.json.format(json.dumps({**HEAD, "resources": blocks}, default=str).encode(), indent=2))
    return path.stat().st_size / 2**20


def _declared(n: int, live: Any) -> dict[str, Any]:
    attributes = {"id": live.id, **live.attributes}
    if live.arn:
        attributes["arn"] = live.arn
    if live.region != "global":
        attributes["region"] = live.region
    if n % 20 == 1 and live.tags:
        attributes["tags"] = dict(live.tags) | {"environment": "elsewhere"}
    return attributes


# --- calls ----------------------------------------------------------------------------------------


async def compare(service: str, operation: str, asked: Sequence[Figures], region: str, rounds: int) -> Figures:
    """CPU of one call through the scanner's handle and through a bare client's, by turns, on the same answers."""
    from aiobotocore.config import AioConfig
    from aiobotocore.session import get_session

    from tests.bench import scanning

    bare = get_session().create_client(service, region_name=region, config=AioConfig(max_pool_connections=64))
    async with scanning.place(region) as place, bare as client:

        async def ours(**arguments: Any) -> Any:
            return await place.call(service, operation, **arguments)

        theirs: Call = getattr(client, operation)
        same = await _same(ours, theirs, asked[0])
        for call in (ours, theirs):
            await _each(call, asked)
        gc.collect()
        times = [(await _each(ours, asked), await _bare(theirs, asked)) for _ in range(rounds)]
    mine, bare_time = (statistics.median(each) / len(asked) for each in zip(*times))
    ratio = statistics.median(a / b for a, b in times)
    return {"ratio": ratio, "ms": mine * 1000, "bare_ms": bare_time * 1000, "same": same}


async def _same(ours: Call, theirs: Call, asked: Figures) -> bool:
    answers = [{**(await call(**asked)), "ResponseMetadata": None} for call in (ours, theirs)]
    return answers[0] == answers[1]


async def _bare(call: Call, asked: Sequence[Figures]) -> float:
    """As long as it takes where nobody has told Python to look for garbage less often, as the scanner does."""
    seldom = gc.get_threshold()
    gc.set_threshold(*USUAL)
    try:
        return await _each(call, asked)
    finally:
        gc.set_threshold(*seldom)


async def _each(call: Call, asked: Sequence[Figures]) -> float:
    """CPU seconds of all calls, twelve in flight."""
    turnstile = asyncio.Semaphore(12)

    async def one(arguments: Figures) -> None:
        async with turnstile:
            await call(**arguments)

    before = time.process_time()
    await asyncio.gather(*map(one, asked))
    return time.process_time() - before


# --- clients --------------------------------------------------------------------------------------


async def clients(regions: Sequence[str], accounts: Sequence[str], most: float) -> Figures:
    """Stops where it takes more than ``most`` megabytes, and says how far it came."""
    from tests.bench import scanning
    from tests.bench.sixty import SERVICES

    before, was, made, began = cpu(), memory("VmRSS"), 0, time.monotonic()
    async for _ in scanning.clients(SERVICES, regions, accounts):
        made += 1
        if made % 50 == 0 and memory("VmRSS") > most:
            break
    used, wall = cpu() - before, time.monotonic() - began
    rss = memory("VmRSS") - was
    wanted = len(SERVICES) * len(regions) * len(accounts)
    return {"made": made, "of": wanted, "cpu": used, "wall": wall, "rss": rss}


async def contexts(regions: Sequence[str], accounts: Sequence[str]) -> Figures:
    """TLS contexts of a call by each of three clients in each place; a client makes none before its first call."""
    from tests.bench import scanning

    of_others = _contexts()
    asked = [("ec2", "describe_addresses"), ("dynamodb", "list_tables"), ("lambda", "list_functions")]
    made = [_contexts() async for _ in scanning.answers(asked, regions, accounts)]
    return {"contexts": made[-1] - of_others}


def _contexts() -> int:
    """The TLS contexts in memory, frozen or not; aiohttp makes two when it is imported."""
    gc.unfreeze()
    return sum(isinstance(each, ssl.SSLContext) for each in gc.get_objects())


async def pace() -> Figures:
    """The share of AWS's rates that a scan takes."""
    from tests.bench import scanning

    return {"pace": scanning.pace()}


# --- without AWS ----------------------------------------------------------------------------------


async def pairs(size: int, rounds: int) -> Figures:
    """CPU of the comparison and of a plain one of the same attributes, by turns; cycles are looked for as in a scan."""
    from scanner.collectors import schemas
    from state.drift import drift
    from tests.bench.pairs import differences, inventories, plainly

    live, declared = inventories(size, schemas())
    plain = plainly(live, declared)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 5)
    times = []
    for _ in range(rounds):
        began = cpu()
        found = drift(live, declared, schemas())
        between = cpu()
        for said, seen in plain:
            differences(said, seen)
        times.append((between - began, cpu() - between))
    ours, theirs = (statistics.median(each) for each in zip(*times))
    ratio = statistics.median(a / b for a, b in times)
    told = {"pairs": len(found.pairs), "drift": len(found.drift), "compared": found.compared}
    return {"cpu": ours, "plain": theirs, "ratio": ratio, **told}


async def write_state(path: str, megabytes: float) -> Figures:
    from scanner.collectors import schemas
    from tests.bench.pairs import write_state

    return {"resources": write_state(Path(path), int(megabytes * 2**20), schemas())}


async def nothing() -> Figures:
    """A bare interpreter, with what any of these measurements imports."""
    return {"rss": memory()}


async def parse(path: str) -> Figures:
    """A state as Python's own parser reads it."""
    began = cpu()
    found = _load(path)
    return {"cpu": cpu() - began, "rss": memory(), "resources": len(found["resources"])}


def _load(path: str) -> Any:
    with Path(path).open() as text:
        return json.load(text)


async def read(path: str, settled: bool) -> Figures:
    """A state as the scanner reads it: as it stands there, or settled, as it is compared."""
    from scanner.collectors import schemas
    from state.terraform import sources

    known, imported = schemas(), memory()
    began = cpu()
    found = (await sources.load([path], known)).inventory if settled else await sources.written([path], known)
    return {"cpu": cpu() - began, "rss": memory(), "imported": imported, "resources": len(found.resources)}


async def judge(size: int) -> Figures:
    """CPU of each check over as many resources, and how many verdicts it gave."""
    from checks import REGISTRY, Terms
    from scanner.collectors import schemas
    from tests.bench.pairs import inventories

    live, _ = inventories(size, schemas())
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 5)
    spent: dict[str, tuple[int, float]] = {}
    for name, check in REGISTRY.items():
        began = cpu()
        spent[name] = sum(1 for _ in check.run(live, Terms())), cpu() - began
    return {"spent": spent, "rss": memory()}


MEASUREMENTS: dict[str, Measurement] = {
    each.__name__: each
    for each in (
        collect,
        bare,
        declare,
        compare,
        clients,
        contexts,
        pace,
        pairs,
        write_state,
        nothing,
        parse,
        read,
        judge,
    )
}


def main(arguments: Iterable[str]) -> None:
    name, given = arguments
    print(json.dumps(asyncio.run(MEASUREMENTS[name](**json.loads(given)))))


if __name__ == "__main__":
    main(sys.argv[1:])
