"""Taking a request in from a page: whose it is stands beside the form, one form makes one request, nothing is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.cast import CANARY, Cast

from zhike.core.actor import system_actor
from zhike.core.policies import plant_seeds
from zhike.service.actions import take_in
from zhike.service.models import Attachment, Request

NEW, KNOWN = "/service/new/", "/service/new/known/"
WHY = "test"


@pytest.fixture
def fay(staged: Cast) -> Client:
    """The agent's browser, with the rules of a new installation."""
    plant_seeds(system_actor("seeds"))
    return staged.client("fay", HTTP_ACCEPT_LANGUAGE="zh-CN")


def filled(**changes: Any) -> dict[str, Any]:
    return {
        "key": str(uuid4()), "channel": "hotline", "kind": "fault", "category": "", "priority": "normal",
        "caller_phone": "", "caller_name": "", "caller_address": "", "number": "", "text": "专线中断，请抢修",
    } | changes  # fmt: skip


def test_the_caller_is_recognised_while_the_form_is_filled(staged: Cast, fay: Client) -> None:
    take_in(system_actor("portal"), channel="portal", kind="complaint", text="上月账单有误", account_code="C-0001")
    seen = fay.post(KNOWN, filled(caller_phone="138 0000 1234")).content.decode()
    assert staged.accounts["ours"].name in seen
    assert "凭电话认出" in seen
    assert "上月账单有误" in seen
    assert "近 30 天来过 1 次" in seen
    assert "办结时限" in seen


def test_nobody_is_told_of_accounts_out_of_reach(staged: Cast, fay: Client) -> None:
    for clue in ({"number": staged.accounts["theirs"].code}, {"account_code": staged.accounts["theirs"].code}):
        seen = fay.post(KNOWN, filled(**clue)).content.decode()
        assert CANARY not in seen
        assert staged.accounts["theirs"].name not in seen
    refused = fay.post(NEW, filled(account_code=staged.accounts["theirs"].code))
    assert refused.status_code == 422
    assert "专线中断，请抢修" in refused.content.decode(), "what was typed is kept"


def test_pressing_twice_makes_one_request_with_its_file_and_clock(staged: Cast, fay: Client) -> None:
    given, before = filled(caller_phone="13800001234", caller_name="裴正山"), timezone.now()
    for _press in range(2):
        report = SimpleUploadedFile("告警.txt", "光路告警".encode())
        answer = fay.post(NEW, {**given, "files": report})
        assert answer.status_code == 302
    made = Request.objects.unscoped(reason=WHY).get()
    assert answer["Location"] == f"/service/{made.number}/"
    assert (made.account_id, made.owner_id) == (staged.accounts["ours"].pk, staged.people["fay"].pk)
    assert before < made.next_due_at < before + timedelta(days=15)
    assert Attachment.objects.unscoped(reason=WHY).get().name == "告警.txt"


def test_a_choice_does_not_outlive_the_clue_it_came_from(staged: Cast, fay: Client) -> None:
    stale = filled(caller_phone="13911112222", account_code="C-0001")
    assert "没有认出客户" in fay.post(KNOWN, stale).content.decode()
    answer = fay.post(NEW, stale)
    assert answer.status_code == 422
    assert "请再确认" in answer.content.decode()
    assert not Request.objects.unscoped(reason=WHY).exists()


def test_whoever_says_that_it_is_not_theirs_is_believed(staged: Cast, fay: Client) -> None:
    assert fay.post(NEW, filled(caller_phone="13800001234", account_code="-")).status_code == 302
    assert Request.objects.unscoped(reason=WHY).get().account_id is None


def test_what_is_missing_or_wrong_is_said_and_nothing_is_written(fay: Client) -> None:
    for wrong in ({"text": " "}, {"kind": "x"}, {"channel": ""}, {"key": "x"}, {"category": "nonsense"}):
        answer = fay.post(NEW, filled(**wrong))
        assert answer.status_code == 422, wrong
    assert not Request.objects.unscoped(reason=WHY).exists()


def test_an_accounts_page_leads_to_a_form_that_knows_it(staged: Cast, fay: Client) -> None:
    seen = fay.get(NEW, {"account": "C-0001"}).content.decode()
    assert staged.accounts["ours"].name in seen
    assert 'value="C-0001"' in seen
