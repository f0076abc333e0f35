"""Sums usage by service, ways of paying and products in use to one row per account. Refuses ratios and clusters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pyarrow as pa

from zhike_analytics.contracts import codes
from zhike_analytics.engines.account_rows import Window
from zhike_analytics.engines.duck import text
from zhike_analytics.engines.frames import Rows, TableFiles, between

Tables = Mapping[str, TableFiles]
MONTHS = 3
"""Months of usage that are summed: one alone is a holiday now and then."""
SERVICES = tuple(codes.USAGE_SERVICE)
MEASURES = ("events", "seconds", "megabytes", "active_lines")


def collect_behaviour(engine: Rows, facts: Tables, archive: Tables, window: Window, low: str, high: str) -> pa.Table:
    """Return one row for each account between two codes, in their order.

    Columns ``<service>_<measure>`` are sums over the last three months (empty when usage was never loaded, 0 without
    use), ``payment_method`` is the most frequent of a year, ``products`` the codes held on the day of the window.
    """
    within = between(low, high)
    accounts = f"(SELECT account_code FROM {engine.source(archive['accounts'].paths())} WHERE {within})"
    parts, selects = [f"account AS {accounts}"], []
    months = [window.month(k) for k in range(MONTHS) if window.has("usage_month", k)]
    names = [f"{service}_{measure}" for service in SERVICES for measure in MEASURES]
    if months:
        sums = ", ".join(
            f"coalesce(sum({measure}) FILTER (WHERE service = {text(service)}), 0)::DOUBLE AS {service}_{measure}"
            for service in SERVICES
            for measure in MEASURES
        )
        source = engine.source(facts["usage_month"].paths(months[-1]))
        wanted = f"period IN ({', '.join(map(str, months))}) AND {within}"
        parts.append(f"usage AS (SELECT account_code, {sums} FROM {source} WHERE {wanted} GROUP BY account_code)")
        selects += [f"coalesce(usage.{one}, 0) AS {one}" for one in names]
    else:
        selects += [f"NULL::DOUBLE AS {one}" for one in names]
    day = f"DATE {text(window.as_of.isoformat())}"
    if "payments" in facts:
        source = engine.source(facts["payments"].paths())
        counted = (
            f"SELECT account_code, method, count(*) AS n FROM {source} WHERE {within} AND method IS NOT NULL"
            f" AND paid_at::DATE <= {day} AND paid_at::DATE > {day} - INTERVAL 365 DAY GROUP BY ALL"
        )
        parts.append(
            f"paid AS (SELECT account_code, method FROM ({counted}) QUALIFY row_number() OVER"
            " (PARTITION BY account_code ORDER BY n DESC, method) = 1)"
        )
        selects.append("paid.method AS payment_method")
    else:
        selects.append("NULL::VARCHAR AS payment_method")
    if "subscriptions" in archive:
        parts.append(f"held AS ({_held(engine, archive, window.as_of, within)})")
        selects.append("coalesce(held.products, []) AS products")
    else:
        selects.append("NULL::VARCHAR[] AS products")
    joins = [f"LEFT JOIN {one.partition(' ')[0]} USING (account_code)" for one in parts[1:]]
    query = f"WITH {', '.join(parts)} SELECT account_code, {', '.join(selects)} FROM account {' '.join(joins)}"
    return engine.fetch(f"{query} ORDER BY account_code")


def _held(engine: Rows, archive: Tables, day: date, within: str) -> str:
    """Return the products of each account on a day; one that ended later than the day was still held."""
    on = f"DATE {text(day.isoformat())}"
    began = f"coalesce(starts_on <= {on}, true)"
    still = f"coalesce(ends_on > {on}, coalesce(status, 'active') <> 'ended') OR coalesce(status, 'active') <> 'ended'"
    return (
        "SELECT account_code, list(DISTINCT product_code ORDER BY product_code) AS products"
        f" FROM {engine.source(archive['subscriptions'].paths())}"
        f" WHERE {within} AND product_code IS NOT NULL AND {began} AND ({still}) GROUP BY account_code"
    )


def products_begun(engine: Rows, archive: Tables, after: date, until: date) -> pa.Table:
    """Return which products accounts took up after a day, up to another: (account_code, product_code)."""
    return engine.fetch(
        f"SELECT DISTINCT account_code, product_code FROM {engine.source(archive['subscriptions'].paths())}"
        f" WHERE product_code IS NOT NULL AND starts_on > DATE {text(after.isoformat())}"
        f" AND starts_on <= DATE {text(until.isoformat())} ORDER BY account_code, product_code"
    )
