"""Why a step is refused, by code and in words a person can act on. Refuses to decide anything."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

WORDS = {
    "closed": _("这张工单已归档。要继续处理，请先重新打开。"),
    "not_closed": _("这张工单还没有归档。"),
    "stage": _("当前环节不能做这一步。"),
    "no_category": _("请先完成预处理：选定类别。"),
    "unknown_category": _("没有这个类别，请重新选择。"),
    "unknown_value": _("选项不在清单内，请重新选择。"),
    "no_words": _("请写明内容。"),
    "no_reason": _("请写明原因。"),
    "no_owner": _("还没有首问负责人，请先认领。"),
    "owned": _("已有首问负责人，更换须由主管办理。"),
    "paused": _("工单正在挂起，请先恢复计时。"),
    "not_paused": _("工单没有挂起。"),
    "pause_reason": _("只能按规定的原因挂起。"),
    "pause_stage": _("现在没有需要暂停的时限。"),
    "return_reason": _("退单请选规定的原因。"),
    "not_offered": _("没有等待接单的派单。"),
    "not_accepted": _("本部门还没有接单：请先接单或退单。"),
    "accepted": _("已经接单。"),
    "other_department": _("这张工单不在您的部门。"),
    "same_department": _("工单已经在这个部门。"),
    "does_not_serve": _("这个部门不服务该区域，不能派给它。"),
    "no_such_department": _("没有这个部门，或它已停用。"),
    "not_in_department": _("这个人不在该部门。"),
    "no_such_person": _("没有这个人，或已停用。"),
    "caller_back": _("回访人不能是处理过这张工单的人。"),
    "not_called_back": _("客户的答复须由没有处理过的人回访取得。"),
    "not_answered": _("还没有答复客户。"),
    "exception_reason": _("例外归档请选规定的原因。"),
    "exception_proposed": _("已有待批准的例外归档申请。"),
    "no_exception": _("没有待批准的例外归档申请。"),
    "second_person": _("批准人不能是申请人，也不能是处理人。"),
    "too_late": _("超过可重新打开的期限，请新登记一张并注明原单号。"),
    "merged": _("已并入另一张工单，请到那张工单办理。"),
    "merge_self": _("不能并入自己。"),
    "merge_stranger": _("只能并入同一客户的工单。"),
    "merge_closed": _("要并入的工单已归档。"),
    "parent": _("母单不能并入或关联到别的工单。"),
    "not_parent": _("对方不是母单。"),
    "linked": _("已关联母单。"),
    "not_linked": _("没有关联母单。"),
    "supervised": _("已在督办中。"),
    "not_supervised": _("没有督办。"),
    "level": _("只能升到更高一级。"),
    "already": _("已经是这样了。"),
    "recognised": _("客户已确认；换客户须由主管办理。"),
    "no_such_request": _("没有这张工单，或不在您的范围内。"),
    "no_account": _("没有这个客户，或不在您的范围内。"),
    "not_a_need": _("只有需求单记录需求结果。"),
    "score": _("评分须在规定的范围内。"),
    "own_work": _("不能给自己经手的工单打分。"),
    "sampled": _("已在质检样本中。"),
    "scored": _("已经评过分。"),
    "file_size": _("附件太大。"),
    "file_kind": _("不能接收这种文件，或内容与扩展名不符。"),
    "file_count": _("附件太多。"),
    "empty_file": _("附件是空的。"),
    "not_yours": _("这一步不由您办理。"),
}


class Refused(ValueError):
    """A step that may not be taken; `code` is one of :data:`WORDS`, `facts` what a page may add."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts

    @property
    def words(self) -> str:
        """What to tell the person."""
        return str(WORDS[self.code])


class Overtaken(Exception):
    """Somebody else came first; `facts` are what happened since the person looked, oldest first."""

    def __init__(self, facts: list[Any]) -> None:
        super().__init__(", ".join(one.kind for one in facts))
        self.facts = facts
