"""Erasing a person: nothing of them is left anywhere, the record is, and nothing brings them back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction
from tests.cast import Cast

from zhike.core.models import AuditEntry, Erasure, Look
from zhike.customers.actions_erasure import erase_person
from zhike.customers.erased import digest_sql, digests, identifier, identifier_sql
from zhike.customers.models import Contact, ErasedIdentifier, MemberLine

pytestmark = pytest.mark.django_db
HERE = "/customers/C-0001"
NUMBER, NAME, MAIL = "13912345678", "顾砚秋", "gu.yanqiu@example.com"
REFUSED = (InternalError, ProgrammingError)


@pytest.fixture
def gu(cast: Cast) -> Contact:
    """Somebody whose number was changed, looked at, and stands in other places of the archive too."""
    client = cast.client("alice")
    first = {"name": NAME, "title": "信息总监", "decision_role": "decides", "mobile": "13700001111", "email": MAIL}
    client.post(f"{HERE}/contacts/add/", first)
    row = Contact.objects.unscoped(reason="a test looks").get(name=NAME)
    sent = {"seen_at": row.updated_at.isoformat(), "name": NAME, "title": "信息总监", "decision_role": "decides"}
    client.post(f"{HERE}/contacts/{row.pk}/", sent | {"mobile": NUMBER, "traits": "喜欢钓鱼", "wechat": "gu_yq"})
    client.post(f"{HERE}/contacts/{row.pk}/show/mobile/", {"reason": "回访投诉"})
    row.refresh_from_db()
    return row


def everything() -> str:
    """Return every row of every table as text, as somebody with the database in hand reads it."""
    said = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename ~ '^(core|customers|people)_'"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT coalesce(json_agg(t)::text, '') FROM \"{table}\" t")
            said.append(cursor.fetchone()[0])
    return json.dumps(said, ensure_ascii=False)


def erase(cast: Cast, row: Any, kind: str = "contacts", who: str = "carol") -> Any:
    """Erase as a lead does on the page."""
    sent = {"reason": "本人来函要求，函号 118", "sure": "on"}
    return cast.client(who).post(f"{HERE}/erase/{kind}/{row.pk}/", sent)


def test_nothing_of_the_person_is_left_in_any_table(cast: Cast, gu: Contact) -> None:
    secrets = (NUMBER, "13700001111", NAME, MAIL, "gu_yq", "喜欢钓鱼")
    before = everything()
    assert all(secret in before for secret in secrets)
    assert erase(cast, gu).status_code == 302
    after = everything()
    assert [secret for secret in secrets if secret in after] == []
    gu.refresh_from_db()
    assert (gu.title, gu.decision_role, gu.consent) == ("信息总监", "decides", False)


def test_the_record_stays_and_says_who_and_why(cast: Cast, gu: Contact) -> None:
    erase(cast, gu)
    record = Erasure.objects.get()
    assert (record.actor_name, record.reason, record.subject_id) == ("Carol", "本人来函要求，函号 118", gu.pk)
    entry = AuditEntry.objects.get(action="customers.erase_person", operation="U")
    assert entry.before["mobile"] == "[erased]"
    assert Look.objects.get().subject_name == ""
    book = cast.client("hana").get("/people/audit/").content.decode()
    assert "删除个人信息" in book
    assert "已按本人要求删除" in book
    page = cast.client("alice").get("/accounts/C-0001/people/").content.decode()
    assert "个人信息已删除" in page
    assert cast.client("alice").get(f"{HERE}/contacts/{gu.pk}/").status_code == 404


def test_same_number_elsewhere_goes_too_and_a_shared_switchboard_does_not(cast: Cast, gu: Contact) -> None:
    ours, theirs = cast.accounts["ours"], cast.accounts["theirs"]
    Contact(account=theirs, code="P7", name="顾工", mobile=f"+86 {NUMBER}").save()
    MemberLine(account=theirs, number=NUMBER, member_name="顾砚秋").save()
    Contact.objects.unscoped(reason="a test writes").filter(pk=gu.pk).update(phone="0532-88880000")
    Contact(account=ours, code="P8", name="尹澄", phone="0532-88880000").save()
    asked = cast.client("carol").get(f"{HERE}/erase/contacts/{gu.pk}/")
    assert "另有 2 处" in asked.content.decode()
    gu.refresh_from_db()
    assert erase_person(cast.actor("carol"), code="C-0001", kind="contacts", row_id=gu.pk, reason="本人要求") == 3
    assert NUMBER not in everything()
    assert Contact.objects.unscoped(reason="a test looks").get(code="P8").name == "尹澄"


def test_somebody_removed_earlier_is_erased_from_the_audit(cast: Cast, gu: Contact) -> None:
    client = cast.client("alice")
    seen = client.get(f"{HERE}/contacts/{gu.pk}/remove/").context["seen_at"]
    client.post(f"{HERE}/contacts/{gu.pk}/remove/", {"seen_at": seen})
    assert NUMBER in everything()
    page = cast.client("carol").get("/accounts/C-0001/archive/").content.decode()
    assert f"{HERE}/erase/contacts/{gu.pk}/" in page
    assert erase(cast, gu).status_code == 302
    after = everything()
    assert NUMBER not in after
    assert NAME not in after
    assert erase(cast, gu).status_code == 404, "there is nothing left to erase"


def test_member_line_is_erased_and_its_fee_stays(cast: Cast) -> None:
    line = MemberLine(account=cast.accounts["ours"], number=NUMBER, member_name="李明", monthly_fee_fen=9900)
    line.save()
    assert erase(cast, line, "lines").status_code == 302
    line.refresh_from_db()
    assert (line.number, line.member_name, line.monthly_fee_fen) == (f"erased-{line.pk}", "", 9900)
    assert NUMBER not in everything()
    assert NUMBER[-4:] not in cast.client("carol").get("/accounts/C-0001/members/").content.decode()


def test_only_leads_may_erase_and_only_with_reason_and_confirmation(cast: Cast, gu: Contact) -> None:
    for name in ("alice", "emil", "fay", "hana", "ivan", "petra"):
        assert erase(cast, gu, who=name).status_code == 404, name
    client = cast.client("dora")
    assert client.post(f"{HERE}/erase/contacts/{gu.pk}/", {"reason": "本人来函要求"}).status_code == 422
    assert client.post(f"{HERE}/erase/contacts/{gu.pk}/", {"sure": "on"}).status_code == 422
    gu.refresh_from_db()
    assert gu.name == NAME
    assert erase(cast, gu, who="dora").status_code == 302


def test_texts_that_name_the_person_are_pointed_out(cast: Cast, gu: Contact) -> None:
    account = cast.accounts["ours"]
    account.decision_process = f"{NAME}提方案，董事长拍板"
    account.save()
    page = cast.client("carol").get(f"{HERE}/erase/contacts/{gu.pk}/").content.decode()
    assert "决策过程" in page


def test_by_hand_the_person_comes_back_only_after_agreeing_anew(cast: Cast, gu: Contact) -> None:
    erase(cast, gu)
    client = cast.client("alice")
    sent = {"name": NAME, "mobile": NUMBER}
    answer = client.post(f"{HERE}/contacts/add/", sent)
    assert answer.status_code == 422
    assert "本人曾要求删除个人信息" in answer.content.decode()
    assert not Contact.objects.unscoped(reason="a test looks").filter(name=NAME).exists()
    client.post(f"{HERE}/contacts/add/", sent | {"renewed": "on"})
    assert Contact.objects.unscoped(reason="a test looks").get(name=NAME).mobile == NUMBER
    assert not ErasedIdentifier.objects.filter(digest__in=digests("mobile", NUMBER)).exists()


def attempt(sql: str, *parameters: Any) -> None:
    """Try to write over the books, as somebody with the application's database role would."""
    with pytest.raises(REFUSED), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def test_books_yield_to_nothing_but_a_recorded_erasure(cast: Cast, gu: Contact) -> None:
    entry = AuditEntry.objects.filter(table_name="customers_contact", row_id=gu.pk).latest("id")
    attempt("UPDATE core_auditentry SET after = '{}' WHERE id = %s", entry.pk)
    attempt(
        "UPDATE core_auditentry SET after = zhike_erased(after, '[\"mobile\"]'),"
        " before = zhike_erased(before, '[\"mobile\"]') WHERE id = %s",
        entry.pk,
    )
    attempt("UPDATE core_look SET subject_name = ''")
    erase(cast, gu)
    attempt("UPDATE core_auditentry SET actor_name = 'nobody' WHERE id = %s", entry.pk)
    attempt('UPDATE core_auditentry SET after = \'{"title": "x"}\' WHERE id = %s', entry.pk)
    attempt("DELETE FROM core_auditentry WHERE id = %s", entry.pk)
    attempt("UPDATE core_look SET reason = 'x'")
    attempt("DELETE FROM core_erasure")
    attempt("UPDATE core_erasure SET reason = 'x'")
    attempt(
        "INSERT INTO core_erasure (actor_name, reason, subject_table, subject_id, columns)"
        " VALUES ('x', 'hide a change of tier', 'customers_account', %s, '[\"tier\"]')",
        cast.accounts["ours"].pk,
    )


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("mobile", "+86 139-1234-5678"), ("mobile", "1391234567"), ("phone", "0532-88880000"), ("number", "66001234"),
        ("email", " Gu@Example.com "), ("wechat", "Gu_YQ"), ("number", ""),
    ],
)  # fmt: skip
def test_database_and_python_hash_the_same(column: str, value: str) -> None:
    digest, keyed = digest_sql(column, "t.said")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {identifier_sql(column, 't.said')} FROM (SELECT %s::text AS said) t", [value])
        assert (cursor.fetchone()[0] or "") == identifier(column, value)
        cursor.execute(f"SELECT {digest} FROM (SELECT %s::text AS said) t", [*keyed[0], value])
        assert cursor.fetchone()[0] == (digests(column, value) or [None])[0]


def test_an_older_secret_still_counts(settings: Any) -> None:
    old = digests("mobile", NUMBER)[0]
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a-new-secret-" + "n" * 40
    assert old in digests("mobile", NUMBER)
    assert old != digests("mobile", NUMBER)[0]
