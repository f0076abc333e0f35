"""Writes the months of each account side by side, for publishing. Refuses to hold all accounts in memory at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

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
    if not any(files.get(table) for table in _SOURCES):
        return 0
    with session(workdir, memory_limit="2GB") as connection, target.open("wb") as out:
        connection.execute(
            f"CREATE TEMP TABLE account AS SELECT * FROM read_csv({text(str(accounts))}, header = false,"
            " columns = {'id': 'BIGINT', 'code': 'VARCHAR'}) ORDER BY code"
        )
        for low, high in _ranges(connection):
            lines = _lines(connection, files, months, (low, high), overdue_before)
            csv.write_csv(lines, out, csv.WriteOptions(include_header=False, quoting_style="needed"))
            written += lines.num_rows
    return written


def _ranges(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    found = rows(
        connection,
        f"SELECT min(code), max(code) FROM (SELECT code, (row_number() OVER (ORDER BY code) - 1) // {ACCOUNTS_AT_ONCE}"
        " AS part FROM account) GROUP BY part ORDER BY 1",
    )
    return [(str(low), str(high)) for low, high in found]


def _lines(
    connection: duckdb.DuckDBPyConnection, files: Files, months: Sequence[int], between: tuple[str, str], before: str
) -> pa.Table:
    """Return the lines of one range of accounts.

    Sums come from the engine; side by side they are put here, where a place in a matrix costs less than one filtered
    sum for each month and measure.
    """
    low, high = (text(code) for code in between)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE part AS SELECT id, code AS account_code,"
        f" (row_number() OVER (ORDER BY code) - 1)::INTEGER AS place FROM account WHERE code BETWEEN {low} AND {high}"
    )
    within = f"account_code BETWEEN {low} AND {high}"
    ids = connection.sql("SELECT id FROM part ORDER BY place").fetchnumpy()["id"]
    with_facts = np.zeros(len(ids), dtype=bool)
    series = {
        measure: _Cells(len(ids), months, files.get(ZERO_WHERE_LOADED.get(measure, ""), {})) for measure in MEASURES
    }
    for table, (period, measures) in _SOURCES.items():
        if not files.get(table):
            continue
        sums = ", ".join(f"sum({value})::BIGINT AS {measure}" for measure, value in measures.items())
        found = connection.sql(
            f"SELECT place, {period} AS period, {sums} FROM read_parquet({paths(list(files[table].values()))})"
            f" JOIN part USING (account_code) WHERE {within} AND {period} BETWEEN {months[0]} AND {months[-1]}"
            " GROUP BY ALL"
        ).to_arrow_table()
        places, when = found["place"].to_numpy(), np.searchsorted(months, found["period"].to_numpy())
        with_facts[places] = True
        for measure in measures:
            series[measure].put(places, when, found[measure])
    due = connection.sql(
        f"WITH {_overdue(files, within, before)} SELECT greatest(due.fen, 0) AS fen FROM part"
        " LEFT JOIN due USING (account_code) ORDER BY place"
    ).to_arrow_table()["fen"]
    lines = pa.table(
        {"id": ids, **{measure: cells.as_text() for measure, cells in series.items()}, "due": due.combine_chunks()}
    )
    return lines.filter(pa.array(with_facts)).sort_by("id")


class _Cells:
    """One measure of a range of accounts: a cell for each account and month."""

    def __init__(self, accounts: int, months: Sequence[int], zero_where: Collection[int]) -> None:
        self.months = len(months)
        self.values = np.zeros((accounts, self.months), dtype=np.int64)
        self.unknown = np.tile(np.array([month not in zero_where for month in months]), (accounts, 1))

    def put(self, places: np.ndarray, months: np.ndarray, values: pa.ChunkedArray) -> None:
        """Fill the cells at these accounts and months; no value leaves a cell as it is."""
        known = values.is_valid().to_numpy()
        places, months = places[known], months[known]
        self.values[places, months] = values.drop_null().to_numpy()
        self.unknown[places, months] = False

    def as_text(self) -> pa.Array:
        """Return each account's months as PostgreSQL writes an array."""
        cells = pc.fill_null(pa.array(self.values.ravel(), mask=self.unknown.ravel()).cast(pa.string()), "NULL")
        ends = pa.array(np.arange(0, len(cells) + 1, self.months, dtype=np.int32))
        return pc.binary_join_element_wise("{", pc.binary_join(pa.ListArray.from_arrays(ends, cells), ","), "}", "")


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
