"""Processes apart from this one: the endpoint, and each measurement."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tests.bench.counts import Counts
from tests.bench.world import World, Wrong

ROOT = Path(__file__).parents[2]
SETTINGS = {
    "AWS_ACCESS_KEY_ID": "AKIABENCH",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    "AWS_EC2_METADATA_DISABLED": "true",
    "PYTHONPATH": str(ROOT),
}


def environment(aws: Endpoint | None) -> dict[str, str]:
    """Nothing of whoever runs the bench, and AWS at this endpoint; modules are compiled, as pip leaves them."""
    theirs = ("AWS_", "DRIFTLINE_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(theirs)}
    if aws is None:
        return kept | SETTINGS
    believed = {"AWS_CA_BUNDLE": str(aws.world.tls / "certificate.pem")} if aws.world.tls else {}
    return kept | SETTINGS | {"AWS_ENDPOINT_URL": aws.url} | believed


class Endpoint(NamedTuple):
    """A running endpoint."""

    url: str
    world: World

    def counts(self) -> Counts:
        return msgspec.json.decode(self.ask("counts"), type=Counts)

    def reset(self) -> None:
        self.ask("reset")

    def go_wrong(self, *wrongs: Wrong) -> None:
        self.ask("faults", msgspec.json.encode(wrongs))

    def resources(self) -> list[tuple[str, str, str, str]]:
        """(account, type, region, id or name) of all there is."""
        return msgspec.json.decode(self.ask("resources"), type=list[tuple[str, str, str, str]])

    def ask(self, what: str, said: bytes = b"") -> bytes:
        return ask(self.url, what, said)


def ask(url: str, what: str, said: bytes = b"") -> bytes:
    """What an endpoint says of itself."""
    with urllib.request.urlopen(f"{url}/-/{what}", data=said) as answer:
        return bytes(answer.read())


@contextmanager
def answering(module: str, *told: object) -> Iterator[str]:
    """The address of an endpoint as a process; it ends with the block."""
    command = [sys.executable, "-m", module, *map(str, told)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment(None), text=True, cwd=ROOT)
    try:
        assert process.stdout
        url = process.stdout.readline().strip()
        if not url:
            raise SystemExit(f"{module} did not start: exit {process.wait()}")
        yield url
    finally:
        process.terminate()
        process.wait()


@contextmanager
def endpoint(world: World) -> Iterator[Endpoint]:
    """The stand-in for AWS."""
    told = ["--size", world.size, "--regions", world.regions, "--accounts", world.accounts, "--latency", world.latency]
    with answering("tests.bench.endpoint", *told, *_flags(world)) as url:
        yield Endpoint(url, world)


def _flags(world: World) -> list[str]:
    return ([] if world.limited else ["--unlimited"]) + (["--tls", str(world.tls)] if world.tls else [])


def measured(name: str, aws: Endpoint | None, **arguments: Any) -> dict[str, Any]:
    """A measurement's figures."""
    command = [sys.executable, "-m", "tests.bench.child", name, json.dumps(arguments)]
    done = subprocess.run(command, env=environment(aws), capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr[-3000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


class Cost(NamedTuple):
    """What a whole process cost."""

    status: int
    wall: float
    cpu: float
    rss: float
    said: str


def run(command: Sequence[str], aws: Endpoint | None = None) -> Cost:
    """A program's cost, from its start to its end."""
    with tempfile.TemporaryDirectory() as folder, Path(folder, "said").open("w+") as said:
        began = time.monotonic()
        process = subprocess.Popen(
            command, env=environment(aws), stdout=subprocess.DEVNULL, stderr=said, cwd=folder, start_new_session=True
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - began
        said.seek(0)
        cpu = used.ru_utime + used.ru_stime
        scale = 2**20 if sys.platform == "darwin" else 2**10
        return Cost(process.returncode, wall, cpu, used.ru_maxrss / scale, said.read()[-2000:])
