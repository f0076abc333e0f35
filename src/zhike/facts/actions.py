"""What people do with imports: start, confirm, try again, cancel. Refuses to read files itself: see `work`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from zhike.core.actor import Actor, require
from zhike.core.models import Look, RunState
from zhike.core.runs import cancel_run, open_run, reopen_run
from zhike.facts import jobs
from zhike.facts.files import FileRefused, StoredFile, drop_work_folder
from zhike.facts.models import Import
from zhike_analytics.contracts import TABLES
from zhike_analytics.contracts.mapping import parse_mapping

RUN = "imports.run"
Phase = Import.Phase


class NotNow(Exception):
    """The import is not in the state that this step needs; somebody else was quicker."""


def start_import(
    actor: Actor,
    *,
    files: Sequence[StoredFile],
    table: str = "",
    mapping: str = "",
    mapping_name: str = "",
    strict: bool = False,
    dry_run: bool = False,
    queue: bool = True,
) -> Import:
    """Write down an import and (with `queue`) have its files checked by the worker.

    Raises
    ------
    FileRefused
        Without a file, or without a table or mapping that says where its rows go.
    IntakeError
        When the mapping is wrong; it names the place.
    """
    require(actor, RUN)
    if not files:
        raise FileRefused(str(_("请选至少一个文件。")))
    if mapping:
        parse_mapping(mapping)
    elif table not in TABLES:
        raise FileRefused(str(_("请选一张表，或给出映射文件。")))
    with transaction.atomic():
        one = Import.objects.create(
            run=open_run(actor, "import"),
            table=table,
            mapping=mapping,
            mapping_name=mapping_name[:120],
            files=[file.as_dict() for file in files],
            strict=strict,
            dry_run=dry_run,
            created_by_id=actor.staff_id,
            created_by_name=actor.name,
        )
        if queue:
            jobs.check.enqueue(actor, import_id=str(one.pk))
    return one


def confirm_import(actor: Actor, import_id: UUID, *, queue: bool = True) -> None:
    """Have a checked import loaded.

    Raises
    ------
    NotNow
        When it does not wait for being confirmed.
    """
    require(actor, RUN)
    with transaction.atomic():
        one = Import.objects.select_for_update().get(pk=import_id)
        if one.phase != Phase.CHECKED:
            raise NotNow
        one.phase = Phase.LOADING
        one.dry_run = False
        one.save(update_fields=["phase", "dry_run"])
        reopen_run(one.run_id)
        if queue:
            jobs.load.enqueue(actor, import_id=str(import_id))


def retry_import(actor: Actor, import_id: UUID) -> None:
    """Run the stage again that failed, e.g. after room was made on the disk.

    Raises
    ------
    NotNow
        When it has not failed, or has ended for good.
    """
    require(actor, RUN)
    with transaction.atomic():
        one = Import.objects.select_for_update().select_related("run").get(pk=import_id)
        stages = {Phase.CHECKING: jobs.check, Phase.LOADING: jobs.load}
        if one.run.state != RunState.FAILED or one.phase not in stages:
            raise NotNow
        reopen_run(one.run_id)
        stages[Phase(one.phase)].enqueue(actor, import_id=str(import_id))


def cancel_import(actor: Actor, import_id: UUID) -> None:
    """Call an import off; nothing of it is loaded.

    Raises
    ------
    NotNow
        When it is loaded already, or over.
    """
    require(actor, RUN)
    with transaction.atomic():
        one = Import.objects.select_for_update().select_related("run").get(pk=import_id)
        if one.phase not in {Phase.CHECKING, Phase.CHECKED, Phase.LOADING}:
            raise NotNow
        carried = one.run.state == RunState.RUNNING
        cancel_run(one.run_id)
        one.phase = Phase.CANCELLED
        one.save(update_fields=["phase"])
    if not carried:
        drop_work_folder(import_id)


def take_rejects(actor: Actor, import_id: UUID) -> Path | None:
    """Return the file of rejects, its taking written down; ``None`` when there is none.

    The file holds the values as they came, personal ones too: whoever takes it stands in the log of looks.
    """
    require(actor, RUN)
    one = Import.objects.get(pk=import_id)
    path = Path(one.rejects_path) if one.rejects_path else None
    if path is None or not path.exists():
        return None
    Look.objects.create(
        actor_id=actor.staff_id,
        actor_name=actor.name,
        subject_table="facts_import",
        subject_id=0,
        subject_name=f"{one.table or one.mapping_name} {one.pk}"[:80],
        field="rejects.csv",
        reason=str(_("下载导入的拒收清单"))[:300],
    )
    return path
