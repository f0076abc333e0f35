"""The inbox: many at once with who was first, what is shown is exported, what is new is told and moves nothing."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone
from tests.cast import Cast

from zhike.core.actor import system_actor
from zhike.service import actions_steps as steps
from zhike.service.actions import take_in
from zhike.service.models import Request

INBOX = "/service/"
MANY = {"own": "many_take", "offer": "many_take", "merge": "many_take", "hand": "many_handle"}


def waiting(count: int, account: str = "C-0001", **more: str) -> list[str]:
    """Take requests in that nobody owns."""
    given = {"kind": "fault", "category": ""} | more
    return [
        take_in(
            system_actor("portal"), channel="portal", text=f"专线中断{one}", account_code=account, **given
        ).request.number
        for one in range(count)
    ]  # fmt: skip


def picks(*numbers: str) -> list[str]:
    rows = Request.objects.unscoped(reason="test")
    return [f"{number}.{rows.get(number=number).version}" for number in numbers]


def of(number: str) -> Request:
    return Request.objects.unscoped(reason="test").get(number=number)


def address(step: str) -> str:
    return reverse(f"service:{MANY[step]}", args=[step])


def test_many_are_taken_at_once_and_each_is_told_by_itself(staged: Cast) -> None:
    first, second, third = waiting(3)
    shown = picks(first, second, third)
    steps.own(staged.actor("frida"), number=second)
    answer = staged.client("fay").post(address("own"), {"ids": shown, "back": "queue=unowned"})
    body = answer.content.decode()
    assert [of(one).owner_id for one in (first, third)] == [staged.people["fay"].pk] * 2
    assert of(second).owner_id == staged.people["frida"].pk
    assert "办了 2 张" in body
    assert "没有办：Frida 先办了“首问负责”" in body
    assert 'href="/service/?queue=unowned"' in body


def test_many_are_assigned_with_one_form_that_keeps_what_was_typed(staged: Cast) -> None:
    numbers = waiting(2, category="network_quality")
    for number in numbers:
        steps.own(staged.actor("fay"), number=number)
    for number in numbers:
        steps.triage(staged.actor("fay"), number=number, category="line_down")
    client = staged.client("fay")
    page = client.get(address("offer"), {"ids": picks(*numbers)}).content.decode()
    assert all(number in page for number in numbers)
    refused = client.post(address("offer"), {"ids": picks(*numbers), "words": "请查光路"})
    assert refused.status_code == 422
    assert "请查光路" in refused.content.decode()
    client.post(address("offer"), {"ids": picks(*numbers), "department": "TRANS-LG", "words": "请查光路"})
    assert {of(number).stage for number in numbers} == {"handle"}


def test_merging_leaves_the_chosen_one_and_refuses_other_customers(staged: Cast) -> None:
    kept, other = waiting(2)
    unknown = take_in(staged.actor("fay"), channel="hotline", kind="fault", text="断线", own=False).request.number
    answer = staged.client("dora").post(address("merge"), {"ids": picks(kept, other, unknown), "into": kept})
    assert of(kept).is_open
    assert of(other).merged_into_id == of(kept).pk
    assert of(unknown).is_open
    assert "只能并入同一客户的工单" in answer.content.decode()


@pytest.mark.parametrize("ids", [[], ["x"], ["TS-20200101-0001.1"], ["\0"], ["TS-99999999-1.99999999999"]])
def test_nothing_chosen_leads_back_with_a_word(staged: Cast, ids: list[str]) -> None:
    for ask in ("get", "post"):
        answer = getattr(staged.client("fay"), ask)(address("own"), {"ids": ids})
        assert answer.status_code == 302


def test_conditions_of_place_category_and_department_narrow_and_can_be_taken_off(staged: Cast) -> None:
    [here] = waiting(1, category="invoice")
    [there] = waiting(1, category="line_down")
    client = staged.client("dora")
    for narrowing in (
        {"category": "invoice"},
        {"category": "invoice", "region": staged.regions["ours"].pk},
        {"category": "invoice", "priority": "normal"},
    ):
        answer = client.get(INBOX, {"queue": "open"} | narrowing)
        body = answer.content.decode()
        assert here in body
        assert there not in body
        assert "发票" in body
        assert len(answer.context["chips"]) == len(narrowing)


def test_what_is_exported_is_what_is_shown_in_the_same_order(staged: Cast) -> None:
    waiting(2, kind="consult")
    numbers = waiting(3)
    client = staged.client("dora")
    query = {"queue": "open", "kind": "fault"}
    shown = [row["request"].number for row in client.get(INBOX, query).context["rows"]]
    answer = client.get(reverse("service:export"), query)
    sheet = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    assert sheet is not None
    written = [row[0].value for row in sheet.iter_rows(min_row=2) if row[0].value]
    assert written == shown
    assert sorted(written) == sorted(numbers)


def test_what_came_since_is_told_and_the_rows_stay(staged: Cast) -> None:
    [old] = waiting(1)
    client = staged.client("fay")
    page = client.get(INBOX, {"queue": "unowned"})
    live = reverse("service:rows")
    assert client.get(live, {"queue": "unowned", "shown": page.context["shown"]}).context["news"] == ""
    waiting(2)
    steps.note(staged.actor("frida"), number=old, words="已问过")
    news = client.get(live, {"queue": "unowned", "shown": page.context["shown"]})
    assert news.context["news"] == "2 张新到，1 张有变化"
    assert old not in news.content.decode()


def test_remaining_time_is_told_and_a_pause_is_told_instead_of_a_hurry(staged: Cast) -> None:
    from zhike.core.policies import plant_seeds

    plant_seeds(system_actor("test"))
    late, paused = waiting(2)
    for number in (late, paused):
        steps.own(staged.actor("fay"), number=number)
    steps.pause(staged.actor("fay"), number=paused, reason="waiting_customer", words="等客户开门")
    now = timezone.now()
    rows = Request.objects.unscoped(reason="test")
    rows.filter(number=late).update(next_due_at=now - timedelta(minutes=95), warn_at=now - timedelta(minutes=120))
    body = staged.client("fay").get(INBOX).content.decode()
    assert "超 1 小时 35 分" in body
    assert "等客户" in body
