"""The model of leaving: order, calibration, depth never harms, reasons, leaks, files, bad input."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhike_analytics.churn import ChurnModel, fit, refuse_leaks
from zhike_analytics.churn.calibration import choose
from zhike_analytics.churn.measures import auc, calibration_error, drift
from zhike_analytics.contracts.churn import ChurnError, Signal

SIGNALS = (
    Signal("breadth", "number", 1),
    Signal("complaints", "number", -1),
    Signal("noise", "number"),
    Signal("trade", "category"),
)


def planted(rows: int = 3000, seed: int = 5) -> tuple[pa.Table, np.ndarray, np.ndarray]:
    """Return accounts whose chance of leaving is known, who left, and that chance."""
    draw = np.random.default_rng(seed)
    breadth, complaints = draw.integers(1, 8, rows).astype(float), draw.poisson(0.6, rows).astype(float)
    trade = draw.integers(0, 4, rows)
    odds = -0.8 - 0.5 * (breadth - 3) + 0.9 * complaints + np.array([0.0, 0.6, -0.6, 0.0])[trade]
    chance = 1 / (1 + np.exp(-odds))
    breadth[draw.random(rows) < 0.05] = np.nan
    table = pa.table(
        {
            "breadth": pa.array(breadth, from_pandas=True), "complaints": complaints, "noise": draw.normal(size=rows),
            "trade": pa.array(["making", "trade", "school", "health"]).take(pa.array(trade)),
        }
    )  # fmt: skip
    return table, draw.random(rows) < chance, chance


@pytest.fixture(scope="module")
def model() -> ChurnModel:
    table, left, _ = planted()
    return fit(table, left, SIGNALS, mode="cross_section")


def test_unseen_accounts_are_ordered_nearly_as_well_as_the_truth_could_and_chances_come_true(model: ChurnModel) -> None:
    table, left, truth = planted(seed=6)
    chance = model.chance(table)
    assert auc(chance, left) >= auc(truth, left) - 0.015
    assert calibration_error(chance, left) <= 0.03
    assert abs(chance.mean() - left.mean()) < 0.02


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 6), st.floats(-3, 3), st.sampled_from(("school", "?")))
def test_the_chance_never_rises_with_deeper_use(one: int, two: int, complaints: int, noise: float, trade: str) -> None:
    fitted = _once()
    rows = [
        {"breadth": float(b), "complaints": float(complaints), "noise": noise, "trade": trade}
        for b in sorted((one, two))
    ]
    shallow, deep = fitted.chance(pa.Table.from_pylist(rows))
    assert deep <= shallow


def _once(held: list[ChurnModel] = []) -> ChurnModel:  # noqa: B006 - fitted once for all examples
    if not held:
        table, left, _ = planted()
        held.append(fit(table, left, SIGNALS, mode="cross_section"))
    return held[0]


def test_reasons_name_what_moves_the_chance_and_in_which_direction(model: ChurnModel) -> None:
    odd = pa.table({"breadth": [1.0], "complaints": [6.0], "noise": [0.0], "trade": ["school"]})
    reasons = model.reasons(odd)[0]
    assert {one.signal for one in reasons[:2]} == {"breadth", "complaints"}
    told = {one.signal: one for one in reasons}
    assert told["complaints"].value == 6.0
    assert told["complaints"].log_odds > 0
    assert told["trade"].value == "school"
    assert told["trade"].log_odds < 0


def test_the_same_table_gives_the_same_model(model: ChurnModel) -> None:
    table, left, _ = planted()
    assert fit(table, left, SIGNALS, mode="cross_section").fingerprint == model.fingerprint


def test_a_saved_model_says_the_same_and_a_changed_one_is_refused(model: ChurnModel, tmp_path: Path) -> None:
    path, table = tmp_path / "model.json", planted(300, 9)[0]
    model.save(path)
    again = ChurnModel.load(path)
    assert np.array_equal(again.chance(table), model.chance(table))
    assert again.fingerprint == model.fingerprint

    body = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**body, "mode": "time"}), encoding="utf-8")
    with pytest.raises(ChurnError, match="fingerprint"):
        ChurnModel.load(path)
    path.write_text(json.dumps({**body, "schema": 99}), encoding="utf-8")
    with pytest.raises(ChurnError, match="form 99"):
        ChurnModel.load(path)
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(ChurnError, match="no churn model"):
        ChurnModel.load(path)


def test_a_table_without_a_column_or_with_words_for_numbers_is_refused_by_name(model: ChurnModel) -> None:
    table = planted(100, 9)[0]
    with pytest.raises(ChurnError, match="complaints"):
        model.chance(table.drop_columns(["complaints"]))
    with pytest.raises(ChurnError, match="complaints"):
        model.chance(table.set_column(1, "complaints", pa.array(["many"] * 100)))


def test_a_column_that_foretells_almost_perfectly_is_named() -> None:
    table, left, _ = planted()
    reason = pa.array([["price", "moved"][n % 2] if gone else None for n, gone in enumerate(left)])
    days = pa.array(np.where(left, 3.0, 90.0) + np.arange(len(left)) % 7)
    leaky = table.append_column("cause", reason).append_column("days_left", days)
    with pytest.raises(ChurnError, match=r"(?s)cause.*days_left"):
        fit(leaky, left, [*SIGNALS, Signal("cause", "category"), Signal("days_left", "number")], mode="cross_section")
    refuse_leaks(table, left, SIGNALS)


def test_a_column_recorded_after_the_date_is_refused_however_little_it_tells() -> None:
    table, left, _ = planted()
    late = [*SIGNALS[:2], Signal("noise", "number", recorded_after=True)]
    with pytest.raises(ChurnError, match=r"noise.*recorded after"):
        fit(table, left, late, mode="time")


def test_constant_columns_and_ten_thousand_levels_are_left_out_and_said() -> None:
    table, left, _ = planted(20_000)
    table = table.append_column("same", pa.array([1.0] * 20_000)).append_column("none", pa.nulls(20_000, pa.float64()))
    table = table.append_column("name", pa.array([f"N{n % 10_000}" for n in range(20_000)]))
    extra = [Signal("same", "number"), Signal("none", "number"), Signal("name", "category")]
    found = fit(table, left, [*SIGNALS, *extra], mode="cross_section")
    assert [(one.name, one.reason, one.levels) for one in found.encoding.left_out] == [
        ("same", "constant", 1), ("none", "unknown", 0), ("name", "identifier", 10_000),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "who", "message"),
    [(1, "none", "only 1 accounts"), (200, "all", "all accounts left"), (200, "none", "no account left"),
     (200, "three", "3 left and 197 stayed")],
)  # fmt: skip
def test_what_cannot_be_learned_from_is_said(rows: int, who: str, message: str) -> None:
    table = planted(rows)[0]
    left = np.arange(rows) < {"all": rows, "none": 0, "three": 3}[who]
    with pytest.raises(ChurnError, match=message):
        fit(table, left, SIGNALS, mode="cross_section")


def test_only_constant_columns_are_nothing_to_learn_from() -> None:
    table, left, _ = planted(300)
    with pytest.raises(ChurnError, match="no usable column"):
        fit(table.append_column("same", pa.array([1.0] * 300)), left, [Signal("same", "number")], mode="cross_section")


def test_calibration_is_chosen_by_what_unseen_accounts_show() -> None:
    draw = np.random.default_rng(3)
    score = draw.normal(size=8000)
    stepped = draw.random(8000) < np.where(score > 0.5, 0.6, 0.1)
    smooth = draw.random(8000) < 1 / (1 + np.exp(1 - score))
    assert choose(score, stepped)[0].method == "isotonic"
    assert choose(score, smooth)[0].method == "platt"
    assert choose(score[:300], stepped[:300])[0].method == "platt"  # too few leavers for a free curve


def test_drift_is_seen_in_values_and_in_what_is_unknown() -> None:
    draw = np.random.default_rng(4)
    before = draw.normal(size=5000)
    assert drift(before, draw.normal(size=5000)) < 0.02
    assert drift(before, draw.normal(1.0, size=5000)) > 0.25
    assert drift(before, np.where(draw.random(5000) < 0.3, np.nan, before)) > 0.25
