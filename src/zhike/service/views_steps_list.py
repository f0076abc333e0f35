"""The steps as people see them: name, icon, permission, form, and the action each becomes. Refuses rules of steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.core.actor import Actor
from zhike.service import actions_many as many
from zhike.service import actions_steps as take
from zhike.service import actions_watch as watch
from zhike.service import views_steps_forms as forms
from zhike.service.refusals import Refused

Given = Mapping[str, Any]
Act = Callable[[Actor, str, Given, int | None], Any]
TAKE, HANDLE = "requests.take", "requests.handle"
CALL_BACK, SUPERVISE = "requests.call_back", "requests.supervise"


@dataclass(frozen=True)
class Dialog:
    """One step: what it is called, whom it asks what, what it does, what will happen."""

    key: str
    label: Any
    icon: str
    permission: str
    form: type[forms.StepForm]
    act: Act
    tells: Any
    done: Any = ""


def _verdict(actor: Actor, number: str, given: Given, seen: int | None) -> Any:
    if given["verdict"] == "missed":
        return take.call_back(actor, number=number, reached=False, words=given["words"], seen=seen)
    return take.hear_verdict(
        actor, number=number, satisfied=given["verdict"] == "satisfied", score=given["score"], words=given["words"],
        seen=seen,
    )  # fmt: skip


def _leave(actor: Actor, number: str, given: Given, seen: int | None) -> Any:
    staff_id, _colon, part = given["helper"].partition(":")
    return watch.leave(actor, number=number, staff_id=int(staff_id), part=part)


def _hand(actor: Actor, number: str, given: Given, seen: int | None) -> Any:
    colleague = given["colleague"]
    return take.hand(actor, number=number, handler_id=int(colleague) if colleague else None, seen=seen)


def _triage(actor: Actor, number: str, given: Given, seen: int | None) -> Any:
    need = {name: given[name] for name in ("need_scope", "need_side", "need_class") if given.get(name)}
    return take.triage(
        actor, number=number, category=given["category"], kind=given["kind"], priority=given["priority"],
        product_area=given["product_area"], need=need, seen=seen,
    )  # fmt: skip


def _other(action: Callable[..., Any], name: str) -> Act:
    """Return an action on two requests; one that the actor does not reach is told like one that does not exist."""

    def act(actor: Actor, number: str, given: Given, seen: int | None) -> Any:
        more = {"seen": seen} if name == "parent" else {}
        try:
            return action(actor, number=number, **{name: given["number"]}, **more)
        except ObjectDoesNotExist as missing:
            raise Refused("no_such_request") from missing

    return act


DIALOGS: dict[str, Dialog] = {
    one.key: one
    for one in (
        Dialog(
            "own", pgettext_lazy("step", "认领"), "user-check", TAKE, forms.PlainForm,
            lambda actor, number, given, seen: take.own(actor, number=number, seen=seen),
            _("您将成为首问负责人，一直跟到客户确认。"),
        ),
        Dialog(
            "name_owner", pgettext_lazy("step", "指定负责人"), "user-plus", TAKE, forms.OwnerForm,
            lambda actor, number, given, seen: take.own(
                actor, number=number, owner_id=int(given["owner"]), seen=seen
            ),
            _("首问负责人跟到客户确认，与处理人、回访人分开。"),
        ),
        Dialog(
            "recognise", pgettext_lazy("step", "确认客户"), "building-skyscraper", TAKE, forms.CustomerForm,
            lambda actor, number, given, seen: take.recognise(
                actor, number=number, account_code=given["account_code"], seen=seen
            ),
            _("确认后按该客户的等级与保障级别计时。"),
        ),
        Dialog("triage", pgettext_lazy("step", "预处理"), "list-details", TAKE, forms.TriageForm, _triage,
               _("类型、类别、优先级决定时限；改动从此刻起算，已用时间不变。")),
        Dialog(
            "prioritise", pgettext_lazy("step", "调优先级"), "flag", TAKE, forms.PriorityForm,
            lambda actor, number, given, seen: take.prioritise(
                actor, number=number, priority=given["priority"], reason=given["words"], seen=seen
            ),
            _("新时限从此刻起算，已用时间不变。"),
        ),
        Dialog(
            "offer", pgettext_lazy("step", "派单"), "share-3", TAKE, forms.OfferForm,
            lambda actor, number, given, seen: take.offer(
                actor, number=number, department=given["department"], words=given["words"], seen=seen
            ),
            _("部门须接单或退单；自此刻起用时记在该部门。"),
        ),
        Dialog(
            "accept", pgettext_lazy("step", "接单"), "check", HANDLE, forms.AcceptForm,
            lambda actor, number, given, seen: take.accept(
                actor, number=number, for_queue=given["whose"] == "queue", seen=seen
            ),
            _("接单后本部门负责办结；不属本部门请退单。"),
        ),
        Dialog(
            "give_back", pgettext_lazy("step", "退单"), "arrow-back-up", HANDLE, forms.ReturnForm,
            lambda actor, number, given, seen: take.give_back(
                actor, number=number, reason=given["reason"], words=given["words"], seen=seen
            ),
            _("退回受理台重新派单，计入退单率。"),
        ),
        Dialog("hand", pgettext_lazy("step", "转办"), "switch-horizontal", HANDLE, forms.HandForm, _hand,
               _("转给本部门同事；经手过的人不能回访。")),
        Dialog(
            "work", pgettext_lazy("step", "处理完成"), "circle-check", HANDLE, forms.WorkForm,
            lambda actor, number, given, seen: take.work(
                actor, number=number, words=given["words"], cause=given["cause"], seen=seen
            ),
            _("结果交回首问负责人，由其答复客户。"),
        ),
        Dialog(
            "contact", pgettext_lazy("step", "首次联系"), "phone", HANDLE, forms.ContactForm,
            lambda actor, number, given, seen: take.contact(actor, number=number, words=given["words"]),
            _("记下已与客户联系上，首次联系时限停表。"),
        ),
        Dialog(
            "pause", pgettext_lazy("step", "挂起"), "player-pause", HANDLE, forms.PauseForm,
            lambda actor, number, given, seen: take.pause(
                actor, number=number, reason=given["reason"], words=given["words"], seen=seen
            ),
            _("只有规定的原因可以停表；法定时限照走。"),
        ),
        Dialog(
            "resume", pgettext_lazy("step", "恢复计时"), "clock", HANDLE, forms.PlainForm,
            lambda actor, number, given, seen: take.resume(actor, number=number, seen=seen),
            _("从此刻起继续计时。"),
        ),
        Dialog(
            "answer", pgettext_lazy("step", "答复客户"), "send", TAKE, forms.AnswerForm,
            lambda actor, number, given, seen: take.answer(
                actor, number=number, words=given["words"], via=given["via"], seen=seen
            ),
            _("系统尚不代发消息：请先告知客户再记下；之后由未经手的人回访。"),
        ),
        Dialog("verdict", pgettext_lazy("step", "回访"), "headset", CALL_BACK, forms.VerdictForm, _verdict,
               _("客户满意即归档；不满意则退回派单并升一级。")),
        Dialog(
            "propose_exception", pgettext_lazy("step", "申请例外"), "file-description", TAKE, forms.ExceptionForm,
            lambda actor, number, given, seen: take.propose_exception(
                actor, number=number, reason=given["reason"], words=given["words"], seen=seen
            ),
            _("没有客户确认的归档，须由未经手的主管批准。"),
        ),
        Dialog(
            "decide_exception", pgettext_lazy("step", "审批例外"), "shield-check", SUPERVISE, forms.DecideForm,
            lambda actor, number, given, seen: take.decide_exception(
                actor, number=number, grant=given["decision"] == "grant", words=given["words"], seen=seen
            ),
            _("同意即归档；不同意则继续办理。"),
        ),
        Dialog(
            "reopen", pgettext_lazy("step", "重新打开"), "refresh", TAKE, forms.ReasonForm,
            lambda actor, number, given, seen: take.reopen(actor, number=number, words=given["words"], seen=seen),
            _("回到派单环节，时限重新计；此前的超时记录保留。"),
        ),
        Dialog(
            "escalate", pgettext_lazy("step", "升级"), "arrow-up", TAKE, forms.LevelForm,
            lambda actor, number, given, seen: watch.escalate(
                actor, number=number, level=given["level"], words=given["words"], seen=seen
            ),
            _("报上一级主管，记入经过。"),
        ),
        Dialog(
            "supervise", pgettext_lazy("step", "督办"), "speakerphone", SUPERVISE, forms.SuperviseForm,
            lambda actor, number, given, seen: watch.supervise(
                actor, number=number, words=given["words"], due_at=given["due_at"]
            ),
            _("列入督办队列，写明要求与期限。"),
        ),
        Dialog(
            "end_supervision", pgettext_lazy("step", "解除督办"), "speakerphone", SUPERVISE, forms.ReasonForm,
            lambda actor, number, given, seen: watch.end_supervision(actor, number=number, words=given["words"]),
            _("从督办队列移出。"),
        ),
        Dialog(
            "join", pgettext_lazy("step", "请人协同"), "users-group", TAKE, forms.JoinForm,
            lambda actor, number, given, seen: watch.join(
                actor, number=number, staff_id=int(given["staff"]), part=given["part"]
            ),
            _("加入后能看到这张工单。"),
        ),
        Dialog("leave", pgettext_lazy("step", "退出协同"), "logout", TAKE, forms.LeaveForm, _leave,
               _("退出后不再因协同看到这张工单。")),
        Dialog(
            "declare", pgettext_lazy("step", "设为母单"), "sitemap", SUPERVISE, forms.DeclareForm,
            lambda actor, number, given, seen: many.declare(
                actor, number=number, special=given["special"], words=given["words"]
            ),
            _("多张工单可关联到母单，统一告知客户。"),
        ),
        Dialog(
            "tell_all", pgettext_lazy("step", "统一告知"), "message", SUPERVISE, forms.TellForm,
            lambda actor, number, given, seen: many.tell_all(actor, number=number, words=given["words"]),
            _("写入所有未归档的子单，作为一次阶段答复。"),
        ),
        Dialog("link", pgettext_lazy("step", "关联母单"), "link", TAKE, forms.NumberForm, _other(many.link, "parent"),
               _("填母单的工单号。")),
        Dialog(
            "unlink", pgettext_lazy("step", "解除关联"), "link", TAKE, forms.PlainForm,
            lambda actor, number, given, seen: many.unlink(actor, number=number), _("不再随母单统一告知。"),
        ),
        Dialog("merge", pgettext_lazy("step", "并入"), "copy", TAKE, forms.NumberForm, _other(many.merge, "into"),
               _("本单随即归档，由填写的工单继续办理；须是同一客户。")),
        Dialog(
            "split", pgettext_lazy("step", "拆分"), "affiliate", TAKE, forms.SplitForm,
            lambda actor, number, given, seen: many.split(
                actor, number=number, title=given["title"], text=given["text"], category=given["category"],
                kind=given["kind"],
            ),
            _("另立一张同一客户的工单，各自计时。"),
        ),
        Dialog(
            "result", pgettext_lazy("step", "需求结果"), "bulb", HANDLE, forms.ResultForm,
            lambda actor, number, given, seen: take.result(
                actor, number=number, outcome=given["outcome"], words=given["words"]
            ),
            _("未满足的需求按产品与行业统计。"),
        ),
    )
}  # fmt: skip

HAND_OVER = pgettext_lazy("step", "移交")
"""What offering is called where a department has the request already."""
FIRST = {
    "triage": ("own", "triage", "recognise", "contact"),
    "assign": ("own", "offer", "answer"),
    "handle": ("own", "accept", "work", "give_back", "offer"),
    "answer": ("own", "answer", "offer"),
    "call_back": ("own", "verdict", "propose_exception"),
    "closed": ("reopen", "result"),
}
"""What is most likely wanted at a stage: the first of these that may be taken become buttons."""
WATCHING = ("decide_exception", "supervise")
"""What somebody comes for who watches over others' requests."""
NEXT = ("decide_exception", "resume", "pause", "supervise", "escalate")
BUTTONS = 3
