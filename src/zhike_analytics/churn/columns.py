"""Turns columns into the numbers that trees read. Owns levels and what is left out; refuses columns that are absent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from zhike_analytics.contracts.churn import ChurnError, LeftOut, Signal

Floats = NDArray[np.float64]
MOST_LEVELS = 50
"""Levels kept by name, most frequent first; the others are told apart no further. Our default."""
FEWEST_OF_LEVEL = 20
"""Accounts a level must have to be kept by name, so that no account is recognised by its own level."""


@dataclass(frozen=True)
class Encoding:
    """Columns as learned from: what is read, which levels are known, what was left out."""

    signals: tuple[Signal, ...]
    levels: dict[str, tuple[str, ...]]
    left_out: tuple[LeftOut, ...]

    @classmethod
    def learn(cls, table: pa.Table, signals: Sequence[Signal]) -> Encoding:
        """Return what is worth reading of `signals` in a table; constant columns and identifiers are left out."""
        kept, levels, left_out = [], {}, []
        for one in signals:
            _present(table, one.name)
            column = table.column(one.name)
            counts = pc.value_counts(column.combine_chunks().drop_null())
            number = len(counts)
            if number < 2 and (number == 0 or column.null_count == 0):
                left_out.append(LeftOut(one.name, "constant" if number else "unknown", number))
                continue
            if one.kind == "category":
                pairs = sorted((-row["counts"], str(row["values"])) for row in counts.to_pylist())
                names = tuple(name for count, name in pairs if -count >= FEWEST_OF_LEVEL)[:MOST_LEVELS]
                if not names or (number > MOST_LEVELS and len(names) < 2):
                    left_out.append(LeftOut(one.name, "identifier", number))
                    continue
                levels[one.name] = names
            kept.append(one)
        return cls(tuple(kept), levels, tuple(left_out))

    def matrix(self, table: pa.Table) -> Floats:
        """Return accounts × columns; NaN is unknown, levels are their position, those not kept come last."""
        held = []
        for one in self.signals:
            _present(table, one.name)
            column = table.column(one.name).combine_chunks()
            if one.kind == "number":
                try:
                    held.append(numbers(column))
                except pa.ArrowInvalid as wrong:
                    raise ChurnError(
                        f"列 {one.name} 应为数字：{wrong} / column {one.name} must hold numbers: {wrong}"
                    ) from wrong
                continue
            names = self.levels[one.name]
            texts = column.cast(pa.string())
            place = pc.fill_null(pc.index_in(texts, value_set=pa.array(names, pa.string())), len(names))
            found = np.asarray(place.to_numpy(zero_copy_only=False), dtype=np.float64)
            held.append(np.where(texts.is_null().to_numpy(zero_copy_only=False), np.nan, found))
        return np.column_stack(held) if held else np.empty((table.num_rows, 0))

    def as_json(self) -> dict[str, Any]:
        """Return plain values from which the same encoding can be made again."""
        return {
            "signals": [asdict(one) for one in self.signals],
            "levels": {name: list(found) for name, found in self.levels.items()},
            "left_out": [asdict(one) for one in self.left_out],
        }

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Encoding:
        """Return an encoding as :meth:`as_json` wrote it."""
        return cls(
            tuple(Signal(**one) for one in found["signals"]),
            {name: tuple(levels) for name, levels in found["levels"].items()},
            tuple(LeftOut(**one) for one in found["left_out"]),
        )


def numbers(column: pa.Array) -> Floats:
    """Return a column as floats, NaN where unknown; dates are days."""
    if pa.types.is_date(column.type):
        column = column.cast(pa.date32()).cast(pa.int32())
    return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)


def _present(table: pa.Table, name: str) -> None:
    if name not in table.column_names:
        raise ChurnError(
            f"缺少列 {name}，模型不适用于此表 / column {name} is missing: the model does not fit this table"
        )
