"""What clusters are told in: codes and quantities from which words of any language are made. Refuses sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Group = Literal["background", "behaviour", "billing", "extended"]
Kind = Literal["amount", "number", "flag", "category"]
GROUPS: tuple[Group, ...] = ("background", "behaviour", "billing", "extended")


class SegmentError(ValueError):
    """Clusters cannot be made or used; the message is for people, in both languages."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One column by which accounts are compared.

    ``amount`` is a quantity of which twice as much counts alike at any size (logarithm), ``number`` one whose
    differences count, ``flag`` yes or no, ``category`` one of several codes.
    """

    name: str
    group: Group
    kind: Kind


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column that says nothing: ``constant``, ``mostly_unknown``, ``too_many_levels`` or ``absent``, with a count."""

    name: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a number of clusters.

    Attributes
    ----------
    stability
        Mean adjusted Rand index between clusterings of random halves, judged on accounts neither need have seen.
    silhouette
        Mean silhouette on a sample, −1 to 1.
    smallest
        Share of accounts in the smallest cluster.
    """

    clusters: int
    stability: float
    silhouette: float
    smallest: float


@dataclass(frozen=True, slots=True)
class Trait:
    """What a cluster has more or less of than all accounts.

    Attributes
    ----------
    level
        Code of a category; empty for quantities and flags.
    effect
        Cohen's d of a quantity (standard deviations), Cohen's h of a share: 0.2 small, 0.5 medium, 0.8 large; positive
        is over-represented.
    here, overall
        Median of a quantity, share of a level or flag.
    """

    attribute: str
    group: Group
    level: str
    effect: float
    here: float
    overall: float


@dataclass(frozen=True, slots=True)
class Opportunity:
    """A product family that peers use: by which share of the cluster, and how many times as often as by all."""

    family: str
    support: float
    lift: float
    lacking: int


@dataclass(frozen=True, slots=True)
class Profile:
    """One cluster: how large, what it is worth, what is at risk, what it is like and what its accounts use."""

    label: int
    accounts: int
    share: float
    income_12_fen: int
    at_risk: int
    at_risk_fen: int
    traits: tuple[Trait, ...]
    opportunities: tuple[Opportunity, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """How much an attribute speaks for the account's own cluster rather than for the second nearest, in percent."""

    attribute: str
    level: str
    percent: int
