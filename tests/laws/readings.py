"""One live reading of each type, as the tests of its collector made it: what the laws of drift are tried on.

    python -m tests.laws.readings      # runs those tests, and writes readings.jsonl.gz anew

Of all that those tests read of a type, the one is kept of which most is known.
"""

from __future__ import annotations

import gzip
import os
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from scanner.aws.collector import Collector
from state import Resource

FILE = Path(__file__).with_name("readings.jsonl.gz")
PARTS = "DRIFTLINE_READINGS"


class Reading(msgspec.Struct, frozen=True):
    """A thing of a type; ``attributes`` have its tags too, where it can carry any."""

    type: str
    id: str
    arn: str | None
    attributes: dict[str, Any]

    @property
    def known(self) -> int:
        return len(msgspec.json.encode({name: each for name, each in self.attributes.items() if each}))


@cache
def readings() -> dict[str, Reading]:
    """By type."""
    lines = gzip.decompress(FILE.read_bytes()).splitlines()
    return {each.type: each for each in (msgspec.json.decode(line, type=Reading) for line in lines)}


def write(found: Iterator[Reading]) -> None:
    best: dict[str, Reading] = {}
    for each in found:
        if each.type not in best or each.known > best[each.type].known:
            best[each.type] = each
    text = b"".join(msgspec.json.encode(best[type]) + b"\n" for type in sorted(best))
    FILE.write_bytes(gzip.compress(text, mtime=0))


class Recorder:
    """A plugin of pytest: whatever a collector makes of an item is kept, and written at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.found = folder, list[Reading]()

    def pytest_sessionstart(self) -> None:
        made = Collector.resource

        def resource(collector: Collector, *about: Any) -> Resource:
            found = made(collector, *about)
            said = msgspec.to_builtins(dict(found.attributes))
            self.found.append(Reading(found.type, found.id, found.arn, said))
            return found

        Collector.resource = resource  # type: ignore[method-assign]

    def pytest_sessionfinish(self) -> None:
        lines = b"".join(msgspec.json.encode(each) + b"\n" for each in self.found)
        (self.folder / f"{os.getpid()}.jsonl").write_bytes(lines)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Recorder(Path(os.environ[PARTS])))


def recorded(folder: Path) -> Iterator[Reading]:
    for part in sorted(folder.glob("*.jsonl")):
        yield from (msgspec.json.decode(line, type=Reading) for line in part.read_bytes().splitlines())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ[PARTS] = folder
        status = pytest.main(["-n", "auto", "-p", "tests.laws.readings", "tests/scanner/collectors"])
        write(recorded(Path(folder)))
    sys.exit(status)
