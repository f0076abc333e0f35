"""Complaints in words, one row each, as many as history says. Owns texts and outcomes; refuses to decide how many."""

from __future__ import annotations

from typing import Any

import numpy as np

from zhike_analytics.contracts.codes import COMPLAINT_CATEGORY
from zhike_analytics.datasets import mix
from zhike_analytics.datasets.archive import site_names
from zhike_analytics.datasets.descriptions import CONNECTING, choose, largest, patterns
from zhike_analytics.datasets.holdings import Holdings
from zhike_analytics.datasets.planted import planted
from zhike_analytics.datasets.population import account_codes, account_numbers
from zhike_analytics.datasets.randomness import Integers
from zhike_analytics.datasets.schema import Writers
from zhike_analytics.datasets.seeds_reader import seed
from zhike_analytics.datasets.spec import OperatorSpec, moment, yyyymmdd
from zhike_analytics.datasets.text import compose, digits, laid_out, numbers, pick, repeated, where

CATEGORIES = tuple(COMPLAINT_CATEGORY)
_SHARES = (0.27, 0.15, 0.18, 0.11, 0.11, 0.07, 0.08, 0.03)  # our default, after domain §5
_HOURS = np.array([6.0, 9.0, 16.0, 22.0, 30.0, 36.0])  # until closed, by tier
_SPOKEN = {"line_fault": ("dia",), "billing_wave": ("mobile",), "slow_installation": ("dia", "broadband", "ftto")}
_NETWORK = 0  # position of network quality in CATEGORIES


def write_complaints(held: Holdings, writers: Writers) -> None:
    """Write the complaints of the chunk's accounts."""
    population, rows = held.population, held.rows
    spec, stream = population.spec, population.spec.stream("complaints.words")
    counts = held.history.complaints[rows]
    at = np.repeat(np.arange(counts.size), counts.reshape(-1))
    row, month, cause = np.unravel_index(at, counts.shape)
    first = np.searchsorted(at, at)
    index = (rows[row] * 64 + month) * 64 + cause * 8 + np.minimum(np.arange(len(at)) - first, 7)
    start = spec.month_days[month]
    length = np.where(month == spec.months, spec.today_day - start, spec.month_days[month + 1] - start)
    day = start + np.floor(stream.uniform(index) * length).astype(np.int64)
    second = 8 * 3600 + np.floor(stream.uniform(index, 1) ** 1.3 * 12.5 * 3600).astype(np.int64)
    order = np.lexsort((index, second, day, row))
    row, month, cause, index, day, second = (one[order] for one in (row, month, cause, index, day, second))
    account = rows[row]
    number = np.arange(len(row)) - np.searchsorted(row, np.arange(len(rows)))[row]
    category, sentence = _categories(spec, index, cause)
    product = _products(held, row, cause, category, index)
    hours = _HOURS[population.tier[account]] * np.exp(0.7 * stream.noise(index, 2)) * np.where(category == 1, 2.5, 1.0)
    closing = day * 86_400 + second + np.rint(hours * 3600).astype(np.int64)
    open_ = closing >= spec.today_day * 86_400
    close_day, close_second = closing // 86_400, closing % 86_400
    before = np.concatenate(
        ([False], (row[1:] == row[:-1]) & (category[1:] == category[:-1]) & (day[1:] - day[:-1] <= 30))
    )
    repeated_ = before[: len(row)]
    pleased = 0.55 + 0.20 * np.tanh(population.loyalty[account]) - 0.16 * np.tanh(population.irritability[account])
    pleased = pleased - 0.12 * repeated_ - 0.10 * (hours > 36)
    draw = stream.uniform(index, 3)
    outcome = np.where(open_, 0, np.where(draw < pleased, 1, np.where(draw > 0.985, 3, 2)))
    site = np.floor(stream.uniform(index, 4) * population.sites[account]).astype(np.int64)
    periods = np.array([*spec.periods, spec.current_period])
    fields = {
        "site": site_names(population, account, site),
        "product": pick([*(one.name for one in mix.catalogue()), "业务"], product % (len(mix.catalogue()) + 1)),
        "month": numbers(periods[np.maximum(month - 1, 0)] % 100),
    }  # fmt: skip
    departments = seed("sentences")["departments"]
    columns: dict[str, Any] = {
        "account_code": repeated(account_codes(rows), row),
        "complaint_code": laid_out(
            "TS", digits(yyyymmdd(day), 8), "-", digits(account_numbers(account), 8), "-", digits(number % 1000, 3)
        ),
        "received_at": moment(day, second),
        "category": pick(CATEGORIES, category),
        "product_code": where(product >= 0, pick([one.code for one in mix.catalogue()], np.maximum(product, 0))),
        "summary": compose(patterns("complaints")[0], sentence, fields),
        "department": pick(
            [*(departments[one] for one in CATEGORIES), *(one.department for one in planted(spec))],
            np.where(cause == 0, category, len(CATEGORIES) + cause - 1),
        ),
        "closed_at": _closed(close_day, close_second, open_),
        "outcome": pick(("open", "satisfied", "unsatisfied", "escalated"), outcome),
        "repeated": repeated_,
    }
    writers.write("complaints", columns)


def _closed(day: Integers, second: Integers, open_: Any) -> Any:
    """Return moments of closing, empty for complaints that are open."""
    result = moment(day, second).copy()
    result[open_] = np.datetime64("NaT")
    return result


def _categories(spec: OperatorSpec, index: Integers, cause: Integers) -> tuple[Integers, Integers]:
    """Return category and sentence of each complaint; planted causes have their own."""
    stream = spec.stream("complaints.words")
    ordinary = stream.choice(index, _SHARES, 5)
    category = np.array([0, *(CATEGORIES.index(one.category) for one in planted(spec))])[cause]
    category = np.where(cause == 0, ordinary, category)
    groups = (*CATEGORIES, *(f"planted_{one.code}" for one in planted(spec)))
    group = np.where(cause == 0, category, len(CATEGORIES) + cause - 1)
    return category, choose("complaints", group, groups, stream.uniform(index, 6))


def _products(held: Holdings, row: Integers, cause: Integers, category: Integers, index: Integers) -> Integers:
    """Return the product concerned: one that the account holds and that fits the cause; −1 without any."""
    count = np.bincount(held.row, minlength=len(held.rows))
    starts = np.cumsum(count) - count
    drawn = starts[row] + np.floor(
        held.population.spec.stream("complaints.words").uniform(index, 7) * count[row]
    ).astype(np.int64)
    product = np.where(count[row] > 0, np.append(held.product, -1)[np.minimum(drawn, len(held.product))], -1)
    connected = largest(held, CONNECTING)[row]
    product = np.where((cause == 0) & (category == _NETWORK) & (connected >= 0), connected, product)
    for number, one in enumerate(planted(held.population.spec), start=1):
        concerned = largest(held, _SPOKEN[one.code])[row]
        product = np.where((cause == number) & (concerned >= 0), concerned, product)
    return np.asarray(product)
