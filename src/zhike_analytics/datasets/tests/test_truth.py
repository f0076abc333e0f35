"""What the operator hides can be seen in its tables: traits drive outcomes, and what was planted is there."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from zhike_analytics.contracts import periods
from zhike_analytics.contracts.catalogue import products
from zhike_analytics.datasets.operator import build_operator
from zhike_analytics.datasets.spec import OperatorSpec
from zhike_analytics.datasets.tests.reading import rows_of, table_of

ORDER = {"A1": 0, "A2": 1, "B1": 2, "B2": 3, "C": 4, "D": 5}


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    build_operator(OperatorSpec(accounts=8000), folder)
    return folder


@pytest.fixture(scope="module")
def truth(large: Path) -> dict[str, dict[str, Any]]:
    return {row["account_code"]: row for row in rows_of(large, "truth/accounts")}


def rank_correlation(left: list[float], right: list[float]) -> float:
    """Return Spearman's correlation of two lists."""
    ranks = [np.argsort(np.argsort(np.array(one), kind="stable"), kind="stable") for one in (left, right)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def test_few_accounts_bring_most_of_the_income_and_tiers_follow_it(large: Path) -> None:
    income: Counter[str] = Counter()
    for code, amount in zip(
        *(table_of(large, "bills")[one].to_pylist() for one in ("account_code", "amount_fen")), strict=True
    ):
        income[code] += amount
    ordered = sorted(income.values(), reverse=True)
    assert sum(ordered[: len(ordered) // 5]) > 0.75 * sum(ordered)
    by_tier = defaultdict(list)
    for row in rows_of(large, "accounts"):
        if row["account_code"] in income:
            by_tier[row["tier"]].append(income[row["account_code"]])
    means = [np.median(by_tier[tier]) for tier in ORDER]
    assert means == sorted(means, reverse=True)


def test_bad_payment_morale_shows_in_late_payments(large: Path, truth: dict[str, dict[str, Any]]) -> None:
    late = defaultdict(list)
    for row in rows_of(large, "payments"):
        issued = np.datetime64(str(periods.first_day(periods.shift(row["bill_period"], 1))))
        late[row["account_code"]].append((np.datetime64(row["paid_at"].date()) - issued).astype(int))
    codes = sorted(late)
    assert (
        rank_correlation(
            [truth[code]["payment_morale"] for code in codes], [float(np.mean(late[code])) for code in codes]
        )
        < -0.4
    )


def test_irritable_accounts_complain_more(large: Path, truth: dict[str, dict[str, Any]]) -> None:
    complaints = Counter(table_of(large, "complaints")["account_code"].to_pylist())
    codes = [row["account_code"] for row in rows_of(large, "accounts") if row["tier"] in {"A1", "A2", "B1"}]
    assert (
        rank_correlation([truth[code]["irritability"] for code in codes], [complaints[code] for code in codes]) > 0.15
    )


def test_attracted_accounts_hold_more_of_competitors(large: Path, truth: dict[str, dict[str, Any]]) -> None:
    held = Counter(table_of(large, "competitor_holdings")["account_code"].to_pylist())
    codes = [row["account_code"] for row in rows_of(large, "accounts") if row["lifecycle"] != "prospect"]
    assert rank_correlation([truth[code]["attraction"] for code in codes], [held[code] for code in codes]) > 0.1
    whose = Counter(table_of(large, "competitor_holdings")["operator"].to_pylist())
    assert {"mobile", "telecom", "unicom", "broadnet"} <= set(whose)


def test_who_responds_to_care_is_pleased_by_visits(large: Path, truth: dict[str, dict[str, Any]]) -> None:
    pleased = defaultdict(list)
    for row in rows_of(large, "visits"):
        if row["satisfaction"] is not None:
            pleased[row["account_code"]].append(row["satisfaction"])
    codes = [code for code in sorted(pleased) if len(pleased[code]) >= 3]
    means = [float(np.mean(pleased[code])) for code in codes]
    assert rank_correlation([truth[code]["care_response"] for code in codes], means) > 0.15


def test_price_sensitive_accounts_pay_less_for_the_same(large: Path, truth: dict[str, dict[str, Any]]) -> None:
    lines = [row for row in rows_of(large, "subscriptions") if row["product_code"] == "broadband-500m"]
    price = [float(row["monthly_fee_fen"] / row["quantity"]) for row in lines]
    assert rank_correlation([truth[row["account_code"]]["price_sensitivity"] for row in lines], price) < -0.2


def test_loyal_accounts_leave_less_and_smaller_tiers_more(large: Path, truth: dict[str, dict[str, Any]]) -> None:
    tier = {row["account_code"]: row["tier"] for row in rows_of(large, "accounts") if row["lifecycle"] != "prospect"}
    gone = [code for code in tier if truth[code]["left_period"]]
    stayed = [code for code in tier if not truth[code]["left_period"]]
    for trait, sign in (("loyalty", -1), ("attraction", 1)):
        difference = np.mean([truth[code][trait] for code in gone]) - np.mean([truth[code][trait] for code in stayed])
        assert sign * difference > 0.05, trait
    share = {
        one: np.mean([truth[code]["left_period"] is not None for code in tier if tier[code] == one]) for one in ORDER
    }
    assert share["A2"] < share["C"] < share["D"]
    assert {truth[code]["cause"] for code in gone} >= {"response", "quality", "price", "closure", "personalisation"}
    assert any(truth[code]["leaving_period"] for code in stayed)


def test_use_falls_silent_before_an_account_leaves(large: Path, truth: dict[str, dict[str, Any]]) -> None:
    used: Counter[tuple[str, int]] = Counter()
    for row in rows_of(large, "usage_month"):
        used[row["account_code"], row["period"]] += float(row["seconds"]) + float(row["megabytes"])
    first = OperatorSpec(accounts=8000).periods[0]
    before = after = 0.0
    for code, one in truth.items():
        left = one["left_period"]
        if left is not None and periods.shift(left, -9) >= first:
            before += sum(used[code, periods.shift(left, -step)] for step in (7, 8, 9))
            after += sum(used[code, periods.shift(left, -step)] for step in (0, 1, 2))
            assert 2 <= one["decline_months"] <= 4
    assert 0 < after < 0.65 * before


def test_complaints_come_before_leaving(large: Path, truth: dict[str, dict[str, Any]]) -> None:
    complained = defaultdict(set)
    for row in rows_of(large, "complaints"):
        complained[row["account_code"]].add(row["received_at"].year * 100 + row["received_at"].month)
    last = OperatorSpec(accounts=8000).last_period
    tier = {row["account_code"]: row["tier"] for row in rows_of(large, "accounts") if row["tier"] != "D"}
    shares = defaultdict(list)
    for code in tier:
        left, cause = truth[code]["left_period"], truth[code]["cause"]
        if left is None or cause in {"response", "quality"}:
            recent = {periods.shift(left or last, -step) for step in range(4)}
            shares[left is not None].append(bool(complained[code] & recent))
    assert np.mean(shares[True]) > 2 * np.mean(shares[False])


def test_suppliers_follow_the_buyer_that_left(large: Path, truth: dict[str, dict[str, Any]]) -> None:
    links = {(row["supplier_code"], row["buyer_code"]) for row in rows_of(large, "supply_links")}
    followed = [one for one in truth.values() if one["cause"] == "neighbour"]
    assert followed
    for one in followed:
        buyer_left = truth[one["main_buyer_code"]]["left_period"] or truth[one["main_buyer_code"]]["leaving_period"]
        assert buyer_left is not None
        assert buyer_left <= (one["left_period"] or one["leaving_period"])
    named = [
        one
        for one in truth.values()
        if one["main_buyer_code"] and (one["account_code"], one["main_buyer_code"]) in links
    ]
    assert len(named) > 0.8 * sum(one["main_buyer_code"] is not None for one in truth.values())


def test_a_few_hubs_buy_from_many(large: Path) -> None:
    suppliers = Counter(table_of(large, "supply_links")["buyer_code"].to_pylist())
    ordered = sorted(suppliers.values(), reverse=True)
    assert len(ordered) < 0.05 * 8000
    assert ordered[0] >= 12
    assert None in table_of(large, "supply_links")["supplier_code"].to_pylist()


def test_hidden_styles_decide_what_is_used_and_gaps_are_not_held(large: Path, truth: dict[str, dict[str, Any]]) -> None:
    family = {one.code: one.family for one in products()}
    held = defaultdict(set)
    for row in rows_of(large, "subscriptions"):
        held[row["account_code"]].add(family[row["product_code"]])
    tier = {row["account_code"]: row["tier"] for row in rows_of(large, "accounts")}
    for style, name in (("voice", "400"), ("field", "vehicle"), ("cloud", "cloud"), ("video", "video-surveillance")):
        users = defaultdict(list)
        for code, one in truth.items():
            if tier[code] in {"B1", "B2"}:
                users[one["style"] == style].append(name in held[code])
        assert np.mean(users[True]) > 1.4 * np.mean(users[False]), (style, name)
    gaps = rows_of(large, "truth/peer_gaps")
    assert len(gaps) > 500
    assert not any(row["family"] in held[row["account_code"]] for row in gaps)


def test_planted_causes_stand_in_the_truth_and_in_the_complaints(large: Path) -> None:
    planted = {row["code"]: row for row in rows_of(large, "truth/planted")}
    assert set(planted) == {"line_fault", "billing_wave", "slow_installation"}
    region = {row["account_code"]: row["region_code"] for row in rows_of(large, "accounts")}
    size = Counter(region.values())
    spot = planted["line_fault"]
    quality = Counter(
        region[row["account_code"]]
        for row in rows_of(large, "complaints")
        if row["category"] == spot["category"]
        and row["received_at"].year * 100 + row["received_at"].month >= spot["since_period"]
    )
    rate = {code: quality[code] / size[code] for code in size}
    assert max(rate, key=rate.__getitem__) == spot["region_code"]
    wave = planted["billing_wave"]
    billing = Counter(
        row["received_at"].year * 100 + row["received_at"].month
        for row in rows_of(large, "complaints")
        if row["category"] == wave["category"]
    )
    assert wave["since_period"] <= billing.most_common(1)[0][0] <= wave["until_period"]
    late = defaultdict(list)
    for row in rows_of(large, "orders"):
        if row["kind"] == "install" and row["completed_at"] and row["ordered_at"].year == 2026:
            slow = region[row["account_code"]].startswith(planted["slow_installation"]["region_code"])
            late[slow].append(row["completed_at"].date() > row["promised_on"])
    assert np.mean(late[True]) > 2 * np.mean(late[False])


def test_second_entries_of_accounts_look_alike_and_are_told(large: Path) -> None:
    accounts = {row["account_code"]: row for row in rows_of(large, "accounts")}
    people = defaultdict(set)
    for row in rows_of(large, "contacts"):
        people[row["account_code"]].add(row["name"])
    pairs = rows_of(large, "truth/duplicates")
    assert 5 < len(pairs) < 0.01 * len(accounts)
    for pair in pairs:
        second, first = accounts[pair["account_code"]], accounts[pair["same_as"]]
        assert second["name"] != first["name"]
        assert len(set(second["name"]) & set(first["name"])) >= 0.6 * len(set(second["name"]) - set("有限责任公司（）"))
        assert (second["region_code"], second["industry"]) == (first["region_code"], first["industry"])
        assert second["credit_code"] in {None, first["credit_code"]}
        assert people[pair["account_code"]] & people[pair["same_as"]]


def test_the_spring_festival_quietens_factories(large: Path) -> None:
    factories = {row["account_code"] for row in rows_of(large, "accounts") if row["industry"] == "装备制造"}
    seconds: Counter[int] = Counter()
    for row in rows_of(large, "usage_month"):
        if row["account_code"] in factories:
            seconds[row["period"]] += row["seconds"]
    assert seconds[202602] < 0.75 * seconds[202603]


def test_visits_keep_the_cadence_of_the_tier(large: Path) -> None:
    visits = Counter(table_of(large, "visits")["account_code"].to_pylist())
    by_tier = defaultdict(list)
    for row in rows_of(large, "accounts"):
        if row["lifecycle"] == "active":
            by_tier[row["tier"]].append(visits[row["account_code"]])
    means = [float(np.mean(by_tier[tier])) for tier in ORDER]
    assert means == sorted(means, reverse=True)
    assert means[0] > 10 * means[5]


def test_crowded_districts_are_nearly_full(large: Path) -> None:
    crowded = set(table_of(large, "truth/crowded_districts")["region_code"].to_pylist())
    used = defaultdict(list)
    for row in rows_of(large, "network_resources"):
        used[row["region_code"] in crowded].append(float(row["in_use"] / row["capacity"]))
    assert min(used[True]) > 0.8
    assert np.mean(used[False]) < 0.7


def test_groups_are_trees_whose_branches_carry_the_name_of_their_head(large: Path) -> None:
    accounts = {row["account_code"]: row for row in rows_of(large, "accounts")}
    branches = [row for row in accounts.values() if row["parent_code"]]
    assert len(branches) > 300
    for row in branches:
        head = accounts[row["parent_code"]]
        assert (row["group_kind"], head["group_kind"], head["parent_code"]) == ("branch", "headquarters", None)
    sharing = [row for row in branches if row["name"][:2] in accounts[row["parent_code"]]["name"]]
    assert len(sharing) > 0.8 * len(branches)
    assert len({row["name"] for row in accounts.values()}) == len(accounts)
