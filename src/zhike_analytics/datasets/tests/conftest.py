"""One operator for the tests of this room."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhike_analytics.datasets.operator import build_operator
from zhike_analytics.datasets.spec import OperatorSpec


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an operator of 1,500 accounts."""
    folder = tmp_path_factory.mktemp("operator")
    build_operator(OperatorSpec(accounts=1500), folder)
    return folder
