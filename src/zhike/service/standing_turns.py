"""What each kind of fact changes in how a request stands, one turn a kind. Refuses nothing: the log is true."""

from __future__ import annotations

from collections.abc import Callable

from zhike.service.codes import NEEDS
from zhike.service.log import Fact
from zhike.service.standing_shape import Part, Standing, Stretch


def nothing(standing: Standing, fact: Fact) -> None:
    """A fact that only tells."""


def _taken(standing: Standing, fact: Fact) -> None:
    given = fact.data
    standing.kind, standing.channel = given["kind"], given["channel"]
    standing.category, standing.priority = given.get("category", ""), given.get("priority", "normal")
    standing.product_area = given.get("product_area", "")
    standing.taken_at, standing.stage = fact.at, "triage"
    standing.home_id = given.get("department_id")
    _customer(standing, fact)
    _begin_leg(standing, fact, standing.home_id)
    if given.get("owner_id") is not None:
        _own(standing, fact, given["owner_id"])


def _customer(standing: Standing, fact: Fact) -> None:
    for name in ("account_id", "contact_id", "subscription_id"):
        if name in fact.data:
            setattr(standing, name, fact.data[name])
    for name in ("tier", "service_level", "assurance_level", "segment", "recognised_by"):
        if name in fact.data:
            setattr(standing, name, fact.data[name] or "")


def _owned(standing: Standing, fact: Fact) -> None:
    standing.home_id = fact.data.get("department_id", standing.home_id)
    leg = standing.leg
    if leg is not None and leg.stage != "handle" and leg.department_id != standing.home_id:
        _end_leg(standing, fact, "handed")
        _begin_leg(standing, fact, standing.home_id)
    _own(standing, fact, fact.data["owner_id"])


def _own(standing: Standing, fact: Fact, staff_id: int) -> None:
    _only(standing, fact, "owner", staff_id)
    standing.owner_id = staff_id
    if standing.leg is not None and standing.leg.stage != "handle" and standing.leg.accepted_at is None:
        standing.leg.accepted_at, standing.leg.accepted_by_id = fact.at, staff_id
        standing.accepted = True


def _triaged(standing: Standing, fact: Fact) -> None:
    given = fact.data
    standing.category = given["category"]
    standing.kind = given.get("kind", standing.kind)
    standing.priority = given.get("priority", standing.priority)
    standing.product_area = given.get("product_area", standing.product_area)
    for name in NEEDS:
        setattr(standing, name, given.get(name, getattr(standing, name)))
    if standing.stage == "triage":
        standing.stage = "assign"


def _prioritised(standing: Standing, fact: Fact) -> None:
    standing.priority = fact.data["priority"]


def _offered(standing: Standing, fact: Fact) -> None:
    _let_go(standing, fact)
    _end_leg(standing, fact, "handed")
    standing.stage = "handle"
    _begin_leg(standing, fact, fact.data["department_id"])


def _accepted(standing: Standing, fact: Fact) -> None:
    if standing.leg is not None and standing.leg.accepted_at is None:
        standing.leg.accepted_at, standing.leg.accepted_by_id = fact.at, fact.by_id
    standing.accepted = True
    _handle(standing, fact, fact.data.get("handler_id"))


def _returned(standing: Standing, fact: Fact) -> None:
    _let_go(standing, fact)
    if standing.leg is not None:
        standing.leg.reason = fact.data.get("reason", "")
    _end_leg(standing, fact, "returned")
    standing.returns += 1
    standing.stage = "assign"
    _back_home(standing, fact)


def _handed(standing: Standing, fact: Fact) -> None:
    _let_go(standing, fact)
    _handle(standing, fact, fact.data.get("handler_id"))


def _contacted(standing: Standing, fact: Fact) -> None:
    standing.contacted_at = standing.contacted_at or fact.at


def _replied(standing: Standing, fact: Fact) -> None:
    _contacted(standing, fact)
    standing.replied_at = fact.at


def _paused(standing: Standing, fact: Fact) -> None:
    standing.paused_at, standing.pause_reason = fact.at, fact.data["reason"]


def _resumed(standing: Standing, fact: Fact) -> None:
    standing.paused_at, standing.pause_reason = None, ""


def _worked(standing: Standing, fact: Fact) -> None:
    _let_go(standing, fact)
    _end_leg(standing, fact, "done")
    standing.stage = "answer"
    _back_home(standing, fact)


def _answered(standing: Standing, fact: Fact) -> None:
    _replied(standing, fact)
    if standing.stage == "assign" and fact.by_id is not None:  # the desk solved it by itself: it has handled it
        standing.parts.append(Part(fact.by_id, "handler", fact.at, fact.at))
    standing.answered_at, standing.stage = fact.at, "call_back"


def _called_back(standing: Standing, fact: Fact) -> None:
    standing.call_backs += 1
    if fact.by_id is not None:
        _only(standing, fact, "caller_back", fact.by_id)
        standing.caller_back_id = fact.by_id


def _customer_answered(standing: Standing, fact: Fact) -> None:
    standing.satisfied, standing.score = fact.data["satisfied"], fact.data.get("score")
    if not standing.satisfied:
        standing.stage, standing.answered_at = "assign", None


def _exception_proposed(standing: Standing, fact: Fact) -> None:
    standing.exception_by_id, standing.exception_reason = fact.by_id, fact.data["reason"]


def _exception_refused(standing: Standing, fact: Fact) -> None:
    standing.exception_by_id, standing.exception_reason = None, ""


def _closed(standing: Standing, fact: Fact) -> None:
    _let_go(standing, fact)
    _end_leg(standing, fact, "closed")
    _resumed(standing, fact)
    standing.stage, standing.closed_at, standing.closed_how = "closed", fact.at, fact.data["how"]
    standing.supervised = False
    standing.merged_into_id = fact.data.get("into_id")
    for one in standing.parts:
        one.until = one.until or fact.at


def _reopened(standing: Standing, fact: Fact) -> None:
    standing.stage, standing.closed_at, standing.closed_how = "assign", None, ""
    standing.answered_at, standing.satisfied, standing.score = None, None, None
    standing.exception_by_id, standing.exception_reason = None, ""
    standing.reopens += 1
    _back_home(standing, fact)
    if standing.owner_id is not None:
        _only(standing, fact, "owner", standing.owner_id)


def _escalated(standing: Standing, fact: Fact) -> None:
    standing.escalation = max(standing.escalation, int(fact.data["level"]))


def _signed(standing: Standing, fact: Fact) -> None:
    if fact.data["sign"] not in standing.signs:
        standing.signs = [*standing.signs, fact.data["sign"]]


def _supervised(standing: Standing, fact: Fact) -> None:
    standing.supervised = True


def _supervision_ended(standing: Standing, fact: Fact) -> None:
    standing.supervised = False


def _joined(standing: Standing, fact: Fact) -> None:
    standing.parts.append(Part(fact.data["staff_id"], fact.data["part"], fact.at))


def _left(standing: Standing, fact: Fact) -> None:
    for one in standing.parts:
        if (one.staff_id, one.part) == (fact.data["staff_id"], fact.data["part"]):
            one.until = one.until or fact.at


def _declared(standing: Standing, fact: Fact) -> None:
    standing.special = fact.data["special"]


def _linked(standing: Standing, fact: Fact) -> None:
    standing.parent_id = fact.data["parent_id"]


def _unlinked(standing: Standing, fact: Fact) -> None:
    standing.parent_id = None


def _resulted(standing: Standing, fact: Fact) -> None:
    standing.outcome = fact.data["outcome"]
    standing.product_area = fact.data.get("product_area", standing.product_area)


# -- parts and legs ----------------------------------------------------------------------------------------------------


def _only(standing: Standing, fact: Fact, part: str, staff_id: int) -> None:
    """Let one person have a part that nobody else has at the same time."""
    for one in standing.parts:
        if one.part == part and one.until is None:
            if one.staff_id == staff_id:
                return
            one.until = fact.at
    standing.parts.append(Part(staff_id, part, fact.at))


def _handle(standing: Standing, fact: Fact, staff_id: int | None) -> None:
    standing.handler_id = staff_id
    if staff_id is not None:
        _only(standing, fact, "handler", staff_id)


def _let_go(standing: Standing, fact: Fact) -> None:
    standing.handler_id = None
    for one in standing.parts:
        if one.part == "handler":
            one.until = one.until or fact.at


def _begin_leg(standing: Standing, fact: Fact, department_id: int | None) -> None:
    standing.department_id, standing.accepted = department_id, False
    standing.legs.append(
        Stretch(len(standing.legs) + 1, department_id, fact.at, standing.stage, offered_by_id=fact.by_id)
    )


def _back_home(standing: Standing, fact: Fact) -> None:
    """Begin the leg of the desk that owns the request: nobody has to accept what is theirs."""
    _begin_leg(standing, fact, standing.home_id)
    if standing.owner_id is not None and standing.leg is not None:
        standing.leg.accepted_at, standing.leg.accepted_by_id = fact.at, standing.owner_id
        standing.accepted = True


def _end_leg(standing: Standing, fact: Fact, how: str) -> None:
    if standing.leg is not None:
        standing.leg.ended_at, standing.legs[-1].ended_how = fact.at, how


TURNS: dict[str, Callable[[Standing, Fact], None]] = {
    "taken": _taken, "recognised": _customer, "tier_followed": _customer, "owned": _owned, "triaged": _triaged,
    "prioritised": _prioritised, "offered": _offered, "accepted": _accepted, "returned": _returned,
    "handed": _handed, "contacted": _contacted, "replied": _replied, "told": _replied,
    "paused": _paused, "resumed": _resumed,
    "worked": _worked, "answered": _answered, "called_back": _called_back, "customer_answered": _customer_answered,
    "exception_proposed": _exception_proposed, "exception_refused": _exception_refused, "closed": _closed,
    "reopened": _reopened, "escalated": _escalated, "signed": _signed, "supervised": _supervised,
    "supervision_ended": _supervision_ended, "joined": _joined, "left": _left, "declared": _declared,
    "linked": _linked, "unlinked": _unlinked, "resulted": _resulted,
}  # fmt: skip
