"""The cycle as the library computes it: the one place of this room that calls scoring. Refuses to read the database."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from zhike.insights.snapshot import keep
from zhike_analytics.contracts.policies_decisions import CyclePolicies
from zhike_analytics.features.inputs import CycleInputs, InputError
from zhike_analytics.lake.store import Lake
from zhike_analytics.scoring.cycle import CycleError, CycleResult, run_cycle

Report = Callable[[float, str], None]


class CycleRefused(Exception):
    """The library stopped; the text says why, in both languages. ``full`` marks a disk without room."""

    def __init__(self, zh: str, en: str, *, full: bool = False) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en, self.full = zh, en, full


def compute(
    lake: Lake,
    archive: Mapping[str, Path],
    policies: CyclePolicies,
    as_of: date,
    folder: Path,
    *,
    before: tuple[Path, Path] | None,
    workdir: Path,
    report: Report,
    engine: str = "duckdb",
) -> dict[str, Any]:
    """Compute a cycle into ``folder/result`` and return what it says of itself.

    Parameters
    ----------
    before
        Results of the cycle before (tiers keep their band against it, alerts their first day) and of the last one of
        an earlier month (scores tell their change against it).
    engine
        ``duckdb`` or ``spark``. Spark works on this machine, or on the standalone cluster whose address
        (``spark://host:port``) stands in the environment's ``ZHIKE_SPARK``.

    Raises
    ------
    CycleRefused
        When it cannot begin or stopped; there is no result then.
    """
    try:
        inputs = _kept(CycleInputs.from_lake(lake, archive), folder / "inputs")
        previous = None if before is None else _joined(*before, folder / "before")
        result = run_cycle(
            inputs, policies, as_of, folder / "result", previous=previous, workdir=workdir, report=report,
            engine=os.environ.get("ZHIKE_SPARK", "spark") if engine == "spark" else engine,
        )  # fmt: skip
    except (CycleError, InputError) as failure:
        raise _refusal(failure) from failure
    return result.about


def is_whole(folder: Path) -> bool:
    """Return whether a folder holds the whole result of a cycle."""
    try:
        result = CycleResult.open(folder)
    except CycleError:
        return False
    return all(result.path(name).exists() for name in ("scores", "tiers", "alerts"))


def _kept(inputs: CycleInputs, folder: Path) -> CycleInputs:
    """Return the inputs with second names for the lake's files, in the form that ``CycleInputs.from_folder`` reads."""
    facts = {
        name: replace(
            one,
            files=tuple((period, keep(file, folder / name / f"period={period}.parquet")) for period, file in one.files),
        )
        for name, one in inputs.facts.items()
    }
    return replace(inputs, facts=facts)


def _joined(last: Path, earlier: Path, folder: Path) -> CycleResult:
    """Return one result of two: tiers and alerts of the last cycle, scores of the one of an earlier month."""
    folder.mkdir()
    for name, source in (("tiers", last), ("alerts", last), ("scores", earlier)):
        os.symlink((source / f"{name}.parquet").absolute(), folder / f"{name}.parquet")
    return CycleResult(folder, CycleResult.open(last).about)


def _refusal(failure: Exception) -> CycleRefused:
    cause: BaseException | None = failure
    while cause is not None:
        if getattr(cause, "code", "") == "disk_full" or getattr(cause, "errno", None) in {27, 28, 122}:
            return CycleRefused(
                "磁盘满了，周期没有完成，原有结果未变。腾出空间后再运行一次。",
                "The disk is full; the cycle stopped and earlier results are untouched. Make room, then run it again.",
                full=True,
            )
        cause = cause.__cause__
    zh, _, en = str(failure).partition(" / ")
    return CycleRefused(zh, en or zh)
