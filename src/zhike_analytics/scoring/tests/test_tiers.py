"""Tiers: lines of score and bill, the band against flapping, lists, levels that follow, and who moved and why."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike_analytics.contracts import codes
from zhike_analytics.contracts.policies_decisions import default_policies
from zhike_analytics.features.tests.example import TODAY, Tables, account, ago, billed
from zhike_analytics.scoring.tests.example import changed, cycle, rows_of
from zhike_analytics.scoring.tiers import NONE, Tiers, assign_tiers, places_of

POLICY = default_policies().tiers
NAMES = list(codes.TIER)


def one(
    score: float | None, bill_yuan: float | None = None, *, before: str | None = None, strategic: str | None = None
) -> Tiers:
    """Return the tier of one account by score in points and monthly bill in yuan."""

    def place(name: str | None) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.array([NONE if name is None else NAMES.index(name)], dtype=np.int64)

    return assign_tiers(
        np.array([np.nan if score is None else 100 * score]),
        np.array([np.nan if bill_yuan is None else 100 * bill_yuan]),
        place(strategic), np.array([True]), place(before), POLICY,
    )  # fmt: skip


def name_of(tiers: Tiers) -> str | None:
    place = int(tiers.place[0])
    return None if place == NONE else NAMES[place]


@pytest.mark.parametrize(
    ("score", "bill", "tier", "reason"),
    [
        (85, None, "A1", "score"),
        (84.99, None, "A2", "score"),
        (60, 0, "B1", "score"),
        (30, 0, "C", "score"),
        (0, 0, "D", "score"),
        (10, 100_000, "A1", "bill"),
        (10, 99_999.99, "A2", "bill"),
        (None, 3_000, "B2", "bill"),
        (None, 10, "D", "bill"),
        (None, None, None, "unknown"),
    ],
)
def test_a_tier_is_reached_by_score_or_by_bill(
    score: float | None, bill: float | None, tier: str | None, reason: str
) -> None:
    found = one(score, bill)
    assert (name_of(found), found.reason[0]) == (tier, reason)


@pytest.mark.parametrize(
    ("score", "bill", "before", "tier", "reason"),
    [
        (58.0, 0, "B1", "B1", "held"),  # two points below its line: still inside the band
        (57.99, 0, "B1", "B2", "score"),
        (10, 9_000, "B1", "B1", "held"),  # a tenth below its line
        (10, 8_999, "B1", "B2", "bill"),
        (60, 0, "B2", "B1", "score"),  # rising needs no band
        (83.5, 0, "A1", "A1", "held"),
        (20, 0, "A1", "D", "score"),
        (None, None, "B1", "B1", "unknown"),  # nothing known is no reason to fall
    ],
)
def test_an_account_keeps_its_tier_inside_the_band_and_rises_at_once(
    score: float | None, bill: float | None, before: str, tier: str, reason: str
) -> None:
    found = one(score, bill, before=before)
    assert (name_of(found), found.reason[0]) == (tier, reason)


@given(st.lists(st.floats(58.0, 59.99), min_size=2, max_size=12))
def test_a_score_that_wavers_inside_the_band_never_moves_an_account(scores: list[float]) -> None:
    for begin in ("B1", "B2"):
        tier: str | None = begin
        for score in scores:
            tier = name_of(one(round(score, 2), before=tier))
        assert tier == begin


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 200_000), st.sampled_from([None, *NAMES]))
def test_a_higher_score_never_gives_a_lower_tier(score: float, other: float, bill: float, before: str | None) -> None:
    low, high = sorted((score, other))
    assert one(high, bill, before=before).place[0] <= one(low, bill, before=before).place[0]


def test_a_list_lifts_and_never_lowers() -> None:
    lifted = one(20, strategic="A1")
    assert (name_of(lifted), lifted.reason[0]) == ("A1", "strategic")
    above = one(90, strategic="A2")
    assert (name_of(above), above.reason[0]) == ("A1", "score")


def test_party_government_and_army_are_lifted_by_the_archives_mark_and_by_name(tmp_path: Path) -> None:
    accounts = [
        account("ARMY", ownership="military", strategic=True, employees=5),
        account("UNMARKED", ownership="military", strategic=False, employees=5),
        account("SHOP", ownership="enterprise", strategic=True, employees=5),
        account("NAMED", ownership="enterprise", employees=5),
        account("GONE", ownership="military", strategic=True, employees=5, lifecycle="left"),
    ]
    lists = [
        {"name": "党政军名单", "tier": "A1", "ownership": ["government", "military"], "listed": True},
        {"name": "战略客户", "tier": "A2", "listed": False, "account_codes": ["NAMED"]},
    ]
    policies = changed(default_policies(), "tiers", strategic=lists)
    tiers = rows_of(cycle(tmp_path, {"accounts": accounts}, policies=policies), "tiers")
    assert (tiers["ARMY"]["tier"], tiers["ARMY"]["service_level"], tiers["ARMY"]["assurance_level"]) == (
        "A1", "diamond", "AAA",
    )  # fmt: skip
    assert tiers["NAMED"]["tier"] == "A2"
    assert tiers["UNMARKED"]["reason"] != "strategic"
    assert tiers["SHOP"]["reason"] != "strategic"
    assert (tiers["GONE"]["tier"], tiers["GONE"]["service_level"]) == (None, None)


def test_it_is_told_who_moved_since_when_and_because_of_what(tmp_path: Path) -> None:
    def tables(bill: dict[str, float], lifecycle: str = "active") -> Tables:
        return {
            "accounts": [account(code, lifecycle=lifecycle if code == "LEAVES" else "active") for code in bill],
            "bills": [row for code, yuan in bill.items() for row in billed(code, *[yuan] * 13)],
        }

    first = cycle(tmp_path, tables({"UP": 400, "DOWN": 20_000, "SAME": 4_000, "LEAVES": 900}), name="1", as_of=ago(20))
    second = cycle(
        tmp_path,
        tables({"UP": 40_000, "DOWN": 400, "SAME": 4_100, "LEAVES": 900, "NEW": 50}, "left"),
        name="2",
        previous=first,
    )
    one_, two = rows_of(first, "tiers"), rows_of(second, "tiers")
    assert {row["moved"] for row in one_.values()} == {"first"}
    assert {code: row["moved"] for code, row in two.items()} == {
        "UP": "up", "DOWN": "down", "SAME": "same", "LEAVES": "ended", "NEW": "first",
    }  # fmt: skip
    assert two["UP"]["moved_because"] in ("income", "bill")
    assert two["DOWN"]["moved_because"] in ("income", "bill")
    assert two["SAME"]["moved_because"] is None
    assert two["UP"]["previous_tier"] == one_["UP"]["tier"]
    assert (two["SAME"]["since"], two["UP"]["since"]) == (ago(20), TODAY)
    assert second.about["counts"]["moved"] == {"down": 1, "ended": 1, "first": 1, "same": 1, "up": 1}
    change = rows_of(second, "scores")
    assert change["UP"]["value_change"] == change["UP"]["value"] - rows_of(first, "scores")["UP"]["value"] > 0
    assert change["NEW"]["value_change"] is None


def test_a_score_of_which_next_to_nothing_is_known_decides_no_tier(tmp_path: Path) -> None:
    accounts = [account("VAGUE", ownership="enterprise"), account("KNOWN", ownership="enterprise", employees=300)]
    result = cycle(tmp_path, {"accounts": accounts})
    scores, tiers = rows_of(result, "scores"), rows_of(result, "tiers")
    assert scores["VAGUE"]["value"] is not None
    assert scores["VAGUE"]["value_confidence"] < 10
    assert (tiers["VAGUE"]["tier"], tiers["VAGUE"]["reason"]) == (None, "unknown")
    assert tiers["KNOWN"]["tier"] is not None


def test_places_of_tiers_that_no_rules_name_are_none() -> None:
    assert places_of(pa.array(["A1", None, "Z9"]), POLICY).tolist() == [0, NONE, NONE]
