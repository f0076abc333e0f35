"""What came to the desks in the last days, most of it still open: requests of every kind. Writes nothing.

The year's complaints end with the last month loaded; without these, people would begin with empty queues. The same day
and accounts always give the same requests.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from zhike.customers.models import Account
from zhike.customers.queries_recognition import Candidate
from zhike.demo.stories import Complaint

HOURS = 60
LEAST, MOST, ONE_IN = 40, 1000, 25


@dataclass(frozen=True)
class Matter:
    """Something that customers ask for: of which kind, about what, who answers it and how."""

    kind: str
    category: str
    department: str
    product: str
    summary: str
    done: str
    cause: str


MATTERS = (
    Matter("fault", "line_down", "数据网管中心", "dia-100m", "互联网专线中断，全公司不能上网，请立即抢修",
           "倒换至备用光路，业务恢复，主用光缆已熔接", "光缆中断"),
    Matter("fault", "line_slow", "数据网管中心", "mpls-vpn-10m", "总部到分公司的专线丢包严重，视频会议卡顿",
           "调整队列并更换光模块，丢包消失", "设备板卡"),
    Matter("fault", "voice_quality", "装维中心", "office-phone", "前台固话有杂音，客户听不清",
           "更换分线盒与用户线，通话清晰", "线路老化"),
    Matter("consult", "invoice", "账务中心", "mobile-99", "咨询集团账单合并开具电子专票的办法",
           "说明合并开票流程，已发操作指引", "客户咨询"),
    Matter("consult", "tariff_contract", "市场部", "dia-200m", "合同下季度到期，咨询续约的优惠与提速方案",
           "发送续约方案与报价，约定当面说明", "客户咨询"),
    Matter("apply", "process", "政企客服", "mobile-pbx", "新入职员工二十人，申请加入集团短号群",
           "核对名单后全部加入，短号当日生效", "客户申请"),
    Matter("apply", "install_visit", "装维中心", "dia-50m", "新办公点申请专线移机，希望周末施工",
           "约定施工时间，移机开通并测速达标", "客户申请"),
    Matter("feedback", "account_manager", "政企客户部", "dia-100m", "客户经理上门培训很有帮助，希望每季度安排一次",
           "已列入季度走访计划，感谢建议", "服务建议"),
    Matter("complaint", "bill_wrong", "计费中心", "data-pool", "流量池超额费用与后台用量对不上，要求核对",
           "核对话单后冲正重复计费，下月账单退还", "计费规则"),
    Matter("complaint", "install_late", "望川交付班", "sdwan-site", "专线承诺十天开通，已经超期仍未上门",
           "补派装维人员，现场开通并测速达标", "人手不足"),
    Matter("need", "need", "市场部", "iot-pool", "车队需要统一管理物联网卡，能按车辆设限额并导出明细",
           "提供物联网卡管理平台试用账号并演示", "产品需求"),
    Matter("need", "need", "市场部", "video-meeting", "希望会议系统能与现有门禁和日程打通",
           "安排方案经理现场调研，出具集成方案", "产品需求"),
)  # fmt: skip
NEED = {"need_scope": "company", "need_side": "enterprise", "need_class": "industry"}


def these_days(now: datetime, *, reason: str) -> Iterator[tuple[Candidate, dict[str, Any], Complaint]]:
    """Yield what came in the last hours, in that order, in the shape of the year's complaints."""
    accounts = Account.objects.unscoped(reason=reason).exclude(lifecycle="left").order_by("code")
    codes = list(accounts.values_list("code", flat=True))
    if not codes:
        return
    dice = random.Random(f"{now:%Y-%m-%d}")  # noqa: S311 made-up data
    number = min(len(codes), max(LEAST, min(MOST, len(codes) // ONE_IN)))
    chosen = dice.sample(codes, number)
    held = {one.code: one for one in accounts.filter(code__in=chosen)}
    hours = sorted((HOURS * dice.random() ** 2 for _ in chosen), reverse=True)
    for place, (code, ago) in enumerate(zip(chosen, hours, strict=True), start=1):
        one, matter = held[code], MATTERS[dice.randrange(len(MATTERS))]
        received = (now - timedelta(hours=ago, minutes=1)).replace(microsecond=0)
        yield (
            Candidate(
                one.pk, one.code, one.name, one.region_id, one.tier, one.service_level, one.assurance_level,
                one.industry_section or one.industry, "account",
            ),
            {"department": matter.department},
            Complaint(
                f"NOW-{now:%Y%m%d}-{place:04d}", one.pk, received, None, matter.category, matter.product,
                matter.summary, "open", kind=matter.kind, told=(matter.done, matter.cause),
                need=NEED if matter.kind == "need" else None,
            ),
        )  # fmt: skip
