"""The portfolio as charts, tables and sentences. Plain values in and out; computes nothing that was not added up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.core import formatting
from zhike.customers.words import choice_name
from zhike.insights.queries_portfolio import Portfolio, RegionRow, Sums
from zhike.insights.words import ALERT_RULE, QUADRANT, UNKNOWN
from zhike.workbench.present_why import moved_because
from zhike_analytics.contracts import codes

WAN = 1_000_000  # fen
HELD = 30  # points of lock-in from which a spot is drawn as held by competitors
BANDS = (0, 20, 40, 60, 80)
LABELLED = 8
RED = "2"
REGION_SORTS = {
    "name": lambda row: row.name, "accounts": lambda row: row.every.accounts,
    "billed": lambda row: row.every.billed_fen, "change": lambda row: _low(row.every.change),
    "margin": lambda row: _low(row.every.margin), "rival": lambda row: _low(row.every.rival_share),
    "red": lambda row: row.red.billed_fen, "share": lambda row: _low(row.red_share),
}  # fmt: skip
DEFAULT_SORT = "-share"


def _low(value: float | None) -> float:
    return float("-inf") if value is None else value


def accounts_address(**conditions: Any) -> str:
    """Return the address of the accounts list narrowed to something."""
    asked = "&".join(f"{name}={value}" for name, value in conditions.items())
    return f"{reverse('workbench:accounts')}?{asked}&sort=-billed"


@dataclass(frozen=True)
class Cell:
    """One of the four kinds of accounts."""

    key: str
    name: str
    who: str
    advice: str
    sums: Sums
    address: str


def quadrants(held: Portfolio) -> list[Cell]:
    """Return the four kinds with what to do about each."""
    told = {
        "keep": (_("价值高，忠诚高"), _("按标准服务到位，走访不落下。")),
        "win": (_("价值高，忠诚低"), _("先解决投诉，再谈续约。")),
        "deepen": (_("价值低，忠诚高"), _("补同类客户在用、而它没有的产品。")),
        "nurture": (_("价值低，忠诚低"), _("走电子渠道，半年走访一次。")),
    }
    return [
        Cell(key, choice_name(QUADRANT, key), *told[key], held.of("quadrant", key), accounts_address(quadrant=key))
        for key in QUADRANT
    ]


def unknown_cell(held: Portfolio) -> Cell:
    """Return the accounts of which value or loyalty is unknown."""
    return Cell(UNKNOWN, "", "", "", held.of("quadrant", ""), accounts_address(quadrant=UNKNOWN))


def matrix(held: Portfolio, split: tuple[float, float] | None) -> dict[str, Any]:
    """Return the largest accounts on the plane of loyalty and value; `split` is where rules part high from low."""
    points: list[dict[str, Any]] = []
    for place, row in enumerate(held.points):
        note = _("价值 {value}，忠诚 {loyalty}，月出账 {money}").format(
            value=formatting.number(row.value / 100), loyalty=formatting.number(row.loyalty / 100),
            money=formatting.money(row.billed),
        )  # fmt: skip
        points.append(
            {
                "name": row.name, "x": row.loyalty / 100, "y": row.value / 100,
                "size": max((row.billed or 0) / WAN, 0.01),
                "kind": "rival" if row.lock_in >= HELD * 100 else "plain", "hand": row.alert_level == int(RED),
                "label": place < LABELLED, "note": note, "url": reverse("workbench:account", args=[row.code]),
            }
        )  # fmt: skip
    across, upwards = (
        [*(point[axis] for point in points), *((split[number],) if split else ())]
        for number, axis in enumerate(("x", "y"))
    )
    chart: dict[str, Any] = {
        "x": {"name": _("忠诚"), **_ends(across, room=10), "interval": 10},
        "y": {"name": _("价值"), **_ends(upwards), "interval": 10},
        "points": points,
    }
    if split:
        names = [choice_name(QUADRANT, key) for key in ("win", "keep", "nurture", "deepen")]
        chart |= {"split": {"x": split[0], "y": split[1]}, "corners": names}
    return chart


def _ends(values: Sequence[float], room: int = 0) -> dict[str, int]:
    """Return the tens between which values lie, so that the picture has no empty half; `room` is for names.

    >>> _ends([33.0, 61.5], room=10), _ends([])
    ({'min': 20, 'max': 80}, {'min': 0, 'max': 100})
    """
    if not values:
        return {"min": 0, "max": 100}
    lowest, highest = int(min(values) // 10 * 10) - room, int(max(values) // 10 * 10) + 20
    return {"min": max(lowest, 0), "max": min(highest, 100)}


@dataclass(frozen=True)
class TierRow:
    """One step of the pyramid."""

    code: str
    sums: Sums
    accounts_share: float
    income_share: float
    up: int
    down: int
    address: str


def pyramid(held: Portfolio) -> list[TierRow]:
    """Return the tiers from the highest down, with their part of all accounts that have one."""
    steps = {code: held.of("tier", code) for code in codes.TIER}
    accounts = sum(one.accounts for one in steps.values()) or 1
    income = sum(one.billed_fen for one in steps.values()) or 1
    return [
        TierRow(
            code, one, one.accounts / accounts, max(one.billed_fen, 0) / income,
            held.of("move", f"{code}.up").accounts, held.of("move", f"{code}.down").accounts,
            accounts_address(tier=code),
        )
        for code, one in steps.items()
    ]  # fmt: skip


def pyramid_answer(rows: Sequence[TierRow]) -> str:
    """Return how much of the income how few accounts bring."""
    top = [row for row in rows if row.code.startswith("A")]
    if not any(row.sums.accounts for row in top):
        return ""
    return _("A 级占 {accounts} 的户，{income} 的收入").format(
        accounts=formatting.percent(sum(row.accounts_share for row in top)),
        income=formatting.percent(sum(row.income_share for row in top)),
    )


@dataclass(frozen=True)
class Band:
    """Accounts whose lock-in lies in one fifth."""

    label: str
    sums: Sums
    address: str


def bands(held: Portfolio) -> list[Band]:
    """Return the fifths of lock-in."""
    return [
        Band(
            f"{low}–{low + 20}", held.of("lock", str(number)),
            accounts_address(lock_in_from=low, **({} if low == BANDS[-1] else {"lock_in_below": low + 20})),
        )
        for number, low in enumerate(BANDS)
    ]  # fmt: skip


def band_chart(rows: Sequence[Band]) -> dict[str, Any]:
    """Return competitors' monthly fees by fifth, with what may be won back inside."""
    scale, unit = formatting.chart_scale()
    fees = [round(row.sums.theirs_fen / scale, 4) for row in rows]
    won = [round(row.sums.winnable_fen / 12 / scale, 4) for row in rows]
    inside = [formatting.number(one, 1) if one >= 0.15 * max(fees) else "" for one in won]
    return {
        "unit": unit, "categories": [row.label for row in rows], "overlaid": True, "x": _("异网锁定分段"),
        "series": [
            {"name": _("异网月费"), "values": fees, "tone": "c5"},
            {"name": _("按概率可赢回"), "values": won, "tone": "c1", "inside": inside},
        ],
    }  # fmt: skip


def band_answer(rows: Sequence[Band]) -> str:
    """Return which fifth is worth most."""
    best = max(rows, key=lambda row: row.sums.winnable_fen)
    if best.sums.winnable_fen <= 0:
        return ""
    return _("锁定 {band} 一段最值：每月花在异网的 {spent} 里，按概率可赢回 {won}。").format(
        band=best.label, spent=formatting.money(best.sums.theirs_fen),
        won=formatting.money(best.sums.winnable_fen // 12),
    )  # fmt: skip


@dataclass(frozen=True)
class RuleRow:
    """Alerts of one rule."""

    name: str
    red: int
    yellow: int
    stake_fen: int
    address: str


def rules(held: Portfolio) -> list[RuleRow]:
    """Return the rules by which alerts stand, those with most money at stake first."""
    found = []
    for rule in ALERT_RULE:
        red, yellow = held.of("rule", f"{rule}.red"), held.of("rule", f"{rule}.yellow")
        if red.accounts or yellow.accounts:
            stake = red.stake_fen + yellow.stake_fen
            name = choice_name(ALERT_RULE, rule)
            found.append(RuleRow(name, red.accounts, yellow.accounts, stake, accounts_address(rule=rule)))
    return sorted(found, key=lambda row: (-row.stake_fen, row.name))


def region_rows(held: Portfolio, order: str) -> list[tuple[RegionRow, str, str]]:
    """Return regions in an order, each with the addresses of its accounts and of its red ones."""
    rows = sorted(held.regions, key=lambda row: row.name)
    rows.sort(key=REGION_SORTS[order.removeprefix("-")], reverse=order.startswith("-"))
    return [(row, accounts_address(region=row.pk), accounts_address(region=row.pk, alert="red")) for row in rows]


def move_rows(held: Portfolio) -> list[tuple[Any, str, str]]:
    """Return who moved, why, and where that is explained."""
    return [
        (move, moved_because(move.because), reverse("workbench:account_why", args=[move.account.code, "tier"]))
        for move in held.moves
    ]
