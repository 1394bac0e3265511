from __future__ import annotations

import mmap
import subprocess
import sys
from pathlib import Path

import pytest

from state.terraform.pages import LARGE, Passing, Room
from state.terraform.statefile import json_in, parse, resources
from tests.state.terraform.states import bucket, state


@pytest.mark.parametrize("size", [None, 10, 1000, LARGE, LARGE + 1, LARGE + 1000])
def test_what_is_put_in_comes_out(size: int | None) -> None:
    whole = b"0123456789" * (LARGE // 10) + b"x"
    room = Room(size)
    for at in range(0, len(whole), 999_983):
        room.add(whole[at : at + 999_983])
    assert bytes(room.text()) == whole


def in_pages(data: bytes) -> mmap.mmap:
    room = Room(len(data))
    room.add(data)
    text = room.text()
    assert isinstance(text, mmap.mmap)
    return text


@pytest.mark.parametrize("begin", [b"", b"\xef\xbb\xbf"])
def test_a_large_state_is_read_as_a_small_one_though_its_pages_are_given_back(begin: bytes) -> None:
    data = begin + state(*(bucket(f"b-{n}", f"b{n}", policy="x" * 4000) for n in range(5000)))
    pages = in_pages(data)
    text = json_in(pages, "it")
    found = list(resources(parse(text, "it"), "it", Passing(text)))
    assert [each.id for each in found] == [f"b-{n}" for n in range(5000)]
    assert [dict(each.attributes) for each in found[-2:]] == [
        dict(each.attributes) for each in list(resources(parse(data, "it"), "it"))[-2:]
    ]
    assert set(pages[:LARGE]) == {0}
    assert pages[-3:] == data[-3:]


READING = """
import asyncio, resource, sys
from scanner.collectors import schemas
from state.terraform.sources import load
known = schemas()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = asyncio.run(load([sys.argv[1]], known))
print(len(found.inventory.resources), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="kilobytes of memory are Linux's")
def test_a_state_takes_little_more_memory_than_it_is_long(tmp_path: Path) -> None:
    path = tmp_path / "it.tfstate"
    row = state(bucket("B", "N", bucket_domain_name="x" * 20_000)).decode()
    head, _, rest = row.partition('"resources": [')
    one = rest[:-2]
    rows = ", ".join(one.replace('"B"', f'"b-{n}"').replace('"N"', f'"b{n}"') for n in range(3000))
    path.write_text(f'{head}"resources": [{rows}]}}')
    said = subprocess.run([sys.executable, "-c", READING, path], capture_output=True, text=True, check=True).stdout
    count, kilobytes = map(int, said.split())
    assert count == 3000
    assert kilobytes * 1024 < 1.25 * path.stat().st_size
