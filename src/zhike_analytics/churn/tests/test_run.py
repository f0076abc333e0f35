"""The month's early warning on a small operator: no look ahead, honest figures, whole files, clear refusals."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from zhike_analytics.churn import ChurnResult, run_churn
from zhike_analytics.churn.past import SIGNALS, end_of, known_on, outcome_of
from zhike_analytics.churn.run import snapshot_days
from zhike_analytics.contracts import periods
from zhike_analytics.contracts.churn import ChurnError, ChurnPolicy, Signal
from zhike_analytics.datasets.operator import build_operator
from zhike_analytics.datasets.spec import OperatorSpec
from zhike_analytics.engines.frames import TableFiles
from zhike_analytics.features import CycleInputs

TODAY, JULY = date(2026, 11, 23), date(2026, 7, 23)
POLICY = ChurnPolicy()


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("operator") / "tables"
    build_operator(OperatorSpec(accounts=2500), folder)
    return folder


@pytest.fixture(scope="module")
def inputs(operator: Path) -> CycleInputs:
    return CycleInputs.from_folder(operator)


@pytest.fixture(scope="module")
def july(inputs: CycleInputs, tmp_path_factory: pytest.TempPathFactory) -> ChurnResult:
    return run_churn(inputs, POLICY, JULY, tmp_path_factory.mktemp("july") / "result")


def test_what_is_known_of_a_day_does_not_change_when_later_months_are_forgotten(
    operator: Path, inputs: CycleInputs, tmp_path: Path
) -> None:
    """Everything dated after the day is taken out: facts, new lines, and ends of lines that had not ended yet."""
    day = date(2026, 4, 1)
    facts = {
        name: TableFiles(
            tuple((period, file) for period, file in files.files if period < 202604) or files.files, files.periods
        )
        for name, files in inputs.facts.items()
    }
    archive = dict(inputs.archive)
    lines = pq.read_table(operator / "subscriptions.parquet")
    later = pc.fill_null(pc.greater(lines.column("ends_on"), day), False)
    status = pc.if_else(later, "active", lines.column("status"))
    lines = lines.set_column(lines.column_names.index("status"), "status", status)
    lines = lines.filter(pc.less_equal(lines.column("starts_on"), day))
    pq.write_table(lines, tmp_path / "lines.parquet")
    archive["subscriptions"] = TableFiles(((0, tmp_path / "lines.parquet"),))
    contracts = pq.read_table(operator / "contracts.parquet").filter(pc.field("signed_on") <= day)
    pq.write_table(contracts, tmp_path / "contracts.parquet")
    archive["contracts"] = TableFiles(((0, tmp_path / "contracts.parquet"),))
    rivals = pq.read_table(operator / "competitor_holdings.parquet").filter(pc.field("seen_on") <= day)
    pq.write_table(rivals, tmp_path / "rivals.parquet")
    archive["competitor_holdings"] = TableFiles(((0, tmp_path / "rivals.parquet"),))
    whole = known_on(inputs, day, tmp_path / "whole")
    short = known_on(CycleInputs(facts, archive), day, tmp_path / "short")
    names = ["account_code", *(one.name for one in SIGNALS)]
    assert whole.select(names).equals(short.select(names))


def test_who_left_by_the_definition_is_who_truly_left(operator: Path, inputs: CycleInputs, tmp_path: Path) -> None:
    day = date(2026, 3, 1)
    known = known_on(inputs, day, tmp_path)
    found = outcome_of(inputs, known, day, POLICY, tmp_path)
    hidden = pq.read_table(operator / "truth" / "accounts.parquet", columns=["account_code", "left_period"]).to_pylist()
    truly = {row["account_code"] for row in hidden if row["left_period"] in (202603, 202604, 202605)}
    told = {code for code, left in zip(known.column("account_code").to_pylist(), found.left, strict=True) if left}
    assert truly <= told
    # Beyond these only those who fell silent before they leave, or for good.
    assert len(told - truly) <= found.signs["silence"].sum()


def test_days_learned_from_are_over_a_gap_before_the_day_judged_on(inputs: CycleInputs) -> None:
    for as_of in (TODAY, date(2026, 11, 1)):
        days = snapshot_days(inputs, POLICY, as_of)
        assert end_of(days[0], POLICY) < as_of
        gap = periods.shift(periods.period_of(end_of(days[1], POLICY)), POLICY.gap_months)
        assert gap <= periods.shift(periods.period_of(days[0]), 0)
        assert len(days) > 3


def test_the_model_orders_leavers_and_the_next_run_audits_what_came_of_it(
    inputs: CycleInputs, july: ChurnResult, tmp_path: Path
) -> None:
    now = run_churn(inputs, POLICY, TODAY, tmp_path / "now", previous=july)
    assert now.about["mode"] == "time"
    assert now.about["card"]["auc"] > 0.75
    (audit,) = now.about["audits"]
    assert audit["as_of"] == "2026-07-23"
    assert audit["auc"] > 0.75
    assert audit["caught"] + audit["missed"] == audit["leavers"]
    assert 0 < audit["lead_weeks_median"] < 20
    again = run_churn(inputs, POLICY, TODAY, tmp_path / "again", previous=july)
    for name in ("churn.parquet", "model.json", "churn.json"):
        assert (now.folder / name).read_bytes() == (again.folder / name).read_bytes()


def test_a_run_whose_horizon_is_not_over_waits_for_its_audit(
    inputs: CycleInputs, july: ChurnResult, tmp_path: Path
) -> None:
    now = run_churn(inputs, POLICY, date(2026, 9, 1), tmp_path / "now", previous=july)
    (waiting,) = now.about["audits"]
    assert "told" in waiting
    assert "auc" not in waiting


def test_rows_hold_lists_by_profit_and_reasons_as_codes(july: ChurnResult) -> None:
    rows = july.rows().to_pylist()
    assert [row["account_code"] for row in rows] == sorted(row["account_code"] for row in rows)
    care = sorted((row for row in rows if row["list"] == "care"), key=lambda row: row["place"])
    assert care
    assert all(row["expected_profit_fen"] >= 0 for row in care)
    profits = [row["expected_profit_fen"] for row in care]
    assert profits == sorted(profits, reverse=True)
    signals = {one.name for one in SIGNALS}
    for row in rows:
        assert {one["signal"] for one in json.loads(row["reasons"])} <= signals


def test_a_file_that_was_changed_is_refused(july: ChurnResult, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in july.folder.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    ChurnResult.open(copy)
    (copy / "model.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ChurnError, match="was changed"):
        ChurnResult.open(copy)


def test_too_few_months_and_a_clock_moved_back_and_a_leak_are_told(
    inputs: CycleInputs, july: ChurnResult, tmp_path: Path
) -> None:
    with pytest.raises(ChurnError, match="months are loaded"):
        run_churn(inputs, POLICY, date(2025, 3, 1), tmp_path / "early")
    with pytest.raises(ChurnError, match="check the clock"):
        run_churn(inputs, POLICY, date(2026, 6, 1), tmp_path / "back", previous=july)
    leaky = (*SIGNALS, Signal("outcome", "category", recorded_after=True))
    with pytest.raises(ChurnError, match=r"outcome \(recorded after the date\)"):
        run_churn(inputs, POLICY, JULY, tmp_path / "leak", signals=leaky)
    assert list(tmp_path.iterdir()) == []


def test_months_that_are_missing_make_nobody_a_leaver(inputs: CycleInputs, tmp_path: Path) -> None:
    day = date(2026, 3, 1)
    kept = {
        name: TableFiles(
            tuple(pair for pair in files.files if pair[0] not in (202603, 202604, 202605)),
            tuple(one for one in files.periods if one not in (202603, 202604, 202605)),
        )
        for name, files in inputs.facts.items()
    }
    gappy = CycleInputs(kept, {name: held for name, held in inputs.archive.items() if name != "subscriptions"})
    known = known_on(gappy, day, tmp_path)
    assert known.num_rows > 1000
    found = outcome_of(gappy, known, day, POLICY, tmp_path)
    assert not found.left.any()


def test_without_anything_that_says_who_left_it_is_told(inputs: CycleInputs, tmp_path: Path) -> None:
    bare = CycleInputs({}, {"accounts": inputs.archive["accounts"]})
    with pytest.raises(ChurnError, match="cross-sectional"):
        run_churn(bare, POLICY, TODAY, tmp_path / "none")
    with pytest.raises(ChurnError, match="nobody knows who left"):
        outcome_of(bare, pa.table({"account_code": ["1"]}), JULY, POLICY, tmp_path)


def test_one_account_is_too_few_to_learn_from(operator: Path, inputs: CycleInputs, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    pq.write_table(pq.read_table(operator / "accounts.parquet").slice(0, 1), tmp_path / "in" / "accounts.parquet")
    archive = {**inputs.archive, "accounts": TableFiles(((0, tmp_path / "in" / "accounts.parquet"),))}
    with pytest.raises(ChurnError, match="accounts, 50 are needed"):
        run_churn(CycleInputs(inputs.facts, archive), POLICY, TODAY, tmp_path / "one")
    assert not (tmp_path / "one").exists()
