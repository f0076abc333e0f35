"""The log of a request in words: who did what, to whom, why. Refuses to leave a fact untold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.core.formatting import short_moment
from zhike.service import codes, log
from zhike.service.present_words import assurance_words, category_words, reason_words

OUTSIDE = frozenset({"heard", "customer_answered"})
SHOWN_FIRST = 12
SYSTEMS = {"escalation by time": gettext_lazy("按时升级")}
"""Work that no person started, as people call it; other names stand as they were kept."""
SAYINGS = {"note": gettext_lazy("内部留言"), "reply": gettext_lazy("阶段答复"), "hear": gettext_lazy("客户来言")}


def lines(
    events: Sequence[Any],
    only: str,
    *,
    people: Mapping[int, str],
    departments: Mapping[str, str],
    files: Mapping[str, int],
) -> list[dict[str, Any]]:
    """Return the log, the last first; `only` is ``customer``, ``internal`` or empty."""
    found = []
    for one in reversed(events):
        towards = one.to_customer or one.kind in OUTSIDE
        if only and towards != (only == "customer"):
            continue
        name = str(SYSTEMS.get(one.by_name, one.by_name) if one.by_id is None else one.by_name) or str(_("系统"))
        words = (told(one, people, departments), one.words)
        found.append(
            {
                "event": one, "name": name, "mark": name[:1], "what": one.get_kind_display(), "outside": towards,
                "from": departments.get(str(one.department_id), ""),
                "text": _("：").join(part for part in words if part),
                "heard": one.kind in OUTSIDE,
                "files": [(named, files.get(named)) for named in one.data.get("files", ())],
                "via": reason_words("via", one.data["via"]) if one.data.get("via") else "",
            }
        )  # fmt: skip
    return found


def named(kind: str) -> str:
    """Return what a kind of fact is called."""
    return str(log.FACTS[kind])


def told(one: Any, people: Mapping[int, str], departments: Mapping[str, str]) -> str:
    """Return what a fact says beyond its name and the words that were written."""
    data = one.data

    def person(key: str) -> str:
        return people.get(data.get(key) or 0, "")

    match one.kind:
        case "taken":
            return _("{channel} · {kind}").format(
                channel=codes.CHANNELS[data["channel"]], kind=codes.KINDS[data["kind"]]
            )
        case "recognised":
            how = codes.RECOGNISED_BY.get(data.get("recognised_by", ""), "")
            return _("凭{how}确认").format(how=how) if how else ""
        case "owned":
            return person("owner_id")
        case "triaged":
            return " · ".join(_classed(data))
        case "prioritised":
            return str(codes.PRIORITIES[data["priority"]])
        case "tier_followed":
            levels = (data.get("tier") or "", assurance_words(data.get("assurance_level") or ""))
            return " · ".join(level for level in levels if level)
        case "offered":
            return _("派给 {where}").format(where=departments.get(str(data["department_id"]), "…"))
        case "accepted":
            who = person("handler_id")
            return _("由 {who} 处理").format(who=who) if who else _("放入部门队列")
        case "handed":
            who = person("handler_id")
            return _("转给 {who}").format(who=who) if who else _("退回部门队列")
        case "returned":
            return reason_words("return", data.get("reason", ""))
        case "paused":
            return reason_words("pause", data["reason"])
        case "worked":
            return _("原因：{cause}").format(cause=data["cause"]) if data.get("cause") else ""
        case "called_back":
            return _("已接通") if data["reached"] else _("没接通")
        case "customer_answered":
            said = _("满意") if data["satisfied"] else _("不满意")
            return _("{said}，{score} 分").format(said=said, score=data["score"]) if data.get("score") else said
        case "exception_proposed":
            return reason_words("exception", data["reason"])
        case "closed":
            return str(codes.CLOSED_HOW[data["how"]]) + (f" {data['into']}" if data.get("into") else "")
        case "escalated":
            why = codes.SIGNS.get(data.get("why", "")) or reason_words("escalation", data.get("why", ""))
            told = _("升到 {level} 级：{why}").format(level=data["level"], why=why)
            return told + _(" · 报 {people}").format(people=_("、").join(data["to"])) if data.get("to") else told
        case "signed":
            return str(codes.SIGNS.get(data["sign"], data["sign"]))
        case "supervised":
            return _("要求 {when} 前办结").format(when=_moment(data["due_at"])) if data.get("due_at") else ""
        case "joined" | "left":
            return f"{person('staff_id')} · {codes.PARTS.get(data['part'], '')}"
        case "declared":
            return str(codes.SPECIALS.get(data["special"], ""))
        case "absorbed" | "split":
            return str(data.get("number", ""))
        case "told":
            return str(data.get("parent", ""))
        case "resulted":
            return str(codes.OUTCOMES.get(data["outcome"], ""))
    return ""


def _classed(data: Mapping[str, Any]) -> list[str]:
    from_codes = (("kind", codes.KINDS), ("priority", codes.PRIORITIES))
    words = [str(named[data[name]]) for name, named in from_codes if data.get(name) in named]
    return [words[0], category_words(data.get("category", "")), *words[1:]] if words else []


def _moment(text: str) -> str:
    return short_moment(datetime.fromisoformat(text))
