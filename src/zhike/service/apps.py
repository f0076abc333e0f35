"""The room of requests as a Django application; names its actions, follows accounts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ServiceConfig(AppConfig):
    """Requests, departments, clocks, commitments."""

    name = "zhike.service"
    label = "service"

    def ready(self) -> None:
        """Listen to what changes accounts; name the actions for the auditor."""
        from zhike.core import changes
        from zhike.core.audit_queries import register_actions
        from zhike.service import actions_clocks, actions_erasure, actions_follow, jobs, policies_needs  # noqa: F401  known
        from zhike.service.clock_feed import register_book
        from zhike.service.policy_book import service_book
        from zhike.service.words import register_words

        register_book(service_book)
        register_words()

        changes.register("accounts", actions_follow.accounts_changed)
        changes.register("person_erased", actions_erasure.person_erased)
        changes.register("facts_loaded", actions_follow.facts_loaded)
        changes.register("published", actions_follow.published)
        changes.register("policy_published", actions_clocks.policy_published)
        register_actions(
            {
                "export.requests": _("导出工单"),
                "export.quality": _("导出质检"),
                "service.take_in": _("受理工单"),
                "service.recompute": _("重算时限"),
                "service.load": _("批量装入工单"),
                "service.follow": _("工单随客户调整"),
                "service.own": _("认领工单"),
                "service.own_next": _("认领下一张"),
                "service.recognise": _("确认客户"),
                "service.triage": _("预处理工单"),
                "service.prioritise": _("调整优先级"),
                "service.offer": _("派单"),
                "service.accept": _("接单"),
                "service.take_next": _("接下一张"),
                "service.give_back": _("退单"),
                "service.hand": _("转办工单"),
                "service.work": _("报结处理"),
                "service.pause": _("挂起工单"),
                "service.resume": _("恢复计时"),
                "service.contact": _("首次联系"),
                "service.note": _("工单留言"),
                "service.reply": _("阶段答复"),
                "service.hear": _("记客户来言"),
                "service.answer": _("答复客户"),
                "service.call_back": _("回访客户"),
                "service.hear_verdict": _("记客户答复"),
                "service.propose_exception": _("申请例外归档"),
                "service.decide_exception": _("审批例外归档"),
                "service.reopen": _("重新打开工单"),
                "service.result": _("记需求结果"),
                "service.escalate": _("升级工单"),
                "service.supervise": _("督办工单"),
                "service.end_supervision": _("解除督办"),
                "service.join": _("请人协同"),
                "service.leave": _("结束协同"),
                "service.declare": _("设为母单"),
                "service.link": _("关联母单"),
                "service.unlink": _("解除关联"),
                "service.tell_all": _("统一告知客户"),
                "service.merge": _("并单"),
                "service.split": _("拆单"),
                "service.draw_sample": _("抽取质检样本"),
                "service.score": _("质检评分"),
                "service.open_department": _("新建部门"),
                "service.change_department": _("修改部门"),
                "service.add_member": _("部门加人"),
                "service.remove_member": _("部门减人"),
            }
        )
