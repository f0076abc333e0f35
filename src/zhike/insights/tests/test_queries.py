"""The list finds, orders and pages as people expect, by whichever way the database goes, and only what is theirs."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone

from zhike.core.actor import system_actor
from zhike.customers.models import Account
from zhike.insights import queries
from zhike.insights.queries import SHORT_SORTS, SORTS, AccountFilter

from .conftest import ALL, actor_of, listed

pytestmark = pytest.mark.django_db
SYSTEM = system_actor("test")


def test_every_order_shows_every_account_once(operator: Path) -> None:
    one = queries.current()
    assert one is not None
    rows = {row.code: row for row in queries.AccountSummary.objects.unscoped(reason=ALL).filter(publication_id=one.pk)}
    for sort, column in (SORTS | SHORT_SORTS).items():
        for descending in (False, True):
            codes = listed(SYSTEM, AccountFilter(), sort, descending, size=17)
            assert len(codes) == len(set(codes)) == 120, sort
            keys = [getattr(rows[code], column) for code in codes]
            assert keys == sorted(keys, reverse=descending), (sort, descending)


def test_everybody_finds_exactly_their_own(operator: Path) -> None:
    for role in ("manager", "team_lead", "region_lead", "analyst", "agent", "back_office"):
        actor = actor_of(role)
        own = set(Account.objects.for_actor(actor).values_list("code", flat=True))
        assert own, role
        assert set(listed(actor, AccountFilter())) == own, role


def test_list_needs_the_right_to_see_accounts(operator: Path) -> None:
    with pytest.raises(Exception, match=r"accounts\.view"):
        listed(actor_of("auditor"), AccountFilter())


def test_conditions_narrow_to_what_they_say(operator: Path) -> None:
    today = timezone.localdate()
    one = queries.current()
    assert one is not None
    rows = list(queries.AccountSummary.objects.unscoped(reason=ALL).filter(publication_id=one.pk))
    cases = [
        (AccountFilter(chosen={"tier": ("A1", "C")}), lambda row: row.tier in {"A1", "C"}),
        (AccountFilter(chosen={"lifecycle": ("left",)}), lambda row: row.lifecycle == "left"),
        (AccountFilter(ends_within=120), lambda row: row.ends is not None and (row.ends - today).days <= 120),
        (AccountFilter(unvisited_for=60), lambda row: row.visited is None or (today - row.visited).days > 60),
        (AccountFilter(rival_share=300), lambda row: row.share is not None and row.share <= 0.7),
        (AccountFilter(shrunk_by=100), lambda row: row.change is not None and row.change <= -0.1),
        (AccountFilter(overdue=True), lambda row: row.overdue_fen > 0),
        (AccountFilter(decider_unknown=True), lambda row: row.decider_unknown),
        (AccountFilter(region=rows[0].region_id), lambda row: row.region_id == rows[0].region_id),
        (AccountFilter(lead=rows[0].lead_id), lambda row: row.lead_id == rows[0].lead_id),
        (AccountFilter(ids=(rows[3].account_id, -1)), lambda row: row.account_id == rows[3].account_id),
    ]
    for wanted, holds in cases:
        expected = {row.code for row in rows if holds(row)}
        assert set(listed(SYSTEM, wanted)) == expected, wanted
    assert sum(1 for row in rows if row.overdue_fen > 0) > 0, "the demonstration has somebody in arrears"
