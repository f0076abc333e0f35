"""Contracts, the products held under them, and employees' lines. Owns terms and dates; refuses months' amounts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from zhike_analytics.datasets import mix
from zhike_analytics.datasets.archive import site_codes
from zhike_analytics.datasets.descriptions import CONNECTING, largest
from zhike_analytics.datasets.history import NEVER
from zhike_analytics.datasets.holdings import OPEN, Holdings
from zhike_analytics.datasets.names import people
from zhike_analytics.datasets.population import account_codes, account_numbers, level
from zhike_analytics.datasets.randomness import Integers
from zhike_analytics.datasets.schema import Writers, decimals
from zhike_analytics.datasets.seeds_reader import seed
from zhike_analytics.datasets.spec import OperatorSpec, dates, yyyymmdd
from zhike_analytics.datasets.text import digits, laid_out, pick, where

MEMBERS = 40
"""Employees' lines written of one account at most."""
_BUNDLES = ("简装型", "礼包型", "豪华型")
_TITLES = ("通信与信息化综合服务合同", "专线及语音综合服务合同", "宽带与移动业务合同", "政企业务框架合同")


def month_start(spec: OperatorSpec, month: Integers) -> Integers:
    """Return the first day of months, which may lie long before the first, as days since 1970."""
    first = np.datetime64(f"{spec.periods[0] // 100}-{spec.periods[0] % 100:02d}", "M")
    return np.asarray((first + month).astype("datetime64[D]").astype(np.int64))


def leaving_day(held: Holdings, rows: Integers) -> Integers:
    """Return the day on which accounts that have left went: somewhere in their last month."""
    spec = held.population.spec
    month = np.minimum(held.history.left[rows], spec.months + 2)
    start = spec.month_days[month]
    length = spec.month_days[month + 1] - start
    return np.asarray(start + np.floor(spec.stream("leaving").uniform(rows) * length).astype(np.int64))


def _terms(held: Holdings) -> tuple[Integers, Integers, Integers]:
    """Return first and last month of the account's main contract as it stands or stood last, and its term."""
    history, rows, months = held.history, held.rows, held.population.spec.months
    term, phase = history.contract_term[rows], history.contract_phase[rows]
    now = np.minimum(history.left[rows], months)
    last = now + (phase - now) % term
    return last - term + 1, last, term


def contract_codes(held: Holdings, rows: Integers, first: Integers) -> pa.Array:
    """Return the codes of contracts that begin in month `first`."""
    month = yyyymmdd(month_start(held.population.spec, first)) // 100
    return laid_out("HT-", digits(month, 6), "-", digits(account_numbers(rows), 8))


def write_contracts(held: Holdings, writers: Writers) -> None:
    """Write each customer's main contract, and before it the one that it renewed."""
    population, history = held.population, held.history
    spec, stream = population.spec, population.spec.stream("contracts")
    first, last, term = _terms(held)
    here = np.flatnonzero(np.bincount(held.row, minlength=len(held.rows)) > 0)
    earlier = here[(first[here] - 1 > population.joined[held.rows[here]]) & (population.tier[held.rows[here]] <= 4)]
    row = np.concatenate((earlier, here))
    old = np.concatenate((np.ones(len(earlier), dtype=bool), np.zeros(len(here), dtype=bool)))
    order = np.lexsort((~old, row))
    row, old = row[order], old[order]
    account = held.rows[row]
    begin = np.where(old, first[row] - term[row], first[row])
    starts = np.maximum(month_start(spec, begin), population.since_day[account])
    ends = month_start(spec, np.where(old, first[row], last[row] + 1)) - 1
    gone = (history.left[account] < spec.months) & ~old
    day = leaving_day(held, account)
    ends = np.maximum(np.where(gone & (day < ends), day, ends), starts)
    fee = np.bincount(held.row, held.fee, len(held.rows)).astype(np.int64)[row]
    large = population.tier[account] <= 3
    index = account * 2 + old
    minimum = fee * 6 // 1000 * 100
    lines, drawn = largest(held, CONNECTING) >= 0, stream.integers(index, 0, 4)
    columns: dict[str, Any] = {
        "account_code": account_codes(account),
        "contract_code": contract_codes(held, account, begin),
        "title": pick(_TITLES, np.where(large, np.where(lines[row], drawn, np.minimum(drawn, 1) * 3), 2)),
        "signed_on": dates(starts - stream.integers(index, 0, 26, 1)),
        "starts_on": dates(starts),
        "ends_on": dates(ends),
        "monthly_minimum_fen": pa.array(minimum, mask=~(large & stream.chance(index, 0.55, 2)) | (minimum == 0)),
        "termination_charge_fen": pa.array(fee * 3, mask=~(large & stream.chance(index, 0.7, 3)) | (fee == 0)),
        "auto_renew": stream.chance(index, np.where(large, 0.2, 0.5), 4),
    }
    writers.write("contracts", columns)


def subscription_codes(account: Integers, ordinal: Integers) -> pa.Array:
    """Return the codes of subscriptions."""
    return laid_out("ZX-", digits(account_numbers(account), 8), "-", digits(ordinal + 1, 2))


def ended(held: Holdings) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which holdings are over: their account has left, or a competitor has taken them."""
    return np.asarray((held.last != OPEN) & (held.last < held.population.spec.months))


def write_subscriptions(held: Holdings, writers: Writers) -> None:
    """Write what the accounts of the chunk hold, and what they held."""
    population, history, account = held.population, held.history, held.account
    spec, stream = population.spec, population.spec.stream("subscriptions")
    first, last, _ = _terms(held)
    month = np.minimum(held.first, spec.months - 1)
    start = month_start(spec, month) + stream.integers(held.index, 0, 26)
    start = np.where(held.first <= population.joined[account], population.since_day[account], start)
    over = ended(held)
    taken = month_start(spec, np.minimum(held.last, spec.months) + 1) - 1
    end = np.where(
        over, np.where(held.lost, taken, leaving_day(held, account)), month_start(spec, last[held.row] + 1) - 1
    )
    dormant = (history.dormant_from[account] != NEVER) & (history.dormant_from[account] <= spec.months - 4)
    bundled = stream.chance(account, 0.24, 1) & (population.tier[account] >= 2)
    bundle = pick(_BUNDLES, np.clip(5 - population.tier[account], 0, 2))
    site = np.floor(stream.uniform(held.index, 2) * population.sites[account]).astype(np.int64)
    columns: dict[str, Any] = {
        "account_code": account_codes(account),
        "subscription_code": subscription_codes(account, held.ordinal),
        "product_code": pick([one.code for one in mix.catalogue()], held.product),
        "site_code": site_codes(site),
        "contract_code": contract_codes(held, account, first[held.row]),
        "bundle": where(bundled & (held.ordinal < 4), bundle),
        "quantity": decimals(held.quantity),
        "unit": pick([one.unit for one in mix.catalogue()], held.product),
        "monthly_fee_fen": held.fee,
        "starts_on": dates(start),
        "ends_on": dates(np.maximum(end, start)),
        "status": pick(("active", "suspended", "ended"), np.where(over, 2, np.where(dormant, 1, 0))),
    }
    writers.write("subscriptions", columns)


def write_members(held: Holdings, writers: Writers) -> None:
    """Write employees' lines: those the account pays, and some that employees pay themselves."""
    population = held.population
    spec, stream = population.spec, population.spec.stream("members")
    mobile = np.flatnonzero(held.family == mix.families().number("mobile"))
    account_of = held.account[mobile]
    paid = np.minimum(held.quantity[mobile], MEMBERS)
    own = np.minimum(np.rint(held.quantity[mobile] * 0.5 * level(population.loyalty[account_of])), MEMBERS - paid)
    count = paid + own.astype(np.int64)
    at = np.repeat(np.arange(len(mobile)), count)
    number = np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
    account, group = account_of[at], number < paid[at]
    index = account * 64 + number
    over = ended(held)[mobile][at]
    ported = ~over & stream.chance(index, 0.07 * (1.2 - level(population.loyalty[account])), 1)
    away = spec.today_day - 1 - np.floor(stream.uniform(index, 2) * 330).astype(np.int64)
    joined = population.since_day[account] + np.floor(
        stream.uniform(index, 3) ** 1.5 * (spec.today_day - 400 - population.since_day[account])
    ).astype(np.int64)
    joined = np.maximum(np.minimum(joined, spec.today_day - 5), population.since_day[account])
    left_on = np.maximum(np.where(over, leaving_day(held, account), away), joined)
    product = held.product[mobile][at]
    name, _, _ = people(stream, index)
    departments = seed("sentences")["departments_of_members"]
    # Every number once: a permutation of all numbers of nine digits.
    line = (index * 387_420_489 + 123_456_789) % 10**9
    columns: dict[str, Any] = {
        "account_code": account_codes(account),
        "number": laid_out("1", digits(3 + 5 * stream.integers(account, 0, 2, 4), 1), digits(line, 9)),
        "member_name": name,
        "department": pick(departments, stream.integers(index, 0, len(departments), 5)),
        "plan": pick([one.name for one in mix.catalogue()], product),
        "paid_by": pick(("person", "group"), group.astype(np.int64)),
        "monthly_fee_fen": held.unit_price[mobile][at],
        "joined_on": dates(joined),
        "left_on": dates(left_on, over | ported),
        "status": pick(("active", "ported_out", "left"), np.where(over, 2, np.where(ported, 1, 0))),
    }
    writers.write("member_lines", columns)
