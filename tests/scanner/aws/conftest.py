"""A wire for each test, where ours look for AWS; a call is made once, and not waited for."""

from collections.abc import Iterator
from functools import cache

import pytest
from botocore.loaders import JSONFileLoader

from tests.scanner.aws import wire as wires

LOADER = JSONFileLoader()
read_once = cache(JSONFileLoader.load_file)


@pytest.fixture(autouse=True)
def models_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each session reads botocore's models anew: half of these tests' time."""
    monkeypatch.setattr(JSONFileLoader, "load_file", lambda self, path: read_once(LOADER, path))


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[wires.Wire]:
    with wires.wire() as it:
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.url)
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        yield it
