"""Which steps may be taken from where a request stands, and what they write. Pure; refuses by raising, changes nothing.

Each step returns the facts it would add to the log. Nothing closes without the customer's answer, a granted exception
or another request into which it was merged; who calls back has never handled the request.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from zhike.service.codes import GROUPS, KINDS, NEEDS, OUTCOMES, PRIORITIES, SPECIALS
from zhike.service.log import Draft
from zhike.service.refusals import Refused
from zhike.service.standing import Standing

Drafts = list[Draft]
WORKING = ("assign", "handle", "answer")


@dataclass(frozen=True)
class Who:
    """Who takes a step: the person, in which departments they stand, whether they supervise."""

    staff_id: int | None
    departments: frozenset[int] = frozenset()
    supervises: bool = False
    is_system: bool = False

    def stands_in(self, department_id: int | None) -> bool:
        """Return whether the person belongs to the department (anybody does where there is none)."""
        return self.is_system or self.supervises or department_id is None or department_id in self.departments


@dataclass(frozen=True)
class Marks:
    """Which signs ask for a higher level: words said, repeats within days, tiers of key accounts."""

    words: dict[str, Collection[str]] = field(
        default_factory=lambda: {
            "regulator": ("工信部", "通管局", "管局", "申诉", "12300", "12315", "消协"),
            "press": ("媒体", "记者", "曝光", "电视台", "报社"),
        }
    )
    kinds: Collection[str] = ("complaint", "fault", "feedback")
    key_tiers: Collection[str] = ("A1", "A2")
    repeat_days: int = 30
    repeat_count: int = 2


@dataclass(frozen=True)
class Rules:
    """What policy says about steps."""

    categories: Collection[str] = ()
    pause_reasons: Collection[str] = ("waiting_customer", "access_refused")
    return_reasons: Collection[str] = ("wrong_department", "incomplete", "duplicate", "not_ours")
    exception_reasons: Collection[str] = ("unreachable", "withdrawn", "third_party", "legal")
    reopen_days: int = 30
    top_level: int = 3
    marks: Marks = field(default_factory=Marks)


def _open(standing: Standing) -> None:
    if standing.closed_how == "merged":
        raise Refused("merged")
    if not standing.is_open:
        raise Refused("closed")


def _said(words: str, code: str = "no_words") -> str:
    if not words.strip():
        raise Refused(code)
    return words.strip()


def _at(standing: Standing, *stages: str) -> None:
    _open(standing)
    if standing.stage not in stages:
        raise Refused("no_category" if standing.stage == "triage" else "stage", stage=standing.stage)


def _running(standing: Standing) -> Drafts:
    """Return what resumes the clock where it stands still: work that is done was not waiting any more."""
    return [Draft("resumed")] if standing.paused_at is not None else []


# -- taking up ---------------------------------------------------------------------------------------------------------


def own(standing: Standing, who: Who, *, owner_id: int, department_id: int | None) -> Drafts:
    """Become the first-responsibility owner; only a supervisor gives a request that has one to somebody else."""
    _open(standing)
    if standing.owner_id == owner_id:
        raise Refused("already")
    if standing.owner_id is not None and not who.supervises and not who.is_system:
        raise Refused("owned", owner_id=standing.owner_id)
    return [Draft("owned", data={"owner_id": owner_id, "department_id": department_id})]


def recognise(standing: Standing, who: Who, *, customer: dict[str, Any]) -> Drafts:
    """Say whose request it is; a supervisor may put a mistake right."""
    _open(standing)
    if standing.account_id == customer["account_id"]:
        raise Refused("already")
    if standing.account_id is not None and not who.supervises:
        raise Refused("recognised")
    return [Draft("recognised", data=customer)]


def triage(
    standing: Standing,
    rules: Rules,
    *,
    category: str,
    kind: str = "",
    priority: str = "",
    product_area: str = "",
    need: Mapping[str, str] | None = None,
) -> Drafts:
    """Say what it is about and how urgent; may be said again until the request is closed. `need` classes a need."""
    _open(standing)
    if rules.categories and category not in rules.categories:
        raise Refused("unknown_category")
    if not category:
        raise Refused("no_category")
    classed = {name: value for name, value in (need or {}).items() if value}
    if (kind and kind not in KINDS) or (priority and priority not in PRIORITIES):
        raise Refused("unknown_value")
    if any(name not in NEEDS or value not in NEEDS[name] for name, value in classed.items()):
        raise Refused("unknown_value")
    data = {
        "category": category, "kind": kind or standing.kind, "priority": priority or standing.priority,
        "product_area": product_area or standing.product_area,
    } | classed  # fmt: skip
    if classed and data["kind"] != "need":
        raise Refused("not_a_need")
    if standing.stage != "triage" and data == {name: getattr(standing, name) for name in data}:
        raise Refused("already")
    return [Draft("triaged", data=data)]


def prioritise(standing: Standing, *, priority: str, reason: str) -> Drafts:
    """Change how urgent it is, with the reason."""
    _open(standing)
    if priority not in PRIORITIES:
        raise Refused("unknown_value")
    if priority == standing.priority:
        raise Refused("already")
    return [Draft("prioritised", words=_said(reason, "no_reason"), data={"priority": priority})]


# -- departments -------------------------------------------------------------------------------------------------------


def offer(standing: Standing, *, department_id: int, words: str = "") -> Drafts:
    """Offer it to a department, which accepts or returns it."""
    _at(standing, *WORKING)
    if standing.owner_id is None:
        raise Refused("no_owner")
    if standing.stage == "handle" and standing.department_id == department_id:
        raise Refused("same_department")
    return [Draft("offered", words=words.strip(), data={"department_id": department_id})]


def accept(standing: Standing, who: Who, *, handler_id: int | None) -> Drafts:
    """Accept what was offered, for a handler or for the department's queue."""
    _at(standing, "handle")
    if not who.stands_in(standing.department_id):
        raise Refused("other_department")
    if standing.accepted and (handler_id is None or standing.handler_id is not None):
        raise Refused("accepted", handler_id=standing.handler_id)
    return [Draft("accepted", data={"handler_id": handler_id})]


def give_back(standing: Standing, who: Who, rules: Rules, *, reason: str, words: str) -> Drafts:
    """Return it (退单) to the desk that owns it, with a listed reason."""
    _at(standing, "handle")
    if not who.stands_in(standing.department_id):
        raise Refused("other_department")
    if reason not in rules.return_reasons:
        raise Refused("return_reason")
    return [*_running(standing), Draft("returned", words=_said(words, "no_reason"), data={"reason": reason})]


def hand(standing: Standing, who: Who, *, handler_id: int | None) -> Drafts:
    """Hand it to a colleague of the department, or put it back into the department's queue."""
    _at(standing, "handle")
    if not who.stands_in(standing.department_id):
        raise Refused("other_department")
    if not standing.accepted:
        raise Refused("not_accepted")
    if handler_id == standing.handler_id:
        raise Refused("already")
    return [Draft("handed", data={"handler_id": handler_id})]


def work(standing: Standing, who: Who, *, words: str, cause: str = "") -> Drafts:
    """Report the result to the owner, who answers the customer."""
    _at(standing, "handle")
    if not who.stands_in(standing.department_id):
        raise Refused("other_department")
    if not standing.accepted:
        raise Refused("not_accepted")
    handler = [Draft("handed", data={"handler_id": who.staff_id})] if _done_by_another(standing, who) else []
    return [*_running(standing), *handler, Draft("worked", words=_said(words), data={"cause": cause})]


def _done_by_another(standing: Standing, who: Who) -> bool:
    """Whoever reports the result has handled it, whatever was said before: they will never call back."""
    return who.staff_id is not None and standing.handler_id != who.staff_id


# -- the clock ---------------------------------------------------------------------------------------------------------


def pause(standing: Standing, who: Who, rules: Rules, *, reason: str, words: str) -> Drafts:
    """Let the clock stand still, for a listed reason only."""
    _at(standing, "triage", *WORKING)
    if standing.paused_at is not None:
        raise Refused("already")
    if reason not in rules.pause_reasons:
        raise Refused("pause_reason")
    if standing.stage == "handle" and not who.stands_in(standing.department_id) and who.staff_id != standing.owner_id:
        raise Refused("other_department")
    return [Draft("paused", words=_said(words, "no_reason"), data={"reason": reason})]


def resume(standing: Standing) -> Drafts:
    """Let the clock run on."""
    _open(standing)
    if standing.paused_at is None:
        raise Refused("not_paused")
    return [Draft("resumed")]


# -- words -------------------------------------------------------------------------------------------------------------


def contact(standing: Standing, *, words: str = "") -> Drafts:
    """Say that the customer was reached for the first time."""
    _open(standing)
    if standing.contacted_at is not None:
        raise Refused("already")
    return [Draft("contacted", words=words.strip(), to_customer=True)]


def note(*, words: str, via: str = "") -> Drafts:
    """Leave a word for colleagues; also where the request is closed."""
    return [Draft("noted", words=_said(words), data={"via": via} if via else {})]


def reply(standing: Standing, *, words: str, via: str = "") -> Drafts:
    """Tell the customer how far it is (阶段答复)."""
    _open(standing)
    return [Draft("replied", words=_said(words), to_customer=True, data={"via": via} if via else {})]


def hear(standing: Standing, *, words: str, via: str = "") -> Drafts:
    """Write down what the customer said; waiting for the customer is over with it."""
    heard = Draft("heard", words=_said(words), data={"via": via} if via else {})
    waited = standing.is_open and standing.paused_at is not None and standing.pause_reason == "waiting_customer"
    return [heard, *([Draft("resumed")] if waited else [])]


def answer(standing: Standing, *, words: str, via: str = "") -> Drafts:
    """Answer the customer: by what the department found, or at once where the desk can."""
    _at(standing, "assign", "answer")
    if standing.owner_id is None:
        raise Refused("no_owner")
    return [
        *_running(standing),
        Draft("answered", words=_said(words), to_customer=True, data={"via": via} if via else {}),
    ]


# -- closing the loop --------------------------------------------------------------------------------------------------


def call_back(standing: Standing, who: Who, *, reached: bool, words: str = "") -> Drafts:
    """Call back after the answer; who calls has never handled the request."""
    if standing.stage != "call_back":
        _open(standing)
        raise Refused("not_answered")
    if who.staff_id is None or who.staff_id in standing.handlers:
        raise Refused("caller_back")
    return [Draft("called_back", words=words.strip(), data={"reached": reached})]


def hear_verdict(
    standing: Standing, who: Who, *, satisfied: bool, score: int | None, words: str, by_customer: bool = False
) -> Drafts:
    """Write down the customer's answer: content closes the loop, discontent opens it again one level higher.

    It comes from the call of somebody who has not handled the request, or from the customer's own hand.
    """
    if standing.stage != "call_back":
        _open(standing)
        raise Refused("not_answered")
    if score is not None and not 1 <= score <= 10:
        raise Refused("score")
    call = [] if by_customer else call_back(standing, who, reached=True)
    said = Draft(
        "customer_answered", words=words.strip(),
        data={"satisfied": satisfied, "score": score, "by_customer": by_customer},
    )  # fmt: skip
    if satisfied:
        return [*call, said, Draft("closed", data={"how": "satisfied"})]
    return [*call, said, *_one_level_up(standing, "dissatisfied")]


def _one_level_up(standing: Standing, sign: str) -> Drafts:
    return [Draft("escalated", data={"level": min(standing.escalation + 1, 3), "why": sign})]


def propose_exception(standing: Standing, rules: Rules, *, reason: str, words: str) -> Drafts:
    """Ask a supervisor to let it close without the customer's answer."""
    _open(standing)
    if standing.exception_reason:
        raise Refused("exception_proposed")
    if reason not in rules.exception_reasons:
        raise Refused("exception_reason")
    return [Draft("exception_proposed", words=_said(words, "no_reason"), data={"reason": reason})]


def decide_exception(standing: Standing, who: Who, *, grant: bool, words: str) -> Drafts:
    """Grant or refuse an exception: neither the one who asked for it nor anybody who handled the request."""
    _open(standing)
    if not standing.exception_reason:
        raise Refused("no_exception")
    if who.staff_id is None or who.staff_id == standing.exception_by_id or who.staff_id in standing.handlers:
        raise Refused("second_person")
    if not grant:
        return [Draft("exception_refused", words=_said(words, "no_reason"))]
    return [Draft("closed", words=words.strip(), data={"how": "exception", "reason": standing.exception_reason})]


def reopen(standing: Standing, rules: Rules, *, now: datetime, words: str) -> Drafts:
    """Open a closed request again within the days that policy gives."""
    if standing.is_open or standing.closed_at is None:
        raise Refused("not_closed")
    if standing.closed_how == "merged":
        raise Refused("merged")
    if now - standing.closed_at > timedelta(days=rules.reopen_days):
        raise Refused("too_late", days=rules.reopen_days)
    return [Draft("reopened", words=_said(words, "no_reason"))]


# -- watching over -----------------------------------------------------------------------------------------------------


def escalate(standing: Standing, rules: Rules, *, level: int, words: str) -> Drafts:
    """Report it to a higher level."""
    _open(standing)
    if not standing.escalation < level <= rules.top_level:
        raise Refused("level")
    return [Draft("escalated", words=_said(words, "no_reason"), data={"level": level, "why": "person"})]


def notice(standing: Standing, *, sign: str) -> Drafts:
    """Mark a sign that asks for a higher level, which follows with it."""
    if sign in standing.signs or not standing.is_open:
        return []
    raised = [] if standing.escalation else _one_level_up(standing, sign)
    return [Draft("signed", data={"sign": sign}), *raised]


def supervise(standing: Standing, *, words: str, due_at: datetime | None) -> Drafts:
    """Have it watched (督办): what must be done, by when."""
    _open(standing)
    if standing.supervised:
        raise Refused("supervised")
    due = due_at.isoformat() if due_at else ""
    return [Draft("supervised", words=_said(words, "no_reason"), data={"due_at": due})]


def end_supervision(standing: Standing, *, words: str) -> Drafts:
    """Stop watching it."""
    _open(standing)
    if not standing.supervised:
        raise Refused("not_supervised")
    return [Draft("supervision_ended", words=_said(words, "no_reason"))]


def join(standing: Standing, *, staff_id: int, part: str) -> Drafts:
    """Ask somebody into the resource-coordination group or the virtual team."""
    _open(standing)
    if part not in GROUPS:
        raise Refused("unknown_value")
    if standing.has_part(staff_id, part):
        raise Refused("already")
    return [Draft("joined", data={"staff_id": staff_id, "part": part})]


def leave(standing: Standing, *, staff_id: int, part: str) -> Drafts:
    """Let somebody go from the group."""
    _open(standing)
    if part not in GROUPS or not standing.has_part(staff_id, part):
        raise Refused("already")
    return [Draft("left", data={"staff_id": staff_id, "part": part})]


# -- several at once ---------------------------------------------------------------------------------------------------


def declare(standing: Standing, *, special: str, words: str) -> Drafts:
    """Make it the parent of an outage or a special event, to which many requests are linked."""
    _open(standing)
    if special not in SPECIALS:
        raise Refused("unknown_value")
    if standing.special == special:
        raise Refused("already")
    if standing.parent_id is not None:
        raise Refused("linked")
    return [Draft("declared", words=_said(words, "no_reason"), data={"special": special})]


def link(standing: Standing, parent: Standing, *, parent_id: int) -> Drafts:
    """Link it to a parent, which speaks for all."""
    _open(standing)
    if standing.special:
        raise Refused("parent")
    if standing.parent_id is not None:
        raise Refused("linked")
    if not parent.special or not parent.is_open:
        raise Refused("not_parent")
    return [Draft("linked", data={"parent_id": parent_id})]


def unlink(standing: Standing) -> Drafts:
    """Take it from its parent again."""
    _open(standing)
    if standing.parent_id is None:
        raise Refused("not_linked")
    return [Draft("unlinked")]


def merge(standing: Standing, target: Standing, *, into_id: int, number: str) -> Drafts:
    """Merge it into another open request of the same customer, where the loop is closed for both."""
    _open(standing)
    if standing.special:
        raise Refused("parent")
    if not target.is_open:
        raise Refused("merge_closed")
    if standing.account_id != target.account_id or standing.account_id is None:
        raise Refused("merge_stranger")
    return [Draft("closed", data={"how": "merged", "into_id": into_id, "into": number})]


def result(standing: Standing, *, outcome: str, words: str, product_area: str = "") -> Drafts:
    """Say what came of a need; what stays unmet is counted by product and segment."""
    if standing.kind != "need":
        raise Refused("not_a_need")
    if outcome not in OUTCOMES:
        raise Refused("unknown_value")
    data = {"outcome": outcome} | ({"product_area": product_area} if product_area else {})
    return [Draft("resulted", words=_said(words), data=data)]
