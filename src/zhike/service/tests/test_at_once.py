"""Fifty agents at once on one queue: no request goes to two, and nothing that somebody was told is done gets lost.

Five seconds in the suite, a minute with SOAK=1.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection
from tests.cast import Cast, build_cast

from zhike.core.actor import Actor
from zhike.people.actors import actor_of_staff
from zhike.people.models import Staff
from zhike.service import actions_steps as steps
from zhike.service.actions import take_in
from zhike.service.actions_queue import own_next, take_next
from zhike.service.actions_writing import facts_of
from zhike.service.models import Department, DepartmentMember, Request, RequestEvent
from zhike.service.refusals import Overtaken, Refused
from zhike.service.standing import COLUMNS, columns, fold
from zhike.service.tests.conftest import stage

WHY = "test"
AGENTS = 50
SECONDS = 60 if os.environ.get("SOAK") == "1" else 5


@pytest.fixture
def crowd(transactional_db: None, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cast]:
    monkeypatch.setenv("ZHIKE_HOME", str(tmp_path))
    yield stage(build_cast())
    with connection.cursor() as cursor:  # the log cannot be deleted from, only emptied as a whole
        cursor.execute("TRUNCATE service_request CASCADE")


def people(cast: Cast, department: Department, role: str, count: int) -> list[Actor]:
    """Return so many new people of a department."""
    made = []
    for number in range(count):
        staff = Staff(code=f"{role}-{number}", name=f"{role}{number}", role=role, region=cast.regions["ours"])
        staff.save()
        DepartmentMember.objects.create(department=department, staff=staff, since=date(2026, 1, 1))
        made.append(actor_of_staff(staff))
    return made


class Agent(threading.Thread):
    """Somebody who takes the next request, works on it, and meddles with others', until time is over."""

    def __init__(self, actor: Actor, department_id: int, numbers: list[str], until: float) -> None:
        super().__init__(daemon=True)
        self.actor, self.department_id, self.numbers, self.until = actor, department_id, numbers, until
        self.dice = random.Random(actor.staff_id)  # noqa: S311
        self.got: list[str] = []
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while time.monotonic() < self.until:
                self._once()
        except BaseException as failure:
            self.failure = failure
        finally:
            connection.close()

    def _once(self) -> None:
        request = take_next(self.actor, department_id=self.department_id)
        if request is not None:
            self.got.append(request.number)
            self.done["accepted"] += 1
        number = request.number if request is not None else self.dice.choice(self.numbers)
        draw = self.dice.random()
        try:
            if draw < 0.4:
                steps.note(self.actor, number=number, words="在看")
                self.done["noted"] += 1
            elif draw < 0.7:
                seen = Request.objects.for_actor(self.actor).get(number=number).version
                steps.hand(self.actor, number=number, handler_id=None, seen=seen)
                self.done["handed"] += 1
            elif draw < 0.8:
                steps.pause(self.actor, number=number, reason="waiting_customer", words="等")
                self.done["paused"] += 1
            else:
                steps.resume(self.actor, number=number)
                self.done["resumed"] += 1
        except Refused as refused:
            self.refused[refused.code] += 1
        except Overtaken:
            self.refused["overtaken"] += 1


def test_fifty_agents_on_one_queue(crowd: Cast) -> None:
    department = Department.objects.get(code="TRANS-LG")
    fay = crowd.actor("fay")
    numbers = []
    for n in range(120):
        number = take_in(fay, channel="hotline", kind="fault", text=f"断线{n}").request.number
        steps.triage(fay, number=number, category="network_quality")
        steps.offer(fay, number=number, department="TRANS-LG")
        numbers.append(number)
    until = time.monotonic() + SECONDS
    agents = [Agent(actor, department.pk, numbers, until) for actor in people(crowd, department, "back_office", AGENTS)]
    for agent in agents:
        agent.start()
    for agent in agents:
        agent.join(SECONDS + 60)
    assert not [agent.failure for agent in agents if agent.failure]

    told: Counter[str] = Counter()
    for agent in agents:
        told += agent.done
    logged = Counter(
        RequestEvent.objects.unscoped(reason=WHY)
        .filter(kind__in=["accepted", "noted", "handed", "paused", "resumed"], by_name__startswith="back_office")
        .values_list("kind", flat=True)
    )
    assert told == logged, "every step that somebody was told is done stands in the log, and no other"
    for request in Request.objects.unscoped(reason=WHY):
        facts = facts_of(request.pk)
        assert [fact.sequence for fact in facts] == list(range(1, len(facts) + 1))
        assert {name: getattr(request, name) for name in COLUMNS} == columns(fold(facts))
        holder = None
        for fact in facts:  # nobody takes what somebody else has
            if fact.kind == "accepted":
                assert holder is None
                holder = fact.by_id
            elif fact.kind == "handed":
                holder = fact.data["handler_id"]
    assert sum(len(agent.got) for agent in agents) >= len(numbers)


def test_many_agents_become_owners_of_different_requests(crowd: Cast) -> None:
    desk = Department.objects.get(code="DESK-LG")
    for n in range(40):
        take_in(crowd.actor("fay"), channel="email", kind="consult", text=f"问{n}", external_id=f"m{n}", own=False)
    owners = people(crowd, desk, "agent", 20)
    got: list[tuple[str, int]] = []

    def own_all(actor: Actor) -> None:
        try:
            while (request := own_next(actor)) is not None:
                got.append((request.number, actor.staff_id or 0))
        finally:
            connection.close()

    threads = [threading.Thread(target=own_all, args=(actor,)) for actor in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len({number for number, _ in got}) == len(got) == 40
    assert dict(got) == dict(Request.objects.unscoped(reason=WHY).values_list("number", "owner_id"))
