"""Levels by time (按时升级): requests that are due, or soon due, rise up the chain as policy says. All audited.

Run again it does nothing more: a request rises to each level once. Refuses to touch requests that somebody holds at
that moment; the next run has them. Whoever a level speaks to finds it in the queue of escalated requests and on Today.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from zhike.core.actor import Actor
from zhike.core.audit import audited
from zhike.people.models import Region, Staff
from zhike.service.actions_writing import opened, who_is, write
from zhike.service.codes import KINDS, OPEN_STAGES
from zhike.service.log import Draft
from zhike.service.models import DepartmentMember, Request
from zhike.service.policies_categories import Level, RequestCategories
from zhike.service.rules import policy_now
from zhike.worklist.actions import Incoming, push

AT_ONCE = 100
MOST = 5000
SOURCE, RULE, KIND = "service.escalation", "request_escalated", "service"
EVERY = "requests of everybody rise by the same rules"


def escalate_due(actor: Actor, *, now: datetime | None = None) -> int:
    """Let every request rise that has reached its time; return how many did."""
    body, moment, risen = policy_now(), now or timezone.now(), 0
    for kinds, level in _rules(body):
        while risen < MOST:
            many, more = _piece(actor, body, kinds, level, moment)
            risen += many
            if not more:
                break
    return risen


def _rules(body: RequestCategories) -> Iterator[tuple[tuple[str, ...], Level]]:
    """Yield which kinds of requests rise to which level when, the highest level first: none is passed twice."""
    found: dict[Level, list[str]] = {}
    for kind in KINDS:
        for level in body.levels_for(kind):
            found.setdefault(level, []).append(kind)
    for level, kinds in sorted(found.items(), key=lambda one: -one[0].level):
        yield tuple(kinds), level


def _piece(
    actor: Actor, body: RequestCategories, kinds: tuple[str, ...], level: Level, now: datetime
) -> tuple[int, bool]:
    """Let some requests rise to a level; return how many, and whether there may be more."""
    until = now - timedelta(minutes=level.minutes_after_due)
    with audited(actor, "service.escalate", new_rows=False):
        rows = Request.objects.unscoped(reason=EVERY).filter(
            stage__in=OPEN_STAGES, kind__in=kinds, next_due_at__lte=until, escalation__lt=level.level
        )
        held = list(rows.order_by("next_due_at", "pk").select_for_update(of=("self",), skip_locked=True)[:AT_ONCE])
        who = who_is(actor)
        for request in held:
            case = opened(actor, request, who)
            told = to_whom(request, level.level)
            case.add([
                Draft(
                    "escalated",
                    data={
                        "level": level.level, "why": "overdue" if request.next_due_at <= now else "due_soon",
                        "clock": request.next_due_kind, "due_at": request.next_due_at.isoformat(),
                        "to_ids": [pk for pk, _name in told], "to": [name for _pk, name in told],
                    },
                )
            ])  # fmt: skip
            write(case)
    return len(held), len(held) == AT_ONCE


def to_whom(request: Request, level: int) -> list[tuple[int, str]]:
    """Return who answers for a request at a level: the department's lead, then leads of regions up the chain."""
    if level == 1 and request.department_id is not None:
        leads = DepartmentMember.objects.filter(
            department_id=request.department_id, until=None, leads=True, staff__active=True
        )
        if found := list(leads.order_by("staff_id").values_list("staff_id", "staff__name")):
            return found
    path = Region.objects.values_list("path", flat=True).get(pk=request.region_id)
    above = ["/".join(path.split("/")[:end]) + "/" for end in range(len(path.split("/")) - 1, 0, -1)]
    people = Staff.objects.unscoped(reason="who answers for a region is no secret among staff").filter(
        role="region_lead", active=True, region__path__in=above
    )
    by_path: dict[str, list[tuple[int, str]]] = {}
    for pk, name, at in people.order_by("pk").values_list("pk", "name", "region__path"):
        by_path.setdefault(at, []).append((pk, name))
    chain = [by_path[at] for at in above if at in by_path]
    if not chain:
        return []
    return chain[min(max(level - 2, 0), len(chain) - 1)]


def push_escalated(actor: Actor) -> None:
    """Bring the escalated requests that are open to Today of whoever cares for their accounts; the others end there."""
    rows = Request.objects.unscoped(reason=EVERY).filter(
        stage__in=OPEN_STAGES, escalation__gt=0, account_id__isnull=False
    )
    told = rows.order_by("account_id", "pk").values_list(
        "account_id", "number", "title", "escalation", "next_due_at", "kind"
    )
    today = timezone.localdate()
    push(
        actor, SOURCE,
        (
            Incoming(
                account_id, RULE, number, KIND, min(timezone.localtime(due).date(), today), level="red",
                advice={"zh": "看工单，定下谁来办、何时办完", "en": "Decide who solves it by when"},
                evidence={"number": number, "title": title, "level": level, "kind": kind},
            )
            for account_id, number, title, level, due, kind in told.iterator()
        ),
        today=today,
    )  # fmt: skip
