"""A process that takes requests in, one after the other, and writes down what it was told: `python -m … RUN FILE`.

A lost database is waited for and the same message delivered again, as channels do. Refuses to end by itself.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import date


def prepare() -> None:
    """Make a region, an agent and a desk, once."""
    from zhike.people.models import Region, Staff
    from zhike.service.models import Department, DepartmentMember

    region, made = Region.objects.get_or_create(code="LZ", defaults={"name": "临州", "path": "LZ/"})
    if made:
        staff = Staff(code="K1", name="苏禾", role="agent", region=region)
        staff.save()
        desk = Department.objects.create(
            code="DESK", name="客服专席", function="desk", calendar="full_time", region=region
        )
        DepartmentMember.objects.create(department=desk, staff=staff, since=date(2026, 1, 1))


def main(run: str, told: str) -> None:
    """Take requests in until somebody kills this process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhike.config.settings.dev")
    import django

    django.setup()
    from django.db import InterfaceError, OperationalError, connection

    from zhike.people.actors import actor_of_staff_id
    from zhike.people.models import Staff
    from zhike.service.actions import Caller, take_in
    from zhike.service.actions_steps import offer, triage
    from zhike.service.files import Upload

    prepare()
    actor = actor_of_staff_id(Staff.objects.unscoped(reason="test").get(code="K1").pk)
    book = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write_down(*words: str) -> None:
        os.write(book, ("\t".join(words) + "\n").encode())
        os.fsync(book)

    nth = 0
    while True:
        nth += 1
        external = f"{run}-{nth}"
        while True:
            try:
                taken = take_in(
                    actor, channel="email", kind="fault", text=f"断线 {external}", external_id=external,
                    caller=Caller("裴正山", "13800001234"),
                    attachments=[Upload("log.txt", [external.encode()])] if nth % 3 == 0 else [],
                )  # fmt: skip
                break
            except (OperationalError, InterfaceError):
                connection.close()
                time.sleep(0.1)
        number = taken.request.number
        write_down("taken", external, number)
        try:
            if nth % 2:
                triage(actor, number=number, category="network_quality")
                write_down("triaged", external, number)
                offer(actor, number=number, department="DESK")
                write_down("offered", external, number)
        except (OperationalError, InterfaceError):
            connection.close()  # whether it was written is not known: only what was told counts


if __name__ == "__main__":
    main(*sys.argv[1:])
