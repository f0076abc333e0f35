"""An installation of its own for every test that kills."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.processes import installation


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Return a home that no other test uses."""
    with installation(tmp_path / "home") as made:
        yield made
