"""Taking the next request from a queue: each goes to one person, however many ask at once. Refuses other queues.

Rows that somebody else is just taking are passed over (SKIP LOCKED), so nobody waits and nobody gets the same one.
"""

from __future__ import annotations

from django.db.models import QuerySet

from zhike.core.actor import Actor, require
from zhike.core.audit import audited
from zhike.service import steps
from zhike.service.actions_writing import opened, who_is, write
from zhike.service.codes import OPEN_STAGES
from zhike.service.models import Request
from zhike.service.refusals import Refused

HANDLE, TAKE = "requests.handle", "requests.take"


def take_next(actor: Actor, *, department_id: int) -> Request | None:
    """Take the most urgent request that waits in a department's queue, and handle it; nothing when none waits.

    Raises
    ------
    Refused
        ``other_department`` when the actor does not work there.
    """
    require(actor, HANDLE)
    who = who_is(actor)
    if department_id not in who.departments or actor.staff_id is None:
        raise Refused("other_department")
    with audited(actor, "service.take_next"):
        waiting = Request.objects.for_actor(actor).filter(
            department_id=department_id, stage="handle", handler=None, paused_at=None
        )
        request = _first(waiting)
        if request is None:
            return None
        case = opened(actor, request, who)
        case.add(steps.accept(case.standing, who, handler_id=actor.staff_id))
        write(case)
    return request


def own_next(actor: Actor) -> Request | None:
    """Become the owner of the most urgent request that nobody owns yet; nothing when none waits."""
    require(actor, TAKE)
    if actor.staff_id is None:
        raise Refused("not_yours")
    who = who_is(actor)
    with audited(actor, "service.own_next"):
        request = _first(Request.objects.for_actor(actor).filter(stage__in=OPEN_STAGES, owner=None))
        if request is None:
            return None
        case = opened(actor, request, who)
        standing = case.standing
        home = standing.home_id if standing.home_id in who.departments else min(who.departments, default=None)
        case.add(steps.own(standing, who, owner_id=actor.staff_id, department_id=home or standing.home_id))
        write(case)
    return request


def _first(waiting: QuerySet[Request]) -> Request | None:
    rows = waiting.order_by("urgency", "next_due_at", "id").select_for_update(of=("self",), skip_locked=True)
    return rows.first()
