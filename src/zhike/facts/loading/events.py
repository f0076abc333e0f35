"""Writes imported events as lines of the account's timeline. Refuses anything personal in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from zhike.facts.loading.incoming import FILE, INCOMING, LINE, Report, bring_in, silent
from zhike_analytics.contracts import TABLES

TIMELINE_TABLES = ("complaints", "visits", "orders")
"""Payments are no lines of their own: one a month and account would hide the others. They stand beside their bill."""


def load_events(cursor: Any, table: str, parquet: Path, import_id: UUID, report: Report = silent) -> int:
    """Insert or replace the rows by their key, as the lake does; return how many are new or differ.

    Rows of accounts that are unknown here were refused before; one that vanished since is left out.
    """
    contract = TABLES[table]
    given = bring_in(cursor, contract, parquet, None, lambda share, stage: report(share * 0.5, stage))
    key = next(name for name in contract.key if name != "account_code")
    hidden = [column.lake_name for column in contract.columns if column.personal]
    left_out = ["_row", FILE, LINE, "account_code", *hidden]
    report(0.5, "timeline")
    assert {key, contract.moment} <= set(given)
    cursor.execute(
        'INSERT INTO facts_importedevent AS e (account_id, "table", key, at, detail, source)'
        f" SELECT a.id, %s, i.{key}, i.{contract.moment}, jsonb_strip_nulls(to_jsonb(i) - %s::text[]), %s"
        f" FROM {INCOMING} i JOIN customers_account a ON a.code = i.account_code"
        ' ON CONFLICT (account_id, "table", key) DO UPDATE SET'
        " at = excluded.at, detail = excluded.detail, source = excluded.source"
        " WHERE (e.at, e.detail) IS DISTINCT FROM (excluded.at, excluded.detail)",
        [table, left_out, import_id],
    )
    report(1.0, "timeline")
    return int(cursor.rowcount)
