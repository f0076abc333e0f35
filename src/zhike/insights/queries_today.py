"""How a person's accounts stand, in five figures with their change. Refuses to be exact to the minute for regions.

A manager's or team's accounts are added up at once. Those of whole regions were added up with the publication: their
figures are its figures anyway.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, F, FloatField, Max, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Cast

from zhike.core.actor import Actor, ScopeKind, require
from zhike.insights.models import UNKNOWN_MONEY, AccountSeries, AccountSummary, Alert, Cycle, Publication
from zhike.insights.models_portfolio import PortfolioCell
from zhike.insights.portfolio import ENDING_DAYS, STANDING_DAYS, SUMS
from zhike.insights.queries_portfolio import Sums

MOST_SERIES = 3000
_FEW = {ScopeKind.STAFF, ScopeKind.TEAM}
RED = 2


@dataclass(frozen=True)
class Standing:
    """Accounts added up; money in fen a month. `…_before` are nothing where there is nothing to compare with."""

    accounts: int
    billed_fen: int | None
    comparable_fen: int
    billed_before_fen: int | None  # the same month a year before, of the accounts that then had bills
    red: int
    red_fen: int
    red_before: int | None  # of these accounts, by the last cycle of an earlier month
    ending: int
    ending_fen: int
    overdue: int
    overdue_fen: int
    risen: int
    fallen: int
    judged: bool  # whether a cycle has been run

    @property
    def billed_change(self) -> float | None:
        """Change of the bills against a year before."""
        before = self.billed_before_fen
        return self.comparable_fen / before - 1 if before else None

    @property
    def red_change(self) -> int | None:
        """How many more accounts are red than in the last cycle of an earlier month."""
        return None if self.red_before is None else self.red - self.red_before


def standing(actor: Actor, one: Publication | None, *, owner: int | None, today: date) -> Standing | None:
    """Return how the accounts in the actor's reach stand (or those that `owner` leads); nothing without figures."""
    require(actor, "accounts.view")
    if one is None:
        return None
    fresh = one.as_of <= today <= one.as_of + timedelta(days=STANDING_DAYS)
    if actor.scope in _FEW or owner is not None or not fresh:
        return _added_up(actor, one, owner, today)
    return _read(actor, one, today) or _added_up(actor, one, owner, today)


def _read(actor: Actor, one: Publication, today: date) -> Standing | None:
    """Return what was added up with the publication; nothing where that was not done."""
    last = today + timedelta(days=ENDING_DAYS)
    cells = PortfolioCell.objects.for_actor(actor).filter(publication_id=one.pk, facet="standing").order_by()
    near = ~Q(key__startswith="ends.") | Q(key__range=(f"ends.{today}", f"ends.{last}"))
    kind = Case(When(key__startswith="ends.", then=Value("ends")), default=F("key"))
    rows: Any = (
        cells.filter(near).annotate(kind=kind).values("kind").annotate(**{f"n_{name}": Sum(name) for name in SUMS})
    )
    found = {row["kind"]: Sums(**{name: int(row[f"n_{name}"]) for name in SUMS}) for row in rows}
    every, red, overdue, ends = (found.get(key, Sums()) for key in ("every", "red", "overdue", "ends"))
    if not every.accounts:
        return None
    cycle = Cycle.objects.filter(pk=one.cycle_id or 0).values("compared_with_id").first()
    compared = cycle is not None and cycle["compared_with_id"] is not None
    return Standing(
        accounts=every.accounts,
        billed_fen=every.billed_fen or None,
        comparable_fen=every.comparable_fen,
        billed_before_fen=every.before_fen or None,
        red=red.accounts,
        red_fen=red.billed_fen,
        red_before=found.get("red_before", Sums()).accounts if compared else None,
        ending=ends.accounts,
        ending_fen=ends.billed_fen,
        overdue=overdue.accounts,
        overdue_fen=overdue.overdue_fen,
        risen=found.get("up", Sums()).accounts,
        fallen=found.get("down", Sums()).accounts,
        judged=one.cycle_id is not None,
    )


def _rows(actor: Actor, one: Publication, owner: int | None) -> QuerySet[AccountSummary]:
    rows = AccountSummary.objects.for_actor(actor).filter(publication_id=one.pk).exclude(lifecycle="left")
    return rows if owner is None else rows.filter(lead_id=owner)


def _added_up(actor: Actor, one: Publication, owner: int | None, today: date) -> Standing:
    before = Cycle.objects.filter(pk=one.cycle_id or 0).values("compared_with_id")
    alerts = Alert.objects.unscoped(reason="counted for accounts that the actor sees")
    earlier = alerts.filter(cycle_id=Subquery(before), account_id=OuterRef("account_id"), level="red")
    comparable = Q(change_permille__gt=-1000, billed_fen__gt=UNKNOWN_MONEY)
    year_ago: Any = Cast(F("billed_fen"), FloatField()) * 1000.0 / (F("change_permille") + 1000)
    ending = Q(ends_on__gte=today, ends_on__lte=today + timedelta(days=ENDING_DAYS))
    billed = Q(billed_fen__gt=UNKNOWN_MONEY)
    found = _rows(actor, one, owner).aggregate(
        n_accounts=Count("pk"),
        n_billed_fen=Sum("billed_fen", filter=billed),
        n_comparable_fen=Sum("billed_fen", filter=comparable),
        n_year_ago=Sum(year_ago, filter=comparable),
        n_red=Count("pk", filter=Q(alert_level=RED)),
        n_red_fen=Sum("billed_fen", filter=billed & Q(alert_level=RED)),
        n_red_before=Count("pk", filter=Exists(earlier)) if one.cycle_id else Count("pk", filter=Q(pk__isnull=True)),
        n_compared=Max(Subquery(before)),
        n_ending=Count("pk", filter=ending),
        n_ending_fen=Sum("billed_fen", filter=billed & ending),
        n_overdue=Count("pk", filter=Q(overdue_fen__gt=0)),
        n_overdue_fen=Sum("overdue_fen", filter=Q(overdue_fen__gt=0)),
        n_risen=Count("pk", filter=Q(moved="up")),
        n_fallen=Count("pk", filter=Q(moved="down")),
    )
    return Standing(
        accounts=found["n_accounts"],
        billed_fen=_fen(found["n_billed_fen"]),
        comparable_fen=int(found["n_comparable_fen"] or 0),
        billed_before_fen=_fen(found["n_year_ago"]),
        red=found["n_red"],
        red_fen=int(found["n_red_fen"] or 0),
        red_before=found["n_red_before"] if found["n_compared"] else None,
        ending=found["n_ending"],
        ending_fen=int(found["n_ending_fen"] or 0),
        overdue=found["n_overdue"],
        overdue_fen=int(found["n_overdue_fen"] or 0),
        risen=found["n_risen"],
        fallen=found["n_fallen"],
        judged=one.cycle_id is not None,
    )


def _fen(value: Any) -> int | None:
    return None if value is None else round(value)


def billed_months(actor: Actor, one: Publication | None, *, owner: int | None, months: int = 12) -> list[int]:
    """Return what a manager's or team's accounts were billed in the last months, oldest first; nothing for regions."""
    require(actor, "accounts.view")
    if one is None or actor.scope not in _FEW:
        return []
    few = _rows(actor, one, owner).values("account_id")
    series = AccountSeries.objects.unscoped(reason="narrowed to accounts that the actor sees")
    found = series.filter(publication_id=one.pk, account_id__in=few).values_list("billed_fen", flat=True)[:MOST_SERIES]
    added = [0] * months
    for billed in found:
        for place, fen in enumerate(billed[-months:]):
            added[place] += fen or 0
    begun = next((place for place, fen in enumerate(added) if fen), months)
    return added[begun:]
