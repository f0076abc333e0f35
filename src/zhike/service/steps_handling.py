"""Steps from taking up to the answer: owner, class, departments, the pause, words. Pure; refuses by raising."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zhike.service.codes import KINDS, NEEDS, PRIORITIES
from zhike.service.log import Draft
from zhike.service.refusals import Refused
from zhike.service.standing import Standing
from zhike.service.steps_judging import WORKING, Drafts, Rules, Who, must_be_open, must_stand_at, running_again, said

# -- taking up ---------------------------------------------------------------------------------------------------------


def own(standing: Standing, who: Who, *, owner_id: int, department_id: int | None) -> Drafts:
    """Become the first-responsibility owner; only a supervisor gives a request that has one to somebody else."""
    must_be_open(standing)
    if standing.owner_id == owner_id:
        raise Refused("already")
    if standing.owner_id is not None and not who.supervises and not who.is_system:
        raise Refused("owned", owner_id=standing.owner_id)
    return [Draft("owned", data={"owner_id": owner_id, "department_id": department_id})]


def recognise(standing: Standing, who: Who, *, customer: dict[str, Any]) -> Drafts:
    """Say whose request it is; a supervisor may put a mistake right."""
    must_be_open(standing)
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
    must_be_open(standing)
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
    must_be_open(standing)
    if priority not in PRIORITIES:
        raise Refused("unknown_value")
    if priority == standing.priority:
        raise Refused("already")
    return [Draft("prioritised", words=said(reason, "no_reason"), data={"priority": priority})]


# -- departments -------------------------------------------------------------------------------------------------------


def offer(standing: Standing, *, department_id: int, words: str = "") -> Drafts:
    """Offer it to a department, which accepts or returns it."""
    must_stand_at(standing, *WORKING)
    if standing.owner_id is None:
        raise Refused("no_owner")
    if standing.stage == "handle" and standing.department_id == department_id:
        raise Refused("same_department")
    return [Draft("offered", words=words.strip(), data={"department_id": department_id})]


def accept(standing: Standing, who: Who, *, handler_id: int | None) -> Drafts:
    """Accept what was offered, for a handler or for the department's queue."""
    must_stand_at(standing, "handle")
    if not who.stands_in(standing.department_id):
        raise Refused("other_department")
    if standing.accepted and (handler_id is None or standing.handler_id is not None):
        raise Refused("accepted", handler_id=standing.handler_id)
    return [Draft("accepted", data={"handler_id": handler_id})]


def give_back(standing: Standing, who: Who, rules: Rules, *, reason: str, words: str) -> Drafts:
    """Return it (退单) to the desk that owns it, with a listed reason."""
    must_stand_at(standing, "handle")
    if not who.stands_in(standing.department_id):
        raise Refused("other_department")
    if reason not in rules.return_reasons:
        raise Refused("return_reason")
    return [*running_again(standing), Draft("returned", words=said(words, "no_reason"), data={"reason": reason})]


def hand(standing: Standing, who: Who, *, handler_id: int | None) -> Drafts:
    """Hand it to a colleague of the department, or put it back into the department's queue."""
    must_stand_at(standing, "handle")
    if not who.stands_in(standing.department_id):
        raise Refused("other_department")
    if not standing.accepted:
        raise Refused("not_accepted")
    if handler_id == standing.handler_id:
        raise Refused("already")
    return [Draft("handed", data={"handler_id": handler_id})]


def work(standing: Standing, who: Who, *, words: str, cause: str = "") -> Drafts:
    """Report the result to the owner, who answers the customer."""
    must_stand_at(standing, "handle")
    if not who.stands_in(standing.department_id):
        raise Refused("other_department")
    if not standing.accepted:
        raise Refused("not_accepted")
    handler = [Draft("handed", data={"handler_id": who.staff_id})] if _done_by_another(standing, who) else []
    return [*running_again(standing), *handler, Draft("worked", words=said(words), data={"cause": cause})]


def _done_by_another(standing: Standing, who: Who) -> bool:
    """Whoever reports the result has handled it, whatever was said before: they will never call back."""
    return who.staff_id is not None and standing.handler_id != who.staff_id


# -- the clock ---------------------------------------------------------------------------------------------------------


def pause(standing: Standing, who: Who, rules: Rules, *, reason: str, words: str) -> Drafts:
    """Let the clock stand still, for a listed reason only."""
    must_stand_at(standing, "triage", *WORKING)
    if standing.paused_at is not None:
        raise Refused("already")
    if reason not in rules.pause_reasons:
        raise Refused("pause_reason")
    if standing.stage == "handle" and not who.stands_in(standing.department_id) and who.staff_id != standing.owner_id:
        raise Refused("other_department")
    return [Draft("paused", words=said(words, "no_reason"), data={"reason": reason})]


def resume(standing: Standing) -> Drafts:
    """Let the clock run on."""
    must_be_open(standing)
    if standing.paused_at is None:
        raise Refused("not_paused")
    return [Draft("resumed")]


# -- words -------------------------------------------------------------------------------------------------------------


def contact(standing: Standing, *, words: str = "") -> Drafts:
    """Say that the customer was reached for the first time."""
    must_be_open(standing)
    if standing.contacted_at is not None:
        raise Refused("already")
    return [Draft("contacted", words=words.strip(), to_customer=True)]


def note(*, words: str, via: str = "") -> Drafts:
    """Leave a word for colleagues; also where the request is closed."""
    return [Draft("noted", words=said(words), data={"via": via} if via else {})]


def reply(standing: Standing, *, words: str, via: str = "") -> Drafts:
    """Tell the customer how far it is (阶段答复)."""
    must_be_open(standing)
    return [Draft("replied", words=said(words), to_customer=True, data={"via": via} if via else {})]


def hear(standing: Standing, *, words: str, via: str = "") -> Drafts:
    """Write down what the customer said; waiting for the customer is over with it."""
    heard = Draft("heard", words=said(words), data={"via": via} if via else {})
    waited = standing.is_open and standing.paused_at is not None and standing.pause_reason == "waiting_customer"
    return [heard, *([Draft("resumed")] if waited else [])]


def answer(standing: Standing, *, words: str, via: str = "") -> Drafts:
    """Answer the customer: by what the department found, or at once where the desk can."""
    must_stand_at(standing, "assign", "answer")
    if standing.owner_id is None:
        raise Refused("no_owner")
    return [
        *running_again(standing),
        Draft("answered", words=said(words), to_customer=True, data={"via": via} if via else {}),
    ]
