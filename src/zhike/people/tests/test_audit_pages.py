"""The auditor's four books: what they say, what they mask, and that nobody can rewrite them."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from tests.cast import Cast

from zhike.core.audit import audited
from zhike.core.audit_queries import AuditFilter, change_entries
from zhike.core.looks import record_look
from zhike.core.models import AuditEntry, Look, Run
from zhike.people import actions
from zhike.people.audit_words import told_change
from zhike.people.models import SecurityEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(cast: Cast) -> Client:
    """The auditor's browser, after somebody has changed and looked at something."""
    bob = cast.people["bob"]
    changed = actions.PersonFacts(
        name="Bob", role="agent", region=cast.regions["ours"], team=None, mobile="13911112222"
    )
    actions.change_person(cast.actor("ivan"), bob.pk, changed)
    account = cast.accounts["ours"]
    with audited(cast.actor("alice"), "customers.change_contact", reason="客户来电"):
        contact = account.contact_set.get()
        contact.name, contact.mobile = "裴正河", "13700005678"
        contact.save()
    record_look(
        cast.actor("alice"),
        subject_table="customers_contact",
        subject_id=contact.pk,
        subject_name="裴正山",
        field="mobile",
        reason="约时间上门",
        account_id=account.pk,
    )
    return cast.client("hana")


def test_changes_say_who_what_when_and_from_what_to_what(auditor: Client) -> None:
    page = auditor.get("/people/audit/").content.decode()
    for words in ("Ivan", "修改人员", "角色", "客户经理", "客服", "临港组", "客户来电", "联系人"):
        assert words in page, words


@pytest.mark.parametrize(
    "path", ["/people/audit/", "/people/audit/looks/", "/people/audit/changes.xlsx", "/people/audit/looks.xlsx"]
)
def test_personal_values_are_masked_in_every_book(auditor: Client, path: str) -> None:
    content = b"".join(auditor.get(path))
    if path.endswith(".xlsx"):
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        assert sheet is not None
        text = str([[cell.value for cell in row] for row in sheet.iter_rows()])
    else:
        text = content.decode()
    for personal in ("13800001234", "13911112222", "13700005678", "裴正山", "裴正河", "bob@example.com"):
        assert personal not in text, personal
    assert "裴**" in text


def test_looks_say_who_whom_and_why(auditor: Client) -> None:
    page = auditor.get("/people/audit/looks/").content.decode()
    for words in ("Alice", "联系人", "裴**", "手机", "约时间上门"):
        assert words in page, words


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("person=Alice", {"customers.change_contact"}),
        ("action=people.change_person", {"people.change_person"}),
        ("table=customers_contact", {"customers.change_contact"}),
        ("since=2000-01-01&until=2000-01-02", set()),
        ("account=nonsense", set()),
    ],
)
def test_changes_are_found_by_person_action_table_and_day(
    cast: Cast, auditor: Client, query: str, found: set[str]
) -> None:
    rows = auditor.get(f"/people/audit/?{query}").context["rows"]
    assert {row["entry"].action for row in rows} == found


def test_days_are_days_in_shanghai(cast: Cast, auditor: Client) -> None:
    """A change at 00:30 in Shanghai belongs to that day, though it is still the day before in UTC."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_auditentry (at, actor_name, action, reason, table_name, row_id, operation)"
            " VALUES ('2026-03-01 16:30:00+00', 'Zoe', 'test', '', 'people_staff', 1, 'U')"
        )
    actor = cast.actor("hana")
    on = change_entries(actor, AuditFilter(person="Zoe", since=date(2026, 3, 2), until=date(2026, 3, 2)))
    before = change_entries(actor, AuditFilter(person="Zoe", until=date(2026, 3, 1)))
    assert (on.count(), before.count()) == (1, 0)


def test_pages_follow_each_other_by_key(cast: Cast, auditor: Client) -> None:
    for number in range(45):
        actions.save_team(cast.actor("ivan"), team_id=None, code=f"T{number}", name=f"组{number}", region=None)
    first = auditor.get("/people/audit/?size=20&action=people.save_team").context
    second = auditor.get(
        "/people/audit/", {"size": 20, "action": "people.save_team", "cursor": first["page"].following}
    )
    third = auditor.get(
        "/people/audit/", {"size": 20, "action": "people.save_team", "cursor": second.context["page"].following}
    )
    ids = [row["entry"].pk for part in (first, second.context, third.context) for row in part["rows"]]
    assert len(ids) == 45
    assert ids == sorted(ids, reverse=True)
    back = auditor.get(
        "/people/audit/", {"size": 20, "action": "people.save_team", "cursor": third.context["page"].previous}
    )
    assert [row["entry"].pk for row in back.context["rows"]] == [row["entry"].pk for row in second.context["rows"]]


def test_workbook_holds_what_the_page_shows_and_is_itself_on_record(cast: Cast, auditor: Client) -> None:
    answer = auditor.get("/people/audit/changes.xlsx?person=Alice")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer))).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert [row[1] for row in rows] == ["谁", "Alice"]
    export = Run.objects.get(kind="export.audit.changes")
    assert (export.started_by_name, export.result) == ("Hana", {"rows": 1, "asked": {"person": "Alice"}})
    assert "Hana" in auditor.get("/people/audit/runs/").content.decode()


def test_formula_in_a_reason_stays_text_in_the_workbook(cast: Cast, auditor: Client) -> None:
    with audited(cast.actor("ivan"), "people.save_team", reason="=cmd|' /C calc'!A0"):
        cast.teams["ours"].name = "@SUM(1+1)"
        cast.teams["ours"].save()
    answer = auditor.get("/people/audit/changes.xlsx?table=people_team")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer))).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row if str(cell.value).startswith(("=", "@"))]
    assert cells
    assert {cell.data_type for cell in cells} == {"s"}


@pytest.mark.parametrize("table", ["core_auditentry", "core_look", "people_securityevent", "core_policyversion"])
@pytest.mark.parametrize("order", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_database_refuses_to_rewrite_the_books(cast: Cast, auditor: Client, table: str, order: str) -> None:
    if table == "core_policyversion":
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO core_policyversion (family, valid_from, revision, body, body_hash, author, approver,"
                " recorded_at) VALUES ('test', '2026-01-01', 1, '{}', '', '', '', now())"
            )
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(order.format(table))


def test_books_have_no_way_round_through_the_models(cast: Cast, auditor: Client) -> None:
    for model in (AuditEntry, Look, SecurityEvent):
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.all().delete()
        row: Any = model.objects.first()
        with pytest.raises(DatabaseError), transaction.atomic():
            row.save()


def test_change_without_an_action_is_written_down_as_unknown(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_staff SET name = 'X' WHERE id = %s", [cast.people["bob"].pk])
    entry = AuditEntry.objects.get()
    assert (entry.actor_name, told_change(entry).action) == ("unknown", "直接改库")
