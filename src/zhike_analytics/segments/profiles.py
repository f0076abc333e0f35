"""What each cluster is like: over- and under-represented traits with sizes of effect, worth and risk. Refuses words."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from zhike_analytics.contracts.segments import Profile, Trait
from zhike_analytics.features.columns import known_or, numbers
from zhike_analytics.segments.model import ClusterModel
from zhike_analytics.segments.peers import Adoption
from zhike_analytics.segments.treatment import Treatment, level_places

LEAST_EFFECT = 0.2
"""Cohen 1988: below this an effect is not even small."""
MOST_TRAITS = 8
RISK_FALL_PERMILLE = -200
"""Bills that fell by a fifth: money at risk where no better measure of risk is given, our default."""
Labels = NDArray[np.int64]


def profiles(
    model: ClusterModel,
    accounts: pa.Table,
    labels: Labels,
    *,
    at_risk: NDArray[np.bool_] | None = None,
    most: int = MOST_TRAITS,
) -> tuple[Profile, ...]:
    """Return the profile of each cluster, in the order of labels.

    Parameters
    ----------
    accounts
        Attributes of accounts, and ``income_12_fen``; a sample tells traits well enough, money needs all.
    labels
        The cluster of each of them.
    at_risk
        Whose money is at risk; without it, whose bills fell by a fifth.
    """
    if at_risk is None:
        at_risk = (
            numbers(accounts, "bill_change_permille") <= RISK_FALL_PERMILLE
            if "bill_change_permille" in accounts.column_names
            else np.zeros(len(labels), dtype=bool)
        )
    income = known_or(numbers(accounts, "income_12_fen"), 0.0)
    traits = _traits(model.treatment, accounts, labels, model.labels, most)
    adoption = Adoption.of(accounts, labels, model.labels)
    made = []
    for label in model.labels:
        here = labels == label
        made.append(
            Profile(
                label, int(here.sum()), float(here.mean()) if len(here) else 0.0, int(income[here].sum()),
                int((here & at_risk).sum()), int(income[here & at_risk].sum()), traits[label],
                adoption.opportunities(label),
            )
        )  # fmt: skip
    return tuple(made)


def _traits(
    treatment: Treatment, accounts: pa.Table, labels: Labels, names: tuple[int, ...], most: int
) -> dict[int, tuple[Trait, ...]]:
    """Return the strongest traits of each cluster, strongest first."""
    found: dict[int, list[Trait]] = {label: [] for label in names}
    flags = {one.name for one in treatment.quantities if _is_flag(accounts, one.name)}
    for one in treatment.quantities:
        values = numbers(accounts, one.name)
        for label in names:
            here = values[labels == label]
            if one.name in flags:
                trait = _share(one.name, one.group, "", _mean(here), _mean(values))
            else:
                trait = _difference(one.name, one.group, one.amount, here, values)
            found[label].append(trait)
    for category, places in zip(treatment.categories, level_places(treatment, accounts), strict=True):
        for number, level in enumerate(category.levels):
            hit = places == number
            for label in names:
                here = hit[labels == label]
                share = float(here.mean()) if len(here) else 0.0
                found[label].append(_share(category.name, category.group, level, share, float(hit.mean())))
    return {
        label: tuple(
            sorted(
                (one for one in traits if abs(one.effect) >= LEAST_EFFECT),
                key=lambda one: (-abs(one.effect), one.attribute, one.level),
            )[:most]
        )
        for label, traits in found.items()
    }


def _is_flag(accounts: pa.Table, name: str) -> bool:
    return bool(pa.types.is_boolean(accounts.schema.field(name).type))


def _mean(values: NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else 0.0


def _share(name: str, group: str, level: str, here: float, overall: float) -> Trait:
    """Return a share beside that of all, with Cohen's h."""
    effect = 2.0 * (np.arcsin(np.sqrt(here)) - np.arcsin(np.sqrt(overall)))
    return Trait(name, group, level, round(float(effect), 3), round(here, 4), round(overall, 4))  # type: ignore[arg-type]


def _difference(name: str, group: str, amount: bool, here: NDArray[np.float64], overall: NDArray[np.float64]) -> Trait:
    """Return medians of a quantity, with the difference of means in standard deviations of all (on logarithms)."""
    mine, everyone = here[~np.isnan(here)], overall[~np.isnan(overall)]
    if not len(mine) or not len(everyone):
        return Trait(name, group, "", 0.0, 0.0, 0.0)  # type: ignore[arg-type]
    one, all_ = (np.log1p(np.maximum(x, 0.0)) if amount else x for x in (mine, everyone))
    spread = float(all_.std())
    effect = float(one.mean() - all_.mean()) / spread if spread > 0 else 0.0
    return Trait(name, group, "", round(effect, 3), float(np.median(mine)), float(np.median(everyone)))  # type: ignore[arg-type]
