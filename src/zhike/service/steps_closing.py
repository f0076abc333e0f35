"""Steps that close the loop and open it again. Pure; refuses by raising.

Nothing closes without the customer's answer, a granted exception or another request into which it was merged; who calls
back has never handled the request.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from zhike.service.log import Draft
from zhike.service.refusals import Refused
from zhike.service.standing import Standing
from zhike.service.steps_judging import Drafts, Rules, Who, must_be_open, one_level_up, said

# -- closing the loop --------------------------------------------------------------------------------------------------


def call_back(standing: Standing, who: Who, *, reached: bool, words: str = "") -> Drafts:
    """Call back after the answer; who calls has never handled the request."""
    if standing.stage != "call_back":
        must_be_open(standing)
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
        must_be_open(standing)
        raise Refused("not_answered")
    if score is not None and not 1 <= score <= 10:
        raise Refused("score")
    call = [] if by_customer else call_back(standing, who, reached=True)
    verdict = Draft(
        "customer_answered", words=words.strip(),
        data={"satisfied": satisfied, "score": score, "by_customer": by_customer},
    )  # fmt: skip
    if satisfied:
        return [*call, verdict, Draft("closed", data={"how": "satisfied"})]
    return [*call, verdict, *one_level_up(standing, "dissatisfied")]


def propose_exception(standing: Standing, rules: Rules, *, reason: str, words: str) -> Drafts:
    """Ask a supervisor to let it close without the customer's answer."""
    must_be_open(standing)
    if standing.exception_reason:
        raise Refused("exception_proposed")
    if reason not in rules.exception_reasons:
        raise Refused("exception_reason")
    return [Draft("exception_proposed", words=said(words, "no_reason"), data={"reason": reason})]


def decide_exception(standing: Standing, who: Who, *, grant: bool, words: str) -> Drafts:
    """Grant or refuse an exception: neither the one who asked for it nor anybody who handled the request."""
    must_be_open(standing)
    if not standing.exception_reason:
        raise Refused("no_exception")
    if who.staff_id is None or who.staff_id == standing.exception_by_id or who.staff_id in standing.handlers:
        raise Refused("second_person")
    if not grant:
        return [Draft("exception_refused", words=said(words, "no_reason"))]
    return [Draft("closed", words=words.strip(), data={"how": "exception", "reason": standing.exception_reason})]


def reopen(standing: Standing, rules: Rules, *, now: datetime, words: str) -> Drafts:
    """Open a closed request again within the days that policy gives."""
    if standing.is_open or standing.closed_at is None:
        raise Refused("not_closed")
    if standing.closed_how == "merged":
        raise Refused("merged")
    if now - standing.closed_at > timedelta(days=rules.reopen_days):
        raise Refused("too_late", days=rules.reopen_days)
    return [Draft("reopened", words=said(words, "no_reason"))]
