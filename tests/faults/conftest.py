"""An installation of its own for every test that kills."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.processes import installation
from tests.faults.running import Up


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Return a home that no other test uses."""
    with installation(tmp_path / "home") as made:
        yield made


@pytest.fixture
def up(home: Path) -> Iterator[Callable[..., Up]]:
    """Start `zhike up` in the home; stop it afterwards."""
    started: list[Up] = []

    def start(*options: str, port: int | None = None, **more: str) -> Up:
        started.append(Up(home, *options, port=port, **more))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
        one.process.wait()
