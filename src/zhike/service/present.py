"""How the inbox is written: queues, conditions, rows, what is new since. Refuses rules and models."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from zhike.service import codes
from zhike.service.present_time import spell
from zhike.service.present_words import category_words, reason_words
from zhike.service.queries_inbox import COUNT_STOPS_AT, Counts, InboxFilter

QUEUES = {
    "mine": _("我的"),
    "team": _("本部门"),
    "unowned": _("待认领"),
    "breaching": _("将到期与超时"),
    "escalated": _("已升级"),
    "call_back": _("待回访"),
    "exceptions": _("例外待批"),
    "supervised": _("督办中"),
    "open": _("全部在办"),
    "closed": _("已归档"),
}
WAITING_FOR_A_HAND = frozenset({"breaching", "exceptions"})
CHOICES = {
    "kind": (_("类型"), codes.KINDS),
    "stage": (_("环节"), codes.STAGES),
    "priority": (_("优先级"), codes.PRIORITIES),
    "channel": (_("渠道"), codes.CHANNELS),
}
TIERS = ("A1", "A2", "B1", "B2", "C", "D")
SORTS = {"due": _("先到期"), "recent": _("新受理")}
CONDITIONS = ("kind", "stage", "priority", "channel", "tier", "category", "department", "region")
LONGEST = 100
SHOWN = re.compile(r"(\d{1,18})-(\d{1,9})(-[ls])?")

Choice = tuple[str, Any, bool]


def asked(given: QueryDict, categories: Sequence[str] = ()) -> InboxFilter:
    """Return what an address asks for; what it should not hold is left out."""
    queue = given.get("queue", "mine")

    def chosen(name: str, allowed: Any) -> tuple[str, ...]:
        return tuple(one for one in dict.fromkeys(given.getlist(name)) if one in allowed)

    return InboxFilter(
        queue if queue in QUEUES else "mine", kinds=chosen("kind", codes.KINDS), stages=chosen("stage", codes.STAGES),
        priorities=chosen("priority", codes.PRIORITIES), channels=chosen("channel", codes.CHANNELS),
        tiers=chosen("tier", TIERS), categories=chosen("category", categories),
        department_id=_number(given.get("department", "")), region_id=_number(given.get("region", "")),
        text=given.get("q", "").replace("\0", "")[:LONGEST],
    )  # fmt: skip


def sort_of(given: QueryDict, wanted: InboxFilter) -> str:
    """Return the order asked for: what is due first, or for what is closed the last first."""
    if wanted.queue == "closed":
        return "recent"
    asked = given.get("sort", "")
    return asked if asked in SORTS else "due"


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 and int(text) else None


def narrows(wanted: InboxFilter) -> bool:
    """Return whether anything but the queue was asked for."""
    return wanted != InboxFilter(wanted.queue)


def tabs(given: QueryDict, wanted: InboxFilter, counts: Counts) -> list[dict[str, Any]]:
    """Return the queues with how many wait in each, leading on with the same conditions."""
    found = []
    for key, label in QUEUES.items():
        changed = given.copy()
        for name in ("cursor", "shown"):
            changed.pop(name, None)
        changed["queue"] = key
        count = counts.by_queue.get(key)
        shown = None if count is None else f"{COUNT_STOPS_AT - 1:,}+" if count >= COUNT_STOPS_AT else str(count)
        found.append(
            {
                "label": label, "count": shown, "here": key == wanted.queue, "address": f"?{changed.urlencode()}",
                "hand": bool(count) and key in WAITING_FOR_A_HAND,
            }
        )  # fmt: skip
    return found


def choices(wanted: InboxFilter) -> list[tuple[str, Any, list[Choice]]]:
    """Return the conditions that may be ticked, with those that hold."""
    held = {
        "kind": wanted.kinds, "stage": wanted.stages, "channel": wanted.channels, "priority": wanted.priorities,
    }  # fmt: skip
    lists = [
        (name, label, [(code, text, code in held[name]) for code, text in named.items()])
        for name, (label, named) in CHOICES.items()
    ]
    return [*lists, ("tier", _("等级"), [(one, one, one in wanted.tiers) for one in TIERS])]


def chips(given: QueryDict, wanted: InboxFilter, names: Mapping[str, str]) -> list[tuple[Any, str, str]]:
    """Return the conditions that hold: label, values, and the address without them; `names` of places."""
    held = [
        (name, label, " ".join(str(text) for _code, text, on in options if on))
        for name, label, options in choices(wanted)
    ]
    held += [
        ("category", _("类别"), " ".join(category_words(one) for one in wanted.categories)),
        ("department", _("部门"), names.get("department", "")),
        ("region", _("区域"), names.get("region", "")),
    ]
    found = []
    for name, label, value in held:
        if value:
            changed = given.copy()
            changed.pop(name, None)
            changed.pop("cursor", None)
            found.append((label, value, f"?{changed.urlencode()}"))
    return found


def row(one: Any, now: datetime) -> dict[str, Any]:
    """Return a request as a line of the inbox; `late` and `soon` only while somebody must act."""
    due = one.due_at if one.is_open else None
    late, soon = due is not None and due <= now, due is not None and due > now and one.warn_at <= now
    return {
        "request": one,
        "pick": f"{one.number}.{one.version}",
        "kind": one.get_kind_display(),
        "category": category_words(one.category) if one.category else "",
        "stage": one.get_stage_display(),
        "paused": reason_words("pause", one.pause_reason) if one.paused_at is not None else "",
        "due": due,
        "late": late,
        "soon": soon,
        "left": _left(due, now),
        "clock": CLOCKS.get(one.next_due_kind, "") if due is not None else "",
        "urgent": one.get_priority_display() if one.priority != "normal" else "",
    }


CLOCKS = {
    "first_contact": _("首次联系"),
    "resolution": _("办结"),
    "call_back": _("回访"),
    "reply": _("阶段答复"),
    "legal": _("法定期限"),
}


def _left(due: datetime | None, now: datetime) -> str:
    if due is None:
        return ""
    seconds = int((due - now).total_seconds())
    text = spell(seconds, days=True)
    return _now("超 {time}").format(time=text) if seconds < 0 else _now("剩 {time}").format(time=text)


def shown_now(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return what a page shows, as the page tells it when it asks what is new."""
    return " ".join(_mark(one) for one in rows)


def _mark(one: Mapping[str, Any]) -> str:
    return f"{one['request'].pk}-{one['request'].version}{'-l' if one['late'] else '-s' if one['soon'] else ''}"


def news(shown: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Return what happened to a list since a page showed it, in words; nothing where it looks the same.

    >>> news("", [])
    ''
    """
    before = {match[1]: match[0] for match in SHOWN.finditer(shown)}
    after = {str(one["request"].pk): _mark(one) for one in rows}
    fresh, changed = len(after.keys() - before.keys()), sum(before.get(pk, mark) != mark for pk, mark in after.items())
    gone = len(before.keys() - after.keys())
    told = [
        _now("{count} 张新到").format(count=fresh) if fresh else "",
        _now("{count} 张有变化").format(count=changed) if changed else "",
        _now("{count} 张已不在此").format(count=gone) if gone and not fresh else "",
    ]
    return _now("，").join(one for one in told if one)


def version(rows: Sequence[dict[str, Any]], counts: Counts) -> str:
    """Return what changes whenever the list looks different."""
    told = [(one["request"].pk, one["request"].version, one["late"], one["soon"]) for one in rows]
    return hashlib.sha256(repr((told, sorted(counts.by_queue.items()))).encode()).hexdigest()[:16]
