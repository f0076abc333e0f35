"""What other rules would change: a finished cycle's features scored twice, by present rules and by drafted ones.

Both stand beside the finished cycle as their cycle before, as the next cycle will, so that the rules alone tell them
apart: facts, day and bands are the same. Refuses to write a result of a cycle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from zhike_analytics.contracts.policies_decisions import CyclePolicies
from zhike_analytics.engines.account_rows import Window
from zhike_analytics.engines.frames import FrameWriter, open_engine, pieces, read_between
from zhike_analytics.features.build import FeatureRun
from zhike_analytics.features.columns import numbers
from zhike_analytics.features.peers import Peers
from zhike_analytics.scoring.cycle import CycleResult
from zhike_analytics.scoring.piece import Before, Results, score_piece

MOVES = pa.schema(
    [
        ("account_code", pa.string()), ("tier_before", pa.string()), ("tier_after", pa.string()),
        ("reason", pa.string()), ("value_before", pa.int64()), ("value_after", pa.int64()),
        ("bill_mean3_fen", pa.int64()), ("alerts_more", pa.string()), ("alerts_less", pa.string()),
    ]
)  # fmt: skip
"""One row per account whose tier or alerts differ: why it stands where the draft puts it, its scores in hundredths,
its monthly bill, and rules with their level that are raised more or less (``overdue.red``, joined by commas)."""
Report = Callable[[float, str], None]


@dataclass
class Comparison:
    """What a draft would change, in numbers.

    Attributes
    ----------
    tiers
        Accounts by (tier by present rules, tier by the draft); an account without a tier has ``none``.
    bills_fen
        Their monthly bills.
    alerts
        By rule and level: raised by present rules, raised by the draft.
    quadrants
        Customers in each quadrant of value and loyalty: by present rules, by the draft.
    moves
        Accounts whose tier or alerts differ.
    """

    accounts: int = 0
    moves: int = 0
    tiers: Counter[tuple[str, str]] = field(default_factory=Counter)
    bills_fen: Counter[tuple[str, str]] = field(default_factory=Counter)
    alerts: dict[str, list[int]] = field(default_factory=dict)
    quadrants: dict[str, list[int]] = field(default_factory=dict)


def compare_policies(
    cycle: CycleResult,
    present: CyclePolicies,
    draft: CyclePolicies,
    target: Path,
    workdir: Path,
    *,
    report: Report | None = None,
) -> Comparison:
    """Score a finished cycle's features by two sets of rules and write the accounts that differ to `target`.

    How small a fall counts as none (``fall_noise``), and what is too little use to fall (``least_usage``), are part of
    the features: a draft of them shows in the next cycle.

    Raises
    ------
    OSError
        When the cycle's files are gone or nothing can be written.
    """
    found = Comparison()
    first, second = _run(cycle, present), _run(cycle, draft)
    with open_engine(workdir) as connection, FrameWriter(target, MOVES) as writer:
        for features in pieces(first.path):
            if not features.num_rows:
                continue
            codes = features.column("account_code")
            low, high = codes[0].as_py(), codes[-1].as_py()
            before = Before(
                *(read_between(connection, cycle.path(name), low, high) for name in ("scores", "tiers", "alerts"))
            )
            writer.write(
                _differ(
                    features,
                    score_piece(features, first, present, before),
                    score_piece(features, second, draft, before),
                    found,
                )
            )
            found.accounts += features.num_rows
            if report:
                report(found.accounts / max(first.accounts, 1), "preview")
    found.moves = writer.rows
    return found


def _run(cycle: CycleResult, policies: CyclePolicies) -> FeatureRun:
    """Return the features of a finished cycle as if they had just been built; peers widen as the rules say."""
    path = cycle.path("features")
    peers, volumes, accounts = Peers(policies.value.fewest_peers), [], 0
    for features in pieces(path):
        peers.add(features)
        volume = numbers(features.filter(features.column("customer")), "usage_volume")
        volumes.append(volume[~np.isnan(volume)])
        accounts += features.num_rows
    coverage = cycle.about["coverage"]
    loaded = {name: tuple(one["months"]) for name, one in coverage.items() if "months" in one}
    window = Window(date.fromisoformat(cycle.about["as_of"]), cycle.about["last_period"], loaded)
    return FeatureRun(path, accounts, window, peers, np.sort(np.concatenate(volumes)), coverage)


def _differ(features: pa.Table, present: Results, draft: Results, found: Comparison) -> pa.Table:
    """Count one piece and return its accounts that differ."""
    accounts = features.column("account_code").to_pylist()
    tiers = [_texts(one.tiers, "tier") for one in (present, draft)]
    bills = [bill or 0 for bill in features.column("bill_mean3_fen").to_pylist()]
    for was, becomes, bill in zip(*tiers, bills, strict=True):
        found.tiers[was, becomes] += 1
        found.bills_fen[was, becomes] += bill
    alerts = []
    for side, one in enumerate((present, draft)):
        raised: dict[str, set[str]] = {}
        columns = (one.alerts.column(name).to_pylist() for name in ("account_code", "rule", "level"))
        for account, rule, level in zip(*columns, strict=True):
            raised.setdefault(account, set()).add(f"{rule}.{level}")
            found.alerts.setdefault(f"{rule}.{level}", [0, 0])[side] += 1
        alerts.append(raised)
        for quadrant, many in Counter(_texts(one.scores, "quadrant")).items():
            found.quadrants.setdefault(quadrant, [0, 0])[side] += many
    none: set[str] = set()
    values = [one.scores.column("value").to_pylist() for one in (present, draft)]
    reasons = _texts(draft.tiers, "reason")
    rows = []
    for at, account in enumerate(accounts):
        more = alerts[1].get(account, none) - alerts[0].get(account, none)
        less = alerts[0].get(account, none) - alerts[1].get(account, none)
        if tiers[0][at] != tiers[1][at] or more or less:
            rows.append(
                {
                    "account_code": account, "tier_before": tiers[0][at], "tier_after": tiers[1][at],
                    "reason": reasons[at], "value_before": values[0][at], "value_after": values[1][at],
                    "bill_mean3_fen": bills[at], "alerts_more": ",".join(sorted(more)),
                    "alerts_less": ",".join(sorted(less)),
                }
            )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=MOVES)


def _texts(table: pa.Table, name: str) -> list[str]:
    return [one if one is not None else "none" for one in table.column(name).to_pylist()]
