"""Adds the portfolio up: once for each publication by region, and at once for a person's accounts. Refuses pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import connection

from zhike.insights.models import Cycle, Publication
from zhike.insights.sql import SUMMARY, partition
from zhike.insights.sql_scores import ALERTS, SCORES

UNKNOWN_MONEY, UNKNOWN_PERMILLE = "(-9223372036854775808)", "(-2147483648)"
FIFTH = 2000  # hundredths of a point
ENDING_DAYS, STANDING_DAYS = 90, 7  # contracts that end soon; days for which a publication tells so without counting
SUMS = (
    "accounts", "billed_fen", "comparable_fen", "before_fen", "margin_fen", "margin_of_fen", "ours_fen", "theirs_fen",
    "winnable_fen", "stake_fen", "overdue_fen",
)  # fmt: skip
CELL = ("region_id", "facet", "key", *SUMS)
_ADDED = ", ".join(f"coalesce(sum({name}), 0)::bigint" for name in SUMS if name != "accounts")


def fill(one: Publication) -> None:
    """Add a publication up by region, from its filled tables (they need not be attached yet)."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO insights_portfoliocell (publication_id, {', '.join(CELL)})"
            f" SELECT {int(one.pk)}, cell.* FROM ({cells_sql(one)} {_standing_sql(one)}) AS cell"
        )


def clear(publication_id: int) -> None:
    """Forget what was added up for a publication."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM insights_portfoliocell WHERE publication_id = %s", [publication_id])


def cells_of(one: Publication, account_ids: Sequence[int]) -> list[dict[str, object]]:
    """Return the cells of some accounts, added up now."""
    with connection.cursor() as cursor:
        cursor.execute(cells_sql(one, only=True), {"ids": list(account_ids)})
        return [dict(zip(CELL, row, strict=True)) for row in cursor.fetchall()]


def cells_sql(one: Publication, *, only: bool = False) -> str:
    """Return the SQL of all cells of a publication; with `only`, of the accounts in the parameter ``ids``."""
    here = "WHERE s.account_id = ANY(%(ids)s)" if only else ""
    scores = partition(SCORES, one.cycle_id) if one.cycle_id else f"(SELECT * FROM {SCORES} LIMIT 0)"
    alerts = partition(ALERTS, one.cycle_id) if one.cycle_id else f"(SELECT * FROM {ALERTS} LIMIT 0)"
    return f"""
WITH account AS (
    SELECT s.account_id, s.region_id, s.quadrant, s.tier, s.moved, s.alert_level,
        CASE WHEN s.lock_in < 0 THEN '-' ELSE least(s.lock_in / {FIFTH}, 4)::text END AS band,
        nullif(s.billed_fen, {UNKNOWN_MONEY}) AS billed_fen,
        CASE WHEN comparable THEN s.billed_fen END AS comparable_fen,
        CASE WHEN comparable THEN round(s.billed_fen * 1000.0 / (s.change_permille + 1000)) END AS before_fen,
        CASE WHEN margin THEN round(s.billed_fen / 1000.0 * s.margin_permille) END AS margin_fen,
        CASE WHEN margin THEN s.billed_fen END AS margin_of_fen,
        s.ours_fen, s.theirs_fen, sc.winnable_fen, s.stake_fen, greatest(s.overdue_fen, 0) AS overdue_fen,
        s.lifecycle, s.ends_on
    FROM {partition(SUMMARY, one.pk)} s
    LEFT JOIN {scores} sc ON sc.account_id = s.account_id
    CROSS JOIN LATERAL (SELECT
        s.change_permille > -1000 AND s.billed_fen <> {UNKNOWN_MONEY} AS comparable,
        s.margin_permille <> {UNKNOWN_PERMILLE} AND s.billed_fen <> {UNKNOWN_MONEY} AS margin) known
    {here}
)
SELECT region_id,
    CASE GROUPING(quadrant, tier, moved, band, alert_level)
        WHEN 31 THEN 'all' WHEN 15 THEN 'quadrant' WHEN 23 THEN 'tier' WHEN 19 THEN 'move' WHEN 29 THEN 'lock'
        ELSE 'alert' END AS facet,
    CASE GROUPING(quadrant, tier, moved, band, alert_level)
        WHEN 31 THEN '' WHEN 15 THEN quadrant WHEN 23 THEN tier WHEN 19 THEN tier || '.' || moved WHEN 29 THEN band
        ELSE alert_level::text END AS key,
    count(*) AS accounts, {_ADDED}
FROM account
GROUP BY GROUPING SETS ((region_id), (region_id, quadrant), (region_id, tier), (region_id, tier, moved),
    (region_id, band), (region_id, alert_level))
UNION ALL
SELECT account.region_id, 'rule', alert.rule || '.' || alert.level, count(*),
    {_ADDED.replace("sum(", "sum(account.").replace("account.stake_fen", "alert.stake_fen")}
FROM account JOIN {alerts} alert ON alert.account_id = account.account_id
GROUP BY 1, 2, 3
"""


def _standing_sql(one: Publication) -> str:
    """Return what to add to the cells: how accounts that have not left stand, contracts by the day of their end."""
    cycle = Cycle.objects.filter(pk=one.cycle_id or 0).first()
    before = cycle.compared_with_id if cycle is not None else None
    first, last = one.as_of, one.as_of + timedelta(days=ENDING_DAYS + STANDING_DAYS)
    return f"""
UNION ALL
SELECT region_id, 'standing', told.key, count(*), {_ADDED}
FROM account
LEFT JOIN (SELECT DISTINCT account_id FROM {ALERTS} WHERE cycle_id = {int(before or 0)} AND level = 'red') earlier
    USING (account_id)
CROSS JOIN LATERAL (VALUES ('every'), (CASE alert_level WHEN 2 THEN 'red' END),
    (CASE WHEN earlier.account_id IS NOT NULL THEN 'red_before' END), (CASE WHEN overdue_fen > 0 THEN 'overdue' END),
    (CASE WHEN moved IN ('up', 'down') THEN moved END),
    (CASE WHEN ends_on BETWEEN '{first}' AND '{last}' THEN 'ends.' || ends_on END)) AS told (key)
WHERE lifecycle <> 'left' AND told.key IS NOT NULL
GROUP BY 1, 3
"""
