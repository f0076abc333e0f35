"""Makes quantities and categories comparable over four groups of attributes. Refuses columns that say nothing.

A quantity is taken as logarithm or as it is, cut at the 1st and 99th percentile of those known, centred and divided by
its standard deviation; unknown is the centre. A category becomes one column a level, scaled together so that the whole
category has variance 1 as a quantity has. Each group then has the same say, however many columns it has (ADR 13).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from zhike_analytics.contracts.segments import GROUPS, Attribute, LeftOut, SegmentError
from zhike_analytics.features.columns import numbers

Singles = NDArray[np.float32]
UNKNOWN, OTHER = "?", "*"
"""Levels of a category: not known; none of those that are frequent enough to count alone."""
LEAST_SHARE = 0.01
MOST_LEVELS = 24
LEAST_COVERED = 0.5
"""A category whose frequent levels hold fewer accounts than this names single accounts and not kinds of them."""
LEAST_KNOWN = 0.2


@dataclass(frozen=True)
class Quantity:
    """How one quantity or flag is scaled, and where its column stands."""

    name: str
    group: str
    amount: bool
    low: float
    high: float
    centre: float
    scale: float  # includes the weight of its group


@dataclass(frozen=True)
class Category:
    """The levels of one category that count alone, their shares and its common scale."""

    name: str
    group: str
    levels: tuple[str, ...]
    shares: tuple[float, ...]
    scale: float


@dataclass(frozen=True)
class Treatment:
    """What was learnt of a sample: columns in the order quantities, then levels of categories."""

    quantities: tuple[Quantity, ...]
    categories: tuple[Category, ...]
    left_out: tuple[LeftOut, ...] = field(default=())

    @property
    def names(self) -> list[tuple[str, str]]:
        """Attribute and level of every column."""
        return [(one.name, "") for one in self.quantities] + [
            (one.name, level) for one in self.categories for level in one.levels
        ]

    @property
    def inputs(self) -> list[str]:
        """The columns that must be there."""
        return [one.name for one in self.quantities] + [one.name for one in self.categories]


def learn(sample: pa.Table, attributes: Sequence[Attribute], weights: Mapping[str, float] | None = None) -> Treatment:
    """Return the treatment of the columns of a sample.

    Parameters
    ----------
    weights
        How much each of the four groups counts, 1 each when not given; 0 leaves a group out.

    Raises
    ------
    SegmentError
        When no column tells accounts apart.
    """
    weight: dict[str, float] = dict.fromkeys(GROUPS, 1.0) | dict(weights or {})
    if set(weight) - set(GROUPS) or min(weight.values()) < 0:
        raise SegmentError(f"属性组权重无效 / weights of groups are not valid: {weight}")
    quantities: list[Quantity] = []
    categories: list[Category] = []
    left_out: list[LeftOut] = []
    for one in attributes:
        if not weight[one.group]:
            continue
        if one.name not in sample.column_names:
            left_out.append(LeftOut(one.name, "absent", 0))
            continue
        found = _category(sample, one) if one.kind == "category" else _quantity(sample, one)
        if isinstance(found, LeftOut):
            left_out.append(found)
        elif isinstance(found, Category):
            categories.append(found)
        else:
            quantities.append(found)
    if not quantities and not categories:
        raise SegmentError("没有一列能区分客户 / no column tells accounts apart")
    count = Counter([one.group for one in quantities] + [one.group for one in categories])
    share = {group: float(np.sqrt(weight[group] / number)) for group, number in count.items()}
    return Treatment(
        tuple(replace(one, scale=one.scale * share[one.group]) for one in quantities),
        tuple(replace(one, scale=one.scale * share[one.group]) for one in categories),
        tuple(left_out),
    )


def _quantity(sample: pa.Table, one: Attribute) -> Quantity | LeftOut:
    values = numbers(sample, one.name)
    known = values[~np.isnan(values)]
    if len(known) < LEAST_KNOWN * len(values):
        return LeftOut(one.name, "mostly_unknown", len(values) - len(known))
    amount = one.kind == "amount"
    if amount:
        known = np.log1p(np.maximum(known, 0.0))
    low, high = (0.0, 1.0) if one.kind == "flag" else (float(x) for x in np.quantile(known, (0.01, 0.99)))
    cut = np.clip(known, low, high)
    spread = float(cut.std())
    if spread < 1e-9:
        return LeftOut(one.name, "constant", len(known))
    if one.kind == "flag" and cut.mean() < LEAST_SHARE:
        return LeftOut(one.name, "constant", int(cut.sum()))
    return Quantity(one.name, one.group, amount, low, high, float(cut.mean()), 1.0 / spread)


def _category(sample: pa.Table, one: Attribute) -> Category | LeftOut:
    column = pc.fill_null(sample.column(one.name).combine_chunks().cast(pa.string()), UNKNOWN)
    if pc.sum(pc.equal(column, UNKNOWN)).as_py() > (1.0 - LEAST_KNOWN) * len(column):
        return LeftOut(one.name, "mostly_unknown", len(column))
    counts = sorted(
        ((entry["values"], entry["counts"]) for entry in pc.value_counts(column).to_pylist()),
        key=lambda entry: (-entry[1], entry[0]),
    )
    if len(counts) == 1:
        return LeftOut(one.name, "constant", len(column))
    frequent = [entry for entry in counts if entry[1] >= LEAST_SHARE * len(column)][:MOST_LEVELS]
    covered = sum(number for _, number in frequent)
    if covered < LEAST_COVERED * len(column):
        return LeftOut(one.name, "too_many_levels", len(counts))
    levels = [level for level, _ in frequent]
    shares = [number / len(column) for _, number in frequent]
    if covered < len(column):
        levels, shares = [*levels, OTHER], [*shares, 1.0 - covered / len(column)]
    variance = sum(share * (1.0 - share) for share in shares)
    if len(levels) < 2 or variance < 1e-9:
        return LeftOut(one.name, "constant", len(column))
    return Category(one.name, one.group, tuple(levels), tuple(shares), 1.0 / float(np.sqrt(variance)))


def dense(treatment: Treatment, table: pa.Table) -> Singles:
    """Return accounts × columns, for a sample: all columns of all levels are laid out."""
    parts = [quantities_of(treatment, table).T]
    for one, place in zip(treatment.categories, level_places(treatment, table), strict=True):
        hot = np.zeros((table.num_rows, len(one.levels)), dtype=np.float32)
        known = place < len(one.levels)
        hot[np.flatnonzero(known), place[known]] = 1.0
        hot -= np.asarray(one.shares, dtype=np.float32)
        hot[~known] = 0.0
        parts.append(hot * np.float32(one.scale))
    return np.concatenate(parts, axis=1)


def quantities_of(treatment: Treatment, table: pa.Table | pa.RecordBatch) -> Singles:
    """Return the scaled quantities of accounts, columns × accounts: each column is worked on where it lies."""
    made = np.empty((len(treatment.quantities), table.num_rows), dtype=np.float32)
    for values, one in zip(made, treatment.quantities, strict=True):
        unknown = _copy(table.column(one.name), values)
        if one.amount:
            # Cut before the logarithm: of single floats log(1 + x) is several times as fast as log1p.
            np.clip(values, np.float32(np.expm1(one.low)), np.float32(np.expm1(one.high)), out=values)
            values += np.float32(1.0)
            np.log(values, out=values)
        else:
            np.clip(values, np.float32(one.low), np.float32(one.high), out=values)
        values -= np.float32(one.centre)
        values *= np.float32(one.scale)
        if unknown is not None:
            np.copyto(values, np.float32(0.0), where=unknown)
    return made


def _copy(column: pa.Array | pa.ChunkedArray, into: Singles) -> NDArray[np.bool_] | None:
    """Copy a column into single floats and return where it is unknown, None where all is known."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    unknown = None
    if column.null_count:
        unknown = ~_bits(column)
        column = _filled(column)
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.uint8())
    into[:] = column.to_numpy(zero_copy_only=False)
    if pa.types.is_floating(column.type):
        nan = np.isnan(into)
        if nan.any():
            unknown = nan if unknown is None else unknown | nan
    return unknown


def _bits(column: pa.Array) -> NDArray[np.bool_]:
    """Return where a column is known, straight from its bitmap."""
    bits = np.frombuffer(column.buffers()[0], dtype=np.uint8)
    return np.unpackbits(bits, count=column.offset + len(column), bitorder="little")[column.offset :].view(np.bool_)


def _filled(column: pa.Array) -> pa.Array:
    """Return numbers over the same values without the bitmap: what stands where it is unknown is anything."""
    if pa.types.is_boolean(column.type):
        return pc.fill_null(column, False)
    return pa.Array.from_buffers(column.type, len(column), [None, column.buffers()[1]], offset=column.offset)


def level_places(treatment: Treatment, table: pa.Table | pa.RecordBatch) -> list[NDArray[np.int64]]:
    """Return for each category the place of every account's level; one past the end where the level is not learnt."""
    places = []
    for one in treatment.categories:
        column = table.column(one.name)
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        if not pa.types.is_dictionary(column.type):
            column = column.cast(pa.string()).dictionary_encode()
        number = {level: place for place, level in enumerate(one.levels)}
        rest = number.get(OTHER, len(one.levels))
        words = column.dictionary.cast(pa.string()).to_pylist()
        seen = np.array([*(number.get(level, rest) for level in words), number.get(UNKNOWN, rest)], dtype=np.int64)
        places.append(seen[pc.fill_null(column.indices, len(words)).to_numpy(zero_copy_only=False)])
    return places
