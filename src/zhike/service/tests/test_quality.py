"""Samples: drawn by lot and by policy, never one's own, scored by the form, told to the department."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone
from tests.cast import Cast

from zhike.service import actions_steps as steps
from zhike.service.actions import take_in
from zhike.service.models import QualitySample, RequestEvent
from zhike.service.policies_categories import REQUEST_CATEGORIES

[(_, BODY)] = REQUEST_CATEGORIES.seed_versions()
TODAY = timezone.localdate()
DAYS = {"since": TODAY.isoformat(), "until": (TODAY + timedelta(days=1)).isoformat()}


def closed(cast: Cast, by: str = "fay", caller: str = "frida", category: str = "billing") -> str:
    """Take a request in, answer it and call back."""
    actor = cast.actor(by)
    number = take_in(actor, channel="hotline", kind="complaint", text="账单有误", account_code="C-0001").request.number
    steps.triage(actor, number=number, category=category)
    steps.answer(actor, number=number, words="已更正")
    steps.hear_verdict(cast.actor(caller), number=number, satisfied=True, score=9, words="好")
    return number


def drawn() -> set[str]:
    return set(QualitySample.objects.unscoped(reason="test").values_list("request__number", flat=True))


def marks(**other: str) -> dict[str, str]:
    return {item.code: "full" for item in BODY.quality_form} | other


def test_shares_follow_policy_in_each_stratum_and_drawing_again_adds_nobody(staged: Cast) -> None:
    plain = [closed(staged) for _ in range(6)]
    red = [closed(staged, category="red_cancel") for _ in range(6)]
    client = staged.client("dora")
    client.post(reverse("service:quality_draw"), DAYS | {"seed": "七"})
    first = drawn()
    assert (len(first & set(plain)), len(first & set(red))) == (1, 2)  # 5 % and 20 % of six, rounded up
    client.post(reverse("service:quality_draw"), DAYS | {"seed": "七"})
    assert drawn() == first


def test_nobody_draws_or_scores_what_they_had_a_part_in(staged: Cast) -> None:
    own = closed(staged, by="dora")
    dora = staged.client("dora")
    dora.post(reverse("service:quality_draw"), DAYS)
    assert drawn() == set()
    staged.client("carol").post(reverse("service:quality_draw"), DAYS)
    assert drawn() == {own}
    assert "您经手过" in dora.get(reverse("service:quality")).content.decode()
    answer = dora.post(reverse("service:quality_score", args=[own]), marks())
    assert answer.status_code == 422
    assert "不能给自己经手的工单打分" in answer.content.decode()


def test_what_was_missed_is_told_in_the_log_and_counted_for_the_department(staged: Cast) -> None:
    number = closed(staged)
    client = staged.client("dora")
    client.post(reverse("service:quality_draw"), DAYS)
    address = reverse("service:quality_score", args=[number])
    kept = client.post(address, {"words": "没写清账期"})
    assert kept.status_code == 422
    assert "没写清账期" in kept.content.decode()
    client.post(address, marks(record="missed", promise="partly") | {"words": "没写清账期"})
    sample = QualitySample.objects.unscoped(reason="test").get()
    assert (sample.score, sample.faults) == (70, ["record", "promise"])
    log = RequestEvent.objects.unscoped(reason="test").filter(request__number=number, kind="noted")
    assert "没写清账期" in log.get().words
    page = client.get(reverse("service:quality"), {"show": "scored"})
    assert [(one.name, one.average) for one in page.context["by_department"]] == [("DESK-LG", 70)]
    sheet = openpyxl.load_workbook(
        BytesIO(b"".join(client.get(reverse("service:quality_export"), {"show": "scored"}).streaming_content))
    ).active
    assert sheet is not None
    assert (sheet["A2"].value, sheet["E2"].value) == (number, 70)


@pytest.mark.parametrize(
    "days", [{}, {"since": "x", "until": "y"}, {"since": "2026-02-31", "until": "2026-03-01"},
             {"since": "2026-02-01", "until": "2026-01-01"}, {"since": "2001-01-01", "until": "2026-01-01"}],
)  # fmt: skip
def test_damaged_days_draw_nothing_and_say_so(staged: Cast, days: dict[str, str]) -> None:
    answer = staged.client("dora").post(reverse("service:quality_draw"), days, follow=True)
    assert "请填起止日期" in answer.content.decode()
