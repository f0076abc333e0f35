"""Pages of cycle runs: what a run found, what it could not know, who moved within reach, how it is started."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from tests.cast import Cast, build_cast

from zhike.core.actor import system_actor
from zhike.core.models import RunState
from zhike.insights.actions import ask_for_cycle
from zhike.insights.cycle import carry
from zhike.insights.models import Cycle

pytestmark = pytest.mark.django_db
SYSTEM = system_actor("test")


@pytest.fixture
def cast(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """The named cast in a home of its own."""
    monkeypatch.setenv("ZHIKE_HOME", str(tmp_path))
    return build_cast()


def read(client: Client, name: str, *arguments: object) -> str:
    """Return a page that must open."""
    answer = client.get(reverse(name, args=arguments))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_run_tells_what_it_lacked_and_by_which_rules(cast: Cast) -> None:
    one = carry(SYSTEM, ask_for_cycle(SYSTEM, queue=False).pk)
    page = read(cast.client("emil"), "cycles:one", one.pk)
    assert "账单、" in page
    assert "没有补造任何数" in page
    assert "“账单下降”未判：没有账单" in page
    assert "一致性比率" in page
    assert one.code["fingerprint"][:8] in page
    assert "使用中" in read(cast.client("emil"), "cycles:list")


def test_starting_leads_to_the_run_and_a_second_start_says_so(cast: Cast) -> None:
    client = cast.client("emil")
    begun = client.post(reverse("cycles:start"))
    one = Cycle.objects.get()
    assert begun["Location"] == reverse("cycles:one", args=[one.pk])
    assert "排队中，很快开始" in read(client, "cycles:one", one.pk)
    again = client.post(reverse("cycles:start"), follow=True)
    assert "已有一个周期在运行" in again.content.decode()
    assert Cycle.objects.count() == 1


def test_progress_is_polled_and_stays_silent_while_nothing_changes(cast: Cast) -> None:
    client, one = cast.client("emil"), ask_for_cycle(SYSTEM)
    assert one.run is not None
    one.run.state, one.run.stage, one.run.progress_permille = RunState.RUNNING, "scores", 420
    one.run.save()
    address = reverse("cycles:state", args=[one.pk])
    shown = client.get(address)
    assert "评分、定级、预警" in shown.content.decode()
    version = shown.context["version"]
    assert client.get(address, headers={"X-Zhike-Version": version}).status_code == 204


def test_called_off_run_says_that_nothing_changed(cast: Cast) -> None:
    client, one = cast.client("emil"), ask_for_cycle(SYSTEM)
    answer = client.post(reverse("cycles:cancel", args=[one.pk]), follow=True)
    assert "已取消，原有结果未变" in answer.content.decode()
    one.refresh_from_db()
    assert one.state == Cycle.State.FAILED


def test_failed_run_says_why(cast: Cast) -> None:
    one = ask_for_cycle(SYSTEM, queue=False)
    assert one.run is not None
    one.run.state, one.run.error_zh, one.run.error_en = RunState.FAILED, "磁盘满了", "The disk is full"
    one.run.save()
    assert "磁盘满了" in read(cast.client("emil"), "cycles:one", one.pk)
