"""Columns of accounts as NumPy arrays in which unknown is NaN. Owns conversion; refuses to fill what is unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
EPOCH = date(1970, 1, 1)


def numbers(table: pa.Table, name: str) -> Floats:
    """Return a column of whole numbers, decimals or truth values as floats, NaN where unknown.

    Whole numbers stay exact up to 2**53: fen of ninety million million yuan.
    """
    column = table.column(name)
    if pa.types.is_date(column.type):
        column = column.cast(pa.int32())
    return np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)


def days_since(table: pa.Table, name: str, as_of: date) -> Floats:
    """Return how many days before `as_of` a date lies, NaN where unknown."""
    return np.asarray((as_of - EPOCH).days - numbers(table, name))


def points_of(table: pa.Table, name: str, levels: Mapping[str, float]) -> Floats:
    """Return what each code of a column is worth, NaN for codes that `levels` does not name and where unknown."""
    encoded = pc.dictionary_encode(table.column(name).combine_chunks())
    worth = np.array([levels.get(code, np.nan) for code in encoded.dictionary.to_pylist()] + [np.nan])
    place = pc.fill_null(encoded.indices, len(encoded.dictionary)).to_numpy(zero_copy_only=False)
    return np.asarray(worth[place])


def is_one_of(table: pa.Table, name: str, values: Sequence[str]) -> Bools:
    """Return where a column holds one of `values`; unknown is no."""
    found = pc.is_in(table.column(name), value_set=pa.array(list(values), pa.string()))
    return np.asarray(pc.fill_null(found, False).to_numpy(zero_copy_only=False), dtype=bool)


def whole(values: Floats, kind: Any = None) -> pa.Array:
    """Return rounded values as whole numbers (64 bit unless `kind` says), empty where NaN."""
    unknown = np.isnan(values)
    rounded = np.rint(np.where(unknown, 0.0, values)).astype(np.int64)
    made = pa.array(rounded, mask=unknown)
    return made if kind is None else made.cast(kind)


def ratio(above: Floats, below: Floats) -> Floats:
    """Return the quotient, NaN where the divisor is not positive or anything is unknown."""
    sound = below > 0
    return np.where(sound, above / np.where(sound, below, 1.0), np.nan)


def known_or(values: Floats, otherwise: float) -> Floats:
    """Return `values` with `otherwise` where unknown."""
    return np.where(np.isnan(values), otherwise, values)
