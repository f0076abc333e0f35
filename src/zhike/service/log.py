"""What happened to a request, as it is written down: the kinds of facts and their shape. Refuses to judge them.

The log is the only truth about a request: it only grows, and every column of the request's row follows from it
(`standing.fold`). Facts hold no caller's name or number; those stand on the row, where they can be masked and erased.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

FACTS = {
    "taken": _("受理"),
    "recognised": _("确认客户"),
    "triaged": _("预处理"),
    "prioritised": _("调整优先级"),
    "tier_followed": _("客户级别变化"),
    "owned": _("首问负责"),
    "offered": _("派单"),
    "accepted": _("接单"),
    "returned": _("退单"),
    "handed": _("转办"),
    "contacted": _("首次联系"),
    "paused": _("挂起"),
    "resumed": _("恢复计时"),
    "noted": _("内部留言"),
    "replied": _("阶段答复"),
    "heard": _("客户来言"),
    "worked": _("处理完成"),
    "answered": _("答复客户"),
    "called_back": _("回访"),
    "customer_answered": _("客户答复"),
    "exception_proposed": _("申请例外归档"),
    "exception_refused": _("不同意例外归档"),
    "closed": _("归档"),
    "reopened": _("重新打开"),
    "escalated": pgettext_lazy("request", "升级"),
    "signed": _("升级苗头"),
    "supervised": _("督办"),
    "supervision_ended": _("解除督办"),
    "joined": _("加入协同"),
    "left": _("退出协同"),
    "declared": _("设为母单"),
    "linked": _("关联母单"),
    "unlinked": _("解除关联"),
    "told": _("统一告知"),
    "merged": _("并入"),
    "absorbed": _("并来"),
    "split": _("拆分"),
    "resulted": _("需求结果"),
}
QUIET = frozenset({"noted", "heard", "replied", "contacted", "signed", "joined", "left", "told", "tier_followed"})
"""Facts that overtake nobody: what a person decided on before them still stands."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A fact about to be written; `at` is filled in by whoever writes it."""

    kind: str
    words: str = ""
    to_customer: bool = False
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a request's log: what, when, by whom, for which department; `data` by kind.

    `at` is when it was so, `recorded_at` (kept by the table) when it was written down.
    """

    sequence: int
    kind: str
    at: datetime
    by_id: int | None = None
    by_name: str = ""
    department_id: int | None = None
    words: str = ""
    to_customer: bool = False
    data: dict[str, Any] = field(default_factory=dict)
