"""Leaving on public tables, with the product's own pipeline: order, leaks refused, silence foretold by no later day."""

from __future__ import annotations

import os
from functools import reduce
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pytest
from python_calamine import CalamineWorkbook

from zhike_analytics.churn import fit
from zhike_analytics.churn.measures import auc, calibration_error, lift
from zhike_analytics.contracts.churn import ChurnError, Signal

DATA = Path(os.environ.get("ZHIKE_PUBLIC_DATA") or Path(__file__).parents[2].parent / "shared" / "data")

pytestmark = [
    pytest.mark.public_data,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no public tables at {DATA}: set ZHIKE_PUBLIC_DATA"),
]
FOLDS = 5
DEEPER = {"tenure": 1, "Tenure in Months": 1}


def signals_of(table: pa.Table, without: set[str]) -> list[Signal]:
    """Return every column as it lies in the file: numbers as numbers, the rest as categories."""
    return [
        Signal(one.name, "category" if pa.types.is_string(one.type) else "number", DEEPER.get(one.name, 0))  # type: ignore[arg-type]
        for one in table.schema
        if one.name not in without
    ]


def out_of_fold(table: pa.Table, left: np.ndarray, signals: list[Signal]) -> np.ndarray:
    """Return chances of five folds, each told by a model fitted and calibrated on the other four."""
    fold = np.random.default_rng(1).permutation(len(left)) % FOLDS
    chance = np.empty(len(left))
    for number in range(FOLDS):
        here = fold == number
        model = fit(table.filter(pa.array(~here)), left[~here], signals, mode="cross_section")
        chance[here] = model.chance(table.filter(pa.array(here)))
    return chance


def classic() -> tuple[pa.Table, np.ndarray]:
    options = csv.ConvertOptions(null_values=["", " "], column_types={"TotalCharges": pa.float64()})
    path = DATA / "ibm_telco" / "WA_Fn-UseC_-Telco-Customer-Churn.csv"
    table = csv.read_csv(path, convert_options=options)
    return table, np.asarray(pc.equal(table.column("Churn"), "Yes"))


def extended() -> tuple[pa.Table, np.ndarray]:
    def read(name: str) -> pa.Table:
        path = DATA / "ibm_telco_extended" / f"Telco_customer_churn_{name}.xlsx"
        head, *rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
        return pa.table({str(one): pa.array(values) for one, values in zip(head, zip(*rows, strict=True), strict=True)})

    def join(left: pa.Table, right: pa.Table) -> pa.Table:
        fresh = [name for name in right.column_names if name == "Customer ID" or name not in left.column_names]
        return left.join(right.select(fresh), "Customer ID")

    found = reduce(join, [read(name) for name in ("demographics", "location", "services", "status")])
    return found, np.asarray(pc.equal(found.column("Churn Label"), "Yes"))


def test_the_classic_table_is_told_as_well_as_it_honestly_can_be() -> None:
    table, left = classic()
    chance = out_of_fold(table, left, signals_of(table, {"customerID", "Churn"}))
    assert auc(chance, left) >= 0.845
    assert lift(chance, left) >= 2.7
    assert calibration_error(chance, left) <= 0.02


NAMES = {"Customer ID", "Churn Label", "Churn Value", "Count", "Quarter", "Location ID", "Service ID", "Status ID"}
LEAKY = {"Satisfaction Score", "Churn Score", "Customer Status", "Churn Category", "Churn Reason"}


def test_the_extended_table_names_its_leaks_and_is_told_well_without_them() -> None:
    table, left = extended()
    with pytest.raises(ChurnError) as refused:
        fit(table, left, signals_of(table, NAMES), mode="cross_section")
    named = {one.name for one in signals_of(table, NAMES) if f"{one.name} (alone" in str(refused.value)}
    assert named == LEAKY
    chance = out_of_fold(table, left, signals_of(table, NAMES | LEAKY))
    assert auc(chance, left) >= 0.90
    assert calibration_error(chance, left) <= 0.02
