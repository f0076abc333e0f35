"""The portfolio's figures are those of the lists behind them, kept with the publication, of a person's own reach."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils import timezone

from zhike.core.actor import system_actor
from zhike.demo import actions as demo
from zhike.insights import cycle, queries
from zhike.insights.actions import ask_for_cycle
from zhike.insights.models import AccountSummary, Publication
from zhike.insights.models_portfolio import PortfolioCell
from zhike.people.actors import actor_of_staff
from zhike.people.models import Staff, User

pytestmark = pytest.mark.django_db
ALL = "the test looks at everything"


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A demonstration operator with a cycle, for the tests of the module."""
    home = tmp_path_factory.mktemp("operator")
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setenv("ZHIKE_HOME", str(home))
        demo.build(accounts=150, seed=5, report=lambda _share, _stage: None)
        actor = system_actor("test")
        cycle.carry(actor, ask_for_cycle(actor, as_of=timezone.localdate(), queue=False).pk)
        patch.undo()
        yield home
        transaction.set_rollback(True)


@pytest.fixture
def operator(built: Path, db: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The operator of the module; what a test changes is taken back."""
    monkeypatch.setenv("ZHIKE_HOME", str(built))
    cache.clear()
    return built


def signed_in(role: str) -> Client:
    staff = Staff.objects.unscoped(reason=ALL).get(role=role, user__isnull=False)
    client = Client()
    client.force_login(User.objects.get(staff=staff))
    return client


def listed(client: Client, address: str) -> int:
    """Return how many accounts a list says it has."""
    page = client.get(address.replace("&amp;", "&")).content.decode()
    found = re.search(r"<h1>客户</h1><span[^>]*>([0-9,]+) 户<", page)
    assert found, address
    return int(found[1].replace(",", ""))


def test_every_number_leads_to_as_many_accounts(operator: Path) -> None:
    for role in ("analyst", "region_lead", "manager"):
        client = signed_in(role)
        page = client.get("/portfolio/").content.decode()
        links = re.findall(r'href="(/accounts/\?[^"]+)"[^>]*>(?:看 )?([0-9,]+)(?: 户)?</a>', page)
        assert len(links) > 12, role
        for address, number in links:
            assert listed(client, address) == int(number.replace(",", "")), (role, address)


def test_region_leads_and_analysts_see_what_their_managers_see_added_up_at_once(operator: Path) -> None:
    """The sums kept with the publication and those made for a few accounts are the same."""
    from zhike.insights.portfolio import SUMS, cells_of

    one = queries.current()
    assert one is not None
    everybody = AccountSummary.objects.unscoped(reason=ALL).filter(publication_id=one.pk)
    now = {
        (row["region_id"], row["facet"], row["key"]): tuple(int(str(row[name])) for name in SUMS)
        for row in cells_of(one, list(everybody.values_list("account_id", flat=True)))
    }
    kept = {
        (row.region_id, row.facet, row.key): tuple(getattr(row, name) for name in SUMS)
        for row in PortfolioCell.objects.unscoped(reason=ALL).filter(publication_id=one.pk).exclude(facet="standing")
    }
    assert now == kept
    for facet in ("all", "quadrant", "tier", "move", "lock", "alert"):
        assert sum(row[0] for (_region, name, _key), row in kept.items() if name == facet) == one.rows


@pytest.mark.parametrize("days_later", [0, 5])
def test_today_of_whole_regions_reads_what_adding_up_would_find(operator: Path, days_later: int) -> None:
    from zhike.insights.queries_today import _added_up, _read

    one = queries.current()
    assert one is not None
    today = one.as_of + timedelta(days=days_later)
    for actor in (
        system_actor("test"),
        actor_of_staff(Staff.objects.unscoped(reason=ALL).filter(role="region_lead").first()),
    ):
        read, added = _read(actor, one, today), _added_up(actor, one, None, today)
        assert read is not None
        assert min(read.accounts, read.red, read.ending, read.overdue) > 0, "nothing to compare"
        assert (
            abs((read.billed_before_fen or 0) - (added.billed_before_fen or 0)) <= read.accounts
        )  # a fen of rounding each
        assert replace(read, billed_before_fen=None) == replace(added, billed_before_fen=None)


def test_sums_are_those_of_the_rows(operator: Path) -> None:
    one = queries.current()
    assert one is not None
    rows = list(AccountSummary.objects.unscoped(reason=ALL).filter(publication_id=one.pk, quadrant="win"))
    cells = PortfolioCell.objects.unscoped(reason=ALL).filter(publication_id=one.pk, facet="quadrant", key="win")
    assert sum(cell.billed_fen for cell in cells) == sum(row.billed or 0 for row in rows) > 0
    assert sum(cell.theirs_fen for cell in cells) == sum(row.theirs_fen for row in rows)


def test_replaced_publication_takes_its_sums_with_it(operator: Path) -> None:
    from zhike.insights import publishing

    held = set(PortfolioCell.objects.unscoped(reason=ALL).values_list("publication_id", flat=True))
    for _again in range(2):
        publishing.publish(system_actor("test"), today=timezone.localdate())
    now = set(PortfolioCell.objects.unscoped(reason=ALL).values_list("publication_id", flat=True))
    present = set(Publication.objects.filter(state__in=("current", "old")).values_list("pk", flat=True))
    assert now == present
    assert min(held) not in now


def test_regions_are_ordered_as_asked(operator: Path) -> None:
    client = signed_in("analyst")

    def shown(order: str) -> list[int]:
        page = client.get(f"/portfolio/?sort={order}").content.decode()
        return [int(n) for n in re.findall(r'region=\d+&amp;sort=-billed">[^<]+</a></td><td class="r">(\d+)<', page)]

    assert shown("accounts") == sorted(shown("accounts"))
    assert shown("-accounts") == sorted(shown("accounts"), reverse=True)
    assert len(shown("password")) == len(shown("name")) > 3


def test_margin_is_for_those_who_may_see_it(operator: Path) -> None:
    assert "毛利率" in signed_in("analyst").get("/portfolio/").content.decode()
    page = signed_in("agent").get("/portfolio/?sort=-margin")
    assert page.status_code == 200
    assert "毛利率" not in page.content.decode()


def test_why_tells_the_figures_that_the_cycle_used_and_where_they_are_looked_up(operator: Path) -> None:
    client = signed_in("analyst")
    one = queries.current()
    assert one is not None
    row = AccountSummary.objects.unscoped(reason=ALL).filter(publication_id=one.pk, quadrant="keep").first()
    assert row is not None
    page = client.get(f"/accounts/{row.code}/why/value/").content.decode()
    assert f"{row.employees:,} 人" in page
    assert f'href="/accounts/{row.code}/archive/">员工<' in page
    assert f'href="/accounts/{row.code}/#bill">月均出账<' in page
    assert "计算文件已清理" not in page
    points = [float(one.replace("−", "-")) for one in re.findall(r'class="r fw">([+−]?[0-9.]+)<', page)]
    total = re.search(r'合计</b><span></span><b class="r">([0-9.]+)<', page)
    assert total
    assert abs(50 + sum(points) - float(total[1])) < 0.06 * len(points), "the parts tell the whole"
    assert f"价值为什么是 {(row.value + 50) // 100} 分" in page
    lock_in = client.get(f"/accounts/{row.code}/why/lock_in/").content.decode()
    assert f'href="/accounts/{row.code}/#use">' in lock_in
