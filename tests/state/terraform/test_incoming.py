from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.resource import Resource
from state.terraform.errors import NotState
from state.terraform.incoming import PIECE, Room
from state.terraform.statefile import Content, Reading, parse
from tests.state.terraform.states import bucket, state

WRITTEN = sorted((Path(__file__).parents[2] / "witness").rglob("*.tfstate"))
"""States as Terraform itself wrote them."""


def laid_out(data: bytes) -> bytes:
    return json.dumps(json.loads(data), indent=2).encode() + b"\n"


BUCKETS = laid_out(
    state(
        *(bucket(f"b-{n}", f"b{n}", policy="\n    },\n    {" * n) for n in range(50)),
        outputs={"all": {"value": [{"resources": [{}]}], "type": ["list", ["object", {}]]}},
        check_results=[{"object_kind": "resource", "objects": [{}]}],
    )
)


def in_pieces(data: bytes, size: int, reading: Reading, at_once: int) -> tuple[list[Resource], int]:
    """The resources of a state that comes in pieces, and how long what was left of it is."""
    room = reading.room(at_once)
    for at in range(0, len(data), size):
        room.add(data[at : at + size])
    reading.add(parse(room.text(), "it"))
    return list(reading.resources()), len(room.text())


def whole(data: bytes, reading: Reading) -> list[Resource]:
    reading.add(parse(data, "it"))
    return list(reading.resources())


def names(content: Content) -> list[tuple[str, str]]:
    return [(name, content.type) for name in content.attributes]


@given(pieces=st.lists(st.binary(max_size=50)), at_once=st.integers(0, 100))
def test_law_what_is_no_state_comes_out_as_it_was_put_in(pieces: list[bytes], at_once: int) -> None:
    room = Room(lambda blocks: pytest.fail("was taken for a state"), at_once)
    for each in pieces:
        room.add(each)
    assert room.text() == b"".join(pieces)
    assert room.length == sum(map(len, pieces))


@given(size=st.integers(1, 5000), at_once=st.integers(0, 10_000))
def test_law_a_state_says_the_same_however_it_comes(size: int, at_once: int) -> None:
    one, other = Reading("it", names), Reading("it", names)
    found, left = in_pieces(BUCKETS, size, one, at_once)
    assert found == whole(BUCKETS, other)
    assert one.found == other.found
    assert left < 2000 + at_once + 2 * size


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.parent.name)
def test_what_terraform_wrote_is_taken_while_it_comes(path: Path) -> None:
    data = path.read_bytes()
    one, other = Reading("it", names), Reading("it", names)
    found, left = in_pieces(data, 100, one, 200)
    assert found == whole(data, other)
    assert one.found == other.found
    assert left < len(data)


@pytest.mark.parametrize("begin", [b"\xef\xbb\xbf", b" "])
def test_what_begins_otherwise_is_read_whole(begin: bytes) -> None:
    reading = Reading("it")
    room = reading.room(100)
    room.add(begin + BUCKETS)
    assert room.text() == begin + BUCKETS


def test_an_attempt_that_broke_off_is_forgotten() -> None:
    reading = Reading("it", names)
    reading.room(100).add(BUCKETS[: len(BUCKETS) // 2])
    assert reading.found != {}
    found, _ = in_pieces(BUCKETS, 1000, reading, 100)
    assert [each.id for each in found] == [f"b-{n}" for n in range(50)]


@pytest.mark.parametrize("until", [0.3, 0.9, 0.999])
def test_a_large_state_that_is_cut_short_is_none(until: float) -> None:
    with pytest.raises(NotState, match=r"it: the state is cut short or damaged .* fetch it again"):
        in_pieces(BUCKETS[: int(until * len(BUCKETS))], 1000, Reading("it"), 100)


@pytest.mark.parametrize(
    ("is_so", "would_be"),
    [
        (b'"mode": "managed"', b'"mode": 7'),
        (b'"b-45"', b'"b-45'),
        (b'"b-45"', b'"b-\xff"'),
        (b"\n    },\n", b"\n    }}\n"),
    ],
)
def test_a_large_state_that_is_damaged_is_none(is_so: bytes, would_be: bytes) -> None:
    at = BUCKETS.index(is_so, len(BUCKETS) // 2)
    data = BUCKETS[:at] + would_be + BUCKETS[at + len(is_so) :]
    with pytest.raises(NotState, match=r"it: .*(damaged|not the shape|cannot be read).*"):
        in_pieces(data, 1000, Reading("it"), 100)


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
@pytest.mark.parametrize(("laid", "most"), [(laid_out, 0.25), (bytes, 1.5)])
def test_a_state_takes_little_memory_as_terraform_writes_it(
    laid: Callable[[bytes], bytes], most: float, tmp_path: Path
) -> None:
    path = tmp_path / "it.tfstate"
    path.write_bytes(laid(state(*(bucket(f"b-{n}", f"b{n}", bucket_domain_name="x" * 20_000) for n in range(3000)))))
    assert path.stat().st_size > 50 * PIECE
    said = subprocess.run([sys.executable, "-c", READING, path], capture_output=True, text=True, check=True).stdout
    count, kilobytes = map(int, said.split())
    assert count == 3000
    assert kilobytes * 1024 < most * path.stat().st_size
