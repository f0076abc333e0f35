"""Contracts, the products held under them, and employees' lines. Owns terms and dates; refuses months' amounts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from zhike_analytics.datasets import mix
from zhike_analytics.datasets.archive import site_codes
from zhike_analytics.datasets.descriptions import CONNECTING, largest
from zhike_analytics.datasets.history import NEVER, commitment
from zhike_analytics.datasets.holdings import OPEN, Holdings
from zhike_analytics.datasets.names import people
from zhike_analytics.datasets.population import Bools, account_codes, account_numbers, level
from zhike_analytics.datasets.randomness import Integers
from zhike_analytics.datasets.schema import Writers, decimals
from zhike_analytics.datasets.seeds_reader import seed
from zhike_analytics.datasets.spec import HORIZON, OperatorSpec, dates, logistic, yyyymmdd
from zhike_analytics.datasets.text import digits, laid_out, pick, where

MEMBERS = 40
"""Employees' lines written of one account at most."""
_BUNDLES = ("简装型", "礼包型", "豪华型")
_TITLES = (
    "通信与信息化综合服务合同",
    "专线及语音综合服务合同",
    "宽带与移动业务合同",
    "政企业务框架合同",
    "行业应用与云服务合同",
)


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


def _apart(held: Holdings) -> Bools:
    """Return which holdings stand under a second contract: many larger accounts sign applications and cloud apart."""
    population, account = held.population, held.account
    other = mix.families().class_number[held.family] > 0
    signs = population.spec.stream("contracts").chance(account, 0.75, 8)
    return np.asarray(other & (population.tier[account] <= 3) & signs)


def _terms(held: Holdings, row: Integers, second: Bools) -> tuple[Integers, Integers, Integers]:
    """Return first and last month of accounts' contracts as they stand or stood last, and their terms.

    A contract that was signed again ahead of its end runs anew from that month; one that lapsed ended in the past.
    """
    history, months, account = held.history, held.population.spec.months, held.rows[row]
    stream = held.population.spec.stream("contracts")
    term = np.where(
        second,
        np.array([12, 24, 36])[
            stream.choice_by(account, np.array([0.45, 0.4, 0.15]) * commitment(held.population, account), 9)
        ],
        history.contract_term[account],
    )
    phase = np.where(second, stream.integers(account, 0, 36, 10), history.contract_phase[account])
    now = np.minimum(history.left[account], months)
    last = now + (phase - now) % term
    ahead = history.contract_ahead[account]
    again = last - now < ahead
    last = np.where(again, last - ahead + term, last)
    ran_out = last - term
    lapsed = ~second & ~again & history.contract_lapsed[account] & (ran_out > held.population.joined[account] + 3)
    last = np.where(lapsed, ran_out, last)
    return last - term + 1, last, term


def contract_codes(spec: OperatorSpec, account: Integers, first: Integers, second: Bools) -> pa.Array:
    """Return the codes of contracts that begin in month `first`."""
    month = yyyymmdd(month_start(spec, first)) // 100
    return laid_out(
        "HT-", digits(month, 6), "-", digits(account_numbers(account), 8), "-", digits(1 + second.astype(np.int64), 1)
    )


def write_contracts(held: Holdings, writers: Writers) -> None:
    """Write each customer's contracts, and before them those that they renewed."""
    population, history, rows = held.population, held.history, held.rows
    spec, stream = population.spec, population.spec.stream("contracts")
    apart, size = _apart(held), len(rows)
    here = np.flatnonzero(np.bincount(held.row, minlength=size) > 0)
    more = np.flatnonzero(np.bincount(held.row[apart], minlength=size) > 0)
    row, second = np.concatenate((here, more)), np.arange(len(here) + len(more)) >= len(here)
    first, last, term = _terms(held, row, second)
    renewed = (first - 1 > population.joined[rows[row]]) & (population.tier[rows[row]] <= 4)
    old = np.concatenate((np.ones(int(renewed.sum()), dtype=bool), np.zeros(len(row), dtype=bool)))
    take = np.concatenate((np.flatnonzero(renewed), np.arange(len(row))))
    order = np.lexsort((~old, second[take], row[take]))
    take, old = take[order], old[order]
    row, second, first, last, term = row[take], second[take], first[take], last[take], term[take]
    account = rows[row]
    begin = np.where(old, first - term, first)
    starts = np.maximum(month_start(spec, begin), population.since_day[account])
    ends = month_start(spec, np.where(old, first, last + 1)) - 1
    gone = (history.left[account] < spec.months) & ~old
    day = leaving_day(held, account)
    ends = np.maximum(np.where(gone & (day < ends), day, ends), starts)
    fees = np.stack([np.bincount(held.row, held.fee * (apart == one), size) for one in (False, True)], axis=1)
    fee = fees[row, second.astype(np.int64)].astype(np.int64)
    large = population.tier[account] <= 3
    index = (account * 2 + second) * 2 + old
    minimum = fee * 6 // 1000 * 100
    lines, drawn = largest(held, CONNECTING) >= 0, stream.integers(index, 0, 4)
    title = np.where(large, np.where(lines[row], drawn, np.minimum(drawn, 1) * 3), 2)
    columns: dict[str, Any] = {
        "account_code": account_codes(account),
        "contract_code": contract_codes(spec, account, begin, second),
        "title": pick(_TITLES, np.where(second, 4, title)),
        "signed_on": dates(starts - stream.integers(index, 0, 26, 1)),
        "starts_on": dates(starts),
        "ends_on": dates(ends),
        "monthly_minimum_fen": pa.array(minimum, mask=~(large & stream.chance(index, 0.55, 2)) | (minimum == 0)),
        "termination_charge_fen": pa.array(fee * 3, mask=~(large & stream.chance(index, 0.7, 3)) | (fee == 0)),
        "auto_renew": stream.chance(
            index, np.clip(np.where(large, 0.2, 0.5) + 0.1 * population.loyalty[account], 0.03, 0.85), 4
        ),
    }
    writers.write("contracts", columns)


def subscription_codes(account: Integers, ordinal: Integers) -> pa.Array:
    """Return the codes of subscriptions."""
    return laid_out("ZX-", digits(account_numbers(account), 8), "-", digits(ordinal + 1, 2))


def ended(held: Holdings) -> Bools:
    """Return which holdings are over: their account has left, or a competitor has taken them."""
    return np.asarray((held.last != OPEN) & (held.last < held.population.spec.months))


def write_subscriptions(held: Holdings, writers: Writers) -> None:
    """Write what the accounts of the chunk hold, and what they held."""
    population, history, account = held.population, held.history, held.account
    spec, stream = population.spec, population.spec.stream("subscriptions")
    apart = _apart(held)
    first, last, _ = _terms(held, held.row, apart)
    month = np.minimum(held.first, spec.months - 1)
    start = month_start(spec, month) + stream.integers(held.index, 0, 26)
    start = np.where(held.first <= population.joined[account], population.since_day[account], start)
    over = ended(held)
    taken = month_start(spec, np.minimum(held.last, spec.months) + 1) - 1
    end = np.where(over, np.where(held.lost, taken, leaving_day(held, account)), month_start(spec, last + 1) - 1)
    dormant = (history.dormant_from[account] != NEVER) & (history.dormant_from[account] <= spec.months - 4)
    # A bundle binds several services together: who means to stay takes it for its price, others keep their hands free.
    bundled = stream.chance(account, logistic(-1.4 + 1.9 * population.loyalty[account]), 1)
    bundled &= population.tier[account] >= 2
    bundle = pick(_BUNDLES, np.clip(5 - population.tier[account], 0, 2))
    site = np.floor(stream.uniform(held.index, 2) * population.sites[account]).astype(np.int64)
    columns: dict[str, Any] = {
        "account_code": account_codes(account),
        "subscription_code": subscription_codes(account, held.ordinal),
        "product_code": pick([one.code for one in mix.catalogue()], held.product),
        "site_code": site_codes(site),
        "contract_code": contract_codes(spec, account, first, apart),
        "bundle": where(bundled & (held.ordinal < 4), bundle),
        "quantity": decimals(held.quantity),
        "unit": pick([one.unit for one in mix.catalogue()], held.product),
        "monthly_fee_fen": held.fee,
        "starts_on": dates(start),
        # A service whose contract has run out is used from month to month: nothing says when it ends.
        "ends_on": dates(np.maximum(end, start), over | (end >= spec.today_day - 1)),
        "status": pick(("active", "suspended", "ended"), np.where(over, 2, np.where(dormant, 1, 0))),
    }
    writers.write("subscriptions", columns)


def write_members(held: Holdings, writers: Writers) -> None:
    """Write employees' lines: those the account pays, and some that employees pay themselves."""
    population = held.population
    spec, stream = population.spec, population.spec.stream("members")
    mobile = np.flatnonzero(held.family == mix.families().number("mobile"))
    account_of = held.account[mobile]
    paid = held.quantity[mobile]
    fond = 0.8 * population.loyalty[account_of] + 0.6 * stream.noise(account_of, 6)
    own = np.rint(paid * 0.5 * level(fond)).astype(np.int64)
    # Of larger accounts a sample is written in which both kinds stand as they do in the whole.
    few = np.minimum(1.0, MEMBERS / (paid + own))
    paid = np.maximum(np.floor(paid * few), 1).astype(np.int64)
    count = paid + np.floor(own * few).astype(np.int64)
    at = np.repeat(np.arange(len(mobile)), count)
    number = np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
    account, group = account_of[at], number < paid[at]
    index = account * 64 + number
    over = ended(held)[mobile][at]
    # Employees take their numbers along before their company goes.
    going = (held.history.left[account] >= spec.months) & (held.history.left[account] <= spec.months + HORIZON)
    ported = ~over & stream.chance(index, 0.07 * (1.2 - level(population.loyalty[account])) + 0.15 * going, 1)
    away = spec.today_day - 1 - np.floor(stream.uniform(index, 2) * np.where(going, 150, 330)).astype(np.int64)
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
