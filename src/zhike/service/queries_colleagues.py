"""Whom a request may be given to or who may be asked to help: people by department. Refuses to name the closed ones."""

from __future__ import annotations

from zhike.core.actor import Actor, require
from zhike.service.models import DepartmentMember, Request
from zhike.service.queries_departments import serving

MOST = 400


def colleagues_serving(actor: Actor, request: Request, *, function: str = "") -> dict[str, list[tuple[int, str]]]:
    """Return the people of the departments that serve a request's region, by department; only names are shown."""
    require(actor, "requests.view")
    departments = serving(request.region_id)
    if function:
        departments = departments.filter(function=function)
    rows = DepartmentMember.objects.filter(
        department__in=departments.order_by().values("pk"), until=None, staff__active=True
    )
    found: dict[str, list[tuple[int, str]]] = {}
    for one in rows.select_related("staff", "department").order_by("department__code", "staff__code")[:MOST]:
        found.setdefault(one.department.name, []).append((one.staff_id, one.staff.name))
    return found


def colleagues_here(actor: Actor, request: Request) -> list[tuple[int, str]]:
    """Return the people of the department that has a request, without the one who handles it."""
    require(actor, "requests.view")
    rows = DepartmentMember.objects.filter(
        department_id=request.department_id or 0, until=None, staff__active=True
    ).exclude(staff_id=request.handler_id or 0)
    return [(one.staff_id, one.staff.name) for one in rows.select_related("staff").order_by("staff__code")[:MOST]]
