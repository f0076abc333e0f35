"""Scores, tiers and alerts of one piece of accounts beside the cycle before. Refuses ranks: those need all accounts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zhike_analytics.contracts.policies_decisions import CyclePolicies
from zhike_analytics.features.build import FeatureRun
from zhike_analytics.features.columns import Floats, numbers, whole
from zhike_analytics.scoring.alerts import raise_alerts
from zhike_analytics.scoring.competitor import score_lock_in
from zhike_analytics.scoring.loyalty import score_loyalty
from zhike_analytics.scoring.points import HUNDREDTHS
from zhike_analytics.scoring.tiers import NONE, Places, Tiers, assign_tiers, named, places_of, strategic_places
from zhike_analytics.scoring.value import score_value

SCORES = ("value", "loyalty", "lock_in")
QUADRANTS = ("keep", "win", "deepen", "nurture")
"""保有 (valuable, loyal), 策反 (valuable, not loyal), 深耕 (loyal), 培育 (neither)."""


@dataclass(frozen=True)
class Before:
    """Results of the cycle before for the accounts of a piece; tables without rows when there was none."""

    scores: pa.Table | None = None
    tiers: pa.Table | None = None
    alerts: pa.Table | None = None

    def column(self, table: str, name: str, accounts: pa.Array) -> pa.Array | None:
        """Return a column of the cycle before for `accounts`, empty for accounts that it did not have."""
        held: pa.Table | None = getattr(self, table)
        if held is None or name not in held.column_names:
            return None
        found = pc.index_in(accounts, value_set=held.column("account_code").combine_chunks())
        return held.column(name).combine_chunks().take(found)

    def numbers(self, table: str, name: str, accounts: pa.Array) -> Floats:
        """Return such a column as floats, NaN where there is nothing."""
        held = self.column(table, name, accounts)
        if held is None:
            return np.full(len(accounts), np.nan)
        return numbers(pa.table({name: held}), name)


@dataclass(frozen=True)
class Results:
    """Results of one piece."""

    scores: pa.Table
    tiers: pa.Table
    alerts: pa.Table


def score_piece(features: pa.Table, run: FeatureRun, policies: CyclePolicies, before: Before) -> Results:
    """Return scores, tiers and alerts of the accounts of one piece, in their order."""
    accounts = features.column("account_code").combine_chunks()
    scores = _scores(features, run, policies, before, accounts)
    sure = numbers(scores, "value_confidence") >= 100 * policies.tiers.least_confidence
    score = np.where(sure, numbers(scores, "value"), np.nan)
    bill = numbers(features, "bill_mean3_fen")
    held = before.column("tiers", "tier", accounts)
    previous = np.full(len(accounts), NONE, dtype=np.int64) if held is None else places_of(held, policies.tiers)
    customer = numbers(features, "customer") > 0
    tiers = assign_tiers(score, bill, strategic_places(features, policies.tiers), customer, previous, policies.tiers)
    decided = _tiers(features, run, policies, before, scores, tiers, previous)
    since = {}
    if before.alerts is not None:
        columns = (before.alerts.column(name).to_pylist() for name in ("account_code", "rule", "since"))
        since = {(account, rule): day for account, rule, day in zip(*columns, strict=True)}
    alerts = raise_alerts(features, tiers.place, policies.alerts, policies.tiers, since, run.window.as_of)
    return Results(scores, decided, alerts)


def _scores(
    features: pa.Table, run: FeatureRun, policies: CyclePolicies, before: Before, accounts: pa.Array
) -> pa.Table:
    value = score_value(features, run, policies.value)
    loyalty = score_loyalty(features, run, policies.loyalty, policies.competitor.sureness["none"])
    lock_in = score_lock_in(features, run, policies.competitor)
    totals = {"value": value.score.total, "loyalty": loyalty.total, "lock_in": lock_in.score.total}
    changes = {
        f"{name}_change": whole(total - before.numbers("scores", name, accounts), pa.int32())
        for name, total in totals.items()
    }
    return pa.table(
        {
            "account_code": accounts,
            "customer": features.column("customer").combine_chunks(),
            **value.score.columns("value"),
            "contribution_rate_permille": whole(value.rate_permille),
            **loyalty.columns("loyalty"),
            "attitude": pa.nulls(len(accounts), pa.int32()),
            **lock_in.score.columns("lock_in"),
            "win_back_permille": whole(lock_in.win_back_permille, pa.int32()),
            "winnable_fen": whole(lock_in.winnable_fen),
            "quadrant": _quadrant(value.score.total, loyalty.total, policies),
            **changes,
        }
    )


def _quadrant(value: Floats, loyalty: Floats, policies: CyclePolicies) -> pa.Array:
    """Return where each account stands on the matrix of value and loyalty, empty where either is unknown."""
    valuable = value >= policies.value.high * HUNDREDTHS
    loyal = loyalty >= policies.loyalty.high * HUNDREDTHS
    place = np.where(valuable, np.where(loyal, 0, 1), np.where(loyal, 2, 3)).astype(np.int64)
    return named(np.where(np.isnan(value) | np.isnan(loyalty), NONE, place), QUADRANTS)


def _tiers(
    features: pa.Table,
    run: FeatureRun,
    policies: CyclePolicies,
    before: Before,
    scores: pa.Table,
    tiers: Tiers,
    previous: Places,
) -> pa.Table:
    """Return the tier table: tier, what follows from it, where it was before, and why it moved."""
    rules = policies.tiers.tiers
    accounts = features.column("account_code").combine_chunks()
    place = tiers.place
    known = before.tiers is not None
    moved = np.select(
        [~np.full(len(place), known) | ((previous == NONE) & (place != NONE)), place < previous, place > previous],
        ["first", "up", "down"],
        default="same",
    )
    moved = np.where((place == NONE) & (previous != NONE), "ended", moved)
    moved = np.where((place == NONE) & (previous == NONE), "none", moved)
    today = np.full(len(place), np.datetime64(run.window.as_of, "D"))
    begun = before.column("tiers", "since", accounts)
    stays = place == previous
    since = (
        pa.array(today)
        if begun is None
        else pc.if_else(pa.array(stays), pc.fill_null(begun, pa.scalar(run.window.as_of)), pa.array(today))
    )
    codes = [one.code for one in rules]
    return pa.table(
        {
            "account_code": accounts,
            "tier": named(place, codes),
            "reason": pa.array(tiers.reason, pa.string()),
            "by_score": named(tiers.by_score, codes),
            "by_bill": named(tiers.by_bill, codes),
            "previous_tier": named(previous, codes),
            "moved": pa.array(moved.tolist(), pa.string()),
            "moved_because": _because(scores, before, moved, tiers),
            "since": since.cast(pa.date32()),
            "service_level": named(place, [one.service_level for one in rules]),
            "assurance_level": named(place, [one.assurance_level for one in rules]),
            "value": scores.column("value").combine_chunks(),
            "bill_mean3_fen": features.column("bill_mean3_fen").combine_chunks(),
        }
    )  # fmt: skip


def _because(
    scores: pa.Table, before: Before, moved: np.ndarray[tuple[int], np.dtype[np.str_]], tiers: Tiers
) -> pa.Array:
    """Return for each account that moved which part of its value changed most that way, or ``bill``, ``list``."""
    parts = [name for name in scores.column_names if name.startswith("value_part_")]
    accounts = scores.column("account_code").combine_chunks()
    change = np.stack(
        [
            np.nan_to_num(numbers(scores, name)) - np.nan_to_num(before.numbers("scores", name, accounts))
            for name in parts
        ],
        axis=1,
    )
    way = np.where(moved == "up", 1.0, -1.0)[:, None] * change
    most = way.argmax(axis=1)
    names = np.array([name.removeprefix("value_part_") for name in parts])[most]
    reason = np.array(tiers.reason)
    names = np.where(way.max(axis=1) > 0, names, "bill")
    names = np.where(reason == "strategic", "list", np.where((reason == "bill") & (moved == "up"), "bill", names))
    tells = np.isin(moved, ("up", "down"))
    return pa.array(names.tolist(), pa.string(), mask=~tells)
