"""``python -m tests.bench``: what a scan costs, each figure beside its goal."""

from __future__ import annotations

import argparse
import compileall
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from scanner.demo.company import READ
from scanner.settings import FASTEST
from tests.bench import beside, figures
from tests.bench.account import REGIONS
from tests.bench.apart import ROOT, Endpoint, endpoint, measured, run
from tests.bench.figures import Figure, bounds
from tests.bench.world import World
from tests.witness.terraform import lacking

DRIFTLINE = str(Path(sys.executable).with_name("driftline"))
SMALL = 300  # calls a round
SAMPLE = 1_000
"""Of so many calls of a scan it is measured what they take a bare client."""
USER_DATA = "ec2-instance-user-data-secrets"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks."""

    size: tuple[int, ...]
    latency: float
    regions: int
    large: int
    rounds: int
    accounts: int
    megabytes: int
    declared: int


def sizes(asked: Asked) -> Iterator[Figure]:
    """Scans of growing accounts."""
    costs: dict[int, tuple[float, float, float]] = {}
    for size in asked.size:
        world = World(size=size, regions=asked.regions, latency=asked.latency)
        with endpoint(world) as aws:
            said = measured("collect", aws, regions=REGIONS[: asked.regions])
            counts, pace = aws.counts(), measured("pace", aws)["pace"]
        with endpoint(msgspec.structs.replace(world, latency=0, limited=False)) as aws:
            bare = measured("bare", aws, regions=REGIONS[: asked.regions], most=SAMPLE)["ms"]
        least = bounds(counts, asked.latency, said["cpu"], pace)
        of, calls, bound = f"{size:,} resources", counts.total("calls"), max(least.values())
        costs[size] = said["wall"], said["rss"], bound
        by = max(least, key=lambda name: least[name])
        yield Figure(of, "calls", calls)
        yield Figure(of, "calls a resource", calls / size, "", 1.2)
        yield Figure(of, "asked twice", counts.total("duplicates"), "", 0)
        yield Figure(of, "EC2 calls not paged", counts.total("unpaged"), "", 0)
        yield Figure(of, "throttled", 100 * counts.total("throttled") / calls, "%", 1)
        yield Figure(of, "gaps", said["gaps"], "", 0)
        yield Figure(of, "operations unknown to the bench", len(counts.unknown), "", 0)
        yield Figure(of, "in flight at most", counts.peak)
        yield Figure(of, "wall", said["wall"], "s")
        yield Figure(of, f"lower bound (by {by})", bound, "s")
        yield Figure(of, "wall ÷ bound", said["wall"] / bound, "", 1.2 if size == 10_000 else None)
        yield Figure(of, "CPU", said["cpu"], "s")
        yield Figure(of, "CPU a call, all that is made of it included", 1000 * said["cpu"] / calls, "ms")
        yield Figure(of, "CPU of such a call by a bare client", bare, "ms")
        yield Figure(of, "CPU a call ÷ bare", 1000 * said["cpu"] / calls / bare)
        yield Figure(of, "peak memory", said["rss"], "MB")
    yield from _growth(costs)


def _growth(costs: dict[int, tuple[float, float, float]]) -> Iterator[Figure]:
    """Ten times the resources, at most ten times the cost: of the time, or as the bound itself grows."""
    for size in (each for each in costs if 10 * each in costs):
        (wall, rss, bound), (later, more, least) = costs[size], costs[10 * size]
        of = f"{size:,} to {10 * size:,}"
        yield Figure(of, "wall grows", later / wall, "×", max(10.0, least / bound))
        yield Figure(of, "memory grows", more / rss, "×", 10)


def call(asked: Asked) -> Iterator[Figure]:
    """Small calls, against a bare client's."""
    region = REGIONS[0]
    with endpoint(World(size=10_000, latency=0, limited=False)) as aws:
        held = [(kind, name) for _, kind, _, name in aws.resources()]
        buckets = [{"Bucket": name} for kind, name in held if kind == "aws_s3_bucket"][:SMALL]
        attributes = ("enableDnsSupport", "enableDnsHostnames", "enableNetworkAddressUsageMetrics")
        vpcs = [{"VpcId": name, "Attribute": each} for kind, name in held if kind == "aws_vpc" for each in attributes]
        for service, operation, arguments in (
            ("s3", "get_bucket_versioning", buckets),
            ("ec2", "describe_vpc_attribute", (vpcs * SMALL)[:SMALL]),
        ):
            yield from _compared(aws, service, operation, arguments, region, asked.rounds, 0.9)


def page(asked: Asked) -> Iterator[Figure]:
    """A large page, against a bare client's."""
    with endpoint(World(size=2_000, latency=0, limited=False)) as aws:
        arguments = [{"MaxResults": 500}] * 4
        rounds = max(3, asked.rounds // 2)
        yield from _compared(aws, "ec2", "describe_instances", arguments, REGIONS[0], rounds, 0.65)


def _compared(
    aws: Endpoint,
    service: str,
    operation: str,
    asked: list[dict[str, str]] | list[dict[str, int]],
    region: str,
    rounds: int,
    goal: float,
) -> Iterator[Figure]:
    said = measured("compare", aws, service=service, operation=operation, asked=asked, region=region, rounds=rounds)
    of = f"{service} {operation}"
    yield Figure(of, "CPU", said["ms"], "ms")
    yield Figure(of, "CPU of a bare client", said["bare_ms"], "ms")
    yield Figure(of, "CPU ÷ bare", said["ratio"], "", goal)
    yield Figure(of, "answers unlike the bare client's", 0 if said["same"] else 1, "", 0)


def clients(asked: Asked) -> Iterator[Figure]:
    """Clients for 60 services in 17 regions of ten accounts."""
    with endpoint(World(size=100, regions=len(REGIONS), accounts=asked.accounts, latency=0, limited=False)) as aws:
        accounts = aws.world.ids
        said = measured("clients", aws, regions=REGIONS, accounts=accounts, most=2_000)
    used = _in_use()
    of = f"clients, 60 × {len(REGIONS)} × {len(accounts)}"
    yield Figure(of, "not made for want of memory (2 GB)", said["of"] - said["made"], "", 0)
    yield Figure(of, "CPU", said["cpu"], "s", 2)
    yield Figure(of, "memory", said["rss"], "MB", 150)
    yield Figure("clients, 3 × 4 × 3, in use", "TLS contexts", used["contexts"], "", 1)


def _in_use() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        world = World(size=100, regions=4, accounts=3, limited=False, tls=Path(folder))
        with endpoint(world) as aws:
            return measured("contexts", aws, regions=REGIONS[:4], accounts=aws.world.ids)


def version(asked: Asked) -> Iterator[Figure]:
    """``driftline --version``, above Python itself."""
    ours, theirs = ([DRIFTLINE, "--version"], [sys.executable, "-c", "pass"])
    costs = [(run(ours).cpu, run(theirs).cpu) for _ in range(max(9, asked.rounds))]
    mine, bare = (statistics.median(each) for each in zip(*costs))
    yield Figure("driftline --version", "CPU above Python's own", 1000 * (mine - bare), "ms", 90)


def account(asked: Asked) -> Iterator[Figure]:
    """A whole scan of 700 resources in one region, by the command line.

    Once as AWS's rates leave most of it free: the services that the scanner began with, and not the user data, for
    which each instance is asked by itself. And once all of it.
    """
    with endpoint(World(size=700, latency=asked.latency)) as aws, tempfile.TemporaryDirectory() as folder:
        settings = Path(folder, "driftline.toml")
        settings.write_text(f"[[disabled]]\ncheck = {json.dumps(USER_DATA)}\nreason = 'a call for each instance'\n")
        less = ["--config", str(settings), "--no-parts", *(each for type in READ for each in ("--type", type))]
        yield from _account("700 resources", aws, less, asked, (4, 3, 150, 1.2))
        aws.reset()
        yield from _account("700 resources, all types and user data", aws, [], asked, (None, None, 150, None))


def _account(
    of: str, aws: Endpoint, options: list[str], asked: Asked, goals: Sequence[float | None]
) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        cost = run([DRIFTLINE, "scan", "--db", f"{folder}/history.sqlite", "--fail-on", "never", *options], aws)
    counts, pace = aws.counts(), measured("pace", aws)["pace"]
    bound = max(bounds(counts, asked.latency, cost.cpu, pace).values())
    wall, cpu, rss, calls = goals
    yield Figure(of, "exit code (3: gaps)", cost.status, "", 0 if options else None)
    yield Figure(of, "wall", cost.wall, "s", wall)
    yield Figure(of, "lower bound", bound, "s")
    yield Figure(of, "CPU", cost.cpu, "s", cpu)
    yield Figure(of, "peak memory", cost.rss, "MB", rss)
    yield Figure(of, "calls a resource", counts.total("calls") / 700, "", calls)


def whole(asked: Asked) -> Iterator[Figure]:
    """100,000 resources collected, compared with a state, checked and stored, by the command line; rates aside."""
    world = World(size=asked.large, regions=asked.regions, latency=0.001, limited=False)
    with endpoint(world) as aws, tempfile.TemporaryDirectory() as folder:
        state = f"{folder}/terraform.tfstate"
        said = measured("declare", aws, regions=REGIONS[: asked.regions], path=state)
        database = f"{folder}/history.sqlite"
        asked_of = ["--from", state, "--db", database, "--fail-on", "never", "--pace", f"{FASTEST:g}"]
        cost = run([DRIFTLINE, "scan", *asked_of], aws)
    of = f"{asked.large:,} resources, whole scan"
    yield Figure(of, "declared", said["declared"])
    yield Figure(of, "state", said["megabytes"], "MB")
    yield Figure(of, "exit code (3: gaps)", cost.status, "", 0)
    yield Figure(of, "wall, rates aside", cost.wall, "s")
    yield Figure(of, "CPU", cost.cpu, "s")
    yield Figure(of, "peak memory", cost.rss, "MB", 400)


def compare(asked: Asked) -> Iterator[Figure]:
    """Declared and live things of all types, as the comparison holds them, against a plain compare of their dicts."""
    said = measured("pairs", None, size=asked.large, rounds=max(3, asked.rounds // 3))
    of = f"{asked.large:,} pairs compared"
    yield Figure(of, "pairs not found", asked.large - said["pairs"], "", 0)
    yield Figure(of, "with drift", said["drift"])
    yield Figure(of, "attributes compared a pair", said["compared"] / asked.large)
    yield Figure(of, "CPU a pair", 1e6 * said["cpu"] / asked.large, "µs")
    yield Figure(of, "CPU of a plain compare", 1e6 * said["plain"] / asked.large, "µs")
    yield Figure(of, "CPU ÷ plain", said["ratio"], "", 1.5)


def state(asked: Asked) -> Iterator[Figure]:
    """A large state: its CPU against json.load's of the same file, its memory against a bare interpreter's."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/terraform.tfstate"
        written = measured("write_state", None, path=path, megabytes=asked.megabytes)["resources"]
        bare, plain = measured("nothing", None), measured("parse", None, path=path)
        read, settled = (measured("read", None, path=path, settled=each) for each in (False, True))
    of = f"a state of {asked.megabytes:,} MB"
    yield Figure(of, "resources", written)
    yield Figure(of, "resources not read", written - read["resources"], "", 0)
    yield Figure(of, "CPU of json.load", plain["cpu"], "s")
    yield Figure(of, "memory of json.load, above bare Python", plain["rss"] - bare["rss"], "MB")
    yield Figure(of, "imports, above bare Python", read["imported"] - bare["rss"], "MB")
    for how, said, goal in (("read", read, 60), ("read and settled", settled, 300)):
        yield Figure(of, f"{how}: CPU ÷ json.load", said["cpu"] / plain["cpu"])
        yield Figure(of, f"{how}: memory above bare Python", said["rss"] - bare["rss"], "MB", goal)


def checks(asked: Asked) -> Iterator[Figure]:
    """All checks over as many things as asked, and over a tenth of them."""
    sizes = asked.large // 10, asked.large
    spent = [measured("judge", None, size=size)["spent"] for size in sizes]
    each = [1e6 * sum(cpu for _, cpu in said.values()) / sum(n for n, _ in said.values()) for said in spent]
    for size, said, micros in zip(sizes, spent, each, strict=True):
        yield Figure(f"{len(said)} checks, {size:,} resources", "verdicts", sum(n for n, _ in said.values()))
        yield Figure(f"{len(said)} checks, {size:,} resources", "CPU a verdict", micros, "µs")
    of = f"checks, {sizes[0]:,} to {sizes[1]:,}"
    yield Figure(of, "CPU a verdict grows", each[1] / each[0], "×", 1.2)
    steeper = list(figures.steeper(*spent))
    yield Figure(of, "checks that grow faster than what they judge", len(steeper), "", 0)
    for name, growth in steeper:
        yield Figure(of, f"{name}: CPU a verdict grows", growth, "×", figures.STEEP)


def terraform(asked: Asked) -> Iterator[Figure]:
    """`driftline drift` against `terraform plan -refresh-only`, as whole processes on one account of moto's."""
    if lack := lacking():
        print(f"terraform: not measured: {lack}", file=sys.stderr)
        return
    with beside.account(asked.declared, asked.latency) as place:
        scans = [beside.scanning(DRIFTLINE, asked.declared, types) for types in ((), beside.compared(place.state))]
        theirs, whole, alike = beside.by_turns(place, beside.refreshing(), *scans)
    of = f"{asked.declared:,} resources of a state"
    yield from _costs(of, "terraform", theirs)
    for who, ours in (("driftline, all types", whole), ("driftline, the same types", alike)):
        yield from _costs(of, who, ours)
        yield Figure(of, f"{who}: wall ÷ terraform's", ours.cost.wall / theirs.cost.wall, "", 0.1)
        yield Figure(of, f"{who}: memory ÷ terraform's", ours.cost.rss / theirs.cost.rss, "", 0.2)


def _costs(of: str, who: str, run: beside.Run) -> Iterator[Figure]:
    yield Figure(of, f"{who}: calls", run.calls)
    yield Figure(of, f"{who}: answers that were not recorded", len(run.unrecorded), "", 0)
    yield Figure(of, f"{who}: wall", run.cost.wall, "s")
    yield Figure(of, f"{who}: CPU", run.cost.cpu, "s")
    yield Figure(of, f"{who}: peak memory", run.cost.rss, "MB")


MEASURES: dict[str, Callable[[Asked], Iterator[Figure]]] = {
    each.__name__: each
    for each in (version, call, page, clients, account, sizes, whole, compare, state, checks, terraform)
}


def options(arguments: Iterable[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--size", default="1000,10000,100000", help="resources of the accounts to scan")
    parser.add_argument("--latency", type=float, default=0.04, help="seconds until AWS answers")
    parser.add_argument("--regions", type=int, default=4, help="how many regions the resources lie in")
    parser.add_argument("--accounts", type=int, default=10, help="how many accounts to make clients for")
    parser.add_argument("--large", type=int, default=100_000, help="how many to scan whole, compare and check")
    parser.add_argument("--rounds", type=int, default=9, help="how often to repeat what is compared by turns")
    parser.add_argument("--megabytes", type=int, default=200, help="how large the state is")
    parser.add_argument("--declared", type=int, default=500, help="resources that terraform makes")
    parser.add_argument("--only", action="append", choices=MEASURES, help="one measure; may be repeated")
    parser.add_argument("--json", action="store_true", help="one JSON object in place of the table")
    return parser.parse_args(arguments)


def main(arguments: Iterable[str] | None = None) -> None:
    said = vars(options(arguments))
    only, as_json = said.pop("only") or list(MEASURES), said.pop("json")
    asked = Asked(**said | {"size": tuple(int(each) for each in said["size"].split(","))})
    for each in ("scanner", "checks", "state"):
        compileall.compile_dir(ROOT / each, quiet=1)
    found: list[Figure] = []
    for name in only:
        print(f"measuring: {name}", file=sys.stderr)
        found.extend(MEASURES[name](asked))
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores: trust ratios, not seconds", file=sys.stderr)
    if as_json:
        print(json.dumps([{**msgspec.to_builtins(each), "reached": each.reached} for each in found], indent=1))
    else:
        print(figures.table(found))


if __name__ == "__main__":
    main()
