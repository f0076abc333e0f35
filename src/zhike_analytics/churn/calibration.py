"""Turns scores into chances that come true as often as told. Owns the choice by evidence; refuses falling curves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from zhike_analytics.churn.measures import Bools, Floats, brier

NEAREST = 1e-4
"""No chance is told as 0 or 1."""
FEWEST_FOR_ISOTONIC = 200
"""Leavers below which a free curve would follow luck; our default."""


@dataclass(frozen=True)
class Calibration:
    """A rising curve from log odds to chances: ``platt`` (slope, offset) or ``isotonic`` (straight between points)."""

    method: str
    at: tuple[float, ...]
    chance: tuple[float, ...]

    def __call__(self, score: Floats) -> Floats:
        """Return chances."""
        if self.method == "platt":
            slope, offset = self.at
            made = 1.0 / (1.0 + np.exp(-np.clip(slope * score + offset, -30, 30)))
        else:
            made = np.interp(score, self.at, self.chance)
        return np.asarray(np.clip(made, NEAREST, 1 - NEAREST))

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {"method": self.method, "at": list(self.at), "chance": list(self.chance)}

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Calibration:
        """Return a curve as :meth:`as_json` wrote it."""
        return cls(found["method"], tuple(found["at"]), tuple(found["chance"]))


def platt(score: Floats, left: Bools) -> Calibration:
    """Return the logistic curve (Platt 1999, with his smoothed targets), its slope never negative."""
    gone, stayed = left.sum(), (~left).sum()
    target = np.where(left, (gone + 1.0) / (gone + 2.0), 1.0 / (stayed + 2.0))
    overall = np.clip(left.mean(), 1e-6, 1 - 1e-6)
    weights = np.array([1.0, float(np.log(overall / (1 - overall)) - score.mean())])
    design = np.column_stack([score, np.ones(len(score))])
    for _ in range(50):
        chance = 1.0 / (1.0 + np.exp(-np.clip(design @ weights, -30, 30)))
        spread = np.maximum(chance * (1 - chance), 1e-9)
        curvature = (design * spread[:, None]).T @ design + 1e-6 * np.eye(2)
        step = np.linalg.solve(curvature, design.T @ (target - chance))
        weights = weights + np.clip(step, -5, 5)
        if np.abs(step).max() < 1e-9:
            break
    return Calibration("platt", (max(float(weights[0]), 0.0), float(weights[1])), ())


def isotonic(score: Floats, left: Bools) -> Calibration:
    """Return the best rising curve (pool adjacent violators)."""
    from sklearn.isotonic import IsotonicRegression

    found = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(score, left.astype(float))
    return Calibration("isotonic", tuple(found.X_thresholds_.tolist()), tuple(found.y_thresholds_.tolist()))


def choose(score: Floats, left: Bools, seed: int = 0) -> tuple[Calibration, dict[str, float]]:
    """Return the curve with the lower Brier score on accounts it has not seen, and both scores as evidence."""
    evidence: dict[str, float] = {}
    half = np.random.default_rng(seed).random(len(left)) < 0.5
    makers = {"platt": platt, "isotonic": isotonic}
    if min(left.sum(), (~left).sum()) < FEWEST_FOR_ISOTONIC:
        del makers["isotonic"]
    for name, make in makers.items():
        both = [brier(make(score[~here], left[~here])(score[here]), left[here]) for here in (half, ~half)]
        evidence[name] = float(np.mean(both))
    best = min(evidence, key=lambda name: (evidence[name], name != "platt"))
    return makers[best](score, left), evidence
