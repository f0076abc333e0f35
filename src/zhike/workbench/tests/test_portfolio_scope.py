"""The portfolio begins without a cycle, and tells nothing of accounts that are somebody else's."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.cache import cache
from tests.cast import CANARY, Cast, build_cast
from tests.results import give_alert, give_move, give_scores, new_cycle

from zhike.insights.models import Publication

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """The named cast, with a home of its own."""
    monkeypatch.setenv("ZHIKE_HOME", str(tmp_path))
    cache.clear()
    return build_cast()


def test_before_any_cycle_there_are_bills_and_regions_and_a_word_about_the_rest(cast: Cast) -> None:
    page = cast.client("dora").get("/portfolio/").content.decode()
    assert "还没有运行过周期" in page
    assert "临港" in page
    assert "四类客户" not in page


def test_nothing_of_another_region_is_counted_or_named(cast: Cast) -> None:
    shown = new_cycle()
    for account in cast.accounts.values():
        give_scores(shown, account)
        give_move(shown, account)
        give_alert(shown, account, "overdue", evidence={"overdue_days": 40})
    Publication.objects.filter(state="current").update(cycle_id=shown.pk)
    for who in ("alice", "carol", "dora"):
        cache.clear()
        page = cast.client(who).get("/portfolio/").content.decode()
        assert CANARY not in page, who
        assert "看 1 户" in page
        assert "B1 → A2" in page
        assert "月均出账" in page
    assert CANARY in cast.client("emil").get("/portfolio/").content.decode()
