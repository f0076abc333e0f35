"""The menu shows each person the pages that are theirs, and only pages that exist."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.urls import path

from zhike.core.actor import Actor, ScopeKind
from zhike.core.context import ASK_AGAIN_SECONDS, Demonstration
from zhike.core.menu import MenuEntry, MenuRegister, SearchPage, phone_bar


def view(request: object) -> None:
    """Stand for any page."""


urlpatterns = [
    path("", view, name="today"),
    path("accounts/", view, name="accounts"),
    path("accounts/closed/", view, name="closed"),
    path("data/imports/", view, name="imports"),
]
pytestmark = [pytest.mark.urls(__name__)]

ALICE = Actor(name="爱丽", role="manager", scope=ScopeKind.STAFF, staff_id=1, permissions=frozenset({"accounts.view"}))
CAROL = Actor(name="查理", role="auditor", scope=ScopeKind.NOTHING, staff_id=2)


@pytest.fixture
def menu() -> MenuRegister:
    register = MenuRegister()
    register.register(
        MenuEntry("data", "数据", "database", order=80),
        MenuEntry("imports", "导入", url_name="imports", order=81, parent="data", allowed="imports.view"),
        MenuEntry("today", "工作台", "layout-dashboard", "today", 10, phone=True),
        MenuEntry(
            "accounts",
            "客户",
            "building-skyscraper",
            "accounts",
            20,
            allowed="accounts.view",
            covers=("hall",),
            phone=True,
            badge=lambda actor: 46,
        ),
        MenuEntry("closed", "已关闭", url_name="closed", order=21, parent="accounts"),
        MenuEntry("offers", "方案", "file-dollar", "not-built-yet", 40),
    )
    return register


def labels(menu: MenuRegister, actor: Actor | None, path: str = "/") -> list[object]:
    return [item.label for item in menu.entries_for(actor, path)]


def test_a_page_that_does_not_exist_is_not_in_the_menu(menu: MenuRegister) -> None:
    assert labels(menu, ALICE) == ["工作台", "客户"]


def test_a_page_without_permission_is_not_in_the_menu(menu: MenuRegister) -> None:
    assert labels(menu, CAROL) == ["工作台"]


def test_a_heading_leads_to_its_first_open_page(menu: MenuRegister) -> None:
    analyst = Actor(name="何", role="analyst", scope=ScopeKind.EVERYTHING, permissions=frozenset({"imports.view"}))
    data = menu.entries_for(analyst, "/data/imports/7/")[-1]
    assert (data.label, data.url) == ("数据", "/data/imports/")
    assert data.open
    assert [child.current for child in data.children] == [True]


def test_nobody_signed_in_sees_no_menu(menu: MenuRegister) -> None:
    assert labels(menu, None) == []


def test_the_longest_address_marks_the_present_page(menu: MenuRegister) -> None:
    accounts = menu.entries_for(ALICE, "/accounts/closed/")[1]
    assert accounts.open
    assert not accounts.current
    assert accounts.children[0].current
    assert [item.label for item in menu.entries_for(ALICE, "/accounts/12/") if item.current] == ["客户"]
    assert [item.label for item in menu.entries_for(ALICE, "/elsewhere/") if item.current] == []


def test_an_entry_can_cover_pages_with_other_addresses(menu: MenuRegister) -> None:
    assert [item.label for item in menu.entries_for(ALICE, "/x/", "hall") if item.current] == ["客户"]


def test_badges_count_what_waits_and_zero_is_quiet(menu: MenuRegister) -> None:
    assert menu.entries_for(ALICE)[1].badge == 46
    menu.register(MenuEntry("quiet", "静", url_name="today", badge=lambda actor: 0))
    assert menu.entries_for(ALICE)[-1].badge is None


def test_the_phone_bar_takes_the_marked_entries(menu: MenuRegister) -> None:
    assert [item.label for item in phone_bar(menu.entries_for(ALICE))] == ["工作台", "客户"]


def test_one_key_belongs_to_one_entry(menu: MenuRegister) -> None:
    with pytest.raises(ValueError, match="already taken: today"):
        menu.register(MenuEntry("today", "别的", url_name="accounts"))


def test_the_search_box_needs_a_page_and_a_permission(menu: MenuRegister) -> None:
    assert menu.search_for(ALICE) is None
    menu.search = SearchPage("accounts", "搜客户", "accounts.view")
    assert menu.search_for(ALICE) == ("/accounts/", "搜客户")
    assert menu.search_for(CAROL) is None


def test_the_demonstration_is_asked_once_a_minute_and_a_yes_is_kept() -> None:
    answers = iter([False, True])
    demonstration = Demonstration()
    demonstration.ask = lambda: next(answers)
    assert [demonstration(), demonstration()] == [False, False]
    demonstration.asked -= ASK_AGAIN_SECONDS + 1
    assert [demonstration(), demonstration()] == [True, True]


def test_a_failed_database_does_not_fail_the_line_at_the_foot_of_the_page() -> None:
    def broken() -> bool:
        raise OperationalError("the server is gone")

    demonstration = Demonstration()
    demonstration.ask = broken
    assert demonstration() is False
