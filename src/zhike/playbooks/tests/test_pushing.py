"""From figures and alerts to the worklist: what stands there, what goes away by itself, and how it is told."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from django.utils.translation import override
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.cast import Cast, build_cast

from zhike.core.actor import system_actor
from zhike.core.changes import notify
from zhike.core.policies import publish
from zhike.customers.models import Account, CompetitorHolding, Contact, Contract
from zhike.insights import sql_scores
from zhike.insights.models import Cycle, Publication
from zhike.insights.sql import SUMMARY, partition
from zhike.playbooks import actions
from zhike.playbooks.rules import FAMILY, SIGNALS
from zhike.playbooks.words import WORDS
from zhike.worklist import actions as work
from zhike.worklist.models import WorkItem
from zhike.worklist.words import title_of, why_of

pytestmark = pytest.mark.django_db
SYSTEM = system_actor("test")
ALL = "tests look at everything"


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Cast:
    """The named cast; our account is a large one that pays 80,000 yuan a month."""
    monkeypatch.setenv("ZHIKE_HOME", str(tmp_path))
    cast = build_cast()
    figures(cast, billed_fen=8_000_000, tier="A1", tier_rank=1, completeness=90, decider_unknown=False)
    actions.suggest(SYSTEM)
    return cast


def current() -> Publication:
    """Return the publication that pages read."""
    return Publication.objects.get(state="current")


def figures(cast: Cast, **values: Any) -> None:
    """Change the published figures of our account."""
    settings = ", ".join(f"{name} = %s" for name in values)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {partition(SUMMARY, current().pk)} SET {settings} WHERE account_id = %s",
            [*values.values(), cast.accounts["ours"].pk],
        )


def alerts(cast: Cast, *rows: tuple[str, str, int | None, dict[str, Any]], since: date | None = None) -> Cycle:
    """Let a cycle have found alerts of our account: rule, level, stake, evidence."""
    cycle = Cycle.objects.create(state="old", as_of=timezone.localdate())
    account = cast.accounts["ours"]
    with connection.cursor() as cursor:
        for parent in sql_scores.PARENTS:
            cursor.execute(sql_scores.create_partition(parent, cycle.pk))
            cursor.execute(sql_scores.attach_partition(parent, cycle.pk))
        for rule, level, stake, evidence in rows:
            cursor.execute(
                "INSERT INTO insights_alert VALUES (%s, %s, %s, %s, %s, 20, 15, '%%', %s, %s, %s)",
                [
                    cycle.pk, account.pk, account.region_id, rule, level, stake, json.dumps(evidence),
                    since or timezone.localdate(),
                ],
            )  # fmt: skip
    Publication.objects.filter(state="current").update(cycle_id=cycle.pk)
    return cycle


def live(cast: Cast) -> dict[str, WorkItem]:
    """Return the live items of our account by rule."""
    rows = WorkItem.objects.unscoped(reason=ALL).filter(account=cast.accounts["ours"], state__in=("open", "postponed"))
    return {item.rule: item for item in rows}


def test_alerts_become_items_with_their_evidence_and_worth(cast: Cast) -> None:
    alerts(cast, ("bill_fall", "red", 24_000_000, {"bill_latest_fen": 6_000_000, "bill_before3_fen": 8_000_000}))
    actions.suggest(SYSTEM)
    item = live(cast)["bill_fall"]
    assert (item.kind, item.level, item.stake_fen, item.verb) == ("alert", "red", 24_000_000, "bills")
    assert item.expected_fen == round(24_000_000 * item.evidence["helps"] * item.evidence["saves"])
    assert item.evidence["playbook"] == "fall_large"
    assert "逐项核对" in item.advice["zh"]


def test_the_same_alerts_push_nothing_anew(cast: Cast) -> None:
    alerts(cast, ("bill_fall", "red", 24_000_000, {}))
    assert actions.suggest(SYSTEM).new == 1
    assert actions.suggest(SYSTEM) == work.Pushed(new=0, renewed=0, over=0)


def test_an_alert_that_is_gone_takes_its_item_along(cast: Cast) -> None:
    alerts(cast, ("bill_fall", "red", 24_000_000, {}))
    actions.suggest(SYSTEM)
    alerts(cast)
    assert actions.suggest(SYSTEM).over == 1
    assert live(cast) == {}


def test_a_dealt_with_alert_that_reddens_is_told_again(cast: Cast) -> None:
    since = timezone.localdate() - timedelta(30)
    alerts(cast, ("bill_fall", "yellow", 24_000_000, {}), since=since)
    actions.suggest(SYSTEM)
    work.finish(cast.actor("alice"), item_id=live(cast)["bill_fall"].pk)
    actions.suggest(SYSTEM)
    assert live(cast) == {}
    alerts(cast, ("bill_fall", "red", 24_000_000, {}), since=since)
    actions.suggest(SYSTEM)
    assert live(cast)["bill_fall"].level == "red"


def test_without_a_cycle_the_figures_speak_for_themselves(cast: Cast) -> None:
    today = timezone.localdate()
    figures(cast, ends_on=today + timedelta(20), overdue_fen=5_000_000, visited_on=today - timedelta(200))
    actions.suggest(SYSTEM)
    assert {rule: item.level for rule, item in live(cast).items()} == {
        "contract_end": "red", "overdue": "yellow", "unvisited": "yellow",
    }  # fmt: skip


def test_what_was_renewed_paid_or_visited_since_the_cycle_is_no_longer_asked_for(cast: Cast) -> None:
    today = timezone.localdate()
    alerts(
        cast,
        ("contract_end", "red", None, {"contract_ends_in": 20}),
        ("overdue", "red", 5_000_000, {"overdue_days": 40, "overdue_fen": 5_000_000}),
        ("unvisited", "red", None, {"unvisited_days": 200}),
    )
    figures(cast, ends_on=today + timedelta(20), overdue_fen=5_000_000, visited_on=today - timedelta(200))
    actions.suggest(SYSTEM)
    assert set(live(cast)) == {"contract_end", "overdue", "unvisited"}
    figures(cast, ends_on=today + timedelta(400), overdue_fen=0, visited_on=today - timedelta(2))
    actions.suggest(SYSTEM)
    assert live(cast) == {}


def test_filling_a_gap_on_the_page_ends_its_item_at_once(cast: Cast) -> None:
    account = cast.accounts["ours"]
    figures(cast, decider_unknown=True)
    actions.suggest(SYSTEM)
    assert set(live(cast)) == {"decider_unknown"}
    Contact(
        account=account, code="P9", name="程远", decision_role="decides", tie_strength=3, tie_staff=cast.people["alice"]
    ).save()
    notify("accounts", actor=cast.actor("alice"), account_ids=[account.pk])
    assert "decider_unknown" not in live(cast)


def test_an_account_that_has_left_needs_nothing(cast: Cast) -> None:
    figures(cast, decider_unknown=True)
    actions.suggest(SYSTEM)
    figures(cast, lifecycle="left")
    actions.suggest(SYSTEM)
    assert live(cast) == {}


def test_competitors_share_is_a_chance_worth_their_fees(cast: Cast) -> None:
    CompetitorHolding(
        account=cast.accounts["ours"], code="X", business_class="communication", operator="mobile", product="专线",
        monthly_fee_fen=4_000_000,
    ).save()  # fmt: skip
    figures(cast, share_permille=300, theirs_fen=4_000_000)
    actions.suggest(SYSTEM)
    item = live(cast)["rival_share"]
    assert (item.kind, item.stake_fen, item.evidence["gain"]) == ("chance", 48_000_000, "win")
    assert title_of(item.rule, item.evidence) == "异网占了已知支出的 70%"
    assert why_of(item.rule, item.evidence) == "对手每月约收 4.00 万元，一年 48.00 万元。"


def test_a_birthday_is_announced_without_saying_whose_or_when(cast: Cast) -> None:
    soon = timezone.localdate() + timedelta(3)
    Contact(
        account=cast.accounts["ours"], code="P9", name="程远", decision_role="decides", birthday=soon.replace(year=1972)
    ).save()
    actions.suggest(SYSTEM)
    item = live(cast)["birthday"]
    told = f"{item.evidence} {item.advice} {title_of(item.rule, item.evidence)} {why_of(item.rule, item.evidence)}"
    assert "程远" not in told
    assert f"{soon:%m-%d}" not in told


def test_every_signal_is_told_in_both_languages_whatever_is_known() -> None:
    assert set(WORDS) == set(SIGNALS)
    full = {
        "bill_latest_fen": 6_000_000, "bill_before3_fen": 8_000_000, "bill_change_permille": -250,
        "income_fen": 96_000_000,
        "usage_change_permille": -310, "declining_months": 3, "silent_months": 1, "removed_90": 2, "measure": 16.7,
        "unit": "times", "overdue_fen": 2_310_400, "overdue_days": 16, "complaints_90": 2, "complaints_365": 5,
        "escalated_90": 1, "ends_on": f"{timezone.localdate() + timedelta(38)}", "manager_changed_days": 20,
        "contact_changed_days": 9, "rival_seen_days": 3, "rival_fen": 900_000, "rival_permille": 430,
        "satisfaction_points": 58, "unvisited_days": 120, "members_left_180": 7, "percent": 45, "days": 7,
    }  # fmt: skip
    empty: dict[str, Any] = dict.fromkeys(full)
    for evidence in (full, empty, {}):
        for language in ("zh-hans", "en"):
            with override(language):
                for rule in SIGNALS:
                    title, why = title_of(rule, evidence), why_of(rule, evidence)
                    assert title, rule
                    for text in (title, why):
                        assert "None" not in text, (rule, text)
                        assert "{" not in text, (rule, text)
                        assert "%(" not in text, (rule, text)


def test_a_contract_is_told_by_its_days_left_today(cast: Cast) -> None:
    today = timezone.localdate()
    Contract(account=cast.accounts["ours"], code="H1", starts_on=date(2024, 1, 1), ends_on=today + timedelta(38)).save()
    notify("accounts", actor=SYSTEM, account_ids=[cast.accounts["ours"].pk])
    figures(cast, billed_fen=8_000_000)
    actions.suggest(SYSTEM)
    item = live(cast)["contract_end"]
    assert "还有 38 天" in title_of(item.rule, item.evidence)
    assert "年收入约 96.00 万元" in why_of(item.rule, item.evidence)


def test_new_figures_queue_the_suggesting(cast: Cast) -> None:
    with connection.cursor() as cursor:
        notify("published", actor=SYSTEM, publication_id=current().pk, cycle_id=None)
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'playbooks.suggest'")
        assert cursor.fetchone()[0] == 1


def test_changed_playbooks_are_taken_up_at_once(cast: Cast) -> None:
    alerts(cast, ("bill_fall", "red", 24_000_000, {}))
    actions.suggest(SYSTEM)
    body = FAMILY.seed_versions()[-1][1].model_copy(update={"urgency": {"red": 0.5, "yellow": 0.4, "plain": 0.3}})
    author = (cast.people["carol"].pk, "Carol")  # a second person approves
    publish(cast.actor("dora"), FAMILY, valid_from=timezone.localdate(), body=body, author=author, note="试行")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'playbooks.suggest'")
        assert cursor.fetchone()[0] == 1
    before = live(cast)["bill_fall"]
    actions.suggest(SYSTEM)
    after = live(cast)["bill_fall"]
    assert after.expected_fen == before.expected_fen // 2
    assert after.evidence["policy"] != before.evidence["policy"], "an item cites the rules it was made with"


def test_unknown_accounts_and_no_publication_do_no_harm(db: None) -> None:
    Publication.objects.all().delete()
    assert actions.suggest(SYSTEM) == work.Pushed(new=0, renewed=0, over=0)
    assert Account.objects.unscoped(reason=ALL).count() == 0


def test_nobody_who_changes_an_account_waits_while_all_accounts_are_looked_at(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_given: Any, wait: bool, **_more: Any) -> None:
        assert not wait
        raise work.Busy

    monkeypatch.setattr(actions, "push", busy)
    account = cast.accounts["ours"]
    notify("accounts", actor=SYSTEM, account_ids=[account.pk])
    assert ProcrastinateJob.objects.filter(task_name="playbooks.suggest", args__ids=[account.pk]).count() == 1
