"""Published figures are those of the facts, stay whole when a build is cut off, and keep up with what people change."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from psycopg.errors import DeadlockDetected

from zhike.core.actor import system_actor
from zhike.core.changes import notify
from zhike.customers import queries as archive
from zhike.customers.analysis import completeness
from zhike.customers.models import Account, Contract
from zhike.facts.loading.lake import lake
from zhike.insights import actions, publishing, queries, queries_head
from zhike.insights.models import AccountSummary, Publication, PublicationRequest, TouchedAccount
from zhike_analytics.contracts import periods

from .conftest import ALL

pytestmark = pytest.mark.django_db
SYSTEM = system_actor("test")


def summaries() -> dict[str, AccountSummary]:
    one = queries.current()
    assert one is not None
    rows = AccountSummary.objects.unscoped(reason=ALL).filter(publication_id=one.pk)
    return {row.code: row for row in rows}


def lake_rows(table: str) -> list[dict[str, Any]]:
    return [row for file in lake().files(table) for row in pq.read_table(file, partitioning=None).to_pylist()]


def test_figures_are_those_of_the_facts(operator: Path) -> None:
    today = timezone.localdate()
    one = queries.current()
    assert one is not None
    last = one.last_period
    assert last < periods.period_of(today)
    billed: dict[tuple[str, int], int] = defaultdict(int)
    cost: dict[tuple[str, int], int] = defaultdict(int)
    due: dict[str, int] = defaultdict(int)
    for row in lake_rows("bills"):
        billed[row["account_code"], row["period"]] += row["amount_fen"]
        until = row["due_on"] or periods.first_day(periods.shift(row["period"], 2)) - timedelta(days=1)
        due[row["account_code"]] += row["amount_fen"] if until < today else 0
    for row in lake_rows("costs"):
        cost[row["account_code"], row["period"]] += row["amount_fen"]
    first = min(part.period for part in lake().manifest("bills").partitions)
    for row in lake_rows("payments"):
        due[row["account_code"]] -= row["amount_fen"] if (row["bill_period"] or first) >= first else 0
    found = summaries()
    assert len(found) == 120
    for code, row in found.items():
        now, before = billed[code, last], billed[code, periods.shift(last, -12)]
        assert row.billed == now, code
        assert row.overdue_fen == max(due[code], 0), code
        if before > 0:
            assert row.change == pytest.approx(now / before - 1, abs=0.0006), code
        else:
            assert row.change is None, code
        if now > 0 and (code, last) in cost:
            assert row.margin == pytest.approx((now - cost[code, last]) / now, abs=0.0006), code
        else:
            assert row.margin is None, code


def test_summary_agrees_with_the_archive_page(operator: Path) -> None:
    today = timezone.localdate()
    for account in Account.objects.unscoped(reason=ALL):
        row = summaries()[account.code]
        contacts, holdings = archive.contacts_of(SYSTEM, account), archive.holdings_of(SYSTEM, account)
        _items, percent = completeness(archive.account_by_code(SYSTEM, account.code))
        assert row.completeness == percent, account.code
        ours, theirs = sum(one.ours_fen for one in holdings), sum(one.theirs_fen for one in holdings)
        assert (row.ours_fen, row.theirs_fen) == (ours, theirs)
        running = [one.ends_on for one in archive.contracts_of(SYSTEM, account) if one.ends_on and one.ends_on >= today]
        assert row.ends == min(running, default=None)
        tied = any(one.decision_role == "decides" and (one.tie_strength or 0) > 0 for one in contacts)
        assert row.decider_unknown is not tied
        lead = [member.staff_id for member in archive.team_of(SYSTEM, account) if member.duty == "lead"]
        assert [row.lead_id] == (lead or [None])


def test_months_of_an_account_are_those_billed(operator: Path) -> None:
    account = Account.objects.unscoped(reason=ALL).order_by("code")[3]
    sums: dict[int, int] = defaultdict(int)
    for row in lake().rows("bills", account_code=account.code, limit=10_000):
        sums[row["period"]] += row["amount_fen"]
    found = queries_head.head_of(SYSTEM, account, today=timezone.localdate(), months=24).months
    assert {month.period: month.billed_fen for month in found if month.billed_fen} == dict(sums)
    assert [month.period for month in found] == sorted(month.period for month in found)


def test_change_of_an_account_shows_at_once(operator: Path) -> None:
    account = Account.objects.unscoped(reason=ALL).order_by("code")[0]
    Contract(account=account, code="HT-X", starts_on=date(2020, 1, 1), ends_on=timezone.localdate()).save()
    account.name, account.tier = "改了名的集团", "A1"
    account.save()
    notify("accounts", actor=SYSTEM, account_ids=[account.pk])
    row = summaries()[account.code]
    assert (row.name, row.tier_rank, row.ends) == ("改了名的集团", 1, timezone.localdate())


def test_change_during_a_build_is_not_lost(operator: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account.objects.unscoped(reason=ALL).order_by("code")[0]
    count = publishing._count_grams

    def meanwhile(one: Publication) -> None:
        count(one)
        account.name = "生成期间改的名"
        account.save()
        notify("accounts", actor=SYSTEM, account_ids=[account.pk])

    monkeypatch.setattr(publishing, "_count_grams", meanwhile)
    before = queries.current()
    after = actions.publish(SYSTEM, today=timezone.localdate())
    assert before is not None
    assert after.pk != before.pk
    assert summaries()[account.code].name == "生成期间改的名"
    assert not TouchedAccount.objects.exists()


def test_swap_that_stood_in_somebodys_way_lets_them_go_first(operator: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    swap, tries = publishing._swap, []

    def in_the_way(*given: Any) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError from DeadlockDetected()
        swap(*given)

    monkeypatch.setattr(publishing, "_swap", in_the_way)
    one = actions.publish(SYSTEM, today=timezone.localdate())
    assert queries.current() == one
    monkeypatch.setattr(publishing, "SWAP_TRIES", 2)
    tries.clear()
    with pytest.raises(OperationalError):
        actions.publish(SYSTEM, today=timezone.localdate())
    assert queries.current() == one


@pytest.mark.parametrize("step", ["_fill_series", "_fill_summaries", "_count_grams", "_swap"])
def test_build_that_is_cut_off_changes_nothing_and_the_next_clears_up(
    operator: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before, shown = queries.current(), summaries()

    def cut(*_arguments: Any, **_named: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(publishing, step, cut)
        with pytest.raises(KeyboardInterrupt):
            actions.publish(SYSTEM, today=timezone.localdate())
    assert queries.current() == before
    assert summaries().keys() == shown.keys()
    actions.publish(SYSTEM, today=timezone.localdate())
    assert not Publication.objects.filter(state="building").exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'insights_accountsummary_p%%'")
        assert cursor.fetchone()[0] == 2, "the present one, and the one that open pages may still read"


def test_region_that_loses_an_account_loses_sight_of_it_with_the_import(operator: Path) -> None:
    account = Account.objects.unscoped(reason=ALL).order_by("code")[0]
    other = Account.objects.unscoped(reason=ALL).exclude(region_id=account.region_id)[0].region_id
    Account.objects.unscoped(reason=ALL).filter(pk=account.pk).update(region_id=other)
    notify("facts_loaded", actor=SYSTEM, tables=["accounts"], import_id=None)
    assert summaries()[account.code].region_id == other
    assert PublicationRequest.objects.exists(), "and asks for a new publication"


def test_request_is_answered_once(operator: Path) -> None:
    notify("facts_loaded", actor=SYSTEM, tables=["bills"], import_id=None)
    assert actions.publish_what_is_new(SYSTEM) is not None
    assert actions.publish_what_is_new(SYSTEM) is None
