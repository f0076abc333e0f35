"""Sheets of the families that make scores: value with its matrix, loyalty, competitors. Refuses to compute scores."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from fractions import Fraction
from itertools import combinations
from typing import Any

from django.utils.translation import gettext as _

from zhike.workbench.policies_forms import Block, Cell, Row, Sheet, Wrong, plain
from zhike.workbench.policies_parts import (
    check_shares,
    curve_block,
    curve_from_edit,
    curve_to_edit,
    levels_block,
    named,
    shares_block,
    use_blocks,
)
from zhike.workbench.policies_words import pair, part_name
from zhike_analytics.contracts import codes
from zhike_analytics.contracts.ahp import MOST_INCONSISTENT, Weights, weights_of, worst_comparison
from zhike_analytics.contracts.policies import ABILITY, CONTRIBUTION, STANDING, VALUE_PARTS

CURVES = ("rate", "income", "employees", "followers", "revenue", "capital")
LEVELS = {
    "size": codes.SIZE, "scope": codes.SCOPE, "group": codes.GROUP_KIND, "association": codes.ASSOCIATION_ROLE,
    "ownership": codes.OWNERSHIP, "credit": codes.CREDIT_RATING,
}  # fmt: skip
LOYALTY = ("use", "wallet", "members", "ties", "leaving")
LEAVING = ("contract", "bundle")
PAIRS = list(combinations(VALUE_PARTS, 2))
SCALE = [*(str(number) for number in range(9, 0, -1)), *(f"1/{number}" for number in range(2, 10))]


# -- value ---------------------------------------------------------------------------------------------------------


def value_sheet(body: Mapping[str, Any]) -> Sheet:
    """Return the sheet of how value is scored."""
    edited = copy.deepcopy(dict(body))
    edited["comparisons"] = _pairs(body["comparisons"])
    edited["curves"] = {name: curve_to_edit(curve) for name, curve in body["curves"].items()}
    points = _("分")
    blocks = [
        _matrix(edited["comparisons"]),
        shares_block(part_name("contribution"), edited, ("contribution", "shares"), named(CONTRIBUTION)),
        shares_block(part_name("standing"), edited, ("standing", "shares"), named(STANDING)),
        shares_block(part_name("ability"), edited, ("ability", "shares"), named(ABILITY)),
        Block(
            _("怎样比较"),
            rows=[
                Row(
                    _("高价值从多少分起"),
                    [Cell(("high",), _("高价值从多少分起"), unit=points, lowest=0, highest=100)],
                    _("价值 × 忠诚矩阵的分界"),
                ),
                Row(
                    _("同类最少户数"),
                    [Cell(("fewest_peers",), _("同类最少户数"), "whole", _("户"), lowest=2, highest=10_000)],
                    _("同行业同规模不足这么多户，就放宽到同规模，再到全部"),
                ),
                Row(
                    _("向同类靠拢的力度"),
                    [Cell(("prior_cost_share",), _("向同类靠拢的力度"), lowest=0.01, highest=10)],
                    _("好比每户另有同类平均成本的这么多倍按同类的比值计，免得小户靠一笔偶然收入排第一"),
                ),
            ],
        ),
        *(curve_block(_("%(part)s换算成分") % {"part": part_name(name)}, edited, ("curves", name), name)
          for name in CURVES),
        *(levels_block(_("%(part)s的分值") % {"part": part_name(name)}, ("levels", name), known, points)
          for name, known in LEVELS.items()),
    ]  # fmt: skip
    shares = [block for block in blocks if block.kind == "shares"]

    def take(held: Any) -> Any:
        taken = copy.deepcopy(held)
        check_matrix(held["comparisons"])
        check_shares(held, shares)
        taken["comparisons"] = [
            _comparison(left, right, held["comparisons"][f"{left}:{right}"]) for left, right in PAIRS
        ]
        taken["curves"] = {name: curve_from_edit(curve, ("curves", name)) for name, curve in held["curves"].items()}
        return taken

    return Sheet(blocks, edited, take)


def weights_from(pairs: Mapping[str, str]) -> Weights:
    """Return what comparisons such as ``{"contribution:standing": "1/3"}`` come to."""
    return weights_of(VALUE_PARTS, {(left, right): _ratio(pairs[f"{left}:{right}"]) for left, right in PAIRS})


def check_matrix(pairs: Mapping[str, str]) -> None:
    """Refuse comparisons that contradict one another, at the one that fits the others least.

    Raises
    ------
    Wrong
        Also where ability to pay would outweigh social standing.
    """
    found = weights_from(pairs)
    ratios = {(left, right): _ratio(pairs[f"{left}:{right}"]) for left, right in PAIRS}
    if found.consistency_ratio > MOST_INCONSISTENT:
        worst = worst_comparison(VALUE_PARTS, ratios)
        assert worst is not None  # a contradiction has a worst comparison
        facts = {
            "left": part_name(worst.left), "right": part_name(worst.right), "given": written(worst.given),
            "implied": written(worst.implied), "ratio": f"{found.consistency_ratio:.2f}",
        }  # fmt: skip
        raise Wrong(
            {
                f"comparisons.{worst.left}:{worst.right}": _(
                    "前后矛盾（一致性比率 %(ratio)s，不得超过 0.1）：%(left)s比%(right)s填的是 %(given)s，"
                    "照另外几项推算约为 %(implied)s"
                )
                % facts
            }
        )
    if found.weights["standing"] <= found.weights["ability"]:
        raise Wrong({"comparisons.standing:ability": _("社会属性必须重于支付能力")})


def written(ratio: float) -> str:
    """Return a ratio as people compare: 3, or 1/3.

    >>> written(2.9), written(0.21), written(2.5)
    ('2.9', '1/4.8', '2.5')
    """
    return plain(round(ratio, 1)) if ratio >= 1 else f"1/{plain(round(1 / ratio, 1))}"


def _matrix(pairs: Mapping[str, str]) -> Block:
    words = {
        "9": _("9 · 极其重要"), "7": _("7 · 强烈重要"), "5": _("5 · 明显重要"), "3": _("3 · 稍重要"),
        "1": _("1 · 同等重要"),
    }  # fmt: skip
    choices = [(one, words.get(one, one)) for one in [*SCALE, *(one for one in pairs.values() if one not in SCALE)]]
    rows = []
    for number, left in enumerate(VALUE_PARTS):
        cells: list[Cell | None] = [None] * (number + 1)
        for right in VALUE_PARTS[number + 1 :]:
            label = _("%(left)s比%(right)s") % {"left": part_name(left), "right": part_name(right)}
            cells.append(Cell(("comparisons", f"{left}:{right}"), label, "choice", choices=choices))
        rows.append(Row(part_name(left), cells))
    return Block(
        _("三部分谁更重要"),
        "matrix",
        head=[part_name(name) for name in VALUE_PARTS],
        rows=rows,
        note=_("左边一项比上边一项重要多少倍；反过来的一半自动得出"),
        more={"most": MOST_INCONSISTENT},
    )


def _pairs(comparisons: list[dict[str, Any]]) -> dict[str, str]:
    held = {(one["more"], one["less"]): float(one["ratio"]) for one in comparisons}
    return {
        f"{left}:{right}": _choice(held[left, right] if (left, right) in held else 1 / held[right, left])
        for left, right in PAIRS
    }


def _choice(ratio: float) -> str:
    """Return a ratio as the selection names it."""
    near = Fraction(ratio).limit_denominator(9)
    return str(near) if str(near) in SCALE and abs(float(near) - ratio) < 1e-6 else f"{ratio:.6g}"


def _ratio(choice: str) -> float:
    return float(Fraction(choice))


def _comparison(left: str, right: str, choice: str) -> dict[str, Any]:
    ratio = Fraction(choice)
    if ratio >= 1:
        return {"more": left, "less": right, "ratio": float(ratio)}
    return {"more": right, "less": left, "ratio": float(1 / ratio)}


# -- loyalty and competitors ---------------------------------------------------------------------------------------


def loyalty_sheet(body: Mapping[str, Any]) -> Sheet:
    """Return the sheet of how loyalty in behaviour is scored."""
    edited = copy.deepcopy(dict(body))
    edited["months_left"] = curve_to_edit(body["months_left"])
    blocks = [
        shares_block(_("行为忠诚由什么组成"), edited, ("shares", "shares"), named(LOYALTY)),
        *use_blocks(edited, ("use",), codes.BUSINESS_CLASS),
        shares_block(part_name("leaving"), edited, ("leaving", "shares"), named(LEAVING)),
        curve_block(_("合同剩余月数换算成分"), edited, ("months_left",), "months_left"),
        Block(
            _("怎样算忠诚"),
            rows=[
                Row(
                    _("高忠诚从多少分起"),
                    [Cell(("high",), _("高忠诚从多少分起"), unit=_("分"), lowest=0, highest=100)],
                    _("价值 × 忠诚矩阵的分界"),
                )
            ],
        ),
    ]

    def take(held: Any) -> Any:
        check_shares(held, blocks)
        return {**held, "months_left": curve_from_edit(held["months_left"], ("months_left",))}

    return Sheet(blocks, edited, take)


def competitor_sheet(body: Mapping[str, Any]) -> Sheet:
    """Return the sheet of how competitors' hold and the chance against it are judged."""
    edited = copy.deepcopy(dict(body))
    sure = {**codes.CONFIDENCE, "none": (_("没有记录"), _("没有记录"))}
    chances = [_chance(body, lock_in) for lock_in in (0, 50, 100)]
    blocks = [
        *use_blocks(edited, ("use",), codes.BUSINESS_CLASS),
        Block(
            _("策反的把握"),
            rows=[
                Row(
                    _("没有锁定时"),
                    [Cell(("easiest",), _("没有锁定时的对数几率"), lowest=-5, highest=5)],
                    _("对数几率；0 是一半对一半"),
                ),
                Row(
                    _("锁定从 0 到 100 分降多少"),
                    [Cell(("per_lock_in",), _("锁定从 0 到 100 分降多少"), lowest=0, highest=20)],
                    _("不会为负：异网用得越多，把握不会越大"),
                ),
                Row(
                    _("异网合同每剩一年再降多少"),
                    [Cell(("per_year",), _("异网合同每剩一年再降多少"), lowest=0, highest=5)],
                ),
            ],
            note=_("照此，锁定 0、50、100 分且异网无合同时，把握为 %(a)s、%(b)s、%(c)s")
            % dict(zip("abc", chances, strict=True)),
        ),
        Block(
            _("情报有多可信"),
            rows=[
                Row(pair(words), [Cell(("sureness", code), f"{_('情报有多可信')} · {pair(words)}", unit="%", scale=100,
                                       lowest=0, highest=1)])
                for code, words in sure.items()
            ],
            note=_("不可信的情报降低锁定分的可信度，不改变分数本身；没有记录不等于没有使用"),
        ),
    ]  # fmt: skip

    def take(held: Any) -> Any:
        check_shares(held, blocks)
        return held

    return Sheet(blocks, edited, take)


def _chance(body: Mapping[str, Any], lock_in: float) -> str:
    odds = body["easiest"] - body["per_lock_in"] * lock_in / 100
    return f"{100 / (1 + math.exp(-odds)):.0f}%"
