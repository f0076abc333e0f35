"""Adds weighted points up to a score that explains itself: base + signed parts = total. Refuses to count the unknown.

Everything is kept in whole hundredths of a point, rounded towards nothing once for each part, so that parts add up
exactly and a part that rises never lowers the total.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from zhike_analytics.contracts.policies import Curve
from zhike_analytics.features.columns import Floats, whole

HUNDREDTHS = 100


def on_curve(curve: Curve, quantity: Floats) -> Floats:
    """Return what quantities are worth on a curve, 0 to 100; NaN where unknown."""
    worth = np.interp(quantity, np.array(curve.at), np.array(curve.points))
    return np.where(np.isnan(quantity), np.nan, worth)


def against(mine: Floats, usual: Floats) -> Floats:
    """Return points for a quantity beside what is usual: none 0, the usual 50, ever more towards 100.

    Where nobody has any, having some is worth 100 and having none 0.
    """
    total = mine + usual
    worth = np.where(total > 0, 100.0 * mine / np.where(total > 0, total, 1.0), 0.0)
    return np.where(np.isnan(total), np.nan, worth)


@dataclass(frozen=True)
class Component:
    """One component of a score: its weight among all, its points (0 to 100, NaN unknown), and how sure these are."""

    weight: float
    points: Floats
    part: str = ""
    sure: float | Floats = 1.0
    stands_in: bool = False  # takes the place of something else, so that its absence is nothing unknown


@dataclass(frozen=True)
class Score:
    """A score in hundredths of a point (NaN unknown), its signed parts, and how much of it is known (0 to 1)."""

    total: Floats
    base: int
    parts: Mapping[str, Floats]
    confidence: Floats
    known: Mapping[str, np.ndarray[tuple[int], np.dtype[np.bool_]]]

    def columns(self, name: str) -> dict[str, pa.Array]:
        """Return the columns of a result: total, confidence in percent, signed parts, names of what is unknown."""
        return {
            name: whole(self.total, pa.int32()),
            f"{name}_confidence": whole(100 * self.confidence, pa.int32()),
            **{f"{name}_part_{part}": whole(values, pa.int32()) for part, values in self.parts.items()},
            f"{name}_unknown": _names_of_unknown(self.known),
        }


def blend(components: Mapping[str, Component], *, base: float) -> Score:
    """Add components up.

    What is unknown drops out, and the other components of its part fill in; a part of which nothing is known drops out
    and the other parts fill in. The confidence tells the weight of what was known.
    """
    names = list(components)
    rows = len(next(iter(components.values())).points)
    known = {name: ~np.isnan(components[name].points) for name in names}
    of_part: dict[str, float] = {}
    known_of_part: dict[str, Floats] = {}
    for name, one in components.items():
        part = one.part or name
        of_part[part] = of_part.get(part, 0.0) + one.weight
        known_of_part[part] = known_of_part.get(part, np.zeros(rows)) + one.weight * known[name]
    parts_known = sum((of_part[part] * (here > 0) for part, here in known_of_part.items()), np.zeros(rows))
    signed, confidence = {}, np.zeros(rows)
    for name, one in components.items():
        part = one.part or name
        here = np.where(known_of_part[part] > 0, known_of_part[part], 1.0)
        share = one.weight / here * of_part[part] / np.where(parts_known > 0, parts_known, 1.0)
        raw = HUNDREDTHS * share * (one.points - base)
        # A hair is added before cutting, so that 12.5 made of floats is not 12.499…
        signed[name] = np.where(known[name], np.trunc(raw + np.sign(raw) * 1e-6), np.nan)
        confidence += np.where(known[name], one.weight * one.sure, 0.0)
    total = HUNDREDTHS * base + sum((np.nan_to_num(values) for values in signed.values()), np.zeros(rows))
    told = {name: here for name, here in known.items() if not components[name].stands_in}
    return Score(np.where(parts_known > 0, total, np.nan), int(HUNDREDTHS * base), signed, confidence, told)


def _names_of_unknown(known: Mapping[str, np.ndarray[tuple[int], np.dtype[np.bool_]]]) -> pa.Array:
    """Return the names of unknown components, joined by commas: few different texts, many rows."""
    mask = sum(
        ((~here).astype(np.int64) << number for number, here in enumerate(known.values())),
        np.zeros(len(next(iter(known.values()))), dtype=np.int64),
    )
    kinds, place = np.unique(mask, return_inverse=True)
    texts = [",".join(name for number, name in enumerate(known) if kind >> number & 1) for kind in kinds.tolist()]
    return pa.DictionaryArray.from_arrays(pa.array(place.astype(np.int32)), pa.array(texts, pa.string())).cast(
        pa.string()
    )
