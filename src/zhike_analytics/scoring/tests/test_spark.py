"""The same cycle on Spark: the same values. Runs where Java and pyspark are found, and must where REQUIRE_SPARK=1."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zhike_analytics.contracts.policies_decisions import default_policies
from zhike_analytics.datasets.operator import build_operator
from zhike_analytics.datasets.spec import OperatorSpec
from zhike_analytics.engines.tests.spark_cluster import standalone
from zhike_analytics.features import CycleInputs
from zhike_analytics.features.tests.example import TODAY, write
from zhike_analytics.scoring import CycleResult, run_cycle
from zhike_analytics.scoring.cycle import FILES, CycleError
from zhike_analytics.scoring.tests.test_second_opinion import dozen

SPEC = OperatorSpec(accounts=400, seed=3)
FOUND = shutil.which("java") is not None and importlib.util.find_spec("pyspark") is not None
needs_spark = pytest.mark.skipif(
    not FOUND and os.environ.get("REQUIRE_SPARK") != "1", reason="no Java or no pyspark: pip install zhike[spark]"
)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> CycleInputs:
    folder = tmp_path_factory.mktemp("operator")
    build_operator(SPEC, folder)
    return CycleInputs.from_folder(folder)


@pytest.fixture(scope="module")
def by_duckdb(inputs: CycleInputs, tmp_path_factory: pytest.TempPathFactory) -> CycleResult:
    return run_cycle(inputs, default_policies(), SPEC.today, tmp_path_factory.mktemp("duckdb") / "result")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[str]:
    with standalone(tmp_path) as address:
        yield address


def same(one: CycleResult, other: CycleResult) -> None:
    """Assert that two results say the same: texts and dates exactly, numbers to 1e-9."""
    for name in FILES:
        left, right = pq.read_table(one.path(name)), pq.read_table(other.path(name))
        assert left.schema.equals(right.schema), name
        for column in left.column_names:
            if pa.types.is_floating(left[column].type):
                pair = (side[column].to_numpy() for side in (left, right))
                np.testing.assert_allclose(*pair, rtol=1e-9, err_msg=f"{name}.{column}")
            else:
                assert left[column].equals(right[column]), f"{name}.{column}"


@needs_spark
@pytest.mark.xdist_group("spark")
def test_spark_on_this_machine_gives_the_same_values(
    inputs: CycleInputs, by_duckdb: CycleResult, tmp_path: Path
) -> None:
    same(run_cycle(inputs, default_policies(), SPEC.today, tmp_path / "result", engine="spark"), by_duckdb)


@needs_spark
@pytest.mark.xdist_group("spark")
def test_spark_knows_what_is_unknown_as_well(tmp_path: Path) -> None:
    given = CycleInputs.from_folder(write(tmp_path / "tables", dozen()))
    results = [
        run_cycle(given, default_policies(), TODAY, tmp_path / engine, engine=engine) for engine in ("duckdb", "spark")
    ]
    same(*results)


@needs_spark
@pytest.mark.xdist_group("spark")
def test_a_standalone_master_and_worker_give_the_same_values(
    inputs: CycleInputs, by_duckdb: CycleResult, tmp_path: Path, cluster: str
) -> None:
    same(run_cycle(inputs, default_policies(), SPEC.today, tmp_path / "result", engine=cluster), by_duckdb)
    assert re.search("Launching executor", (tmp_path / "master.log").read_text())


def test_an_engine_that_is_none_is_told_and_nothing_is_written(inputs: CycleInputs, tmp_path: Path) -> None:
    with pytest.raises(CycleError, match="write duckdb, spark or spark://host:port"):
        run_cycle(inputs, default_policies(), SPEC.today, tmp_path / "result", engine="abacus")
    assert not list(tmp_path.iterdir())
