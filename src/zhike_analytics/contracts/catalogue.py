"""The seed of the product catalogue as plain values. Owns reading it; refuses to know who bought what."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from zhike_analytics.contracts import codes
from zhike_analytics.contracts.money import to_fen


@dataclass(frozen=True, slots=True)
class ProductSeed:
    """One product as installed.

    Prices are fen per unit and month; ``typical_price_fen`` is what is really paid (street price), ``cost_percent``
    is the cost as a share of that. ``family`` joins sizes of one product (100M, 500M …). ``mark`` tells where the
    price range comes from: S read in a public source, s seen on a marketing page, K field knowledge, I our default.
    """

    code: str
    family: str
    name: str
    name_en: str
    business_class: str
    charging: str
    unit: str
    list_price_fen: int
    typical_price_fen: int
    floor_price_fen: int
    cost_percent: Decimal
    core: bool
    bill_item: str
    mark: str
    note: str = ""


@cache
def products() -> tuple[ProductSeed, ...]:
    """Return the products of the seed file, in its order.

    Raises
    ------
    ValueError
        When the file contradicts the code lists or itself (a floor above the typical price, a doubled code).

    >>> next(one for one in products() if one.code == "dia-100m").list_price_fen
    300000
    """
    text = files("zhike_analytics.contracts").joinpath("seeds/products.yaml").read_text(encoding="utf-8")
    seeds = tuple(_product(row) for row in yaml.safe_load(text)["products"])
    if len({one.code for one in seeds}) != len(seeds):
        raise ValueError("products.yaml: a product code is given twice")
    return seeds


def _product(row: dict[str, Any]) -> ProductSeed:
    """Return one row of the file, checked."""
    seed = ProductSeed(
        code=row["code"],
        family=row["family"],
        name=row["name"],
        name_en=row["name_en"],
        business_class=row["business_class"],
        charging=row["charging"],
        unit=row["unit"],
        list_price_fen=to_fen(row["list_price"]),
        typical_price_fen=to_fen(row["typical_price"]),
        floor_price_fen=to_fen(row["floor_price"]),
        cost_percent=Decimal(row["cost_percent"]),
        core=row["core"],
        bill_item=row["bill_item"],
        mark=row["mark"],
        note=row.get("note", ""),
    )
    if seed.business_class not in codes.BUSINESS_CLASS or seed.charging not in codes.CHARGING:
        raise ValueError(f"products.yaml: {seed.code} has an unknown class or way of charging")
    if not seed.floor_price_fen <= seed.typical_price_fen <= seed.list_price_fen:
        raise ValueError(f"products.yaml: {seed.code} needs floor <= typical <= list price")
    return seed
