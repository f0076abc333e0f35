"""How complete an account is over the six things one must know. Plain values in, plain values out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, Field

from zhike.core.policies import Family, register


class CompletenessWeights(BaseModel):
    """Weight of each of the six things; they need not sum to 100."""

    network: int = Field(ge=0, le=100)
    innovation: int = Field(ge=0, le=100)
    products: int = Field(ge=0, le=100)
    decisions: int = Field(ge=0, le=100)
    needs: int = Field(ge=0, le=100)
    background: int = Field(ge=0, le=100)


COMPLETENESS = register(
    Family("completeness", CompletenessWeights, Path(__file__).parent / "seeds" / "completeness.yaml")
)


@dataclass(frozen=True, slots=True)
class CompletenessFacts:
    """What is known of an account, as far as completeness asks."""

    network_situation: bool = False
    has_site: bool = False
    innovation_goals: bool = False
    has_subscription: bool = False
    has_competitor_fact: bool = False
    decision_process: bool = False
    has_decider: bool = False
    decider_has_tie: bool = False
    latent_needs: bool = False
    background: bool = False
    industry: bool = False
    ownership: bool = False
    size: bool = False
    employees: bool = False
    credit_code: bool = False


PARTS: dict[str, tuple[str, ...]] = {
    "network": ("network_situation", "has_site"),
    "innovation": ("innovation_goals",),
    "products": ("has_subscription", "has_competitor_fact"),
    "decisions": ("decision_process", "has_decider", "decider_has_tie"),
    "needs": ("latent_needs",),
    "background": ("background", "industry", "ownership", "size", "employees", "credit_code"),
}
"""Each of the six things and the facts that make it known; facts of one thing weigh the same."""


@dataclass(frozen=True, slots=True)
class CompletenessItem:
    """One of the six things: its weight, how much of it is known (0 to 1), and which facts are missing."""

    key: str
    weight: int
    filled: float
    missing: tuple[str, ...]


def completeness_of(facts: CompletenessFacts, weights: CompletenessWeights) -> list[CompletenessItem]:
    """Return the six things with what is missing of each.

    >>> weights = CompletenessWeights(network=20, innovation=10, products=20, decisions=25, needs=10, background=15)
    >>> items = completeness_of(CompletenessFacts(latent_needs=True, has_site=True), weights)
    >>> completeness_percent(items)
    20
    """
    items = []
    for key, parts in PARTS.items():
        missing = tuple(part for part in parts if not getattr(facts, part))
        items.append(CompletenessItem(key, getattr(weights, key), 1 - len(missing) / len(parts), missing))
    return items


def completeness_percent(items: list[CompletenessItem]) -> int:
    """Return the weighted share that is known, in whole percent, rounded down: 100 means nothing is missing."""
    whole = sum(item.weight for item in items)
    return int(sum(item.weight * item.filled for item in items) * 100 / whole + 1e-9) if whole else 0
