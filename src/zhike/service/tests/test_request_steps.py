"""Every step from its button to the log: who is offered it, what it writes, who is told that somebody was first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.cast import Cast

from zhike.core.actor import system_actor
from zhike.service import actions_many, actions_steps, actions_watch
from zhike.service.actions import Caller, take_in
from zhike.service.models import Request, RequestEvent
from zhike.service.tests.storied import long_story
from zhike.service.views_steps import address
from zhike.service.views_steps_list import DIALOGS

BESIDE = {"HX-Request": "true"}
NEED = {"kind": "need", "text": "想要专属云桌面"}


def taken(cast: Cast, **given: Any) -> str:
    """Return the number of a complaint that Fay took in and owns."""
    said = {
        "kind": "complaint",
        "text": "专线丢包，上传图纸反复中断",
        "channel": "hotline",
        "account_code": "C-0001",
    } | given
    return take_in(cast.actor("fay"), caller=Caller(name="尹澄", phone="13812342605"), **said).request.number


def triaged(cast: Cast, **given: Any) -> str:
    number = taken(cast, **given)
    actions_steps.triage(cast.actor("fay"), number=number, category="network_quality")
    return number


def offered(cast: Cast) -> str:
    number = triaged(cast)
    actions_steps.offer(cast.actor("fay"), number=number, department="TRANS-LG")
    return number


def handled(cast: Cast) -> str:
    number = offered(cast)
    actions_steps.accept(cast.actor("gus"), number=number)
    return number


def worked(cast: Cast) -> str:
    number = handled(cast)
    actions_steps.work(cast.actor("gus"), number=number, words="已换光模块")
    return number


def answered(cast: Cast) -> str:
    number = worked(cast)
    actions_steps.answer(cast.actor("fay"), number=number, words="已修复")
    return number


def closed(cast: Cast) -> str:
    number = answered(cast)
    actions_steps.hear_verdict(cast.actor("frida"), number=number, satisfied=True, score=9)
    return number


def unowned(cast: Cast) -> str:
    return take_in(
        system_actor("portal"), channel="portal", kind="fault", text="总机无法呼出", account_code="C-0001"
    ).request.number


def stranger(cast: Cast) -> str:
    return taken(cast, account_code="")


def paused(cast: Cast) -> str:
    number = handled(cast)
    actions_steps.pause(cast.actor("gus"), number=number, reason="waiting_customer", words="等开门")
    return number


def proposed(cast: Cast) -> str:
    number = answered(cast)
    actions_steps.propose_exception(cast.actor("fay"), number=number, reason="unreachable", words="三次未接")
    return number


def watched(cast: Cast) -> str:
    number = triaged(cast)
    actions_watch.supervise(cast.actor("dora"), number=number, words="今天办结")
    return number


def helped(cast: Cast) -> str:
    number = triaged(cast)
    actions_watch.join(cast.actor("fay"), number=number, staff_id=cast.people["nora"].pk, part="team")
    return number


def parent(cast: Cast) -> str:
    number = triaged(cast)
    actions_many.declare(cast.actor("dora"), number=number, special="outage", words="片区光缆中断")
    return number


def child(cast: Cast) -> str:
    number, above = triaged(cast), parent(cast)
    actions_many.link(cast.actor("fay"), number=number, parent=above)
    return number


def need(cast: Cast) -> str:
    return triaged(cast, **NEED)


Stage = Callable[[Cast], str]
STEPS: list[tuple[str, str, Stage, Any, str]] = [
    ("own", "frida", unowned, {}, "owned"),
    ("name_owner", "dora", taken, lambda cast: {"owner": cast.people["frida"].pk}, "owned"),
    ("recognise", "fay", stranger, {"account_code": "C-0001"}, "recognised"),
    ("triage", "fay", taken, {"category": "billing", "kind": "complaint", "priority": "urgent"}, "triaged"),
    ("prioritise", "fay", triaged, {"priority": "critical", "words": "产线停了"}, "prioritised"),
    ("offer", "fay", triaged, {"department": "TRANS-LG", "words": "请查光路"}, "offered"),
    ("accept", "gus", offered, {"whose": "queue"}, "accepted"),
    ("give_back", "gus", offered, {"reason": "incomplete", "words": "缺少专线编号"}, "returned"),
    ("hand", "gus", handled, lambda cast: {"colleague": cast.people["greta"].pk}, "handed"),
    ("work", "gus", handled, {"words": "已换光模块", "cause": "设备板卡"}, "worked"),
    ("contact", "fay", triaged, {"words": "已电话联系"}, "contacted"),
    ("pause", "gus", handled, {"reason": "access_refused", "words": "机房进不去"}, "paused"),
    ("resume", "gus", paused, {}, "resumed"),
    ("answer", "fay", worked, {"words": "已修复", "via": "phone"}, "answered"),
    ("verdict", "frida", answered, {"verdict": "satisfied", "score": 9, "words": "好"}, "closed"),
    ("propose_exception", "fay", answered, {"reason": "unreachable", "words": "三次未接"}, "exception_proposed"),
    ("decide_exception", "dora", proposed, {"decision": "grant", "words": "同意"}, "closed"),
    ("reopen", "fay", closed, {"words": "又断了"}, "reopened"),
    ("escalate", "fay", triaged, {"level": 2, "words": "客户催办"}, "escalated"),
    ("supervise", "dora", triaged, {"words": "今天办结", "due_at": "2099-01-01T10:00"}, "supervised"),
    ("end_supervision", "dora", watched, {"words": "已解决"}, "supervision_ended"),
    ("join", "fay", triaged, lambda cast: {"staff": cast.people["nora"].pk, "part": "coordination"}, "joined"),
    ("leave", "fay", helped, lambda cast: {"helper": f"{cast.people['nora'].pk}:team"}, "left"),
    ("declare", "dora", triaged, {"special": "outage", "words": "片区光缆中断"}, "declared"),
    ("tell_all", "dora", parent, {"words": "抢修中，预计 12:00 恢复"}, "told"),
    ("link", "fay", triaged, lambda cast: {"number": parent(cast)}, "linked"),
    ("unlink", "fay", child, {}, "unlinked"),
    ("merge", "fay", triaged, lambda cast: {"number": triaged(cast)}, "closed"),
    ("split", "fay", triaged, {"title": "另有发票问题", "kind": "consult", "category": "billing"}, "split"),
    ("result", "fay", need, {"outcome": "unmet", "words": "暂无此产品"}, "resulted"),
]  # fmt: skip


def facts(number: str) -> list[str]:
    """Return the kinds of facts in the log."""
    rows = RequestEvent.objects.unscoped(reason="test").filter(request__number=number).order_by("sequence")
    return list(rows.values_list("kind", flat=True))


def version(number: str) -> int:
    """Return the version that a page would show."""
    return Request.objects.unscoped(reason="test").get(number=number).version


def links(client: Any, number: str) -> set[str]:
    """Return the steps that a page offers."""
    steps = client.get(reverse("service:request", args=[number])).context["steps"]
    return {one["key"] for one in [*steps.get("first", ()), *steps.get("more", ())]}


def test_every_step_is_tried_here() -> None:
    assert {one[0] for one in STEPS} == set(DIALOGS)


@pytest.mark.parametrize(("key", "name", "stage", "given", "fact"), STEPS, ids=[one[0] for one in STEPS])
def test_a_step_is_offered_asked_for_and_written(
    staged: Cast, key: str, name: str, stage: Stage, given: Any, fact: str
) -> None:
    number = stage(staged)
    data = given(staged) if callable(given) else given
    client, form = staged.client(name), address(DIALOGS[key], number, version(number))
    assert key in links(client, number)
    asked = client.get(form, headers=BESIDE)
    assert (asked.status_code, asked.context["closed"]) == (200, False)
    assert "<html" not in asked.content.decode()
    answer = client.post(form.partition("?")[0], data | {"seen": version(number)})
    assert answer.status_code == 302, answer.context["form"].errors or answer.context["error"]
    assert facts(number)[-1] == fact
    assert client.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize(("key", "name", "stage", "given", "fact"), STEPS, ids=[one[0] for one in STEPS])
def test_nonsense_in_a_form_is_refused_and_writes_nothing(
    staged: Cast, key: str, name: str, stage: Stage, given: Any, fact: str
) -> None:
    number = stage(staged)
    before, form = facts(number), address(DIALOGS[key], number)
    client = staged.client(name)
    names = [one for one in client.get(form).context["form"].fields if one != "seen"]
    for value in ("\0", "9" * 400, "<b>x", "-1"):
        answer = client.post(form, dict.fromkeys(names, value) | {"seen": value})
        assert answer.status_code == 422
        assert "<b>x" not in answer.content.decode()
    assert facts(number) == before


def test_who_comes_second_is_told_who_came_first_and_keeps_what_was_typed(staged: Cast) -> None:
    number = triaged(staged)
    seen, form = version(number), address(DIALOGS["answer"], number)
    actions_steps.offer(staged.actor("frida"), number=number, department="TRANS-LG", words="先查光路")
    late = staged.client("fay").post(form, {"words": "已为您修好", "seen": seen}, headers=BESIDE)
    body = late.content.decode()
    assert late.status_code == 422
    assert "有人先办了一步" in body
    assert "Frida" in body
    assert "先查光路" in body
    assert "已为您修好" in body
    assert late.context["form"]["seen"].value() == str(version(number))
    assert facts(number)[-1] == "offered"


def test_a_refused_step_names_what_happened_since(staged: Cast) -> None:
    number = triaged(staged)
    seen = version(number)
    actions_watch.supervise(staged.actor("dora"), number=number, words="今天办结")
    late = staged.client("carol").post(address(DIALOGS["supervise"], number), {"words": "明天", "seen": seen})
    body = late.content.decode()
    assert late.status_code == 422
    assert "已在督办中" in body
    assert "Dora" in body


def test_a_form_that_opens_too_late_says_so_and_asks_nothing(staged: Cast) -> None:
    number = offered(staged)
    seen = version(number)
    actions_steps.accept(staged.actor("greta"), number=number)
    answer = staged.client("gus").get(address(DIALOGS["accept"], number, seen))
    assert answer.context["closed"]
    assert "已经接单" in answer.content.decode()
    assert "Greta" in answer.content.decode()


def test_done_beside_the_page_leads_back_to_it(staged: Cast) -> None:
    number = offered(staged)
    answer = staged.client("gus").post(address(DIALOGS["accept"], number), {"whose": "mine"}, headers=BESIDE)
    assert (answer.status_code, answer["HX-Redirect"]) == (204, f"/service/{number}/")


def test_a_handler_is_never_offered_to_call_back(staged: Cast) -> None:
    number = answered(staged)
    assert "verdict" in links(staged.client("frida"), number)
    actions_steps.hear_verdict(staged.actor("frida"), number=number, satisfied=False)
    actions_steps.answer(staged.actor("frida"), number=number, words="已再次修复")  # from the desk: she handled it now
    assert "verdict" not in links(staged.client("frida"), number)
    refused = staged.client("frida").post(address(DIALOGS["verdict"], number), {"verdict": "satisfied"})
    assert "回访人不能是处理过这张工单的人" in refused.content.decode()


def test_nobody_is_offered_steps_that_their_role_may_not_take(staged: Cast) -> None:
    number = handled(staged)
    assert links(staged.client("emil"), number) == set()
    assert links(staged.client("gus"), number) <= {"work", "give_back", "hand", "pause", "contact"}
    assert not {"supervise", "declare", "name_owner"} & links(staged.client("fay"), number)
    for name in ("take", "supervise"):
        key = {"take": "offer", "supervise": "supervise"}[name]
        assert staged.client("gus").get(address(DIALOGS[key], number)).status_code == 404


def test_a_step_is_found_only_under_its_own_permission(staged: Cast) -> None:
    number = triaged(staged)
    assert staged.client("fay").post(f"/service/{number}/handle/offer/", {}).status_code == 404
    assert staged.client("fay").get(f"/service/{number}/take/none/").status_code == 404


def test_merging_into_somebody_elses_request_is_refused_like_one_that_does_not_exist(staged: Cast) -> None:
    number = triaged(staged)
    theirs = take_in(
        system_actor("portal"), channel="portal", kind="fault", text="x", account_code=staged.accounts["theirs"].code
    ).request.number
    bodies = [
        staged.client("fay").post(address(DIALOGS["merge"], number), {"number": other})
        for other in (theirs, "TS-20200101-0001")
    ]
    assert [one.status_code for one in bodies] == [422, 422]
    assert all("没有这张工单，或不在您的范围内" in one.content.decode() for one in bodies)


def test_a_page_with_everything_asks_few_questions(staged: Cast) -> None:
    number = long_story(staged).number
    for name in ("fay", "dora", "alice"):
        client = staged.client(name)
        client.get(reverse("service:request", args=[number]))
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("service:request", args=[number])).status_code == 200
        assert len([one for one in asked if "SAVEPOINT" not in one["sql"]]) <= 12


def test_what_marks_a_request_out_stands_beside_its_title(staged: Cast) -> None:
    number = taken(staged, text="再不处理就向工信部申诉")
    fay = staged.actor("fay")
    actions_steps.triage(fay, number=number, category="red_cancel", priority="critical")
    actions_watch.supervise(staged.actor("dora"), number=number, words="今天办结")
    found = staged.client("fay").get(reverse("service:request", args=[number])).context
    texts = [str(one["text"]) for one in found["badges"]]
    assert texts[:2] == ["红线", "提及监管"]
    assert {"督办中", "特急", "已升至 1 级"} <= set(texts)
    assert any(one.startswith("法定时限剩 1") for one in texts)
    assert found["category"] == "红线 / 无法销户"


def test_buttons_are_what_is_most_likely_wanted(staged: Cast) -> None:
    def buttons(name: str, number: str) -> list[str]:
        steps = staged.client(name).get(reverse("service:request", args=[number])).context["steps"]
        return [one["key"] for one in steps["first"]]

    assert buttons("fay", triaged(staged))[0] == "offer"
    assert buttons("gus", offered(staged))[:2] == ["accept", "give_back"]
    assert buttons("gus", handled(staged))[0] == "work"
    assert buttons("frida", answered(staged))[0] == "verdict"
    assert buttons("dora", handled(staged))[0] == "supervise"
    assert buttons("dora", proposed(staged))[0] == "decide_exception"
