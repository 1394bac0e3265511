"""The real Terraform beside the scanner: one account of moto's, two programs that look whether it has drifted.

Each runs once while moto's answers are recorded, and then on the recording: moto answers one call at a time, and to
wait for it would be all that either does. moto has no rates, and the real Terraform keeps to none. The scanner would
keep to half of AWS's all the same, and is told to keep to the most that it can be told.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from scanner.collectors import collectors
from scanner.settings import FASTEST
from tests.bench.account import counts
from tests.bench.apart import ROOT, Cost, answering, ask
from tests.witness.terraform import Terraform

REGION = "eu-west-1"
STATE = "terraform.tfstate"
MIXED = Path(__file__).with_name("mix.tf")
CODE = ROOT / "tests/witness/data/worker.zip"
AT_ONCE = 100
"""How many resources Terraform makes at once: it waits half a minute for each database."""
ACCEPTED = "aws_iam_policy.*.policy_id"
"""As a .driftignore: moto tells a policy's id where Terraform asks, and not in the listing that the scanner reads."""
ROUNDS = 3
LOOK = 0.02
"""Seconds between two looks at how much memory a program takes."""


class Counts(msgspec.Struct):
    """What the recording says: how many calls there were, and which of them moto answered."""

    calls: int = 0
    unrecorded: list[str] = []


class Place(NamedTuple):
    """A folder with an applied configuration, and where its account is."""

    folder: Path
    url: str
    terraform: Terraform

    @property
    def state(self) -> Path:
        return self.folder / STATE


def declared(resources: int) -> dict[str, int]:
    """How many of each kind there are: as in the bench's own account, all in one region."""
    return counts(resources, regions=1)


def compared(state: Path) -> list[str]:
    """The types of a state, and of the parts that it holds copies of in their whole: Terraform looks at these too."""
    resources = msgspec.json.decode(state.read_bytes())["resources"]
    told = {(each["type"], name) for each in resources for name in each["instances"][0]["attributes"]}
    parts = ((each.type, each.parent) for each in collectors() if each.parent)
    copied = {type for type, whole in parts if (whole.type, whole.part.partition("[")[0]) in told}
    return sorted(copied.union(each["type"] for each in resources))


class Program(NamedTuple):
    """A command, and whether it has seen all there is, and no drift."""

    command: Sequence[str]
    sound: Callable[[Cost], bool]


class Run(NamedTuple):
    """What a program cost, how often it asked, and what it asked that it had not asked before."""

    cost: Cost
    calls: int
    unrecorded: list[str]


@contextmanager
def account(resources: int, latency: float) -> Iterator[Place]:
    """An account that Terraform has made, and has seen as moto tells it: that much is recorded."""
    with answering("tests.bench.replayed", "--latency", latency) as url, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        place = Place(folder, url, Terraform(folder, url))
        (folder / "main.tf").write_bytes(MIXED.read_bytes())
        (folder / ".driftignore").write_text(ACCEPTED)
        given = {"many": declared(resources), "code": str(CODE)}
        (folder / "terraform.tfvars.json").write_bytes(msgspec.json.encode(given))
        place.terraform("apply", "-auto-approve", "-input=false", f"-parallelism={AT_ONCE}")
        ask(url, "record")
        place.terraform.adopt()
        yield place


def refreshing() -> Program:
    """Terraform, its own way of asking whether anything has drifted."""
    command = ["terraform", "plan", "-refresh-only", "-input=false", "-no-color"]
    return Program(command, lambda cost: cost.status == 0 and "No changes." in cost.said)


def scanning(driftline: str, resources: int, types: Sequence[str] = ()) -> Program:
    """The scanner, of the same state and region: of these types, or of all, since it tells what nobody declares.

    moto does not have all that there is to ask of all types: that leaves gaps, and exit code 3.
    """
    only = [*(each for type in types for each in ("--type", type)), *(["--no-parts"] if types else [])]
    asked = ["--from", STATE, "--region", REGION, "--pace", f"{FASTEST:g}", *only]
    told = ["--suppress", ".driftignore", "--fail-on", "changed,missing", "--db", f"{len(types)}.sqlite"]
    status = 0 if types else 3
    return Program(
        [driftline, "drift", *asked, *told],
        lambda cost: cost.status == status and managed(cost.said) >= resources,
    )


def managed(said: str) -> int:
    """How many things that are declared the scanner says it has found."""
    found = re.search(r"\(([\d,]+) managed\)", said)
    return int(found[1].replace(",", "")) if found else 0


def by_turns(place: Place, *programs: Program) -> list[Run]:
    """The fastest run of each on what was recorded in one before."""
    for each in programs:
        _run("record", each, place)
    rounds = [[_run("replay", each, place) for each in programs] for _ in range(ROUNDS)]
    return [min(runs, key=lambda run: run.cost.wall) for runs in zip(*rounds, strict=True)]


def _run(how: str, program: Program, place: Place) -> Run:
    ask(place.url, how)
    cost = watched(program.command, place)
    if not program.sound(cost):
        raise SystemExit(f"{program.command[0]} did not see all as declared: exit {cost.status}\n{cost.said[-3000:]}")
    counts = msgspec.json.decode(ask(place.url, "counts"), type=Counts)
    return Run(cost, counts.calls, counts.unrecorded)


def watched(command: Sequence[str], place: Place) -> Cost:
    """A program and all that it starts: the wall and CPU time of all, and the most memory that they had at once."""
    with Path(place.folder, "said").open("w+") as said:
        before, began, most = os.times(), time.monotonic(), 0.0
        process = subprocess.Popen(
            command,
            env=place.terraform.environment | {"AWS_DEFAULT_REGION": REGION, "PYTHONPATH": str(ROOT)},
            stdout=said,
            stderr=subprocess.STDOUT,
            cwd=place.folder,
            start_new_session=True,
        )
        while process.poll() is None:
            most = max(most, memory(process.pid))
            time.sleep(LOOK)
        wall, after = time.monotonic() - began, os.times()
        said.seek(0)
        text = said.read()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(process.returncode, wall, cpu, most, text)


def memory(session: int) -> float:
    """Megabytes of all processes of a session, at this moment."""
    return sum(_resident(each) for each in Path("/proc").glob("[0-9]*") if _session(each) == session)


def _session(process: Path) -> int | None:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[3])
    except OSError:
        return None


def _resident(process: Path) -> float:
    try:
        return int((process / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        return 0.0
