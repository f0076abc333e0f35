"""Which products each account uses, how many, at what price. A pure function of the account; refuses time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from zhike_analytics.contracts.catalogue import ProductSeed, products
from zhike_analytics.datasets.population import Bools, Population
from zhike_analytics.datasets.randomness import Floats, Integers, Stream, cells
from zhike_analytics.datasets.seeds_reader import kinds, seed, styles

# Families sold in several sizes at once; in the others the size follows the money spent.
_BY_TASTE = {"mobile": (0.45, 0.42, 0.13), "iot": (0.50, 0.35, 0.15), "broadband": (0.62, 0.38)}
CLASSES = ("communication", "industry", "support")


@dataclass(frozen=True)
class Families:
    """The product families as arrays, in the order of the adoption seed."""

    names: tuple[str, ...]
    products: tuple[tuple[int, ...], ...]  # positions in the catalogue, cheapest first
    base: Floats  # family × tier
    kind: Floats  # kind × family: how much likelier
    style: Floats  # hidden style × family: how much likelier
    share: Floats
    usage: Floats
    per_employee: Floats
    per_site: Floats
    elastic: Bools
    class_number: Integers
    prices: Floats  # family × size: typical price in fen, infinite where there is no such size
    floor: Integers  # of each product
    list_price: Integers

    def number(self, family: str) -> int:
        """Return the position of `family`."""
        return self.names.index(family)


@cache
def catalogue() -> tuple[ProductSeed, ...]:
    """Return the catalogue that the operator sells from."""
    return products()


@cache
def families() -> Families:
    """Return the families."""
    data = seed("adoption")
    rows = data["families"]
    names = tuple(rows)
    sizes = tuple(
        tuple(sorted((n for n, one in enumerate(catalogue()) if one.family == name), key=_typical)) for name in names
    )
    prices = np.full((len(names), max(map(len, sizes))), np.inf)
    for family, of_family in enumerate(sizes):
        prices[family, : len(of_family)] = [catalogue()[one].typical_price_fen for one in of_family]
    likelier = np.ones((len(kinds()), len(names)))
    for family, row in enumerate(rows.values()):
        for number, kind in enumerate(kinds()):
            if "only" in row and not kind.tags & set(row["only"]):
                likelier[number, family] = 0.0
            for tag, factor in row.get("tags", {}).items():
                if tag in kind.tags:
                    likelier[number, family] *= factor
    columns = list(rows.values())
    return Families(
        names=names,
        products=sizes,
        base=np.array([row["base"] for row in columns], dtype=float) * data["breadth"],
        kind=likelier,
        style=np.array([[one.families.get(name, 1.0) for name in names] for one in styles()]),
        share=np.array([row["share"] for row in columns], dtype=float),
        usage=np.array([row["usage"] for row in columns], dtype=float),
        per_employee=np.array([row["per"] if row["bound"] == "employees" else 0.0 for row in columns]),
        per_site=np.array([row["per"] if row["bound"] == "sites" else 0.0 for row in columns]),
        elastic=np.array([name in data["elastic"] for name in names]),
        class_number=np.array([CLASSES.index(catalogue()[of[0]].business_class) for of in sizes]),
        prices=prices,
        floor=np.array([one.floor_price_fen for one in catalogue()]),
        list_price=np.array([one.list_price_fen for one in catalogue()]),
    )


def _typical(number: int) -> int:
    """Return the typical price of a product, to sort by."""
    return catalogue()[number].typical_price_fen


@dataclass(frozen=True)
class Mix:
    """What accounts use: one element a used product, account after account."""

    row: Integers  # position within the rows asked for
    family: Integers
    product: Integers
    quantity: Integers
    unit_price: Integers  # fen

    @property
    def fee(self) -> Integers:
        """Monthly fee in fen."""
        return np.asarray(self.quantity * self.unit_price)


def build(population: Population, rows: Integers) -> Mix:
    """Return what `rows` use or used while customers; prospects use nothing."""
    base = families()
    stream = population.spec.stream("mix")
    index = cells(rows, len(base.names), 64)
    adopted = stream.uniform(index) < likelihood(population, rows)
    adopted[population.prospect[rows]] = False
    spend = population.spend[rows]
    weight = adopted * base.share * np.exp(0.45 * stream.noise(index, 1))
    cheapest = base.prices[:, 0]
    money = _shared(weight, spend)
    weight *= money >= 0.55 * cheapest  # what would be less than half of the smallest size is not bought
    money = _shared(weight, spend)
    bound = np.maximum(
        1.0,
        np.maximum(
            base.per_employee * population.employees[rows][:, None], base.per_site * population.sites[rows][:, None]
        ),
    )
    size = _sizes(stream, base, index, money, population.sites[rows])
    price = np.take_along_axis(np.broadcast_to(base.prices, (len(rows), *base.prices.shape)), size[:, :, None], 2)[
        :, :, 0
    ]
    quantity = np.minimum(np.rint(money / price), np.floor(bound))
    missing = np.maximum(0.0, spend - (quantity * price).sum(axis=1))
    money = money + _shared(weight * (base.elastic & (quantity > 0)), missing)
    size = np.where(base.elastic, _sizes(stream, base, index, money, population.sites[rows]), size)
    price = np.take_along_axis(np.broadcast_to(base.prices, (len(rows), *base.prices.shape)), size[:, :, None], 2)[
        :, :, 0
    ]
    quantity = np.minimum(np.rint(money / price), np.where(base.elastic, 4, 1) * np.floor(bound)).astype(np.int64)
    _anchor(base, quantity, size, spend, ~population.prospect[rows])
    return _flat(population, stream, rows, base, quantity, size)


def likelihood(population: Population, rows: Integers) -> Floats:
    """Return how likely each of `rows` uses each family: by tier, trade, hidden style and loyalty."""
    base = families()
    likely = (
        base.base[:, population.tier[rows]].T * base.kind[population.kind[rows]] * base.style[population.style[rows]]
    )
    likely *= np.exp(0.45 * population.loyalty[rows])[:, None]
    return np.minimum(likely, 0.985)


def _shared(weight: Floats, money: Floats) -> Floats:
    """Return `money` of each row shared by `weight`."""
    total = weight.sum(axis=1, keepdims=True)
    return np.asarray(weight * (money[:, None] / np.where(total > 0, total, 1.0)))


def _sizes(stream: Stream, base: Families, index: Integers, money: Floats, sites: Integers) -> Integers:
    """Return which size of each family is bought: by taste, or the largest that the money of a line pays."""
    lines = np.minimum(1 + np.floor(stream.uniform(index, 2) * np.minimum(sites, 3)[:, None]), 3)
    per_line = money / lines * 1.25
    size = np.zeros(money.shape, dtype=np.int64)
    for step in range(1, base.prices.shape[1]):
        size += per_line >= base.prices[:, step]
    taste = stream.uniform(index, 3)
    for family, shares in _BY_TASTE.items():
        column = base.number(family)
        size[:, column] = np.minimum(np.searchsorted(np.cumsum(shares), taste[:, column]), len(shares) - 1)
    return size


def _anchor(base: Families, quantity: Integers, size: Integers, spend: Floats, customer: Bools) -> None:
    """Give every customer without any product the one that its spend pays: broadband, mobile lines or a phone."""
    empty = np.flatnonzero(customer & (quantity.sum(axis=1) == 0))
    columns = np.array([base.number(family) for family in ("office-phone", "mobile", "broadband")])
    column = columns[np.searchsorted((4_500.0, 14_500.0), spend[empty], side="right")]
    size[empty, column] = 0
    quantity[empty, column] = np.clip(np.rint(spend[empty] / base.prices[column, 0]), 1, 6).astype(np.int64)


def _flat(
    population: Population, stream: Stream, rows: Integers, base: Families, quantity: Integers, size: Integers
) -> Mix:
    """Return the used products as a list, with the price that was agreed: larger and tougher buyers pay less."""
    row, family = np.nonzero(quantity)
    table = np.zeros(base.prices.shape, dtype=np.int64)
    for number, of_family in enumerate(base.products):
        table[number, : len(of_family)] = of_family
    product = table[family, size[row, family]]
    account = rows[row]
    factor = (
        1.10
        - 0.12 * population.rank[account]
        - 0.03 * population.price_sensitivity[account]
        + 0.03 * stream.noise(account * 64 + family, 4)
    )
    typical = base.prices[family, size[row, family]]
    price = _rounded(typical * factor)
    price = np.clip(price, base.floor[product], base.list_price[product])
    return Mix(row, family, product, quantity[row, family], price)


def _rounded(fen: Floats) -> Integers:
    """Return prices as people agree on them: whole tens of yuan, yuan, half yuan or five fen by size."""
    step = np.select([fen >= 100_000, fen >= 10_000, fen >= 1_000], [1_000, 100, 50], 5)
    return np.asarray(np.maximum(5, np.rint(fen / step) * step).astype(np.int64))


def usage_table(mix: Mix, rows: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return quantities as a matrix, row × family."""
    table = np.zeros((rows, len(families().names)), dtype=np.int64)
    table[mix.row, mix.family] = mix.quantity
    return table
