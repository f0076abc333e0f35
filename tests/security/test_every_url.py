"""Every address, asked for by everybody: signed out, of each role, and from another region."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.cast import CANARY, Cast
from tests.security.url_table import PUBLIC, ROWS, PublicRow, Row
from zhike.people.roles import PERMISSIONS

pytestmark = pytest.mark.django_db
INSIDERS = ("alice", "carol", "dora", "emil", "fay", "gus", "hana", "ivan")
OURS = ("alice", "bob", "carol", "dora", "fay", "gus")  # who must never see anything of the other region


def names_of_addresses(patterns: list[URLPattern | URLResolver], space: str = "") -> set[str]:
    """Return the full names of all addresses; one without a name fails."""
    found: set[str] = set()
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            found |= names_of_addresses(pattern.url_patterns, inner)
        else:
            assert pattern.name, f"an address without a name: {pattern.pattern}"
            found.add(f"{space}{pattern.name}")
    return found


def ask(client: Client, row: Row, arguments: dict[str, Any]) -> Any:
    """Ask for an address as the table says."""
    address = reverse(row.name, kwargs=arguments)
    return client.post(address, row.data) if row.method == "post" else client.get(address, row.data)


def text_of(response: Any) -> str:
    """Return everything a person could read in an answer, workbooks and streams included."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as workbook:
            content = b"\n".join(workbook.read(name) for name in workbook.namelist())
    return content.decode("utf-8", "replace") + str(response.headers)


def test_table_names_every_address_and_nothing_else() -> None:
    listed = [row.name for row in ROWS] + [row.name for row in PUBLIC]
    assert len(listed) == len(set(listed)), "listed twice"
    real = names_of_addresses(get_resolver().url_patterns)
    assert real - set(listed) == set(), "addresses that nobody has said who may open"
    assert set(listed) - real == set(), "rows of addresses that no longer exist"


@pytest.mark.parametrize("row", PUBLIC, ids=lambda row: row.name)
def test_public_addresses_answer_as_declared(cast: Cast, row: PublicRow) -> None:
    answer = Client().get(reverse(row.name, kwargs=row.arguments))
    assert answer.status_code == row.answer
    assert CANARY not in text_of(answer)
    if answer.status_code == 302:
        assert answer["Location"] == "/" or answer["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_signed_out_people_are_sent_to_sign_in(cast: Cast, row: Row) -> None:
    answer = ask(Client(), row, row.ours(cast))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/login/")
    part = Client(headers={"HX-Request": "true"})
    answer = part.get(reverse(row.name, kwargs=row.ours(cast)))
    assert answer.status_code in {302, 401, 405}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_role_gets_what_the_table_says(cast: Cast, row: Row) -> None:
    for name in INSIDERS:
        answer = ask(cast.client(name), row, row.ours(cast))
        text_of(answer)
        may = row.permission in PERMISSIONS[cast.people[name].role]
        expected = row.answers if may else frozenset({404})
        assert answer.status_code in expected, f"{name} got {answer.status_code} for {row.name}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_nothing_of_another_region_comes_through(cast: Cast, row: Row) -> None:
    for name in OURS:
        client = cast.client(name)
        assert CANARY not in text_of(ask(client, row, row.ours(cast))), f"{name} reads of the other region"
        if row.theirs is not None:
            answer = ask(client, row, row.theirs(cast))
            assert answer.status_code == 404, f"{name} got {answer.status_code}"
            assert CANARY not in text_of(answer)


@pytest.mark.parametrize("row", [row for row in ROWS if row.theirs], ids=lambda row: row.name)
def test_outsider_cannot_tell_our_rows_from_none(cast: Cast, row: Row) -> None:
    for name in ("otto", "petra"):
        answer = ask(cast.client(name), row, row.ours(cast))
        assert answer.status_code == 404, f"{name} got {answer.status_code}"


@pytest.mark.parametrize("row", [row for row in ROWS if row.theirs], ids=lambda row: row.name)
def test_who_may_see_everything_does(cast: Cast, row: Row) -> None:
    assert row.theirs is not None
    for name in sorted(row.everywhere):
        if row.permission in PERMISSIONS[cast.people[name].role]:
            answer = ask(cast.client(name), row, row.theirs(cast))
            text_of(answer)
            assert answer.status_code in row.answers, name


def test_taking_the_list_of_accounts_away_is_on_record(cast: Cast) -> None:
    from zhike.core.models import Run

    text_of(cast.client("alice").get("/accounts/export.xlsx?q=%E8%A1%A1"))
    taken = Run.objects.get(kind="export.accounts")
    assert (taken.started_by_name, taken.result["rows"], taken.result["asked"]["text"]) == ("Alice", 1, "衡")
    assert "导出客户清单" in cast.client("hana").get("/people/audit/runs/").content.decode()


def test_auditor_finds_changes_by_the_accounts_code(cast: Cast) -> None:
    from zhike.core.audit import audited

    account = cast.accounts["ours"]
    with audited(cast.actor("alice"), "customers.change_account"):
        account.tier = "A1"
        account.save()
    client = cast.client("hana")
    page = client.get("/people/audit/", {"account": account.code}).content.decode()
    assert account.code in page
    assert "修改客户" in page
    assert account.name not in page, "the auditor sees no customer"
    assert "没有这样的记录" in client.get("/people/audit/", {"account": "C-9999"}).content.decode()
