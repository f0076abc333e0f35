"""How a request stands, folded from its log: stage, people, department, pause, legs. Refuses nothing: the log is true.

The row of a request is a copy of what is folded here; actions, the nightly check and bulk loading all use this fold.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from zhike.service.log import Fact
from zhike.service.standing_shape import Part, Standing, Stretch
from zhike.service.standing_turns import TURNS, nothing

__all__ = ["COLUMNS", "Part", "Standing", "Stretch", "apply", "columns", "fold"]


def fold(facts: Iterable[Fact]) -> Standing:
    """Return how a request stands after these facts, given in their order."""
    standing = Standing()
    for fact in facts:
        apply(standing, fact)
    return standing


def apply(standing: Standing, fact: Fact) -> None:
    """Let one more fact be so."""
    TURNS.get(fact.kind, nothing)(standing, fact)
    standing.version, standing.changed_at = fact.sequence, fact.at


COLUMNS = tuple(name for name in Standing.__dataclass_fields__ if name not in {"legs", "parts"})
"""What the row of a request copies."""


def columns(standing: Standing) -> dict[str, Any]:
    """Return the row's columns as they follow from the log."""
    return {name: getattr(standing, name) for name in COLUMNS}
