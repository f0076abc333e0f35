"""Opening and changing departments, and who works in them. All audited; refuses to lose one that has requests."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError
from django.utils import timezone

from zhike.core.actor import Actor, ScopeKind, require
from zhike.core.audit import audited
from zhike.people.models import Staff
from zhike.service.actions_steps import hand
from zhike.service.models import Department, DepartmentMember, Request
from zhike.service.queries_departments import MANAGE
from zhike.service.refusals import Refused

CHANGEABLE = ("name", "function", "calendar", "region_id", "active")


def open_department(actor: Actor, *, code: str, name: str, function: str, calendar: str, region_id: int) -> Department:
    """Open a department for a region within the actor's reach.

    Raises
    ------
    Refused
        ``no_words``, ``does_not_serve`` (a region out of reach), ``already`` (the code is taken).
    """
    require(actor, MANAGE)
    _within(actor, region_id)
    if not code.strip() or not name.strip() or not function.strip():
        raise Refused("no_words")
    try:
        with audited(actor, "service.open_department"):
            return Department.objects.create(
                code=code.strip(), name=name.strip(), function=function.strip(), calendar=calendar, region_id=region_id
            )
    except IntegrityError as clash:
        raise Refused("already") from clash


def change_department(actor: Actor, *, code: str, **changes: object) -> Department:
    """Change name, function, calendar or region of a department, or close it when nothing is left with it."""
    require(actor, MANAGE)
    with audited(actor, "service.change_department"):
        found = _held(actor, code)
        if changes.get("active") is False and _has_requests(found):
            raise Refused("already", open=True)
        if isinstance(changes.get("region_id"), int):
            _within(actor, int(str(changes["region_id"])))
        said = {name: value for name, value in changes.items() if name in CHANGEABLE}
        for name, value in said.items():
            setattr(found, name, value)
        found.save()
    return found


def add_member(actor: Actor, *, code: str, staff_id: int, leads: bool = False) -> DepartmentMember:
    """Let somebody work in a department, or change whether they lead it."""
    require(actor, MANAGE)
    with audited(actor, "service.add_member"):
        found = _held(actor, code)
        people = Staff.objects.unscoped(reason="a department may be staffed from any region; only its lead decides")
        if not people.filter(pk=staff_id, active=True).exists():
            raise Refused("no_such_person")
        row = DepartmentMember.objects.filter(department=found, staff_id=staff_id, until=None).first()
        if row is None:
            return DepartmentMember.objects.create(
                department=found, staff_id=staff_id, leads=leads, since=timezone.localdate()
            )
        row.leads = leads
        row.save(update_fields=["leads"])
    return row


def remove_member(actor: Actor, *, code: str, staff_id: int) -> None:
    """Let somebody leave a department; what they handle goes back into its queue."""
    require(actor, MANAGE)
    with audited(actor, "service.remove_member"):
        found = _held(actor, code)
        rows = DepartmentMember.objects.filter(department=found, staff_id=staff_id, until=None)
        if not rows.update(until=_today()):
            raise Refused("not_in_department")
        left = Request.objects.unscoped(reason="what somebody who leaves has in hand goes back into the queue")
        for number in (
            left.filter(department=found, handler_id=staff_id).order_by("pk").values_list("number", flat=True)
        ):
            hand(actor, number=number, handler_id=None)


def _today() -> date:
    return timezone.localdate()


def _held(actor: Actor, code: str) -> Department:
    found = Department.objects.select_for_update().filter(code=code).first()
    if found is None:
        raise Refused("no_such_department")
    _within(actor, found.region_id)
    return found


def _within(actor: Actor, region_id: int) -> None:
    if actor.scope is not ScopeKind.EVERYTHING and region_id not in actor.region_ids:
        raise Refused("does_not_serve")


def _has_requests(department: Department) -> bool:
    rows = Request.objects.unscoped(reason="whether anything is left with a department, whoever sees it")
    return rows.filter(department=department).exclude(stage="closed").exists()
