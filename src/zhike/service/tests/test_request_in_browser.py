"""The page of a request in a real browser: accessible, no wider than the window, a step taken beside the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.browser import NARROW, WIDE, axe, browser_page, overflows
from tests.cast import PASSWORD, Cast, build_cast

from zhike.service import actions_steps
from zhike.service.models import Request
from zhike.service.tests.conftest import stage
from zhike.service.tests.storied import long_story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """The cast at work, on tables that a server sees."""
    monkeypatch.setenv("ZHIKE_HOME", str(tmp_path))
    return stage(build_cast())


def opened(page: Any, server: Any, path: str) -> None:
    """Sign Fay in and open a page."""
    page.goto(f"{server.url}/sign-in/login/")
    page.fill("[name=login]", "fay")
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit], form button.btn-primary")
    page.wait_for_url(lambda url: "sign-in" not in url)
    page.goto(server.url + path)


@pytest.mark.parametrize(("width", "language"), [(WIDE, "zh-hans"), (NARROW, "zh-hans"), (NARROW, "en")])
def test_the_page_and_a_step_are_accessible_and_fit(cast: Cast, live_server: Any, width: int, language: str) -> None:
    number = long_story(cast).number
    with browser_page(width, language) as page:
        opened(page, live_server, f"/service/{number}/")
        assert axe(page) == []
        assert not overflows(page)
        page.locator("[data-table=days]").click()
        assert page.locator("#days-table").is_visible()
        assert not overflows(page)
        page.locator(".zk-head a.btn-primary:visible, .zk-acts.ph a.btn-primary:visible").click()
        page.wait_for_selector("#zk-step[open] form.zk-form")
        assert axe(page) == []
        assert not overflows(page)


def test_a_step_is_taken_beside_the_page_and_who_is_late_is_told(cast: Cast, live_server: Any) -> None:
    number = long_story(cast).number
    with browser_page(WIDE, provoked="422") as page:
        opened(page, live_server, f"/service/{number}/")
        page.locator(".zk-head a.btn", has_text="移交").click()
        page.wait_for_selector("#zk-step[open] select[name=department]")
        actions_steps.work(cast.actor("nora"), number=number, words="板卡已换")
        page.select_option("#zk-step select[name=department]", "TRANS-LG")
        page.fill("#zk-step textarea[name=words]", "请再查接入侧")
        page.click("#zk-step form.zk-form button[type=submit]")
        page.wait_for_selector("#zk-step .zk-since")
        told = page.locator("#zk-step .zk-notice").inner_text()
        assert "Nora" in told
        assert "板卡已换" in told
        assert page.input_value("#zk-step textarea[name=words]") == "请再查接入侧"
        page.click("#zk-step form.zk-form button[type=submit]")
        page.wait_for_selector(".zk-toast")
    stands = Request.objects.unscoped(reason="test").get(number=number)
    assert (stands.stage, stands.department.code if stands.department else "") == ("handle", "TRANS-LG")
