"""The address of the worklist and what it means: conditions, chips, whose items. Plain values in and out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from zhike.core.actor import Actor, ScopeKind
from zhike.core.paging import PAGE_SIZES
from zhike.worklist import words
from zhike.worklist.queries import LEVELS, SORTS, STATES, Counts, WorkFilter
from zhike_analytics.contracts import codes

MINE, EVERYBODY = "mine", "all"


@dataclass(frozen=True)
class Asked:
    """What an address asks for; what makes no sense in it is left out."""

    wanted: WorkFilter
    owner: str
    sort: str
    size: int
    cursor: str

    @property
    def narrowed(self) -> bool:
        """Whether anything but the person is narrowed."""
        return bool(self.wanted.kind or self.wanted.level or self.wanted.tiers or self.wanted.state != "open")


def read(asked: QueryDict, actor: Actor) -> Asked:
    """Return what an address asks for; a manager begins with their own, whoever leads with everybody's."""
    manager = actor.scope is ScopeKind.STAFF
    owner = asked.get("owner", "") or (MINE if manager else EVERYBODY)
    whose: int | None = None
    if owner == MINE:
        whose = actor.staff_id
    elif owner.isascii() and owner.isdigit() and len(owner) < 19 and not manager:
        whose = int(owner)
    elif owner != EVERYBODY:
        owner, whose = (MINE, actor.staff_id) if manager else (EVERYBODY, None)
    kind, state, sort = asked.get("kind", ""), asked.get("state", ""), asked.get("sort", "")
    level = asked.get("level", "")
    size = asked.get("size", "")
    return Asked(
        WorkFilter(
            owner=whose,
            kind=kind if kind in words.kinds() else "",
            level=level if level in LEVELS else "",
            tiers=tuple(tier for tier in codes.TIER if tier in set(asked.getlist("tier"))),
            state=state if state in STATES else "open",
        ),
        owner,
        sort if sort in SORTS else "worth",
        int(size) if size in {str(one) for one in PAGE_SIZES} else PAGE_SIZES[0],
        asked.get("cursor", ""),
    )


def address(asked: QueryDict, **changes: str) -> str:
    """Return the address of the list with some conditions changed (empty: dropped); paging starts anew."""
    parameters = asked.copy()
    parameters.pop("cursor", None)
    for name, value in changes.items():
        parameters.pop(name, None)
        if value:
            parameters[name] = value
    written = parameters.urlencode()
    return f"/?{written}" if written else "/"


def level_names() -> dict[str, str]:
    """Return how loudly items speak, in words."""
    return {"red": _("红色预警"), "yellow": _("黄色预警"), "plain": _("一般事项")}


def chips(asked: QueryDict, wanted: WorkFilter, counts: Counts) -> list[dict[str, Any]]:
    """Return the filters by kind, with how many wait; where counting stopped, only a present kind is told."""
    more = "" if counts.whole else "+"
    rows = [
        {
            "label": _("全部"), "count": f"{counts.total - (not counts.whole):,}{more}" if counts.total else "",
            "on": not wanted.kind and wanted.state == "open", "address": address(asked, kind="", state=""),
        }
    ]  # fmt: skip
    for kind, name in words.kinds().items():
        number = counts.by_kind.get(kind, 0)
        if number or kind == wanted.kind or not counts.whole:
            rows.append(
                {
                    "label": name, "count": f"{number:,}" if counts.whole and number else "",
                    "on": kind == wanted.kind and wanted.state == "open",
                    "address": address(asked, kind=kind, state=""),
                }
            )  # fmt: skip
    return rows
