"""The demonstration's requests are its complaints, and the rows that people's own steps would have made."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from zhike.core.actor import system_actor
from zhike.demo import actions, actions_requests
from zhike.demo.actions_requests import House, asked, channel_of
from zhike.demo.stories import story_of
from zhike.facts.models import ImportedEvent
from zhike.people.actors import actor_of_staff_id
from zhike.service import actions_steps
from zhike.service.actions import take_in
from zhike.service.actions_nightly import check_sample
from zhike.service.actions_writing import facts_of
from zhike.service.models import NEVER, Department, Request, RequestEvent
from zhike.service.standing import COLUMNS

pytestmark = pytest.mark.django_db
ALL = "the test looks at everything"


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Build the demonstration; return the instant up to which its requests were told."""
    told: list[datetime] = []

    def listen(now: datetime) -> Any:
        told.append(now)
        return asked(now)

    monkeypatch.setenv("ZHIKE_HOME", str(tmp_path))
    monkeypatch.setattr(actions_requests, "asked", listen)
    monkeypatch.setattr(actions, "_run_cycle", lambda *_: None)
    monkeypatch.setattr(actions, "suggest_steps", lambda *_: None)
    actions.build(accounts=150, seed=7, report=lambda *_: None)
    return told[0]


def test_a_year_of_complaints_became_requests_with_their_causes(built: datetime) -> None:
    since = timezone.now() - timedelta(days=365)
    events = ImportedEvent.objects.unscoped(reason=ALL).filter(table="complaints", at__gte=since + timedelta(hours=1))
    requests = Request.objects.unscoped(reason=ALL)
    assert requests.count() >= events.count() > 20
    of_year = requests.filter(taken_at__gte=since + timedelta(hours=1)).exclude(external_id__startswith="NOW-")
    loaded = Counter(of_year.values_list("category", flat=True))
    wanted = Counter(event.detail["category"] for event in events)
    untriaged = loaded.pop("", 0)
    assert sum(wanted.values()) - sum(loaded.values()) == untriaged
    assert not loaded - wanted
    worked = RequestEvent.objects.unscoped(reason=ALL).filter(kind="offered").values_list("data", flat=True)
    names = {Department.objects.get(pk=one["department_id"]).name for one in worked}
    assert "数据网管中心" in names
    assert requests.filter(stage="closed").exists()
    run = check_sample(system_actor("test"), today=timezone.localdate())
    assert (run.result["different"], run.result["checked"] > 20) == (0, True)


def test_queues_are_not_empty_on_the_first_day(built: datetime) -> None:
    rows = Request.objects.unscoped(reason=ALL).filter(external_id__startswith="NOW-")
    still = rows.exclude(stage="closed")
    assert still.count() > rows.count() / 2 > 5
    assert len(set(still.values_list("stage", flat=True))) > 2
    assert len(set(rows.values_list("kind", flat=True))) > 3
    assert not still.filter(next_due_at=NEVER, paused_at=None).exists(), "each has a clock that runs"


def test_what_was_loaded_is_what_people_would_have_made(built: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = Request.objects.unscoped(reason=ALL)
    busiest = [pk for pk, _ in Counter(rows.values_list("account_id", flat=True)).most_common(3)]
    newest = rows.filter(external_id__startswith="NOW-").values_list("account_id", flat=True)
    before = {one.external_id: (one, facts_of(one.pk)) for one in rows.filter(account_id__in=[*busiest, *newest])}
    now, house = built, House()
    heard = [(account, detail, one) for account, detail, one in asked(now) if one.code in before]
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE service_request CASCADE")
    for account, detail, one in heard:
        hands = house.hands(account.region_id, detail.get("department") or "", one.code)
        assert hands is not None

        def at(moment: Any) -> None:
            monkeypatch.setattr(timezone, "now", lambda: moment)

        at(one.received_at)
        request = take_in(
            actor_of_staff_id(hands.owner.staff_id or 0), channel=channel_of(one.code), kind=one.kind,
            text=one.summary, account_code=account.code, external_id=one.code, now=one.received_at,
        ).request  # fmt: skip
        for line in story_of(one, hands, until=now):
            at(line.at)
            actor = actor_of_staff_id(line.by.staff_id or 0)
            getattr(actions_steps, line.verb)(actor, number=request.number, **line.given)
        loaded, facts = before[one.code]
        assert facts_of(request.pk) == facts
        played = rows.get(pk=request.pk)
        for name in {*COLUMNS, "title", "text", "region_id", "urgency", "next_due_at", "next_due_kind"}:
            assert getattr(played, name) == getattr(loaded, name), name
        assert played.warn_at == loaded.warn_at or max(played.warn_at, loaded.warn_at) <= now, "warned in either"
    assert len(heard) == len(before) > 5
