"""Who would move by a draft of rules: the last cycle's features scored again, by present rules and by the draft.

The second place of this room that calls scoring, beside `analysis`: it makes no result of a cycle and publishes
nothing. Few accounts are scored at once, many in a job that can be left and killed. Refuses drafts of families that
no score, tier or alert follows from.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow.parquet as pq
from django.db import transaction

from zhike.core.actor import Actor
from zhike.core.home import folder, home
from zhike.core.models import PolicyDraft, Run
from zhike.core.policies import PolicyRefused
from zhike.core.policies_drafts import day_of, hold_preview
from zhike.core.runs import RunCancelled, fail_run, finish_run, open_run, watched
from zhike.insights.cycle import results_folder
from zhike.insights.models import Cycle
from zhike.insights.policies import CYCLE_FAMILIES, policies_on
from zhike.insights.preview_jobs import carry_preview
from zhike.insights.queries_scores import latest_cycle
from zhike_analytics.scoring.cycle import CycleError, CycleResult
from zhike_analytics.scoring.preview import compare_policies

AT_ONCE = 10_000  # accounts that are scored while somebody waits
KEPT_SECONDS = 30 * 24 * 3600
GONE = (
    "上一个周期的文件不在了，无法试算。请先运行一次周期。",
    "The files of the last cycle are gone. Run a cycle first, then try again.",
)


def can_preview(family: str) -> bool:
    """Return whether scores, tiers or alerts follow from a family."""
    return family in CYCLE_FAMILIES


def ask_for_preview(actor: Actor, draft: PolicyDraft) -> Run:
    """Find out who would move by a draft as it stands; at once where there are few accounts, else in a job.

    Raises
    ------
    PolicyRefused
        ``no_cycle`` where nothing was scored yet, ``edition`` when the draft changed meanwhile.
    """
    cycle = latest_cycle()
    if cycle is None or not can_preview(draft.family):
        raise PolicyRefused("no_cycle")
    with transaction.atomic():
        run = open_run(actor, "policy_preview")
        hold_preview(actor, draft, run)
        if cycle.accounts > AT_ONCE:
            carry_preview.enqueue(actor, run_id=str(run.pk), draft_id=draft.pk, cycle_id=cycle.pk)
    if cycle.accounts <= AT_ONCE:
        carry(run.pk, draft.pk, cycle.pk)
    run.refresh_from_db()
    return run


def carry(run_id: UUID, draft_id: int, cycle_id: int) -> None:
    """Score twice and keep what differs; the run says how far it is, and what was wrong."""
    clear_up()
    draft = PolicyDraft.objects.get(pk=draft_id)
    cycle = Cycle.objects.get(pk=cycle_id)
    try:
        with watched(run_id) as progress:
            result = _compare(draft, cycle, preview_file(run_id), progress.report)
            finish_run(run_id, result={**result, "cycle": cycle_id, "as_of": cycle.as_of.isoformat()})
    except RunCancelled:
        shutil.rmtree(preview_file(run_id).parent, ignore_errors=True)
    except (OSError, CycleError):
        fail_run(run_id, zh=GONE[0], en=GONE[1])


def preview_file(run_id: UUID) -> Path:
    """Return where the accounts that differ are kept, those with the largest bills first."""
    return home() / "previews" / str(run_id) / "moves.parquet"


def clear_up() -> None:
    """Forget previews that nobody will look at any more."""
    for old in (home() / "previews").glob("*"):
        if old.stat().st_mtime < time.time() - KEPT_SECONDS:
            shutil.rmtree(old, ignore_errors=True)


def _compare(draft: PolicyDraft, cycle: Cycle, target: Path, report: Any) -> dict[str, Any]:
    present, _cited = policies_on(day_of(draft))
    body = CYCLE_FAMILIES[draft.family].schema.model_validate(draft.body)
    drafted = present.model_copy(update={draft.family: body})
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix="preview-", dir=folder("tmp")) as scratch:
        unsorted, engine = Path(scratch) / "moves.parquet", Path(scratch) / "engine"
        result = CycleResult.open(results_folder(cycle.pk) / "result")
        found = compare_policies(result, present, drafted, unsorted, engine, report=report)
        moves = pq.read_table(unsorted).sort_by([("bill_mean3_fen", "descending"), ("account_code", "ascending")])
        pq.write_table(moves, Path(scratch) / "sorted.parquet")
        shutil.move(Path(scratch) / "sorted.parquet", target)
    return {
        "accounts": found.accounts, "moves": found.moves,
        "tiers": [[was, becomes, many, found.bills_fen[was, becomes]] for (was, becomes), many in found.tiers.items()],
        "alerts": found.alerts, "quadrants": found.quadrants,
    }  # fmt: skip
