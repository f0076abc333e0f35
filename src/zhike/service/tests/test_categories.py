"""Categories, red lines, reasons and signs come from rules that people change, by their day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pydantic import ValidationError
from tests.cast import Cast

from zhike.core.actor import system_actor
from zhike.core.policies import plant_seeds, publish
from zhike.service import actions_steps as steps
from zhike.service.actions import take_in
from zhike.service.policies_categories import REQUEST_CATEGORIES, RequestCategories
from zhike.service.queries import request_of
from zhike.service.refusals import Refused
from zhike.service.rules import rules_now


def changed(**new: object) -> RequestCategories:
    [(_, body)] = REQUEST_CATEGORIES.seed_versions()
    return RequestCategories.model_validate(body.model_dump() | new)


def test_what_is_published_for_today_decides_and_tomorrows_does_not(staged: Cast) -> None:
    plant_seeds(system_actor("test"))
    today = timezone.localdate()
    dora = staged.actor("dora")
    publish(dora, REQUEST_CATEGORIES, valid_from=today + timedelta(days=1), body=changed(reopen_days=5), note="明天起")
    assert rules_now().reopen_days == 30
    publish(dora, REQUEST_CATEGORIES, valid_from=today, body=changed(reopen_days=7), note="今天起")
    assert rules_now().reopen_days == 7


def test_a_category_taken_out_of_use_is_refused_at_intake_and_triage(staged: Cast) -> None:
    body = changed()
    rest = [one.model_copy(update={"active": one.code != "invoice"}) for one in body.categories]
    plant_seeds(system_actor("test"))
    fay = staged.actor("fay")
    number = take_in(fay, channel="hotline", kind="consult", text="发票怎么开", category="invoice").request.number
    new = changed(categories=[one.model_dump() for one in rest])
    publish(staged.actor("dora"), REQUEST_CATEGORIES, valid_from=timezone.localdate(), body=new, note="停用发票类")
    for attempt in (
        lambda: take_in(fay, channel="hotline", kind="consult", text="发票怎么开", category="invoice"),
        lambda: steps.triage(fay, number=number, category="invoice"),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.code == "unknown_category"


def test_a_red_line_is_solved_sooner_than_its_kind_asks(staged: Cast) -> None:
    plant_seeds(system_actor("test"))
    fay = staged.actor("fay")
    number = take_in(fay, channel="hotline", kind="complaint", text="被开通了没要的业务").request.number
    steps.contact(fay, number=number)
    before = request_of(fay, number)
    steps.triage(fay, number=number, category="red_unknowing")
    after = request_of(fay, number)
    assert before is not None
    assert after is not None
    assert after.next_due_at < before.next_due_at


@pytest.mark.parametrize(
    "new",
    [
        {"categories": [{"code": "a", "parent": "nowhere", "label": {"zh": "甲", "en": "A"}}]},
        {"quality_form": [{"code": "a", "label": {"zh": "甲", "en": "A"}, "points": 90}]},
        {"rises": [{"level": 1, "minutes_after_due": 60}, {"level": 2, "minutes_after_due": 0}]},
    ],
)
def test_rules_that_cannot_be_followed_are_refused(new: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        changed(**new)
