"""A folder and a database of one's own, for whatever reads the current folder and remembers."""

from pathlib import Path

import pytest


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder; scans are remembered in its history.sqlite."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DRIFTLINE_CONFIG", raising=False)
    monkeypatch.setenv("DRIFTLINE_DB", str(tmp_path / "history.sqlite"))
    return tmp_path
