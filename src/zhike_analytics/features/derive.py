"""Turns the sums of an account into features: trends, silence, arrears, time left. Refuses what others do."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zhike_analytics.contracts import codes, periods
from zhike_analytics.engines.account_rows import MONTHS, TREND, YEAR, Window
from zhike_analytics.features.columns import Bools, Floats, days_since, is_one_of, known_or, numbers, ratio, whole

CLASSES = tuple(codes.BUSINESS_CLASS)
KEPT_TEXT = (
    "account_code", "industry", "ownership", "size", "scope", "group_kind", "lifecycle", "credit_rating",
    "region_code", "association",
)  # fmt: skip
KEPT_NUMBERS = (
    "employees", "annual_revenue_fen", "registered_capital_fen", "rate_income_fen", "rate_cost_fen", "complaints_90",
    "escalated_90", "complaints_365", "visits_90", *(f"breadth_{one}" for one in CLASSES),
    *(f"fee_{one}_fen" for one in CLASSES), "fee_fen", "subscriptions", "removed_90",
    *(f"rival_breadth_{one}" for one in CLASSES), *(f"rival_fee_{one}_fen" for one in CLASSES), "rivals",
    "rival_fee_fen", "rival_longest_days", "rivals_high", "rivals_medium", "rivals_low", "rivals_fresh", "contracts",
    "contract_days_left", "contract_ends_in", "members", "members_own", "members_left_180", "deciders",
    "deciders_tied", "tie_sum", "tie_count", "followers", "orders_late", "orders_late_days",
)  # fmt: skip
BANDS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
"""Employees at which a new band of peers begins, our default. What an account spends is no measure of its peers: using
more of ours would move it among larger ones."""
OF_BILLS = (
    "income_12_fen", "bill_latest_fen", "bill_mean3_fen", "bill_before3_fen", "bill_change_permille",
    "bill_shortfall_fen", "declining_months", "income_months",
)  # fmt: skip
PERMILLE = 1000
"""Shares and changes are kept in whole thousandths: rounded once, here."""


def derive(raw: pa.Table, window: Window, fall_noise: float, least_usage: float) -> pa.Table:
    """Return the features of the accounts of one piece.

    Parameters
    ----------
    raw
        As :func:`zhike_analytics.engines.account_rows.collect` returns it.
    fall_noise
        Share by which a month may lie below the one before without counting as a fall.
    least_usage
        Minutes, messages or tens of megabytes a month of which less is no ground to speak of a fall.

    Returns
    -------
    One row per account, in the same order. ``*_fen`` are whole fen, ``*_permille`` whole thousandths, ``*_days`` and
    ``*_months`` whole days and months; empty is unknown. Money of months is of the last months loaded up to
    ``window.last``.
    """
    columns: dict[str, pa.Array] = {name: raw.column(name).combine_chunks() for name in KEPT_TEXT}
    columns |= {name: whole(numbers(raw, name)) for name in KEPT_NUMBERS}
    columns["strategic"] = raw.column("strategic").combine_chunks()
    customer = is_customer(raw)
    columns["customer"] = pa.array(customer)
    columns["peer_size"] = _peer_size(raw)
    found = {
        **_bills(raw, window, fall_noise),
        **_usage(raw, window, least_usage),
        **_arrears(raw, window),
        **_care(raw, window),
        "tenure_days": days_since(raw, "since", window.as_of),
        "bundle_permille": PERMILLE * ratio(numbers(raw, "fee_bundled_fen"), numbers(raw, "fee_fen")),
        "tie_permille": PERMILLE * ratio(numbers(raw, "tie_sum"), 5.0 * numbers(raw, "tie_count")),
        "members_paid": numbers(raw, "members") - numbers(raw, "members_own"),
        "rival_seen_days": days_since(raw, "rival_seen_on", window.as_of),
        "manager_changed_days": days_since(raw, "manager_since", window.as_of),
        "contact_changed_days": days_since(raw, "contact_changed_on", window.as_of),
    }
    return pa.table(columns | {name: whole(values) for name, values in found.items()})


def is_customer(table: pa.Table) -> Bools:
    """Return who is a customer now: neither a prospect nor one who has left (unknown counts as a customer)."""
    return ~is_one_of(table, "lifecycle", ("prospect", "left"))


def _peer_size(raw: pa.Table) -> pa.Array:
    """Return the band of employees by which accounts are peers; the size code where employees are unknown."""
    employees = numbers(raw, "employees")
    band = np.searchsorted(np.array(BANDS), known_or(employees, 0.0), side="right")
    names = pa.array([f"{low}+" for low in (0, *BANDS)]).take(pa.array(band, mask=np.isnan(employees)))
    return pc.coalesce(names, raw.column("size").combine_chunks().cast(pa.string()))


def _months(raw: pa.Table, window: Window, name: str, table: str, count: int) -> Floats:
    """Return a measure by month, the last loaded month first: accounts × months loaded of the last `count`."""
    held = [numbers(raw, name.format(k)) for k in range(count) if window.has(table, k)]
    return np.stack(held, axis=1) if held else np.empty((raw.num_rows, 0))


def _bills(raw: pa.Table, window: Window, noise: float) -> dict[str, Floats]:
    rows = raw.num_rows
    unknown = np.full(rows, np.nan)
    billed = _months(raw, window, "billed_{}_fen", "bills", MONTHS)
    count = billed.shape[1]
    if not count:
        return dict.fromkeys(OF_BILLS, unknown)
    latest = billed[:, 0]
    year = billed[:, : sum(window.has("bills", k) for k in range(12))]
    first = numbers(raw, "first_billed")
    back = [k for k in range(MONTHS) if window.has("bills", k)]
    before = _mean_since(billed[:, 1:4], [window.month(k) for k in back[1:4]], first)
    shortfall = np.maximum(before - latest, 0.0)
    return {
        "income_12_fen": year.sum(axis=1),
        "bill_latest_fen": latest,
        "bill_mean3_fen": _mean_since(billed[:, :3], [window.month(k) for k in back[:3]], first),
        "bill_before3_fen": before,
        "bill_change_permille": PERMILLE * ratio(latest - before, before),
        "bill_shortfall_fen": shortfall,
        "declining_months": _declining(billed, noise) if count > 1 else unknown,
        "income_months": np.stack([first <= window.month(k) for k in back if k < 12], axis=1).sum(axis=1).astype(float)
        if year.shape[1]
        else unknown,
    }


def _mean_since(values: Floats, months: list[int], first: Floats) -> Floats:
    """Return the mean over months since the account's first bill, rounded; NaN when there is none."""
    if not values.shape[1]:
        return np.full(len(values), np.nan)
    counted = np.stack([first <= month for month in months], axis=1)
    number = counted.sum(axis=1)
    total = np.where(counted, values, 0.0).sum(axis=1)
    return np.where(number > 0, np.rint(total / np.maximum(number, 1)), np.nan)


def _declining(billed: Floats, noise: float) -> Floats:
    """Return how many months in a row, up to the last one, lay below the month before."""
    falling = np.ones(len(billed), dtype=bool)
    count = np.zeros(len(billed))
    for k in range(billed.shape[1] - 1):
        falling &= billed[:, k] < billed[:, k + 1] * (1.0 - noise)
        count += falling
    return count


UNITS = {"seconds": 60.0, "events": 1.0, "megabytes": 10.0}
"""How much of each measure is one unit of usage: a minute, a call or message, ten megabytes."""
STRONGEST_SEASON = 0.3
"""A year ago's fall explains no more than down to this share of the months before, our default: below it, an account
had its own troubles then."""


def _usage(raw: pa.Table, window: Window, least: float) -> dict[str, Floats]:
    rows = raw.num_rows
    first, last = numbers(raw, "first_active"), numbers(raw, "last_active")
    changes, seasons, volume = [], [], np.zeros(rows)
    loaded = [k for k in range(TREND) if window.has("usage_month", k)]
    for measure, unit in UNITS.items():
        # A month without a row, of an account that has others, is a month without use.
        values = known_or(_months(raw, window, f"{measure}_{{}}", "usage_month", TREND), 0.0)
        if len(loaded) > 1:
            before = _mean_since(values[:, 1:], [window.month(k) for k in loaded[1:]], first)
            season = _season(raw, window, measure, loaded, least * unit, first)
            expected = np.where(before >= least * unit, before * season, np.nan)
            changes.append(ratio(values[:, 0] - expected, expected))
            seasons.append(np.where(np.isnan(changes[-1]), np.nan, season - 1.0))
        if loaded:
            volume += values.sum(axis=1) / unit / len(loaded)
    change, season = _mean_of_known(changes, rows), _mean_of_known(seasons, rows)
    newest = next((window.month(k) for k in range(MONTHS) if window.has("usage_month", k)), 0)
    silent = np.where(last > 0, _months_between(last, newest), np.nan)
    return {
        "usage_volume": np.where(np.isnan(last), np.nan, volume),
        "usage_change_permille": np.where(np.isnan(last), np.nan, PERMILLE * change),
        "usage_season_permille": np.where(np.isnan(last), np.nan, PERMILLE * season),
        "silent_months": silent,
    }


def _season(raw: pa.Table, window: Window, measure: str, loaded: list[int], least: float, first: Floats) -> Floats:
    """Return what share of the months before an account's last month of a year ago was: at most 1, 1 where not known.

    Only a fall is explained by the year before: a season in which use should have grown raises no expectation.
    """
    ago = [k + YEAR for k in loaded]
    if not all(window.has("usage_month", k) for k in ago):
        return np.ones(raw.num_rows)
    values = known_or(np.stack([numbers(raw, f"{measure}_{k}") for k in ago], axis=1), 0.0)
    before = values[:, 1:].mean(axis=1)
    known = (first <= window.month(ago[-1])) & (before >= max(least, 1.0))
    share = values[:, 0] / np.where(known, before, 1.0)
    return np.where(known, np.clip(share, STRONGEST_SEASON, 1.0), 1.0)


def _mean_of_known(columns: list[Floats], rows: int) -> Floats:
    """Return the mean over what is known of each row, NaN where nothing is."""
    known = np.stack(columns, axis=1) if columns else np.full((rows, 1), np.nan)
    counted = (~np.isnan(known)).sum(axis=1)
    return np.where(counted > 0, known_or(known, 0.0).sum(axis=1) / np.maximum(counted, 1), np.nan)


def _months_between(earlier: Floats, later: int) -> Floats:
    """Return how many months lie between months written as YYYYMM."""
    return np.asarray((later // 100 - earlier // 100) * 12 + later % 100 - earlier % 100)


def _arrears(raw: pa.Table, window: Window) -> dict[str, Floats]:
    """Return what is overdue and since when: payments settle the oldest bills first."""
    due, paid = numbers(raw, "due_fen"), numbers(raw, "paid_fen")
    owed = np.maximum(due - paid, 0.0)
    # A bill falls due this many days after its month began; the end of the next month where bills do not say.
    lag = known_or(numbers(raw, "due_after_days"), 60.0)
    left, since = owed.copy(), np.full(raw.num_rows, np.nan)
    for k in range(MONTHS):
        if not window.has("bills", k):
            continue
        overdue_days = (window.as_of - periods.first_day(window.month(k))).days - lag
        counted = (overdue_days > 0) & (left > 0)
        since = np.where(counted, overdue_days, since)
        left = np.where(counted, left - numbers(raw, f"billed_{k}_fen"), left)
    days = np.where(owed > 0, since, 0.0)
    unknown = np.isnan(due) | np.isnan(paid)
    paid_after = ratio(numbers(raw, "paid_after_days"), numbers(raw, "paid_count"))
    return {
        "overdue_fen": np.where(unknown, np.nan, owed),
        "overdue_days": np.where(unknown, np.nan, known_or(days, 0.0)),
        "pays_late_days": np.where(unknown, np.nan, paid_after - lag),
    }


def _care(raw: pa.Table, window: Window) -> dict[str, Floats]:
    """Return days since the last visit (at least: since records or the relation began) and what visitors heard."""
    last = days_since(raw, "last_visit", window.as_of)
    recorded = window.loaded.get("visits", ())
    begin: date | None = periods.first_day(min(recorded)) if recorded else None
    longest = float((window.as_of - begin).days) if begin else np.nan
    since_start = np.minimum(known_or(days_since(raw, "since", window.as_of), longest), longest)
    joint = days_since(raw, "last_joint", window.as_of)
    return {
        "unvisited_days": np.where(np.isnan(last), since_start, last),
        "visited": np.where(np.isnan(numbers(raw, "visits_90")), np.nan, ~np.isnan(last)),
        "joint_visit_days": joint,
        "satisfaction_points": 10.0 * ratio(numbers(raw, "satisfaction_sum"), numbers(raw, "satisfaction_count")),
    }
