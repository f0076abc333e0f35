"""What each account is billed and costs month by month, line by line. Refuses what is paid (see payments).

A line is one product of one account over all months; credits after complaints, and costs without a product, are
lines too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from zhike_analytics.datasets import mix, seasons
from zhike_analytics.datasets.holdings import Holdings
from zhike_analytics.datasets.population import account_codes, account_numbers
from zhike_analytics.datasets.randomness import Integers, cells
from zhike_analytics.datasets.schema import Writers
from zhike_analytics.datasets.seeds_reader import kinds
from zhike_analytics.datasets.spec import OperatorSpec, dates
from zhike_analytics.datasets.text import digits, laid_out, repeated

# Value-added tax: basic telecom (voice, leased circuits) 9 %, value-added telecom 6 %
# (财税〔2016〕36 号; 财政部 税务总局 海关总署公告 2019 年第 39 号).
_BASIC = (
    "office-phone", "analog-trunk", "digital-trunk", "outbound-phone", "sip-trunk", "vnet", "mobile-pbx", "one-number",
    "400", "mobile", "work-number", "private-number", "mstp", "dark-fibre",
)  # fmt: skip
_BUILT = ("dia", "mstp", "mpls-vpn", "dark-fibre", "5g-private", "ftto", "digital-trunk")
_BUILDING_FEN = 180_000  # to connect one line: our default
_MANAGER_FEN = np.array([120_000, 60_000, 30_000, 20_000, 0, 0])  # a manager's month over the accounts carried
_COMPLAINT_FEN = np.array([30_000, 24_000, 18_000, 15_000, 10_000, 8_000])
_CREDIT_LINE, _CREDIT_ITEM = 99, "故障减免"
NETWORK, ACCESS, SERVICE, PEOPLE = 0, 1, 2, 3
COST_KINDS = ("network", "access", "service", "people")


@dataclass(frozen=True)
class Lines:
    """Lines in the order of their accounts; `amount` is fen, line × month."""

    row: Integers
    product: Integers  # position in the catalogue, −1 for none
    mark: Integers  # number of the bill's line, or kind of cost
    there: np.ndarray[tuple[int, int], np.dtype[np.bool_]]
    amount: np.ndarray[tuple[int, int], np.dtype[np.int64]]

    def totals(self, rows: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
        """Return the sums of the lines, account × month."""
        sums = np.zeros((rows, self.amount.shape[1]), dtype=np.int64)
        if len(self.row):
            starts = np.flatnonzero(np.concatenate(([True], self.row[1:] != self.row[:-1])))
            sums[self.row[starts]] = np.add.reduceat(np.where(self.there, self.amount, 0), starts, axis=0)
        return sums


def _joined(*parts: Lines) -> Lines:
    """Return the lines of all parts in the order of their accounts."""
    row = np.concatenate([part.row for part in parts])
    order = np.argsort(row, kind="stable")
    return Lines(
        row[order], np.concatenate([part.product for part in parts])[order],
        np.concatenate([part.mark for part in parts])[order], np.concatenate([part.there for part in parts])[order],
        np.concatenate([part.amount for part in parts])[order],
    )  # fmt: skip


def bills(held: Holdings) -> Lines:
    """Return the lines of all bills: rent follows how many are held, usage follows season and activity."""
    population = held.population
    spec, stream = population.spec, population.spec.stream("charges")
    base = mix.families()
    month = np.arange(spec.months)[None, :]
    account = held.account
    active = held.activity[held.row]
    grown = (1 + population.growth[account][:, None]) ** ((month - (spec.months - 1)) / 12.0)
    many = np.minimum(held.quantity / 8.0, 1.0)[:, None]  # one line neither grows nor shrinks; a hundred do
    level = 1 + many * (grown * (0.45 + 0.55 * active) - 1)
    quantity = np.maximum(np.rint(held.quantity[:, None] * level), 1.0)
    used = base.usage[held.family][:, None]
    profile = np.array([seasons.PROFILES.index(one.profile) for one in kinds()])[population.kind[account]]
    season = seasons.factors(spec.periods)[profile]
    noise = 1 + 0.06 * stream.noise(cells(held.index, spec.months, 64))
    share = (1 - used) + used * season * active * grown / np.maximum(level, 0.2) * noise
    amount = np.rint(held.unit_price[:, None] * quantity * np.maximum(share, 0.0)).astype(np.int64)
    lines = Lines(held.row, held.product, held.ordinal + 1, held.used, np.maximum(amount, 1))
    return _joined(lines, _credits(held, lines))


def _credits(held: Holdings, lines: Lines) -> Lines:
    """Return what is given back after complaints: some tenths of the bill of that month."""
    spec, stream = held.population.spec, held.population.spec.stream("credits")
    complaints = held.history.complaints[held.rows, : spec.months].sum(axis=2)
    total = lines.totals(len(held.rows))
    index = cells(held.rows, spec.months, 64)
    given = (complaints > 0) & (total > 1000) & stream.chance(index, 0.22)
    row = np.flatnonzero(given.any(axis=1))
    tenths = stream.integers(index[row], 1, 4, 1)
    return Lines(row, np.full(len(row), -1), np.full(len(row), _CREDIT_LINE), given[row], -(total[row] * tenths // 10))


def costs(held: Holdings, lines: Lines) -> Lines:
    """Return what serving the accounts costs: by product, building lines, answering complaints, managers' time."""
    population = held.population
    spec, stream = population.spec, population.spec.stream("costs")
    months = np.arange(spec.months)[None, :]
    percent = np.array([float(one.cost_percent) for one in mix.catalogue()])
    service = np.array([one.business_class == "support" for one in mix.catalogue()])
    real = lines.product >= 0
    product, row = lines.product[real], lines.row[real]
    index = cells(held.index, spec.months, 64)
    drift = (1 + 0.0035 * months) * (1 + 0.025 * stream.noise(index))
    amount = np.rint(lines.amount[real] * percent[product][:, None] / 100 * drift).astype(np.int64)
    per_product = Lines(row, product, np.where(service[product], SERVICE, NETWORK), lines.there[real], amount)
    built = np.isin(held.family, [mix.families().number(one) for one in _BUILT]) & (held.first >= 0)
    lines_built = np.minimum(held.quantity[built], 6)
    spent = np.rint(_BUILDING_FEN * lines_built * (0.6 + 0.8 * stream.uniform(held.index[built], 9))).astype(np.int64)
    building = Lines(
        held.row[built], held.product[built], np.full(len(spent), ACCESS), held.first[built][:, None] == months,
        np.repeat(spent[:, None], spec.months, axis=1),
    )  # fmt: skip
    return _joined(per_product, building, *_costs_of_accounts(held, lines))


def _costs_of_accounts(held: Holdings, lines: Lines) -> tuple[Lines, Lines]:
    """Return the costs that belong to no product: complaints and managers."""
    population, spec = held.population, held.population.spec
    tier = population.tier[held.rows]
    billed = lines.totals(len(held.rows)) != 0
    complaints = held.history.complaints[held.rows, : spec.months].sum(axis=2).astype(np.int64)
    bothered = np.flatnonzero(((complaints > 0) & billed).any(axis=1))
    answering = Lines(
        bothered, np.full(len(bothered), -1), np.full(len(bothered), SERVICE),
        (complaints > 0)[bothered] & billed[bothered], complaints[bothered] * _COMPLAINT_FEN[tier[bothered]][:, None],
    )  # fmt: skip
    carried = np.flatnonzero(_MANAGER_FEN[tier] > 0)
    managing = Lines(
        carried, np.full(len(carried), -1), np.full(len(carried), PEOPLE), billed[carried],
        np.repeat(_MANAGER_FEN[tier[carried]][:, None], spec.months, axis=1),
    )  # fmt: skip
    return answering, managing


def _products(product: Integers) -> pa.DictionaryArray:
    """Return the codes of products, null for −1."""
    codes = pa.array([one.code for one in mix.catalogue()])
    return pa.DictionaryArray.from_arrays(pa.array(product.astype(np.int32), mask=product < 0), codes)


def write_bills(held: Holdings, lines: Lines, writers: Writers) -> None:
    """Write the lines of bills."""
    spec = held.population.spec
    line, month = np.nonzero(lines.there)
    row, product, amount = lines.row[line], lines.product[line], lines.amount[line, month]
    periods = np.array(spec.periods, dtype=np.int64)
    families = [mix.families().number(one) for one in _BASIC]
    basic = np.array([one for number in families for one in mix.families().products[number]])
    rate = np.where(np.isin(product, basic), 9, 6)
    items = pa.array([*(one.bill_item for one in mix.catalogue()), _CREDIT_ITEM])
    numbers = digits(account_numbers(held.rows), 8)
    columns: dict[str, Any] = {
        "account_code": repeated(account_codes(held.rows), row),
        "period": periods[month],
        "bill_code": laid_out("B", digits(periods, 6)[month], "-", numbers[row]),
        "line": lines.mark[line],
        "product_code": _products(product),
        "item": repeated(items, product % len(items)),
        "amount_fen": amount,
        "tax_fen": np.sign(amount) * ((2 * np.abs(amount) * rate + 100 + rate) // (2 * (100 + rate))),
        "due_on": dates(due_days(spec)[month]),
    }
    writers.write("bills", columns, periods[month])


def due_days(spec: OperatorSpec) -> Integers:
    """Return for each month the day on which its bill is due: the 15th of the month after."""
    return np.asarray(spec.month_days[1 : spec.months + 1] + 14)


def write_costs(held: Holdings, lines: Lines, writers: Writers) -> None:
    """Write the lines of costs."""
    periods = np.array(held.population.spec.periods, dtype=np.int64)
    line, month = np.nonzero(lines.there)
    columns: dict[str, Any] = {
        "account_code": repeated(account_codes(held.rows), lines.row[line]),
        "period": periods[month],
        "kind": repeated(pa.array(COST_KINDS), lines.mark[line]),
        "product_code": _products(lines.product[line]),
        "amount_fen": lines.amount[line, month],
    }
    writers.write("costs", columns, periods[month])
