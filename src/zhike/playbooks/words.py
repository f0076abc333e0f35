"""How signals are told: what happened, and why it matters in words and money. Refuses to read anything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from zhike.core import formatting
from zhike.worklist.words import Evidence, Wording, register, register_kinds

Text = Callable[[Evidence], str]


def _number(told: Evidence, name: str) -> int:
    value = told.get(name)
    return int(value) if isinstance(value, int | float) else 0


def _permille(told: Evidence, name: str) -> str:
    return formatting.percent(abs(_number(told, name)) / 1000)


def _said(*sentences: str) -> str:
    """Return sentences as one text: Chinese sets them close, English with a space."""
    return ("" if (get_language() or "").startswith("zh") else " ").join(one for one in sentences if one)


def _measure(told: Evidence) -> str:
    """Return the measure of a rule that counts in percent."""
    value = told.get("measure")
    return formatting.percent(value / 100, 1 if value < 10 else 0) if isinstance(value, int | float) else "–"


def _income(told: Evidence) -> str:
    income = _number(told, "income_fen")
    return _("年收入约 {money}。").format(money=formatting.money(income)) if income else ""


def _rival(told: Evidence) -> str:
    if told.get("rival_permille") is None or not told.get("rival_fen"):
        return ""
    return _("异网占已知支出 {share}，月费约 {money}。").format(
        share=_permille(told, "rival_permille"), money=formatting.money(told["rival_fen"])
    )


def _days_until(told: Evidence) -> tuple[str, int] | None:
    written = told.get("ends_on")
    if not isinstance(written, str):
        return None
    day = date.fromisoformat(written)
    return formatting.short_day(day), (day - timezone.localdate()).days


def _contract_title(told: Evidence) -> str:
    found = _days_until(told)
    if found is None:
        return _("合同快到期")
    day, left = found
    if left < 0:
        return _("合同已于 {day} 到期").format(day=day)
    if left == 0:
        return _("合同今天到期")
    return ngettext("合同 %(day)s 到期，还有 %(n)d 天", "合同 %(day)s 到期，还有 %(n)d 天", left) % {
        "day": day,
        "n": left,
    }


def _contract_why(told: Evidence) -> str:
    return _said(_("到期后没有合同约束，随时可以转走。"), _income(told), _rival(told))


def _bill_title(told: Evidence) -> str:
    return _("账单比前三个月均值少 {share}").format(share=_permille(told, "bill_change_permille"))


def _bill_why(told: Evidence) -> str:
    latest, before = told.get("bill_latest_fen"), told.get("bill_before3_fen")
    if latest is None or before is None:
        return _income(told)
    text = _("最近一月 {latest}，前三月均值 {before}。").format(
        latest=formatting.money(latest), before=formatting.money(before)
    )
    return _said(text, _rival(told))


def _declining_title(told: Evidence) -> str:
    n = _number(told, "declining_months")
    return ngettext("账单连续 %(n)d 个月下降", "账单连续 %(n)d 个月下降", n) % {"n": n}


def _usage_title(told: Evidence) -> str:
    return _("用量比前三个月均值少 {share}").format(share=_permille(told, "usage_change_permille"))


def _usage_why(told: Evidence) -> str:
    season = _("去年同期的季节性回落（{share}）已扣除。").format(share=_permille(told, "usage_season_permille"))
    return _said(
        _("用量往往先于账单下滑。"), season if told.get("usage_season_permille") else "", _income(told), _rival(told)
    )


def _silent_title(told: Evidence) -> str:
    n = _number(told, "silent_months")
    return ngettext("已经 %(n)d 个月没有用量", "已经 %(n)d 个月没有用量", n) % {"n": n}


def _silent_why(told: Evidence) -> str:
    return _said(_("可能已停业、搬迁或转网。"), _income(told))


def _removal_title(told: Evidence) -> str:
    n = _number(told, "removed_90")
    return ngettext("90 天内拆机 %(n)d 条", "90 天内拆机 %(n)d 条", n) % {"n": n}


def _removal_why(told: Evidence) -> str:
    return _said(_("占其产品的 {share}。").format(share=_measure(told)), _income(told), _rival(told))


def _overdue_title(told: Evidence) -> str:
    money, days = formatting.money(told.get("overdue_fen")), told.get("overdue_days")
    if not isinstance(days, int | float):
        return _("欠费 {money}").format(money=money)
    return ngettext("欠费 %(money)s，逾期 %(n)d 天", "欠费 %(money)s，逾期 %(n)d 天", int(days)) % {
        "money": money, "n": int(days),
    }  # fmt: skip


def _overdue_why(told: Evidence) -> str:
    days = told.get("overdue_days")
    if isinstance(days, int | float) and days >= 30:
        return _said(_("逾期已满 30 天，按规定可以暂停服务；停机一次，离网就近一步。"), _income(told))
    return _said(_("逾期满 30 天可以暂停服务，要赶在停机之前说清楚。"), _income(told))


def _complaints_title(told: Evidence) -> str:
    n = _number(told, "complaints_90")
    return ngettext("90 天内投诉 %(n)d 次", "90 天内投诉 %(n)d 次", n) % {"n": n}


def _complaints_why(told: Evidence) -> str:
    n = _number(told, "complaints_365")
    year = ngettext("一年内共 %(n)d 次。", "一年内共 %(n)d 次。", n) % {"n": n} if n else ""
    return _said(year, _income(told), _rival(told))


def _escalated_title(told: Evidence) -> str:
    n = _number(told, "escalated_90")
    return ngettext("90 天内有 %(n)d 次投诉升级", "90 天内有 %(n)d 次投诉升级", n) % {"n": n}


def _escalated_why(told: Evidence) -> str:
    return _said(_("客户已向监管申诉，再拖会影响续约和口碑。"), _income(told))


def _manager_title(told: Evidence) -> str:
    n = _number(told, "manager_changed_days")
    return ngettext("换客户经理 %(n)d 天，还没有陪访交接", "换客户经理 %(n)d 天，还没有陪访交接", n) % {"n": n}


def _manager_why(told: Evidence) -> str:
    return _said(_("换人后前两个月最容易丢关系。"), _income(told))


def _contact_title(told: Evidence) -> str:
    n = _number(told, "contact_changed_days")
    return ngettext("关键人变动 %(n)d 天，尚未核实", "关键人变动 %(n)d 天，尚未核实", n) % {"n": n}


def _contact_why(told: Evidence) -> str:
    return _said(_("新人往往带来新的供应商。"), _income(told))


def _seen_title(told: Evidence) -> str:
    n = _number(told, "rival_seen_days")
    return ngettext("%(n)d 天前得知异网介入", "%(n)d 天前得知异网介入", n) % {"n": n}


def _seen_why(told: Evidence) -> str:
    return _said(_rival(told) or _("对手已经在谈。"), _income(told))


def _satisfaction_title(told: Evidence) -> str:
    return _("最近一次满意度 {points} 分").format(points=formatting.number(told.get("satisfaction_points")))


def _satisfaction_why(told: Evidence) -> str:
    return _said(_("不满意的客户续约时先比价。"), _income(told))


def _unvisited_title(told: Evidence) -> str:
    n = _number(told, "unvisited_days")
    return ngettext("已经 %(n)d 天没有走访", "已经 %(n)d 天没有走访", n) % {"n": n}


def _unvisited_why(told: Evidence) -> str:
    times = told.get("measure") if told.get("unit") == "times" else None
    said = _("是标准间隔的 {times} 倍。").format(times=formatting.number(times, 1)) if times else ""
    return _said(said, _income(told), _rival(told))


def _leaving_title(told: Evidence) -> str:
    n = _number(told, "members_left_180")
    return ngettext("半年内 %(n)d 个成员号码转出", "半年内 %(n)d 个成员号码转出", n) % {"n": n}


def _leaving_why(told: Evidence) -> str:
    return _said(_("占成员的 {share}；员工先走，单位后走。").format(share=_measure(told)), _income(told))


def _promise_title(told: Evidence) -> str:
    n, days = _number(told, "orders_late"), _number(told, "orders_late_days")
    return ngettext("%(n)d 张订单过了承诺日，最久 %(days)s 天", "%(n)d 张订单过了承诺日，最久 %(days)s 天", n) % {
        "n": n, "days": days,
    }  # fmt: skip


def _promise_why(told: Evidence) -> str:
    return _said(_("答应了却没开通，客户对我方的话就不再当真。"), _income(told), _rival(told))


def _incomplete_title(told: Evidence) -> str:
    return _("档案只完整 {percent}").format(percent=f"{_number(told, 'percent')}%")


def _incomplete_why(told: Evidence) -> str:
    return _said(_("六件必知的事还有缺口，方案和续约都缺依据。"), _income(told))


def _decider_why(told: Evidence) -> str:
    return _said(_("经办人留不住合同，拍板人才行。"), _income(told), _rival(told))


def _share_title(told: Evidence) -> str:
    return _("异网占了已知支出的 {share}").format(share=_permille(told, "rival_permille"))


def _share_why(told: Evidence) -> str:
    fee = _number(told, "rival_fen")
    if not fee:
        return _income(told)
    return _("对手每月约收 {month}，一年 {year}。").format(month=formatting.money(fee), year=formatting.money(12 * fee))


def _birthday_title(told: Evidence) -> str:
    n = _number(told, "days")
    return ngettext("%(n)d 天内有关键人过生日", "%(n)d 天内有关键人过生日", n) % {"n": n}


def _birthday_why(told: Evidence) -> str:
    return _("日期属个人信息，在联系人页说明事由后可看。")


WORDS: dict[str, tuple[Text, Text]] = {
    "contract_end": (_contract_title, _contract_why),
    "bill_fall": (_bill_title, _bill_why),
    "declining": (_declining_title, _bill_why),
    "usage_fall": (_usage_title, _usage_why),
    "silent": (_silent_title, _silent_why),
    "removal": (_removal_title, _removal_why),
    "overdue": (_overdue_title, _overdue_why),
    "complaints": (_complaints_title, _complaints_why),
    "escalated": (_escalated_title, _escalated_why),
    "manager_changed": (_manager_title, _manager_why),
    "contact_changed": (_contact_title, _contact_why),
    "competitor_seen": (_seen_title, _seen_why),
    "satisfaction": (_satisfaction_title, _satisfaction_why),
    "unvisited": (_unvisited_title, _unvisited_why),
    "members_leaving": (_leaving_title, _leaving_why),
    "promise_late": (_promise_title, _promise_why),
    "incomplete": (_incomplete_title, _incomplete_why),
    "decider_unknown": (lambda told: _("还没有与拍板人建立联系"), _decider_why),
    "rival_share": (_share_title, _share_why),
    "birthday": (_birthday_title, _birthday_why),
}
"""Title and why of each signal."""

KINDS: dict[str, Any] = {
    "alert": gettext_lazy("预警"), "contract": gettext_lazy("合同"), "complaint": gettext_lazy("投诉"),
    "payment": gettext_lazy("欠费"), "promise": gettext_lazy("承诺"), "rival": gettext_lazy("异网"),
    "visit": gettext_lazy("走访"), "chance": gettext_lazy("机会"), "archive": gettext_lazy("档案"),
    "care": gettext_lazy("关怀"),
}  # fmt: skip


def register_all() -> None:
    """Tell the worklist how our signals are called."""
    for rule, (title, why) in WORDS.items():
        register(rule, Wording(title, why))
    register_kinds(KINDS)
