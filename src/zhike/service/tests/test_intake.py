"""Requests are taken in once, with a number, a desk, an owner and a log; files are safe before rows name them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection, transaction
from tests.cast import CANARY, Cast, build_cast

from zhike.core.actor import NotAllowed, system_actor
from zhike.service import files
from zhike.service.actions import Caller, Taken, take_in
from zhike.service.files import Upload
from zhike.service.models import Attachment, Leg, Participation, Request, RequestEvent
from zhike.service.refusals import Refused
from zhike.service.tests.conftest import stage

WHY = "test"
PDF = b"%PDF-1.7 a report"


def call(cast: Cast, who: str = "fay", **changes: object) -> Taken:
    given = {"channel": "hotline", "kind": "complaint", "text": "临港厂区专线丢包，上传图纸反复中断"}
    return take_in(cast.actor(who), **{**given, **changes})  # type: ignore[arg-type]


def test_a_request_has_a_number_a_desk_an_owner_and_its_log(staged: Cast) -> None:
    request = call(staged, account_code="C-0001", text="临港厂区专线丢包\n上传反复中断").request
    assert request.number.startswith("TS-")
    stored = Request.objects.for_actor(staged.actor("fay")).get(number=request.number)
    assert stored.title == "临港厂区专线丢包"
    assert (stored.stage, stored.owner_id, stored.accepted) == ("triage", staged.people["fay"].pk, True)
    assert stored.department is not None
    assert stored.department.code == "DESK-LG"
    assert stored.account_id == staged.accounts["ours"].pk
    kinds = RequestEvent.objects.unscoped(reason=WHY).filter(request=stored).values_list("sequence", "kind")
    assert list(kinds) == [(1, "taken")]
    assert Leg.objects.unscoped(reason=WHY).get(request=stored).accepted_by_id == staged.people["fay"].pk
    assert Participation.objects.unscoped(reason=WHY).get(request=stored).part == "owner"


def test_the_caller_is_recognised_by_number_and_the_log_holds_neither_name_nor_number(staged: Cast) -> None:
    request = call(staged, caller=Caller(name="裴正山", phone="138 0000 1234")).request
    assert request.account_id == staged.accounts["ours"].pk
    assert request.recognised_by == "phone"
    said = RequestEvent.objects.unscoped(reason=WHY).get(request_id=request.pk)
    assert "裴" not in str(said.data)
    assert "1234" not in str(said.data)


def test_an_unknown_caller_is_taken_in_for_the_region_of_the_desk(staged: Cast) -> None:
    request = call(staged, caller=Caller(phone="13911112222")).request
    assert request.account_id is None
    assert request.region_id == staged.regions["ours"].pk
    assert Request.objects.for_actor(staged.actor("frida")).filter(pk=request.pk).exists()


def test_the_same_message_becomes_one_request(staged: Cast) -> None:
    first = call(staged, channel="email", external_id="<1@heng.cn>")
    second = call(staged, channel="email", external_id="<1@heng.cn>", text="又发一次")
    other = call(staged, channel="portal", external_id="<1@heng.cn>")
    assert (first.again, second.again, other.again) == (False, True, False)
    assert second.request.number == first.request.number
    assert RequestEvent.objects.unscoped(reason=WHY).filter(request_id=first.request.pk).count() == 1


def test_what_the_portal_sends_waits_unowned_at_the_desk_of_its_region(staged: Cast) -> None:
    request = take_in(
        system_actor("portal"), channel="portal", kind="consult", text="发票怎么开", account_code="C-0001",
        external_id="p-1",
    ).request  # fmt: skip
    assert request.owner_id is None
    assert request.home is not None
    assert request.home.code == "DESK-LG"
    assert not request.accepted


@pytest.mark.parametrize(
    ("text", "found"),
    [("再不解决就找工信部申诉", ["regulator"]), ("要找记者曝光", ["press"]), ("专线慢", [])],
)
def test_regulator_and_press_are_noticed_and_raise_the_level(staged: Cast, text: str, found: list[str]) -> None:
    request = call(staged, text=text).request
    assert request.signs == found
    assert request.escalation == bool(found)


def test_the_third_complaint_within_a_month_is_a_repeat(staged: Cast) -> None:
    signs = [call(staged, account_code="C-0001").request.signs for _ in range(3)]
    assert signs == [[], [], ["repeat"]]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"text": " \0 "}, "no_words"),
        ({"channel": "pigeon"}, "unknown_value"),
        ({"kind": "?"}, "unknown_value"),
        ({"priority": "whenever"}, "unknown_value"),
        ({"account_code": "nobody"}, "no_account"),
        ({"account_code": f"C-{CANARY}"}, "no_account"),
        ({"attachments": [Upload("a.exe", [b"MZ"])]}, "file_kind"),
        ({"attachments": [Upload("a.pdf", [b"<html>"])]}, "file_kind"),
        ({"attachments": [Upload("a.txt", [b"a\0b"])]}, "file_kind"),
        ({"attachments": [Upload("a.pdf", [])]}, "empty_file"),
        ({"attachments": [Upload("a.txt", [b"x" * 1024] * (files.LARGEST // 1024 + 1))]}, "file_size"),
        ({"attachments": [Upload("a.txt", [b"x"])] * (files.MOST + 1)}, "file_count"),
    ],
)
def test_what_cannot_be_taken_is_refused_by_code_and_in_words(
    staged: Cast, changes: dict[str, object], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        call(staged, **changes)
    assert refused.value.code == code
    assert refused.value.words
    assert not Request.objects.unscoped(reason=WHY).exists()


def test_who_may_not_take_requests_in_does_not(staged: Cast) -> None:
    for name in ("gus", "hana", "ivan", "emil"):
        with pytest.raises(NotAllowed):
            call(staged, who=name)


def test_files_are_kept_once_under_their_fingerprint(staged: Cast) -> None:
    first = call(staged, attachments=[Upload("../../测试报告.pdf", [PDF[:3], PDF[3:]])]).request
    second = call(staged, attachments=[Upload("copy.pdf", [PDF])]).request
    rows = Attachment.objects.for_actor(staged.actor("fay")).order_by("pk")
    assert [row.name for row in rows] == ["测试报告.pdf", "copy.pdf"]
    assert {row.request_id for row in rows} == {first.pk, second.pk}
    assert len({row.sha256 for row in rows}) == 1
    assert files.path_of(rows[0].sha256).read_bytes() == PDF
    assert not [path for path in (files.home() / "attachments").iterdir() if path.name.startswith(".")]


def test_the_log_only_grows(staged: Cast) -> None:
    call(staged)
    rows = RequestEvent.objects.unscoped(reason=WHY)
    for change in (lambda: rows.update(words="else"), lambda: rows.delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


@pytest.fixture
def really_staged(transactional_db: None, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cast]:
    monkeypatch.setenv("ZHIKE_HOME", str(tmp_path))
    yield stage(build_cast())
    with connection.cursor() as cursor:  # the log cannot be deleted from, only dropped with its database
        cursor.execute("TRUNCATE service_request CASCADE")


def test_many_at_once_get_numbers_of_their_own_and_one_message_stays_one(really_staged: Cast) -> None:
    actor = really_staged.actor("fay")

    def take(number: int) -> Taken:
        try:
            return take_in(actor, channel="email", kind="consult", text=f"第{number}封", external_id=f"m-{number // 2}")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(take, range(60)))
    assert len({one.request.number for one in taken}) == 30
    assert sum(one.again for one in taken) == 30
    numbers = sorted(one.request.number for one in taken)
    assert all(len(number) >= len("TS-20261118-0237") for number in numbers)
