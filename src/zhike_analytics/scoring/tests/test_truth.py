"""Scores and alerts beside what the synthetic operator hides. The limits are floors that no change may go below."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from zhike_analytics.contracts import periods
from zhike_analytics.contracts.policies_decisions import default_policies
from zhike_analytics.datasets.judge import (
    correlation,
    lead_of,
    mean_confidence,
    rewound,
    spearman,
    warnings_judged,
)
from zhike_analytics.features import CycleInputs
from zhike_analytics.scoring import CycleResult, run_cycle
from zhike_analytics.scoring.tests.conftest import OPERATOR
from zhike_analytics.scoring.tests.test_cycle import without

FALLING = ("bill_fall", "usage_fall", "declining", "silent")
"""Rules that watch what an account does."""


def test_value_ranks_accounts_as_the_hidden_value_does(operator: Path, result: CycleResult) -> None:
    assert correlation(result.path("scores"), operator, "value") >= 0.9


def test_loyalty_ranks_accounts_as_the_hidden_trait_does_the_better_the_more_was_seen(
    operator: Path, result: CycleResult
) -> None:
    everyone = correlation(result.path("scores"), operator, "loyalty")
    assert everyone >= 0.8
    assert correlation(result.path("scores"), operator, "loyalty", least_confidence=90) > everyone


LACKING: dict[tuple[str, ...], tuple[float, float]] = {
    ("costs",): (0.9, 0.8),
    ("bills", "costs", "payments"): (0.85, 0.8),
    ("bills", "costs", "payments", "usage_month"): (0.8, 0.8),
    ("member_lines",): (0.9, 0.77),
    ("competitor_holdings",): (0.9, 0.75),
    ("contacts",): (0.9, 0.72),
    ("contracts",): (0.9, 0.7),
    ("subscriptions",): (0.9, 0.55),
}
"""Tables taken away, and what value and loyalty must still reach."""


@pytest.fixture(scope="module")
def poorer(operator: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, ...], Path]:
    """Return the scores of cycles that lack tables."""
    found = {}
    for lacking in LACKING:
        folder = tmp_path_factory.mktemp("-".join(lacking))
        inputs = without(operator, folder / "tables", *lacking)
        found[lacking] = run_cycle(inputs, default_policies(), OPERATOR.today, folder / "result").path("scores")
    return found


@pytest.mark.parametrize("lacking", LACKING)
def test_with_tables_taken_away_the_order_gets_worse_only_so_far(
    operator: Path, poorer: dict[tuple[str, ...], Path], lacking: tuple[str, ...]
) -> None:
    value, loyalty = LACKING[lacking]
    assert correlation(poorer[lacking], operator, "value") >= value
    assert correlation(poorer[lacking], operator, "loyalty") >= loyalty


def test_confidence_falls_most_where_the_order_gets_worst(
    operator: Path, result: CycleResult, poorer: dict[tuple[str, ...], Path]
) -> None:
    """Costs are left out: the hidden value knows size and standing, not what an account costs to serve."""
    for name, tables in (
        ("value", [("bills", "costs", "payments"), ("bills", "costs", "payments", "usage_month")]),
        ("loyalty", [("member_lines",), ("competitor_holdings",), ("contacts",), ("contracts",), ("subscriptions",)]),
    ):
        scores = [result.path("scores"), *(poorer[one] for one in tables)]
        order = np.array([correlation(one, operator, name) for one in scores])
        sure = np.array([mean_confidence(one, name) for one in scores])
        assert spearman(sure, order) >= 0.8, (name, sure.tolist(), order.tolist())
        assert (sure[1:] < sure[0]).all(), (name, sure.tolist())


@pytest.mark.parametrize(
    ("rules", "levels", "precision", "recall", "lift"),
    [
        (FALLING, ("red",), 0.45, 0.08, 6),
        (FALLING, ("red", "yellow"), 0.25, 0.15, 4),
        (("usage_fall",), ("red", "yellow"), 0.25, 0.1, 4),
        (("silent",), ("red", "yellow"), 0.8, 0.02, 10),
        (("members_leaving",), ("red", "yellow"), 0.1, 0.05, 1.5),
        ((), ("red",), 0.06, 0.35, 1.3),
        ((), ("red", "yellow"), 0.05, 0.5, 1.1),
    ],
)
def test_whoever_is_warned_of_leaves_more_often(
    operator: Path,
    result: CycleResult,
    rules: tuple[str, ...],
    levels: tuple[str, ...],
    precision: float,
    recall: float,
    lift: float,
) -> None:
    found = warnings_judged(result.folder, operator, OPERATOR.current_period, rules=rules, levels=levels)
    assert found.precision >= precision
    assert found.recall >= recall
    assert found.lift >= lift


def test_several_rules_at_once_tell_more_than_one(operator: Path, result: CycleResult) -> None:
    lifts = [
        warnings_judged(result.folder, operator, OPERATOR.current_period, least_rules=least).lift for least in (1, 2)
    ]
    assert lifts[1] > 1.5 * lifts[0]


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
