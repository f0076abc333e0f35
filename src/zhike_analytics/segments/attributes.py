"""Which columns of accounts clusters are made from, in four groups, and how they are made. Refuses to weigh them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zhike_analytics.contracts.catalogue import products
from zhike_analytics.contracts.segments import Attribute
from zhike_analytics.engines.account_rows import Window
from zhike_analytics.engines.cluster_rows import MONTHS, collect_behaviour
from zhike_analytics.engines.frames import DuckRows, FrameWriter, code_ranges, open_engine, read_between
from zhike_analytics.features.build import ACCOUNTS_AT_ONCE
from zhike_analytics.features.columns import Floats, known_or, numbers, ratio
from zhike_analytics.features.inputs import CycleInputs

USES = "uses_"
"""Columns ``uses_<family>`` tell which product families an account holds."""
KEPT = ("customer", "bill_change_permille")

_AMOUNTS, _NUMBERS, _CATEGORIES = "amount", "number", "category"
_OF_FEATURES = {
    "background": {
        _CATEGORIES: ("industry", "ownership", "size", "scope", "group_kind", "association"),
        _AMOUNTS: ("employees", "annual_revenue_fen", "registered_capital_fen", "followers"),
        _NUMBERS: ("tenure_days",),
    },
    "behaviour": {
        _AMOUNTS: (
            "voice_minutes", "calls", "data_megabytes", "messages", "iot_events", "line_megabytes", "active_lines",
            "members", "members_own",
        ),
        _NUMBERS: ("mean_call_seconds", "domestic_permille", "international_permille"),
    },
    "billing": {
        _CATEGORIES: ("payment_method", "credit_rating"),
        _AMOUNTS: ("bill_mean3_fen", "overdue_fen", "fee_communication_fen", "fee_industry_fen", "fee_support_fen"),
        _NUMBERS: ("overdue_days", "pays_late_days", "bundle_permille", "contract_days_left"),
    },
    "extended": {
        _AMOUNTS: ("income_12_fen", "rival_fee_fen", "rivals", "complaints_365", "subscriptions"),
        _NUMBERS: ("satisfaction_points", "tie_permille", "unvisited_days"),
    },
}  # fmt: skip


def attributes_of(schema: pa.Schema) -> tuple[Attribute, ...]:
    """Return the attributes that clusters are made from; families of products follow from the columns there are."""
    fixed = tuple(
        Attribute(name, group, kind)  # type: ignore[arg-type]
        for group, kinds in _OF_FEATURES.items()
        for kind, names in kinds.items()
        for name in names
    )
    return fixed + tuple(Attribute(one, "behaviour", "flag") for one in sorted(schema.names) if one.startswith(USES))


def families_of_seed() -> dict[str, str]:
    """Return the family of each product of the catalogue as installed."""
    return {one.code: one.family for one in products()}


def build_attributes(
    inputs: CycleInputs,
    window: Window,
    features: Path,
    target: Path,
    workdir: Path,
    *,
    families: Mapping[str, str] | None = None,
) -> int:
    """Write one row per account with every attribute to `target` and return how many there are.

    Parameters
    ----------
    features
        As :func:`zhike_analytics.features.build_features` writes them, of the same day.
    families
        Product code → family; a product that is not named is a family of its own.
    """
    family_of = families_of_seed() if families is None else dict(families)
    known = sorted(set(family_of.values()))
    months = max(sum(window.has("usage_month", k) for k in range(MONTHS)), 1)
    with open_engine(workdir) as connection:
        engine, writer = DuckRows(connection), None
        try:
            for low, high in code_ranges(connection, [features], ACCOUNTS_AT_ONCE):
                rows = read_between(connection, features, low, high)
                held = collect_behaviour(engine, inputs.facts, inputs.archive, window, low, high)
                made = _attributes(rows, held, months, family_of, known)
                writer = writer or FrameWriter(target, made.schema)
                writer.write(made)
        finally:
            if writer:
                writer.__exit__(None, None, None)
    return writer.rows if writer else 0


def _attributes(
    rows: pa.Table, held: pa.Table, months: int, family_of: Mapping[str, str], known: list[str]
) -> pa.Table:
    """Return attributes of a piece; both tables hold the same accounts in the same order."""
    made: dict[str, pa.Array] = {"account_code": rows.column("account_code")}
    computed = _behaviour(held, months)
    for one in (*KEPT, *(one.name for one in attributes_of(pa.schema([])))):
        if one == "payment_method":
            made[one] = held.column(one)
        else:
            made[one] = pa.array(computed[one], from_pandas=True) if one in computed else rows.column(one)
    return pa.table(made | _uses(held.column("products").combine_chunks(), family_of, known))


def _behaviour(held: pa.Table, months: int) -> dict[str, Floats]:
    """Return the behaviour of a piece, a month's mean: what was billed, how long, how far, by how many numbers."""

    def total(measure: str, *services: str) -> Floats:
        return np.asarray(sum(numbers(held, f"{one}_{measure}") for one in services)) / months

    voice = ("voice_local", "voice_domestic", "voice_international")
    seconds, calls = total("seconds", *voice), total("events", *voice)
    return {
        "voice_minutes": seconds / 60.0,
        "calls": calls,
        "mean_call_seconds": ratio(seconds, calls),
        "domestic_permille": 1000.0 * ratio(total("seconds", "voice_domestic"), seconds),
        "international_permille": 1000.0 * ratio(total("seconds", "voice_international"), seconds),
        "data_megabytes": total("megabytes", "data"),
        "messages": total("events", "message"),
        "iot_events": total("events", "iot"),
        "line_megabytes": total("megabytes", "line"),
        "active_lines": total("active_lines", *voice, "data"),
    }


def _uses(held: pa.ListArray, family_of: Mapping[str, str], known: list[str]) -> dict[str, pa.Array]:
    """Return a column of yes and no for each family; empty when products were never loaded."""
    if held.null_count == len(held) and len(held):
        return {}
    rows = pc.list_parent_indices(held).to_numpy(zero_copy_only=False)
    encoded = held.flatten().dictionary_encode()
    number = {family: place for place, family in enumerate(known)}
    # A product that the catalogue does not name belongs to none of the families: peers cannot be told to use it.
    place = np.array([number.get(family_of.get(code, code), -1) for code in encoded.dictionary.to_pylist()], dtype=int)
    column = place[encoded.indices.to_numpy(zero_copy_only=False)] if len(encoded) else np.empty(0, dtype=int)
    table = np.zeros((len(held), len(known)), dtype=bool)
    table[rows[column >= 0], column[column >= 0]] = True
    return {f"{USES}{family}": pa.array(np.ascontiguousarray(table[:, k])) for k, family in enumerate(known)}


def used_families(table: pa.Table) -> tuple[list[str], np.ndarray[tuple[int, int], np.dtype[np.bool_]]]:
    """Return the families of a table of attributes, and which account uses which."""
    names = [one for one in table.column_names if one.startswith(USES)]
    held = [known_or(numbers(table, one), 0.0) > 0 for one in names]
    matrix = np.stack(held, axis=1) if held else np.zeros((table.num_rows, 0), dtype=bool)
    return [one.removeprefix(USES) for one in names], matrix
