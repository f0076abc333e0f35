"""A request with a history for tests of its page: two departments, a return, a pause, over a weekend."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from tests.cast import Cast

from zhike.core.actor import system_actor
from zhike.service import steps
from zhike.service.actions_bulk import Old, load_requests
from zhike.service.log import Draft, Fact
from zhike.service.models import Department, Request
from zhike.service.standing import Standing, apply
from zhike.service.steps import Drafts, Rules, Who

SHANGHAI = ZoneInfo("Asia/Shanghai")
RULES = Rules()


class History:
    """Writes the log of one request as its people would have."""

    def __init__(self, cast: Cast, begun: str, **data: object) -> None:
        self.cast, self.standing, self.facts = cast, Standing(), list[Fact]()
        self.departments = {one.code: one for one in Department.objects.all()}
        account = cast.accounts["ours"]
        self.region_id = account.region_id
        self.add("fay", begun, [Draft("taken", data={
            "kind": "complaint", "channel": "hotline", "category": "", "product_area": "", "priority": "normal",
            "department_id": self.departments["DESK-LG"].pk, "owner_id": cast.people["fay"].pk,
            "account_id": account.pk, "tier": "A2", "service_level": "gold", "assurance_level": "AA",
            "recognised_by": "account",
        } | data)])  # fmt: skip

    def who(self, name: str) -> Who:
        """Return one of the cast as steps judge them."""
        here = {"fay": "DESK-LG", "gus": "TRANS-LG", "nora": "NOC"}[name]
        return Who(self.cast.people[name].pk, frozenset({self.departments[here].pk}))

    def add(self, name: str, when: str, drafts: Drafts) -> None:
        """Let facts be so at a moment of local time."""
        who = self.who(name)
        at = datetime.fromisoformat(when).replace(tzinfo=SHANGHAI)
        for draft in drafts:
            fact = Fact(
                self.standing.version + 1, draft.kind, at, who.staff_id, name.title(), min(who.departments),
                draft.words, draft.to_customer, draft.data,
            )  # fmt: skip
            apply(self.standing, fact)
            self.facts.append(fact)

    def load(self, title: str) -> Request:
        """Write the request down."""
        request = Request(
            title=title, text=title, region_id=self.region_id, caller_name="尹澄", caller_phone="13812342605"
        )
        load_requests(system_actor("test"), [Old(request, self.facts)])
        return request


def long_story(cast: Cast) -> Request:
    """Return a complaint that two departments had, one sent back and the customer held up, over a weekend."""
    tale = History(cast, "2026-11-18 19:12:20")
    standing, desk = tale.standing, tale.departments
    tale.add("fay", "2026-11-18 19:31:40", steps.contact(standing, words="已电话联系"))
    tale.add("fay", "2026-11-18 19:38", steps.triage(standing, RULES, category="network_quality"))
    tale.add("fay", "2026-11-18 19:40:10", steps.offer(standing, department_id=desk["TRANS-LG"].pk))
    gus, nora = tale.who("gus"), tale.who("nora")
    wrong = steps.give_back(standing, gus, RULES, reason="incomplete", words="缺少专线编号")
    tale.add("gus", "2026-11-19 08:20", wrong)
    tale.add("fay", "2026-11-19 08:31", steps.offer(standing, department_id=desk["TRANS-LG"].pk))
    tale.add("gus", "2026-11-19 08:52:30", steps.accept(standing, gus, handler_id=gus.staff_id))
    waiting = steps.pause(standing, gus, RULES, reason="waiting_customer", words="客户约 17:40 开机房")
    tale.add("gus", "2026-11-20 13:20:50", waiting)
    tale.add("gus", "2026-11-20 17:40:05", steps.resume(standing))
    tale.add("fay", "2026-11-20 18:30", steps.offer(standing, department_id=desk["NOC"].pk, words="查核心侧"))
    tale.add("nora", "2026-11-20 18:41", steps.accept(standing, nora, handler_id=nora.staff_id))
    return tale.load("临港厂区专线丢包")
