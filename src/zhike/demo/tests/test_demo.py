"""The demonstration operator: whole, marked as made up, for an empty database only, finished after being cut off."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.test import Client
from django.utils import timezone

from zhike.core.models import AuditEntry
from zhike.customers.models import Account, TeamMembership
from zhike.demo import actions
from zhike.demo.models import Demonstration
from zhike.demo.queries import is_demonstration
from zhike.facts.loading.lake import lake
from zhike.facts.models import Import, ImportedEvent
from zhike.insights.models import AccountSummary, Cycle
from zhike.people.actors import actor_of_staff
from zhike.people.models import Region, Staff
from zhike.people.roles import ROLES
from zhike.worklist.queries import WorkFilter, work_page
from zhike.worklist.words import title_of

pytestmark = pytest.mark.django_db
ALL = "the test looks at everything"


def silent(_share: float, _stage: str) -> None:
    """Report to nobody."""


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZHIKE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def built(own_home: Path) -> Path:
    actions.build(accounts=100, seed=7, report=silent)
    return own_home


def test_every_account_has_its_lead_and_facts(built: Path) -> None:
    assert Account.objects.unscoped(reason=ALL).count() == 100
    led = TeamMembership.objects.unscoped(reason=ALL).filter(duty="lead", valid_to=None).count()
    assert 90 <= led <= 100  # some prospects wait for a manager
    assert {len({part.period for part in lake().manifest(name).partitions}) for name in ("bills", "costs")} == {24}
    assert ImportedEvent.objects.unscoped(reason=ALL).filter(table="visits").exists()
    assert Import.objects.filter(phase="loaded", table="accounts", rows_new=100).exists()
    written = AuditEntry.objects.filter(table_name="customers_account")
    assert not written.exclude(action="customers.follow_tiers").exists()


def test_it_ends_with_two_cycles_so_that_it_shows_who_moved(built: Path) -> None:
    first, second = Cycle.objects.order_by("pk")
    assert (first.state, second.state) == (Cycle.State.OLD, Cycle.State.CURRENT)
    assert first.as_of < timezone.localdate().replace(day=1) <= second.as_of
    assert second.previous_id == first.pk
    assert second.counts["alerts"]
    shown = AccountSummary.objects.unscoped(reason=ALL).filter(publication_id=second.publication_id)
    assert shown.filter(value__gt=0).count() == 100


def test_it_ends_with_what_is_to_do_today(built: Path) -> None:
    people = Staff.objects.unscoped(reason=ALL).select_related("region")
    lead = actor_of_staff(
        people.get(role="region_lead", user__isnull=False)
    )  # a small one leaves a manager one account
    page = work_page(lead, WorkFilter(), today=timezone.localdate(), size=50)
    assert page.rows
    assert [item.expected_fen for item in page.rows] == sorted((item.expected_fen for item in page.rows), reverse=True)
    for item in page.rows:
        assert title_of(item.rule, item.evidence) not in {"", item.rule}


def test_the_truth_is_kept_and_the_loaded_files_are_not(built: Path) -> None:
    assert pq.read_table(built / "demo" / "truth" / "accounts.parquet").num_rows == 100
    assert not (built / "demo" / "data").exists()


def test_one_person_of_each_role_can_sign_in_with_the_printed_password(built: Path) -> None:
    path = built / "demo" / "people.txt"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    people = re.findall(r"^  (\S+) +(\S{12}) ", path.read_text(encoding="utf-8"), re.M)
    assert [name for name, _ in people] == [role.replace("_", "-") for role in ROLES]
    for name, password in people:
        answer = Client().post("/sign-in/login/", {"login": name, "password": password})
        assert answer.status_code == 302, name


def test_the_manager_the_lead_and_the_region_belong_together(built: Path) -> None:
    people = Staff.objects.unscoped(reason=ALL).select_related("region")
    manager, lead = people.get(user__username="manager"), people.get(user__username="team-lead")
    above = people.get(user__username="region-lead").region
    assert manager.team_id == lead.team_id
    assert isinstance(above, Region)
    assert manager.region is not None
    assert manager.region.path.startswith(above.path)


def test_the_installation_is_marked_as_made_up(built: Path) -> None:
    assert is_demonstration()


def test_real_accounts_refuse_a_demonstration(own_home: Path) -> None:
    Account(code="G1", name="甲", region=Region.objects.create(code="R", name="R", path="R/")).save()
    with pytest.raises(actions.DemonstrationRefused, match="真实客户"):
        actions.build(accounts=100, seed=7, report=silent)
    assert not is_demonstration()
    actions.build_if_empty(accounts=100, say=lambda text: None)
    assert not is_demonstration()


def test_a_building_cut_off_is_finished_by_the_next(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Cut(Exception):
        pass

    real = actions._load

    def dies(actor: Any, one: Any, name: str, files: list[Path], report: Any) -> None:
        if name == "bills":
            raise Cut
        real(actor, one, name, files, report)

    monkeypatch.setattr(actions, "_load", dies)
    with pytest.raises(Cut):
        actions.build(accounts=100, seed=7, report=silent)
    monkeypatch.setattr(actions, "_load", real)
    actions.build_if_empty(accounts=5000, say=lambda text: None)
    one = Demonstration.objects.get()
    assert (one.accounts, one.completed_at is None) == (100, False)
    assert Account.objects.unscoped(reason=ALL).count() == 100
    assert lake().manifest("bills").rows > 2000
    assert Import.objects.filter(table="accounts").count() == 1


def test_another_size_beside_the_first_is_refused(built: Path) -> None:
    actions.build(accounts=100, seed=7, report=silent)
    with pytest.raises(actions.DemonstrationRefused, match="已有 100 户"):
        actions.build(accounts=200, seed=7, report=silent)
