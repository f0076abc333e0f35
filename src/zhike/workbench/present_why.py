"""Why a score is what it is, in words, bars and links to what it came from. Plain values in and out; computes no score.

A score is a base and signed parts, in hundredths of a point; the inputs are the features of the cycle that made it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.core import formatting
from zhike.customers.words import choice_name
from zhike_analytics.contracts import codes

Features = Mapping[str, Any]
CLASSES = tuple(codes.BUSINESS_CLASS)
PART_OF_VALUE = {
    **dict.fromkeys(("rate", "income", "usage"), "contribution"),
    **dict.fromkeys(("employees", "size", "scope", "group", "association", "followers", "ownership"), "standing"),
    **dict.fromkeys(("revenue", "capital", "credit", "punctual"), "ability"),
}
PAGES = {
    "use": "", "bills": "", "archive": "archive", "people": "people", "members": "members", "group": "group",
}  # fmt: skip
ANCHORS = {"use": "#use", "bills": "#bill"}


@dataclass(frozen=True)
class Line:
    """One part as people read it: its points, where its bar lies (per cent of the track), what it came from."""

    label: str
    points: int | None
    weight: float | None
    text: str
    href: str
    start: float = 0
    width: float = 0

    @property
    def kind(self) -> str:
        """The tone of its bar."""
        return "down" if (self.points or 0) < 0 else "up"

    @property
    def value(self) -> str:
        """Its points, signed."""
        return formatting.signed((self.points or 0) / 100, 1)


def names() -> dict[str, str]:
    """Return what the scores are called."""
    return {"value": _("价值"), "loyalty": _("忠诚"), "lock_in": _("异网锁定"), "tier": _("等级")}


def lines(
    score: str, parts: Mapping[str, int | None], base: int, features: Features, rules: Any, code: str
) -> list[Line]:
    """Return the known parts, those that moved the score most first; each bar begins where the last one ended."""
    weights = part_weights(score, rules)
    told = [(name, points, _label(score, name), *_input(score, name, features, code)) for name, points in parts.items()]
    known = sorted((one for one in told if one[1] is not None), key=lambda one: (-abs(one[1] or 0), one[0]))
    ends = [base]
    for _name, points, *_rest in known:
        ends.append(ends[-1] + (points or 0))
    low, high = min(ends), max(max(ends), min(ends) + 1)
    found = []
    for (name, points, label, text, href), before, after in zip(known, ends, ends[1:], strict=False):
        left, right = sorted((before, after))
        start, width = 100 * (left - low) / (high - low), 100 * (right - left) / (high - low)
        found.append(Line(label, points, weights.get(name), text, href, round(start, 1), round(width, 1)))
    return found


def unknown_lines(score: str, unknown: Sequence[str], rules: Any, code: str) -> list[Line]:
    """Return what could not be known, each with where it would be filled in."""
    weights = part_weights(score, rules)
    return [
        Line(_label(score, name), None, weights.get(name), _missing(score, name), _input(score, name, {}, code)[1])
        for name in unknown
    ]


def part_weights(score: str, rules: Any) -> dict[str, float]:
    """Return the weight of each part among all, as the rules give it; nothing where the rules are not at hand."""
    if rules is None:
        return {}
    if score == "value":
        of = rules.ahp.weights
        return {
            name: of[part] * getattr(rules, part).shares[name]
            for name, part in PART_OF_VALUE.items()
            if name in getattr(rules, part).shares
        }
    use = {
        f"{kind}_{one}": rules.use.classes[one] * share
        for one in CLASSES
        for kind, share in (("breadth", rules.use.breadth), ("depth", rules.use.depth))
    }
    if score == "lock_in":
        return use
    shares, leaving = rules.shares.shares, rules.leaving.shares
    found = {name: shares["use"] * weight for name, weight in use.items()}
    found |= {name: shares[name] for name in ("wallet", "members", "ties")}
    return found | {name: shares["leaving"] * leaving[name] for name in ("contract", "bundle")}


def group_weights(rules: Any) -> list[tuple[str, float]]:
    """Return the weights of the three parts of value, from the comparisons."""
    if rules is None:
        return []
    of = rules.ahp.weights
    return [(_("收入贡献"), of["contribution"]), (_("社会属性"), of["standing"]), (_("支付能力"), of["ability"])]


def _label(score: str, name: str) -> str:
    kind, _sep, one = name.partition("_")
    if one in CLASSES:
        label = choice_name(codes.BUSINESS_CLASS, one)
        theirs = score == "lock_in"
        if kind == "breadth":
            return (_("{label}异网种类") if theirs else _("{label}种类")).format(label=label)
        return (_("{label}异网月费") if theirs else _("{label}月费")).format(label=label)
    labels = {
        "rate": _("收入贡献率"), "income": _("月均出账"), "usage": _("话务量排位"), "employees": _("员工"),
        "size": _("规模"), "scope": _("经营范围"), "group": _("集团地位"), "association": _("协会任职"),
        "followers": _("带动的供应商"), "ownership": _("单位性质"), "revenue": _("年营业额"), "capital": _("注册资本"),
        "credit": _("信用级别"), "punctual": _("按时缴费"), "wallet": _("我方占支出"), "members": _("员工自费号码"),
        "ties": _("关系深浅"), "contract": _("合同余期"), "bundle": _("捆绑占比"),
    }  # fmt: skip
    return labels.get(name, name)


def _missing(score: str, name: str) -> str:
    one = name.partition("_")[2]
    if one in CLASSES:
        return _("没有同类客户可比") if score == "loyalty" else _("没有可比的用量")
    reasons = {
        "rate": _("没有账单或成本"), "income": _("没有账单"), "punctual": _("没有缴费记录"),
        "association": _("协会表没有导入"), "followers": _("供应关系没有导入"), "wallet": _("不知道双方月费"),
        "members": _("没有成员号码，或不知道员工数"), "ties": _("联系人没有记关系强度"), "contract": _("没有合同"),
        "bundle": _("没有在用产品"),
    }  # fmt: skip
    return reasons.get(name, _("档案没有填"))


def _money(name: str) -> Callable[[Features], str]:
    return lambda told: formatting.money(told[name])


def _choice(choices: codes.Choices, name: str) -> Callable[[Features], str]:
    return lambda told: choice_name(choices, told[name])


def _permille(name: str) -> Callable[[Features], str]:
    return lambda told: formatting.percent(told[name] / 1000)


def _monthly(told: Features) -> str:
    months = max(told.get("income_months") or 1, 1)
    return _("{money}/月，共 {months} 个月").format(
        money=formatting.money(told["income_12_fen"] / months), months=formatting.number(months)
    )


def _rate(told: Features) -> str:
    return _("收入 {income}，成本 {cost}").format(
        income=formatting.money(told["rate_income_fen"]), cost=formatting.money(told["rate_cost_fen"])
    )


def _late(told: Features) -> str:
    days = told["pays_late_days"]
    if days > 0:
        return _("平均晚 {days} 天").format(days=formatting.number(days))
    return _("平均提前 {days} 天").format(days=formatting.number(-days))


def _wallet(told: Features) -> str:
    return _("我方 {ours}，异网 {theirs}").format(
        ours=formatting.money(told["fee_fen"]), theirs=formatting.money(told["rival_fee_fen"])
    )


def _role(told: Features) -> str:
    return _("无") if told["association"] == "none" else choice_name(codes.ASSOCIATION_ROLE, told["association"])


_INPUTS: dict[str, tuple[tuple[str, ...], Callable[[Features], str], str]] = {
    "rate": (("rate_income_fen", "rate_cost_fen"), _rate, "bills"),
    "income": (("income_12_fen",), _monthly, "bills"),
    "usage": (("usage_volume",), lambda told: formatting.number(told["usage_volume"]), "bills"),
    "employees": (
        ("employees",), lambda told: _("{n} 人").format(n=formatting.number(told["employees"])), "archive",
    ),
    "size": (("size",), _choice(codes.SIZE, "size"), "archive"),
    "scope": (("scope",), _choice(codes.SCOPE, "scope"), "archive"),
    "group": (("group_kind",), _choice(codes.GROUP_KIND, "group_kind"), "group"),
    "association": (("association",), _role, "archive"),
    "followers": (
        ("followers",), lambda told: _("{n} 家").format(n=formatting.number(told["followers"])), "archive",
    ),
    "ownership": (("ownership",), _choice(codes.OWNERSHIP, "ownership"), "archive"),
    "revenue": (("annual_revenue_fen",), _money("annual_revenue_fen"), "archive"),
    "capital": (("registered_capital_fen",), _money("registered_capital_fen"), "archive"),
    "credit": (("credit_rating",), _choice(codes.CREDIT_RATING, "credit_rating"), "archive"),
    "punctual": (("pays_late_days",), _late, "bills"),
    "wallet": (("fee_fen", "rival_fee_fen"), _wallet, "use"),
    "members": (
        ("members_own",), lambda told: _("{n} 个").format(n=formatting.number(told["members_own"])), "members",
    ),
    "ties": (("tie_permille",), _permille("tie_permille"), "people"),
    "contract": (
        ("contract_days_left",),
        lambda told: _("剩 {n} 天").format(n=formatting.number(told["contract_days_left"])),
        "archive",
    ),
    "bundle": (("bundle_permille",), _permille("bundle_permille"), "use"),
}  # fmt: skip
"""For each part: the features it needs, how they are told, and the page of the account where they are looked up."""


def _input(score: str, name: str, features: Features, code: str) -> tuple[str, str]:
    """Return what a part came from, in words, and where that can be looked up."""
    kind, _sep, one = name.partition("_")
    if one in CLASSES:
        rival = "rival_" if score == "lock_in" else ""
        feature = f"{rival}breadth_{one}" if kind == "breadth" else f"{rival}fee_{one}_fen"
        value = features.get(feature)
        said = _("{n} 种").format(n=formatting.number(value)) if kind == "breadth" else formatting.money(value)
        return ("" if value is None else said), _address("use", code)
    needs, tell, page = _INPUTS.get(name, ((), lambda told: "", "archive"))
    known = bool(features) and all(features.get(need) is not None for need in needs)
    return (tell(features) if known else ""), _address(page, code)


def _address(page: str, code: str) -> str:
    tab = PAGES[page]
    address = reverse("workbench:account_tab", args=[code, tab]) if tab else reverse("workbench:account", args=[code])
    return address + ANCHORS.get(page, "")


def tier_reason(reason: str) -> str:
    """Return why an account has its tier."""
    return {
        "score": _("价值分达到这一级"), "bill": _("月账单达到这一级"), "strategic": _("在战略客户名单上"),
        "held": _("分数和账单刚低于这一级，还在缓冲带内，级别不动"), "unknown": _("价值和账单都不知道，沿用原来的级别"),
        "hand": _("由人定的级别，周期不改"), "no_customer": _("不是在网客户，不定级"),
    }.get(reason, reason)  # fmt: skip


def moved_because(because: str) -> str:
    """Return what moved a tier most."""
    said = {"bill": _("月账单"), "list": _("名单")}
    return said.get(because) or (_label("value", because) if because else "")
