"""Quality samples (质检): what waits to be scored, what was found, by department. Read only.

Every function needs an actor. Refuses samples of requests that the actor does not reach.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from zhike.core.actor import Actor, require
from zhike.core.paging import Page, keyset_page
from zhike.service.models import Leg, Participation, QualitySample
from zhike.service.queries_inbox import VIEW

KEYS = ("drawn_at", "id")
MOST_SUMMED = 5000
OWN_ROWS = "legs and parts of samples that were found for the actor"


@dataclass(frozen=True)
class OfDepartment:
    """What was found in one department's work."""

    name: str
    scored: int
    average: int
    with_faults: int


def samples(actor: Actor, *, scored: bool, department_id: int | None = None) -> QuerySet[QualitySample]:
    """Return samples that wait, or that were scored, not ordered."""
    require(actor, VIEW)
    rows = QualitySample.objects.for_actor(actor).filter(score__isnull=not scored)
    if department_id is not None:
        of = Leg.objects.unscoped(reason=OWN_ROWS).filter(department_id=department_id, stage="handle")
        rows = rows.filter(request_id__in=of.values("request_id"))
    return rows.select_related("request", "request__account", "request__home")


def samples_page(
    actor: Actor, *, scored: bool, department_id: int | None = None, size: int, cursor: str = ""
) -> Page[QualitySample]:
    """Return one page of samples, those drawn last first."""
    rows = samples(actor, scored=scored, department_id=department_id)
    return keyset_page(rows, KEYS, descending=True, size=size, cursor=cursor)


def sample_called(actor: Actor, number: str) -> QualitySample | None:
    """Return the sample of a request by its number."""
    require(actor, VIEW)
    rows = QualitySample.objects.for_actor(actor).select_related("request", "request__account", "request__home")
    return rows.filter(request__number=number.replace("\0", "")).first()


def departments_of(found: Iterable[QualitySample]) -> dict[int, str]:
    """Return by request which department worked on it last, the desk where it solved it by itself."""
    rows = list(found)
    names = {one.request_id: one.request.home.name for one in rows if one.request.home is not None}
    legs = Leg.objects.unscoped(reason=OWN_ROWS).filter(
        request_id__in=list({one.request_id for one in rows}), stage="handle", department__isnull=False
    )
    names.update(legs.order_by("ordinal").values_list("request_id", "department__name"))
    return names


def own_work(actor: Actor, found: Iterable[QualitySample]) -> set[int]:
    """Return in which of these requests the actor had a part: those are for others to score."""
    rows = Participation.objects.unscoped(reason=OWN_ROWS).filter(
        request_id__in=[one.request_id for one in found], staff_id=actor.staff_id or 0
    )
    return set(rows.values_list("request_id", flat=True))


def by_department(actor: Actor, *, since: datetime) -> list[OfDepartment]:
    """Return what was found since a day, by department, the worst first."""
    rows = list(samples(actor, scored=True).filter(scored_at__gte=since).order_by("-drawn_at", "-pk")[:MOST_SUMMED])
    names = departments_of(rows)
    found: dict[str, list[QualitySample]] = {}
    for one in rows:
        if name := names.get(one.request_id):
            found.setdefault(name, []).append(one)
    told = [
        OfDepartment(name, len(ones), round(sum(points) / len(points)), sum(bool(one.faults) for one in ones))
        for name, ones in found.items()
        for points in [[one.score or 0 for one in ones]]
    ]
    return sorted(told, key=lambda one: (one.average, one.name))
