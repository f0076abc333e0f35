"""Requests taken in by several processes at once through the real action: durable, numbered, recognised, none lost."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from benchmarks.child import Run, run
from benchmarks.figures import Figure, Settings, benchmark

ACCOUNTS, BEFORE, SECONDS, PROCESSES = 50_000, 200_000, 20, 4
QUICK_ACCOUNTS, QUICK_BEFORE, QUICK_SECONDS = 2_000, 2_000, 3
LEAST = 200
WORDS = "临港厂区专线丢包上传图纸反复中断发票抬头错误需要双路由方案光猫闪红灯无法上网视频会议卡顿"

WORLD = """
INSERT INTO people_region (code, name, path) VALUES ('LZ', '临州', 'LZ/');
INSERT INTO people_region (code, name, path, parent_id)
    SELECT 'R' || n, '第' || n || '区', 'LZ/R' || n || '/', (SELECT id FROM people_region WHERE code = 'LZ')
    FROM generate_series(1, 17) n;
INSERT INTO people_staff (code, name, role, region_id, mobile, email, active, provenance, updated_at)
    SELECT 'K' || n, '客服' || n, 'agent', (SELECT id FROM people_region WHERE code = 'LZ'), '', '', true, '{}', now()
    FROM generate_series(1, 50) n;
INSERT INTO service_department (code, name, function, calendar, region_id, active, updated_at)
    SELECT 'DESK', '客服专席', 'desk', 'full_time', id, true, now() FROM people_region WHERE code = 'LZ';
INSERT INTO service_departmentmember (department_id, staff_id, leads, since)
    SELECT (SELECT id FROM service_department), id, false, '2026-01-01' FROM people_staff;
INSERT INTO customers_account (code, name, short_name, pinyin_key, credit_code, group_kind, industry,
    industry_section, ownership, size, scope, lifecycle, tier, service_level, assurance_level, credit_rating, region_id,
    legal_representative, address, network_situation, innovation_goals, decision_process, latent_needs, background,
    service_preference, strategic, provenance, created_at, updated_at)
    SELECT 'G' || n, '公司' || n, '', '', '', '', '', '制造业', '', '', '', 'active',
        (ARRAY['A1','A2','B1','B2','C','D'])[1 + n %% 6], 'gold', (ARRAY['AAA','AA','A','normal'])[1 + n %% 4], '',
        (SELECT id FROM people_region WHERE code = 'R' || (1 + n %% 17)), '', '', '', '', '', '', '', '', false, '{}',
        now(), now()
    FROM generate_series(1, %(accounts)s) n;
INSERT INTO customers_contact (account_id, code, name, title, department, decision_role, mobile, phone, email, wechat,
    reports_to_code, traits, provenance, updated_at)
    SELECT id, 'P1', '联系人', '', '', 'handles', (13800000000 + id)::text, '', '', '', '', '', '{}', now()
    FROM customers_account;
INSERT INTO service_request (number, title, text, caller_name, caller_phone, caller_address, external_id, region_id,
    kind, category, product_area, segment, channel, priority, urgency, account_id, recognised_by, tier, service_level,
    assurance_level, stage, accepted, taken_at, closed_how, pause_reason, escalation, supervised, exception_reason,
    returns, reopens, call_backs, special, outcome, signs, version, changed_at, next_due_at, next_due_kind, warn_at,
    clock_version, need_scope, need_side, need_class)
    SELECT 'TS-20260101-' || n, '早先的工单' || n, '', '', '', '', '', a.region_id, 'complaint', 'network_quality',
        '', '', 'hotline', 'normal', 2, a.id, 'phone', a.tier, a.service_level, a.assurance_level, 'assign', true,
        now() - n * interval '1 minute', '', '', 0, false, '', 0, 0, 0, '', '', '[]', 1, now(),
        now() + n * interval '1 minute', 'resolution', now() + n * interval '1 minute', '', '', '', ''
    FROM generate_series(1, %(before)s) n JOIN customers_account a ON a.code = 'G' || (1 + n %% %(accounts)s);
ANALYZE;
"""


def build(accounts: int, before: int) -> Iterator[int]:
    """Make tables, accounts with a contact each, a desk with agents, and requests of earlier days."""
    from zhike.cli.django_app import django_ready

    with django_ready():
        from django.core.management import call_command
        from django.db import connection

        from zhike.core.actor import system_actor
        from zhike.core.policies import plant_seeds

        call_command("migrate", verbosity=0)
        plant_seeds(system_actor("benchmark"))
        with connection.cursor() as cursor:
            cursor.execute(WORLD, {"accounts": accounts, "before": before})
        yield 0
        yield before


def take(number: int, seconds: int, begin: float, accounts: int, seed: int) -> Iterator[list[str]]:
    """Take requests in, one after the other, for so many seconds; yield the numbers that were given."""
    from zhike.cli.django_app import django_ready

    with django_ready():
        from zhike.people.actors import actor_of_staff_id
        from zhike.people.models import Staff
        from zhike.service.actions import Caller, take_in

        dice = random.Random(seed * 100 + number)
        agents = [
            actor_of_staff_id(pk)
            for pk in Staff.objects.unscoped(reason="benchmark").values_list("pk", flat=True)[number::PROCESSES]
        ]
        first = 13_800_000_001

        def once(nth: int) -> str:
            said = "".join(dice.choice(WORDS) for _ in range(24))
            return take_in(
                agents[nth % len(agents)], channel="hotline", kind=dice.choice(("complaint", "fault", "consult")),
                text=f"{said}\n{said * 4}", caller=Caller("来电人", str(first + dice.randrange(accounts))),
                external_id=f"{number}-{nth}",
            ).request.number  # fmt: skip

        for nth in range(-20, 0):  # prepared plans, policies read, connections open
            once(nth)
        time.sleep(max(begin - time.time(), 0))
        yield []
        given, until = [], time.monotonic() + seconds
        while time.monotonic() < until:
            given.append(once(len(given)))
        yield given


def _database_seconds(home: Path) -> float:
    """Return the processor time that the bundled server has taken so far, ended processes included."""
    from zhike.core.postgres.places import state_root

    first = psutil.Process(int((state_root(home) / "data" / "postmaster.pid").read_text().split("\n")[0]))
    times = first.cpu_times()
    taken = times.user + times.system + times.children_user + times.children_system
    for child in first.children(recursive=True):
        with contextlib.suppress(psutil.Error):
            taken += child.cpu_times().user + child.cpu_times().system
    return float(taken)


def count() -> Iterator[dict[str, int]]:
    """Count what really stands in the tables."""
    from zhike.cli.django_app import django_ready

    with django_ready():
        from django.db import connection

        yield {}
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FILTER (WHERE external_id NOT LIKE '%--%'), count(DISTINCT number),"
                " (SELECT count(*) FROM service_requestevent e JOIN service_request r ON r.id = e.request_id"
                "  WHERE e.kind = 'taken' AND r.external_id NOT LIKE '%--%')"
                " FROM service_request WHERE external_id <> ''"
            )
            rows, numbers, logged = cursor.fetchone()
        yield {"rows": rows, "numbers": numbers, "logged": logged}


@benchmark("intake")
def requests_taken_in(settings: Settings) -> Iterator[Figure]:
    """Measure requests a second over all processes, on the machine's processors, database included."""
    from zhike.core.postgres import BundledPostgres
    from zhike.core.postgres.places import socket_folder, state_root

    accounts, before, seconds = (
        (QUICK_ACCOUNTS, QUICK_BEFORE, QUICK_SECONDS) if settings.quick else (ACCOUNTS, BEFORE, SECONDS)
    )
    home = settings.folder / "home"
    environment = {"ZHIKE_HOME": str(home), "ZHIKE_ENV": "dev", "DATABASE_URL": ""}
    os.environ.update(environment)
    done: list[Run] = []
    try:
        with BundledPostgres(home):
            run("benchmarks.intake:build", environment, accounts=accounts, before=before)
            begin, used = time.time() + 12, _database_seconds(home)
            threads = [
                threading.Thread(
                    target=lambda nth=nth: done.append(
                        run("benchmarks.intake:take", environment, number=nth, seconds=seconds, begin=begin,
                            accounts=accounts, seed=settings.seed)
                    )
                )
                for nth in range(PROCESSES)
            ]  # fmt: skip
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            used = _database_seconds(home) - used
            stands = run("benchmarks.intake:count", environment).value
    finally:
        shutil.rmtree(state_root(home), ignore_errors=True)
        shutil.rmtree(socket_folder(home), ignore_errors=True)
    given = [number for one in done for number in one.value]
    ours = sum(one.processor_seconds for one in done)
    spent = (ours + used) / len(given)
    yield Figure(
        f"requests taken in on two processors, {before:,} there before", 2 / spent, "a second", least=LEAST,
        detail={
            "milliseconds of a processor for one": round(spent * 1000, 2),
            "of it in the database": round(used / len(given) * 1000, 2),
        },
    )  # fmt: skip
    yield Figure(
        f"the same on the clock, {PROCESSES} processes, whatever else the machine does", len(given) / seconds,
        "a second",
    )  # fmt: skip
    lost = len(given) - stands["logged"] + len(given) - len(set(given))
    yield Figure("requests answered but not there, or two under one number", lost, "", most=0, detail=stands)
