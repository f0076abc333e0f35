"""The matrix answers while one chooses, sums while one types; pages of rules are readable at a desk and on a phone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests.browser import NARROW, WIDE, axe, browser_page, overflows
from tests.cast import PASSWORD, Cast, build_cast

from zhike.core import policies_drafts
from zhike.core.actor import system_actor
from zhike.core.models import PolicyDraft
from zhike.core.policies import family_called, plant_seeds, policy_at
from zhike.core.runs import begin_run, finish_run, open_run

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FOUND = {
    "accounts": 40, "moves": 3, "as_of": "2026-11-23", "cycle": 1, "quadrants": {"keep": [9, 7]},
    "tiers": [["A1", "A2", 3, 1_234_500_000], ["A1", "A1", 37, 9]], "alerts": {"overdue.red": [5, 2]},
}  # fmt: skip


@pytest.fixture
def cast() -> Cast:
    """The named cast with the rules of a new installation."""
    cast = build_cast()
    plant_seeds(system_actor("installation"))
    return cast


def signed_in(page: Any, server: Any, name: str) -> None:
    """Sign somebody in."""
    page.goto(f"{server.url}/sign-in/login/")
    page.fill("[name=login]", name)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit], form button.btn-primary")
    page.wait_for_url(lambda url: "sign-in" not in url)


def proposed(cast: Cast) -> PolicyDraft:
    """Let Emil propose other tiers, with a preview beside them."""
    tiers = family_called("tiers")
    assert tiers is not None
    body = policy_at(tiers, timezone.localdate()).body.model_copy(update={"score_band": 5.0})
    day = timezone.localdate() + timedelta(days=9)
    draft = policies_drafts.start_draft(cast.actor("emil"), tiers, body=body, valid_from=day, note="缓冲太窄")
    run = open_run(cast.actor("emil"), "policy_preview")
    begin_run(run.pk)
    finish_run(run.pk, result=FOUND)
    policies_drafts.hold_preview(cast.actor("emil"), draft, run)
    return policies_drafts.propose(cast.actor("emil"), draft.pk, edition=draft.edition)


def test_weights_and_consistency_follow_each_choice(cast: Cast, live_server: Any) -> None:
    with browser_page(WIDE, "zh-hans", provoked="422") as page:
        signed_in(page, live_server, "emil")
        page.goto(f"{live_server.url}/policies/value/new/")
        assert page.inner_text("[data-ratio]") == "0.008"
        page.select_option('[name="comparisons.contribution:ability"]', "1/9")
        page.wait_for_selector("text=前后矛盾，不能保存")
        assert page.inner_text('[data-inverse="comparisons.contribution:ability"]') == "9"
        assert page.inner_text('[data-weight="ability"]') == "50.7"
        page.fill('[name="contribution.shares.rate"]', "40")
        assert page.inner_text("[data-shares] [data-sum] >> nth=0") == "110"
        page.click("text=存为草稿")
        page.wait_for_selector("text=照另外几项推算约为 4")
        assert page.input_value('[name="contribution.shares.rate"]') == "40"
        assert page.input_value('[name="comparisons.contribution:ability"]') == "1/9"
        assert axe(page) == []


@pytest.mark.parametrize(("width", "language"), [(WIDE, "zh-hans"), (NARROW, "en")])
def test_pages_of_rules_are_readable_for_everybody(cast: Cast, live_server: Any, width: int, language: str) -> None:
    draft = proposed(cast)
    with browser_page(width, language) as page:
        signed_in(page, live_server, "emil")
        families = [f"{name}/" for name in ("value", "tiers", "alerts", "playbooks")]
        forms = [f"{name}/new/" for name in ("value", "competitor", "tiers", "alerts", "playbooks")]
        for address in ("", *families, *forms, "tiers/compare/", f"drafts/{draft.pk}/"):
            page.goto(f"{live_server.url}/policies/{address}")
            assert axe(page) == [], address
            assert not overflows(page), address
