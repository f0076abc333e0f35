"""Builds the demonstration operator: generates it, loads it as imports do, lets one person of each role sign in.

Refuses a database with real accounts. Every step that is complete is written down: a building that was cut off goes on
where it stopped.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Count, Q
from django.db.models.functions import Now
from django.utils import timezone

from zhike.core.actor import Actor, system_actor
from zhike.core.audit import audited
from zhike.core.changes import notify
from zhike.core.home import folder
from zhike.core.models import Run, RunState
from zhike.customers.models import Account, TeamMembership
from zhike.demo import analysis
from zhike.demo.actions_requests import fill_requests
from zhike.demo.models import Demonstration
from zhike.facts.loading.archive import LOAD_ORDER, Loaded, Source, load_archive
from zhike.facts.loading.events import TIMELINE_TABLES, load_events
from zhike.facts.loading.incoming import row_count
from zhike.facts.loading.lake import lake
from zhike.facts.models import Import
from zhike.insights.actions import ask_for_cycle
from zhike.insights.cycle import carry
from zhike.insights.models import Cycle
from zhike.people.models import Staff, User
from zhike.people.roles import ROLES
from zhike.playbooks.actions import suggest as suggest_steps
from zhike_analytics.contracts import TABLES

SEED = 20261123
LOCK = "zhike.demo"
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none that looks like another
Report = Callable[[float, str], None]
WHY = "the demonstration operator is built and looked over as a whole"


class DemonstrationRefused(Exception):
    """The demonstration cannot be built here; the text says why and what to do, in both languages."""


def build_if_empty(*, accounts: int, say: Callable[[str], None]) -> None:
    """Build the demonstration in a database without accounts, or finish one that was cut off."""
    begun = Demonstration.objects.filter(completed_at=None).first()
    if begun is None and Account.objects.unscoped(reason=WHY).exists():
        return
    say("正在建演示数据，约一分钟…… / building the demonstration operator, about a minute…")
    build(accounts=begun.accounts if begun else accounts, seed=begun.seed if begun else SEED, report=lambda *_: None)


def build(*, accounts: int, seed: int, report: Report) -> None:
    """Build the demonstration operator, or what is missing of it.

    Raises
    ------
    DemonstrationRefused
        When real accounts are here, or another demonstration.
    """
    with _alone():
        one = _take_up(accounts, seed)
        actor = system_actor("zhike demo")
        data = folder("demo") / "data"
        if "generated" not in one.done:
            shutil.rmtree(data, ignore_errors=True)
            analysis.generate(accounts, seed, data, lambda share, stage: report(share * 0.1, f"生成 {stage}"))
            _done(one, "generated")
        tables = analysis.tables(data)
        order = [name for name in (*LOAD_ORDER, *TABLES) if name in tables]
        order = list(dict.fromkeys(order))
        weights = {name: sum(row_count(path) for path in tables[name]) + 1000 for name in order}
        whole, before = sum(weights.values()), 0
        for name in order:
            if f"loaded {name}" not in one.done:
                _load(actor, one, name, tables[name], _part(report, before, weights[name], whole))
            before += weights[name]
        report(0.89, "发布")
        if "published" not in one.done:
            with audited(actor, "demo.publish", new_rows=False):
                notify("facts_loaded", actor=actor, tables=order, import_id=None)
                _done(one, "published")
        if "requests" not in one.done:
            report(0.895, "工单")
            with transaction.atomic():
                fill_requests(actor)
                _done(one, "requests")
        today = timezone.localdate()
        month_end = today.replace(day=1) - timedelta(days=1)
        for number, day in enumerate((month_end, today)):  # two, so that it shows who moved
            if f"cycle {number}" not in one.done:
                _run_cycle(actor, day, _within(report, 0.9 + 0.05 * number, 0.05))
                _done(one, f"cycle {number}")
        if "steps" not in one.done:  # the worker would, but nobody should wait for it to see what to do today
            suggest_steps(actor)
            _done(one, "steps")
        let_people_in()
        Demonstration.objects.filter(pk=one.pk).update(completed_at=Now())
        _keep_truth(data)
        report(1.0, "完成")


@contextmanager
def _alone() -> Iterator[None]:
    """Keep a second building out while this one runs; the lock goes with the process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [LOCK])
        if not cursor.fetchone()[0]:
            raise DemonstrationRefused("另一个进程正在建演示数据 / another process is building the demonstration")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [LOCK])


def _take_up(accounts: int, seed: int) -> Demonstration:
    one = Demonstration.objects.first()
    if one is None:
        if Account.objects.unscoped(reason=WHY).exists():
            raise DemonstrationRefused(
                "库里已有真实客户，不能建演示数据；请用空的 ZHIKE_HOME 或另一个库。"
                " / There are real accounts here: use an empty ZHIKE_HOME or another database."
            )
        return Demonstration.objects.create(accounts=accounts, seed=seed)
    if (one.accounts, one.seed) != (accounts, seed):
        raise DemonstrationRefused(
            f"这里已有 {one.accounts} 户、种子 {one.seed} 的演示；要另建请换一个空的 ZHIKE_HOME。"
            f" / A demonstration of {one.accounts} accounts (seed {one.seed}) is here already: use an empty ZHIKE_HOME."
        )
    return one


def _keep_truth(data: Path) -> None:
    """Keep what the operator hides, by which models are judged; remove the files that are loaded."""
    if (data / "truth").exists():
        shutil.rmtree(data.parent / "truth", ignore_errors=True)
        (data / "truth").rename(data.parent / "truth")
    shutil.rmtree(data, ignore_errors=True)


def _part(report: Report, before: int, weight: int, whole: int) -> Callable[[float, str], None]:
    """Return how the loading of one table tells its share of the whole building."""
    return lambda share, stage: report(0.1 + 0.79 * (before + weight * min(share, 1.0)) / whole, stage)


def _within(report: Report, begin: float, width: float) -> Callable[[float, str], None]:
    """Return how a cycle tells its share of the whole building."""
    return lambda share, stage: report(begin + width * share, f"周期 {stage}")


def _run_cycle(actor: Actor, day: date, report: Callable[[float, str], None]) -> None:
    """Run a cycle; a day that an earlier try has done already is not done again."""
    shown = Cycle.objects.filter(state=Cycle.State.CURRENT).first()
    if shown is None or shown.as_of < day:
        carry(actor, ask_for_cycle(actor, as_of=day, queue=False).pk, report)


def _done(one: Demonstration, step: str) -> None:
    one.done = [*one.done, step]
    one.save(update_fields=["done"])


def _load(actor: Actor, one: Demonstration, name: str, files: list[Path], report: Report) -> None:
    """Load one table in one transaction, with its import and the step that says so."""
    loaded = Loaded(name)
    stage = f"装入 {TABLES[name].zh}"
    with audited(actor, "demo.load", new_rows=False), connection.cursor() as cursor:
        record = _record(name, files)
        source = Source(f"import:{record.pk}", timezone.localdate())
        for number, path in enumerate(files):
            report(number / len(files) * 0.7, stage)
            if not TABLES[name].in_lake:
                part = load_archive(cursor, name, path, source, report=lambda share, _step: report(share, stage))
                loaded.read, loaded.new = loaded.read + part.read, loaded.new + part.new
                loaded.refused += part.refused
                continue
            rows = row_count(path)
            loaded.read, loaded.new = loaded.read + rows, loaded.new + rows
            if name in TIMELINE_TABLES:
                load_events(cursor, name, path, record.pk)
        if loaded.refused:
            raise DemonstrationRefused(
                f"{name}: {loaded.refused} 行演示数据对不上号 / generated rows do not fit together"
            )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for number, path in enumerate(files if TABLES[name].in_lake else []):
            report(0.7 + number / len(files) * 0.3, stage)
            lake().commit(name, path, source=source.name)
        summary = {**loaded.as_dict(), "table": name, "duplicates": 0, "ignored": [], "months": []}
        Import.objects.filter(pk=record.pk).update(
            summary={"tables": [summary]}, rows_read=loaded.read, rows_accepted=loaded.read, rows_new=loaded.new
        )
        _done(one, f"loaded {name}")


def _record(name: str, files: list[Path]) -> Import:
    now = timezone.now()
    run = Run.objects.create(
        kind="import", state=RunState.DONE, progress_permille=1000, started_by_name="zhike demo", started_at=now,
        finished_at=now,
    )  # fmt: skip
    return Import.objects.create(
        run=run,
        table=name,
        phase=Import.Phase.LOADED,
        files=[{"name": path.name, "path": "", "sha256": "", "bytes": path.stat().st_size} for path in files],
        created_by_name="zhike demo",
    )


# -- who may sign in -----------------------------------------------------------------------------------------------


def let_people_in() -> None:
    """Give one person of each role a sign-in with a new password, and write names and passwords down for the owner."""
    people = _one_of_each_role()
    lines = ["", "可以登录的人（数据全是虚构） / who can sign in (all data is made up):", ""]
    with audited(system_actor("zhike demo"), "demo.let_people_in", new_rows=False), transaction.atomic():
        for staff in people:
            password = "".join(secrets.choice(LETTERS) for _ in range(12))
            name = staff.role.replace("_", "-")
            user = staff.user or User(username=name)
            user.set_password(password)
            user.is_active = True
            user.save()
            if staff.user_id is None:
                staff.user = user
                staff.save(update_fields=["user"])
            lines.append(f"  {user.username:<14} {password:<14} {ROLES[staff.role]}  {staff.name}")
        _write_people("\n".join([*lines, ""]))


def _write_people(text: str) -> None:
    path = folder("demo") / "people.txt"
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def _one_of_each_role() -> list[Staff]:
    """Return a manager with many key accounts, the leads above that person, and one of every other role."""
    staff = Staff.objects.unscoped(reason=WHY).filter(active=True)
    ours = TeamMembership.objects.unscoped(reason=WHY).filter(duty="lead", valid_to=None, staff__active=True)
    key = Count("id", filter=Q(account__tier__in=("A1", "A2")))
    busiest = (
        ours.values("staff_id").annotate(key=key, count=Count("id")).order_by("-key", "-count", "staff_id").first()
    )
    manager = staff.filter(pk=busiest["staff_id"]).first() if busiest else staff.filter(role="manager").first()
    chosen: list[Staff] = []
    for role in ROLES:
        rows = staff.filter(role=role).order_by("code")
        found = rows.filter(user__isnull=False).first()
        if found is None and role == "manager":
            found = manager
        if found is None and manager is not None and role == "team_lead":
            found = rows.filter(team_id=manager.team_id).first()  # type: ignore[misc]
        if found is None and manager is not None and manager.region is not None and role == "region_lead":
            above = [code for code in manager.region.path.split("/") if code]
            found = rows.filter(region__code__in=above).order_by("-region__path").first()
        found = found or rows.first()
        if found is None:
            found = Staff(code=f"DEMO-{role}", name=str(ROLES[role]), role=role, region=manager and manager.region)  # type: ignore[misc]
            found.save()
        chosen.append(found)
    return chosen
