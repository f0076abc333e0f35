"""Finds columns that could not have been known on the day. Refuses to learn from them, naming each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from zhike_analytics.churn.columns import numbers
from zhike_analytics.churn.measures import auc
from zhike_analytics.contracts.churn import ChurnError, Signal

ALMOST_PERFECT = 0.93
"""Area under the curve that no single honest column reaches: on public tables the best honest one has 0.77 and the
leaks begin at 0.94 (docs/adr/0012-churn.md)."""
FEWEST_OF_EACH = 20
"""Leavers and stayers needed before a column can be called a leak and not luck."""


def alone(column: pa.ChunkedArray, left: NDArray[np.bool_], kind: str, *, seed: int = 0) -> float:
    """Return how well a column alone tells leavers, whether known or not included; 0.5 is nothing.

    A category is judged by the shares of leavers that the other half of the accounts has at its levels, so that a
    column with one level an account does not look perfect.
    """
    if kind == "number":
        values = numbers(column.combine_chunks())
        known = ~np.isnan(values)
        found = auc(known.astype(float), left)
        told = max(found, 1 - found)
        if known.sum() > 1 and 0 < left[known].sum() < known.sum():
            found = auc(np.where(known, values, np.nan)[known], left[known])
            # What is known of few accounts only says little of the whole.
            told = max(told, max(found, 1 - found) if known.mean() >= 0.5 else 0.5)
        return told
    codes = column.combine_chunks().cast(pa.string()).fill_null("\0").dictionary_encode()
    place = np.asarray(codes.indices.to_numpy(zero_copy_only=False), dtype=np.int64)
    half = np.random.default_rng(seed).random(len(left)) < 0.5
    score = np.empty(len(left))
    for here in (half, ~half):
        there, size = ~here, len(codes.dictionary)
        gone = np.bincount(place[there], left[there].astype(float), minlength=size)
        count = np.bincount(place[there], minlength=size)
        overall = left[there].mean() if there.any() else 0.0
        score[here] = ((gone + overall) / (count + 1.0))[place[here]]
    return auc(score, left)


def refuse_leaks(table: pa.Table, left: NDArray[np.bool_], signals: Sequence[Signal]) -> None:
    """Refuse columns recorded after the date and columns that alone foretell almost perfectly.

    Raises
    ------
    ChurnError
        Naming every such column, and what to do.
    """
    told: list[tuple[str, str]] = []
    enough = min(int(left.sum()), int((~left).sum())) >= FEWEST_OF_EACH
    for one in signals:
        if one.recorded_after:
            told.append((f"{one.name}（在日期之后才记录）", f"{one.name} (recorded after the date)"))
        elif enough and one.name in table.column_names:
            found = alone(table.column(one.name), left, one.kind)
            if found >= ALMOST_PERFECT:
                told.append((f"{one.name}（单列 AUC {found:.3f}）", f"{one.name} (alone AUC {found:.3f})"))
    if told:
        raise ChurnError(
            f"以下列泄露了结果，请移除后再训练：{'、'.join(zh for zh, _ in told)}"
            f" / these columns give the outcome away, leave them out: {', '.join(en for _, en in told)}"
        )
