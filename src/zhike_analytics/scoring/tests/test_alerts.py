"""Each rule at its thresholds, with its evidence and the money at stake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from zhike_analytics.contracts import periods
from zhike_analytics.contracts.policies_decisions import RULES, default_policies
from zhike_analytics.features.tests.example import LAST, TODAY, Tables, account, ago, at, billed
from zhike_analytics.scoring.tests.example import alerts_of, changed, cycle

YEAR = billed("A", *[1000.0] * 12)
"""A customer of 1,000 yuan a month: 12,000 a year at stake."""
STAKE = 1_200_000


def usage(code: str, *seconds: int, service: str = "voice_local") -> list[dict[str, Any]]:
    """Return seconds by month, the latest first."""
    return [
        {"account_code": code, "period": periods.shift(LAST, -back), "service": service, "seconds": one}
        for back, one in enumerate(seconds)
        if one
    ]


def seasonal(now: int, ago: tuple[int, int, int, int]) -> list[dict[str, Any]]:
    """Return three months of 10,000 seconds and the last one, and the same four months of the year before."""
    return usage("A", now, 10000, 10000, 10000, *[0] * 8, *ago)


def raised(folder: Path, rule: str, tables: Tables, **known: Any) -> dict[str, Any] | None:
    """Return the alert of a rule about account A, or nothing."""
    result = cycle(folder, {"accounts": [account("A", **known)], **tables})
    found = alerts_of(result).get(("A", rule))
    if found:
        assert found["unit"] == RULES[rule].unit
        assert found["since"] == TODAY
        assert found["threshold"] == getattr(default_policies().alerts.rules[rule], found["level"])
        found["evidence"] = json.loads(found["evidence"])
    return found


def complaints(*days: int, outcome: str | None = None) -> list[dict[str, Any]]:
    return [{"account_code": "A", "received_at": at(one), "outcome": outcome} for one in days]


def contract(days: int, **more: Any) -> list[dict[str, Any]]:
    return [{"account_code": "A", "starts_on": ago(300), "ends_on": ago(-days), **more}]


def lines(removed: int, kept: int) -> list[dict[str, Any]]:
    row = {"account_code": "A", "product_code": "communication-1", "monthly_fee_fen": 100, "starts_on": ago(500)}
    gone = [{**row, "status": "ended", "ends_on": ago(30)}] * removed
    return [*gone, *[{**row, "status": "active"}] * kept]


def members(left: int, kept: int) -> list[dict[str, Any]]:
    row = {"account_code": "A", "paid_by": "company"}
    gone = [{**row, "status": "ported_out", "left_on": ago(60)}] * left
    return [*gone, *[{**row, "status": "active"}] * kept]


def visited(days: int, satisfaction: int | None = None, kind: str = "onsite") -> list[dict[str, Any]]:
    long_ago = {"account_code": "B", "visited_at": at(900), "kind": "onsite"}
    return [long_ago, {"account_code": "A", "visited_at": at(days), "kind": kind, "satisfaction": satisfaction}]


CASES: list[tuple[str, Tables, str | None, float | None]] = [
    ("bill_fall", {"bills": billed("A", 850, 1000, 1000, 1000)}, "yellow", 15.0),
    ("bill_fall", {"bills": billed("A", 851, 1000, 1000, 1000)}, None, None),
    ("bill_fall", {"bills": billed("A", 700, 1000, 1000, 1000)}, "red", 30.0),
    ("bill_fall", {"bills": billed("A", 70, 100, 100, 100)}, None, None),  # 30 yuan a month are no alert
    ("usage_fall", {"usage_month": usage("A", 8500, 10000, 10000, 10000)}, "yellow", 15.0),
    ("usage_fall", {"usage_month": usage("A", 8600, 10000, 10000, 10000)}, None, None),
    ("usage_fall", {"usage_month": usage("A", 6000, 10000, 10000, 10000)}, "red", 40.0),
    ("usage_fall", {"usage_month": usage("A", 60, 1790, 1790, 1790)}, None, None),  # hardly half an hour before
    ("usage_fall", {"usage_month": usage("A", 60, 1800, 1800, 1800)}, "red", 96.7),
    ("usage_fall", {"usage_month": seasonal(7000, ago=(7000, 10000, 10000, 10000))}, None, None),  # as a year ago
    ("usage_fall", {"usage_month": seasonal(5600, ago=(7000, 10000, 10000, 10000))}, "yellow", 20.0),
    ("usage_fall", {"usage_month": seasonal(6000, ago=(15000, 10000, 10000, 10000))}, "red", 40.0),  # no rise expected
    ("usage_fall", {"usage_month": seasonal(1500, ago=(100, 10000, 10000, 10000))}, "red", 50.0),  # own troubles then
    ("usage_fall", {"usage_month": seasonal(6000, ago=(70, 100, 100, 100))}, "red", 40.0),  # too little to tell from
    ("declining", {"bills": billed("A", 800, 900, 1000, 1000, 1000)}, "yellow", 2.0),
    ("declining", {"bills": billed("A", 700, 800, 900, 1000)}, "red", 3.0),
    ("declining", {"bills": billed("A", 800, 1000, 1000)}, None, None),
    ("declining", {"bills": billed("A", 970, 985, 1000)}, None, None),  # less than 2 % is no fall
    ("silent", {"usage_month": usage("A", 0, 100, 100) + usage("B", 5)}, "yellow", 1.0),
    ("silent", {"usage_month": usage("A", 0, 0, 100) + usage("B", 5)}, "red", 2.0),
    ("silent", {"usage_month": usage("A", 1, 0, 100) + usage("B", 5)}, None, None),
    ("removal", {"subscriptions": lines(1, 11)}, "yellow", 8.333),
    ("removal", {"subscriptions": lines(1, 9)}, "red", 10.0),
    ("removal", {"subscriptions": lines(0, 9)}, None, None),
    ("complaints", {"complaints": complaints(89, 3)}, "yellow", 2.0),
    ("complaints", {"complaints": complaints(90, 3)}, None, None),
    ("complaints", {"complaints": complaints(1, 2, 3, 4)}, "red", 4.0),
    ("escalated", {"complaints": complaints(89, outcome="escalated")}, "red", 1.0),
    ("escalated", {"complaints": complaints(90, outcome="escalated")}, None, None),
    ("contract_end", {"contracts": contract(90)}, "yellow", 90.0),
    ("contract_end", {"contracts": contract(91)}, None, None),
    ("contract_end", {"contracts": contract(30)}, "red", 30.0),
    ("contract_end", {"contracts": contract(30, auto_renew=True)}, None, None),
    ("satisfaction", {"visits": visited(10, 7)}, "yellow", 70.0),
    ("satisfaction", {"visits": visited(10, 5)}, "red", 50.0),
    ("satisfaction", {"visits": visited(10, 8)}, None, None),  # 80 of 100 is not below 80
    ("satisfaction", {"visits": visited(10)}, None, None),
    ("members_leaving", {"member_lines": members(3, 97)}, "yellow", 3.0),
    ("members_leaving", {"member_lines": members(2, 98)}, None, None),
    ("members_leaving", {"member_lines": members(8, 92)}, "red", 8.0),
    ("members_leaving", {"member_lines": members(1, 4)}, None, None),  # one person of five is no movement
    ("members_leaving", {"member_lines": members(2, 8)}, "red", 20.0),
]


@pytest.mark.parametrize(("rule", "tables", "level", "measure"), CASES)
def test_a_rule_warns_from_its_threshold_on(
    tmp_path: Path, rule: str, tables: Tables, level: str | None, measure: float | None
) -> None:
    found = raised(tmp_path, rule, tables)
    if level is None:
        assert found is None
    else:
        assert found is not None
        assert (found["level"], found["measure"]) == (level, measure)
        assert found["evidence"]
        assert any(value is not None for value in found["evidence"].values())


@pytest.mark.parametrize(("days", "level"), [(14, None), (15, "yellow"), (30, "red")])
def test_arrears_count_from_the_day_on_which_the_oldest_open_bill_fell_due(
    tmp_path: Path, days: int, level: str | None
) -> None:
    bills = [{"account_code": "A", "period": LAST, "amount_fen": 50_000, "due_on": ago(days)}]
    found = raised(tmp_path, "overdue", {"bills": bills, "payments": []})
    assert (found and found["level"]) == level
    if found:
        assert found["stake_fen"] == 50_000  # what is overdue
        assert found["evidence"] == {"overdue_days": days, "overdue_fen": 50_000}


def test_what_was_paid_settles_the_oldest_bill_first(tmp_path: Path) -> None:
    bills = [
        {"account_code": "A", "period": 202607, "amount_fen": 10_000, "due_on": ago(81)},
        {"account_code": "A", "period": 202608, "amount_fen": 10_000, "due_on": ago(50)},
    ]
    paid = [{"account_code": "A", "paid_at": at(60), "amount_fen": 10_000}]
    found = raised(tmp_path, "overdue", {"bills": bills, "payments": paid})
    assert found is not None
    assert found["evidence"]["overdue_fen"] == 10_000
    assert found["evidence"]["overdue_days"] == 50


@pytest.mark.parametrize(("days", "level"), [(134, None), (135, "yellow"), (180, "red")])
def test_visits_are_missed_by_the_interval_of_the_tier(tmp_path: Path, days: int, level: str | None) -> None:
    bills = billed("A", *[4000.0] * 12)  # B2: every 90 days
    found = raised(tmp_path, "unvisited", {"bills": bills, "visits": visited(days)})
    assert (found and found["level"]) == level
    if found:
        assert found["stake_fen"] == 4 * STAKE


@pytest.mark.parametrize(("days", "level"), [(60, "yellow"), (61, None)])
def test_a_new_manager_who_was_not_introduced_is_told(tmp_path: Path, days: int, level: str | None) -> None:
    visits = visited(days + 10, kind="joint")
    found = raised(tmp_path, "manager_changed", {"visits": visits}, manager_since=ago(days))
    assert (found and found["level"]) == level
    introduced = raised(tmp_path / "2", "manager_changed", {"visits": visited(5, kind="joint")}, manager_since=ago(20))
    assert introduced is None


@pytest.mark.parametrize(("days", "met", "level"), [(30, None, "yellow"), (31, None, None), (20, 10, None)])
def test_a_new_decider_whom_nobody_has_met_is_told(
    tmp_path: Path, days: int, met: int | None, level: str | None
) -> None:
    contact = {
        "account_code": "A", "decision_role": "decides", "known_since": ago(days),
        "last_met": None if met is None else ago(met),
    }  # fmt: skip
    found = raised(tmp_path, "contact_changed", {"contacts": [contact]})
    assert (found and found["level"]) == level


@pytest.mark.parametrize(("days", "level"), [(10, "red"), (11, "yellow"), (30, "yellow"), (31, None)])
def test_a_competitor_seen_lately_puts_a_year_of_its_fees_at_stake(
    tmp_path: Path, days: int, level: str | None
) -> None:
    held = {"account_code": "A", "business_class": "communication", "product": "专线", "monthly_fee_fen": 70_000}
    found = raised(tmp_path, "competitor_seen", {"competitor_holdings": [{**held, "seen_on": ago(days)}]})
    assert (found and found["level"]) == level
    if found:
        assert found["stake_fen"] == 12 * 70_000


@pytest.mark.parametrize(("days", "level"), [(0, None), (1, "yellow"), (6, "yellow"), (7, "red")])
def test_an_order_past_its_promised_day_is_told_until_it_is_finished(
    tmp_path: Path, days: int, level: str | None
) -> None:
    order = {
        "account_code": "A",
        "status": "open",
        "ordered_at": at(40),
        "promised_on": ago(days),
        "completed_at": None,
    }
    finished = {**order, "promised_on": ago(30), "status": "done", "completed_at": at(2)}
    cancelled = {**order, "promised_on": ago(30), "status": "cancelled"}
    found = raised(tmp_path, "promise_late", {"orders": [finished, order, cancelled]})
    assert (found and found["level"]) == level
    if found:
        assert found["measure"] == days
        assert found["evidence"] == {"orders_late_days": days, "orders_late": 1}


def test_a_fall_puts_a_year_of_itself_at_stake_and_a_contract_the_income(tmp_path: Path) -> None:
    bills = billed("A", 500, *[1000.0] * 11)
    fall = raised(tmp_path, "bill_fall", {"bills": bills, "contracts": contract(20)})
    assert fall is not None
    assert fall["stake_fen"] == 12 * 50_000
    assert fall["evidence"] == {"bill_latest_fen": 50_000, "bill_before3_fen": 100_000, "bill_change_permille": -500}
    end = raised(tmp_path / "2", "contract_end", {"bills": YEAR, "contracts": contract(20)})
    assert end is not None
    assert end["stake_fen"] == STAKE


def test_a_stake_of_which_nothing_is_known_is_no_zero(tmp_path: Path) -> None:
    found = raised(tmp_path, "contract_end", {"contracts": contract(20)})
    assert found is not None
    assert found["stake_fen"] is None


def test_whoever_has_left_or_is_no_customer_yet_raises_no_alert(tmp_path: Path) -> None:
    for number, lifecycle in enumerate(("left", "prospect")):
        tables: Tables = {"contracts": contract(20), "complaints": complaints(1, 2, 3, 4)}
        result = cycle(tmp_path / str(number), {"accounts": [account("A", lifecycle=lifecycle)], **tables})
        assert not alerts_of(result)


def test_an_account_new_this_month_is_not_blamed_for_months_it_was_not_there(tmp_path: Path) -> None:
    tables: Tables = {
        "bills": billed("A", 900) + billed("B", *[500.0] * 13),
        "usage_month": usage("A", 900) + usage("B", *[500] * 4),
        "visits": [{"account_code": "B", "visited_at": at(700), "kind": "onsite"}],
    }
    accounts = [account("A", since=ago(25)), account("B", since=ago(3000))]
    found = alerts_of(cycle(tmp_path, {"accounts": accounts, **tables}))
    assert not [rule for code, rule in found if code == "A"]


def test_an_alert_that_stands_keeps_its_first_day_and_one_that_comes_back_gets_a_new_one(tmp_path: Path) -> None:
    tables: Tables = {"accounts": [account("A")], "contracts": contract(80)}
    first = cycle(tmp_path, tables, name="one", as_of=ago(5))
    second = cycle(tmp_path, tables, name="two", previous=first)
    assert alerts_of(second)["A", "contract_end"]["since"] == ago(5)
    gone = cycle(tmp_path, {**tables, "contracts": contract(300)}, name="three", previous=second)
    again = cycle(tmp_path, tables, name="four", previous=gone)
    assert ("A", "contract_end") not in alerts_of(gone)
    assert alerts_of(again)["A", "contract_end"]["since"] == TODAY


def test_a_rule_that_is_left_out_is_off_and_one_without_its_table_says_what_it_lacks(tmp_path: Path) -> None:
    policies = default_policies()
    rules = {name: one for name, one in policies.alerts.model_dump(mode="json")["rules"].items() if name != "silent"}
    result = cycle(
        tmp_path,
        {"accounts": [account("A")], "contracts": contract(20)},
        policies=changed(policies, "alerts", rules=rules),
    )
    told = result.about["rules"]
    assert told["silent"] == "off"
    assert told["contract_end"] == "judged"
    assert told["overdue"] == "lacks bills, payments"
    assert told["usage_fall"] == "lacks usage_month"
    month = cycle(tmp_path, {"accounts": [account("A")], "bills": billed("A", 100)}, name="month").about["rules"]
    assert month["bill_fall"] == month["declining"] == "lacks bills.earlier"
    assert told["manager_changed"] == "lacks visits, accounts.manager_since"
