"""The steps of one request, from triage to closing and reopening. All audited; refuses what `steps` refuses.

Each step takes the request's number and `seen`, the version that the person looked at: who comes second is told who
came first (`Overtaken`). A request out of reach raises ``Request.DoesNotExist``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from zhike.core.actor import Actor
from zhike.customers.queries_recognition import candidate_of
from zhike.service import signs, steps
from zhike.service.actions import attach, customer_data
from zhike.service.actions_writing import Case, held, step
from zhike.service.files import Upload, keep_all
from zhike.service.models import Request
from zhike.service.queries_departments import departments_of_staff, people_to_name, serving
from zhike.service.queries_routes import departments_for_need
from zhike.service.refusals import Refused
from zhike.service.rules import rules_now
from zhike.service.steps import Drafts

VIEW, TAKE, HANDLE = "requests.view", "requests.take", "requests.handle"
CALL_BACK, SUPERVISE = "requests.call_back", "requests.supervise"


# -- taking up ---------------------------------------------------------------------------------------------------------


def own(actor: Actor, *, number: str, owner_id: int | None = None, seen: int | None = None) -> Request:
    """Become its first-responsibility owner (or, as a supervisor, name one)."""
    wanted = owner_id if owner_id is not None else actor.staff_id
    if wanted is None or not people_to_name(actor).filter(pk=wanted).exists():
        raise Refused("no_such_person")

    def judge(case: Case) -> Drafts:
        if wanted != actor.staff_id and not case.who.supervises and not case.who.is_system:
            raise Refused("not_yours")
        theirs = departments_of_staff(wanted)
        home = case.standing.home_id if case.standing.home_id in theirs else min(theirs, default=case.standing.home_id)
        return steps.own(case.standing, case.who, owner_id=wanted, department_id=home)

    return step(actor, "own", number, judge, permission=TAKE, seen=seen)


def recognise(actor: Actor, *, number: str, account_code: str, seen: int | None = None) -> Request:
    """Say whose request it is. It then belongs to the account's region."""
    found = candidate_of(actor, account_code)
    if found is None:
        raise Refused("no_account")
    with held(actor, "recognise", number, permission=TAKE, seen=seen) as case:
        data = customer_data(found) | {"recognised_by": "person"}
        case.add(steps.recognise(case.standing, case.who, customer=data))
        if case.request.region_id != found.region_id:
            case.request.region_id = found.region_id
            case.request.save(update_fields=["region"])
    return case.request


def triage(
    actor: Actor, *, number: str, category: str, kind: str = "", priority: str = "", product_area: str = "",
    need: Mapping[str, str] | None = None, seen: int | None = None,
) -> Request:  # fmt: skip
    """Say what it is about and how urgent."""

    def judge(case: Case) -> Drafts:
        return steps.triage(
            case.standing,
            rules_now(),
            category=category,
            kind=kind,
            priority=priority,
            product_area=product_area,
            need=need,
        )

    return step(actor, "triage", number, judge, permission=TAKE, seen=seen)


def prioritise(actor: Actor, *, number: str, priority: str, reason: str, seen: int | None = None) -> Request:
    """Change how urgent it is."""
    return step(
        actor, "prioritise", number, lambda case: steps.prioritise(case.standing, priority=priority, reason=reason),
        permission=TAKE, seen=seen, reason=reason,
    )  # fmt: skip


# -- departments -------------------------------------------------------------------------------------------------------


def offer(actor: Actor, *, number: str, department: str, words: str = "", seen: int | None = None) -> Request:
    """Offer it to a department that serves its region."""

    def judge(case: Case) -> Drafts:
        found = serving(case.request.region_id).filter(code=department.replace("\0", "")).first()
        if found is None:
            raise Refused("does_not_serve")
        return steps.offer(case.standing, department_id=found.pk, words=words)

    return step(actor, "offer", number, judge, permission=TAKE, seen=seen)


def offer_by_route(actor: Actor, *, number: str, words: str = "", seen: int | None = None) -> Request:
    """Offer a need to the nearest department that its class is routed to."""

    def judge(case: Case) -> Drafts:
        if case.standing.kind != "need":
            raise Refused("not_a_need")
        found = departments_for_need(case.standing, case.request.region_id).first()
        if found is None:
            raise Refused("no_such_department")
        return steps.offer(case.standing, department_id=found.pk, words=words)

    return step(actor, "offer", number, judge, permission=TAKE, seen=seen)


def accept(actor: Actor, *, number: str, for_queue: bool = False, seen: int | None = None) -> Request:
    """Accept what was offered: to handle it oneself, or for the department's queue."""
    handler = None if for_queue else actor.staff_id
    return step(
        actor, "accept", number, lambda case: steps.accept(case.standing, case.who, handler_id=handler),
        permission=HANDLE, seen=seen,
    )  # fmt: skip


def give_back(actor: Actor, *, number: str, reason: str, words: str, seen: int | None = None) -> Request:
    """Return it (退单) with a listed reason."""
    return step(
        actor, "give_back", number,
        lambda case: steps.give_back(case.standing, case.who, rules_now(), reason=reason, words=words),
        permission=HANDLE, seen=seen, reason=words,
    )  # fmt: skip


def hand(actor: Actor, *, number: str, handler_id: int | None, seen: int | None = None) -> Request:
    """Hand it to a colleague of the department; ``None`` puts it back into the department's queue."""

    def judge(case: Case) -> Drafts:
        if handler_id is not None and case.standing.department_id not in departments_of_staff(handler_id):
            raise Refused("not_in_department")
        return steps.hand(case.standing, case.who, handler_id=handler_id)

    return step(actor, "hand", number, judge, permission=HANDLE, seen=seen)


def work(actor: Actor, *, number: str, words: str, cause: str = "", seen: int | None = None) -> Request:
    """Report the result to the owner."""
    return step(
        actor, "work", number, lambda case: steps.work(case.standing, case.who, words=words, cause=cause[:40]),
        permission=HANDLE, seen=seen,
    )  # fmt: skip


# -- the clock ---------------------------------------------------------------------------------------------------------


def pause(actor: Actor, *, number: str, reason: str, words: str, seen: int | None = None) -> Request:
    """Let the clock stand still, for a listed reason."""
    return step(
        actor, "pause", number,
        lambda case: steps.pause(case.standing, case.who, rules_now(), reason=reason, words=words),
        permission=HANDLE, seen=seen, reason=words,
    )  # fmt: skip


def resume(actor: Actor, *, number: str, seen: int | None = None) -> Request:
    """Let the clock run on."""
    return step(actor, "resume", number, lambda case: steps.resume(case.standing), permission=HANDLE, seen=seen)


# -- words -------------------------------------------------------------------------------------------------------------


def contact(actor: Actor, *, number: str, words: str = "") -> Request:
    """Say that the customer was reached for the first time."""
    return step(actor, "contact", number, lambda case: steps.contact(case.standing, words=words), permission=HANDLE)


def note(actor: Actor, *, number: str, words: str, via: str = "", attachments: Iterable[Upload] = ()) -> Request:
    """Leave a word for colleagues, with files if need be."""
    return _said(actor, "note", number, lambda case: steps.note(words=words, via=via), attachments, HANDLE)


def reply(actor: Actor, *, number: str, words: str, via: str = "", attachments: Iterable[Upload] = ()) -> Request:
    """Tell the customer how far it is (阶段答复)."""
    return _said(
        actor, "reply", number, lambda case: steps.reply(case.standing, words=words, via=via), attachments, HANDLE
    )


def hear(actor: Actor, *, number: str, words: str, via: str = "", attachments: Iterable[Upload] = ()) -> Request:
    """Write down what the customer said meanwhile; waiting for the customer is over with it, signs are noticed."""

    def judge(case: Case) -> Drafts:
        return steps.hear(case.standing, words=words, via=via)

    return _said(actor, "hear", number, judge, attachments, HANDLE, signs_in=words)


def _said(
    actor: Actor, action: str, number: str, judge: object, attachments: Iterable[Upload], permission: str,
    signs_in: str = "",
) -> Request:  # fmt: skip
    kept = keep_all(attachments)
    with held(actor, action, number, permission=permission) as case:
        drafts = judge(case)  # type: ignore[operator]
        if kept:
            drafts[0].data["files"] = [one.name for one in kept]
        case.add(drafts)
        for sign in signs.signs_in_words(signs_in):
            case.add(steps.notice(case.standing, sign=sign))
        attach(actor, case.request, kept, case.now)
    return case.request


def answer(actor: Actor, *, number: str, words: str, via: str = "", seen: int | None = None) -> Request:
    """Answer the customer; the call-back comes next."""
    return step(
        actor, "answer", number, lambda case: steps.answer(case.standing, words=words, via=via), permission=TAKE,
        seen=seen,
    )  # fmt: skip


# -- closing the loop --------------------------------------------------------------------------------------------------


def call_back(actor: Actor, *, number: str, reached: bool, words: str = "", seen: int | None = None) -> Request:
    """Write down a call-back that brought no verdict: nobody there, or call again."""
    return step(
        actor, "call_back", number,
        lambda case: steps.call_back(case.standing, case.who, reached=reached, words=words),
        permission=CALL_BACK, seen=seen,
    )  # fmt: skip


def hear_verdict(
    actor: Actor, *, number: str, satisfied: bool, score: int | None = None, words: str = "",
    by_customer: bool = False, seen: int | None = None,
) -> Request:  # fmt: skip
    """Write down the customer's answer: content closes the request, discontent opens it again one level higher.

    `by_customer` where the customer's own hand gave it (portal, message); only the system may say so.
    """
    if by_customer and not actor.is_system:
        raise Refused("not_yours")
    return step(
        actor, "hear_verdict", number,
        lambda case: steps.hear_verdict(
            case.standing, case.who, satisfied=satisfied, score=score, words=words, by_customer=by_customer
        ),
        permission=CALL_BACK, seen=seen,
    )  # fmt: skip


def propose_exception(actor: Actor, *, number: str, reason: str, words: str, seen: int | None = None) -> Request:
    """Ask a supervisor to let it close without the customer's answer."""
    return step(
        actor, "propose_exception", number,
        lambda case: steps.propose_exception(case.standing, rules_now(), reason=reason, words=words),
        permission=TAKE, seen=seen, reason=words,
    )  # fmt: skip


def decide_exception(actor: Actor, *, number: str, grant: bool, words: str = "", seen: int | None = None) -> Request:
    """Grant or refuse an exception."""
    return step(
        actor, "decide_exception", number,
        lambda case: steps.decide_exception(case.standing, case.who, grant=grant, words=words),
        permission=SUPERVISE, seen=seen, reason=words,
    )  # fmt: skip


def reopen(actor: Actor, *, number: str, words: str, seen: int | None = None) -> Request:
    """Open a closed request again within the days that policy gives."""
    return step(
        actor, "reopen", number,
        lambda case: steps.reopen(case.standing, rules_now(), now=case.now, words=words),
        permission=TAKE, seen=seen, reason=words,
    )  # fmt: skip


def result(actor: Actor, *, number: str, outcome: str, words: str, product_area: str = "") -> Request:
    """Say what came of a need."""
    return step(
        actor, "result", number,
        lambda case: steps.result(case.standing, outcome=outcome, words=words, product_area=product_area[:40]),
        permission=HANDLE,
    )  # fmt: skip
