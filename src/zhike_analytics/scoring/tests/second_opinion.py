"""Value, loyalty and lock-in of a few accounts in plain Python, written from docs/scores.md. Refuses to share code."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

CLASSES = ("communication", "industry", "support")
BANDS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
Row = dict[str, Any]
Part = tuple[str, float, float | None]
"""Name of the part, weight among all, points (nothing when unknown)."""


@dataclass
class Opinion:
    """What the second opinion says of one account, in hundredths of a point."""

    value: dict[str, float]
    loyalty: dict[str, float]
    lock_in: dict[str, float]
    win_back: float | None


@dataclass
class Known:
    """What the tables say of one account."""

    customer: bool
    industry: str
    band: str
    row: Row
    income: float
    cost: float | None
    income_year: float
    income_months: int
    breadth: dict[str, int]
    fee: dict[str, int]
    bundled: int
    rival_breadth: dict[str, int]
    rival_fee: dict[str, int]
    rival_days: int
    rivals: int
    own: int
    paid: int
    ported: int
    tie: int | None
    contacts: int
    contract_days: int


def opinions(tables: dict[str, list[Row]], rules: dict[str, Any], today: date, months: list[int]) -> dict[str, Opinion]:
    """Return the opinion on every account; `months` are the last twelve, all of them loaded in bills and costs."""
    known = {row["account_code"]: _known(row, tables, today, months) for row in tables["accounts"]}
    return {code: _opinion(one, list(known.values()), rules) for code, one in known.items()}


def _known(row: Row, tables: dict[str, list[Row]], today: date, months: list[int]) -> Known:
    code = row["account_code"]

    def mine(table: str) -> list[Row]:
        return [one for one in tables[table] if one["account_code"] == code]

    employees = row.get("employees")
    band = row.get("size") or "" if employees is None else f"{max(low for low in (0, *BANDS) if low <= employees)}+"
    bills = [one for one in mine("bills") if one["period"] in months]
    costs = [one["amount_fen"] for one in mine("costs") if one["period"] in months]
    first = min((one["period"] for one in mine("bills") if one["amount_fen"] > 0), default=None)
    kind_of = {one["product_code"]: one["business_class"] for one in tables["products"]}
    held = [one for one in mine("subscriptions") if one["status"] != "ended"]
    rivals = mine("competitor_holdings")
    lines = mine("member_lines")
    here = [one for one in lines if one["status"] == "active"]
    ties = [one["tie_strength"] for one in mine("contacts") if one["tie_strength"] is not None]
    running = [one for one in mine("contracts") if one["starts_on"] <= today <= one["ends_on"]]
    return Known(
        customer=row["lifecycle"] not in ("prospect", "left"), industry=row.get("industry") or "", band=band, row=row,
        income=sum(one["amount_fen"] for one in bills), cost=sum(costs) if costs else None,
        income_year=sum(one["amount_fen"] for one in bills),
        income_months=0 if first is None else sum(first <= month for month in months),
        breadth=_products(held, kind_of, "product_code"), fee=_fees(held, kind_of),
        bundled=sum(one["monthly_fee_fen"] for one in held if one.get("bundle")),
        rival_breadth=_products(rivals, None, "product"), rival_fee=_fees(rivals, None),
        rival_days=max((_days_left(one["ends_on"], today) for one in rivals), default=0), rivals=len(rivals),
        own=sum(one["paid_by"] == "person" for one in here), paid=sum(one["paid_by"] != "person" for one in here),
        ported=sum(one["status"] == "ported_out" for one in lines),
        tie=sum(ties) if ties else None, contacts=len(ties),
        contract_days=max(((one["ends_on"] - today).days for one in running), default=0),
    )  # fmt: skip


def _of_class(rows: list[Row], kind_of: dict[str, str] | None, kind: str) -> list[Row]:
    return [one for one in rows if (kind_of[one["product_code"]] if kind_of else one["business_class"]) == kind]


def _products(rows: list[Row], kind_of: dict[str, str] | None, name: str) -> dict[str, int]:
    return {kind: len({one[name] for one in _of_class(rows, kind_of, kind)}) for kind in CLASSES}


def _fees(rows: list[Row], kind_of: dict[str, str] | None) -> dict[str, int]:
    return {kind: sum(one["monthly_fee_fen"] for one in _of_class(rows, kind_of, kind)) for kind in CLASSES}


def _days_left(ends_on: date | None, today: date) -> int:
    """A competitor's contract without a date is taken to run for another year."""
    return 365 if ends_on is None else max((ends_on - today).days, 0)


def _opinion(me: Known, everyone: list[Known], rules: dict[str, Any]) -> Opinion:
    fewest = rules["value"]["fewest_peers"]

    def peers(fits: Callable[[Known], bool]) -> list[Known]:
        """Return the customers beside whom I stand: of my trade and band, of my band, or all."""
        customers = [one for one in everyone if one.customer and fits(one)]
        for group in (
            [one for one in customers if (one.industry, one.band) == (me.industry, me.band)],
            [one for one in customers if one.band == me.band],
        ):
            if len(group) >= fewest:
                return group
        return customers

    value = _blended(_value_parts(me, peers(lambda one: one.cost is not None), rules["value"]))
    loyalty = _blended(_loyalty_parts(me, peers, rules["loyalty"])) if me.customer else {}
    lock_in = _blended(
        _use_parts(me.rival_breadth, me.rival_fee, peers, rules["competitor"]["use"], 1.0, root=False), 0.0
    )
    chance = None
    if me.rivals:
        rule = rules["competitor"]
        odds = (
            rule["easiest"] - rule["per_lock_in"] * lock_in["total"] / 10000 - rule["per_year"] * me.rival_days / 365.25
        )
        chance = 1000 / (1 + math.exp(-odds))
    return Opinion(value, loyalty, lock_in, chance)


def _value_parts(me: Known, peers: list[Known], rule: dict[str, Any]) -> dict[str, Part]:
    curves, levels, row = rule["curves"], rule["levels"], me.row
    rate = None
    if me.cost is not None and peers:
        usual = sum(one.income for one in peers) / sum(one.cost or 0 for one in peers)
        prior = rule["prior_cost_share"] * max(sum(one.cost or 0 for one in peers) / len(peers), 1)
        rate = (me.income + prior * usual) / (max(me.cost, 0) + prior)
    monthly = me.income_year / 100 / max(me.income_months, 1)
    income = monthly if me.customer or monthly > 0 else None

    def yuan(name: str) -> float | None:
        return None if row.get(name) is None else row[name] / 100

    points = {
        "rate": _curve(curves["rate"], rate), "income": _curve(curves["income"], income),
        "employees": _curve(curves["employees"], row.get("employees")),
        "size": levels["size"].get(row.get("size")), "scope": levels["scope"].get(row.get("scope")),
        "group": levels["group"].get(row.get("group_kind")), "ownership": levels["ownership"].get(row.get("ownership")),
        "revenue": _curve(curves["revenue"], yuan("annual_revenue_fen")),
        "capital": _curve(curves["capital"], yuan("registered_capital_fen")),
        "credit": levels["credit"].get(row.get("credit_rating")),
    }  # fmt: skip
    weights = _weights(rule["comparisons"])
    return {
        name: (part, weights[part] * share, points.get(name))
        for part in ("contribution", "standing", "ability")
        for name, share in rule[part]["shares"].items()
    }


def _loyalty_parts(me: Known, peers: Callable[..., list[Known]], rule: dict[str, Any]) -> dict[str, Part]:
    shares = rule["shares"]["shares"]
    parts = _use_parts(me.breadth, me.fee, peers, rule["use"], shares["use"], root=True)
    ours, theirs = sum(me.fee.values()), sum(me.rival_fee.values())
    parts["wallet"] = ("wallet", shares["wallet"], 100 * ours / (ours + theirs) if ours + theirs else None)
    all_of = peers(lambda one: True)
    typical = sum(one.own for one in all_of) / sum(one.paid for one in all_of)
    mine = (me.own + 10 * typical) / (me.paid + me.ported + 10)
    parts["members"] = ("members", shares["members"], _against(mine, typical) if me.own + me.paid else None)
    with_ties = peers(lambda one: one.tie is not None)
    grade = sum(one.tie or 0 for one in with_ties) / sum(one.contacts for one in with_ties)
    drawn = ((me.tie or 0) + 3 * grade) / (me.contacts + 3)
    ties = min(max(50 + 20 * (drawn - grade), 0), 100) if me.contacts else None
    parts["ties"] = ("ties", shares["ties"], ties)
    left = _curve(rule["months_left"], me.contract_days / (365.25 / 12))
    leaving = rule["leaving"]["shares"]
    parts["contract"] = ("leaving", shares["leaving"] * leaving["contract"], left)
    parts["bundle"] = (
        "leaving",
        shares["leaving"] * leaving["bundle"],
        round(1000 * me.bundled / ours) / 10 if ours else None,
    )
    return parts  # fmt: skip


def _use_parts(
    breadth: dict[str, int], fee: dict[str, int], peers: Callable[..., list[Known]], rule: dict[str, Any], share: float,
    *, root: bool,
) -> dict[str, Part]:  # fmt: skip
    group = peers(lambda one: True)
    # Of our own use half a product and a tenth of all that peers pay us stand on both sides.
    product, paid = (0.5, 0.1 * sum(sum(one.fee.values()) for one in group) / len(group)) if root else (0.0, 0.0)
    parts: dict[str, Part] = {}
    for kind in CLASSES:
        usual_breadth = sum(one.breadth[kind] for one in group) / len(group)
        usual_fee = sum(one.fee[kind] for one in group) / len(group)
        mine: float = fee[kind]
        if root:
            mine, usual_fee = math.sqrt(mine + paid), math.sqrt(usual_fee + paid)
        weight = share * rule["classes"][kind]
        parts[f"breadth_{kind}"] = (
            "use",
            weight * rule["breadth"],
            _against(breadth[kind] + product, usual_breadth + product),
        )
        parts[f"depth_{kind}"] = ("use", weight * rule["depth"], _against(mine, usual_fee))
    return parts


def _blended(parts: dict[str, Part], base: float = 50.0) -> dict[str, float]:
    """Return signed parts and their total; unknown parts hand their weight on, first within their group."""
    groups: dict[str, list[tuple[float, bool]]] = {}
    for group, weight, points in parts.values():
        groups.setdefault(group, []).append((weight, points is not None))
    whole = sum(sum(weight for weight, _ in one) for one in groups.values() if any(known for _, known in one))
    signed = {}
    for name, (group, weight, points) in parts.items():
        if points is not None:
            of_group = sum(one for one, _ in groups[group])
            known = sum(one for one, is_known in groups[group] if is_known)
            signed[name] = 100 * weight / known * of_group / whole * (points - base)
    return signed | {"total": 100 * base + sum(signed.values())}


def _weights(comparisons: list[dict[str, Any]]) -> dict[str, float]:
    """Return the weights of the three parts by geometric means of rows: for three parts the same as the eigenvector."""
    names = ("contribution", "standing", "ability")
    ratio = {(one, one): 1.0 for one in names}
    for one in comparisons:
        ratio[one["more"], one["less"]], ratio[one["less"], one["more"]] = one["ratio"], 1 / one["ratio"]
    means = {name: math.prod(ratio[name, other] for other in names) ** (1 / 3) for name in names}
    return {name: mean / sum(means.values()) for name, mean in means.items()}


def _curve(curve: dict[str, list[float]], quantity: float | None) -> float | None:
    if quantity is None:
        return None
    at, points = curve["at"], curve["points"]
    if quantity <= at[0] or quantity >= at[-1]:
        return points[0] if quantity <= at[0] else points[-1]
    place = next(number for number, one in enumerate(at) if one > quantity)
    share = (quantity - at[place - 1]) / (at[place] - at[place - 1])
    return points[place - 1] + share * (points[place] - points[place - 1])


def _against(mine: float, usual: float) -> float:
    return 100 * mine / (mine + usual) if mine + usual > 0 else 0.0
