"""By night: numbers begin anew, files that nobody names go, and rows that differ from their log raise an alarm."""

from __future__ import annotations

import os
import time
from datetime import timedelta

import pytest
from django.utils import timezone
from tests.cast import Cast

from zhike.core.actor import system_actor
from zhike.core.models import RunState
from zhike.service import files
from zhike.service.actions import take_in
from zhike.service.actions_nightly import check_sample, renew_numbers, sweep_files
from zhike.service.files import Upload
from zhike.service.models import Leg, Participation, Request
from zhike.service.tests.test_steps import closed, offered, worked

WHY = "test"
NIGHT = system_actor("night")


def test_each_day_begins_at_one_and_no_number_is_given_twice(staged: Cast) -> None:
    fay, day = staged.actor("fay"), timezone.now()
    numbers: list[str] = []
    for later in range(17):
        moment = day + timedelta(days=later)
        for _ in range(2):
            numbers.append(take_in(fay, channel="hotline", kind="consult", text="问", now=moment).request.number)
        if later != 3:  # one night nobody was there
            renew_numbers(timezone.localtime(moment).date())
    assert len(set(numbers)) == len(numbers)
    assert [number[-4:] for number in numbers[2:6]] == ["0001", "0002", "0001", "0002"]


def test_only_old_files_without_a_row_are_swept_away(staged: Cast) -> None:
    named = take_in(
        staged.actor("fay"), channel="hotline", kind="consult", text="问", attachments=[Upload("a.txt", [b"kept"])]
    )
    lost = files.keep(Upload("b.txt", [b"lost"]))
    assert sweep_files() == 0, "what came today may be named in a moment"
    long_ago = time.time() - 2 * files.ORPHAN_SECONDS
    for path in (files.home() / "attachments").glob("??/*"):
        os.utime(path, (long_ago, long_ago))
    assert sweep_files() == 1
    with pytest.raises(FileNotFoundError):
        files.path_of(lost.sha256)
    assert named.request.pk
    assert len(list((files.home() / "attachments").glob("??/*"))) == 1


def test_rows_that_their_logs_explain_are_in_order(staged: Cast) -> None:
    closed(staged)
    worked(staged)
    run = check_sample(NIGHT, today=timezone.localdate())
    assert (run.state, run.result["checked"], run.result["different"]) == (RunState.DONE, 2, 0)


@pytest.mark.parametrize("table", ["request", "leg", "part"])
def test_a_row_written_past_the_log_raises_an_alarm(staged: Cast, table: str) -> None:
    number = offered(staged)
    if table == "request":
        Request.objects.unscoped(reason=WHY).filter(number=number).update(priority="critical")
    elif table == "leg":
        Leg.objects.unscoped(reason=WHY).filter(request__number=number, ordinal=2).update(accepted_at=timezone.now())
    else:
        Participation.objects.unscoped(reason=WHY).filter(request__number=number).delete()
    run = check_sample(NIGHT, today=timezone.localdate())
    assert (run.state, run.result["numbers"]) == (RunState.FAILED, [number])
    assert number in run.error_zh
