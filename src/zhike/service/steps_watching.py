"""Steps that watch over requests or bind several: levels, supervision, groups, parents. Pure; refuses by raising."""

from __future__ import annotations

from datetime import datetime

from zhike.service.codes import GROUPS, OUTCOMES, SPECIALS
from zhike.service.log import Draft
from zhike.service.refusals import Refused
from zhike.service.standing import Standing
from zhike.service.steps_judging import Drafts, Rules, must_be_open, one_level_up, said

# -- watching over -----------------------------------------------------------------------------------------------------


def escalate(standing: Standing, rules: Rules, *, level: int, words: str) -> Drafts:
    """Report it to a higher level."""
    must_be_open(standing)
    if not standing.escalation < level <= rules.top_level:
        raise Refused("level")
    return [Draft("escalated", words=said(words, "no_reason"), data={"level": level, "why": "person"})]


def notice(standing: Standing, *, sign: str) -> Drafts:
    """Mark a sign that asks for a higher level, which follows with it."""
    if sign in standing.signs or not standing.is_open:
        return []
    raised = [] if standing.escalation else one_level_up(standing, sign)
    return [Draft("signed", data={"sign": sign}), *raised]


def supervise(standing: Standing, *, words: str, due_at: datetime | None) -> Drafts:
    """Have it watched (督办): what must be done, by when."""
    must_be_open(standing)
    if standing.supervised:
        raise Refused("supervised")
    due = due_at.isoformat() if due_at else ""
    return [Draft("supervised", words=said(words, "no_reason"), data={"due_at": due})]


def end_supervision(standing: Standing, *, words: str) -> Drafts:
    """Stop watching it."""
    must_be_open(standing)
    if not standing.supervised:
        raise Refused("not_supervised")
    return [Draft("supervision_ended", words=said(words, "no_reason"))]


def join(standing: Standing, *, staff_id: int, part: str) -> Drafts:
    """Ask somebody into the resource-coordination group or the virtual team."""
    must_be_open(standing)
    if part not in GROUPS:
        raise Refused("unknown_value")
    if standing.has_part(staff_id, part):
        raise Refused("already")
    return [Draft("joined", data={"staff_id": staff_id, "part": part})]


def leave(standing: Standing, *, staff_id: int, part: str) -> Drafts:
    """Let somebody go from the group."""
    must_be_open(standing)
    if part not in GROUPS or not standing.has_part(staff_id, part):
        raise Refused("already")
    return [Draft("left", data={"staff_id": staff_id, "part": part})]


# -- several at once ---------------------------------------------------------------------------------------------------


def declare(standing: Standing, *, special: str, words: str) -> Drafts:
    """Make it the parent of an outage or a special event, to which many requests are linked."""
    must_be_open(standing)
    if special not in SPECIALS:
        raise Refused("unknown_value")
    if standing.special == special:
        raise Refused("already")
    if standing.parent_id is not None:
        raise Refused("linked")
    return [Draft("declared", words=said(words, "no_reason"), data={"special": special})]


def link(standing: Standing, parent: Standing, *, parent_id: int) -> Drafts:
    """Link it to a parent, which speaks for all."""
    must_be_open(standing)
    if standing.special:
        raise Refused("parent")
    if standing.parent_id is not None:
        raise Refused("linked")
    if not parent.special or not parent.is_open:
        raise Refused("not_parent")
    return [Draft("linked", data={"parent_id": parent_id})]


def unlink(standing: Standing) -> Drafts:
    """Take it from its parent again."""
    must_be_open(standing)
    if standing.parent_id is None:
        raise Refused("not_linked")
    return [Draft("unlinked")]


def merge(standing: Standing, target: Standing, *, into_id: int, number: str) -> Drafts:
    """Merge it into another open request of the same customer, where the loop is closed for both."""
    must_be_open(standing)
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
    return [Draft("resulted", words=said(words), data=data)]
