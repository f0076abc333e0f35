"""The inbox and the page of a request: what people see, may do, and that nothing typed is lost."""

from __future__ import annotations

import pytest
from django.urls import reverse
from tests.cast import Cast

from zhike.core.actor import system_actor
from zhike.core.live import VERSION_HEADER
from zhike.service import actions_steps as steps
from zhike.service.actions import Caller, take_in
from zhike.service.models import Request

INBOX = "/service/"


@pytest.fixture
def taken(staged: Cast) -> str:
    """A complaint that Fay took in and owns."""
    return take_in(
        staged.actor("fay"), channel="hotline", kind="complaint", text="专线丢包，上传图纸反复中断",
        account_code="C-0001", caller=Caller(name="尹澄", phone="13812342605"),
    ).request.number  # fmt: skip


def test_queues_show_each_person_their_own(staged: Cast, taken: str) -> None:
    assert taken in staged.client("fay").get(INBOX).content.decode()
    assert taken not in staged.client("frida").get(INBOX).content.decode()
    assert taken in staged.client("frida").get(INBOX + "?queue=open").content.decode()


def test_conditions_and_search_in_the_address_narrow_the_list(staged: Cast, taken: str) -> None:
    client = staged.client("fay")
    assert taken in client.get(INBOX + "?queue=open&kind=complaint&channel=hotline").content.decode()
    narrowed = client.get(INBOX + "?queue=open&kind=fault").content.decode()
    assert taken not in narrowed
    assert "没有符合条件的请求" in narrowed
    assert taken in client.get(INBOX + f"?queue=open&q={taken}").content.decode()
    assert taken in client.get(INBOX, {"queue": "open", "q": "反复中断"}).content.decode()


def test_damaged_addresses_still_show_a_list(staged: Cast, taken: str) -> None:
    answer = staged.client("fay").get(INBOX + "?queue=none&kind=x&size=7&cursor=broken")
    assert answer.status_code == 200
    assert taken in answer.content.decode()


def test_the_list_is_sent_again_only_when_it_changed(staged: Cast, taken: str) -> None:
    client, address = staged.client("fay"), reverse("service:rows")
    shown = client.get(address)
    version = shown.context["version"]
    assert client.get(address, headers={VERSION_HEADER: version}).status_code == 204
    steps.note(staged.actor("frida"), number=taken, words="已联系机房")
    assert client.get(address, headers={VERSION_HEADER: version}).status_code == 200


def test_taking_next_makes_the_owner_and_opens_the_request(staged: Cast) -> None:
    waiting = take_in(
        system_actor("portal"), channel="portal", kind="consult", text="发票怎么开", account_code="C-0001"
    ).request.number
    answer = staged.client("fay").post(reverse("service:own_next"))
    assert answer["Location"] == reverse("service:request", args=[waiting])
    assert Request.objects.unscoped(reason="test").get(number=waiting).owner_id == staged.people["fay"].pk
    assert staged.client("frida").post(reverse("service:own_next"))["Location"] == INBOX


def test_what_is_said_stands_in_the_log_under_its_filter(staged: Cast, taken: str) -> None:
    client = staged.client("fay")
    say = reverse("service:say", args=[taken])
    client.post(say, {"how": "note", "words": "请传输侧先看光路"})
    client.post(say, {"how": "reply", "words": "尹主管您好，正在查光路"})
    page = reverse("service:request", args=[taken])
    internal = client.get(page + "?log=internal").content.decode()
    assert "请传输侧先看光路" in internal
    assert "正在查光路" not in internal
    outside = client.get(page + "?log=customer").content.decode()
    assert "正在查光路" in outside
    assert "请传输侧先看光路" not in outside


def test_a_refused_word_is_told_why_and_kept(staged: Cast, taken: str) -> None:
    answer = staged.client("fay").post(reverse("service:say", args=[taken]), {"how": "reply", "words": " "})
    assert answer.status_code == 422
    body = answer.content.decode()
    assert "请写明内容。" in body
    assert 'value="reply" checked' in body


def test_callers_are_masked_until_a_reason_is_given(staged: Cast, taken: str) -> None:
    client = staged.client("fay")
    body = client.get(reverse("service:request", args=[taken])).content.decode()
    assert "138****2605" in body
    assert "13812342605" not in body
    show = reverse("service:show", args=[taken, "caller_phone"])
    assert client.post(show, {"reason": ""}).status_code == 422
    assert "13812342605" in client.post(show, {"reason": "回访投诉客户"}).content.decode()


def test_whoever_may_not_unmask_is_not_offered_it(staged: Cast, taken: str) -> None:
    client, show = staged.client("gus"), reverse("service:show", args=[taken, "caller_phone"])
    assert show not in client.get(reverse("service:request", args=[taken])).content.decode()
    assert client.post(show, {"reason": "回访投诉客户"}).status_code == 404


def test_list_and_page_call_the_present_stage_the_same(staged: Cast, taken: str) -> None:
    client = staged.client("fay")
    assert "预处理" in client.get(INBOX).content.decode()
    stages = client.get(reverse("service:request", args=[taken])).context["stages"]
    assert [str(one["label"]) for one in stages if one["state"] == "now"] == ["预处理"]
