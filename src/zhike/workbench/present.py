"""Shapes of the account page: rows and figures as charts and lines of text. Plain values in and out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from zhike.catalogue.queries import name_for_reader, product_names
from zhike.core import formatting
from zhike.customers.words import choice_name
from zhike_analytics.contracts import codes

KINDS = {"decides": "decides", "influences": "influences", "uses": "uses"}


def people_chart(contacts: Sequence[Any], team: Sequence[Any]) -> dict[str, Any]:
    """Return the map of who decides, influences and uses, and who of ours knows them."""
    nodes = [
        {"id": f"s{row.staff_id}", "name": row.staff.name, "role": row.get_duty_display(), "kind": "ours"}
        for row in team
    ]
    known = {node["id"] for node in nodes}
    ties: list[dict[str, Any]] = []
    by_code = {one.code: one for one in contacts}
    for one in contacts[:14]:
        gap = one.decision_role == "decides" and not one.tie_strength
        role = " · ".join(part for part in (one.title, choice_name(codes.DECISION_ROLE, one.decision_role)) if part)
        nodes.append(
            {
                "id": f"c{one.pk}", "name": one.name, "role": role + (f" · {_('尚无联系')}" if gap else ""),
                "kind": KINDS.get(one.decision_role, "other"), "gap": gap,
            }
        )  # fmt: skip
        if one.tie_staff_id and one.tie_strength:
            if f"s{one.tie_staff_id}" not in known:
                known.add(f"s{one.tie_staff_id}")
                nodes.append({"id": f"s{one.tie_staff_id}", "name": one.tie_staff.name, "role": "", "kind": "ours"})
            ties.append(
                {"from": f"s{one.tie_staff_id}", "to": f"c{one.pk}", "strength": one.tie_strength, "kind": "tie"}
            )
        elif gap and team:
            ties.append({"from": f"s{team[0].staff_id}", "to": f"c{one.pk}", "strength": 1, "kind": "gap"})
        boss = by_code.get(one.reports_to_code)
        if boss is not None and boss in contacts[:14] and boss is not one:
            ties.append({"from": f"c{one.pk}", "to": f"c{boss.pk}", "strength": 1, "kind": "reports"})
    return {"nodes": nodes, "ties": ties}


@dataclass(frozen=True)
class GroupTotal:
    """A group rolled up over the members in reach, each counted once."""

    members: int
    outside: int
    billed_fen: int | None
    unbilled: int  # members in reach of which no bill is known
    overdue_fen: int
    products: int
    fees_fen: int
    rival_fees_fen: int | None


def group_total(members: Sequence[Any], figures: Mapping[int, Any]) -> GroupTotal:
    """Return the roll-up of a group; what is out of reach is counted as members only."""
    ours = {one.account_id: one for one in members if one.in_scope}
    known = [figures[pk] for pk in ours if pk in figures]
    rivals = [one.rival_fees_fen for one in ours.values() if one.rival_fees_fen is not None]
    billed = [one.billed for one in known if one.billed is not None]
    return GroupTotal(
        members=len(members),
        outside=len(members) - len(ours),
        billed_fen=sum(billed) if billed else None,
        unbilled=len(ours) - len(billed),
        overdue_fen=sum(max(one.overdue_fen, 0) for one in known),
        products=len({name for one in ours.values() for name in one.products}),
        fees_fen=sum(one.fees_fen for one in ours.values()),
        rival_fees_fen=sum(rivals) if rivals else None,
    )


def bill_chart(months: Sequence[Any]) -> dict[str, Any]:
    """Return the bars of margin and cost per month; billed amounts alone where no cost is known."""
    categories = [f"{one.period % 100}" for one in months]
    scale, unit = formatting.chart_scale()
    billed = [one.billed_fen / scale for one in months]
    totals = [formatting.number(value, 2 if scale == formatting.FEN_PER_WAN else 1) for value in billed]
    if months and all(one.cost_fen is not None for one in months):
        margin = [one.margin_fen / scale for one in months]
        inside = [f"{one.margin_fen * 100 // one.billed_fen}%" if one.billed_fen > 0 else "" for one in months]
        series = [
            {"name": _("毛利"), "values": [round(value, 4) for value in margin], "tone": "c1", "inside": inside},
            {
                "name": _("成本"), "tone": "c5",
                "values": [round(whole - part, 4) for whole, part in zip(billed, margin, strict=True)],
            },
        ]  # fmt: skip
    else:
        series = [{"name": _("出账"), "values": [round(value, 4) for value in billed], "tone": "c1"}]
    return {"unit": unit, "categories": categories, "series": series, "stacked": True, "totals": totals}


def site_chart(sites: Sequence[Any]) -> dict[str, Any]:
    """Return the map of sites that have coordinates."""
    largest = max((one.employees or 0 for one in sites), default=0) or 1
    return {
        "kilometres": _("公里"),
        "points": [
            {
                "name": one.name, "lon": float(one.longitude), "lat": float(one.latitude),
                "kind": "ours" if one.covered else "plain", "size": (one.employees or 0) / largest, "note": one.address,
            }
            for one in sites
            if one.longitude is not None and one.latitude is not None
        ],
    }  # fmt: skip


def named_lines(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return lines of a month's bills or costs with products by their names."""
    products = product_names(line["product_code"] or "" for line in lines)
    return [{**line, "product": products.get(line["product_code"], line["product_code"])} for line in lines]


def event_lines(events: Sequence[Any]) -> list[dict[str, Any]]:
    """Return events of the timeline in words, with products by their names."""
    return [_event_line(event) for event in events]


def _event_line(event: Any) -> dict[str, Any]:
    detail = event.detail
    if event.table == "complaints":
        tag, text = (
            _("投诉"),
            detail.get("summary") or choice_name(codes.COMPLAINT_CATEGORY, detail.get("category", "")),
        )
        hand = detail.get("outcome") in {"open", "escalated", "unsatisfied"}
    elif event.table == "visits":
        tag, hand = _("走访"), False
        text = detail.get("summary") or choice_name(codes.VISIT_KIND, detail.get("kind") or "")
    else:
        tag, hand = _("订单"), False
        product = (
            name_for_reader(event.product_name, event.product_name_en) if event.product_name else event.product_code
        )
        parts = (choice_name(codes.ORDER_KIND, detail.get("kind") or ""), product)
        text = " ".join(part for part in parts if part)
    return {"at": event.at, "tag": tag, "text": text, "state": "hand" if hand else ""}
