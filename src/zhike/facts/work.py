"""Carries an import through its two stages, checking and loading, for the worker and for the command line alike.

Every stage may be killed at any instant and run again. Refuses to judge who may import: actions do.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils import timezone

from zhike.core.actor import Actor
from zhike.core.home import folder
from zhike.core.runs import Progress, RunCancelled, fail_run, finish_run, watched
from zhike.facts.checking import Checked, RowsRefused, check_files
from zhike.facts.files import drop_work_folder, work_folder
from zhike.facts.loading.incoming import Report
from zhike.facts.loading.whole import Outcome, load_all
from zhike.facts.models import Import
from zhike_analytics.contracts.issues import FILE_REASONS, IntakeError
from zhike_analytics.contracts.mapping import parse_mapping
from zhike_analytics.lake.store import LakeError

log = logging.getLogger(__name__)
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
Phase = Import.Phase


class ImportStopped(Exception):
    """The import ended without loading; the text says why, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en = zh, en


def check_import(actor: Actor, import_id: UUID, tell: Report | None = None) -> None:
    """Read and check the files, and find out what loading them would change.

    Raises
    ------
    ImportStopped
        When the files are refused, somebody cancelled, or there is no room.
    """
    with _stage(import_id, tell) as (one, report):
        checked = _check(one, lambda share, stage: report(share * 0.6, stage))
        outcome = load_all(
            actor, one.pk, checked, rejects=_rejects_path(one), on=timezone.localdate(), strict=one.strict,
            dry_run=True, clear_empty=clears_empty(one), report=lambda share, stage: report(0.6 + share * 0.4, stage),
        )  # fmt: skip
        _write_down(one, checked, outcome, Phase.CHECKED)
        finish_run(one.run_id)


def load_import(actor: Actor, import_id: UUID, tell: Report | None = None) -> None:
    """Load what the check found (checking first where that has not been done); run again, it changes nothing twice.

    Raises
    ------
    ImportStopped
        When the files are refused, somebody cancelled, or there is no room.
    """
    with _stage(import_id, tell) as (one, report):
        checked = _check(one, lambda share, stage: report(share * 0.5, stage))

        def finish(outcome: Outcome) -> None:
            _write_down(one, checked, outcome, Phase.LOADED)
            finish_run(one.run_id)

        load_all(
            actor, one.pk, checked, rejects=_rejects_path(one), on=timezone.localdate(), strict=one.strict,
            clear_empty=clears_empty(one), report=lambda share, stage: report(0.5 + share * 0.5, stage), finish=finish,
        )  # fmt: skip
    drop_work_folder(import_id)


def clears_empty(one: Import) -> bool:
    """Return whether empty cells clear what is there: only when the mapping says so."""
    return bool(one.mapping) and any(output.clear_empty for output in parse_mapping(one.mapping).outputs)


@contextmanager
def _stage(import_id: UUID, tell: Report | None) -> Iterator[tuple[Import, Report]]:
    """Run a stage with its heart beating, and write down how it failed."""
    one = Import.objects.select_related("run").get(pk=import_id)
    try:
        with watched(one.run_id) as progress:
            yield one, _report(progress, tell)
    except RunCancelled:
        _end(one, Phase.CANCELLED)
        raise ImportStopped("已取消，没有装入任何内容", "cancelled; nothing was loaded") from None
    except IntakeError as refusal:
        full = refusal.code == "disk_full"
        _end(one, None if full else Phase.REFUSED, refusal.zh, refusal.en)
        raise ImportStopped(refusal.zh, refusal.en) from refusal
    except RowsRefused as refusal:
        zh, en = (text.format(count=refusal.count) for text in FILE_REASONS["refused_rows"])
        _write_down(one, refusal.checked, Outcome(), Phase.REFUSED)
        _end(one, Phase.REFUSED, zh, en)
        raise ImportStopped(zh, en) from refusal
    except (OSError, DatabaseError, LakeError) as failure:
        if isinstance(failure, OperationalError | InterfaceError) and not is_full(failure):
            raise  # the database went away: the job is tried again
        if not is_full(failure):
            _unexpected(one, failure)
            raise
        zh, en = FILE_REASONS["disk_full"]
        _end(one, None, zh, en)
        raise ImportStopped(zh, en) from failure
    except Exception as failure:
        _unexpected(one, failure)
        raise


def is_full(failure: BaseException | None) -> bool:
    """Return whether a failure came of a full disk, here or at the database."""
    while failure is not None:
        if isinstance(failure, OSError) and failure.errno in FULL:
            return True
        if isinstance(failure, psycopg.errors.DiskFull) or getattr(failure, "code", "") == "disk_full":
            return True
        failure = failure.__cause__
    return False


def _unexpected(one: Import, failure: Exception) -> None:
    log.exception("import %s failed", one.pk)
    kind = type(failure).__name__
    _end(
        one, None, f"程序出错（{kind}），没有装入任何内容。请把时间告诉管理员。",
        f"An error of the program ({kind}); nothing was loaded. Tell the administrator the time.",
    )  # fmt: skip


def _end(one: Import, phase: Phase | None, zh: str = "", en: str = "") -> None:
    """Write down how it ended; without a phase it can be tried again."""
    if zh:
        fail_run(one.run_id, zh=zh, en=en)
    if phase is not None:
        Import.objects.filter(pk=one.pk).update(phase=phase)
        drop_work_folder(one.pk)


def _report(progress: Progress, tell: Report | None) -> Report:
    def report(share: float, stage: str) -> None:
        progress.report(share, stage)
        if tell:
            tell(share, stage)

    return report


def _check(one: Import, report: Callable[[float, str], None]) -> Checked:
    return check_files(
        [(file["name"], Path(file["path"])) for file in one.files],
        work_folder(one.pk),
        table=one.table,
        mapping=parse_mapping(one.mapping) if one.mapping else None,
        today=timezone.localdate(),
        strict=one.strict,
        report=report,
    )


def _rejects_path(one: Import) -> Path:
    return folder("rejects") / f"{one.pk}.csv"


def _write_down(one: Import, checked: Checked, outcome: Outcome, phase: Phase) -> None:
    """Keep with the import what it read, refused and changed."""
    loaded = {table.table: table for table in outcome.tables}
    tables: list[dict[str, Any]] = []
    for found in checked.tables:
        done = loaded.get(found.table)
        tables.append(
            {
                "table": found.table,
                "read": found.read,
                "refused": found.refused_rows + (done.refused if done else 0),
                "duplicates": found.duplicates,
                "new": done.new if done else 0,
                "changed": done.changed if done else 0,
                "unchanged": done.unchanged if done else 0,
                "ignored": found.ignored,
                "months": done.months if done and done.months else found.months,
            }
        )
    refused = sum(table["refused"] for table in tables)
    path = _rejects_path(one)
    if refused and not path.exists() and checked.rejects:
        path.write_bytes(Path(checked.rejects).read_bytes())
    Import.objects.filter(pk=one.pk).update(
        phase=phase,
        summary={"tables": tables},
        rows_read=sum(table["read"] for table in tables),
        rows_refused=refused,
        rows_duplicate=sum(table["duplicates"] for table in tables),
        rows_accepted=sum(table["read"] - table["refused"] - table["duplicates"] for table in tables),
        rows_new=outcome.new,
        rows_changed=outcome.changed,
        rows_unchanged=outcome.unchanged,
        rejects_path=str(path) if refused else "",
    )
