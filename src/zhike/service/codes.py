"""Code lists of requests with the names people read. Owns values only; what an operator may change is policy data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

KINDS = {
    "consult": _("咨询"),
    "apply": _("办理"),
    "feedback": _("回馈"),
    "complaint": _("投诉"),
    "fault": _("报障"),
    "need": _("需求"),
}
CHANNELS = {
    "hotline": _("热线"),
    "counter": _("营业厅"),
    "portal": _("网上营业厅"),
    "wechat": _("微信"),
    "weibo": _("微博"),
    "qq": _("QQ"),
    "email": _("邮件"),
    "sms": _("短信"),
    "manager": _("客户经理"),
    "api": _("接口"),
}
STAGES = {
    "triage": _("预处理"),
    "assign": _("派单"),
    "handle": _("处理"),
    "answer": _("答复客户"),
    "call_back": _("回访"),
    "closed": _("归档"),
}
OPEN_STAGES = ("triage", "assign", "handle", "answer", "call_back")
PRIORITIES = {"normal": pgettext_lazy("priority", "一般"), "urgent": _("紧急"), "critical": _("特急")}
URGENCY = {"critical": 0, "urgent": 1, "normal": 2}
"""What is done first: the smaller the earlier."""
PARTS = {
    "owner": _("首问负责"),
    "handler": _("处理"),
    "caller_back": _("回访"),
    "coordination": _("资源协调组"),
    "team": _("虚拟团队"),
}
GROUPS = ("coordination", "team")
"""Parts to which people are asked by name; the others follow from what somebody does."""
CLOSED_HOW = {"satisfied": _("客户满意"), "exception": _("例外归档"), "merged": _("并入其他工单")}
SPECIALS = {"outage": _("故障母单"), "crisis": _("突发事件")}
SIGNS = {"repeat": _("重复来访"), "regulator": _("提及监管"), "press": _("提及媒体"), "key_account": _("重点客户")}
NEED_SCOPES = {"company": _("集团"), "personal": _("个人")}
NEED_SIDES = {"government": _("政府"), "enterprise": _("企业")}
NEED_CLASSES = {"communication": _("通信业务"), "industry": _("行业应用"), "support": _("服务支持")}
NEEDS = {"need_scope": NEED_SCOPES, "need_side": NEED_SIDES, "need_class": NEED_CLASSES}
"""How needs are classed; each class has one route to whoever can answer (policy family ``need_routes``)."""
OUTCOMES = {"met": _("已满足"), "partly": _("部分满足"), "unmet": _("未满足"), "declined": _("客户放弃")}
LEG_ENDS = {
    "handed": _("移交"),
    "returned": _("退单"),
    "done": _("办结"),
    "closed": _("归档"),
}
RECOGNISED_BY = {
    "account": _("客户编码"),
    "contract": _("合同号"),
    "subscription": _("业务号码"),
    "phone": _("电话"),
    "line": _("成员号码"),
    "wechat": _("微信"),
    "email": _("邮箱"),
    "person": _("人工确认"),
}
