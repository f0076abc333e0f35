"""What is done by night: tomorrow's numbers set back, files without rows swept away, rows compared with their logs.

Refuses to mend a row that differs: it raises an alarm, since a difference means that something wrote past the log.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db import connection
from django.db.models.functions import Now

from zhike.core.actor import Actor
from zhike.core.models import Run, RunState
from zhike.service.actions_writing import OWN_ROWS, facts_of
from zhike.service.files import drop, stored
from zhike.service.models import Attachment, Leg, Participation, Request
from zhike.service.sql import NUMBERS
from zhike.service.standing import COLUMNS, columns, fold

CHECKED = 500
SHOWN = 20
EVERY = "the log of any request must explain its row"


def renew_numbers(today: date) -> None:
    """Let tomorrow's numbers begin at one, unless some were given already."""
    day = today + timedelta(days=1)
    begun = Request.objects.unscoped(reason=EVERY).filter(number__startswith=f"TS-{day:%Y%m%d}-").exists()
    if not begun:
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval(%s::regclass, 1, false)", [f"service_number_{day.toordinal() % NUMBERS}"])


def sweep_files() -> int:
    """Remove files that have lain here for a day without a row that names them; return how many."""
    swept = 0
    rows = Attachment.objects.unscoped(reason="whether any request names a file at all")
    for sha256 in list(stored()):
        if not rows.filter(sha256=sha256).exists():
            drop(sha256)
            swept += 1
    return swept


def differing(pk: int) -> bool:
    """Return whether a request's row, legs or parts say something else than its log."""
    standing = fold(facts_of(pk))
    request = Request.objects.unscoped(reason=EVERY).get(pk=pk)
    if {name: getattr(request, name) for name in COLUMNS} != columns(standing):
        return True
    legs = Leg.objects.unscoped(reason=OWN_ROWS).filter(request_id=pk).order_by("ordinal")
    if [(one.department_id, one.began_at, one.accepted_at, one.ended_at, one.ended_how) for one in legs] != [
        (one.department_id, one.began_at, one.accepted_at, one.ended_at, one.ended_how) for one in standing.legs
    ]:
        return True
    parts = Participation.objects.unscoped(reason=OWN_ROWS).filter(request_id=pk).order_by("ordinal")
    return [(one.staff_id, one.part, one.since, one.until) for one in parts] != [
        (one.staff_id, one.part, one.since, one.until) for one in standing.parts
    ]


def check_sample(actor: Actor, *, today: date) -> Run:
    """Compare the latest requests and another part of all each night with their logs; write down what was found."""
    rows = Request.objects.unscoped(reason=EVERY)
    latest = list(rows.order_by("-taken_at", "-pk").values_list("pk", flat=True)[:CHECKED])
    newest = max(latest, default=0)
    step = max(newest // CHECKED, 1)
    wanted = range(today.toordinal() % step + 1, newest + 1, step)
    others = rows.filter(pk__in=list(wanted)[:CHECKED]).values_list("pk", flat=True)
    ids = sorted({*latest, *others})
    wrong = [pk for pk in ids if differing(pk)]
    numbers = list(rows.filter(pk__in=wrong[:SHOWN]).order_by("pk").values_list("number", flat=True))
    told = {"checked": len(ids), "different": len(wrong), "numbers": numbers}
    return Run.objects.create(
        kind="service.check", state=RunState.FAILED if wrong else RunState.DONE, progress_permille=1000,
        started_by_id=actor.staff_id, started_by_name=actor.name, started_at=Now(), finished_at=Now(), result=told,
        error_zh=f"{len(wrong)} 张工单与经过记录不符：{'、'.join(numbers)}。请联系系统管理员查明谁绕过了记录。"
        if wrong else "",
        error_en=f"{len(wrong)} requests differ from their logs: {', '.join(numbers)}. Find out what wrote past it."
        if wrong else "",
    )  # fmt: skip
