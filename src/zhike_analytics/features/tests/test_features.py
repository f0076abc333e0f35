"""Features of single accounts: what is counted, from which day on, and what stays unknown."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zhike_analytics.features import CycleInputs, build_features
from zhike_analytics.features.columns import ratio, whole
from zhike_analytics.features.inputs import InputError
from zhike_analytics.features.peers import SUMS, Peers
from zhike_analytics.features.tests.example import LAST, MONTHS, TODAY, Tables, account, ago, billed, write


def features(folder: Path, tables: Tables, as_of: date = TODAY) -> dict[str, dict[str, Any]]:
    """Return the features of accounts by code."""
    inputs = CycleInputs.from_folder(write(folder / "tables", tables))
    run = build_features(inputs, as_of, folder / "features.parquet", folder / "work")
    return {row["account_code"]: row for row in pq.read_table(run.path).to_pylist()}


def test_events_belong_to_the_day_they_have_in_shanghai(tmp_path: Path) -> None:
    late = datetime(2026, 11, 1, 17, tzinfo=UTC)  # already the 2nd there
    visits = [{"account_code": "A", "visited_at": late, "kind": "onsite"}]
    assert features(tmp_path, {"accounts": [account("A")], "visits": visits})["A"]["unvisited_days"] == 0


def test_what_lies_after_the_day_of_the_cycle_does_not_exist(tmp_path: Path) -> None:
    tables: Tables = {
        "accounts": [account("A")],
        "bills": billed("A", 900, 100, 100),
        "complaints": [{"account_code": "A", "received_at": datetime(2026, 10, 20, tzinfo=UTC)}],
        "visits": [{"account_code": "A", "visited_at": datetime(2026, 10, 20, tzinfo=UTC), "kind": "onsite"}],
    }
    row = features(tmp_path, tables, as_of=date(2026, 10, 2))["A"]
    assert row["bill_latest_fen"] == 10_000
    assert (row["complaints_90"], row["visits_90"]) == (0, 0)


def test_the_month_that_has_only_begun_is_not_counted(tmp_path: Path) -> None:
    bills = [*billed("A", 100, 100), {"account_code": "A", "period": 202611, "amount_fen": 1}]
    assert features(tmp_path, {"accounts": [account("A")], "bills": bills})["A"]["bill_latest_fen"] == 10_000


def test_a_table_without_rows_says_none_and_a_table_that_is_missing_says_nothing(tmp_path: Path) -> None:
    known = features(tmp_path / "known", {"accounts": [account("A")], "contracts": [], "member_lines": []})["A"]
    assert (known["contracts"], known["members"], known["contract_days_left"]) == (0, 0, 0)
    assert known["contract_ends_in"] is None  # no contract ends
    unknown = features(tmp_path / "unknown", {"accounts": [account("A")]})["A"]
    assert {name: unknown[name] for name in ("contracts", "members", "contract_days_left", "fee_fen")} == {
        "contracts": None, "members": None, "contract_days_left": None, "fee_fen": None,
    }  # fmt: skip


def test_products_the_catalogue_does_not_name_count_as_fees_of_no_class(tmp_path: Path) -> None:
    row = {"account_code": "A", "monthly_fee_fen": 500, "starts_on": ago(10), "status": "active"}
    tables: Tables = {
        "accounts": [account("A")],
        "products": [{"product_code": "x", "business_class": "industry"}],
        "subscriptions": [{**row, "product_code": "x"}, {**row, "product_code": "?"}],
    }
    found = features(tmp_path, tables)["A"]
    assert (found["fee_fen"], found["fee_industry_fen"], found["breadth_industry"]) == (1000, 500, 1)


def test_services_that_ended_or_have_not_begun_are_not_held(tmp_path: Path) -> None:
    row = {"account_code": "A", "product_code": "x", "monthly_fee_fen": 100}
    tables: Tables = {
        "accounts": [account("A")],
        "products": [{"product_code": "x", "business_class": "support"}],
        "subscriptions": [
            {**row, "status": "ended", "starts_on": ago(500), "ends_on": ago(200)},
            {**row, "status": "active", "starts_on": ago(-5)},
            {**row, "status": "suspended", "starts_on": ago(5)},
        ],
    }
    found = features(tmp_path, tables)["A"]
    assert (found["subscriptions"], found["fee_support_fen"], found["removed_90"]) == (1, 100, 0)


def test_arrears_count_nothing_that_is_not_due_and_never_fall_below_zero(tmp_path: Path) -> None:
    bills = [
        {"account_code": "A", "period": MONTHS[1], "amount_fen": 10_000, "due_on": ago(8)},
        {"account_code": "A", "period": MONTHS[0], "amount_fen": 10_000, "due_on": ago(-20)},
        {"account_code": "B", "period": MONTHS[1], "amount_fen": 10_000, "due_on": ago(8)},
    ]
    paid = [{"account_code": "B", "paid_at": datetime(2026, 10, 20, tzinfo=UTC), "amount_fen": 99_000}]
    tables: Tables = {"accounts": [account("A"), account("B")], "bills": bills, "payments": paid}
    found = features(tmp_path, tables)
    assert found["A"]["overdue_fen"] == 10_000
    assert (found["B"]["overdue_fen"], found["B"]["overdue_days"]) == (0, 0)


def test_whoever_was_never_visited_has_waited_since_records_or_the_relation_began(tmp_path: Path) -> None:
    visits = [{"account_code": "B", "visited_at": datetime(2026, 6, 1, 4, tzinfo=UTC), "kind": "onsite"}]
    accounts = [account("OLD", since=ago(3000)), account("NEW", since=ago(12)), account("B")]
    found = features(tmp_path, {"accounts": accounts, "visits": visits})
    assert found["OLD"]["unvisited_days"] == (TODAY - date(2026, 6, 1)).days
    assert found["NEW"]["unvisited_days"] == 12
    assert (found["OLD"]["visited"], found["B"]["visited"]) == (0, 1)


def test_an_operator_without_accounts_gives_empty_features(tmp_path: Path) -> None:
    assert features(tmp_path, {"accounts": []}) == {}


def test_facts_that_all_lie_after_the_day_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"begin in {LAST}"):
        features(tmp_path, {"accounts": [account("A")], "bills": billed("A", 1)}, as_of=date(2020, 1, 1))


def test_too_few_peers_widen_to_the_band_and_then_to_all() -> None:
    rows = [
        {"industry": industry, "peer_size": band, "fee_support_fen": fee}
        for industry, band, fee in (("C", "10+", 1), ("C", "10+", 3), ("I", "10+", 8), ("I", "50+", 100))
    ]
    columns = {name: pa.array([row.get(name) for row in rows]) for name in ("industry", "peer_size", "fee_support_fen")}
    table = pa.table({**columns, "customer": pa.array([True] * 4)})
    for name in SUMS:
        if name not in table.column_names:
            table = table.append_column(name, pa.nulls(4, pa.int64()))
    peers = Peers(2)
    peers.add(table)
    above, below = peers.of(table, "fee_support_fen", "fee_support_fen.count")
    assert list(zip(above.tolist(), below.tolist(), strict=True)) == [(4, 2), (4, 2), (12, 3), (112, 4)]


def test_a_quotient_by_nothing_is_unknown_and_rounding_keeps_the_unknown() -> None:
    found = ratio(np.array([1.0, 1.0, np.nan]), np.array([2.0, 0.0, 1.0]))
    assert whole(1000 * found).to_pylist() == [500, None, None]
