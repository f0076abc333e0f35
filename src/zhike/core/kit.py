"""The page that shows every component once, for whoever builds pages. Refuses to exist where Zhike is at work."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

REVENUE_FEN = [80_200, 81_000, 80_500, 82_100, 82_400, 83_000, 82_600, 83_800, 84_500, 85_200, 86_000, 86_414]
MARGIN = [38.1, 38.0, 37.8, 37.5, 37.6, 37.0, 36.6, 36.4, 35.8, 35.0, 34.6, 34.2]
MONTHS = [f"2025-{month}" for month in (11, 12)] + [f"2026-{month:02d}" for month in range(1, 11)]

TONES = ["ink", "ink-2", "ink-3", "line", "bg", "accent", "accent-soft", "hand", "warn", "good"]
TONES += ["c1", "c2", "c3", "c4", "c5"]


class KitForm(forms.Form):
    """A form with one field of each kind."""

    name = forms.CharField(label=gettext_lazy("名称"), help_text=gettext_lazy("营业执照上的全称"))
    tier = forms.ChoiceField(label=gettext_lazy("等级"), choices=[("A1", "A1"), ("A2", "A2")])
    signed = forms.DateField(label=gettext_lazy("签约日"), widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(label=gettext_lazy("备注"), widget=forms.Textarea, required=False)
    agreed = forms.BooleanField(label=gettext_lazy("客户同意电子账单"), required=False)


def _bars() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = [
        {"month": month, "revenue": fen, "margin": round(fen * share / 100), "share": share / 100}
        for month, fen, share in zip(MONTHS, REVENUE_FEN, MARGIN, strict=True)
    ]
    chart = {
        "unit": _("万元"),
        "stacked": True,
        "categories": [row["month"][2:] for row in rows],
        "series": [
            {
                "name": _("毛利"),
                "tone": "c1",
                "values": [row["margin"] / 1e4 for row in rows],
                "inside": [f"{row['share']:.0%}" for row in rows],
            },
            {"name": _("成本"), "tone": "c5", "values": [(row["revenue"] - row["margin"]) / 1e4 for row in rows]},
        ],
        "totals": [f"{row['revenue'] / 1e4:.2f}" for row in rows],
        "max": 10,
        "interval": 2.5,
    }
    return chart, [{**row, "revenue": row["revenue"] * 100, "margin": row["margin"] * 100} for row in rows]


def _people() -> dict[str, Any]:
    def node(key: str, name: str, role: str, kind: str, **more: Any) -> dict[str, Any]:
        return {"id": key, "name": name, "role": role, "kind": kind, **more}

    return {
        "nodes": [
            node("c", "程叙", _("我方主管"), "ours"),
            node("s", "沈知远", _("客户经理"), "ours"),
            node("p", "裴正山", _("董事长 · 拍板"), "decides"),
            node("g", "顾砚秋", _("信息总监 · 拍板 · 尚无联系"), "influences", gap=True, short=_("尚无联系")),
            node("f", "冯玉衡", _("财务总监 · 影响"), "influences", short=_("财务总监")),
            node("y", "尹澄", _("网络主管"), "uses"),
            node("b", "宋以宁", _("采购经理"), "uses"),
            node("r", _("异网甲"), _("已报价"), "rival"),
        ],
        "ties": [
            {"from": "p", "to": "g", "kind": "reports"},
            {"from": "p", "to": "f", "kind": "reports"},
            {"from": "g", "to": "y", "kind": "reports"},
            {"from": "f", "to": "b", "kind": "reports"},
            {"from": "c", "to": "p", "kind": "tie", "strength": 1},
            {"from": "s", "to": "y", "kind": "tie", "strength": 5},
            {"from": "s", "to": "b", "kind": "tie", "strength": 2},
            {"from": "s", "to": "f", "kind": "tie", "strength": 2},
            {"from": "s", "to": "g", "kind": "gap"},
            {"from": "r", "to": "b", "kind": "rival", "strength": 3},
        ],
    }


def _others() -> dict[str, dict[str, Any]]:
    sites = [(_("总部"), 118.16, 24.52, 1.0), (_("临港厂区"), 118.31, 24.47, 0.5), (_("滨湖仓库"), 118.05, 24.61, 0.15)]
    return {
        "sites": {
            "kilometres": _("公里"),
            "points": [
                {"name": name, "lon": lon, "lat": lat, "kind": "ours", "size": size} for name, lon, lat, size in sites
            ]
            + [{"name": _("二期（异网）"), "lon": 118.27, "lat": 24.56, "kind": "rival", "size": 0.2}],
        },
        "lorenz": {
            "x": _("企业占比"),
            "y": _("通话量占比"),
            "equal": _("人人一样"),
            "curve": [[0, 0], [0.02, 0.44], [0.05, 0.65], [0.1, 0.79], [0.2, 0.89], [0.4, 0.96], [0.7, 0.99], [1, 1]],
            "mark": {"x": 0.1, "y": 0.79, "text": _("前 10% 的企业占 79%")},
        },
        "line": {
            "unit": _("户"),
            "categories": MONTHS,
            "series": [
                {"name": _("我方"), "values": [40, 41, 41, 42, 42, 43, 43, 44, 44, 45, 46, 46], "tone": "c1"},
                {
                    "name": _("异网"),
                    "values": [30, 30, 31, 31, 32, 32, 32, 33, 34, 34, 36, 38],
                    "tone": "c2",
                    "dashed": True,
                },
            ],
            "marks": [{"at": "2026-06", "text": _("新规则")}],
        },
    }


def kit(request: HttpRequest) -> HttpResponse:
    """Show every component; 404 where Zhike is used for work."""
    if not getattr(settings, "ZHIKE_KIT", settings.DEBUG):
        raise Http404
    form = KitForm({"name": "", "tier": "A2", "note": _("写到一半的备注")})
    form.is_valid()
    bars, rows = _bars()
    return render(
        request,
        "core/kit.html",
        {
            "form": form,
            "bars": bars,
            "rows": rows,
            "people": _people(),
            **_others(),
            "tones": TONES,
            "spark": REVENUE_FEN,
            "moment": dt.datetime(2026, 11, 20, 18, 44, tzinfo=dt.UTC),
            "page": SimpleNamespace(previous=None, following="abc"),
            "steps": [
                {"label": _("受理"), "note": "11-09", "state": "done"},
                {"label": _("预约"), "note": "11-19", "state": "done"},
                {"label": _("施工"), "note": "11-24", "state": "now"},
                {"label": _("测试")},
                {"label": _("签收"), "note": _("12-07 前")},
            ],
            "why": [
                {"label": _("A2 级平均"), "value": "6", "start": 0, "width": 15, "kind": "base"},
                {"label": _("异网甲已报价"), "value": "+11", "start": 15, "width": 27.5, "kind": "up", "href": "#"},
                {"label": _("三类业务都在用"), "value": "−6", "start": 85, "width": 15, "kind": "down"},
            ],
            "columns": [
                {"key": "name", "label": _("客户"), "fixed": True},
                {"key": "tier", "label": _("等级"), "shown": True},
                {"key": "bill", "label": _("月出账"), "shown": True},
                {"key": "margin", "label": _("毛利率")},
            ],
        },
    )
