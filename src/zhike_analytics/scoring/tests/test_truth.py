"""Scores and alerts beside what the synthetic operator hides. The limits are floors that no change may go below."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhike_analytics.contracts import periods
from zhike_analytics.contracts.policies_decisions import default_policies
from zhike_analytics.datasets.judge import correlation, lead_of, rewound, warnings_judged
from zhike_analytics.features import CycleInputs
from zhike_analytics.scoring import CycleResult, run_cycle
from zhike_analytics.scoring.tests.conftest import OPERATOR
from zhike_analytics.scoring.tests.test_cycle import without

FALLING = ("bill_fall", "usage_fall", "declining", "silent")
"""Rules that watch what an account does."""


def test_value_ranks_accounts_as_the_hidden_value_does(operator: Path, result: CycleResult) -> None:
    assert correlation(result.path("scores"), operator, "value") >= 0.9


def test_loyalty_follows_the_hidden_trait_the_better_the_more_was_seen(operator: Path, result: CycleResult) -> None:
    everyone = correlation(result.path("scores"), operator, "loyalty")
    well_known = correlation(result.path("scores"), operator, "loyalty", least_confidence=75)
    assert everyone >= 0.8
    assert well_known >= everyone


@pytest.mark.parametrize(
    ("lacking", "value", "loyalty"),
    [
        (("costs",), 0.9, 0.5),
        (("bills", "costs", "payments"), 0.8, 0.5),
        (("contacts",), 0.9, 0.25),
        (("contacts", "member_lines"), 0.9, 0.1),
    ],
)
def test_with_tables_taken_away_the_order_gets_worse_and_stays_better_than_chance(
    operator: Path, tmp_path: Path, lacking: tuple[str, ...], value: float, loyalty: float
) -> None:
    inputs = without(operator, tmp_path / "tables", *lacking)
    found = run_cycle(inputs, default_policies(), OPERATOR.today, tmp_path / "result").path("scores")
    assert correlation(found, operator, "value") >= value
    assert correlation(found, operator, "loyalty") >= loyalty


def test_whoever_uses_less_leaves_many_times_more_often(operator: Path, result: CycleResult) -> None:
    found = warnings_judged(result.folder, operator, OPERATOR.current_period, rules=FALLING)
    assert found.warned >= 20
    assert found.precision >= 0.4
    assert found.lift >= 6


def test_leavers_are_told_of_before_they_leave(operator: Path, tmp_path: Path) -> None:
    cycles = {}
    for back in (5, 4, 3, 2, 1):
        month = periods.shift(OPERATOR.current_period, -back)
        inputs = CycleInputs.from_folder(rewound(operator, month, tmp_path / f"tables-{month}"))
        done = run_cycle(inputs, default_policies(), periods.first_day(month), tmp_path / str(month))
        cycles[month] = done.folder
    share, lead = lead_of(cycles, operator, levels=("red", "yellow"), rules=FALLING)
    assert share >= 0.3
    assert lead >= 1
