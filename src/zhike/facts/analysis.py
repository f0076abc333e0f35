"""Questions to the lake whose answer is a figure: how concentrated use and bills are. Refuses to read single rows."""

from __future__ import annotations

from functools import lru_cache

from zhike.facts.loading.lake import lake
from zhike.facts.stock import Concentration

TOP = 0.1
MEASURES = {"usage_month": ("events", "seconds", "megabytes"), "bills": ("amount_fen",)}


def concentration(table: str) -> Concentration | None:
    """Return the concentration of the first measure of the table that has any amount, or nothing."""
    manifest = lake().manifest(table)
    for measure in MEASURES.get(table, ()) if manifest.partitions else ():
        found = _concentration(table, measure, str(lake().root), manifest.fingerprint)
        if found:
            return found
    return None


@lru_cache(maxsize=32)
def _concentration(table: str, measure: str, _root: str, _content: str) -> Concentration | None:
    """Compute it once per content of the lake."""
    curve = lake().concentration(table, measure)
    if not curve:
        return None
    return Concentration(measure.removesuffix("_fen"), curve, share_of_top(curve, TOP))


def share_of_top(curve: list[tuple[float, float]], share: float) -> float:
    """Return the part of the whole that the largest `share` of accounts has.

    >>> share_of_top([(0.0, 0.0), (0.1, 0.79), (1.0, 1.0)], 0.1)
    0.79
    >>> round(share_of_top([(0.0, 0.0), (0.5, 0.8), (1.0, 1.0)], 0.25), 6)
    0.4
    """
    before = curve[0]
    for point in curve[1:]:
        if point[0] >= share:
            width = point[0] - before[0]
            return before[1] + (point[1] - before[1]) * ((share - before[0]) / width if width else 1.0)
        before = point
    return before[1]
