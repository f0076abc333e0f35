"""Rule alerts: who crosses which threshold, on what evidence, with how much money at stake. Refuses chances."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from zhike_analytics.contracts.policies_decisions import RULES, AlertPolicy, TierPolicy
from zhike_analytics.features.columns import Bools, Floats, numbers, ratio, whole
from zhike_analytics.scoring.tiers import NONE, Places

SCHEMA = pa.schema(
    [
        ("account_code", pa.string()), ("rule", pa.string()), ("level", pa.string()), ("measure", pa.float64()),
        ("threshold", pa.float64()), ("unit", pa.string()), ("stake_fen", pa.int64()), ("evidence", pa.string()),
        ("since", pa.date32()),
    ]
)  # fmt: skip
"""One row per account and rule that is crossed. ``evidence`` is JSON of features (or months) by name; ``since`` the day
of the first cycle of this episode: account, rule and it are the stable key of a work item."""


@dataclass(frozen=True)
class Rule:
    """How one rule measures: the quantity, whom it concerns, the features shown as evidence, the tables it needs."""

    measure: Floats
    concerns: Bools
    evidence: tuple[str, ...]


TABLES_OF: dict[str, tuple[str, ...]] = {
    "bill_fall": ("bills",), "usage_fall": ("usage_month",), "declining": ("bills",), "silent": ("usage_month",),
    "removal": ("subscriptions",), "overdue": ("bills", "payments"), "complaints": ("complaints",),
    "escalated": ("complaints",), "contract_end": ("contracts",),
    "manager_changed": ("visits", "accounts.manager_since"),
    "contact_changed": ("contacts", "contacts.known_since"), "competitor_seen": ("competitor_holdings",),
    "satisfaction": ("visits",), "unvisited": ("visits",), "members_leaving": ("member_lines",),
    "promise_late": ("orders",),
}  # fmt: skip
"""What each rule needs; without it the rule is not judged, and the cycle says so."""


def measure_rules(features: pa.Table, tiers: Places, alerts: AlertPolicy, policy: TierPolicy) -> dict[str, Rule]:
    """Return what every rule measures of the accounts of one piece."""

    def of(name: str) -> Floats:
        return numbers(features, name)

    customer = of("customer") > 0
    enough = customer & (of("bill_shortfall_fen") >= alerts.least_fall_fen)
    every = np.array([one.visit_every_days or np.nan for one in policy.tiers] + [np.nan])
    interval = every[np.where(tiers == NONE, len(policy.tiers), tiers)]
    joint, manager = of("joint_visit_days"), of("manager_changed_days")
    not_met = np.isnan(joint) | (joint > manager)
    lines = of("subscriptions") + of("removed_90")
    members = of("members") + of("members_left_180")
    return {
        "bill_fall": Rule(
            -of("bill_change_permille") / 10.0, enough, ("bill_latest_fen", "bill_before3_fen", "bill_change_permille")
        ),
        "usage_fall": Rule(
            -of("usage_change_permille") / 10.0,
            customer,
            ("usage_change_permille", "usage_season_permille", "usage_volume"),
        ),
        "declining": Rule(of("declining_months"), enough, ("declining_months", "bill_latest_fen", "bill_before3_fen")),
        "silent": Rule(of("silent_months"), customer, ("silent_months",)),
        "removal": Rule(100.0 * ratio(of("removed_90"), lines), customer, ("removed_90", "subscriptions")),
        "overdue": Rule(of("overdue_days"), customer & (of("overdue_fen") > 0), ("overdue_days", "overdue_fen")),
        "complaints": Rule(of("complaints_90"), customer, ("complaints_90", "complaints_365")),
        "escalated": Rule(of("escalated_90"), customer, ("escalated_90", "complaints_90")),
        "contract_end": Rule(of("contract_ends_in"), customer, ("contract_ends_in", "contracts")),
        "manager_changed": Rule(
            manager, customer & not_met & (manager >= 0), ("manager_changed_days", "joint_visit_days")
        ),
        "contact_changed": Rule(of("contact_changed_days"), customer, ("contact_changed_days", "deciders")),
        "competitor_seen": Rule(of("rival_seen_days"), customer, ("rival_seen_days", "rivals", "rival_fee_fen")),
        "satisfaction": Rule(of("satisfaction_points"), customer, ("satisfaction_points",)),
        "unvisited": Rule(ratio(of("unvisited_days"), interval), customer, ("unvisited_days", "visited")),
        "members_leaving": Rule(
            100.0 * ratio(of("members_left_180"), members),
            customer & (of("members_left_180") >= alerts.least_members),
            ("members_left_180", "members"),
        ),
        "promise_late": Rule(
            of("orders_late_days"), customer & (of("orders_late") > 0), ("orders_late_days", "orders_late")
        ),
    }


def raise_alerts(
    features: pa.Table,
    tiers: Places,
    alerts: AlertPolicy,
    policy: TierPolicy,
    since: Mapping[tuple[str, str], Any],
    today: Any,
) -> pa.Table:
    """Return the alerts of one piece as :data:`SCHEMA` says, by account and then by rule.

    Parameters
    ----------
    since
        First day of alerts that stood in the cycle before, by account and rule: they keep it.
    today
        First day of alerts that are new.
    """  # fmt: skip
    measured = measure_rules(features, tiers, alerts, policy)
    at: list[np.ndarray[Any, Any]] = []
    rule_of: list[np.ndarray[Any, Any]] = []
    red_of: list[Bools] = []
    values: list[Floats] = []
    names = [name for name in RULES if name in alerts.rules]
    for number, name in enumerate(names):
        rule, threshold = measured[name], alerts.rules[name]
        value = np.rint(rule.measure * 1000.0) / 1000.0
        red = rule.concerns & _crossed(value, threshold.red, RULES[name].worse)
        yellow = rule.concerns & _crossed(value, threshold.yellow, RULES[name].worse)
        found = np.flatnonzero(red | yellow)
        at.append(found)
        rule_of.append(np.full(len(found), number))
        red_of.append(red[found])
        values.append(value[found])
    place, rule_number = np.concatenate(at), np.concatenate(rule_of)
    order = np.lexsort((rule_number, place))
    place, rule_number = place[order], rule_number[order]
    red, value = np.concatenate(red_of)[order], np.concatenate(values)[order]
    rules = [names[one] for one in rule_number.tolist()]
    levels = ["red" if one else "yellow" for one in red.tolist()]
    accounts = features.column("account_code").combine_chunks().take(pa.array(place))
    return pa.table(
        {
            "account_code": accounts,
            "rule": pa.array(rules, pa.string()),
            "level": pa.array(levels, pa.string()),
            "measure": pa.array(value),
            "threshold": pa.array(
                [getattr(alerts.rules[rule], level) for rule, level in zip(rules, levels, strict=True)], pa.float64()
            ),
            "unit": pa.array([RULES[rule].unit for rule in rules], pa.string()),
            "stake_fen": whole(_stakes(features, names)[place, rule_number]),
            "evidence": pa.array(_evidence(features, measured, place, rules), pa.string()),
            "since": pa.array(
                [since.get((account, rule), today) for account, rule in zip(accounts.to_pylist(), rules, strict=True)],
                pa.date32(),
            ),
        },
        schema=SCHEMA,
    )


def _crossed(value: Floats, threshold: float | None, worse: str) -> Bools:
    """Return who is at or beyond a threshold; unknown is beyond none."""
    if threshold is None:
        return np.zeros(len(value), dtype=bool)
    return np.asarray(value >= threshold if worse == "more" else value <= threshold)


def _stakes(features: pa.Table, names: Sequence[str]) -> Floats:
    """Return the money at stake for each account and rule, in fen; NaN where unknown."""
    money = {
        "income": numbers(features, "income_12_fen"),
        "shortfall": 12.0 * numbers(features, "bill_shortfall_fen"),
        "overdue": numbers(features, "overdue_fen"),
        "rival": 12.0 * numbers(features, "rival_fee_fen"),
    }
    return np.stack([money[RULES[name].stake] for name in names], axis=1)


def _evidence(
    features: pa.Table, measured: Mapping[str, Rule], place: np.ndarray[Any, Any], rules: Sequence[str]
) -> list[str]:
    """Return for each alert the features it rests on, as JSON."""
    wanted = sorted({name for rule in set(rules) for name in measured[rule].evidence})
    held = {name: features.column(name).combine_chunks().take(pa.array(place)).to_pylist() for name in wanted}
    return [
        json.dumps({name: held[name][number] for name in measured[rule].evidence}, separators=(",", ":"))
        for number, rule in enumerate(rules)
    ]
