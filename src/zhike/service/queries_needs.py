"""Needs counted by product and segment, and what of them stayed unmet. Refuses single requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from zhike.core.actor import Actor, require
from zhike.service.models import Request

AT_MOST = 500


@dataclass(frozen=True)
class NeedCount:
    """How many needs of one product area and segment there were, and what came of them."""

    product_area: str
    segment: str
    asked: int
    met: int
    partly: int
    unmet: int
    declined: int
    waiting: int


def needs_by_product_and_segment(actor: Actor, *, since: date, until: date) -> list[NeedCount]:
    """Return the needs taken in between two days (both included), what is most often unmet first."""
    require(actor, "requests.view")
    rows = (
        Request.objects.for_actor(actor)
        .filter(kind="need", taken_at__date__gte=since, taken_at__date__lte=until)
        .exclude(closed_how="merged")
        .order_by()
        .values("product_area", "segment")
        .annotate(
            asked=Count("id"),
            met=Count("id", filter=Q(outcome="met")),
            partly=Count("id", filter=Q(outcome="partly")),
            unmet=Count("id", filter=Q(outcome="unmet")),
            declined=Count("id", filter=Q(outcome="declined")),
            waiting=Count("id", filter=Q(outcome="")),
        )
    )
    return [NeedCount(**row) for row in rows.order_by("-unmet", "-asked", "product_area", "segment")[:AT_MOST]]
