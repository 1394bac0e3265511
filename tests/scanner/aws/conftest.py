"""A wire for each test, where ours look for AWS; a call is made once, and not waited for."""

import ssl
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader

from tests.scanner.aws import wire as wires

LOADER = JSONFileLoader()
read_once = cache(JSONFileLoader.load_file)


@pytest.fixture(autouse=True)
def models_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each session reads botocore's models anew: half of these tests' time."""
    monkeypatch.setattr(JSONFileLoader, "load_file", lambda self, path: read_once(LOADER, path))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of one's own: the sessions of profiles' roles are kept in it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[wires.Wire]:
    with wires.wire() as it:
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.url)
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        yield it


@pytest.fixture
def contexts(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every TLS context that is made."""
    made: list[Any] = []
    new = ssl.SSLContext.__new__

    def counting(cls: Any, *arguments: Any, **options: Any) -> Any:
        made.append(cls)
        return new(cls, *arguments, **options)

    monkeypatch.setattr(ssl.SSLContext, "__new__", counting)
    return made


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Write an AWS config, and use it; no other setting is left but those given."""

    def write(text: str, **environment: str) -> None:
        (tmp_path / "config").write_text(text)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
        for name in ("AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)

    return write
