"""What listed reasons and categories are called on pages. Refuses to decide which are listed: that is policy."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from zhike.customers.words import choice_name
from zhike.service.rules import category_above, category_names
from zhike_analytics.contracts.codes import ASSURANCE_LEVEL

REASONS = {
    "pause": {"waiting_customer": _("等客户"), "access_refused": _("进不了现场")},
    "return": {
        "wrong_department": _("派错部门"), "incomplete": _("材料不全"), "duplicate": _("重复派单"),
        "not_ours": _("不属本部门职责"),
    },
    "exception": {
        "unreachable": _("多次联系不上客户"), "withdrawn": _("客户撤回"), "third_party": _("第三方原因"),
        "legal": _("已依规办结"),
    },
    "escalation": {
        "person": _("人工升级"), "dissatisfied": _("客户不满意"), "overdue": _("超时"), "due_soon": _("将到期"),
    },
    "via": {
        "phone": _("电话"), "sms": _("短信"), "wechat": _("微信"), "email": _("邮件"), "visit": _("当面"),
    },
}  # fmt: skip


def assurance_words(level: str) -> str:
    """Return what an assurance level is called; nothing for none."""
    return choice_name(ASSURANCE_LEVEL, level) if level else ""


def category_words(code: str) -> str:
    """Return what a category is called; one that policy no longer names is called by its code."""
    chinese, english = category_names().get(code, (code, code))
    return english if get_language() == "en" else chinese


def category_path(code: str) -> str:
    """Return what a category is called with the one above it."""
    above = category_above(code)
    return f"{category_words(above)} / {category_words(code)}" if above else category_words(code)


def reason_words(family: str, code: str) -> str:
    """Return what a listed reason is called; one that policy added later is called by its code."""
    return str(REASONS[family].get(code, code))


def choices(family: str, listed: object) -> list[tuple[str, str]]:
    """Return listed reasons as a form offers them."""
    codes = list(listed) if isinstance(listed, list | tuple | set | frozenset) else list(REASONS[family])
    return [(code, reason_words(family, code)) for code in codes]
