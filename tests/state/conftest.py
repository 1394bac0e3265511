from pathlib import Path

import pytest

from state.history import History


@pytest.fixture
def history(tmp_path: Path):
    with History(tmp_path / "history.sqlite") as opened:
        yield opened
