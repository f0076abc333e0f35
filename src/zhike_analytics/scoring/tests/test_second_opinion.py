"""A dozen accounts with every kind of gap, scored once by the cycle and once in plain Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from zhike_analytics.contracts.policies_decisions import default_policies
from zhike_analytics.features.tests.example import MONTHS, PRODUCTS, TODAY, Tables, account, ago
from zhike_analytics.scoring.tests.example import changed, cycle, rows_of
from zhike_analytics.scoring.tests.second_opinion import opinions

CODES = [f"G{number:02d}" for number in range(1, 13)]


def dozen() -> Tables:
    """Return tables of twelve accounts; what G10 … G12 lack is unknown, not nothing."""
    accounts, bills, costs, subscriptions, rivals, contracts, contacts, members = ([] for _ in range(8))
    for number, code in enumerate(CODES, start=1):
        rich = number < 10
        accounts.append(
            account(
                code,
                lifecycle={8: "prospect", 9: "left"}.get(number, "active"),
                industry="C" if number % 2 else "I",
                employees=None if number == 11 else 7 * number**2,
                size=["small", "medium", "large", "huge"][number % 4],
                scope="local" if rich else None,
                group_kind="single" if rich else None,
                ownership="enterprise" if number % 3 else "government",
                credit_rating="ABCD"[number % 4] if rich else None,
                annual_revenue_fen=10**8 * number**3 if rich else None,
                registered_capital_fen=10**8 * number if number % 2 else None,
            )
        )
        for back, period in enumerate(MONTHS):
            if number not in (8, 12) or (number == 12 and back < 2):
                amount = 15_000 * number**2 + 700 * ((number * (back + 3)) % 11)
                bills.append({"account_code": code, "period": period, "amount_fen": amount})
                if number != 10:
                    cost = round(amount * (0.4 + 0.07 * (number % 5)))
                    costs.append({"account_code": code, "period": period, "amount_fen": cost})
        for product in PRODUCTS[: number % 7] if number not in (8, 9) else []:
            subscriptions.append(
                {
                    "account_code": code, **product, "monthly_fee_fen": 3_000 * number * (1 + number % 3),
                    "bundle": "融合" if number % 4 == 1 else None, "starts_on": ago(500),
                    "status": "ended" if number == 5 and product["product_code"].endswith("2") else "active",
                }
            )  # fmt: skip
        for other in range(number % 4):
            rivals.append(
                {
                    "account_code": code, "business_class": PRODUCTS[other * 3]["business_class"],
                    "product": f"异网 {other}", "monthly_fee_fen": 2_000 * number, "confidence": "high",
                    "ends_on": None if other == 2 else ago(-200 * number), "seen_on": ago(40),
                }
            )  # fmt: skip
        if number % 3:
            contracts.append({"account_code": code, "starts_on": ago(100), "ends_on": ago(-60 * number)})
        contacts += [
            {"account_code": code, "decision_role": "decides", "tie_strength": (number + one) % 6}
            for one in range(number % 5)
        ]
        members += [
            {"account_code": code, "paid_by": "person" if one % 3 == 0 else "company", "status": "active"}
            for one in range(3 * (number % 6))
        ]
        if number == 4:
            members.append({"account_code": code, "paid_by": "company", "status": "ported_out", "left_on": ago(20)})
    return {
        "accounts": accounts, "bills": bills, "costs": costs, "subscriptions": subscriptions,
        "competitor_holdings": rivals, "contracts": contracts, "contacts": contacts, "member_lines": members,
        "products": list(PRODUCTS),
    }  # fmt: skip


@pytest.mark.parametrize("fewest", [2, 20])
def test_the_cycle_says_what_a_calculation_by_hand_says(tmp_path: Path, fewest: int) -> None:
    policies = default_policies()
    policies = changed(policies, "value", fewest_peers=fewest)
    tables = dozen()
    said = opinions(tables, policies.model_dump(mode="json"), TODAY, MONTHS[:12])
    found = rows_of(cycle(tmp_path, tables, policies=policies), "scores")
    assert list(found) == CODES
    for code in CODES:
        for name in ("value", "loyalty", "lock_in"):
            _agree(code, name, found[code], getattr(said[code], name))
        chance = said[code].win_back
        if chance is None:
            assert found[code]["win_back_permille"] is None
        else:
            assert found[code]["win_back_permille"] == pytest.approx(chance, abs=1)


def _agree(code: str, name: str, row: dict[str, Any], opinion: dict[str, float]) -> None:
    """Every part within the hundredth that is cut off, and the total within as many as there are parts."""
    if not opinion:
        assert row[name] is None, (code, name)
        return
    parts = {key: value for key, value in opinion.items() if key != "total"}
    for part, points in parts.items():
        assert row[f"{name}_part_{part}"] == pytest.approx(points, abs=1.001), (code, name, part)
    own = (key for key in row if key.startswith(f"{name}_part_"))
    assert not [key for key in own if key.removeprefix(f"{name}_part_") not in parts and row[key] is not None]
    assert row[name] == pytest.approx(opinion["total"], abs=len(parts) + 0.01), (code, name)
