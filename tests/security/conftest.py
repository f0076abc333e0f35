"""What access tests share: the cast, and counters that start at nothing. Refuses to weaken any rule."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from tests.cast import Cast, build_cast


@pytest.fixture
def cast(db: None) -> Cast:
    """The named cast, anew for each test."""
    return build_cast()


@pytest.fixture(autouse=True)
def fresh_counters() -> Iterator[None]:
    """Forget rates counted by earlier tests (they live in the process, not in the database)."""
    cache.clear()
    yield
    cache.clear()
