from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.witness.moto_server import moto, served


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """moto's address: one that does not let us wait for what it does not have."""
    with served(moto()) as address:
        yield address
