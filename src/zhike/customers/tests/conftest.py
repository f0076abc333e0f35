"""The cast that tests of the archive share."""

from __future__ import annotations

import pytest
from tests.cast import Cast, build_cast


@pytest.fixture
def cast(db: None) -> Cast:
    """The named cast, anew for each test."""
    return build_cast()
