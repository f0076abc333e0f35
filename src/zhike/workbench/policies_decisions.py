"""Sheets of the families that decide: tiers, alerts, completeness. Refuses to decide anything itself."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from zhike.workbench.policies_forms import Block, Cell, Row, Sheet, Wrong
from zhike.workbench.policies_words import STAKES, pair, part_name, unit_name
from zhike_analytics.contracts import codes
from zhike_analytics.contracts.codes import Choices
from zhike_analytics.contracts.policies_decisions import RULES, AlertPolicy, RuleSpec

YUAN = 0.01
THINGS = ("network", "innovation", "products", "decisions", "needs", "background")


def _choices(known: Choices) -> list[tuple[str, str]]:
    return [(code, pair(words)) for code, words in known.items()]


# -- tiers ---------------------------------------------------------------------------------------------------------


def tiers_sheet(body: Mapping[str, Any]) -> Sheet:
    """Return the sheet of tiers, the bands that keep them, and lists that override scores."""
    edited = copy.deepcopy(dict(body))
    columns = (
        ("score_from", _("价值分不低于"), {"unit": _("分"), "lowest": 0, "highest": 100}),
        ("bill_from_fen", _("或月出账不低于"),
         {"kind": "whole", "unit": _("元"), "scale": YUAN, "lowest": 0, "optional": True}),
        ("service_level", _("服务等级"), {"kind": "choice", "choices": _choices(codes.SERVICE_LEVEL)}),
        ("assurance_level", _("业务保障等级"), {"kind": "choice", "choices": _choices(codes.ASSURANCE_LEVEL)}),
        ("visit_every_days", _("走访间隔"),
         {"kind": "whole", "unit": _("天"), "lowest": 1, "highest": 1000, "optional": True}),
    )  # fmt: skip
    rows = [
        Row(
            tier["code"],
            [Cell(("tiers", at, key), f"{tier['code']} · {label}", **more) for key, label, more in columns],
        )  # type: ignore[arg-type]
        for at, tier in enumerate(body["tiers"])
    ]
    blocks = [
        Block(_("等级从高到低"), "table", head=[label for _key, label, _more in columns], rows=rows,
              note=_("分数或出账达到一条就进；最低一级从 0 分起，人人有等级")),
        Block(
            _("降级缓冲"),
            rows=[
                Row(_("分数缓冲"), [Cell(("score_band",), _("分数缓冲"), unit=_("分"), lowest=0, highest=20)]),
                Row(_("出账缓冲"), [Cell(("bill_band",), _("出账缓冲"), unit="%", scale=100, lowest=0, highest=1)]),
                Row(
                    _("至少知道多少才按分数定级"),
                    [Cell(("least_confidence",), _("至少知道多少才按分数定级"), unit="%", scale=100, lowest=0,
                          highest=1)],
                ),
            ],
            note=_("达到就升；分数和出账都低过界线这么多才降，免得在线上来回跳"),
        ),
        *(_strategic(at, len(body["strategic"])) for at in range(len(body["strategic"]) + 1)),
    ]  # fmt: skip
    return Sheet(blocks, edited, _take_tiers)


def _strategic(at: int, many: int) -> Block:
    place = ("strategic", at)
    title = _("战略名单 %(number)s") % {"number": at + 1}

    def cell(key: str, label: str, kind: str, **more: Any) -> Row:
        return Row(label, [Cell((*place, key), f"{title} · {label}", kind, group=place, **more)])

    rows = [
        cell("name", _("名称"), "text"),
        cell("tier", _("最低等级"), "choice", choices=_choices(codes.TIER)),
        cell("ownership", _("单位性质"), "many", choices=_choices(codes.OWNERSHIP)),
        cell("listed", _("只限档案里标为战略的"), "check"),
        cell("account_codes", _("另加的客户编码"), "lines", optional=True),
    ]
    if at == many:
        return Block(_("再加一份名单"), "item", rows=rows, note=_("不加就空着名称"), more={"fresh": True})
    note = _("名单上的客户不管多少分，至少是这一级")
    return Block(title, "item", rows=rows, note=note, more={"remove": ".".join(str(step) for step in place)})


def _take_tiers(held: Any) -> Any:
    tiers = held["tiers"]
    for at, (upper, lower) in enumerate(pairwise(tiers), start=1):
        if lower["score_from"] >= upper["score_from"]:
            raise Wrong({f"tiers.{at}.score_from": _("要低于 %(tier)s 的分数线") % {"tier": upper["code"]}})
        if lower["bill_from_fen"] is not None and (lower["bill_from_fen"] >= (upper["bill_from_fen"] or 10**18)):
            raise Wrong({f"tiers.{at}.bill_from_fen": _("要低于 %(tier)s 的出账线") % {"tier": upper["code"]}})
    if tiers[-1]["score_from"] != 0:
        raise Wrong({f"tiers.{len(tiers) - 1}.score_from": _("最低一级须从 0 分起，否则有客户没有等级")})
    return held


# -- alerts --------------------------------------------------------------------------------------------------------


def alerts_sheet(body: Mapping[str, Any]) -> Sheet:
    """Return the sheet of alert thresholds: every rule, those left out switched off."""
    edited = copy.deepcopy(dict(body))
    off = {"yellow": None, "red": None}
    for name in ("least_usage", "least_members"):  # rules of before these were known
        edited.setdefault(name, AlertPolicy.model_fields[name].default)
    edited["rules"] = {name: {**off, **body["rules"].get(name, {}), "on": name in body["rules"]} for name in RULES}
    blocks = [
        Block(
            _("到多少报黄，到多少报红"),
            "table",
            head=[_("启用"), _("黄"), _("红")],
            rows=[_rule(name, spec) for name, spec in RULES.items()],
            note=_("一格空着就是不报这一级"),
        ),
        Block(
            _("多小的下降不算"),
            rows=[
                Row(
                    _("每月少收不到多少不报"),
                    [Cell(("least_fall_fen",), _("每月少收不到多少不报"), "whole", _("元"), scale=YUAN, lowest=0)],
                ),
                Row(
                    _("比上月低多少以内不算下降"),
                    [Cell(("fall_noise",), _("比上月低多少以内不算下降"), unit="%", scale=100, lowest=0, highest=1)],
                ),
                Row(
                    _("原先每月用量不到多少不报用量下降"),
                    [Cell(("least_usage",), _("原先每月用量不到多少不报用量下降"), unit=_("分钟、条或10MB"), lowest=0)],
                ),
                Row(
                    _("携出的成员不到几个不报"),
                    [Cell(("least_members",), _("携出的成员不到几个不报"), "whole", _("个"), lowest=1)],
                ),
            ],
        ),
    ]  # fmt: skip
    return Sheet(blocks, edited, _take_alerts)


def _rule(name: str, spec: RuleSpec) -> Row:
    label, unit = pair((spec.zh, spec.en)), unit_name(spec.unit)
    more = {"unit": unit, "lowest": spec.lowest, "highest": spec.highest, "optional": True}
    note = _("达到或超过时报") if spec.worse == "more" else _("降到或不足时报")
    note += _("；涉及的钱：%(stake)s") % {"stake": STAKES[spec.stake]}
    return Row(
        label,
        [
            Cell(("rules", name, "on"), f"{label} · {_('启用')}", "check"),
            Cell(("rules", name, "yellow"), f"{label} · {_('黄')}", **more),  # type: ignore[arg-type]
            Cell(("rules", name, "red"), f"{label} · {_('红')}", **more),  # type: ignore[arg-type]
        ],
        note,
    )


def _take_alerts(held: Any) -> Any:
    rules = {}
    errors = {}
    for name, one in held["rules"].items():
        spec = RULES[name]
        if not one["on"]:
            continue
        yellow, red = one["yellow"], one["red"]
        if yellow is None and red is None:
            errors[f"rules.{name}.yellow"] = _("黄、红至少填一个，不要就停用")
        elif yellow is not None and red is not None and (red <= yellow if spec.worse == "more" else red >= yellow):
            errors[f"rules.{name}.red"] = _("红线要比黄线大") if spec.worse == "more" else _("红线要比黄线小")
        rules[name] = {"yellow": yellow, "red": red, "unit": spec.unit}
    if errors:
        raise Wrong(errors)
    return {**held, "rules": rules}


# -- completeness --------------------------------------------------------------------------------------------------


def completeness_sheet(body: Mapping[str, Any]) -> Sheet:
    """Return the sheet of what each of the six things weighs."""
    rows = [Row(part_name(name), [Cell((name,), part_name(name), "whole", lowest=0, highest=100)]) for name in THINGS]
    note = _("不必凑成 100，按各项占合计的比例算")
    return Sheet([Block(_("六个方面的权重"), rows=rows, note=note)], copy.deepcopy(dict(body)))
