"""The month's early warning, in files: learned from what became of accounts, judged later. Refuses half results.

The same inputs, rules and day give the same bytes. Snapshots lie a horizon apart and go back as far as months are
loaded. The model is judged as one that had only learned from what was over, with a gap, before the day it is judged on;
then it learns from everything that is over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from zhike_analytics.churn.audit import MUCH_DRIFT, drifts, judge
from zhike_analytics.churn.files import code_fingerprint, digest, draft_beside, settle
from zhike_analytics.churn.measures import Floats, drift
from zhike_analytics.churn.model import ChurnModel, fit
from zhike_analytics.churn.past import SIGNALS, Outcome, end_of, known_on, outcome_of
from zhike_analytics.churn.targeting import care_list
from zhike_analytics.contracts import periods
from zhike_analytics.contracts.churn import ChurnError, ChurnPolicy, Signal
from zhike_analytics.contracts.issues import IntakeError
from zhike_analytics.engines.frames import FrameWriter
from zhike_analytics.features import CycleInputs
from zhike_analytics.features.columns import numbers, whole

MOST_SNAPSHOTS = 6
"""Past days learned from: older ones tell of another market; our default."""
SCHEMA = pa.schema(
    [
        ("account_code", pa.string()), ("chance_10000", pa.int32()), ("margin_at_stake_fen", pa.int64()),
        ("expected_profit_fen", pa.int64()), ("list", pa.string()), ("place", pa.int32()), ("reasons", pa.string()),
    ]
)  # fmt: skip
FILES = ("churn.parquet", "model.json")


@dataclass(frozen=True)
class ChurnResult:
    """A finished run.

    Attributes
    ----------
    folder
        Holds ``churn.parquet`` (one row per customer in the order of codes: chance in ten-thousandths, money in fen,
        ``list`` is ``care``, ``do_not_disturb`` or ``none``, reasons as JSON of codes), ``model.json``, ``churn.json``.
    about
        What ``churn.json`` says: day, rules, what was learned from, the card's figures, drift, audits of earlier runs.
    """

    folder: Path
    about: dict[str, Any]

    @classmethod
    def open(cls, folder: Path) -> ChurnResult:
        """Return a result that was written before.

        Raises
        ------
        ChurnError
            When the folder holds no whole result or a file is not the one that was written.
        """
        try:
            about = json.loads((folder / "churn.json").read_text(encoding="utf-8"))
            whole_ = all(digest(folder / name) == about["files"][name] for name in FILES)
        except (OSError, ValueError, KeyError, TypeError) as failure:
            raise ChurnError(f"{folder} 不是完整的预警结果 / holds no whole result of a warning") from failure
        if not whole_:
            raise ChurnError(f"{folder} 中的文件已被改动 / a file in {folder} was changed after it was written")
        return cls(folder, about)

    def rows(self) -> pa.Table:
        """Return the rows of accounts."""
        return pq.read_table(self.folder / "churn.parquet", partitioning=None)


def run_churn(
    inputs: CycleInputs,
    policy: ChurnPolicy,
    as_of: date,
    target: Path,
    *,
    previous: ChurnResult | None = None,
    signals: tuple[Signal, ...] = SIGNALS,
    helps: Mapping[str, float] | None = None,
) -> ChurnResult:
    """Foretell who leaves after a day and put the result at `target` in one move.

    Parameters
    ----------
    previous
        The run before: its audits are carried on, and every run whose horizon is over is audited with what became of
        its accounts.
    helps
        Measured chance that care keeps an account that would leave, by account code; the rules' assumption elsewhere.

    Raises
    ------
    ChurnError
        When the target exists, too few months are loaded, or there is no difference to learn.
    """
    if target.exists():
        raise ChurnError(f"{target} 已经存在 / exists already")
    if previous is not None and previous.about["as_of"] > as_of.isoformat():
        raise ChurnError(
            f"上次预警为 {previous.about['as_of']}，晚于 {as_of}：请检查时钟"
            f" / the run before is of {previous.about['as_of']}, after {as_of}: check the clock"
        )
    try:
        with draft_beside(target) as (draft, scratch):
            about = _run(inputs, policy, as_of, previous, signals, helps or {}, draft, scratch)
            about["files"] = {name: digest(draft / name) for name in FILES}
            text = json.dumps(about, ensure_ascii=False, indent=1, sort_keys=True)
            (draft / "churn.json").write_text(text + "\n", encoding="utf-8")
            settle(draft)
            draft.rename(target)
    except (OSError, IntakeError) as failure:
        raise ChurnError(f"预警未完成，原有结果未变 / the run stopped, nothing changed: {failure}") from failure
    return ChurnResult(target, about)


def snapshot_days(inputs: CycleInputs, policy: ChurnPolicy, as_of: date) -> list[date]:
    """Return the days whose horizon is over, latest first: the one judged on, then, a gap earlier, those learned from.

    Raises
    ------
    ChurnError
        When the months loaded do not reach back far enough.
    """
    loaded = {one for name in ("bills", "usage_month") if name in inputs.facts for one in inputs.facts[name].periods}
    months = sorted(one for one in loaded if one < periods.period_of(as_of))
    # Of a day within a month the horizon begins with the next one, so that it ends one month later.
    within = int(as_of.day > 1)
    first = policy.horizon_months + within
    need = first + policy.horizon_months + policy.gap_months + within + 1
    if not months:
        raise ChurnError(
            "没有按月的账单或用量：无法按时间验证，可用横截面方式"
            " / no months of bills or usage: time cannot be respected, use the cross-sectional mode"
        )
    days, back = [_earlier(as_of, first)], need - 1
    while len(days) <= MOST_SNAPSHOTS:
        day = _earlier(as_of, back)
        if periods.shift(periods.period_of(day), -1) < months[0]:
            break
        days.append(day)
        back += policy.horizon_months
    if len(days) < 2:
        raise ChurnError(
            f"只有 {len(months)} 个月的数据，至少需要 {need} 个月"
            f" / only {len(months)} months are loaded, {need} are needed"
        )
    return days


def _earlier(day: date, count: int) -> date:
    month = periods.first_day(periods.shift(periods.period_of(day), -count))
    return month.replace(day=min(day.day, 28))


def _run(
    inputs: CycleInputs,
    policy: ChurnPolicy,
    as_of: date,
    previous: ChurnResult | None,
    signals: tuple[Signal, ...],
    helps: Mapping[str, float],
    draft: Path,
    scratch: Path,
) -> dict[str, Any]:
    days = snapshot_days(inputs, policy, as_of)
    held = {day: known_on(inputs, day, scratch) for day in days}
    became = {day: outcome_of(inputs, held[day], day, policy, scratch) for day in days}
    now = known_on(inputs, as_of, scratch)
    earlier, _ = _learned(days[1:], held, became, policy, signals)
    card = judge(
        earlier.chance(held[days[0]]), became[days[0]].foretold(policy), became[days[0]].lead_days,
        held[days[0]].column("account_code").to_pylist(),
    )  # fmt: skip
    model, learned = _learned(days, held, became, policy, signals)
    model.save(draft / "model.json")
    chance = model.chance(now)
    counts = _write(model, now, chance, policy, helps, draft / "churn.parquet")
    moved = drifts(model.encoding, learned, now)
    return {
        "as_of": as_of.isoformat(),
        "horizon_ends": end_of(as_of, policy).isoformat(),
        "mode": model.mode,
        "policy": {"fingerprint": policy.fingerprint, "body": policy.model_dump(mode="json")},
        "versions": dict(sorted(inputs.versions.items())),
        "code": code_fingerprint(("contracts", "engines", "features", "churn")),
        "model": {"fingerprint": model.fingerprint, **model.about},
        "left_out": [{"name": one.name, "reason": one.reason} for one in model.encoding.left_out],
        "learned_from": [_told(day, became[day]) for day in days],
        "card": {"judged_on": days[0].isoformat(), "learned_until": end_of(days[1], policy).isoformat(), **card},
        "drift": {
            "chance": round(drift(model.chance(learned), chance), 4), "columns": moved,
            "much": [name for name, value in moved.items() if value >= MUCH_DRIFT],
        },
        "counts": counts,
        "audits": _audits(inputs, policy, as_of, previous, scratch),
    }  # fmt: skip


def _told(day: date, found: Outcome) -> dict[str, Any]:
    signs = {name: int(rows.sum()) for name, rows in found.signs.items()}
    return {
        "day": day.isoformat(), "accounts": len(found.left), "left": int(found.left.sum()),
        "shrunk": int(found.shrunk.sum()), "signs": signs,
    }  # fmt: skip


def _learned(
    days: list[date],
    held: Mapping[date, pa.Table],
    became: Mapping[date, Outcome],
    policy: ChurnPolicy,
    signals: tuple[Signal, ...],
) -> tuple[ChurnModel, pa.Table]:
    table = pa.concat_tables([held[day] for day in days])
    left = np.concatenate([became[day].foretold(policy) for day in days])
    groups = table.column("account_code").to_numpy(zero_copy_only=False).astype(str)
    return fit(table, left, signals, groups=groups, mode="time"), table


def margin_at_stake(known: pa.Table, policy: ChurnPolicy) -> Floats:
    """Return what would be lost with each account, in fen; the rules' share of the bill where costs are unknown."""
    margin, bill = numbers(known, "margin_month_fen"), numbers(known, "bill_month_fen")
    return np.asarray(np.rint(policy.margin_months * np.where(np.isnan(margin), policy.margin_share * bill, margin)))


def _write(
    model: ChurnModel, known: pa.Table, chance: Floats, policy: ChurnPolicy, helps: Mapping[str, float], target: Path
) -> dict[str, int]:
    rows, codes = known.num_rows, known.column("account_code").to_pylist()
    margin = margin_at_stake(known, policy)
    kept = np.array([helps.get(code, policy.care_helps) for code in codes], dtype=np.float64)
    cost, disturbed = np.full(rows, float(policy.care_cost_fen)), np.full(rows, policy.disturbed)
    # Rounded first, so that what is shown is what decided.
    shown = np.rint(chance * 10_000)
    found = care_list(shown / 10_000, margin, kept, cost, disturbed, most=policy.most)
    place = np.full(rows, np.nan)
    place[list(found.care_for)] = np.arange(1, len(found.care_for) + 1)
    lists = np.full(rows, "none", dtype=object)
    lists[list(found.do_not_disturb)] = "do_not_disturb"
    lists[list(found.care_for)] = "care"
    reasons = [
        json.dumps(
            [{"signal": one.signal, "value": one.value, "log_odds": round(one.log_odds, 4)} for one in row],
            ensure_ascii=False,
        )
        for row in model.reasons(known)
    ]
    table = pa.table(
        {
            "account_code": known.column("account_code"), "chance_10000": whole(shown, pa.int32()),
            "margin_at_stake_fen": whole(margin), "expected_profit_fen": whole(found.profit_fen),
            "list": pa.array(lists.tolist(), pa.string()), "place": whole(place, pa.int32()),
            "reasons": pa.array(reasons, pa.string()),
        }
    )  # fmt: skip
    with FrameWriter(target, SCHEMA) as writer:
        writer.write(table)
    return {"accounts": rows, "care": len(found.care_for), "do_not_disturb": len(found.do_not_disturb)}


def _audits(
    inputs: CycleInputs, policy: ChurnPolicy, as_of: date, previous: ChurnResult | None, scratch: Path
) -> list[dict[str, Any]]:
    """Return each earlier run with what became of its accounts once its horizon was over, oldest first."""
    if previous is None:
        return []
    audits: list[dict[str, Any]] = list(previous.about["audits"])
    rows = previous.rows().select(["account_code", "chance_10000"])
    day = date.fromisoformat(previous.about["as_of"])
    audits.append({"as_of": day.isoformat(), "model": previous.about["model"]["fingerprint"], "told": rows.to_pydict()})
    done = []
    for one in audits:
        day = date.fromisoformat(one["as_of"])
        if "told" in one and end_of(day, policy) < as_of:
            codes = set(one["told"]["account_code"])
            known = known_on(inputs, day, scratch)
            known = known.filter(pa.array([code in codes for code in known.column("account_code").to_pylist()]))
            chance = dict(zip(one["told"]["account_code"], one["told"]["chance_10000"], strict=True))
            listed = known.column("account_code").to_pylist()
            found = outcome_of(inputs, known, day, policy, scratch)
            told = np.array([chance[code] for code in listed], dtype=np.float64) / 10_000
            figures = judge(told, found.foretold(policy), found.lead_days, listed)
            one = {"as_of": one["as_of"], "model": one["model"], **figures}
        done.append(one)
    return done
