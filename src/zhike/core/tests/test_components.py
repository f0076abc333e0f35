"""Components say what they should, keep names as text, and the frame works without and with a person."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.http import HttpResponse
from django.template import engines
from django.test import Client, RequestFactory
from django_cotton.compiler_regex import CottonCompiler
from pytest_django import Settings

from zhike.core.live import live_part
from zhike.core.toasts import toast_now

pytestmark = pytest.mark.urls("zhike.core.tests.urls")
EVIL = "<img src=x onerror=alert(1)>"
PACKAGE = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def made_up_data(settings: Settings) -> None:
    settings.ZHIKE_DEMONSTRATION = True


def rendered(source: str, **context: object) -> str:
    template = engines["django"].from_string(CottonCompiler().process("{% load i18n zhike %}" + source))
    return template.render(context, RequestFactory().get("/list/?sort=bill&tier=A1"))


@pytest.mark.parametrize(
    "source",
    [
        '<c-panel title="{{ evil }}" note="{{ evil }}">{{ evil }}</c-panel>',
        '<c-figure :label="evil" :value="evil" unit="{{ evil }}">x</c-figure>',
        '<c-chip label="{{ evil }}" :value="evil" remove="?" />',
        '<c-empty title="{{ evil }}" :text="evil" />',
        '<c-masked :value="evil" url="/x/" :error="evil" :reason="evil" />',
        '<c-toast text="{{ evil }}" undo="/x/" />',
        '<c-kv :rows="rows" />',
        '<c-steps :steps="steps" />',
        '<c-chart id="c" kind="bars" :data="steps" :label="evil"></c-chart>',
        '<c-columns :columns="columns" action="/x/" />',
    ],
)
def test_names_stay_text_in_every_component(source: str) -> None:
    html = rendered(
        source,
        evil=EVIL,
        rows=[(EVIL, EVIL)],
        steps=[{"label": EVIL, "note": EVIL}],
        columns=[{"key": EVIL, "label": EVIL}],
    )
    assert "<img" not in html
    assert "&lt;img" in html or "\\u003Cimg" in html


def test_a_component_does_not_take_values_from_the_page_around_it() -> None:
    html = rendered("<c-panel>x</c-panel><c-figure label='a' value='1'>y</c-figure>", title="LEAK", unit="LEAK")
    assert "LEAK" not in html


def test_a_head_sorts_the_other_way_when_pressed_again() -> None:
    html = rendered('<c-sort key="bill" sort="bill">月出账</c-sort>')
    assert 'aria-sort="ascending"' in html
    assert 'href="?tier=A1&amp;sort=-bill"' in html


def test_the_pager_leads_nowhere_at_the_ends_and_keeps_filters() -> None:
    html = rendered('<c-pager :page="page" :size="20" />', page=SimpleNamespace(previous=None, following="abc"))
    assert 'rel="prev"' not in html
    assert 'href="?sort=bill&amp;tier=A1&amp;cursor=abc"' in html
    assert '<input type="hidden" name="tier" value="A1">' in html


def test_masked_data_without_an_address_cannot_be_asked_for() -> None:
    assert "<form" not in rendered('<c-masked value="138****2605" />')
    assert 'minlength="4"' in rendered('<c-masked value="138****2605" url="/show/" />')


def test_a_notice_with_a_way_back_posts_to_it() -> None:
    message = Message(constants.SUCCESS, "已延后", extra_tags="undo:/items/1/undo/")
    html = rendered('{% include "core/toasts.html" %}', messages=[message])
    assert 'action="/items/1/undo/"' in html
    assert "已延后" in html


def test_a_notice_on_an_htmx_answer_fits_into_a_header() -> None:
    response = toast_now(HttpResponse(), "已保存", "/undo/")
    assert response.headers["HX-Trigger"].isascii()


def test_a_live_part_answers_nothing_while_nothing_changed(rf: RequestFactory) -> None:
    same = live_part(rf.get("/", headers={"X-Zhike-Version": "7"}), "core/credit.html", {}, version=7)
    assert (same.status_code, same.content) == (204, b"")
    newer = live_part(rf.get("/", headers={"X-Zhike-Version": "6"}), "core/credit.html", {}, version=7)
    assert newer.status_code == 200


def test_every_icon_that_a_template_draws_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'id="i-([\w-]+)"', (PACKAGE / "core/static/zhike/icons.svg").read_text()))
    drawn = set()
    for path in PACKAGE.rglob("templates/**/*.html"):
        text = path.read_text(encoding="utf-8")
        drawn |= set(re.findall(r"""\{%\s*icon\s+["']([\w-]+)["']""", text))
        drawn |= set(re.findall(r"""<c-icon[^>]*\bname="([\w-]+)\"""", text))
        drawn |= set(re.findall(r"""<c-[\w-]+[^>]*\bicon="([\w-]+)\"""", text))
    assert drawn <= sprite, f"add to tools/icons.txt and run tools/vendor.py fetch: {sorted(drawn - sprite)}"


def test_no_template_needs_an_inline_script() -> None:
    guilty = [
        path.name
        for path in PACKAGE.rglob("templates/**/*.html")
        if re.search(r"<script(?![^>]*(\bsrc=|application/json))|\son[a-z]+=\"|javascript:", path.read_text("utf-8"))
    ]
    assert not guilty, f"the content security policy forbids inline scripts: {guilty}"


def test_the_kit_exists_only_where_pages_are_built(client: Client, settings: Settings) -> None:
    assert client.get("/kit/").status_code == 404
    settings.ZHIKE_KIT = True
    assert client.get("/kit/").status_code == 200


@pytest.mark.parametrize(
    ("language", "tag", "text"), [("zh-hans", "zh-CN", "没有这一页"), ("en", "en", "No such page")]
)
def test_a_missing_page_says_so_in_the_readers_language(client: Client, language: str, tag: str, text: str) -> None:
    page = client.get("/no/such/page/", headers={"Accept-Language": language})
    assert page.status_code == 404
    assert f'<html lang="{tag}">' in page.content.decode()
    assert text in page.content.decode()


def test_the_health_check_asks_nothing_of_the_database(client: Client) -> None:
    assert client.get("/healthz").content == b"ok"
