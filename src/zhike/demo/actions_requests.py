"""Gives the demonstration departments, their people, a year of requests and those of these days. Refuses chance.

Rows come in bulk from the same judges and the same fold as people's steps (a test plays a sample through the actions).
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta
from heapq import merge
from typing import Any

from django.db import connection
from django.utils import timezone

from zhike.core.actor import Actor
from zhike.core.audit import audited
from zhike.customers.models import Account
from zhike.customers.queries_recognition import Candidate
from zhike.demo.actions_days import these_days
from zhike.demo.stories import CHANNELS, Complaint, Hands, Log, judges, story_of
from zhike.facts.models import ImportedEvent
from zhike.people.models import Region, Staff
from zhike.service.actions import customer_data
from zhike.service.actions_bulk import Old, load_requests
from zhike.service.log import Draft
from zhike.service.models import Department, DepartmentMember, Request
from zhike.service.rules import rules_now
from zhike.service.signs import signs_in_words
from zhike.service.steps import Rules, Who, notice

WHY = "the demonstration operator is built and looked over as a whole"
DAYS = 365
OFFICE, ALWAYS = "office", "full_time"
FUNCTIONS = {
    "数据网管中心": "data_network", "装维中心": "installation", "账务中心": "billing", "计费中心": "billing",
    "市场部": "product", "政企客服": "care", "政企客户部": "account", "网络信息安全部": "security",
    "望川交付班": "installation",
}  # fmt: skip


def fill_requests(actor: Actor) -> int:
    """Open departments and load a year of requests, all or nothing; return how many requests there are."""
    with audited(actor, "demo.fill_requests", new_rows=False):
        open_departments()
        loaded = load_requests(actor, _requests(timezone.now()))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE service_request, service_requestevent, service_leg, service_participation")
    return loaded


def open_departments() -> None:
    """Open a desk in each city that has agents, and the departments that complaints name, with their people."""
    people = Staff.objects.unscoped(reason=WHY).filter(active=True).select_related("region").order_by("code")
    agents, back_office = people.filter(role="agent"), list(people.filter(role="back_office"))
    top = Region.objects.filter(parent=None).order_by("pk").first()
    if top is None or not back_office:
        return
    today = timezone.localdate()
    for agent in agents:
        if agent.region is None:
            continue
        desk, _ = Department.objects.get_or_create(
            code=f"DESK-{agent.region.code}",
            defaults={
                "name": f"{agent.region.name}客服专席", "function": "desk", "calendar": ALWAYS, "region": agent.region,
            },
        )  # fmt: skip
        _let_in(desk, agent, today)
    turn = deque(back_office)
    for number, (name, function) in enumerate(FUNCTIONS.items(), start=1):
        region = Region.objects.filter(name__startswith=name[:2], parent=top).first() if "交付" in name else None
        made, _ = Department.objects.get_or_create(
            code=f"D{number:02d}",
            defaults={
                "name": name, "function": function, "region": region or top,
                "calendar": ALWAYS if function in {"data_network", "installation"} else OFFICE,
            },
        )  # fmt: skip
        for _place in range(min(4, len(back_office))):
            _let_in(made, turn[0], today, leads=_place == 0)
            turn.rotate(-1)


def _let_in(department: Department, staff: Staff, today: Any, *, leads: bool = False) -> None:
    DepartmentMember.objects.get_or_create(
        department=department, staff=staff, until=None, defaults={"since": today - timedelta(days=DAYS), "leads": leads}
    )


class House:
    """Who works where, read once."""

    def __init__(self) -> None:
        self.names: dict[int, str] = dict(
            Staff.objects.unscoped(reason=WHY).values_list("pk", "name")  # everybody: names stand in logs
        )
        members = DepartmentMember.objects.filter(until=None).order_by("staff__code")
        self.of_staff: dict[int, set[int]] = {}
        self.people: dict[int, list[int]] = {}
        for department_id, staff_id in members.values_list("department_id", "staff_id"):
            self.of_staff.setdefault(staff_id, set()).add(department_id)
            self.people.setdefault(department_id, []).append(staff_id)
        departments = list(Department.objects.select_related("region").order_by("pk"))
        self.desks = {one.region.path: one for one in departments if one.function == "desk"}
        self.by_name = {one.name: one for one in departments}
        leads = Staff.objects.unscoped(reason=WHY).filter(role="region_lead", active=True).select_related("region")
        self.leads = {one.region.path: one.pk for one in leads.order_by("code") if one.region is not None}
        self.paths = dict(Region.objects.values_list("pk", "path"))

    def who(self, staff_id: int, *, supervises: bool = False) -> Who:
        """Return somebody as the judges see people."""
        return Who(staff_id, frozenset(self.of_staff.get(staff_id, ())), supervises=supervises)

    def hands(self, region_id: int, department: str, code: str) -> Hands | None:
        """Return who is there for a complaint of a region; nothing where no desk is."""
        path = self.paths[region_id]
        desk = next((one for top, one in self.desks.items() if path.startswith(top)), None)
        office = self.by_name.get(department) or self.by_name.get("政企客服")
        lead = next((pk for top, pk in self.leads.items() if path.startswith(top)), None)
        if office is not None and not path.startswith(office.region.path):
            office = self.by_name.get("装维中心")
        if desk is None or office is None or lead is None or len(self.people[desk.pk]) < 2:
            return None
        turn = zlib.crc32(code.encode())
        agents, handlers = self.people[desk.pk], self.people[office.pk]
        owner, other = agents[turn % len(agents)], agents[(turn + 1) % len(agents)]
        return Hands(
            self.who(owner), self.who(other), self.who(handlers[turn % len(handlers)]),
            self.who(lead, supervises=True), self.names, office.pk, office.code,
        )  # fmt: skip


def _requests(now: datetime) -> Iterator[Old]:
    house, rules, earlier = House(), rules_now(), dict[int, deque[datetime]]()
    for account, detail, complaint in asked(now):
        hands = house.hands(account.region_id, detail.get("department") or "", complaint.code)
        if hands is not None:
            before = earlier.setdefault(account.account_id, deque())
            yield told(account, complaint, hands, rules, before, now)


def asked(now: datetime) -> Iterator[tuple[Candidate, dict[str, Any], Complaint]]:
    """Yield the year's complaints and what came in the last days, in the order in which they came."""
    return merge(complaints(now), these_days(now, reason=WHY), key=lambda one: one[2].received_at)


def complaints(now: datetime) -> Iterator[tuple[Candidate, dict[str, Any], Complaint]]:
    """Yield the complaints of the last year with their accounts, in the order in which they came."""
    rows = ImportedEvent.objects.unscoped(reason=WHY).filter(table="complaints", at__gte=now - timedelta(days=DAYS))
    for event in rows.filter(at__lte=now).order_by("at", "key").select_related("account").iterator(chunk_size=2000):
        one: Account = event.account
        detail = event.detail
        closed = detail.get("closed_at")
        yield (
            Candidate(
                one.pk, one.code, one.name, one.region_id, one.tier, one.service_level, one.assurance_level,
                one.industry_section or one.industry, "account",
            ),
            detail,
            Complaint(
                event.key, one.pk, event.at, _moment(closed) if closed else None, detail["category"],
                detail.get("product_code") or "", detail.get("summary") or "", detail.get("outcome") or "open",
            ),
        )  # fmt: skip


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else timezone.make_aware(moment)


def told(
    account: Candidate, one: Complaint, hands: Hands, rules: Rules, earlier: deque[datetime], now: datetime
) -> Old:
    """Return a complaint as the request that people would have made of it."""
    log = Log(hands.names)
    log.add(one.received_at, hands.owner, [Draft("taken", data=taken_data(account, one, hands))], min(
        hands.owner.departments
    ))  # fmt: skip
    while earlier and earlier[0] < one.received_at - timedelta(days=rules.marks.repeat_days):
        earlier.popleft()
    signs = [*signs_in_words(f"{one.summary}\n{one.summary}")]
    if one.kind in rules.marks.kinds:
        signs += ["key_account"] if account.tier in rules.marks.key_tiers else []
        signs += ["repeat"] if len(earlier) >= rules.marks.repeat_count else []
        earlier.append(one.received_at)
    for sign in signs:
        log.add(one.received_at, hands.owner, notice(log.standing, sign=sign), min(hands.owner.departments))
    for line in story_of(one, hands, until=now):
        log.add(line.at, line.by, judges(log.standing, line, hands, rules))
    request = Request(title=one.summary[:120], text=one.summary, region_id=account.region_id, external_id=one.code)
    return Old(request, log.facts)


def channel_of(code: str) -> str:
    """Return by which channel a complaint came."""
    return CHANNELS[zlib.crc32(code.encode()) % len(CHANNELS)]


def taken_data(account: Candidate, one: Complaint, hands: Hands) -> dict[str, Any]:
    """Return what the first fact says, as taking in writes it."""
    return {
        "kind": one.kind, "channel": channel_of(one.code), "category": "", "product_area": "", "priority": "normal",
        "department_id": min(hands.owner.departments), "owner_id": hands.owner.staff_id,
    } | customer_data(account)  # fmt: skip
