"""The monthly cycle: facts and archive to scores, tiers and alerts in files. Refuses half a result and any randomness.

The same inputs, rules and day give the same bytes: sums are of whole numbers, points are rounded before ranking,
ties go by account code, and no time of day is written.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

import zhike_analytics
from zhike_analytics.contracts.issues import IntakeError
from zhike_analytics.contracts.policies_decisions import CyclePolicies
from zhike_analytics.engines.frames import FrameWriter, open_engine, pieces, read_between
from zhike_analytics.features.build import FeatureRun, build_features
from zhike_analytics.features.columns import Floats, numbers, whole
from zhike_analytics.features.inputs import CycleInputs
from zhike_analytics.scoring.alerts import SCHEMA as ALERTS
from zhike_analytics.scoring.alerts import TABLES_OF
from zhike_analytics.scoring.piece import SCORES, Before, score_piece

FILES = ("features", "scores", "tiers", "alerts")
COMPARING = ("bill_fall", "usage_fall", "declining")
"""Rules that set a month beside months before it."""
ROOMS = ("contracts", "engines", "features", "scoring")
Report = Callable[[float, str], None]


class CycleError(RuntimeError):
    """The cycle stopped; earlier results are untouched. The message is for people, in both languages."""


@dataclass(frozen=True)
class CycleResult:
    """A finished cycle.

    Attributes
    ----------
    folder
        Holds ``features.parquet``, ``scores.parquet``, ``tiers.parquet``, ``alerts.parquet`` and ``cycle.json``; one
        row per account in the order of codes (alerts: one per account and rule).
    about
        What ``cycle.json`` says: day, last month, versions of facts, policies and code, coverage, which rules could not
        be judged and why, counts, and the digest of each file.
    """

    folder: Path
    about: dict[str, Any]

    def path(self, name: str) -> Path:
        """Return one of the files: ``features``, ``scores``, ``tiers`` or ``alerts``."""
        return self.folder / f"{name}.parquet"

    @classmethod
    def open(cls, folder: Path) -> CycleResult:
        """Return a result that was written before.

        Raises
        ------
        CycleError
            When the folder holds no whole result.
        """
        try:
            return cls(folder, json.loads((folder / "cycle.json").read_text(encoding="utf-8")))
        except (OSError, ValueError) as failure:
            raise CycleError(f"{folder} 不是完整的周期结果 / holds no whole result of a cycle") from failure


def run_cycle(
    inputs: CycleInputs,
    policies: CyclePolicies,
    as_of: date,
    target: Path,
    *,
    previous: CycleResult | None = None,
    workdir: Path | None = None,
    engine: str = "duckdb",
    report: Report | None = None,
) -> CycleResult:
    """Make scores, tiers and alerts as of a day and put them at `target` in one move.

    Parameters
    ----------
    inputs
        Facts and archive; a table that is missing leaves what needs it unknown, and the result says so.
    as_of
        The day of the cycle: the months before its own count.
    target
        Folder of the result; must not exist. Until everything is written there is nothing at its place.
    previous
        Result of the cycle before: tiers keep their band against it, alerts their first day, scores tell their change.
    workdir
        For files on the way; by default a folder beside `target`, so that moving is one step.
    engine
        ``duckdb``, ``spark`` or ``spark://host:port``, see :func:`zhike_analytics.features.build.build_features`.
    report
        Told the share done (0 to 1) and the stage.

    Raises
    ------
    CycleError
        When the target exists, the facts lie after the day, or nothing more could be written.
    """
    say = report or (lambda share, stage: None)
    if target.exists():
        raise CycleError(f"{target} 已经存在 / exists already")
    if previous is not None and previous.about["as_of"] > as_of.isoformat():
        raise CycleError(
            f"上一周期为 {previous.about['as_of']}，晚于 {as_of}：请检查时钟"
            f" / the cycle before is of {previous.about['as_of']}, after {as_of}: check the clock"
        )
    try:
        with _draft(target, workdir) as (draft, scratch):
            run = build_features(
                inputs, as_of, draft / "features.parquet", scratch / "engine",
                fewest_peers=policies.value.fewest_peers, fall_noise=policies.alerts.fall_noise,
                least_usage=policies.alerts.least_usage, engine=engine,
                report=lambda share, stage: say(0.6 * share, stage),
            )  # fmt: skip
            counts = _score(run, policies, previous, draft, scratch, say)
            about = _about(run, inputs, policies, previous, counts, draft)
            (draft / "cycle.json").write_text(
                json.dumps(about, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
            )
            _settle(draft)
            draft.rename(target)
    except (OSError, IntakeError, ValueError) as failure:
        raise CycleError(f"周期未完成，原有结果未变 / the cycle stopped, nothing changed: {failure}") from failure
    say(1.0, "done")
    return CycleResult(target, about)


@contextlib.contextmanager
def _draft(target: Path, workdir: Path | None) -> Iterator[tuple[Path, Path]]:
    """Yield a folder to fill and one for files on the way; both are gone afterwards, whatever happened."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for stale in target.parent.glob(f".draft-{target.name}-*"):
        shutil.rmtree(stale, ignore_errors=True)
    home = Path(tempfile.mkdtemp(prefix=f".draft-{target.name}-", dir=target.parent))
    scratch = Path(tempfile.mkdtemp(prefix="cycle-", dir=workdir or home))
    draft = home / "result"
    try:
        draft.mkdir()
        yield draft, scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


def _score(
    run: FeatureRun, policies: CyclePolicies, previous: CycleResult | None, draft: Path, scratch: Path, say: Report
) -> dict[str, Any]:
    """Write scores, tiers and alerts a piece at a time; return what was counted on the way."""
    totals: dict[str, list[Floats]] = {name: [] for name in SCORES}
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("tier", "moved", "alerts", "quadrant")}
    unranked = scratch / "scores.parquet"
    with contextlib.ExitStack() as open_files:
        connection = open_files.enter_context(open_engine(scratch / "engine"))
        alerts = open_files.enter_context(FrameWriter(draft / "alerts.parquet", ALERTS))
        scores = tiers = None
        done = 0
        for features in pieces(run.path):
            codes = features.column("account_code")
            before = Before()
            if previous is not None and features.num_rows:
                low, high = codes[0].as_py(), codes[-1].as_py()
                before = Before(
                    *(
                        read_between(connection, previous.path(name), low, high)
                        for name in ("scores", "tiers", "alerts")
                    )
                )
            found = score_piece(features, run, policies, before)
            scores = scores or open_files.enter_context(FrameWriter(unranked, found.scores.schema))
            tiers = tiers or open_files.enter_context(FrameWriter(draft / "tiers.parquet", found.tiers.schema))
            scores.write(found.scores)
            tiers.write(found.tiers)
            alerts.write(found.alerts)
            for name in SCORES:
                totals[name].append(numbers(found.scores, name))
            counts["tier"].update(_texts(found.tiers, "tier"))
            counts["moved"].update(_texts(found.tiers, "moved"))
            counts["quadrant"].update(_texts(found.scores, "quadrant"))
            counts["alerts"].update(
                f"{rule}.{level}"
                for rule, level in zip(_texts(found.alerts, "rule"), _texts(found.alerts, "level"), strict=True)
            )
            done += features.num_rows
            say(0.6 + 0.3 * done / max(run.accounts, 1), "scores")
    _rank(unranked, draft / "scores.parquet", {name: np.concatenate(parts) for name, parts in totals.items()})
    return {name: dict(sorted(found.items())) for name, found in counts.items()}


def _texts(table: pa.Table, name: str) -> list[str]:
    return [one if one is not None else "none" for one in table.column(name).to_pylist()]


def _rank(unranked: Path, target: Path, totals: dict[str, Floats]) -> None:
    """Write the scores again with each account's place: the first so many thousandths of all who have the score."""
    tops = {f"{name}_top_permille": top_permille(total) for name, total in totals.items()}
    writer: FrameWriter | None = None
    at = 0
    with contextlib.ExitStack() as open_file:
        for piece in pieces(unranked):
            for name, top in tops.items():
                piece = piece.append_column(name, whole(top[at : at + piece.num_rows], pa.int32()))
            at += piece.num_rows
            writer = writer or open_file.enter_context(FrameWriter(target, piece.schema))
            writer.write(piece)


def top_permille(scores: Floats) -> Floats:
    """Return by which thousandth from the top each score stands, 1 to 1000; ties go by position, NaN stays NaN.

    >>> top_permille(np.array([5.0, 9.0, np.nan, 5.0])).tolist()
    [667.0, 334.0, nan, 1000.0]
    """
    known = np.flatnonzero(~np.isnan(scores))
    order = known[np.argsort(-scores[known], kind="stable")]
    top = np.full(len(scores), np.nan)
    top[order] = np.ceil(1000.0 * (np.arange(len(order)) + 1) / max(len(order), 1))
    return top


def _about(
    run: FeatureRun,
    inputs: CycleInputs,
    policies: CyclePolicies,
    previous: CycleResult | None,
    counts: dict[str, Any],
    draft: Path,
) -> dict[str, Any]:
    """Return what ``cycle.json`` says."""
    ahp = policies.value.ahp
    return {
        "as_of": run.window.as_of.isoformat(),
        "last_period": run.window.last,
        "accounts": run.accounts,
        "versions": dict(sorted(inputs.versions.items())),
        "policies": policies.fingerprints,
        "weights": {
            "of": {name: round(weight, 6) for name, weight in ahp.weights.items()},
            "consistency_ratio": ahp.consistency_ratio,
        },
        "code": {"version": version("zhike"), "fingerprint": code_fingerprint()},
        "previous": None if previous is None else previous.about["files"]["tiers"],
        "coverage": run.coverage,
        "rules": rules_judged(run, policies),
        "counts": counts,
        "files": {name: _digest(draft / f"{name}.parquet") for name in FILES},
    }  # fmt: skip


def rules_judged(run: FeatureRun, policies: CyclePolicies) -> dict[str, str]:
    """Return for each rule alert ``judged``, ``off``, or what it lacked: ``lacks bills``, ``lacks bills.earlier``."""
    told = {}
    features = next(iter(pieces(run.path)), None)
    for rule, needs in TABLES_OF.items():
        missing = []
        for need in needs:
            table, _, column = need.partition(".")
            if column:
                name = {"manager_since": "manager_changed_days", "known_since": "contact_changed_days"}[column]
                if features is None or features.column(name).null_count == features.num_rows:
                    missing.append(need)
            elif not run.coverage[table]["loaded"]:
                missing.append(need)
            elif rule in COMPARING and len(run.coverage[table]["months"]) < 2:
                missing.append(f"{table}.earlier")
        told[rule] = (
            "off" if rule not in policies.alerts.rules else f"lacks {', '.join(missing)}" if missing else "judged"
        )
    return told


def code_fingerprint() -> str:
    """Return a digest of the code that makes results, by which they cite it."""
    home = Path(zhike_analytics.__file__).parent
    files = sorted(path for room in ROOMS for path in (home / room).glob("*.py"))
    whole_digest = hashlib.sha256()
    for path in files:
        whole_digest.update(path.relative_to(home).as_posix().encode() + b"\0" + path.read_bytes())
    return whole_digest.hexdigest()


def _digest(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _settle(folder: Path) -> None:
    """Have everything on disk before the folder takes its place."""
    for path in [*sorted(folder.iterdir()), folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
