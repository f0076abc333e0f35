"""A real Chromium for tests: pages in a given width and language, pictures, accessibility. Refuses downloads."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

SHOTS = Path(__file__).resolve().parents[1] / "shots"
WIDE, NARROW = 1400, 390
CANDIDATES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
LANGUAGES = {"zh-hans": "zh-CN", "en": "en-US"}


def chromium() -> str | None:
    """Return the system's Chromium (``CHROMIUM`` names another), or ``None``."""
    named = os.environ.get("CHROMIUM")
    return named or next((found for name in CANDIDATES if (found := shutil.which(name))), None)


def require_chromium() -> str:
    """Return the browser; skip the test without one, or fail it where ``REQUIRE_BROWSER=1`` forbids skipping."""
    found = chromium()
    if found and Path(found).exists():
        return found
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail("REQUIRE_BROWSER=1, but no Chromium was found: install the system's package or set CHROMIUM")
    pytest.skip("no Chromium on this machine")


@contextmanager
def browser_page(
    width: int = WIDE, language: str = "zh-hans", height: int | None = None, provoked: str = ""
) -> Iterator[Page]:
    """Open one page of its own browser; errors that the page throws or logs fail the test when it closes.

    `provoked` is part of an error that the test brings about on purpose. Wait with ``wait_for_selector`` or locators:
    ``wait_for_function`` evaluates a string, which the content security policy forbids.
    Playwright keeps an event loop in this thread, which Django's ORM would refuse; the permission lasts only as long
    as the page is open.
    """
    executable = require_chromium()
    from playwright.sync_api import sync_playwright

    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    with sync_playwright() as playwright:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        try:
            context = browser.new_context(
                viewport={"width": width, "height": height or (844 if width < 760 else 900)},
                locale=LANGUAGES[language],
                extra_http_headers={"Accept-Language": LANGUAGES[language]},
                timezone_id="Asia/Shanghai",
                reduced_motion="reduce",
            )
            page = context.new_page()
            troubles: list[str] = []
            page.on("pageerror", lambda error: troubles.append(str(error)))
            page.on("console", lambda said: troubles.append(said.text) if _is_trouble(said) else None)
            yield page
            context.close()
            unexpected = [trouble for trouble in troubles if not provoked or provoked not in trouble]
            assert not unexpected, f"the page complained: {unexpected}"
        finally:
            browser.close()
            if before is None:
                os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
            else:
                os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@contextmanager
def served() -> Iterator[str]:
    """Serve the application on loopback for pages that ask nothing of the database; yields its address.

    Pages with data use pytest-django's ``live_server``.
    """
    from django.core.wsgi import get_wsgi_application

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Threaded(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    with make_server("127.0.0.1", 0, get_wsgi_application(), Threaded, Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def _is_trouble(said: Any) -> bool:
    # A 4xx answer is logged by the browser as an error; tests that provoke one assert on it themselves.
    return said.type == "error" and "the server responded with a status of 4" not in said.text


def screenshot(page: Page, name: str, *, full: bool = True) -> Path:
    """Keep a picture in ``shots/`` (not under version control) and return its path."""
    SHOTS.mkdir(exist_ok=True)
    target = SHOTS / f"{name}.png"
    page.screenshot(path=target, full_page=full)
    return target


def axe(page: Page) -> list[str]:
    """Return what axe-core calls serious or critical on the page: rule, help, and where."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {violation['help']} at {[node['target'] for node in violation['nodes']][:5]}"
        for violation in found
        if violation["impact"] in {"serious", "critical"}
    ]


def overflows(page: Page) -> bool:
    """Return whether the page is wider than the window, so that a person would have to push it sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
