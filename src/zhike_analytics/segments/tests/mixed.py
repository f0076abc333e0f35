"""A table of mixed columns whose clusters are known. Owns the draw; refuses to look at any result."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from zhike_analytics.contracts.segments import Attribute

ATTRIBUTES = (
    Attribute("industry", "background", "category"),
    Attribute("employees", "background", "amount"),
    Attribute("calls", "behaviour", "amount"),
    Attribute("domestic_permille", "behaviour", "number"),
    Attribute("uses_cloud", "behaviour", "flag"),
    Attribute("payment_method", "billing", "category"),
    Attribute("bill_mean3_fen", "billing", "amount"),
    Attribute("satisfaction_points", "extended", "number"),
)
TRADES = ("factory", "school", "shop", "hospital")


def planted(accounts: int = 3000, seed: int = 5, unknown: float = 0.1) -> tuple[pa.Table, NDArray[np.int64]]:
    """Return accounts of four kinds, a tenth of whose values is unknown, and which kind each is."""
    draw = np.random.default_rng(seed)
    kind = draw.integers(0, 4, accounts)

    def amount(*means: float) -> NDArray[np.float64]:
        return np.rint(np.exp(np.log(np.array(means))[kind] + 0.5 * draw.standard_normal(accounts)))

    def mostly(words: tuple[str, ...]) -> list[str]:
        return np.array(words)[np.where(draw.random(accounts) < 0.8, kind, draw.integers(0, 4, accounts))].tolist()

    columns = {
        "industry": mostly(TRADES),
        "employees": amount(800, 90, 6, 300),
        "calls": amount(900, 2000, 150, 6000),
        "domestic_permille": np.clip(np.array([500, 100, 60, 250])[kind] + 60 * draw.standard_normal(accounts), 0, 1e3),
        "uses_cloud": draw.random(accounts) < np.array([0.7, 0.3, 0.05, 0.6])[kind],
        "payment_method": mostly(("transfer", "debit", "cash", "cheque")),
        "bill_mean3_fen": amount(3_000_000, 400_000, 15_000, 900_000),
        "satisfaction_points": np.array([80, 90, 70, 60])[kind] + 8 * draw.standard_normal(accounts),
    }
    made: dict[str, pa.Array] = {"account_code": pa.array([f"G{one:06d}" for one in range(accounts)])}
    for name, values in columns.items():
        made[name] = pa.array(values, mask=draw.random(accounts) < unknown)
    made["income_12_fen"] = pa.array(12 * amount(3_000_000, 400_000, 15_000, 900_000).astype(np.int64))
    made["bill_change_permille"] = pa.array(np.where(draw.random(accounts) < 0.1, -300, 0))
    return pa.table(made), kind
