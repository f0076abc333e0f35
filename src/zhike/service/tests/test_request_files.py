"""Files of a request on its page: taken with a word, listed, handed out whole, and to nobody who may not see it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.cast import Cast

from zhike.service.actions import take_in
from zhike.service.files import path_of
from zhike.service.models import Attachment

REPORT = b"%PDF-1.7 " + bytes(range(256)) * 40


@pytest.fixture
def number(staged: Cast) -> str:
    """A complaint that Fay took in."""
    return take_in(
        staged.actor("fay"), channel="hotline", kind="complaint", text="专线丢包", account_code="C-0001"
    ).request.number


def say(cast: Cast, number: str, *files: SimpleUploadedFile, **given: Any) -> Any:
    """Let Fay write a note with files."""
    said = {"how": "note", "words": "测试报告见附件"} | given
    return cast.client("fay").post(reverse("service:say", args=[number]), {**said, "files": list(files)})


def test_a_file_comes_back_as_it_was_and_is_never_shown_in_the_page(staged: Cast, number: str) -> None:
    assert say(staged, number, SimpleUploadedFile("测试报告.pdf", REPORT)).status_code == 302
    kept = Attachment.objects.unscoped(reason="test").get(request__number=number)
    address = reverse("service:file", args=[number, kept.pk])
    body = staged.client("frida").get(reverse("service:request", args=[number])).content.decode()
    assert body.count(address) == 2, "beside the word it came with, and among the files"
    answer = staged.client("frida").get(address)
    assert b"".join(answer.streaming_content) == REPORT
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_file_is_for_those_who_see_its_request(staged: Cast, number: str) -> None:
    say(staged, number, SimpleUploadedFile("a.pdf", REPORT))
    kept = Attachment.objects.unscoped(reason="test").get(request__number=number)
    other = take_in(
        staged.actor("fay"), channel="hotline", kind="consult", text="别的事", account_code="C-0001"
    ).request.number
    assert staged.client("oscar").get(reverse("service:file", args=[number, kept.pk])).status_code == 404
    assert staged.client("fay").get(reverse("service:file", args=[other, kept.pk])).status_code == 404


def test_a_file_that_is_lost_is_not_found(staged: Cast, number: str) -> None:
    say(staged, number, SimpleUploadedFile("a.pdf", REPORT))
    kept = Attachment.objects.unscoped(reason="test").get(request__number=number)
    path_of(kept.sha256).unlink()
    assert staged.client("fay").get(reverse("service:file", args=[number, kept.pk])).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.exe", b"MZ", "不能接收这种文件"),
        ("a.pdf", b"<html>", "不能接收这种文件"),
        ("a.txt", b"", "附件是空的"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words_and_the_text_stays(
    staged: Cast, number: str, name: str, content: bytes, words: str
) -> None:
    answer = say(staged, number, SimpleUploadedFile(name, content), how="reply", via="sms")
    body = answer.content.decode()
    assert answer.status_code == 422
    assert words in body
    assert "测试报告见附件" in body
    assert '<option value="sms" selected>' in body
    assert not Attachment.objects.unscoped(reason="test").filter(request__number=number).exists()


def test_how_the_customer_was_reached_stands_in_the_log(staged: Cast, number: str) -> None:
    say(staged, number, how="reply", words="正在查光路", via="wechat")
    body = staged.client("fay").get(reverse("service:request", args=[number])).content.decode()
    assert "阶段答复 · 微信 · 对客户" in body
