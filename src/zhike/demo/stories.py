"""How a complaint of the demonstration went through hands and departments: who did what when. Pure; writes nothing.

A story is told by verbs that are both the room's judges (`service.steps`) and its actions, so that what is loaded in
bulk is what people would have made. The same complaint always has the same story.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from zhike.service import steps
from zhike.service.log import Draft, Fact
from zhike.service.standing import Standing, apply
from zhike.service.steps import Rules, Who

CHANNELS = ("hotline",) * 10 + ("manager",) * 3 + ("portal",) * 3 + ("wechat",) * 3 + ("email",)
DONE = {
    "network_quality": ("更换光模块并重做光路，误码消失", "设备板卡"),
    "installation": ("补派装维人员，现场开通并测速达标", "人手不足"),
    "billing": ("核对话单后冲正重复计费，下月账单退还", "计费规则"),
    "tariff_contract": ("按合同条款重算优惠，补签确认单", "合同录入"),
    "process": ("补齐受理材料，业务当日办结", "流程繁琐"),
    "attitude": ("当面致歉并更换对接人，纳入班组复盘", "服务意识"),
    "account_manager": ("指定后备客户经理，约定每周联系", "人员变动"),
    "security": ("封堵异常外发并出具检查报告", "安全配置"),
}


@dataclass(frozen=True)
class Complaint:
    """A complaint as billing and desk systems recorded it."""

    code: str
    account_id: int
    received_at: datetime
    closed_at: datetime | None
    category: str
    product: str
    summary: str
    outcome: str
    kind: str = "complaint"
    told: tuple[str, str] | None = None  # what was done and what had caused it, where the category does not say
    need: Mapping[str, str] | None = None  # how a need is classed


@dataclass(frozen=True)
class Hands:
    """Who is there for a complaint: two agents of the desk, somebody of the department, a lead; ids of departments."""

    owner: Who
    caller_back: Who
    handler: Who
    lead: Who
    names: Mapping[int, str]
    department_id: int
    department_code: str


@dataclass(frozen=True)
class Line:
    """One step of a story."""

    at: datetime
    by: Who
    verb: str
    given: dict[str, Any]


def story_of(one: Complaint, hands: Hands, *, until: datetime) -> list[Line]:
    """Return what was done about a complaint after it was taken in, as far as it has come by `until`."""
    dice = random.Random(one.code)  # noqa: S311 made-up data
    end = one.closed_at or one.received_at + timedelta(hours=dice.uniform(10, 60))
    span = (end - one.received_at) if end > one.received_at else timedelta(hours=1)
    done, cause = one.told or DONE[one.category]
    rule: dict[str, Any] = {"category": one.category, "product_area": one.product}
    if one.need is not None:
        rule["need"] = one.need
    lines: list[Line] = []

    def tell(share: float, by: Who, verb: str, **given: Any) -> None:
        at = one.received_at + span * share
        lines.append(Line(at.replace(microsecond=0), by, verb, given))

    tell(0.02, hands.owner, "triage", **rule)
    tell(0.04, hands.owner, "contact", words="已电话联系客户，了解现象")
    tell(0.06, hands.owner, "offer", department=hands.department_code, words="请核查处理")
    if dice.random() < 0.06:
        tell(0.10, hands.handler, "give_back", reason="incomplete", words="缺少专线编号和现场联系人")
        tell(0.14, hands.owner, "offer", department=hands.department_code, words="已补专线编号")
    tell(0.18, hands.handler, "accept")
    if dice.random() < 0.25:
        tell(0.25, hands.handler, "pause", reason="waiting_customer", words="等客户安排机房进场")
        tell(0.38, hands.handler, "resume")
    if dice.random() < 0.5:
        tell(0.45, hands.owner, "reply", words="已定位原因，正在处理，有进展随时告知您")
    tell(0.62, hands.handler, "work", words=done, cause=cause)
    tell(0.68, hands.owner, "answer", words=f"您好，{done}。给您带来不便，深表歉意")
    if one.outcome in {"satisfied", "open"}:
        tell(1.0, hands.caller_back, "hear_verdict", satisfied=True, score=dice.choice((8, 9, 9, 10)), words="")
    else:
        tell(0.80, hands.caller_back, "hear_verdict", satisfied=False, score=dice.choice((2, 3, 4)), words="仍不满意")
        tell(0.90, hands.owner, "answer", words="已与相关部门再次核实，处理结论及依据已书面告知您")
        tell(0.95, hands.owner, "propose_exception", reason="legal", words="已按规定处理并书面答复，客户仍有异议")
        tell(1.0, hands.lead, "decide_exception", grant=True, words="材料齐全，同意归档")
    return [line for line in lines if line.at <= until and (one.closed_at is None or line.at <= one.closed_at)]


def judges(standing: Standing, line: Line, hands: Hands, rules: Rules) -> list[Draft]:
    """Return the facts of one step, as the room judges it."""
    given = {name: value for name, value in line.given.items() if name != "department"}
    plain: dict[str, Callable[[], list[Draft]]] = {
        "triage": lambda: steps.triage(standing, rules, **given),
        "contact": lambda: steps.contact(standing, **given),
        "offer": lambda: steps.offer(standing, department_id=hands.department_id, **given),
        "give_back": lambda: steps.give_back(standing, line.by, rules, **given),
        "accept": lambda: steps.accept(standing, line.by, handler_id=line.by.staff_id),
        "pause": lambda: steps.pause(standing, line.by, rules, **given),
        "resume": lambda: steps.resume(standing),
        "reply": lambda: steps.reply(standing, **given),
        "work": lambda: steps.work(standing, line.by, **given),
        "answer": lambda: steps.answer(standing, **given),
        "hear_verdict": lambda: steps.hear_verdict(standing, line.by, **given),
        "propose_exception": lambda: steps.propose_exception(standing, rules, **given),
        "decide_exception": lambda: steps.decide_exception(standing, line.by, **given),
    }
    return plain[line.verb]()


class Log:
    """A log being written by the judges' facts."""

    def __init__(self, names: Mapping[int, str]) -> None:
        self.standing, self.facts, self._names = Standing(), list[Fact](), names

    def add(self, at: datetime, by: Who, drafts: list[Draft], department_id: int | None = None) -> None:
        """Let facts be so, as of an instant."""
        for draft in drafts:
            here = self.standing.department_id
            place = here if here in by.departments else min(by.departments, default=None)
            fact = Fact(
                self.standing.version + 1, draft.kind, at, by.staff_id, self._names[by.staff_id or 0],
                place if department_id is None else department_id, draft.words, draft.to_customer, draft.data,
            )  # fmt: skip
            apply(self.standing, fact)
            self.facts.append(fact)
