"""Reads people for somebody: staff, regions, teams, a person's own sign-ins. Refuses to change anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from zhike.core.actor import Actor, require
from zhike.core.audit_queries import AuditFilter, between
from zhike.core.paging import Page, keyset_page
from zhike.people.events import login_name
from zhike.people.models import Region, SecurityEvent, SignInSession, Staff, Team

STATES = ("active", "no_sign_in", "inactive")


@dataclass(frozen=True)
class PeopleFilter:
    """What a person asked the list of people for."""

    text: str = ""
    role: str = ""
    region: Region | None = None
    team: Team | None = None
    state: str = ""


def people(actor: Actor) -> QuerySet[Staff]:
    """Return the staff whom the actor may see: administrators and auditors all, others those of their own scope."""
    require(actor, "people.view")
    if actor.may("people.manage") or actor.may("audit.view"):
        return Staff.objects.unscoped(reason="administrators and auditors keep the list of all people")
    return Staff.objects.for_actor(actor)


def people_page(actor: Actor, wanted: PeopleFilter, *, size: int, cursor: str = "") -> Page[Staff]:
    """Return one page of the list of people, by staff code."""
    rows = people(actor).select_related("region", "team", "user")
    if wanted.text:
        rows = rows.filter(Q(name__icontains=wanted.text) | Q(code__istartswith=wanted.text))
    if wanted.role:
        rows = rows.filter(role=wanted.role)
    if wanted.region is not None:
        rows = rows.filter(region__path__startswith=wanted.region.path)
    if wanted.team is not None:
        rows = rows.filter(team=wanted.team)
    match wanted.state:
        case "active":
            rows = rows.filter(active=True)
        case "no_sign_in":
            rows = rows.filter(active=True, user=None)
        case "inactive":
            rows = rows.filter(active=False)
    return keyset_page(rows, ["code"], descending=False, size=size, cursor=cursor)


def person(actor: Actor, staff_id: int) -> Staff | None:
    """Return one member of staff, or ``None`` when there is none whom the actor may see."""
    return people(actor).select_related("region", "team", "user").filter(pk=staff_id).first()


def regions(actor: Actor) -> list[Region]:
    """Return the regions the actor may name, from the top down, each with the number of its own active staff."""
    require(actor, "people.view")
    rows = Region.objects.annotate(people=Count("staff", filter=Q(staff__active=True), distinct=True))
    if not (actor.may("people.manage") or actor.may("audit.view") or actor.scope == "everything"):
        rows = rows.filter(Q(pk__in=actor.region_ids) | Q(staff=actor.staff_id) | Q(teams=actor.team_id)).distinct()
    return list(rows.order_by("path"))


def teams(actor: Actor) -> list[Team]:
    """Return the teams the actor may name, each with the number of its active staff."""
    require(actor, "people.view")
    rows = Team.objects.select_related("region").annotate(
        people=Count("staff", filter=Q(staff__active=True), distinct=True)
    )
    if not (actor.may("people.manage") or actor.may("audit.view") or actor.scope == "everything"):
        rows = rows.filter(Q(region__in=actor.region_ids) | Q(pk=actor.team_id))
    return list(rows.order_by("region__path", "code"))


def locked_names(names: list[str]) -> set[str]:
    """Return which of these login names are locked for guessing now."""
    since = timezone.now() - timedelta(hours=settings.AXES_COOLOFF_TIME)
    counted = {login_name(name): name for name in names}
    rows = (
        AccessAttempt.objects.filter(username__in=counted, attempt_time__gte=since)
        .values("username")
        .annotate(failures=Sum("failures_since_start"))
        .filter(failures__gte=settings.AXES_FAILURE_LIMIT)
    )
    return {counted[row["username"]] for row in rows}


def open_sign_ins(user_id: int) -> list[SignInSession]:
    """Return where a person is signed in now; one left idle beyond the limit has ended by itself."""
    since = timezone.now() - timedelta(seconds=settings.ZHIKE_IDLE_EXIT_SECONDS)
    return list(
        SignInSession.objects.filter(user_id=user_id, ended_at=None, seen_at__gte=since).order_by("-seen_at", "id")[:50]
    )


def own_events(user_id: int, limit: int = 10) -> list[SecurityEvent]:
    """Return what last happened to a person's own sign-in."""
    return list(SecurityEvent.objects.filter(user_id=user_id).order_by("-id")[:limit])


def staff_named_by_company(field: str, value: str) -> Staff | None:
    """Return the one active member of staff with this code or e-mail address; ``None`` for nobody or for several.

    No actor limits it: it is asked before anybody is signed in.
    """
    rows = Staff.objects.unscoped(reason="company sign-on looks for the person before anybody is signed in")
    lookup = {"email__iexact": value} if field == "email" else {"code": value}
    found = list(rows.filter(active=True, **lookup).select_related("user")[:2])
    return found[0] if len(found) == 1 else None


def names_behind(wanted: dict[str, set[int]]) -> dict[str, dict[int, str]]:
    """Return the names of regions, teams and staff by their numbers, for whoever reads the audit."""
    rows = Staff.objects.unscoped(reason="the auditor reads who was meant by a number")
    return {
        "region": dict(Region.objects.filter(pk__in=wanted["region"]).values_list("pk", "name")),
        "team": dict(Team.objects.filter(pk__in=wanted["team"]).values_list("pk", "name")),
        "staff": dict(rows.filter(pk__in=wanted["staff"]).values_list("pk", "name")),
    }


def security_events(actor: Actor, wanted: AuditFilter) -> QuerySet[SecurityEvent]:
    """Return what happened to sign-ins, for an auditor."""
    require(actor, "audit.view")
    rows = SecurityEvent.objects.all()
    if wanted.person:
        rows = rows.filter(Q(name__icontains=wanted.person) | Q(by_name__icontains=wanted.person))
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    return between(rows, wanted)
