"""What tests of published figures share: a small demonstration operator, and people who look at it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from zhike.core.actor import Actor
from zhike.demo import actions as demo
from zhike.insights import queries
from zhike.insights.actions import publish
from zhike.insights.queries import AccountFilter
from zhike.people.actors import actor_of_staff
from zhike.people.models import Staff

ALL = "the test looks at everything"


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test its own lake; the database stays the suite's."""
    monkeypatch.setenv("ZHIKE_HOME", str(tmp_path))
    return tmp_path


def publish_only(actor: Actor, day: date, _report: Any) -> None:
    """Publish the figures without a cycle: tests run their own."""
    if day == timezone.localdate():
        publish(actor, today=day)


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A demonstration operator of a hundred and twenty accounts, published once for the tests of a module.

    It lives in a transaction round those of the tests, and goes with it.
    """
    home = tmp_path_factory.mktemp("operator")
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setenv("ZHIKE_HOME", str(home))
        patch.setattr(demo, "_run_cycle", publish_only)
        demo.build(accounts=120, seed=11, report=lambda _share, _stage: None)
        patch.undo()
        yield home
        transaction.set_rollback(True)


@pytest.fixture
def operator(built: Path, db: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The operator of the module, as it was built: what a test changes is taken back."""
    monkeypatch.setenv("ZHIKE_HOME", str(built))
    return built


def actor_of(role: str) -> Actor:
    """Return the actor of the person of a role who can sign in."""
    rows = Staff.objects.unscoped(reason=ALL).filter(role=role, user__isnull=False)
    return actor_of_staff(rows.select_related("region").get())


def listed(
    actor: Actor, wanted: AccountFilter, sort: str = "name", descending: bool = False, size: int = 20
) -> list[str]:
    """Return the codes of a whole list, walked page by page."""
    codes: list[str] = []
    cursor = ""
    while True:
        found = queries.accounts_page(
            actor, wanted, today=timezone.localdate(), sort=sort, descending=descending, size=size, cursor=cursor
        )
        codes += [row.code for row in found.page.rows]
        if found.page.following is None:
            return codes
        cursor = found.page.following
