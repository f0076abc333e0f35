"""What was known of each account on a day, and what became of it. Owns the past as dated rows; refuses later knowledge.

The archive is kept as it is today, so only rows that bear dates are read back: a line counts as held until it ended,
a contract from when it was signed, a competitor from when it was seen. Codes that are overwritten (stage of life,
rating, outcome of a complaint, strength of a tie) say nothing of a past day and are not read. Nor is the end of a
contract: it is overwritten with the day of leaving, and alone ordered leavers with an area under the curve of 0.95.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from zhike_analytics.churn.measures import Bools, Floats
from zhike_analytics.contracts import periods
from zhike_analytics.contracts.catalogue import products
from zhike_analytics.contracts.churn import ChurnError, ChurnPolicy, Signal
from zhike_analytics.engines.duck import text
from zhike_analytics.engines.frames import DuckRows, fetch, open_engine, read_frame, source
from zhike_analytics.features import CycleInputs, build_features
from zhike_analytics.features.columns import numbers

BACK = 3
"""Months before the day that a later bill is set beside, and in which an account must have been one of ours."""
DANGEROUS_DAYS = 56
"""Days after a complaint in which accounts leave most; our default."""

SIGNALS: tuple[Signal, ...] = (
    *(Signal(one, "category") for one in ("industry", "ownership", "size", "scope", "group_kind", "region_code")),
    Signal("employees", "number"), Signal("tenure_days", "number", 1), Signal("bill_mean3_fen", "number"),
    Signal("bill_change_permille", "number"), Signal("declining_months", "number", -1),
    Signal("usage_volume", "number"), Signal("usage_change_permille", "number"), Signal("silent_months", "number", -1),
    Signal("complaints_90", "number", -1), Signal("complaints_365", "number", -1),
    Signal("complaint_days", "number"), Signal("dangerous_weeks", "number", -1), Signal("visits_90", "number"),
    Signal("unvisited_days", "number"), Signal("satisfaction_points", "number"), Signal("overdue_days", "number", -1),
    Signal("pays_late_days", "number"), Signal("lines", "number", 1), Signal("products", "number", 1),
    Signal("classes", "number", 1), Signal("removed_90", "number", -1), Signal("bundled_permille", "number", 1),
    Signal("signed_days", "number"), Signal("rivals_known", "number", -1), Signal("rival_fee_fen", "number", -1),
    Signal("rival_days", "number"), Signal("manager_days", "number"), Signal("contact_days", "number"),
)  # fmt: skip
"""By what leaving is foretold. More lines, products, classes, bundles and years with us never raise
the chance; more complaints, silence, arrears, removals and competitors never lower it."""
OF_FEATURES = (
    "industry", "ownership", "size", "scope", "group_kind", "region_code", "employees", "tenure_days",
    "bill_mean3_fen", "bill_change_permille", "declining_months", "usage_volume", "usage_change_permille",
    "silent_months", "complaints_90", "complaints_365", "visits_90", "unvisited_days", "satisfaction_points",
    "overdue_days", "pays_late_days",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What became of accounts within the horizon; ``signs`` says by which sign, ``lead_days`` when lines first went."""

    left: Bools
    shrunk: Bools
    signs: dict[str, Bools]
    lead_days: Floats

    def foretold(self, policy: ChurnPolicy) -> Bools:
        """Return what the chance is of."""
        return self.left if policy.foretold == "left" else self.left | self.shrunk


def months_after(day: date, count: int) -> list[int]:
    """Return the months of a horizon: whole ones, so that of a day within a month the next is the first."""
    first = periods.shift(periods.period_of(day), 0 if day.day == 1 else 1)
    return [periods.shift(first, step) for step in range(count)]


def end_of(day: date, policy: ChurnPolicy) -> date:
    """Return the last day of the horizon after a day."""
    return periods.first_day(periods.shift(months_after(day, policy.horizon_months)[-1], 1)) - timedelta(days=1)


def known_on(inputs: CycleInputs, day: date, workdir: Path) -> pa.Table:
    """Return one row per account that was a customer on a day, in the order of codes, with what was known then.

    Beside :data:`SIGNALS`: ``account_code``, ``margin_month_fen`` and ``bill_month_fen`` (means of the last months).
    """
    workdir.mkdir(parents=True, exist_ok=True)
    built = build_features(inputs, day, workdir / f"known-{day}.parquet", workdir / "engine")
    features = read_frame(built.path)
    with open_engine(workdir / "engine") as connection:
        dated = fetch(connection, _dated_sql(inputs, day, DuckRows(connection)))
    columns = {name: features.column(name) for name in ("account_code", *OF_FEATURES)}
    columns |= {name: dated.column(name) for name in dated.column_names if name not in ("account_code", "begun")}
    bill = numbers(features, "bill_mean3_fen")
    cost, income = numbers(features, "rate_cost_fen"), numbers(features, "rate_income_fen")
    share = np.where(income > 0, 1.0 - cost / np.where(income > 0, income, 1.0), np.nan)
    columns |= {"bill_month_fen": pa.array(bill), "margin_month_fen": pa.array(bill * share)}
    table = pa.table(columns)
    held = numbers(dated, "lines")
    recent = numbers(features, "silent_months") < BACK
    ours = np.where(np.isnan(held), (bill > 0) | recent, held > 0)
    begun = np.asarray(dated.column("begun").to_numpy(zero_copy_only=False), dtype=bool)
    return table.filter(pa.array(ours.astype(bool) & begun))


def outcome_of(inputs: CycleInputs, known: pa.Table, day: date, policy: ChurnPolicy, workdir: Path) -> Outcome:
    """Return what became of the accounts of :func:`known_on` by the end of the horizon.

    Raises
    ------
    ChurnError
        When no table says what became of accounts.
    """
    present = [one for one in ("bills", "usage_month") if one in inputs.facts]
    if not present and "subscriptions" not in inputs.archive:
        raise ChurnError(
            "没有在用产品、账单或用量，无法判断谁离网 / without subscriptions, bills or usage nobody knows who left"
        )
    with open_engine(workdir / "engine") as connection:
        found = fetch(connection, _outcome_sql(inputs, day, policy, DuckRows(connection)))
    place = {code: n for n, code in enumerate(found.column("account_code").to_pylist())}
    found = found.take(pa.array([place[code] for code in known.column("account_code").to_pylist()], pa.int64()))
    held, removed = numbers(found, "held"), numbers(found, "removed")
    lines = np.where(held > 0, removed / np.where(held > 0, held, 1.0), np.nan)
    before, after = numbers(found, "billed_before"), numbers(found, "billed_after")
    fall = np.where(before > 0, 1.0 - after / np.where(before > 0, before, 1.0), np.nan)
    silent = (numbers(found, "used_before") > 0) & (numbers(found, "used_after") == 0)
    lapsed = numbers(found, "not_renewed") > 0
    left = (lines >= policy.leave_lines) | (fall >= policy.leave_spend) | silent
    shrunk = ~left & ((lines >= policy.shrink_lines) | (fall >= policy.shrink_spend) | lapsed)
    signs = {
        "lines_removed": lines >= policy.shrink_lines, "spend_fall": fall >= policy.shrink_spend, "silence": silent,
        "not_renewed": lapsed,
    }  # fmt: skip
    return Outcome(left, shrunk, signs, numbers(found, "lead_days"))


def _on(day: date) -> str:
    return f"DATE {text(day.isoformat())}"


def _join(parts: Sequence[tuple[str, str, Sequence[str]]], accounts: str, head: str, lacking: Sequence[str]) -> str:
    """Return one query over all accounts; `lacking` are columns of tables that were never loaded."""
    withs = [f"account AS ({accounts})", *(f"{label} AS ({query})" for label, query, _ in parts)]
    columns = [f"{label}.{column}" for label, _, held in parts for column in held]
    joins = " ".join(f"LEFT JOIN {label} USING (account_code)" for label, _, _ in parts)
    listed = ", ".join([head, *columns, *(f"NULL::DOUBLE AS {one}" for one in lacking)])
    return f"WITH {', '.join(withs)} SELECT {listed} FROM account {joins} ORDER BY account_code"


def _dated_sql(inputs: CycleInputs, day: date, rows: DuckRows) -> str:
    on, archive = _on(day), inputs.archive
    have = {one for path in archive["accounts"].paths() for one in read_names(path)}
    parts: list[tuple[str, str, Sequence[str]]] = []
    lacking: list[str] = []

    def add(table: str, label: str, columns: Sequence[str], query: str) -> None:
        files = archive.get(table) or inputs.facts.get(table)
        if files is None or not files.paths():
            lacking.extend(columns)
        else:
            read = rows.source(files.paths())
            parts.append((label, query.format(read=read), columns))

    listed = archive.get("products")
    catalogue = (
        f"SELECT product_code, business_class FROM {source(listed.paths())}"
        if listed
        else f"VALUES {', '.join(f'({text(one.code)}, {text(one.business_class)})' for one in products())}"
    )
    held = f"coalesce(starts_on <= {on}, true) AND NOT (coalesce(status, 'active') = 'ended' AND ends_on <= {on})"
    removed = f"coalesce(status, 'active') = 'ended' AND ends_on > {on} - INTERVAL 90 DAY AND ends_on <= {on}"
    add(
        "subscriptions",
        "line",
        ("lines", "products", "classes", "bundled_permille", "removed_90"),
        f"SELECT account_code, count(*) FILTER (WHERE {held})::DOUBLE AS lines,"
        f" count(DISTINCT product_code) FILTER (WHERE {held})::DOUBLE AS products,"
        f" count(DISTINCT business_class) FILTER (WHERE {held})::DOUBLE AS classes,"
        f" 1000.0 * count(*) FILTER (WHERE {held} AND bundle IS NOT NULL)"
        f" / nullif(count(*) FILTER (WHERE {held}), 0) AS bundled_permille,"
        f" count(*) FILTER (WHERE {removed})::DOUBLE AS removed_90"
        f" FROM {{read}} LEFT JOIN ({catalogue}) p(product_code, business_class) USING (product_code) GROUP BY 1",
    )
    signed = f"coalesce(signed_on, starts_on) <= {on}"
    add(
        "contracts",
        "contract",
        ("signed_days",),
        "SELECT account_code,"
        f" date_diff('day', max(coalesce(signed_on, starts_on)), {on})::DOUBLE AS signed_days"
        f" FROM {{read}} WHERE {signed} GROUP BY 1",
    )
    add(
        "competitor_holdings",
        "rival",
        ("rivals_known", "rival_fee_fen", "rival_days"),
        "SELECT account_code, count(*)::DOUBLE AS rivals_known, sum(monthly_fee_fen)::DOUBLE AS rival_fee_fen,"
        f" date_diff('day', max(seen_on), {on})::DOUBLE AS rival_days FROM {{read}} WHERE seen_on <= {on} GROUP BY 1",
    )
    since = f"date_diff('day', max(received_at::DATE), {on})"
    add(
        "complaints",
        "complaint",
        ("complaint_days", "dangerous_weeks"),
        f"SELECT account_code, {since}::DOUBLE AS complaint_days,"
        f" greatest({DANGEROUS_DAYS} - {since}, 0)::DOUBLE / 7 AS dangerous_weeks"
        f" FROM {{read}} WHERE received_at::DATE <= {on} GROUP BY 1",
    )
    if "contacts" in archive and any("known_since" in read_names(one) for one in archive["contacts"].paths()):
        add(
            "contacts",
            "contact",
            ("contact_days",),
            f"SELECT account_code, date_diff('day', max(known_since), {on})::DOUBLE AS contact_days FROM {{read}}"
            f" WHERE decision_role = 'decides' AND known_since <= {on} GROUP BY 1",
        )
    else:
        lacking.append("contact_days")
    manager = (
        f"CASE WHEN manager_since <= {on} THEN date_diff('day', manager_since, {on}) END::DOUBLE"
        if "manager_since" in have
        else "NULL::DOUBLE"
    )
    begun = f"coalesce(since <= {on}, true)" if "since" in have else "true"
    accounts = (
        f"SELECT account_code, {begun} AS begun, {manager} AS manager_days FROM {source(archive['accounts'].paths())}"
    )
    return _join(parts, accounts, "account.*", lacking)  # fmt: skip


def _outcome_sql(inputs: CycleInputs, day: date, policy: ChurnPolicy, rows: DuckRows) -> str:
    on, end = _on(day), _on(end_of(day, policy))
    later = months_after(day, policy.horizon_months)
    earlier = [periods.shift(periods.period_of(day), -step) for step in range(1, BACK + 1)]
    parts: list[tuple[str, str, Sequence[str]]] = []
    lacking: list[str] = []

    def inside(months: Sequence[int]) -> str:
        return f"period IN ({', '.join(map(str, months))})"

    lines = inputs.archive.get("subscriptions")
    if lines:
        held = f"coalesce(starts_on <= {on}, true) AND NOT (coalesce(status, 'active') = 'ended' AND ends_on <= {on})"
        gone = f"{held} AND status = 'ended' AND ends_on <= {end}"
        parts.append(
            (
                "line",
                f"SELECT account_code, count(*) FILTER (WHERE {held}) AS held,"
                f" count(*) FILTER (WHERE {gone}) AS removed,"
                f" date_diff('day', {on}, min(ends_on) FILTER (WHERE {gone})) AS lead_days"
                f" FROM {rows.source(lines.paths())} GROUP BY 1",
                ("held", "removed", "lead_days"),
            )
        )
    else:
        lacking += ["held", "removed", "lead_days"]
    bills = inputs.facts.get("bills")
    before, after = ([one for one in months if bills and one in bills.periods] for months in (earlier, later))
    if bills and before and after:
        # A month that was not loaded is no month without a bill.
        parts.append(
            (
                "bill",
                f"SELECT account_code,"
                f" sum(amount_fen) FILTER (WHERE {inside(before)})::DOUBLE / {len(before)} AS billed_before,"
                f" coalesce(sum(amount_fen) FILTER (WHERE {inside(after)}), 0)::DOUBLE / {len(after)}"
                f" AS billed_after FROM {rows.source(bills.paths(min(before)))} GROUP BY 1",
                ("billed_before", "billed_after"),
            )
        )
    else:
        lacking += ["billed_before", "billed_after"]
    usage, last = inputs.facts.get("usage_month"), later[-policy.silent_months :]
    if usage and all(one in usage.periods for one in last) and earlier[0] in usage.periods:
        amount = "coalesce(events, 0) + coalesce(seconds, 0) + coalesce(megabytes, 0)"
        parts.append(
            (
                "used",
                f"SELECT account_code, sum({amount}) FILTER (WHERE {inside(earlier[:1])}) AS used_before,"
                f" coalesce(sum({amount}) FILTER (WHERE {inside(last)}), 0) AS used_after"
                f" FROM {rows.source(usage.paths(earlier[0]))} GROUP BY 1",
                ("used_before", "used_after"),
            )
        )
    else:
        lacking += ["used_before", "used_after"]
    contracts = inputs.archive.get("contracts")
    if contracts:
        # Only those whose time for renewal is over by the end of the horizon can be judged.
        closing = f"c.ends_on > {on} AND c.ends_on <= {end} - INTERVAL {policy.renewal_days} DAY"
        files = rows.source(contracts.paths())
        parts.append(
            (
                "contract",
                f"SELECT c.account_code, count(*) AS not_renewed FROM {files} c WHERE {closing}"
                f" AND NOT coalesce(c.auto_renew, false) AND NOT EXISTS (SELECT 1 FROM {files} n WHERE"
                " n.account_code = c.account_code AND n.starts_on > c.starts_on AND n.starts_on <= c.ends_on +"
                f" INTERVAL {policy.renewal_days} DAY AND coalesce(n.ends_on > c.ends_on, true)"
                f" AND coalesce(n.signed_on, n.starts_on) <= {end}) GROUP BY 1",
                ("not_renewed",),
            )
        )
    else:
        lacking.append("not_renewed")
    accounts = f"SELECT account_code FROM {source(inputs.archive['accounts'].paths())}"
    return _join(parts, accounts, "account_code", lacking)  # fmt: skip


def read_names(path: Path) -> list[str]:
    """Return the names of the columns of a file."""
    import pyarrow.parquet as pq

    return list(pq.read_schema(path).names)
