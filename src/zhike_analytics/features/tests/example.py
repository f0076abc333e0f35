"""Small operators written by hand for tests. Owns their rows; refuses anything random."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from zhike_analytics.contracts import periods

TODAY = date(2026, 11, 2)
LAST = 202610
MONTHS = [periods.shift(LAST, -back) for back in range(13)]
"""The last complete month first."""
Row = dict[str, Any]
Tables = dict[str, list[Row]]

_TEXT, _WHOLE, _DAY, _MOMENT = pa.string(), pa.int64(), pa.date32(), pa.timestamp("us", tz="UTC")
COLUMNS: dict[str, dict[str, pa.DataType]] = {
    "accounts": {
        **dict.fromkeys(
            (
                "account_code", "industry", "ownership", "size", "scope", "group_kind", "lifecycle", "credit_rating",
                "region_code",
            ),
            _TEXT,
        ),
        **dict.fromkeys(("employees", "annual_revenue_fen", "registered_capital_fen"), _WHOLE),
        "since": _DAY, "strategic": pa.bool_(), "manager_since": _DAY,
    },
    "bills": {"account_code": _TEXT, "period": pa.int32(), "amount_fen": _WHOLE, "due_on": _DAY},
    "costs": {"account_code": _TEXT, "period": pa.int32(), "amount_fen": _WHOLE},
    "payments": {"account_code": _TEXT, "paid_at": _MOMENT, "amount_fen": _WHOLE, "bill_period": pa.int32()},
    "usage_month": {
        "account_code": _TEXT, "period": pa.int32(), "service": _TEXT, "events": _WHOLE, "seconds": _WHOLE,
        "megabytes": pa.decimal128(18, 6),
    },
    "complaints": {"account_code": _TEXT, "received_at": _MOMENT, "outcome": _TEXT},
    "orders": {"account_code": _TEXT, "status": _TEXT, "ordered_at": _MOMENT, "promised_on": _DAY,
               "completed_at": _MOMENT},
    "visits": {"account_code": _TEXT, "visited_at": _MOMENT, "kind": _TEXT, "satisfaction": _WHOLE},
    "subscriptions": {
        "account_code": _TEXT, "product_code": _TEXT, "bundle": _TEXT, "monthly_fee_fen": _WHOLE, "starts_on": _DAY,
        "ends_on": _DAY, "status": _TEXT,
    },
    "competitor_holdings": {
        "account_code": _TEXT, "business_class": _TEXT, "product": _TEXT, "monthly_fee_fen": _WHOLE, "ends_on": _DAY,
        "seen_on": _DAY, "confidence": _TEXT,
    },
    "contracts": {"account_code": _TEXT, "starts_on": _DAY, "ends_on": _DAY, "auto_renew": pa.bool_()},
    "contacts": {
        "account_code": _TEXT, "decision_role": _TEXT, "tie_strength": _WHOLE, "last_met": _DAY, "known_since": _DAY,
    },
    "member_lines": {"account_code": _TEXT, "paid_by": _TEXT, "status": _TEXT, "left_on": _DAY},
    "associations": {"account_code": _TEXT, "member_role": _TEXT},
    "supply_links": {"buyer_code": _TEXT, "supplier_code": _TEXT},
    "products": {"product_code": _TEXT, "business_class": _TEXT},
}  # fmt: skip
PRODUCTS = [
    {"product_code": f"{kind}-{number}", "business_class": kind}
    for kind in ("communication", "industry", "support")
    for number in (1, 2, 3)
]


def ago(days: int) -> date:
    """Return the day so many days before the cycle."""
    return TODAY - timedelta(days=days)


def at(days: int) -> datetime:
    """Return noon of the day so many days before the cycle."""
    return datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC) - timedelta(days=days)


def account(code: str, **known: Any) -> Row:
    """Return an account of which only what is given is known."""
    return {"account_code": code, "lifecycle": "active", **known}


def billed(code: str, *yuan: float, first: int = LAST) -> list[Row]:
    """Return one bill a month in yuan, the latest first."""
    return [
        {"account_code": code, "period": periods.shift(first, -back), "amount_fen": round(100 * one)}
        for back, one in enumerate(yuan)
    ]


def write(folder: Path, tables: Mapping[str, Sequence[Row]]) -> Path:
    """Write tables as Parquet; what is not named was never loaded, an empty list is a table without rows."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        columns = COLUMNS[name]
        schema = pa.schema(list(columns.items()))
        held = [{column: row.get(column) for column in columns} for row in rows]
        pq.write_table(pa.Table.from_pylist(held, schema=schema), folder / f"{name}.parquet")
    return folder
