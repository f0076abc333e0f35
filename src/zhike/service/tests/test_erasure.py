"""Whoever is erased from the archive is erased from requests and their books too; others stay."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection
from tests.cast import Cast

from zhike.customers.actions_erasure import erase_person
from zhike.customers.models import Contact
from zhike.service.actions import Caller, take_in
from zhike.service.models import Request

WHY = "a test looks at everything"


def everything() -> str:
    """Return every row of every table as text, as somebody with the database in hand reads it."""
    said = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename ~ '^(core|service)_'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT coalesce(json_agg(t)::text, '') FROM \"{table}\" t")
            said.append(cursor.fetchone()[0])
    return json.dumps(said, ensure_ascii=False)


def call(cast: Cast, **caller: Any) -> str:
    given = {"channel": "hotline", "kind": "complaint", "text": "专线丢包", "account_code": "C-0001"}
    return take_in(cast.actor("fay"), caller=Caller(**caller), **given).request.number  # type: ignore[arg-type]


def test_requests_keep_nothing_of_whoever_was_erased(staged: Cast) -> None:
    person = Contact.objects.unscoped(reason=WHY).create(
        account=staged.accounts["ours"], name="顾砚秋", mobile="13912345678", wechat="gu_yq", code="K-77"
    )
    theirs = [
        call(staged, name="顾砚秋", phone="139 1234 5678"),
        call(staged, name="顾工", phone="+86 139-1234-5678"),
        call(staged, name="老顾", address=" GU_YQ "),
    ]
    other = call(staged, name="尹澄", phone="13812342605")
    before = everything()
    assert all(secret in before for secret in ("顾砚秋", "139 1234 5678", "顾工", "老顾", "GU_YQ"))
    erase_person(staged.actor("carol"), code="C-0001", kind="contacts", row_id=person.pk, reason="本人来函要求")
    after = everything()
    assert not [
        secret for secret in ("顾砚秋", "139 1234 5678", "139-1234-5678", "顾工", "老顾", "GU_YQ") if secret in after
    ]
    rows = Request.objects.unscoped(reason=WHY)
    assert {one.caller_name + one.caller_phone + one.caller_address for one in rows.filter(number__in=theirs)} == {""}
    kept = rows.get(number=other)
    assert (kept.caller_name, kept.caller_phone) == ("尹澄", "13812342605")
