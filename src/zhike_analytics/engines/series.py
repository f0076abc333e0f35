"""Writes the months of each account side by side, for publishing. Refuses to hold all accounts in memory at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from zhike_analytics.contracts import periods
from zhike_analytics.engines.duck import paths, rows, session, text

ACCOUNTS_AT_ONCE = 100_000
MEASURES = ("billed_fen", "cost_fen", "paid_fen", "voice_seconds", "events", "megabytes")
_SOURCES: dict[str, tuple[str, dict[str, str]]] = {
    "bills": ("period", {"billed_fen": "amount_fen"}),
    "costs": ("period", {"cost_fen": "amount_fen"}),
    "payments": ("(year(paid_at) * 100 + month(paid_at))::INTEGER", {"paid_fen": "amount_fen"}),
    "usage_month": (
        "period",
        {
            "voice_seconds": "CASE WHEN service LIKE 'voice%' THEN coalesce(seconds, 0) ELSE 0 END",
            "events": "coalesce(events, 0)",
            "megabytes": "coalesce(round(megabytes), 0)",
        },
    ),
}
ZERO_WHERE_LOADED = {"billed_fen": "bills", "paid_fen": "payments"}
"""No row in a month that was loaded means nothing was billed or paid; a cost or usage without a row is unknown."""

Files = Mapping[str, Mapping[int, Path]]


def write_account_series(
    files: Files, accounts: Path, target: Path, workdir: Path, *, first: int, last: int, overdue_before: str
) -> int:
    """Write one line per account that has any fact, as PostgreSQL's COPY reads CSV; return how many lines.

    Parameters
    ----------
    files
        Files of the lake per table (``bills``, ``costs``, ``payments``, ``usage_month``) and month.
    accounts
        CSV without head: id and code of every account, sorted by code (byte order).
    target
        CSV: account id; one array ``{…}`` of `first` … `last` for each of :data:`MEASURES`; fen overdue.
    overdue_before
        ISO date: bills due before it count as due. A bill without a date is due at the end of the next month.

    Sums are of whole numbers (megabytes rounded per row), so that any order of adding gives the same digits.
    Accounts go through in ranges of their code: the months' files are sorted by it, so each range reads its part only.
    """
    months = periods.between(first, last)
    written = 0
    with session(workdir, memory_limit="2GB") as connection, target.open("wb") as out:
        connection.execute(
            f"CREATE TEMP TABLE account AS SELECT * FROM read_csv({text(str(accounts))}, header = false,"
            " columns = {'id': 'BIGINT', 'code': 'VARCHAR'}) ORDER BY code"
        )
        for low, high in _ranges(connection):
            part = workdir / "series-part.csv"
            query = _query(files, months, low, high, overdue_before)
            if query is None:
                return 0
            found = connection.execute(
                f"COPY ({query}) TO {text(str(part))} (FORMAT csv, HEADER false, NULLSTR '')"
            ).fetchone()
            written += int(found[0]) if found else 0
            with part.open("rb") as piece:
                while block := piece.read(1 << 20):
                    out.write(block)
            part.unlink()
    return written


def _ranges(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    found = rows(
        connection,
        f"SELECT min(code), max(code) FROM (SELECT code, (row_number() OVER (ORDER BY code) - 1) // {ACCOUNTS_AT_ONCE}"
        " AS part FROM account) GROUP BY part ORDER BY 1",
    )
    return [(str(low), str(high)) for low, high in found]


def _query(files: Files, months: Sequence[int], low: str, high: str, overdue_before: str) -> str | None:
    """Return the query of one range of accounts, or nothing when no table was loaded."""
    within = f"account_code BETWEEN {text(low)} AND {text(high)}"
    window = f"BETWEEN {months[0]} AND {months[-1]}"
    selects = []
    for table, (period, measures) in _SOURCES.items():
        if files.get(table):
            values = ", ".join(f"({measures.get(one, 'NULL')})::BIGINT AS {one}" for one in MEASURES)
            held = paths(list(files[table].values()))
            selects.append(
                f"SELECT account_code, {period} AS period, {values} FROM read_parquet({held})"
                f" WHERE {within} AND {period} {window}"
            )
    if not selects:
        return None
    sums = ", ".join(f"sum({one})::BIGINT AS {one}" for one in MEASURES)
    arrays = ", ".join(_array(one, months, files) + f" AS {one}" for one in MEASURES)
    return (
        f"WITH monthly AS (SELECT account_code, period, {sums} FROM ({' UNION ALL '.join(selects)}) GROUP BY 1, 2),"
        f" wide AS (SELECT account_code, {arrays} FROM monthly GROUP BY 1), {_overdue(files, within, overdue_before)}"
        f" SELECT account.id, {', '.join('wide.' + one for one in MEASURES)}, greatest(due.fen, 0)"
        " FROM wide JOIN account ON account.code = wide.account_code"
        " LEFT JOIN due ON due.account_code = wide.account_code ORDER BY account.id"
    )


def _array(measure: str, months: Sequence[int], files: Files) -> str:
    loaded = files.get(ZERO_WHERE_LOADED.get(measure, ""), {})
    cells = ", ".join(
        f"coalesce(max({measure}) FILTER (WHERE period = {month})::VARCHAR, '{0 if month in loaded else 'NULL'}')"
        for month in months
    )
    return f"'{{' || concat_ws(',', {cells}) || '}}'"


def _overdue(files: Files, within: str, before: str) -> str:
    """Return what is due of all bills less all payments for them; unknown where bills or payments were never loaded."""
    if not files.get("bills") or not files.get("payments"):
        return "due AS (SELECT NULL::VARCHAR AS account_code, NULL::BIGINT AS fen WHERE false)"
    bills = paths(list(files["bills"].values()))
    payments = paths(list(files["payments"].values()))
    first = min(files["bills"])
    due = "coalesce(due_on, (make_date(period // 100, period % 100, 1) + INTERVAL 2 MONTH - INTERVAL 1 DAY)::DATE)"
    return (
        "due AS (SELECT account_code, sum(fen)::BIGINT AS fen FROM ("
        f"SELECT account_code, amount_fen AS fen FROM read_parquet({bills}) WHERE {within} AND {due} < {text(before)}"
        f" UNION ALL SELECT account_code, -amount_fen FROM read_parquet({payments})"
        f" WHERE {within} AND coalesce(bill_period, {first}) >= {first}) GROUP BY 1)"
    )
