"""Numbers, money, dates and their markup read as people expect, in both languages."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from zhike.core import formatting


def rendered(source: str, **context: object) -> str:
    return Template("{% load zhike %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("fen", "chinese", "english"),
    [
        (0, "0 元", "0 CNY"),
        (12_345, "123.45 元", "123.45 CNY"),
        (999_900, "9,999 元", "9,999 CNY"),
        (8_641_400, "8.64 万元", "86.41 k CNY"),
        (-103_700_000, "−103.70 万元", "−1.04 M CNY"),
        (1_234_567_890_00, "12.35 亿元", "1,234.57 M CNY"),
        (None, "–", "–"),
    ],
)
def test_money_carries_the_unit_that_keeps_it_short(fen: int | None, chinese: str, english: str) -> None:
    with translation.override("zh-hans"):
        assert formatting.money(fen) == chinese
    with translation.override("en"):
        assert formatting.money(fen) == english


def test_half_a_fen_rounds_away_from_zero_on_both_sides() -> None:
    assert formatting.yuan(Decimal("0.5")) == "0.01"
    assert formatting.yuan(Decimal("-0.5")) == "−0.01"


@pytest.mark.parametrize("nonsense", [float("nan"), float("inf"), "abc", "", True, None])
def test_what_is_no_number_is_a_dash(nonsense: object) -> None:
    assert formatting.number(nonsense) == formatting.NOTHING
    assert formatting.percent(nonsense) == formatting.NOTHING
    assert formatting.signed(nonsense) == formatting.NOTHING


def test_a_change_that_rounds_to_nothing_has_no_sign() -> None:
    assert formatting.signed(-0.04, 1, "%") == "0.0%"


def test_moments_are_shown_in_china() -> None:
    late = dt.datetime(2026, 11, 22, 17, 5, tzinfo=dt.UTC)
    assert formatting.moment(late) == "2026-11-23 01:05"
    assert formatting.day(late) == "2026-11-23"
    assert formatting.short_moment(late, dt.date(2026, 1, 1)) == "11-23 01:05"


def test_a_falling_line_is_amber_never_red() -> None:
    assert rendered('{% change -3.3 "%" 1 %}') == '<b class="fw nw is-warn">−3.3%</b>'
    assert "is-good" in rendered('{% change -3.3 "%" 1 "down" %}')


def test_an_end_within_ninety_days_says_how_many_days_are_left() -> None:
    end, today = dt.date(2026, 12, 31), dt.date(2026, 11, 23)
    with translation.override("zh-hans"):
        assert "38 天" in rendered("{% until end today %}", end=end, today=today)
    assert "zk-tag" not in rendered("{% until end today %}", end=dt.date(2027, 12, 31), today=today)
    assert "zk-tag" not in rendered("{% until end today %}", end=dt.date(2026, 11, 1), today=today)


def test_names_in_tags_are_escaped() -> None:
    evil = "<script>alert(1)</script>"
    for source in ("{% tier evil evil %}", '{% icon "x" evil %}', "{{ evil|masked_name }}"):
        assert "<script" not in rendered(source, evil=evil)


def test_a_share_never_leaves_its_track() -> None:
    assert "width:100.0%" in rendered("{% share 1.7 %}")
    assert "width:0.0%" in rendered("{% share -1 %}")


def test_a_sorted_view_keeps_its_filters_and_starts_at_the_first_page() -> None:
    request = RequestFactory().get("/accounts/", {"tier": ["A1", "A2"], "cursor": "abc", "q": "衡岱"})
    address = rendered('{% query sort="-bill" %}', request=request)
    assert address == "?tier=A1&amp;tier=A2&amp;q=%E8%A1%A1%E5%B2%B1&amp;sort=-bill"
    assert "cursor=xyz" in rendered('{% query cursor="xyz" %}', request=request)
    assert "tier" not in rendered("{% query tier=None %}", request=request)


def test_a_trend_of_one_value_draws_nothing() -> None:
    assert rendered("{% sparkline values %}", values=[1]) == ""
    assert rendered("{% sparkline values %}", values=None) == ""
    assert "polyline" in rendered("{% sparkline values %}", values=[1, None, 3])
