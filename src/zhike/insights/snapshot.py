"""Keeps what a cycle reads: the archive as Parquet, and the lake's files of that moment. Refuses personal data.

All tables are copied as they stood at one moment, in the order of their keys, so that the same archive gives the same
files. The folder can be given to the library again: ``CycleInputs.from_folder`` reads it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, transaction

Report = Callable[[float, str], None]
CODE = 'a.code COLLATE "C"'
ACCOUNT = "JOIN customers_account a ON a.id = r.account_id"


@dataclass(frozen=True)
class Copied:
    """One table of the snapshot: its columns with their types, and the SQL that reads them."""

    columns: dict[str, str]
    select: str
    from_: str
    order: str
    asked: str  # what must have a row, else the table was never filled and is unknown


def _of_account(
    table: str, columns: dict[str, str], *, select: str = "", from_: str = "", code: str = "account_code"
) -> Copied:
    told = select or ", ".join(_column(name, kind) for name, kind in columns.items())
    return Copied({code: "text", **columns}, f"a.code, {told}", from_ or f"{table} r {ACCOUNT}", f"{CODE}, r.id", table)


def _column(name: str, kind: str) -> str:
    return f"nullif(r.{name}, '')" if kind == "text" else f"r.{name}"


_TEXTS = ("industry", "ownership", "size", "scope", "group_kind", "lifecycle", "credit_rating")
_ACCOUNTS = {
    **dict.fromkeys(_TEXTS, "text"), "region_code": "text", "employees": "integer", "annual_revenue_fen": "integer",
    "registered_capital_fen": "integer", "since": "date", "strategic": "boolean", "manager_since": "date",
}  # fmt: skip

TABLES: dict[str, Copied] = {
    # A manager is new where another one led the account before; the first one of all is nobody's successor.
    "accounts": Copied(
        {"account_code": "text", **_ACCOUNTS},
        f"a.code, {', '.join(f'''nullif(a.{name}, '')''' for name in _TEXTS)}, region.code, a.employees,"
        " a.annual_revenue_fen, a.registered_capital_fen, a.since, a.strategic, lead.valid_from",
        "customers_account a JOIN people_region region ON region.id = a.region_id"
        " LEFT JOIN customers_teammembership lead ON lead.account_id = a.id AND lead.duty = 'lead'"
        " AND lead.valid_to IS NULL AND EXISTS (SELECT FROM customers_teammembership past"
        " WHERE past.account_id = a.id AND past.duty = 'lead' AND past.valid_to <= lead.valid_from)",
        CODE,
        "customers_account",
    ),
    "subscriptions": Copied(
        {
            "account_code": "text", "product_code": "text", "bundle": "text", "monthly_fee_fen": "integer",
            "starts_on": "date", "ends_on": "date", "status": "text",
        },
        "a.code, p.code, nullif(r.bundle, ''), r.monthly_fee_fen, r.starts_on, r.ends_on, nullif(r.status, '')",
        f"customers_subscription r {ACCOUNT} JOIN catalogue_product p ON p.id = r.product_id",
        f"{CODE}, r.id",
        "customers_subscription",
    ),
    "competitor_holdings": _of_account(
        "customers_competitorholding",
        {
            "business_class": "text", "product": "text", "monthly_fee_fen": "integer", "ends_on": "date",
            "seen_on": "date", "confidence": "text",
        },
    ),
    "contracts": _of_account(
        "customers_contract", {"starts_on": "date", "ends_on": "date", "auto_renew": "boolean"}
    ),
    # Whoever came after the account's first people is new since then; the first ones were always there.
    "contacts": _of_account(
        "customers_contact",
        {"decision_role": "text", "tie_strength": "integer", "last_met": "date", "known_since": "date"},
        select="nullif(r.decision_role, ''), r.tie_strength, r.last_met,"
        " CASE WHEN r.came > min(r.came) OVER (PARTITION BY r.account_id) THEN r.came END",
        from_="(SELECT id, account_id, decision_role, tie_strength, last_met, coalesce((provenance->'*'->>'on')::date,"
        " (provenance->'name'->>'on')::date) AS came FROM customers_contact) r " + ACCOUNT,
    ),
    "member_lines": _of_account(
        "customers_memberline", {"paid_by": "text", "left_on": "date", "status": "text"}
    ),
    "associations": _of_account("customers_associationmembership", {"member_role": "text"}),
    "supply_links": _of_account("customers_supplylink", {"goods": "text"}, code="buyer_code"),
    "products": Copied(
        {"product_code": "text", "business_class": "text"}, "r.code, r.business_class", "catalogue_product r",
        'r.code COLLATE "C"', "catalogue_product",
    ),
}  # fmt: skip
"""What a cycle reads of the archive: no name, number or address of anybody."""

IDS = Copied(
    {"account_code": "text", "account_id": "integer", "region_id": "integer", "lead_id": "integer"},
    "a.code, a.id, a.region_id, lead.staff_id",
    "customers_account a LEFT JOIN customers_teammembership lead"
    " ON lead.account_id = a.id AND lead.duty = 'lead' AND lead.valid_to IS NULL",
    CODE,
    "customers_account",
)
"""By which results find their accounts again; not part of what a cycle is computed from."""


def take_snapshot(folder: Path, scratch: Path, report: Report) -> tuple[dict[str, Path], Path]:
    """Copy the archive into `folder` and return its files by table, and the file of ids.

    A table that holds no row at all was never filled: it is left out, which the cycle reads as unknown.
    """
    from zhike_analytics.engines.snapshot import write_snapshot  # the engine loads where it works

    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, Path] = {}
    with _one_moment(), connection.cursor() as cursor:
        for number, (name, one) in enumerate({**TABLES, "ids": IDS}.items()):
            report(number / (len(TABLES) + 1), "snapshot")
            cursor.execute(f"SELECT EXISTS (SELECT FROM {one.asked})")
            if not cursor.fetchone()[0]:
                continue
            rows = scratch / f"{name}.csv"
            with (
                rows.open("wb") as file,
                cursor.copy(
                    f"COPY (SELECT {one.select} FROM {one.from_} ORDER BY {one.order}) TO STDOUT (FORMAT csv)"
                ) as copy,
            ):
                for block in copy:
                    file.write(block)
            found[name] = folder / f"{name}.parquet"
            write_snapshot(rows, one.columns, found[name])
            rows.unlink()
    return found, found.pop("ids", folder / "ids.parquet")


@contextmanager
def _one_moment() -> Iterator[None]:
    """Open a transaction that sees every table as it stood at one moment."""
    within = connection.in_atomic_block  # as in tests: too late to choose
    with transaction.atomic():
        if not within:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def keep(file: Path, target: Path) -> Path:
    """Give a file of the lake a second name, so that it outlives its replacement; return where it can be read.

    Where the disk knows no second names, the file is read in its place: the lake keeps replaced files for an hour.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file, target)
    except OSError:
        return file
    return target
