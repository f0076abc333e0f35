"""What the portfolio page shows of the accounts that an actor sees. Refuses single scores and to compute any.

Regions are read from what was added up with the publication and kept for ten minutes; the accounts of a person or team
are added up at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Sum

from zhike.core.actor import Actor, ScopeKind, require
from zhike.insights.models import UNKNOWN_SCORE, AccountSummary, AccountTier, Cycle, Publication
from zhike.insights.models_portfolio import PortfolioCell
from zhike.insights.portfolio import SUMS, cells_of
from zhike.people.models import Region

VIEW = "accounts.view"
KEPT_SECONDS = 600
MOST_POINTS, MOST_MOVES = 150, 12
_FEW = {ScopeKind.STAFF, ScopeKind.TEAM}


@dataclass
class Sums:
    """Accounts added up; money in fen a month, `winnable_fen` and `stake_fen` a year's."""

    accounts: int = 0
    billed_fen: int = 0
    comparable_fen: int = 0
    before_fen: int = 0
    margin_fen: int = 0
    margin_of_fen: int = 0
    ours_fen: int = 0
    theirs_fen: int = 0
    winnable_fen: int = 0
    stake_fen: int = 0
    overdue_fen: int = 0

    def add(self, other: Sums | Mapping[str, Any]) -> None:
        """Add others to these."""
        for one in fields(self):
            more = getattr(other, one.name) if isinstance(other, Sums) else other[one.name]
            setattr(self, one.name, getattr(self, one.name) + int(more or 0))

    @property
    def change(self) -> float | None:
        """Change of the bills against the same month a year before."""
        return self.comparable_fen / self.before_fen - 1 if self.before_fen > 0 else None

    @property
    def margin(self) -> float | None:
        """Margin as a share of the bills of which costs are known."""
        return self.margin_fen / self.margin_of_fen if self.margin_of_fen > 0 else None

    @property
    def rival_share(self) -> float | None:
        """Competitors' part of the known spending."""
        known = self.ours_fen + self.theirs_fen
        return self.theirs_fen / known if known else None


@dataclass
class RegionRow:
    """One region with those below it, as far as the actor sees them."""

    pk: int
    name: str
    every: Sums = field(default_factory=Sums)
    red: Sums = field(default_factory=Sums)

    @property
    def red_share(self) -> float | None:
        """Part of the region's income that stands under a red alert."""
        return self.red.billed_fen / self.every.billed_fen if self.every.billed_fen > 0 else None


@dataclass(frozen=True)
class Portfolio:
    """Everything the page shows; facets and keys as :class:`~zhike.insights.models_portfolio.PortfolioCell` says."""

    publication: Publication
    cycle: Cycle | None
    cells: Mapping[str, Mapping[str, Sums]]
    regions: Sequence[RegionRow]
    points: Sequence[AccountSummary]
    moves: Sequence[AccountTier]

    def of(self, facet: str, key: str = "") -> Sums:
        """Return one cell; an empty one where there is no such account."""
        return self.cells.get(facet, {}).get(key) or Sums()

    @property
    def total(self) -> Sums:
        """All accounts."""
        return self.of("all")


def portfolio(actor: Actor, one: Publication | None) -> Portfolio | None:
    """Return how the accounts in the actor's reach are spread; nothing before the first publication."""
    require(actor, VIEW)
    if one is None:
        return None
    if actor.scope in _FEW:
        return _few(actor, one)
    reach = hashlib.sha256(f"{actor.scope} {actor.region_ids}".encode()).hexdigest()[:20]
    key = f"portfolio-{one.pk}-{one.published_at:%s}-{reach}" if one.published_at else ""
    found: Portfolio | None = cache.get(key) if key else None
    if found is None:
        found = _wide(actor, one)
        if key:
            cache.set(key, found, KEPT_SECONDS)
    return found


def _few(actor: Actor, one: Publication) -> Portfolio:
    """Add the accounts of a person or team up at once."""
    seen = AccountSummary.objects.for_actor(actor).filter(publication_id=one.pk)
    rows = cells_of(one, list(seen.values_list("account_id", flat=True)))
    return _of(actor, one, rows, [row for row in rows if row["facet"] in {"all", "alert"}])


def _wide(actor: Actor, one: Publication) -> Portfolio:
    """Read what was added up with the publication."""
    cells = PortfolioCell.objects.for_actor(actor).filter(publication_id=one.pk).exclude(facet="standing").order_by()
    added: Any = cells.values("facet", "key").annotate(**{f"n_{name}": Sum(name) for name in SUMS})
    rows = [row | {name: row[f"n_{name}"] for name in SUMS} for row in added]
    if not rows:  # before the first build there are only accounts that people made
        return _few(actor, one)
    by_region = cells.filter(facet__in=("all", "alert")).values("region_id", "facet", "key", *SUMS)
    return _of(actor, one, rows, list(by_region))


def _of(actor: Actor, one: Publication, rows: Iterable[Any], by_region: Iterable[Any]) -> Portfolio:
    cells: dict[str, dict[str, Sums]] = {}
    for row in rows:
        cells.setdefault(row["facet"], {}).setdefault(row["key"], Sums()).add(row)
    return Portfolio(
        publication=one,
        cycle=Cycle.objects.filter(pk=one.cycle_id).first() if one.cycle_id else None,
        cells=cells,
        regions=_regions(list(by_region)),
        points=_points(actor, one),
        moves=_moves(actor, one.as_of) if one.cycle_id else [],
    )


def _regions(rows: Sequence[Any]) -> list[RegionRow]:
    """Return the regions that have accounts, each with those below it, as the accounts list narrows to it."""
    places = {row["region_id"] for row in rows}
    held = {one.pk: one for one in Region.objects.filter(pk__in=places)}
    found = {pk: RegionRow(pk, one.name) for pk, one in held.items()}
    by_path = {one.path: pk for pk, one in held.items()}
    for row in rows:
        if row["region_id"] not in held:  # removed since; its accounts had moved before
            continue
        parts = held[row["region_id"]].path.split("/")
        for above in (by_path.get("/".join(parts[:end]) + "/") for end in range(1, len(parts))):
            if above is None:
                continue
            if row["facet"] == "all":
                found[above].every.add(row)
            elif row["key"] == "2":
                found[above].red.add(row)
    return list(found.values())


def _points(actor: Actor, one: Publication) -> list[AccountSummary]:
    """Return the largest accounts whose value and loyalty are known."""
    rows = AccountSummary.objects.for_actor(actor).filter(publication_id=one.pk)
    known = rows.filter(value__gt=UNKNOWN_SCORE, loyalty__gt=UNKNOWN_SCORE)
    return list(known.order_by("-billed_fen", "-account_id")[:MOST_POINTS])


def _moves(actor: Actor, as_of: date) -> list[AccountTier]:
    """Return who rose or fell since the end of the month before: highest tiers first, then by bill."""
    month_end = as_of.replace(day=1) - timedelta(days=1)
    rows = AccountTier.objects.for_actor(actor).filter(valid_from__gt=month_end, moved__in=("up", "down"))
    return list(rows.select_related("account").order_by("tier", "-bill_mean3_fen", "account_id")[:MOST_MOVES])
