"""Features of the dozen written by hand, and results of a synthetic operator."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zhike_analytics.contracts.policies_decisions import default_policies
from zhike_analytics.datasets.operator import build_operator
from zhike_analytics.datasets.spec import OperatorSpec
from zhike_analytics.features import CycleInputs, FeatureRun, build_features
from zhike_analytics.features.tests.example import TODAY, write
from zhike_analytics.scoring import CycleResult, run_cycle
from zhike_analytics.scoring.tests.test_second_opinion import dozen

OPERATOR = OperatorSpec(accounts=3000, seed=11)


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> FeatureRun:
    """Return the features of the dozen as built."""
    folder = tmp_path_factory.mktemp("dozen")
    inputs = CycleInputs.from_folder(write(folder / "tables", dozen()))
    return build_features(inputs, TODAY, folder / "features.parquet", folder / "work", fewest_peers=2)


@pytest.fixture(scope="session")
def features(run: FeatureRun) -> pa.Table:
    """Return the features of the dozen."""
    return pq.read_table(run.path)


@pytest.fixture(scope="session")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an operator of 3,000 accounts, with its hidden truth."""
    folder = tmp_path_factory.mktemp("operator")
    build_operator(OPERATOR, folder)
    return folder


@pytest.fixture(scope="session")
def result(operator: Path, tmp_path_factory: pytest.TempPathFactory) -> CycleResult:
    """Return the cycle of that operator with everything loaded."""
    target = tmp_path_factory.mktemp("cycle") / "result"
    return run_cycle(CycleInputs.from_folder(operator), default_policies(), OPERATOR.today, target)
