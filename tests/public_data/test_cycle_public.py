"""The cycle on real operators' files: what they hold is used, what they lack stays unknown."""

from __future__ import annotations

import os
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from zhike_analytics.contracts.mapping import parse_mapping
from zhike_analytics.contracts.policies_decisions import default_policies
from zhike_analytics.engines.intake import IntakeRequest, intake
from zhike_analytics.features import CycleInputs
from zhike_analytics.lake.store import Lake
from zhike_analytics.scoring import CycleResult, run_cycle

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("ZHIKE_PUBLIC_DATA") or ROOT.parent / "shared" / "data")

pytestmark = [
    pytest.mark.public_data,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no public tables at {DATA}: set ZHIKE_PUBLIC_DATA"),
]
Row = dict[str, Any]


def cycle_of(name: str, pattern: str, as_of: date, folder: Path) -> CycleResult:
    """Take an operator's files in through the committed mapping and run the cycle."""
    mapping = parse_mapping((ROOT / "examples" / "mappings" / f"{name}.yaml").read_text(encoding="utf-8"))
    files = sorted((DATA / name).glob(pattern))
    found = intake(IntakeRequest(files=files, workdir=folder / "work", today=date(2026, 11, 23), mapping=mapping))
    assert found.refused_rows == 0
    lake, archive = Lake(folder / "lake"), {}
    for one in found.tables:
        if one.table in ("bills", "usage_month"):
            lake.commit(one.table, one.accepted, source=name)
        elif one.table in ("accounts", "competitor_holdings"):
            archive[one.table] = one.accepted
    return run_cycle(CycleInputs.from_lake(lake, archive), default_policies(), as_of, folder / "result")


def rows(result: CycleResult, name: str) -> dict[str, Row]:
    return {row["account_code"]: row for row in pq.read_table(result.path(name)).to_pylist()}


@pytest.fixture(scope="module")
def telephony(tmp_path_factory: pytest.TempPathFactory) -> CycleResult:
    return cycle_of("b2b_telephony", "*.csv", date(2019, 12, 2), tmp_path_factory.mktemp("telephony"))


@pytest.fixture(scope="module")
def telco(tmp_path_factory: pytest.TempPathFactory) -> CycleResult:
    return cycle_of("ibm_telco_extended", "*.xlsx", date(2019, 10, 2), tmp_path_factory.mktemp("telco"))


def test_with_usage_alone_firms_are_valued_and_tiered_by_volume(telephony: CycleResult) -> None:
    features, scores, tiers = (rows(telephony, name) for name in ("features", "scores", "tiers"))
    assert len(scores) == 732
    calling = [code for code, row in features.items() if row["usage_volume"] is not None]
    assert len(calling) == 307
    by_volume = sorted(calling, key=lambda code: (features[code]["usage_volume"], code))
    assert [scores[code]["value"] for code in by_volume] == sorted(scores[code]["value"] for code in calling)
    assert {scores[code]["value_confidence"] for code in calling} == {19}
    assert tiers[by_volume[-1]]["tier"] == "A2"
    # Firms without a single call: nothing is known, so no tier.
    assert {tiers[code]["tier"] for code in set(scores) - set(calling)} == {None}


def test_what_the_file_does_not_hold_is_unknown_everywhere(telephony: CycleResult) -> None:
    for row in rows(telephony, "scores").values():
        assert (
            row["loyalty"] is row["lock_in"] is row["attitude"] is row["win_back_permille"] is row["quadrant"] is None
        )
        assert {"rate", "income", "employees", "punctual"} <= set(row["value_unknown"].split(","))
    judged = {rule for rule, told in telephony.about["rules"].items() if told == "judged"}
    assert judged == {"silent", "usage_fall"}
    assert telephony.about["coverage"]["bills"] == {"loaded": False, "version": ""}


def test_firms_gone_silent_raise_alerts_and_firms_that_call_do_not(telephony: CycleResult) -> None:
    features = rows(telephony, "features")
    raised = [row for row in pq.read_table(telephony.path("alerts")).to_pylist() if row["rule"] == "silent"]
    assert Counter(row["level"] for row in raised) == {"red": 12, "yellow": 34}
    silent = {code for code, row in features.items() if (row["silent_months"] or 0) >= 1}
    assert {row["account_code"] for row in raised} == silent
    assert {row["stake_fen"] for row in raised} == {None}  # without bills nobody knows what is at stake


def test_one_month_of_bills_gives_tiers_by_bill_and_says_how_little_is_known(telco: CycleResult) -> None:
    scores, tiers = rows(telco, "scores"), rows(telco, "tiers")
    assert Counter(row["tier"] for row in tiers.values()) == {"D": 5174, None: 1869}
    assert {row["reason"] for row in tiers.values()} == {"bill", "no_customer"}
    assert {row["value_confidence"] for row in scores.values()} == {3}
    dearest = max(tiers, key=lambda code: tiers[code]["bill_mean3_fen"] or 0)
    assert scores[dearest]["value"] == max(row["value"] for row in scores.values())
    assert telco.about["rules"]["bill_fall"] == "lacks bills.earlier"
    assert pq.read_table(telco.path("alerts")).num_rows == 0
