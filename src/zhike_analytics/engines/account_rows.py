"""Sums facts and archive to one row per account of one piece, in whole numbers. Refuses ratios and scores.

A table that was never loaded gives empty columns, never zeros. Each source below is a list of (column, aggregate, type,
what stands for an account without rows in a table that was loaded).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import pyarrow as pa

from zhike_analytics.contracts import codes, periods
from zhike_analytics.contracts.catalogue import products
from zhike_analytics.engines.duck import text
from zhike_analytics.engines.frames import Rows, TableFiles, between, columns_of

MONTHS = 13  # the last month and the twelve before it
TREND = 4  # months of usage by measure: the last one and the three before it
YEAR = 12  # the same months are read of the year before, to tell a season from a fall
CLASSES = tuple(codes.BUSINESS_CLASS)
Tables = Mapping[str, TableFiles]
Part = tuple[str, str, str, str]


@dataclass(frozen=True)
class Window:
    """The calendar of a cycle: the day, the last complete month with facts, and which months of a table are loaded."""

    as_of: date
    last: int
    loaded: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def month(self, back: int) -> int:
        """Return the month `back` months before the last one."""
        return periods.shift(self.last, -back)

    def has(self, table: str, back: int) -> bool:
        """Return whether a table holds the month `back` months before the last one."""
        return self.month(back) in self.loaded.get(table, ())

    @property
    def rate_months(self) -> list[int]:
        """Months of the last twelve of which both bills and costs are loaded."""
        return [self.month(k) for k in range(12) if self.has("bills", k) and self.has("costs", k)]


ACCOUNT_COLUMNS = {
    "industry": "VARCHAR", "ownership": "VARCHAR", "size": "VARCHAR", "scope": "VARCHAR", "group_kind": "VARCHAR",
    "lifecycle": "VARCHAR", "credit_rating": "VARCHAR", "region_code": "VARCHAR", "employees": "BIGINT",
    "annual_revenue_fen": "BIGINT", "registered_capital_fen": "BIGINT", "since": "DATE", "strategic": "BOOLEAN",
    "manager_since": "DATE",
}  # fmt: skip


def collect(engine: Rows, facts: Tables, archive: Tables, window: Window, low: str, high: str) -> pa.Table:
    """Return one row for each account of the archive whose code lies between `low` and `high`, in the order of codes.

    Parameters
    ----------
    engine
        What reads the files and runs the query.
    facts
        Files of the lake: ``bills``, ``costs``, ``payments``, ``usage_month``, ``complaints``, ``visits``, ``orders``.
    archive
        Snapshot with the archive's columns: ``accounts`` (needed), ``subscriptions``, ``competitor_holdings``,
        ``contracts``, ``contacts``, ``member_lines``, ``associations``, ``supply_links``, ``products``. Two columns
        beyond the archive's files are read where the snapshot has them: ``accounts.manager_since`` and
        ``contacts.known_since`` (dates since when the present manager and the contact are what they are).
    """
    have = columns_of(archive["accounts"].paths())
    base = ", ".join(f"{one if one in have else 'NULL'}::{kind} AS {one}" for one, kind in ACCOUNT_COLUMNS.items())
    selects, withs, joins = [], [], []
    for label, (table, parts) in _sources(window, facts, archive).items():
        files = facts.get(table) or archive.get(table)
        if files is None or not files.paths():
            selects += [f"NULL::{kind} AS {column}" for column, _, kind, _ in parts]
            continue
        aggregates = ", ".join(f"({aggregate})::{kind} AS {column}" for column, aggregate, kind, _ in parts)
        read = _rows(engine, label, files, window, low, high, archive)
        withs.append(f"{label} AS (SELECT account_code, {aggregates} FROM {read} GROUP BY account_code)")
        joins.append(f"LEFT JOIN {label} USING (account_code)")
        selects += [
            f"coalesce({label}.{column}, {absent})::{kind} AS {column}" if absent else f"{label}.{column}"
            for column, _, kind, absent in parts
        ]
    accounts = engine.source(archive["accounts"].paths())
    head = f"WITH account AS (SELECT account_code, {base} FROM {accounts} WHERE {between(low, high)})"
    return engine.fetch(
        f"{', '.join([head, *withs])} SELECT account.*, {', '.join(selects)} FROM account {' '.join(joins)}"
        " ORDER BY account_code",
    )


def _rows(engine: Rows, label: str, files: TableFiles, window: Window, low: str, high: str, archive: Tables) -> str:
    """Return the rows of one source that the aggregates read."""
    within = between(low, high)
    first = {"usage": window.month(YEAR + TREND - 1), "cost": window.month(MONTHS - 1)}.get(label, 0)
    if label == "follower":
        return f"(SELECT * FROM (SELECT buyer_code AS account_code FROM {engine.source(files.paths())}) WHERE {within})"
    rows = f"{engine.source(files.paths(first))} WHERE {within}"
    if label in {"bill", "usage", "cost"}:
        return f"(SELECT * FROM {rows} AND period <= {window.last})"
    if label == "subscription":
        listed = archive.get("products")
        known = (
            f"SELECT product_code, business_class FROM {engine.source(listed.paths())}"
            if listed and listed.paths()
            else f"VALUES {', '.join(f'({text(one.code)}, {text(one.business_class)})' for one in products())}"
        )
        return (
            f"(SELECT s.*, p.business_class FROM (SELECT * FROM {rows}) s"
            f" LEFT JOIN ({known}) p(product_code, business_class) USING (product_code))"
        )
    if label == "contact" and "known_since" not in columns_of(files.paths()):
        return f"(SELECT *, NULL::DATE AS known_since FROM {rows})"
    return f"(SELECT * FROM {rows})"


def _sources(window: Window, facts: Tables, archive: Tables) -> dict[str, tuple[str, list[Part]]]:
    """Return the aggregates of every source: label → (table, parts)."""
    day = f"DATE {text(window.as_of.isoformat())}"

    def ago(days: int) -> str:
        return f"DATE {text((window.as_of - timedelta(days=days)).isoformat())}"

    return {
        "bill": ("bills", _bills(window, day)),
        "cost": ("costs", [("rate_cost_fen", _sum("amount_fen", _in(window.rate_months)), "BIGINT", "")]),
        "payment": ("payments", _payments(window, day, ago(365))),
        "usage": ("usage_month", _usage(window)),
        "complaint": ("complaints", _recent("received_at", day, {
            "complaints_90": f"{_day('received_at')} > {ago(90)}",
            "escalated_90": f"{_day('received_at')} > {ago(90)} AND outcome = 'escalated'",
            "complaints_365": f"{_day('received_at')} > {ago(365)}",
        })),
        "visit": ("visits", [
            ("last_visit", f"max({_day('visited_at')}) FILTER (WHERE {_day('visited_at')} <= {day})", "DATE", ""),
            ("last_joint", f"max({_day('visited_at')}) FILTER (WHERE kind = 'joint' AND {_day('visited_at')} <= {day})",
             "DATE", ""),
            *_recent("visited_at", day, {"visits_90": f"{_day('visited_at')} > {ago(90)}"}),
            ("satisfaction_sum", _sum("satisfaction", f"{_day('visited_at')} > {ago(180)}"), "BIGINT", ""),
            ("satisfaction_count", f"count(satisfaction) FILTER (WHERE {_day('visited_at')} > {ago(180)})",
             "BIGINT", ""),
        ]),
        "promise": ("orders", _orders(day)),
        "subscription": ("subscriptions", _subscriptions(day, ago(90))),
        "rival": ("competitor_holdings", _rivals(day, ago)),
        "contract": ("contracts", _contracts(day)),
        "member": ("member_lines", [
            ("members", "count(*) FILTER (WHERE status IN ('active', 'suspended'))", "BIGINT", "0"),
            ("members_own", "count(*) FILTER (WHERE status IN ('active', 'suspended') AND paid_by = 'person')",
             "BIGINT", "0"),
            ("members_left_180", f"count(*) FILTER (WHERE status = 'ported_out' AND left_on > {ago(180)})",
             "BIGINT", "0"),
        ]),
        "contact": ("contacts", [
            ("tie_sum", "sum(tie_strength)", "BIGINT", ""),
            ("tie_count", "count(tie_strength)", "BIGINT", "0"),
            ("deciders", "count(*) FILTER (WHERE decision_role = 'decides')", "BIGINT", "0"),
            ("deciders_tied", "count(*) FILTER (WHERE decision_role = 'decides' AND tie_strength >= 1)", "BIGINT", "0"),
            ("contact_changed_on", "max(known_since) FILTER (WHERE decision_role = 'decides'"
             f" AND known_since <= {day} AND coalesce(last_met < known_since, true))", "DATE", ""),
        ]),
        "association": ("associations", [
            ("association", "CASE WHEN bool_or(member_role = 'chair') THEN 'chair'"
             " WHEN bool_or(member_role = 'vice_chair') THEN 'vice_chair'"
             " WHEN bool_or(member_role = 'member') THEN 'member' END", "VARCHAR", "'none'"),
        ]),
        "follower": ("supply_links", [("followers", "count(*)", "BIGINT", "0")]),
    }  # fmt: skip


def _sum(value: str, where: str) -> str:
    return f"sum({value}) FILTER (WHERE {where})"


def _in(months: Sequence[int]) -> str:
    return f"period IN ({', '.join(map(str, months))})" if months else "false"


def _day(moment: str) -> str:
    return f"{moment}::DATE"


def _recent(moment: str, day: str, counts: Mapping[str, str]) -> list[Part]:
    return [
        (column, f"count(*) FILTER (WHERE {_day(moment)} <= {day} AND {where})", "BIGINT", "0")
        for column, where in counts.items()
    ]


def _bills(window: Window, day: str) -> list[Part]:
    month = "make_date(period // 100, period % 100, 1)"
    due = f"coalesce(due_on, ({month} + INTERVAL 2 MONTH - INTERVAL 1 DAY)::DATE)"
    return [
        *(
            (f"billed_{k}_fen", _sum("amount_fen", f"period = {window.month(k)}"), "BIGINT", _zero(window, "bills", k))
            for k in range(MONTHS)
        ),
        ("rate_income_fen", _sum("amount_fen", _in(window.rate_months)), "BIGINT", "0" if window.rate_months else ""),
        ("due_fen", _sum("amount_fen", f"{due} < {day}"), "BIGINT", "0"),
        ("due_after_days", f"max(date_diff('day', {month}, {due}))", "BIGINT", ""),
        ("first_billed", "min(period) FILTER (WHERE amount_fen > 0)", "INTEGER", ""),
    ]


def _zero(window: Window, table: str, back: int) -> str:
    """Nothing billed in a month that was loaded is zero; a month that was not loaded is unknown."""
    return "0" if window.has(table, back) else ""


def _payments(window: Window, day: str, year_ago: str) -> list[Part]:
    first = min(window.loaded.get("bills", ()), default=window.month(MONTHS - 1))
    waited = "date_diff('day', make_date(bill_period // 100, bill_period % 100, 1), paid_at::DATE)"
    recent = f"bill_period IS NOT NULL AND amount_fen > 0 AND paid_at::DATE BETWEEN {year_ago} AND {day}"
    settled = f"paid_at::DATE <= {day} AND coalesce(bill_period, {first}) >= {first}"
    return [
        ("paid_fen", _sum("amount_fen", settled), "BIGINT", "0"),
        ("paid_after_days", _sum(waited, recent), "BIGINT", ""),
        ("paid_count", f"count(*) FILTER (WHERE {recent})", "BIGINT", "0"),
    ]  # fmt: skip


def _usage(window: Window) -> list[Part]:
    measures = {
        "seconds": "CASE WHEN service LIKE 'voice%' THEN coalesce(seconds, 0) ELSE 0 END",
        "events": "coalesce(events, 0)",
        "megabytes": "coalesce(round(megabytes), 0)::BIGINT",
    }
    parts = [
        (f"{measure}_{k}", _sum(value, f"period = {window.month(k)}"), "BIGINT", "")
        for measure, value in measures.items()
        for k in (*range(TREND), *range(YEAR, YEAR + TREND))
    ]
    some = "coalesce(events, 0) > 0 OR coalesce(seconds, 0) > 0 OR coalesce(megabytes, 0) > 0"
    return [
        *parts,
        ("first_active", f"min(period) FILTER (WHERE {some})", "INTEGER", ""),
        ("last_active", f"max(period) FILTER (WHERE {some})", "INTEGER", ""),
    ]


def _subscriptions(day: str, ninety: str) -> list[Part]:
    held = f"coalesce(status, 'active') <> 'ended' AND coalesce(starts_on <= {day}, true)"
    parts: list[Part] = []
    for one in CLASSES:
        within = f"{held} AND business_class = {text(one)}"
        parts.append((f"breadth_{one}", f"count(DISTINCT product_code) FILTER (WHERE {within})", "BIGINT", "0"))
        parts.append((f"fee_{one}_fen", _sum("monthly_fee_fen", within), "BIGINT", "0"))
    removed = f"status = 'ended' AND ends_on BETWEEN {ninety} AND {day}"
    return [
        *parts,
        ("fee_fen", _sum("monthly_fee_fen", held), "BIGINT", "0"),
        ("fee_bundled_fen", _sum("monthly_fee_fen", f"{held} AND bundle IS NOT NULL"), "BIGINT", "0"),
        ("subscriptions", f"count(*) FILTER (WHERE {held})", "BIGINT", "0"),
        ("removed_90", f"count(*) FILTER (WHERE {removed})", "BIGINT", "0"),
    ]  # fmt: skip


def _orders(day: str) -> list[Part]:
    unfinished = f"coalesce(status, 'open') = 'open' AND completed_at IS NULL AND {_day('ordered_at')} <= {day}"
    late = f"{unfinished} AND promised_on < {day}"
    return [
        ("orders_late", f"count(*) FILTER (WHERE {late})", "BIGINT", "0"),
        ("orders_late_days", f"max(date_diff('day', promised_on, {day})) FILTER (WHERE {late})", "BIGINT", "0"),
    ]


def _rivals(day: str, ago: Callable[[int], str]) -> list[Part]:
    parts: list[Part] = []
    for one in CLASSES:
        within = f"business_class = {text(one)}"
        parts.append((f"rival_breadth_{one}", f"count(DISTINCT product) FILTER (WHERE {within})", "BIGINT", "0"))
        parts.append((f"rival_fee_{one}_fen", _sum("monthly_fee_fen", within), "BIGINT", "0"))
    # A contract of theirs without a date is taken to run for another year, our default.
    days = f"greatest(coalesce(date_diff('day', {day}, ends_on), 365), 0)"
    return [
        *parts,
        ("rivals", "count(*)", "BIGINT", "0"),
        ("rival_fee_fen", "sum(monthly_fee_fen)", "BIGINT", "0"),
        ("rival_longest_days", f"max({days})", "BIGINT", "0"),
        *(
            (f"rivals_{one}", f"count(*) FILTER (WHERE confidence = {text(one)})", "BIGINT", "0")
            for one in codes.CONFIDENCE
        ),
        ("rivals_fresh", f"count(*) FILTER (WHERE seen_on > {ago(365)})", "BIGINT", "0"),
        ("rival_seen_on", f"max(seen_on) FILTER (WHERE seen_on <= {day})", "DATE", ""),
    ]  # fmt: skip


def _contracts(day: str) -> list[Part]:
    now = f"starts_on <= {day} AND coalesce(ends_on >= {day}, true)"
    left = f"date_diff('day', {day}, ends_on)"
    return [
        ("contracts", f"count(*) FILTER (WHERE {now})", "BIGINT", "0"),
        ("contract_days_left", f"max({left}) FILTER (WHERE {now})", "BIGINT", "0"),
        ("contract_ends_in", f"min({left}) FILTER (WHERE {now} AND NOT coalesce(auto_renew, false))", "BIGINT", ""),
    ]
