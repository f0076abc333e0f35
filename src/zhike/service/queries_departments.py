"""Which departments there are, whom they serve and who works in them. Refuses to change any."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Length, StrIndex

from zhike.core.actor import Actor, ScopeKind, require
from zhike.people.models import Region, Staff
from zhike.service.models import Department, DepartmentMember

VIEW, MANAGE = "requests.view", "departments.manage"
DESK = "desk"
"""The function of the departments that take requests in and own them to the end."""


def departments_of_staff(staff_id: int | None) -> frozenset[int]:
    """Return the departments in which somebody works now."""
    if staff_id is None:
        return frozenset()
    rows = DepartmentMember.objects.filter(staff_id=staff_id, until=None, department__active=True)
    return frozenset(rows.values_list("department_id", flat=True))


def departments(actor: Actor, *, with_closed: bool = False) -> list[Department]:
    """Return the departments the actor may name: names and functions are no secret among staff."""
    require(actor, VIEW)
    rows = Department.objects.select_related("region").annotate(
        people=Count("members", filter=Q(members__until=None, members__staff__active=True))
    )
    if not with_closed:
        rows = rows.filter(active=True)
    return list(rows.order_by("region__path", "function", "code"))


def department_of(actor: Actor, code: str) -> Department | None:
    """Return a department by its code."""
    require(actor, VIEW)
    return Department.objects.select_related("region").filter(code=code.replace("\0", "")).first()


def own_departments(actor: Actor) -> list[Department]:
    """Return the departments in which the actor works."""
    require(actor, VIEW)
    return list(Department.objects.filter(pk__in=departments_of_staff(actor.staff_id)).order_by("code"))


def members_of(actor: Actor, department: Department) -> list[DepartmentMember]:
    """Return who works in a department now, whoever leads it first."""
    require(actor, VIEW)
    rows = department.members.filter(until=None, staff__active=True).select_related("staff")
    return list(rows.order_by("-leads", "staff__code"))


def serving(region_id: int) -> QuerySet[Department]:
    """Return the departments that serve a region, the nearest first."""
    path = Region.objects.filter(pk=region_id).values("path")[:1]
    rows = Department.objects.filter(active=True).annotate(at=StrIndex(path, F("region__path")))
    return rows.filter(at=1).order_by(Length("region__path").desc(), "code")


def desk_of(region_id: int) -> Department | None:
    """Return the desk that takes in what comes from a region by itself (portal, e-mail, interface)."""
    return serving(region_id).filter(function=DESK).first()


def people_to_name(actor: Actor) -> QuerySet[Staff]:
    """Return the active staff whom the actor may ask into a group or make an owner: everybody who works here.

    A resource-coordination group crosses regions; only names are shown.
    """
    require(actor, VIEW)
    return Staff.objects.unscoped(reason="colleagues of any region may be asked to help; only names are shown").filter(
        active=True
    )


def names_of(staff_ids: Iterable[int]) -> dict[int, str]:
    """Return the names of colleagues by their ids."""
    rows = Staff.objects.unscoped(reason="names of colleagues who had a part in a request that the actor sees")
    return dict(rows.filter(pk__in=list(staff_ids)).values_list("pk", "name"))


def own_region(actor: Actor) -> int | None:
    """Return the region in which somebody works; for the system, the whole operator."""
    if actor.staff_id is not None and actor.scope is not ScopeKind.EVERYTHING:
        own = Staff.objects.unscoped(reason="the actor's own row").filter(pk=actor.staff_id)
        for region_id in own.values_list("region_id", "team__region_id").first() or ():
            if region_id is not None:
                return int(region_id)
    return Region.objects.order_by(Length("path"), "pk").values_list("pk", flat=True).first()
