"""A preview says who would move, before anything is published, and shows nobody an account they may not see."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Count
from django.utils import timezone

from zhike.core import policies_drafts
from zhike.core.actor import Actor, NotAllowed, system_actor
from zhike.core.models import PolicyDraft, PolicyVersion, RunState
from zhike.core.policies import PolicyRefused, plant_seeds, publish
from zhike.customers.models import Account
from zhike.insights import cycle, preview
from zhike.insights.actions import ask_for_cycle
from zhike.insights.models import AccountScore, Alert, Cycle
from zhike.insights.policies import CYCLE_FAMILIES, policies_on
from zhike.insights.queries_preview import moves_of

from .conftest import ALL, actor_of

pytestmark = pytest.mark.django_db
SYSTEM = system_actor("test")
TODAY = timezone.localdate()
FIRST, NEXT = (TODAY - timedelta(days=1), TODAY) if TODAY.day > 1 else (TODAY, TODAY + timedelta(days=1))


@pytest.fixture
def analyst(operator: Path) -> Iterator[Actor]:
    """The analyst, after a cycle under the seeds."""
    plant_seeds(SYSTEM)
    carry(FIRST)
    yield actor_of("analyst")
    shutil.rmtree(operator / "previews", ignore_errors=True)


def carry(as_of: date) -> Cycle:
    return cycle.carry(SYSTEM, ask_for_cycle(SYSTEM, as_of=as_of, queue=False).pk)


def drafted(analyst: Actor, family: str, change: Any) -> PolicyDraft:
    """Write a draft that changes the body of the family that holds."""
    present = getattr(policies_on(TODAY)[0], family)
    body = CYCLE_FAMILIES[family].schema.model_validate(change(present.model_dump(mode="json")))
    return policies_drafts.start_draft(analyst, CYCLE_FAMILIES[family], body=body, valid_from=TODAY)


def stricter(body: dict[str, Any]) -> dict[str, Any]:
    """Ask more of every tier but the lowest, by score and by bill."""
    for tier in body["tiers"][:-1]:
        tier["score_from"] = min(tier["score_from"] + 8, 100)
        tier["bill_from_fen"] *= 2
    return body


def test_what_is_foretold_of_tiers_is_what_the_next_cycle_does(analyst: Actor) -> None:
    """The whole promise: publish what was previewed, run the cycle, and exactly those accounts have moved so."""
    draft = drafted(analyst, "tiers", stricter)
    run = preview.ask_for_preview(analyst, draft)
    assert run.state == RunState.DONE
    foretold = {move.account.pk: move.facts["tier_after"] for move in moves_of(analyst, run.pk)
                if move.facts["tier_before"] != move.facts["tier_after"]}  # fmt: skip
    assert foretold, "twice the bill moves somebody"
    before = tiers_now()
    publish(SYSTEM, CYCLE_FAMILIES["tiers"], valid_from=TODAY, body=CYCLE_FAMILIES["tiers"].schema.model_validate(
        draft.body))  # fmt: skip
    assert before == tiers_now(), "nothing moves before the cycle"
    carry(NEXT)
    after = tiers_now()
    assert {account: tier for account, tier in after.items() if tier != before[account]} == foretold
    counted = sum(many for was, becomes, many, _fen in run.result["tiers"] if was != becomes)
    assert counted == len(foretold)
    assert sum(many for _was, _becomes, many, _fen in run.result["tiers"]) == len(after)


def test_a_rule_switched_off_takes_just_its_alerts_away(analyst: Actor) -> None:
    rows = Alert.objects.unscoped(reason=ALL)
    rule = rows.values("rule").annotate(many=Count("account_id")).order_by("-many")[0]["rule"]

    def milder(body: dict[str, Any]) -> dict[str, Any]:
        del body["rules"][rule]
        return body

    run = preview.ask_for_preview(analyst, drafted(analyst, "alerts", milder))
    now = rows.filter(rule=rule)
    raised = sum(before for name, (before, _after) in run.result["alerts"].items() if name.startswith(f"{rule}."))
    assert raised == now.count() > 0
    for name, (before, after) in run.result["alerts"].items():
        assert after == (0 if name.startswith(f"{rule}.") else before)
    lost = {move.account.pk for move in moves_of(analyst, run.pk)}
    assert lost == set(now.values_list("account_id", flat=True))


def test_other_weights_change_scores_and_tell_both(analyst: Actor) -> None:
    def heavier(body: dict[str, Any]) -> dict[str, Any]:
        body["contribution"]["shares"] = {"rate": 0.9, "income": 0.1}
        return body

    run = preview.ask_for_preview(analyst, drafted(analyst, "value", heavier))
    told = moves_of(analyst, run.pk)
    assert any(move.facts["value_before"] != move.facts["value_after"] for move in told)
    bills = [move.facts["bill_mean3_fen"] for move in told]
    assert bills == sorted(bills, reverse=True)


def test_nobody_is_shown_an_account_outside_their_scope(analyst: Actor) -> None:
    run = preview.ask_for_preview(analyst, drafted(analyst, "tiers", stricter))
    everybody = {move.account.pk for move in moves_of(analyst, run.pk)}
    lead = actor_of("region_lead")
    mine = set(Account.objects.for_actor(lead).values_list("pk", flat=True))
    assert {move.account.pk for move in moves_of(lead, run.pk)} == everybody & mine
    assert everybody - mine, "the example reaches beyond one region"
    assert moves_of(actor_of("auditor"), run.pk) == []


def test_a_preview_publishes_nothing(analyst: Actor) -> None:
    versions, scores = PolicyVersion.objects.count(), tiers_now()
    preview.ask_for_preview(analyst, drafted(analyst, "tiers", stricter))
    assert (PolicyVersion.objects.count(), tiers_now()) == (versions, scores)
    with pytest.raises(NotAllowed):
        preview.ask_for_preview(actor_of("manager"), drafted(analyst, "tiers", stricter))


def test_many_accounts_are_left_to_a_job(analyst: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "AT_ONCE", 0)
    draft = drafted(analyst, "tiers", stricter)
    run = preview.ask_for_preview(analyst, draft)
    assert run.state == RunState.QUEUED
    shown = Cycle.objects.get(state=Cycle.State.CURRENT)
    preview.carry(run.pk, draft.pk, shown.pk)
    run.refresh_from_db()
    assert run.state == RunState.DONE


def test_files_that_are_gone_are_said_so(analyst: Actor, operator: Path) -> None:
    shown = Cycle.objects.get(state=Cycle.State.CURRENT)
    shutil.rmtree(cycle.results_folder(shown.pk))
    run = preview.ask_for_preview(analyst, drafted(analyst, "tiers", stricter))
    assert run.state == RunState.FAILED
    assert "请先运行一次周期" in run.error_zh


def test_without_a_cycle_there_is_nothing_to_try(operator: Path) -> None:
    plant_seeds(SYSTEM)
    analyst = actor_of("analyst")
    with pytest.raises(PolicyRefused):
        preview.ask_for_preview(analyst, drafted(analyst, "tiers", stricter))


def tiers_now() -> dict[int, str]:
    """Return the tier of every account in the cycle that is shown."""
    shown = Cycle.objects.get(state=Cycle.State.CURRENT)
    rows = AccountScore.objects.unscoped(reason=ALL).filter(cycle_id=shown.pk)
    return dict(rows.values_list("account_id", "tier"))
