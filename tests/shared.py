"""Real states and the provider's schema: in the folder beside the project, on machines that have one."""

from __future__ import annotations

from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "shared"
STATES = sorted((FOLDER / "corpus" / "tfstates").glob("*.tfstate"))
FACTS = FOLDER / "facts"

needs_states = pytest.mark.skipif(not STATES, reason=f"no real states in {FOLDER}")
needs_facts = pytest.mark.skipif(not FACTS.is_dir(), reason=f"no provider schema in {FOLDER}")
