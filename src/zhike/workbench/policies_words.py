"""What families of rules, their parts and refusals are called on pages. Owns words only, refuses rules."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from zhike.core import formatting
from zhike.core.policies import Family, PolicyRefused

INSTALLATION = "installation"
ORDER = (
    "value", "loyalty", "competitor", "tiers", "alerts", "playbooks", "completeness",
    "calendars", "service_targets", "commitments", "request_categories", "need_routes",
)  # fmt: skip
NAMES = {
    "value": gettext_lazy("客户价值"),
    "loyalty": gettext_lazy("客户忠诚"),
    "competitor": gettext_lazy("异网锁定"),
    "tiers": gettext_lazy("客户等级"),
    "alerts": gettext_lazy("预警门限"),
    "playbooks": gettext_lazy("应对打法"),
    "completeness": gettext_lazy("档案完整度"),
    "calendars": gettext_lazy("服务日历"),
    "service_targets": gettext_lazy("服务时限"),
    "commitments": gettext_lazy("内部承诺"),
    "request_categories": gettext_lazy("工单类别与规矩"),
    "need_routes": gettext_lazy("需求流转"),
}
DECIDES = {
    "value": gettext_lazy("收入贡献率、社会属性、支付能力各占多大比重，怎样换算成 0–100 分"),
    "loyalty": gettext_lazy("业务广度深度、钱包份额、成员、关系和转网成本怎样合成行为忠诚"),
    "competitor": gettext_lazy("异网占得多深，策反的把握随之怎样下降"),
    "tiers": gettext_lazy("多少分、多少月出账进 A1 到 D，各等级的服务、保障和走访间隔"),
    "alerts": gettext_lazy("每条预警到多少报黄、到多少报红，哪些停用"),
    "playbooks": gettext_lazy("看到什么信号建议做什么，何时不再打扰客户"),
    "completeness": gettext_lazy("档案六个方面各占多少，凑成完整度"),
    "calendars": gettext_lazy("哪些日子、哪些钟点计时，节假日、调休和个别日子怎么算"),
    "service_targets": gettext_lazy("各保障等级的工单多久首次联系、办结、回访、阶段答复，法定期限几天"),
    "commitments": gettext_lazy("各职能部门接手一张工单后最多用多久"),
    "request_categories": gettext_lazy(
        "工单分哪些类别、哪些是红线，何时升级，哪些原因可挂起、退单、例外归档，抽检多少"
    ),
    "need_routes": gettext_lazy("哪一类需求派给哪种部门答复"),
}
PARTS = {
    "contribution": gettext_lazy("收入贡献率"),
    "standing": gettext_lazy("社会属性"),
    "ability": gettext_lazy("支付能力"),
    "rate": gettext_lazy("收入成本比"),
    "income": gettext_lazy("月收入"),
    "employees": gettext_lazy("员工数"),
    "size": gettext_lazy("企业规模"),
    "scope": gettext_lazy("经营范围"),
    "group": gettext_lazy("集团地位"),
    "association": gettext_lazy("协会职务"),
    "followers": gettext_lazy("依附的供应商"),
    "ownership": gettext_lazy("单位性质"),
    "revenue": gettext_lazy("年营业额"),
    "capital": gettext_lazy("注册资本"),
    "credit": gettext_lazy("信用等级"),
    "punctual": gettext_lazy("按时付款"),
    "use": gettext_lazy("业务使用"),
    "wallet": gettext_lazy("钱包份额"),
    "members": gettext_lazy("成员自付号码"),
    "ties": gettext_lazy("关系强度"),
    "leaving": gettext_lazy("转网成本"),
    "contract": gettext_lazy("合同剩余月数"),
    "bundle": gettext_lazy("融合套餐占比"),
    "months_left": gettext_lazy("合同剩余月数"),
    "network": gettext_lazy("网络现状"),
    "innovation": gettext_lazy("创新目标"),
    "products": gettext_lazy("在用产品"),
    "decisions": gettext_lazy("决策过程"),
    "needs": gettext_lazy("潜在需求"),
    "background": gettext_lazy("基本背景"),
}
UNITS = {
    "%": "%",
    "months": gettext_lazy("个月"),
    "days": gettext_lazy("天"),
    "complaints": gettext_lazy("次"),
    "points": gettext_lazy("分"),
    "times": gettext_lazy("倍"),
}
CURVE_UNITS = {
    "rate": "",
    "income": gettext_lazy("元/月"),
    "employees": gettext_lazy("人"),
    "followers": gettext_lazy("家"),
    "revenue": gettext_lazy("元/年"),
    "capital": gettext_lazy("元"),
    "months_left": gettext_lazy("个月"),
}
STAKES = {
    "income": gettext_lazy("全年收入"),
    "shortfall": gettext_lazy("按现降幅一年少收"),
    "overdue": gettext_lazy("欠费"),
    "rival": gettext_lazy("异网全年费用"),
}
# Fields of families without a form of their own.
FIELDS = {
    "targets": gettext_lazy("服务时限"),
    "kind": gettext_lazy("工单类型"),
    "assurance": gettext_lazy("保障等级"),
    "calendar": gettext_lazy("服务日历"),
    "first_contact_minutes": gettext_lazy("首次联系（分钟）"),
    "resolution_minutes": gettext_lazy("办结（分钟）"),
    "call_back_minutes": gettext_lazy("答复后回访（分钟）"),
    "reply_minutes": gettext_lazy("阶段答复间隔（分钟）"),
    "urgent_share": gettext_lazy("紧急工单按时限的"),
    "critical_share": gettext_lazy("特急工单按时限的"),
    "warn_share": gettext_lazy("用到多少预警"),
    "legal_days": gettext_lazy("法定期限（自然日）"),
    "pause_reasons": gettext_lazy("哪些原因停表"),
    "waiting_customer": gettext_lazy("等客户"),
    "access_refused": gettext_lazy("无法进场"),
    "commitments": gettext_lazy("内部承诺"),
    "minutes": gettext_lazy("承诺用时（分钟）"),
    "consult": gettext_lazy("咨询"),
    "apply": gettext_lazy("办理"),
    "feedback": gettext_lazy("回馈"),
    "complaint": gettext_lazy("投诉"),
    "fault": gettext_lazy("报障"),
    "need": gettext_lazy("需求"),
    "AAA": "AAA",
    "AA": "AA",
    "A": "A",
    "normal": gettext_lazy("普通"),
    "calendars": gettext_lazy("日历"),
    "zone": gettext_lazy("时区"),
    "public_holidays": gettext_lazy("按国家节假日"),
    "monday": gettext_lazy("周一"),
    "tuesday": gettext_lazy("周二"),
    "wednesday": gettext_lazy("周三"),
    "thursday": gettext_lazy("周四"),
    "friday": gettext_lazy("周五"),
    "saturday": gettext_lazy("周六"),
    "sunday": gettext_lazy("周日"),
    "published_until": gettext_lazy("节假日已公布到哪年"),
    "holidays": gettext_lazy("节假日"),
    "name": gettext_lazy("名称"),
    "first": gettext_lazy("首日"),
    "last": gettext_lazy("末日"),
    "make_up_days": gettext_lazy("调休上班日"),
    "day": gettext_lazy("日期"),
    "follows": gettext_lazy("照搬星期几"),
    "single_days": gettext_lazy("个别日子"),
    "hours": gettext_lazy("服务时段"),
    "categories": gettext_lazy("类别"),
    "parent": gettext_lazy("上级类别编码"),
    "red_line": gettext_lazy("红线"),
    "active": gettext_lazy("启用"),
    "reopen_days": gettext_lazy("归档后几天内可重新打开"),
    "return_reasons": gettext_lazy("退单原因"),
    "exception_reasons": gettext_lazy("例外归档原因"),
    "wrong_department": gettext_lazy("派错部门"),
    "duplicate": gettext_lazy("重复派单"),
    "not_ours": gettext_lazy("不属本部门职责"),
    "unreachable": gettext_lazy("多次联系不上客户"),
    "withdrawn": gettext_lazy("客户撤回"),
    "third_party": gettext_lazy("第三方原因"),
    "legal": gettext_lazy("已依规办结"),
    "marks": gettext_lazy("升级苗头"),
    "kinds": gettext_lazy("看哪些类型的工单"),
    "key_tiers": gettext_lazy("哪些等级算重点客户"),
    "repeat_days": gettext_lazy("几天内"),
    "repeat_count": gettext_lazy("再来几次算重复"),
    "regulator_words": gettext_lazy("提及监管的字眼"),
    "press_words": gettext_lazy("提及媒体的字眼"),
    "rises": gettext_lazy("按时升级"),
    "sampling": gettext_lazy("质检抽样"),
    "share": gettext_lazy("一般工单抽多少"),
    "key_share": gettext_lazy("重点客户和红线抽多少"),
    "level": gettext_lazy("升到第几级"),
    "minutes_after_due": gettext_lazy("到期后几分钟（负数为到期前）"),
    "quality_form": gettext_lazy("质检评分表"),
    "points": gettext_lazy("分值"),
    "routes": gettext_lazy("流转路线"),
    "need_scope": gettext_lazy("集团或个人"),
    "need_side": gettext_lazy("政府或企业"),
    "need_class": gettext_lazy("业务类"),
    "function": gettext_lazy("部门职能"),
    "any": gettext_lazy("不限"),
    "company": gettext_lazy("集团"),
    "personal": gettext_lazy("个人"),
    "government": gettext_lazy("政府"),
    "enterprise": gettext_lazy("企业"),
    "communication": gettext_lazy("通信业务"),
    "industry": gettext_lazy("行业应用"),
    "support": gettext_lazy("服务支持"),
    "urgency": gettext_lazy("紧迫程度"),
    "limits": gettext_lazy("不打扰客户"),
    "thresholds": gettext_lazy("档案和合同信号"),
    "least_expected_fen": gettext_lazy("期望收益低于多少不提示"),
    "playbooks": gettext_lazy("打法"),
    "open_items": gettext_lazy("一户同时最多几条"),
    "touches": gettext_lazy("期间最多联系几次"),
    "touch_days": gettext_lazy("期间天数"),
    "rest_days": gettext_lazy("办结后歇几天"),
    "incomplete_below": gettext_lazy("完整度低于（%）"),
    "rival_share_from": gettext_lazy("异网份额达到（%）"),
    "birthday_within": gettext_lazy("生日前几天"),
    "contract_yellow": gettext_lazy("合同到期黄线（天）"),
    "contract_red": gettext_lazy("合同到期红线（天）"),
    "unvisited_from": gettext_lazy("未走访达到（天）"),
    "code": gettext_lazy("编码"),
    "signal": gettext_lazy("信号"),
    "when": gettext_lazy("适用客户"),
    "tiers": gettext_lazy("等级"),
    "sizes": gettext_lazy("企业规模"),
    "ownership": gettext_lazy("单位性质"),
    "lifecycles": gettext_lazy("在网状态"),
    "levels": gettext_lazy("信号级别"),
    "bill_from_fen": gettext_lazy("月出账不低于"),
    "priority": gettext_lazy("优先级"),
    "verb": gettext_lazy("从哪里做起"),
    "label": gettext_lazy("按钮"),
    "say": gettext_lazy("建议怎么做"),
    "zh": gettext_lazy("中文"),
    "en": gettext_lazy("英文"),
    "stake": gettext_lazy("涉及的钱"),
    "gain": gettext_lazy("保住还是争取"),
    "helps": gettext_lazy("做了能改变结果的可能"),
    "saves": gettext_lazy("届时能保住的比例"),
    "due_days": gettext_lazy("几天内做"),
    "red": gettext_lazy("红"),
    "yellow": gettext_lazy("黄"),
    "plain": gettext_lazy("一般"),
    "incomplete": gettext_lazy("档案不全"),
    "decider_unknown": gettext_lazy("不知道谁拍板"),
    "rival_share": gettext_lazy("异网份额高"),
    "birthday": gettext_lazy("关键人生日"),
}
ACTIONS = {
    "policies.draft": gettext_lazy("起草规则"),
    "policies.propose": gettext_lazy("提交规则草稿"),
    "policies.send_back": gettext_lazy("退回规则草稿"),
    "policies.withdraw": gettext_lazy("撤回规则草稿"),
    "policies.publish": gettext_lazy("发布规则"),
}
STATES = {
    "draft": gettext_lazy("草稿"),
    "proposed": gettext_lazy("待批准"),
    "published": gettext_lazy("已发布"),
    "withdrawn": gettext_lazy("已撤回"),
}


def pair(words: tuple[str, str]) -> str:
    """Return the one of two names (Chinese, English) in the reader's language."""
    return words[1] if get_language() == "en" else words[0]


def name_of(family: str) -> str:
    """Return what a family is called; an unknown one keeps its own name."""
    return str(NAMES.get(family, family))


def part_name(name: str) -> str:
    """Return what a part of a score is called."""
    return str(PARTS.get(name, name))


def field_name(name: str) -> str:
    """Return what a field of a body is called; an unknown one is written as it stands."""
    return str(FIELDS.get(name) or PARTS.get(name) or name.replace("_", " "))


def unit_name(unit: str) -> str:
    """Return a unit in the reader's language."""
    return str(UNITS.get(unit, unit))


def author_name(name: str) -> str:
    """Return who wrote a version; what came with the product was written by nobody here."""
    return _("随产品安装") if name == INSTALLATION else name


def cited(family: str, valid_from: date, revision: int) -> str:
    """Return a version as pages cite it: 客户等级 2026-07-01 版, with its correction where there is one."""
    words = _("%(name)s %(day)s 版") % {"name": name_of(family), "day": formatting.day(valid_from)}
    return words + _("（第 %(number)s 次更正）") % {"number": revision - 1} if revision > 1 else words


def refusal(found: PolicyRefused, family: Family[Any]) -> str:
    """Return why a step was refused, and what to do."""
    match found.code:
        case "second_person":
            return _("这类规则要两个人：起草的人不能自己批准，请另一位有发布权限的同事来批。")
        case "past":
            days = _("、").join(formatting.day(one) for one in found.facts["days"][-6:])
            return _("生效日不能在过去。只有更正已有的版本才用它原来的生效日：%(days)s。") % {"days": days}
        case "reason":
            return _("更正过去的版本要在说明里写明原因。")
        case "gap":
            day = formatting.day(found.facts["needed"])
            return _("最早的结果是 %(day)s 的，第一个版本不能晚于这一天，否则那些结果没有规则可依。") % {"day": day}
        case "unchanged":
            return _("和现行版本完全一样，没有可以发布的改动。")
        case "moved":
            return _("起草之后，依据的版本已被别人发布的新版本接替。请先并入新版本的改动，看过再提交。")
        case "edition":
            return _("您看的不是最新内容，草稿刚被改过。请看过最新内容再决定。")
        case "over":
            return _("这份草稿已经有了结论，不能再改。")
        case "remark":
            return _("退回要写明改什么。")
        case "no_cycle":
            return _("还没有算过周期，没有可以试算的客户。先运行一次周期。")
        case "unfit":
            return _("两边的改动合在一起自相矛盾，请照新版本重新起草。")
        case _:
            return _("%(name)s没有保存。") % {"name": name_of(family.name)}
