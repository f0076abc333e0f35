"""A special event: many requests linked by what they share, all told at once, all answered in the parent's words."""

from __future__ import annotations

import pytest
from django.urls import reverse
from tests.cast import Cast

from zhike.core.actor import system_actor
from zhike.service import actions_steps as steps
from zhike.service.actions import take_in
from zhike.service.actions_many import declare
from zhike.service.models import Request, RequestEvent


def taken(cast: Cast, text: str, **more: str) -> str:
    return take_in(
        cast.actor("fay"), channel="hotline", kind="fault", text=text, account_code="C-0001", category="line_down",
        **more,
    ).request.number  # fmt: skip


def of(number: str) -> Request:
    return Request.objects.unscoped(reason="test").get(number=number)


@pytest.fixture
def event(staged: Cast) -> str:
    number = taken(staged, "临港光缆被挖断")
    declare(staged.actor("dora"), number=number, special="crisis", words="多家受影响")
    return number


def address(name: str, number: str) -> str:
    return reverse(f"service:{name}", args=[number])


def test_what_fits_is_shown_before_it_is_linked_and_nothing_else_is(staged: Cast, event: str) -> None:
    fits = [taken(staged, f"断网{one}") for one in range(3)]
    other = take_in(
        staged.actor("fay"), channel="hotline", kind="consult", text="问资费", account_code="C-0001"
    ).request.number
    client = staged.client("dora")
    page = client.get(address("crisis", event))
    assert {one.number for one in page.context["found"]} == set(fits)
    given = {"kind": "fault", "category": "line_down", "q": "断网1", "since": "2020-01-01T00:00", "until": ""}
    client.post(address("crisis_link", event), given)
    assert [of(one).parent_id for one in fits] == [None, of(event).pk, None]
    client.post(address("crisis_link", event), given | {"q": ""})
    assert {of(one).parent_id for one in fits} == {of(event).pk}
    assert of(other).parent_id is None
    assert [row["children"].every for row in client.get(reverse("service:crises")).context["rows"]] == [3]


def test_one_message_stands_on_each_child_as_a_reply(staged: Cast, event: str) -> None:
    child = taken(staged, "断网")
    client = staged.client("dora")
    client.post(address("crisis_link", event), {"since": "2020-01-01T00:00", "kind": "fault"})
    client.post(address("crisis_tell", event), {"how": "tell", "words": "正在抢修，预计 18 点恢复"})
    rows = RequestEvent.objects.unscoped(reason="test").filter(request__number=child, to_customer=True)
    assert [one.words for one in rows] == ["正在抢修，预计 18 点恢复"]
    assert of(child).contacted_at is not None
    assert "正在抢修" in client.get(address("crisis", event)).content.decode()


def test_an_answered_event_offers_its_words_and_answers_all_but_those_still_at_work(staged: Cast, event: str) -> None:
    idle = taken(staged, "断网一")
    busy = taken(staged, "断网二")
    fay, client = staged.actor("fay"), staged.client("dora")
    client.post(address("crisis_link", event), {"since": "2020-01-01T00:00", "kind": "fault"})
    steps.triage(fay, number=busy, category="line_slow")
    steps.offer(fay, number=busy, department="TRANS-LG")
    steps.triage(fay, number=event, category="line_slow")
    steps.answer(fay, number=event, words="光缆已接通，请核对")
    page = client.get(address("crisis", event))
    assert page.context["offer_answers"]
    assert page.context["answer"] == "光缆已接通，请核对"
    client.post(address("crisis_tell", event), {"how": "answer", "words": "光缆已接通，请核对"})
    assert (of(idle).stage, of(busy).stage) == ("call_back", "handle")
    assert of(idle).answered_at is not None


def test_a_refused_message_is_told_why(staged: Cast, event: str) -> None:
    answer = staged.client("dora").post(address("crisis_tell", event), {"how": "tell", "words": " "})
    assert answer.status_code == 422
    assert "请写明内容。" in answer.content.decode()


def test_only_parents_have_the_page_and_agents_only_read_it(staged: Cast, event: str) -> None:
    plain = take_in(
        system_actor("portal"), channel="portal", kind="fault", text="断线", account_code="C-0001"
    ).request.number
    assert staged.client("dora").get(address("crisis", plain)).status_code == 404
    body = staged.client("fay").get(address("crisis", event)).content.decode()
    assert "crisis_tell" not in body
    assert staged.client("fay").post(address("crisis_tell", event), {"words": "x"}).status_code == 404


@pytest.mark.parametrize("given", [{"since": "x"}, {"since": "9999-99-99"}, {"since": "", "region": "\u00b2"}])
def test_damaged_conditions_show_the_page(staged: Cast, event: str, given: dict[str, str]) -> None:
    assert staged.client("dora").get(address("crisis", event), given).status_code == 200
