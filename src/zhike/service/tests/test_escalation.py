"""Requests rise by time, once a level, to whoever answers for them, and leave Today when they are closed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.cast import Cast

from zhike.core.actor import system_actor
from zhike.core.policies import plant_seeds
from zhike.service import actions_steps as steps
from zhike.service.actions import take_in
from zhike.service.actions_escalate import escalate_due, push_escalated
from zhike.service.models import DepartmentMember, Request, RequestEvent
from zhike.worklist.models import WorkItem

SYSTEM = system_actor("test")


@pytest.fixture
def taken(staged: Cast) -> str:
    plant_seeds(SYSTEM)
    DepartmentMember.objects.filter(staff=staged.people["frida"]).update(leads=True)
    return take_in(
        staged.actor("fay"), channel="hotline", kind="complaint", text="账单多出一笔", account_code="C-0001"
    ).request.number


def of(number: str) -> Request:
    return Request.objects.unscoped(reason="test").get(number=number)


def rises(number: str) -> list[tuple[int, str, list[str]]]:
    rows = RequestEvent.objects.unscoped(reason="test").filter(request__number=number, kind="escalated")
    return [(one.data["level"], one.data["why"], one.data["to"]) for one in rows.order_by("sequence")]


def test_what_is_late_rises_up_the_chain_once_a_level(staged: Cast, taken: str) -> None:
    due = of(taken).next_due_at
    assert escalate_due(SYSTEM, now=due - timedelta(minutes=1)) == 0
    assert escalate_due(SYSTEM, now=due) == 1
    assert escalate_due(SYSTEM, now=due + timedelta(minutes=1)) == 0
    assert escalate_due(SYSTEM, now=due + timedelta(hours=4)) == 1
    assert escalate_due(SYSTEM, now=due + timedelta(days=30)) == 1
    assert escalate_due(SYSTEM, now=due + timedelta(days=60)) == 0
    assert [(level, to) for level, _why, to in rises(taken)] == [(1, ["Frida"]), (2, ["Dora"]), (3, ["Dora"])]
    assert of(taken).escalation == 3


def test_a_fault_rises_before_it_is_due(staged: Cast, taken: str) -> None:
    fault = take_in(
        staged.actor("fay"), channel="hotline", kind="fault", text="断线", account_code="C-0001"
    ).request.number
    before = of(fault).next_due_at - timedelta(minutes=10)
    escalate_due(SYSTEM, now=before)
    assert [(level, why) for level, why, _to in rises(fault)] == [(1, "due_soon")]
    assert rises(taken) == []


def test_what_is_paused_or_closed_does_not_rise(staged: Cast, taken: str) -> None:
    fay = staged.actor("fay")
    steps.triage(fay, number=taken, category="billing")
    steps.contact(fay, number=taken)
    steps.pause(fay, number=taken, reason="waiting_customer", words="等客户寄账单")
    legal = of(taken).next_due_at
    assert of(taken).next_due_kind == "legal"
    assert escalate_due(SYSTEM, now=legal - timedelta(days=1)) == 0


def test_the_escalated_stand_in_their_queue_and_on_today_until_they_are_closed(staged: Cast, taken: str) -> None:
    escalate_due(SYSTEM, now=of(taken).next_due_at)
    push_escalated(SYSTEM)
    items = WorkItem.objects.for_actor(staged.actor("alice")).filter(source="service.escalation", state="open")
    assert [one.evidence["number"] for one in items] == [taken]
    assert taken in staged.client("dora").get("/service/?queue=escalated").content.decode()
    fay = staged.actor("fay")
    steps.triage(fay, number=taken, category="billing")
    steps.answer(fay, number=taken, words="已退费")
    steps.hear_verdict(staged.actor("frida"), number=taken, satisfied=True, words="好")
    push_escalated(SYSTEM)
    assert not items.all().exists()
