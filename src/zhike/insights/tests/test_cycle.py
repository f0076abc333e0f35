"""A cycle shows what the library wrote, tiers follow, history grows only with moves, and failures change nothing."""

from __future__ import annotations

import importlib.util
import os
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.utils import timezone

from zhike.core import changes
from zhike.core.actor import NotAllowed, system_actor
from zhike.core.models import AuditEntry
from zhike.customers.models import Account, Subscription
from zhike.facts.loading.lake import lake
from zhike.insights import actions, cycle, queries, queries_scores
from zhike.insights.actions import ask_for_cycle
from zhike.insights.models import AccountScore, AccountSummary, AccountTier, Alert, Cycle

from .conftest import ALL, actor_of

pytestmark = pytest.mark.django_db
SYSTEM = system_actor("test")
TODAY = timezone.localdate()
MONTH_END = TODAY.replace(day=1) - timedelta(days=1)


def run(as_of: date = TODAY) -> Cycle:
    return cycle.carry(SYSTEM, ask_for_cycle(SYSTEM, as_of=as_of, queue=False).pk)


def rows_of(one: Cycle, name: str) -> dict[str, dict[str, Any]]:
    file = cycle.results_folder(one.pk) / "result" / f"{name}.parquet"
    return {row["account_code"]: row for row in pq.read_table(file).to_pylist()}


def summaries() -> dict[str, AccountSummary]:
    shown = queries.current()
    assert shown is not None
    rows = AccountSummary.objects.unscoped(reason=ALL).filter(publication_id=shown.pk)
    return {row.code: row for row in rows}


def test_tables_hold_what_the_library_wrote(operator: Path) -> None:
    one = run()
    assert one.state == Cycle.State.CURRENT
    assert one.accounts == 120
    scores, tiers = rows_of(one, "scores"), rows_of(one, "tiers")
    analyst = actor_of("analyst")
    for account in Account.objects.unscoped(reason=ALL):
        found = queries_scores.scores_of(analyst, account)
        assert found is not None
        told, decided = scores[account.code], tiers[account.code]
        for score in found:
            assert score.total == told[score.name]
            known = [part for part in score.parts.values() if part is not None]
            if score.total is not None:
                assert score.base + sum(known) == score.total, "the parts tell the whole"
            assert score.parts == {
                name.removeprefix(f"{score.name}_part_"): value
                for name, value in told.items()
                if name.startswith(f"{score.name}_part_")
            }
            assert ",".join(score.unknown) == told[f"{score.name}_unknown"]
        assert found.row.tier == (decided["tier"] or "")
    alerts = pq.read_table(cycle.results_folder(one.pk) / "result" / "alerts.parquet").to_pylist()
    assert Alert.objects.unscoped(reason=ALL).filter(cycle_id=one.pk).count() == len(alerts) == one.alerts > 0


def test_lists_carry_scores_and_the_worst_alert(operator: Path) -> None:
    one = run()
    found = summaries()
    scores = AccountScore.objects.unscoped(reason=ALL).filter(cycle_id=one.pk).in_bulk()
    for row in found.values():
        score = scores[row.account_id]
        assert (row.value_score, row.loyalty_score, row.lock_in_score) == (score.value, score.loyalty, score.lock_in)
        alerts = list(Alert.objects.unscoped(reason=ALL).filter(cycle_id=one.pk, account_id=row.account_id))
        assert row.alert_count == len(alerts)
        assert row.alert_level == max((2 if alert.level == "red" else 1 for alert in alerts), default=0)
        assert row.stake_fen == max((alert.stake_fen or 0 for alert in alerts), default=0)


def test_tiers_and_levels_follow_with_their_source_and_audit(operator: Path) -> None:
    one = run()
    tiers = rows_of(one, "tiers")
    changed = 0
    for account in Account.objects.unscoped(reason=ALL):
        decided = tiers[account.code]
        assert account.tier == (decided["tier"] or "") == summaries()[account.code].tier
        assert account.service_level == (decided["service_level"] or "")
        assert account.assurance_level == (decided["assurance_level"] or "")
        changed += account.provenance.get("tier", {}).get("source") == f"cycle:{one.pk}"
    assert changed
    audited = AuditEntry.objects.filter(action="customers.follow_tiers", reason=f"cycle:{one.pk}")
    assert audited.count() == changed


def test_tier_that_a_person_set_stays(operator: Path) -> None:
    account = Account.objects.unscoped(reason=ALL).filter(lifecycle="active").exclude(tier="A1").first()
    assert account is not None
    account.tier = "A1"
    account.provenance["tier"] = {"source": "staff:M0001", "on": "2026-11-01"}
    account.save()
    one = run()
    account.refresh_from_db()
    assert account.tier == "A1" == summaries()[account.code].tier
    history = queries_scores.tier_history_of(SYSTEM, account)
    assert [(row.tier, row.reason) for row in history] == [("A1", "hand")]
    score = queries_scores.scores_of(SYSTEM, account, one)
    assert score is not None
    assert score.row.tier != "A1", "what the rules say is still told"


def test_history_has_a_row_only_for_those_who_moved(operator: Path) -> None:
    first, second = run(MONTH_END), run()
    assert second.previous_id == first.pk == second.compared_with_id
    history = list(AccountTier.objects.unscoped(reason=ALL))
    before = {code: row["tier"] for code, row in rows_of(first, "tiers").items() if row["tier"]}
    after = {code: row["tier"] for code, row in rows_of(second, "tiers").items() if row["tier"]}
    moved = {code for code in before if before[code] != after.get(code)}
    assert len(history) == len(before) + len({code for code in after if after[code] != before.get(code)})
    assert sum(row.valid_to is not None for row in history) == len(moved)
    for code, row in summaries().items():
        assert row.previous_tier == before.get(code, "")
        if code in moved and code in after:
            assert row.moved == ("up" if after[code] < before[code] else "down")
        elif code in before and code in after:
            assert row.moved == "same"
    assert second.counts["moved"].get("up", 0) + second.counts["moved"].get("down", 0) == len(moved & set(after))


def test_a_cycle_run_again_gives_the_same_and_corrects_its_day(operator: Path) -> None:
    run(MONTH_END)
    second = run()
    history = list(AccountTier.objects.unscoped(reason=ALL).order_by("account_id", "valid_from").values_list())
    again = run()
    assert again.about["files"] == second.about["files"]
    assert again.previous_id == second.previous_id
    assert [row[:-1] for row in history] == [
        row[:-1] for row in AccountTier.objects.unscoped(reason=ALL).order_by("account_id", "valid_from").values_list()
    ]


def test_missing_tables_are_unknown_and_the_run_says_so(operator: Path) -> None:
    Subscription.objects.unscoped(reason=ALL).delete()
    for name in ("bills", "payments"):
        for file in (lake().root / name).rglob("*"):
            if file.is_file():
                file.unlink()
    one = run()
    assert one.about["coverage"]["bills"]["loaded"] is False
    assert one.about["coverage"]["subscriptions"]["loaded"] is False
    assert one.about["rules"]["bill_fall"] == "lacks bills"
    assert one.about["rules"]["removal"] == "lacks subscriptions"
    assert one.counts["confidence"]["loyalty"] < 100


def test_published_is_told_with_publication_and_cycle(operator: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, Any]] = []
    monkeypatch.setitem(changes._LISTENERS, "published", [lambda **facts: told.append(facts)])
    one = run()
    assert [(facts["publication_id"], facts["cycle_id"]) for facts in told] == [(one.publication_id, one.pk)]


def test_earlier_day_than_shown_is_refused_and_nothing_changes(operator: Path) -> None:
    shown = run()
    before = summaries()
    with pytest.raises(cycle.CycleStopped, match="请检查时钟") as refusal:
        run(MONTH_END)
    assert "check the clock" in refusal.value.en
    latest = Cycle.objects.order_by("-pk")[0]
    assert latest.state == Cycle.State.FAILED
    assert latest.run is not None
    assert latest.run.error_zh == refusal.value.zh
    assert queries_scores.latest_cycle() == shown
    assert {code: row.value for code, row in summaries().items()} == {code: row.value for code, row in before.items()}


def test_day_to_come_is_refused(operator: Path) -> None:
    with pytest.raises(cycle.CycleStopped, match="还没到"):
        run(TODAY + timedelta(days=1))


def test_failure_while_loading_leaves_the_last_results(operator: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = run(MONTH_END)

    def full(*_args: Any, **_more: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("zhike.insights.cycle_results.write_alert_rows", full)
    with pytest.raises(cycle.CycleStopped, match="磁盘满了"):
        run()
    assert queries_scores.latest_cycle() == shown
    assert not cycle.results_folder(shown.pk + 1).exists()
    monkeypatch.undo()
    monkeypatch.setenv("ZHIKE_HOME", str(operator))
    assert run().state == Cycle.State.CURRENT


def test_second_request_says_that_one_is_under_way(operator: Path) -> None:
    ask_for_cycle(SYSTEM)
    with pytest.raises(actions.CycleUnderWay):
        ask_for_cycle(SYSTEM)


def test_cancelled_cycle_changes_nothing(operator: Path) -> None:
    one = ask_for_cycle(SYSTEM)
    assert actions.cancel_cycle(SYSTEM, one.pk)
    one.refresh_from_db()
    assert one.state == Cycle.State.FAILED
    assert queries_scores.latest_cycle() is None


def test_whoever_may_not_start_cannot(operator: Path) -> None:
    with pytest.raises(NotAllowed):
        ask_for_cycle(actor_of("manager"))
    with pytest.raises(NotAllowed):
        queries_scores.cycles(actor_of("manager"))


def test_scores_and_alerts_stay_within_scope(operator: Path) -> None:
    run()
    manager = actor_of("manager")
    own = set(Account.objects.for_actor(manager).values_list("pk", flat=True))
    assert {alert.account_id for alert in queries_scores.current_alerts(manager)} <= own
    for account in Account.objects.unscoped(reason=ALL):
        mine = account.pk in own
        assert (queries_scores.scores_of(manager, account) is not None) == mine
        assert bool(queries_scores.trend_of(manager, account)) == mine
        if not mine:
            assert queries_scores.alerts_of(manager, account) == []
            assert queries_scores.tier_history_of(manager, account) == []


def test_account_that_moves_to_another_region_takes_its_scores_along(operator: Path) -> None:
    run()
    account = Account.objects.unscoped(reason=ALL).first()
    assert account is not None
    other = Account.objects.unscoped(reason=ALL).exclude(region=account.region_id).first()
    assert other is not None
    account.region_id = other.region_id
    account.save()
    changes.notify("accounts", actor=SYSTEM, account_ids=[account.pk])
    row = queries_scores.scores_of(SYSTEM, account)
    assert row is not None
    assert row.row.region_id == other.region_id


def test_only_months_and_the_newest_are_kept_in_full(operator: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cycle, "FULL_MONTHS", 2)
    days = [MONTH_END - timedelta(days=70), MONTH_END - timedelta(days=40), MONTH_END - timedelta(days=1), MONTH_END]
    made = [run(day) for day in days]
    made += [run(TODAY), run(TODAY), run(TODAY)]
    cycle.clear_up()
    states = {one.pk: Cycle.objects.get(pk=one.pk).state for one in made}
    assert states[made[0].pk] == Cycle.State.DROPPED
    assert states[made[3].pk] == Cycle.State.OLD, "the last of its month"
    assert states[made[6].pk] == Cycle.State.CURRENT
    dropped = Cycle.objects.get(pk=made[0].pk)
    assert dropped.counts["tier"]
    assert not cycle.results_folder(dropped.pk).exists()
    assert not AccountScore.objects.unscoped(reason=ALL).filter(cycle_id=dropped.pk).exists()


def test_night_runs_a_cycle_only_where_cycles_are_run(operator: Path) -> None:
    actions.every_night(SYSTEM)
    assert queries_scores.latest_cycle() is None
    run(MONTH_END)
    actions.every_night(SYSTEM)
    latest = queries_scores.latest_cycle()
    assert latest is not None
    assert latest.as_of == TODAY


@pytest.mark.xdist_group("spark")
@pytest.mark.skipif(
    (shutil.which("java") is None or importlib.util.find_spec("pyspark") is None)
    and os.environ.get("REQUIRE_SPARK") != "1",
    reason="no Java or no pyspark: pip install zhike[spark]",
)
def test_a_cycle_on_spark_shows_the_same(operator: Path) -> None:
    first = run()
    second = cycle.carry(SYSTEM, ask_for_cycle(SYSTEM, as_of=TODAY, engine="spark", queue=False).pk)
    assert second.engine == "spark"
    assert second.about["files"]["features"] == first.about["files"]["features"]
    assert second.counts["tier"] == first.counts["tier"]


def test_a_cycle_on_an_engine_that_is_none_says_so_and_leaves_results_alone(operator: Path) -> None:
    first = run()
    with pytest.raises(cycle.CycleStopped, match="no engine abacus"):
        cycle.carry(SYSTEM, ask_for_cycle(SYSTEM, as_of=TODAY, engine="abacus", queue=False).pk)
    first.refresh_from_db()
    assert first.state == Cycle.State.CURRENT
