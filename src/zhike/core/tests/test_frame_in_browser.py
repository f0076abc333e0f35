"""The frame in a real browser: keys, notices, forms, polling, charts, accessibility, at desk and phone width."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from pytest_django import Settings
from tests.browser import NARROW, WIDE, axe, browser_page, overflows, screenshot, served

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.urls("zhike.core.tests.urls")]


@pytest.fixture
def kit(settings: Settings) -> Iterator[str]:
    settings.ZHIKE_KIT = True
    settings.ZHIKE_DEMONSTRATION = True
    with served() as address:
        yield f"{address}/kit/"


@pytest.fixture
def page(kit: str) -> Iterator[Page]:
    with browser_page(WIDE) as page:
        page.goto(kit)
        page.locator(".zk-chart svg").nth(4).wait_for()
        yield page


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_every_component_fits_and_is_accessible(kit: str, width: int, language: str) -> None:
    with browser_page(width, language) as page:
        page.goto(kit)
        page.locator(".zk-chart svg").nth(4).wait_for()
        screenshot(page, f"kit-{width}-{language}")
        assert axe(page) == []
        assert not overflows(page)


def test_a_chart_gives_way_to_the_table_of_its_numbers(page: Page) -> None:
    page.click("[data-table=bill]")
    assert page.is_visible("#bill-table >> text=86,414")
    assert not page.is_visible("#bill")
    page.click("[data-table=bill]")
    assert page.is_visible("#bill svg")


def test_rows_are_walked_ticked_and_summed_from_the_keyboard(page: Page) -> None:
    for key in ("j", "j", "x", "k", "x"):
        page.keyboard.press(key)
    assert page.inner_text(".zk-table tr.cur a.name") == "2025-11"
    assert page.inner_text(".zk-bulk [data-bulk-count]") == "2"
    assert page.inner_text(".zk-bulk [data-bulk-sum]") == "16.12"
    page.click("[data-bulk-clear]")
    assert not page.is_visible(".zk-bulk")


def test_the_first_row_opens_with_enter(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/kit/#2025-11")


def test_slash_goes_to_the_search_of_the_page_and_types_nothing(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("j/?")
    assert page.input_value("main [data-search]") == "j/?"
    assert page.locator("tr.cur").count() == 0
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement === document.body")


def test_letter_keys_can_be_switched_off(page: Page) -> None:
    page.keyboard.press("?")
    assert page.is_visible("#zk-keys")
    page.uncheck("[data-keys-toggle]")
    page.keyboard.press("Escape")
    assert not page.is_visible("#zk-keys")
    page.keyboard.press("j")
    assert page.locator("tr.cur").count() == 0


def test_a_pop_over_stays_in_the_window_and_closes_by_a_click_beside_it_or_escape(page: Page) -> None:
    page.click("[data-columns] summary")
    box = page.locator("[data-columns] .zk-pop").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    page.click("h1")
    assert not page.is_visible("[data-columns] .zk-pop")
    page.click("[data-columns] summary")
    page.keyboard.press("Escape")
    assert not page.is_visible("[data-columns] .zk-pop")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_columns_change_places_by_keys_buttons_and_dragging(page: Page) -> None:
    def order() -> list[str]:
        return page.eval_on_selector_all("[data-columns] [name=column]", "all => all.map(one => one.value)")

    page.click("[data-columns] summary")
    assert order() == ["name", "tier", "bill", "margin"]
    page.focus("[data-columns] [value=margin]")
    page.keyboard.press("Alt+ArrowUp")
    assert order() == ["name", "tier", "margin", "bill"]
    page.focus("[data-columns] [value=tier]")
    page.keyboard.press("Alt+ArrowUp")
    assert order()[0] == "name", "the fixed column keeps its place"
    page.click("[data-columns] li:has([value=tier]) [data-move='1']")
    assert order() == ["name", "margin", "tier", "bill"]
    page.drag_and_drop(
        "[data-columns] li:has([value=bill])",
        "[data-columns] li:has([value=margin])",
        target_position={"x": 60, "y": 2},
    )
    assert order() == ["name", "bill", "margin", "tier"]


def test_a_form_pressed_twice_is_sent_once(page: Page) -> None:
    held: list[Route] = []
    page.route("**/kit/", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    button = page.locator("form[data-keep] .btn-primary")
    button.evaluate("one => [100, 300, 500].forEach(after => setTimeout(() => one.click(), after))")
    page.wait_for_timeout(900)
    assert len(held) == 1
    held[0].continue_()
    page.wait_for_load_state("networkidle")


def test_what_was_typed_survives_an_expired_page(page: Page) -> None:
    page.fill("[name=note]", "客户要双路由")
    page.context.clear_cookies()
    page.click("form[data-keep] .btn-primary")
    page.wait_for_selector("[data-back]")
    page.click("[data-back]")
    page.wait_for_selector("[name=note]")
    assert page.input_value("[name=note]") == "客户要双路由"


LIVE = """version => {
  const part = document.createElement('div');
  part.id = 'live'; part.textContent = 'old';
  Object.assign(part.dataset, { poll: '1', version });
  const asks = { 'hx-get': '/part', 'hx-trigger': 'zk:poll', 'hx-swap': 'outerHTML' };
  for (const [name, value] of Object.entries(asks)) part.setAttribute(name, value);
  document.querySelector('main').append(part); htmx.process(part);
}"""


def test_a_live_part_is_asked_for_while_visible_and_swapped_only_when_it_changed(page: Page) -> None:
    asked = []

    def answer(route: Route) -> None:
        headers = route.request.headers
        asked.append((headers.get("x-zhike-poll"), headers.get("x-zhike-version")))
        if len(asked) == 1:
            route.fulfill(status=204)
        else:
            route.fulfill(content_type="text/html", body='<div id="live">new</div>')

    page.route("**/part", answer)
    page.evaluate(LIVE, "7")
    page.wait_for_selector("#live:text-is('new')")
    page.wait_for_timeout(1600)
    assert asked == [("1", "7"), ("1", "7")], "polling ends when the part no longer asks for it"


def test_a_hidden_page_does_not_poll(page: Page) -> None:
    asked = []
    page.route("**/part", lambda route: (asked.append(1), route.fulfill(status=204)))
    page.evaluate("Object.defineProperty(document, 'visibilityState', { value: 'hidden' })")
    page.evaluate(LIVE, "7")
    page.wait_for_timeout(2200)
    assert asked == []


def test_a_refused_step_says_so_and_keeps_what_was_typed(kit: str) -> None:
    with browser_page(provoked="500") as page:
        page.goto(kit)
        page.route("**/show", lambda route: route.fulfill(status=500, body="<!doctype html><p>trouble"))
        page.evaluate(
            "() => { const form = document.querySelector('.zk-masked form'); form.setAttribute('hx-post', '/show');"
            " htmx.process(form.closest('.zk-masked')); }"
        )
        page.click(".zk-masked summary")
        page.fill(".zk-masked [name=reason]", "回访投诉")
        page.click(".zk-masked .btn-primary")
        page.wait_for_selector(".zk-toasts .zk-toast.hand >> text=服务器没有应答")
        assert page.input_value(".zk-masked [name=reason]") == "回访投诉"
        assert page.get_attribute(".zk-masked form", "aria-busy") is None


def test_a_session_that_ended_leads_to_the_sign_in_page_not_into_the_part(page: Page) -> None:
    whole = "<!doctype html><title>sign in</title><body>sign in"
    page.route("**/part", lambda route: route.fulfill(content_type="text/html", body=whole))
    page.evaluate(LIVE, "7")
    page.wait_for_url("**/part")
