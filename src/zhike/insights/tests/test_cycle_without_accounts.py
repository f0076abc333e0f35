"""A cycle of an empty installation: there is nothing to judge, and it says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhike.core.actor import system_actor
from zhike.insights import cycle
from zhike.insights.actions import ask_for_cycle
from zhike.insights.models import Cycle

SYSTEM = system_actor("test")


@pytest.mark.django_db
def test_without_accounts_it_says_what_is_missing(own_home: Path) -> None:
    with pytest.raises(cycle.CycleStopped, match="缺少客户档案") as refusal:
        cycle.carry(SYSTEM, ask_for_cycle(SYSTEM, queue=False).pk)
    assert "snapshot of accounts is missing" in refusal.value.en
    assert Cycle.objects.get().state == Cycle.State.FAILED
