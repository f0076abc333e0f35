"""What holds of every score: more never counts less, luck needs weight, the unknown is never zero, parts add up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike_analytics.contracts.policies_decisions import default_policies
from zhike_analytics.features import FeatureRun
from zhike_analytics.features.derive import CLASSES
from zhike_analytics.features.tests.example import MONTHS, TODAY, Tables, account, ago, at, billed
from zhike_analytics.scoring.competitor import score_lock_in, win_back
from zhike_analytics.scoring.loyalty import score_loyalty
from zhike_analytics.scoring.points import Component, blend
from zhike_analytics.scoring.tests.example import cycle, rows_of

POLICIES = default_policies()
AMOUNT = st.integers(0, 10_000_000)
GROWING = st.tuples(AMOUNT, AMOUNT).map(sorted)


def twice(features: pa.Table, place: int, **columns: tuple[float, float]) -> pa.Table:
    """Return one account twice, with two values in each of some columns."""
    row = features.slice(place, 1)
    both = pa.concat_tables([row, row]).combine_chunks()
    for name, values in columns.items():
        number = both.column_names.index(name)
        both = both.set_column(number, name, pa.array(list(values), pa.int64()))
    return both


@given(
    place=st.integers(0, 11), kind=st.sampled_from(CLASSES), more=GROWING, measure=st.sampled_from(("breadth", "fee"))
)
def test_more_breadth_or_depth_never_lowers_loyalty(
    run: FeatureRun, features: pa.Table, place: int, kind: str, more: list[int], measure: str
) -> None:
    column = f"breadth_{kind}" if measure == "breadth" else f"fee_{kind}_fen"
    less, greater = score_loyalty(twice(features, place, **{column: tuple(more)}), run, POLICIES.loyalty).total
    assert np.isnan(less) or less <= greater


@given(
    place=st.integers(0, 11),
    column=st.sampled_from(("contract_days_left", "bundle_permille", "members_own", "tie_sum")),
    more=st.tuples(st.integers(0, 1000), st.integers(0, 1000)).map(sorted),
)
def test_higher_cost_of_leaving_more_own_lines_and_closer_ties_never_lower_loyalty(
    run: FeatureRun, features: pa.Table, place: int, column: str, more: list[int]
) -> None:
    less, greater = score_loyalty(twice(features, place, **{column: tuple(more)}), run, POLICIES.loyalty).total
    assert np.isnan(less) or less <= greater


@given(
    place=st.integers(0, 11), kind=st.sampled_from(CLASSES), fees=GROWING,
    breadth=st.tuples(st.integers(1, 9), st.integers(1, 9)).map(sorted),
    days=st.tuples(st.integers(0, 2000), st.integers(0, 2000)).map(sorted),
)  # fmt: skip
def test_the_more_of_a_competitor_the_firmer_the_hold_and_the_smaller_the_chance(
    run: FeatureRun,
    features: pa.Table,
    place: int,
    kind: str,
    fees: list[int],
    breadth: list[int],
    days: list[int],
) -> None:
    both = twice(
        features, place, rivals=(breadth[0], breadth[1]), rival_longest_days=(days[0], days[1]),
        **{f"rival_breadth_{kind}": (breadth[0], breadth[1]), f"rival_fee_{kind}_fen": (fees[0], fees[1])},
    )  # fmt: skip
    found = score_lock_in(both, run, POLICIES.competitor)
    assert found.score.total[0] <= found.score.total[1]
    assert found.win_back_permille[0] >= found.win_back_permille[1]


@given(
    st.lists(st.integers(0, 10_000), min_size=2, max_size=20).map(sorted),
    st.floats(0, 20),
    st.floats(0, 5),
    st.floats(-5, 5),
)
def test_no_rules_that_may_be_written_let_the_chance_grow_with_the_hold(
    holds: list[int], per_lock_in: float, per_year: float, easiest: float
) -> None:
    body = POLICIES.competitor.model_dump() | {
        "per_lock_in": per_lock_in, "per_year": per_year, "easiest": easiest,
    }  # fmt: skip
    policy = type(POLICIES.competitor).model_validate(body)
    chances = win_back(np.array(holds, dtype=float), np.full(len(holds), 100.0), policy)
    assert (np.diff(chances) <= 0).all()


@given(
    st.lists(
        st.tuples(st.floats(0.01, 1), st.one_of(st.none(), st.floats(0, 100)), st.sampled_from("abc")),
        min_size=1,
        max_size=10,
    )
)
def test_base_and_parts_add_up_to_the_total_which_stays_within_0_and_100(
    parts: list[tuple[float, float | None, str]],
) -> None:
    whole = sum(weight for weight, _, _ in parts)
    components = {
        str(number): Component(weight / whole, np.array([np.nan if points is None else points]), group)
        for number, (weight, points, group) in enumerate(parts)
    }
    score = blend(components, base=50.0)
    known = [points for _, points, _ in parts if points is not None]
    if not known:
        assert np.isnan(score.total[0])
        assert score.confidence[0] == 0
        return
    assert score.total[0] == score.base + sum(np.nan_to_num(one[0]) for one in score.parts.values())
    assert 100 * min(known) - len(parts) - 50 <= score.total[0] <= 100 * max(known) + len(parts) + 50
    assert 0 <= score.total[0] <= 10_000


def test_a_part_that_rules_give_no_weight_changes_nothing(run: FeatureRun, features: pa.Table) -> None:
    body = POLICIES.loyalty.model_dump()
    shares = {"use": 0.5, "wallet": 0.0, "members": 0.0, "ties": 0.0, "leaving": 0.5}
    policy = type(POLICIES.loyalty).model_validate(body | {"shares": {"shares": shares}})
    score = score_loyalty(features, run, policy)
    for name in ("wallet", "members", "ties"):
        assert set(np.nan_to_num(score.parts[name])) == {0.0}
    known = ~np.isnan(score.total)
    assert known.any()
    parts = sum(np.nan_to_num(one) for one in score.parts.values())
    assert (score.total[known] == score.base + parts[known]).all()


def test_a_tiny_account_with_a_lucky_ratio_does_not_rank_first(tmp_path: Path) -> None:
    accounts = [account(f"A{number:02d}", employees=30) for number in range(30)] + [account("TINY", employees=30)]
    bills = [row for one in accounts[:30] for row in billed(one["account_code"], *[3000.0] * 12)]
    costs = [{**row, "amount_fen": row["amount_fen"] // 2} for row in bills]
    lucky = billed("TINY", *[5.0] * 12)
    costs += [{**row, "amount_fen": 1} for row in lucky]
    result = cycle(tmp_path, {"accounts": accounts, "bills": bills + lucky, "costs": [*costs]})
    scores = rows_of(result, "scores")
    rate = scores["TINY"]["contribution_rate_permille"]
    assert rate < 2_050  # 500 by itself, of which next to nothing is left
    assert scores["TINY"]["value"] < scores["A00"]["value"]
    assert scores["A00"]["contribution_rate_permille"] == 2_000


@pytest.mark.parametrize("cost", [0, -5_000])
def test_nothing_spent_or_a_refund_gives_a_rate_that_is_finite(tmp_path: Path, cost: int) -> None:
    bills = billed("A", *[100.0] * 12) + billed("B", *[100.0] * 12)
    costs = [{**row, "amount_fen": cost if row["account_code"] == "A" else 20_000} for row in bills]
    result = cycle(tmp_path, {"accounts": [account("A"), account("B")], "bills": bills, "costs": costs})
    rates = {code: row["contribution_rate_permille"] for code, row in rows_of(result, "scores").items()}
    assert 500 < rates["A"] < 20_000
    assert 0 < rates["B"] < rates["A"]


def test_everything_served_for_nothing_leaves_the_rate_unknown_and_the_income_known(tmp_path: Path) -> None:
    bills = billed("A", *[100.0] * 12)
    costs = [{**row, "amount_fen": 0} for row in bills]
    row = rows_of(cycle(tmp_path, {"accounts": [account("A")], "bills": bills, "costs": costs}), "scores")["A"]
    assert row["contribution_rate_permille"] is None
    assert "rate" in row["value_unknown"].split(",")
    assert row["value_part_income"] is not None


def test_a_negative_margin_counts_against_an_account_and_breaks_nothing(tmp_path: Path) -> None:
    good, bad = billed("GOOD", *[1000.0] * 12), billed("BAD", *[1000.0] * 12)
    costs = [{**row, "amount_fen": row["amount_fen"] // 2} for row in good]
    costs += [{**row, "amount_fen": 3 * row["amount_fen"]} for row in bad]
    refunds = billed("OWED", *[-50.0] * 12)
    tables: Tables = {
        "accounts": [account("GOOD"), account("BAD"), account("OWED")],
        "bills": [*good, *bad, *refunds],
        "costs": [*costs, *({**row, "amount_fen": 1000} for row in refunds)],
    }
    scores = rows_of(cycle(tmp_path, tables), "scores")
    assert scores["OWED"]["value"] < scores["BAD"]["value"] < scores["GOOD"]["value"]
    assert scores["BAD"]["contribution_rate_permille"] < 1_000


def test_accounts_that_are_all_equal_get_equal_scores_and_different_places(tmp_path: Path) -> None:
    accounts = [account(f"A{number}", employees=50, size="small") for number in range(5)]
    bills = [row for one in accounts for row in billed(one["account_code"], *[500.0] * 13)]
    scores = rows_of(cycle(tmp_path, {"accounts": accounts, "bills": bills}), "scores")
    assert len({row["value"] for row in scores.values()}) == 1
    assert [scores[f"A{number}"]["value_top_permille"] for number in range(5)] == [200, 400, 600, 800, 1000]


def test_one_account_alone_is_scored(tmp_path: Path) -> None:
    result = cycle(tmp_path, {"accounts": [account("A")], "bills": billed("A", *[500.0] * 13)})
    row = rows_of(result, "scores")["A"]
    assert row["value_top_permille"] == 1000
    assert row["value"] is not None


def test_an_account_of_which_nothing_is_known_has_no_score_instead_of_zero(tmp_path: Path) -> None:
    result = cycle(tmp_path, {"accounts": [account("A")]})
    row, tier = rows_of(result, "scores")["A"], rows_of(result, "tiers")["A"]
    for name in ("value", "loyalty", "attitude", "win_back_permille", "winnable_fen", "quadrant", "lock_in"):
        assert row[name] is None, name
    assert row["value_confidence"] == row["loyalty_confidence"] == 0
    assert (tier["tier"], tier["reason"]) == (None, "unknown")


def test_attitude_is_told_apart_and_unknown_even_where_visitors_heard_something(tmp_path: Path) -> None:
    visits = [{"account_code": "A", "visited_at": at(3), "kind": "onsite", "satisfaction": 10}]
    tables: Tables = {"accounts": [account("A")], "subscriptions": [], "visits": visits}
    assert rows_of(cycle(tmp_path, tables), "scores")["A"]["attitude"] is None


def test_an_account_that_came_last_month_is_valued_by_the_month_it_had(tmp_path: Path) -> None:
    accounts = [account("NEW", since=ago(33)), account("OLD", since=ago(3000))]
    bills = billed("NEW", 3000) + billed("OLD", *[3000.0] * 13)
    result = cycle(tmp_path, {"accounts": accounts, "bills": bills})
    scores, tiers = rows_of(result, "scores"), rows_of(result, "tiers")
    assert scores["NEW"]["value_part_income"] == scores["OLD"]["value_part_income"]
    assert tiers["NEW"]["bill_mean3_fen"] == 300_000


def test_months_that_were_never_loaded_are_gaps_and_not_months_of_nothing(tmp_path: Path) -> None:
    bills = [row for row in billed("A", *[1000.0] * 13) if row["period"] not in MONTHS[1:5]]
    result = cycle(tmp_path, {"accounts": [account("A")], "bills": bills})
    row, tier = rows_of(result, "scores")["A"], rows_of(result, "tiers")["A"]
    whole = rows_of(
        cycle(tmp_path, {"accounts": [account("A")], "bills": billed("A", *[1000.0] * 13)}, name="whole"), "scores"
    )["A"]
    assert row["value"] == whole["value"]
    assert row["value_confidence"] < whole["value_confidence"]
    assert tier["bill_mean3_fen"] == 100_000
    assert result.about["coverage"]["bills"]["missing_months"] == sorted(MONTHS[1:5])
    assert result.about["as_of"] == TODAY.isoformat()
