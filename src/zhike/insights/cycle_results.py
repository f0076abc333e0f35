"""Loads the result of a cycle into its tables, counts it, lets tiers follow. Refuses to decide when: `cycle` does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from zhike.core.actor import Actor
from zhike.customers.actions_tiers import follow_tiers
from zhike.insights import sql_scores as sql
from zhike.insights.models import Cycle
from zhike.insights.sql import partition
from zhike_analytics.engines.results import ResultFiles, part_names, write_alert_rows, write_score_rows

Report = Callable[[float, str], None]
NOT_EMPTY = {  # texts that are never unknown: an empty one is empty, not nothing
    sql.SCORES: (
        "value_unknown", "loyalty_unknown", "lock_in_unknown", "quadrant", "tier", "tier_reason", "by_score",
        "by_bill", "previous_tier", "moved", "moved_because", "service_level", "assurance_level",
    ),
    sql.ALERTS: (),
}  # fmt: skip


def parts_of(folder: Path) -> dict[str, list[str]]:
    """Return the names of the parts of each score of a result."""
    return part_names(folder / "scores.parquet")


def load(cycle: int, folder: Path, ids: Path, workdir: Path, report: Report) -> None:
    """Fill the bare tables of a cycle with the files of its result and index them."""
    files = ResultFiles(folder / "scores.parquet", folder / "tiers.parquet", folder / "alerts.parquet", ids)
    drop(cycle)
    writers = {sql.SCORES: write_score_rows, sql.ALERTS: write_alert_rows}
    for number, (parent, write) in enumerate(writers.items()):
        report(number * 0.5, "copy")
        rows = workdir / f"{parent}.csv"
        columns, _ = write(files, rows, workdir)
        copy_rows(parent, cycle, columns, rows)
        rows.unlink()
        report(number * 0.5 + 0.3, "indexes")
        _run(*sql.index_partition(parent, cycle))


def copy_rows(parent: str, cycle: int, columns: Sequence[str], rows: Path) -> None:
    """Make the bare table of a cycle and fill it from CSV; in one transaction, so that rows come frozen."""
    forced = [name for name in NOT_EMPTY[parent] if name in columns]
    options = ["FORMAT csv", "FREEZE true", *([f"FORCE_NOT_NULL ({', '.join(forced)})"] if forced else [])]
    with transaction.atomic(), connection.cursor() as cursor, rows.open("rb") as file:
        cursor.execute(sql.create_partition(parent, cycle))
        table = f"{partition(parent, cycle)} ({', '.join(columns)})"
        with cursor.copy(f"COPY {table} FROM STDIN ({', '.join(options)})") as copy:
            while block := file.read(1 << 20):
                copy.write(block)


def count(cycle: int, about: dict[str, Any]) -> dict[str, Any]:
    """Return what stays of a cycle when its rows are dropped: how many accounts and alerts of what kind."""
    scores = partition(sql.SCORES, cycle)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE customer),"
            + ", ".join(
                f"count({name}), coalesce(round(avg({name}_confidence) FILTER (WHERE customer)), 0)::int"
                for name in ("value", "loyalty", "lock_in")
            )
            + f" FROM {scores}"
        )
        row = cursor.fetchone()
        unknown = {}
        for name in ("value", "loyalty", "lock_in"):
            cursor.execute(
                f"SELECT part, count(*) FROM {scores}, unnest(string_to_array({name}_unknown, ',')) AS part"
                " WHERE customer AND part <> '' GROUP BY part ORDER BY 2 DESC, 1"
            )
            unknown[name] = dict(cursor.fetchall())
    told = about["counts"]
    return {
        "accounts": row[0],
        "customers": row[1],
        "known": {"value": row[2], "loyalty": row[4], "lock_in": row[6]},
        "confidence": {"value": row[3], "loyalty": row[5], "lock_in": row[7]},
        "unknown": unknown,
        "tier": told["tier"],
        "quadrant": told["quadrant"],
        "alerts": told["alerts"],
    }


def let_tiers_follow(actor: Actor, one: Cycle) -> dict[str, Any]:
    """Write the decided levels into archive and history (within the swap); return how many moved, and which way."""
    scores, alerts = partition(sql.SCORES, one.pk), partition(sql.ALERTS, one.pk)
    decided = f"(SELECT account_id, tier, service_level, assurance_level FROM {scores} WHERE tier_reason <> 'unknown')"
    # First what nobody waits for: from the tiers on, whoever changes an account that moves waits for the swap to end.
    _run(*sql.follow_where_accounts_are(scores, alerts))
    follow_tiers(actor, decisions=decided, source=f"cycle:{one.pk}", on=one.as_of)
    with connection.cursor() as cursor:
        values: dict[str, date | int] = {"as_of": one.as_of, "cycle": one.pk}
        for statement in sql.tier_history(scores):
            cursor.execute(statement, values)
        cursor.execute(
            "SELECT moved, count(*) FROM insights_accounttier WHERE valid_from = %(as_of)s GROUP BY 1 UNION ALL"
            " SELECT 'ended', count(*) FROM insights_accounttier h WHERE valid_to = %(as_of)s AND NOT EXISTS"
            " (SELECT FROM insights_accounttier o WHERE o.account_id = h.account_id AND o.valid_to IS NULL)",
            values,
        )
        moved = {str(way): int(number) for way, number in cursor.fetchall()}
    return {"moved": moved}


def attach(cycle: int) -> None:
    """Make the tables of a cycle visible."""
    _run(*(sql.attach_partition(parent, cycle) for parent in sql.PARENTS))


def drop(cycle: int) -> None:
    """Drop the tables of a cycle, where there are any."""
    _run(*(f"DROP TABLE IF EXISTS {partition(parent, cycle)}" for parent in sql.PARENTS))


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
