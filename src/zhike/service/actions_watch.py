"""Watching over requests: escalation, supervision, groups of helpers, quality samples. All audited.

Refuses to let anybody inspect their own work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime

from django.utils import timezone

from zhike.core.actor import Actor, require
from zhike.core.audit import audited
from zhike.service import steps
from zhike.service.actions_writing import OWN_ROWS, Case, step
from zhike.service.models import Participation, QualitySample, Request
from zhike.service.queries_departments import people_to_name
from zhike.service.refusals import Refused
from zhike.service.rules import rules_now
from zhike.service.steps import Drafts

TAKE, SUPERVISE, QUALITY = "requests.take", "requests.supervise", "requests.quality"
MOST_DRAWN = 500


def escalate(actor: Actor, *, number: str, level: int, words: str, seen: int | None = None) -> Request:
    """Report a request to a higher level."""
    return step(
        actor, "escalate", number,
        lambda case: steps.escalate(case.standing, rules_now(), level=level, words=words),
        permission=TAKE, seen=seen, reason=words,
    )  # fmt: skip


def supervise(actor: Actor, *, number: str, words: str, due_at: datetime | None = None) -> Request:
    """Put a request under supervision (督办)."""
    return step(
        actor, "supervise", number, lambda case: steps.supervise(case.standing, words=words, due_at=due_at),
        permission=SUPERVISE, reason=words,
    )  # fmt: skip


def end_supervision(actor: Actor, *, number: str, words: str) -> Request:
    """Take a request out of supervision."""
    return step(
        actor, "end_supervision", number, lambda case: steps.end_supervision(case.standing, words=words),
        permission=SUPERVISE, reason=words,
    )  # fmt: skip


def join(actor: Actor, *, number: str, staff_id: int, part: str) -> Request:
    """Ask somebody into the resource-coordination group or the virtual team of a case; they see it from then on."""
    if not people_to_name(actor).filter(pk=staff_id).exists():
        raise Refused("no_such_person")

    def judge(case: Case) -> Drafts:
        return steps.join(case.standing, staff_id=staff_id, part=part)

    return step(actor, "join", number, judge, permission=TAKE)


def leave(actor: Actor, *, number: str, staff_id: int, part: str) -> Request:
    """Let somebody go from the group of a case."""
    return step(
        actor, "leave", number, lambda case: steps.leave(case.standing, staff_id=staff_id, part=part), permission=TAKE
    )


# -- quality -----------------------------------------------------------------------------------------------------------


def draw_sample(actor: Actor, *, since: date, until: date, share_permille: int, salt: str = "") -> int:
    """Draw closed requests for inspection, at random but repeatably; return how many are new.

    Each request closed in the days is drawn or not by its number, so that drawing again brings nobody else in.
    """
    require(actor, QUALITY)
    if not 0 < share_permille <= 1000 or until < since:
        raise Refused("unknown_value")
    with audited(actor, "service.draw_sample"):
        rows = Request.objects.for_actor(actor).filter(
            stage="closed", closed_at__date__gte=since, closed_at__date__lte=until
        )
        drawn = [pk for pk, number in rows.values_list("pk", "number") if _place(number, salt) < share_permille]
        table = QualitySample.objects.unscoped(reason=OWN_ROWS)
        known = set(table.filter(request_id__in=drawn).values_list("request_id", flat=True))
        fresh = [pk for pk in drawn if pk not in known][:MOST_DRAWN]
        now = timezone.now()
        table.bulk_create(
            [QualitySample(request_id=pk, drawn_at=now, drawn_by_name=actor.name) for pk in fresh],
            ignore_conflicts=True,
        )
    return len(fresh)


def _place(number: str, salt: str) -> int:
    """Return a place between 0 and 999 that a number keeps for ever."""
    return int(hashlib.sha256(f"{salt}:{number}".encode()).hexdigest()[:8], 16) % 1000


def score(actor: Actor, *, number: str, points: int, faults: Sequence[str] = (), words: str = "") -> QualitySample:
    """Score a drawn request; nobody scores what they had a part in, and nobody scores twice.

    Raises
    ------
    QualitySample.DoesNotExist
        When the request was not drawn, or is not the actor's to see.
    """
    require(actor, QUALITY)
    if not 0 <= points <= 100:
        raise Refused("score")
    with audited(actor, "service.score"):
        rows = QualitySample.objects.for_actor(actor).select_for_update(of=("self",))
        sample = rows.get(request__number=number)
        if sample.score is not None:
            raise Refused("scored")
        parts = Participation.objects.unscoped(reason=OWN_ROWS)
        if parts.filter(request_id=sample.request_id, staff_id=actor.staff_id or 0).exists():
            raise Refused("own_work")
        sample.score, sample.faults, sample.words = points, list(faults)[:20], words.strip()[:500]
        sample.scored_at, sample.scored_by_id, sample.scored_by_name = timezone.now(), actor.staff_id, actor.name
        sample.save()
    return sample
