"""Early warning beside what the operator hides: order, calibration, profit of the list. Refuses to tune it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.figures import Figure, Settings, benchmark
from zhike_analytics.churn import fit, run_churn
from zhike_analytics.churn.measures import auc
from zhike_analytics.churn.past import SIGNALS, end_of, known_on, outcome_of
from zhike_analytics.churn.run import snapshot_days
from zhike_analytics.contracts import periods
from zhike_analytics.contracts.churn import ChurnPolicy, Signal
from zhike_analytics.datasets.operator import build_operator
from zhike_analytics.datasets.spec import OperatorSpec
from zhike_analytics.features import CycleInputs

ACCOUNTS, QUICK_ACCOUNTS = 20_000, 3_000
HIDDEN = (
    "loyalty", "price_sensitivity", "payment_morale", "care_response", "irritability", "attraction", "growth",
)  # fmt: skip
STRENGTH_OF_CARE = 1.2
"""By how much, times an account's response to it, full care lowers the log of the operator's hidden hazard."""


@benchmark("churn")
def warned_beside_the_truth(settings: Settings) -> Iterator[Figure]:
    """Warn as of today and compare with who leaves in the months after, which no table holds."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    spec = OperatorSpec(accounts=QUICK_ACCOUNTS if settings.quick else ACCOUNTS, seed=settings.seed)
    operator, policy = settings.folder / "operator-churn", ChurnPolicy()
    build_operator(spec, operator)
    inputs = CycleInputs.from_folder(operator)
    result = run_churn(inputs, policy, spec.today, settings.folder / "churn")
    card = result.about["card"]
    sizes = {name: card[name] for name in ("accounts", "leavers", "caught", "missed", "judged_on")}
    yield Figure("card: order of who left by the rules", card["auc"], "AUC", detail=sizes)
    yield Figure("card: lift of the first tenth", card["lift_of_the_first_tenth"], detail=sizes)
    yield Figure("card: told from found shares", card["calibration_error"], "calibration error", most=0.02)
    yield Figure("card: median from the day to the first line that went", card["lead_weeks_median"] or 0.0, "weeks")

    hidden = {row["account_code"]: row for row in pq.read_table(operator / "truth" / "accounts.parquet").to_pylist()}
    rows = result.rows().to_pylist()
    last = periods.period_of(end_of(spec.today, policy))
    truth = [hidden[row["account_code"]] for row in rows]
    leaves = np.array([one["leaving_period"] is not None and one["leaving_period"] <= last for one in truth])
    chance = np.array([row["chance_10000"] for row in rows]) / 10_000
    yield Figure(
        "who truly leaves in the months after", auc(chance, leaves), "AUC", detail={"leavers": int(leaves.sum())}
    )

    def with_traits(table: pa.Table) -> pa.Table:
        told = [hidden[code] for code in table.column("account_code").to_pylist()]
        for name in HIDDEN:
            table = table.append_column(f"hidden_{name}", pa.array([one[name] for one in told], pa.float64()))
        return table

    work = settings.folder / "work"
    days = snapshot_days(inputs, policy, spec.today)
    held = [known_on(inputs, day, work) for day in days]
    left = [outcome_of(inputs, one, day, policy, work).left for one, day in zip(held, days, strict=True)]
    table = with_traits(pa.concat_tables(held))
    groups = np.array(table.column("account_code").to_pylist())
    signals = [*SIGNALS, *(Signal(f"hidden_{name}", "number") for name in HIDDEN)]
    knowing = fit(table, np.concatenate(left), signals, groups=groups, mode="time")
    best = auc(knowing.chance(with_traits(known_on(inputs, spec.today, work))), leaves)
    yield Figure("the same by who also knows every hidden trait", best, "AUC")
    yield from _profits(rows, truth, chance, leaves, policy, settings.seed)


def _profits(
    rows: list[dict[str, Any]],
    truth: list[dict[str, Any]],
    chance: np.ndarray,
    leaves: np.ndarray,
    policy: ChurnPolicy,
    seed: int,
) -> Iterator[Figure]:
    """Return what lists of one length bring in truth: those kept, times margin, less the cost of all listed."""
    margin = np.array([row["margin_at_stake_fen"] or 0 for row in rows], dtype=np.float64)
    response = np.array([one["care_response"] for one in truth])
    gain = np.where(leaves, (1 - np.exp(-STRENGTH_OF_CARE * response)) * margin, 0.0) - policy.care_cost_fen
    ours = [number for number, row in enumerate(rows) if row["list"] == "care"]
    count = len(ours)
    draw = np.random.default_rng(seed)
    random = np.mean([gain[draw.permutation(len(gain))[:count]].sum() for _ in range(200)])
    lists = {
        "by expected profit": gain[ours].sum(),
        "by chance alone": gain[np.argsort(-chance, kind="stable")[:count]].sum(),
        "by margin alone": gain[np.argsort(-margin, kind="stable")[:count]].sum(),
        "drawn at random": random,
        "by who knows the truth": np.maximum(np.sort(gain)[::-1][:count], 0.0).sum(),
    }
    for name, fen in lists.items():
        yield Figure(f"true profit of a list of {count} {name}", float(fen) / 100, "yuan", detail={"listed": count})
