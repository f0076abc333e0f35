"""Drawing quality samples by policy and scoring them by the form. All audited; refuses anybody their own work.

Drawn by lot, repeatably: the order within a stratum (key account or red line or neither, and the department that worked
on it) follows from the seed and the number. Drawing the same days again brings in only what was closed since.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from zhike.core.actor import Actor, require
from zhike.core.audit import audited
from zhike.service import actions_watch
from zhike.service.actions_steps import note
from zhike.service.models import Leg, Participation, QualitySample, Request
from zhike.service.refusals import Refused
from zhike.service.rules import policy_now

QUALITY = actions_watch.QUALITY
MOST_CLOSED = 100_000
LONGEST_SPAN = 366
OWN_ROWS = "legs, parts and samples of requests that were found for the actor"
FULL, PARTLY, MISSED = "full", "partly", "missed"


def draw(actor: Actor, *, since: date, until: date, seed: str = "") -> int:
    """Draw closed requests of some days as policy says and return how many are new.

    Raises
    ------
    Refused
        ``unknown_value`` when the days are in no order or over a year.
    """
    require(actor, QUALITY)
    if not since <= until <= since + timedelta(days=LONGEST_SPAN):
        raise Refused("unknown_value")
    body, red, zone = policy_now(), policy_now().red_lines(), timezone.get_current_timezone()
    first = datetime.combine(since, time(), zone)
    last = datetime.combine(until, time(), zone) + timedelta(days=1)
    with audited(actor, "service.draw_sample"):
        rows = Request.objects.for_actor(actor).filter(stage="closed", closed_at__gte=first, closed_at__lt=last)
        own = Participation.objects.unscoped(reason=OWN_ROWS).filter(staff_id=actor.staff_id or 0)
        rows = rows.exclude(pk__in=own.values("request_id")).exclude(closed_how="merged")
        closed = list(rows.order_by("pk").values_list("pk", "number", "tier", "category", "home_id")[:MOST_CLOSED])
        ids = [row[0] for row in closed]
        legs = Leg.objects.unscoped(reason=OWN_ROWS).filter(request_id__in=ids, stage="handle")
        worked = dict(legs.order_by("ordinal").values_list("request_id", "department_id"))
        strata: dict[tuple[bool, int | None], list[tuple[str, int]]] = {}
        for pk, number, tier, category, home_id in closed:
            key = tier in body.marks.key_tiers or category in red
            strata.setdefault((key, worked.get(pk, home_id)), []).append((_lot(seed, number), pk))
        drawn: list[int] = []
        for (key, _department), lots in strata.items():
            share = body.sampling.key_share if key else body.sampling.share
            drawn += [pk for _place, pk in sorted(lots)[: math.ceil(share * len(lots))]]
        table = QualitySample.objects.unscoped(reason=OWN_ROWS)
        known = set(table.filter(request_id__in=drawn).values_list("request_id", flat=True))
        fresh = [pk for pk in sorted(drawn) if pk not in known]
        now = timezone.now()
        table.bulk_create(
            [QualitySample(request_id=pk, drawn_at=now, drawn_by_name=actor.name) for pk in fresh],
            ignore_conflicts=True,
        )
    return len(fresh)


def _lot(seed: str, number: str) -> str:
    return hashlib.sha256(f"{seed}:{number}".encode()).hexdigest()


def score(actor: Actor, *, number: str, marks: Mapping[str, str], words: str = "") -> QualitySample:
    """Score a sample by the form in force; what was found wrong is written into the request's log for the department.

    Raises
    ------
    Refused
        ``unknown_value`` when a question has no answer; ``scored``, ``own_work``.
    QualitySample.DoesNotExist
        When the request was not drawn, or is not the actor's to see.
    """
    require(actor, QUALITY)
    points, faults, told = 0, [], []
    for item in policy_now().quality_form:
        mark = marks.get(item.code, "")
        if mark not in (FULL, PARTLY, MISSED):
            raise Refused("unknown_value")
        points += {FULL: item.points, PARTLY: item.points // 2, MISSED: 0}[mark]
        if mark != FULL:
            faults.append(item.code)
            told.append(item.label.zh)
    with audited(actor, "service.score"):
        sample = actions_watch.score(actor, number=number, points=points, faults=faults, words=words)
        if faults:
            remark = f"。{words.strip()}" if words.strip() else ""
            note(actor, number=number, words=f"质检 {points} 分，需改进：{'；'.join(told)}{remark}")
    return sample
