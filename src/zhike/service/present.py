"""How the inbox is written: queues, conditions, rows. Refuses rules and models."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from zhike.service import codes
from zhike.service.queries import COUNT_STOPS_AT, Counts, InboxFilter

QUEUES = {
    "mine": _("我的"),
    "team": _("本部门"),
    "unowned": _("待认领"),
    "breaching": _("将到期与超时"),
    "call_back": _("待回访"),
    "exceptions": _("例外待批"),
    "supervised": _("督办中"),
    "open": _("全部在办"),
    "closed": _("已归档"),
}
CHOICES = {"kind": (_("类型"), codes.KINDS), "stage": (_("环节"), codes.STAGES), "channel": (_("渠道"), codes.CHANNELS)}
TIERS = ("A1", "A2", "B1", "B2", "C", "D")
LONGEST = 100


def asked(given: QueryDict) -> InboxFilter:
    """Return what an address asks for; what it should not hold is left out."""
    queue = given.get("queue", "mine")

    def chosen(name: str, allowed: Any) -> tuple[str, ...]:
        return tuple(one for one in dict.fromkeys(given.getlist(name)) if one in allowed)

    return InboxFilter(
        queue if queue in QUEUES else "mine", kinds=chosen("kind", codes.KINDS), stages=chosen("stage", codes.STAGES),
        channels=chosen("channel", codes.CHANNELS), tiers=chosen("tier", TIERS),
        text=given.get("q", "").replace("\0", "")[:LONGEST],
    )  # fmt: skip


def tabs(given: QueryDict, wanted: InboxFilter, counts: Counts) -> list[dict[str, Any]]:
    """Return the queues with how many wait in each, leading on with the same conditions."""
    found = []
    for key, label in QUEUES.items():
        changed = given.copy()
        changed.pop("cursor", None)
        changed["queue"] = key
        count = counts.by_queue.get(key)
        shown = None if count is None else f"{COUNT_STOPS_AT - 1:,}+" if count >= COUNT_STOPS_AT else str(count)
        found.append(
            {"label": label, "count": shown, "here": key == wanted.queue, "address": f"?{changed.urlencode()}"}
        )
    return found


def choices(wanted: InboxFilter) -> list[tuple[str, Any, list[tuple[str, Any, bool]]]]:
    """Return the conditions that may be set, with those that hold ticked."""
    held = {"kind": wanted.kinds, "stage": wanted.stages, "channel": wanted.channels}
    lists = [
        (name, label, [(code, text, code in held[name]) for code, text in named.items()])
        for name, (label, named) in CHOICES.items()
    ]
    return [*lists, ("tier", _("等级"), [(one, one, one in wanted.tiers) for one in TIERS])]


def chips(given: QueryDict, wanted: InboxFilter) -> list[tuple[Any, str, str]]:
    """Return the conditions that hold: label, values, and the address without them."""
    found = []
    for name, label, options in choices(wanted):
        if held := [str(text) for _code, text, on in options if on]:
            changed = given.copy()
            changed.pop(name, None)
            changed.pop("cursor", None)
            found.append((label, " ".join(held), f"?{changed.urlencode()}"))
    return found


def row(one: Any, now: datetime) -> dict[str, Any]:
    """Return a request as a line of the inbox; `late` and `soon` only while somebody must act."""
    due = one.due_at if one.is_open else None
    return {
        "request": one,
        "kind": one.get_kind_display(),
        "stage": one.get_stage_display(),
        "paused": one.paused_at is not None,
        "due": due,
        "late": due is not None and due <= now,
        "soon": due is not None and due > now and one.warn_at <= now,
        "urgent": one.get_priority_display() if one.priority != "normal" else "",
    }


def version(rows: Sequence[dict[str, Any]], counts: Counts) -> str:
    """Return what changes whenever the list looks different."""
    told = [(one["request"].pk, one["request"].version, one["late"], one["soon"]) for one in rows]
    return hashlib.sha256(repr((told, sorted(counts.by_queue.items()))).encode()).hexdigest()[:16]
