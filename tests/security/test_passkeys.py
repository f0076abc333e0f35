"""Passkeys in a real browser with a virtual authenticator: enrolment, sign-in, second step, under our own policy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from allauth.mfa.models import Authenticator

from tests.browser import axe, browser_page, overflows
from tests.cast import PASSWORD, build_cast
from zhike.people.models import SecurityEvent

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@contextmanager
def page_with_key(address: str) -> Iterator[tuple[Page, str]]:
    """Open a browser whose machine has a platform authenticator; pages are asked for by the name that passkeys need."""
    with browser_page() as page:
        devtools = page.context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        devtools.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        yield page, address.replace("127.0.0.1", "localhost")


def fill_in(page: Page, address: str, name: str) -> None:
    """Sign in with the password."""
    page.goto(f"{address}/sign-in/login/")
    page.fill("[name=login]", name)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()


def add_passkey(page: Page, address: str, *, alone: bool) -> None:
    """Enrol this machine as a passkey."""
    page.goto(f"{address}/sign-in/me/")
    page.get_by_role("link", name="添加").click()
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="确认").click()
    page.wait_for_selector("#passkey-add")
    assert axe(page) == []
    page.fill("[name=name]", "办公室电脑")
    page.set_checked("[name=passwordless]", alone)
    page.click("#passkey-add")
    page.wait_for_url("**/sign-in/2fa/codes/")


def test_passkey_alone_signs_in(live_server: Any) -> None:
    build_cast()
    with page_with_key(live_server.url) as (page, address):
        fill_in(page, address, "alice")
        add_passkey(page, address, alone=True)
        page.goto(f"{address}/sign-in/me/")
        assert page.get_by_text("办公室电脑").is_visible()
        assert axe(page) == []
        assert not overflows(page)
        page.locator(".zk-person > summary").click()
        page.get_by_role("button", name="退出").click()
        page.wait_for_url("**/sign-in/login/**")
        page.goto(f"{address}/people/?role=agent")
        page.get_by_role("button", name="用通行密钥登录").click()
        page.wait_for_url(f"{address}/people/?role=agent")
    assert Authenticator.objects.filter(type="webauthn").count() == 1
    assert SecurityEvent.objects.filter(kind="signed_in", method="webauthn", name="alice").exists()
    assert SecurityEvent.objects.filter(kind="factor_added", method="webauthn", name="alice").exists()


def test_passkey_is_the_second_step_after_the_password(live_server: Any) -> None:
    build_cast()
    with page_with_key(live_server.url) as (page, address):
        fill_in(page, address, "bob")
        add_passkey(page, address, alone=False)
        page.context.clear_cookies()
        fill_in(page, address, "bob")
        page.wait_for_url("**/sign-in/2fa/step/")
        assert axe(page) == []
        page.get_by_role("button", name="用通行密钥").click()
        page.wait_for_url(lambda url: "/sign-in/2fa/" not in url)
        page.goto(f"{address}/people/")
        assert page.get_by_role("heading", name="人员").is_visible()
    assert SecurityEvent.objects.filter(kind="signed_in", method="webauthn", name="bob").exists()


def test_passkey_of_somebody_deactivated_opens_nothing(live_server: Any) -> None:
    cast = build_cast()
    with page_with_key(live_server.url) as (page, address):
        fill_in(page, address, "alice")
        add_passkey(page, address, alone=True)
        page.context.clear_cookies()
        from zhike.people.actions import deactivate_person

        deactivate_person(cast.actor("ivan"), cast.people["alice"].pk)
        page.goto(f"{address}/sign-in/login/")
        page.get_by_role("button", name="用通行密钥登录").click()
        page.wait_for_url("**/sign-in/inactive/")
        page.goto(f"{address}/people/")
        assert "/sign-in/login/" in page.url
