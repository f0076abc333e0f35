"""The address of the accounts list and what it means: conditions, chips, views. Plain values in and out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from zhike.core.paging import PAGE_SIZES
from zhike.insights.queries import CHOICES, SHORT_SORTS, SORTS, AccountFilter
from zhike.workbench.names import choice_name

PARAMETERS = {{"size": "scale", "alert_level": "alert", "alert_rule": "rule"}.get(name, name): name for name in CHOICES}
"""Parameter of the address: field. The size of an organisation is not the size of a page."""
SCORES = ("value", "loyalty", "lock_in")
BOUNDS = {f"{score}_{end}": f"{score}_{end}" for score in SCORES for end in ("from", "below")}
NUMBERS = {
    "ends": "ends_within", "unvisited": "unvisited_for", "rival": "rival_share", "shrunk": "shrunk_by", **BOUNDS,
}  # fmt: skip
SHARES = {"rival", "shrunk"}
PERCENT = SHARES | set(BOUNDS)
FLAGS = {"overdue": "overdue", "decider": "decider_unknown"}
CONDITIONS = (*PARAMETERS, "region", "lead", *NUMBERS, *FLAGS)
KEPT_IN_VIEW = ("q", "sort", *CONDITIONS)
VIEWS: dict[str, dict[str, str]] = {
    "all": {},
    "red": {"alert": "red", "sort": "-stake"},
    "ending": {"ends": "90", "sort": "ends"},
    "unvisited": {"unvisited": "90", "sort": "visited"},
    "rivals": {"rival": "50", "sort": "-billed"},
    "overdue": {"overdue": "1", "sort": "-overdue"},
    "shrinking": {"shrunk": "20", "sort": "change"},
    "no_decider": {"decider": "1", "sort": "-billed"},
}
"""Views that everybody has: what their address asks for."""
DEFAULT_SORT = "-billed"
MOST_IDS = 100


def view_names() -> dict[str, str]:
    """Return the names of the views that everybody has."""
    return {
        "all": _("全部"), "red": _("红色预警"), "ending": _("90 天内到期"), "unvisited": _("久未走访"),
        "rivals": _("异网占比高"), "overdue": _("欠费"), "shrinking": _("出账下滑"), "no_decider": _("拍板人没有联系"),
    }  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What an address asks for; what makes no sense in it is left out."""

    wanted: AccountFilter
    sort: str
    descending: bool
    size: int
    cursor: str

    @property
    def order(self) -> str:
        """The sort key as addresses write it."""
        return f"-{self.sort}" if self.descending else self.sort


def read(asked: QueryDict, *, may_margin: bool) -> Asked:
    """Return what an address asks for."""
    chosen = {
        field: tuple(code for code in CHOICES[field] if code in set(asked.getlist(parameter)))
        for parameter, field in PARAMETERS.items()
    }
    numbers = {
        field: _whole(asked.get(parameter, ""), 100 if parameter in PERCENT else 3650)
        for parameter, field in NUMBERS.items()
    }
    for parameter in SHARES:
        share = numbers[NUMBERS[parameter]]
        numbers[NUMBERS[parameter]] = None if share is None else share * 10
    wanted = AccountFilter(
        text=asked.get("q", "")[:100],
        chosen={field: values for field, values in chosen.items() if values},
        region=_whole(asked.get("region", ""), 2**31),
        lead=_whole(asked.get("lead", ""), 2**31),
        overdue=asked.get("overdue") == "1",
        decider_unknown=asked.get("decider") == "1",
        ids=tuple(one for one in (_whole(text, 2**62) for text in asked.getlist("ids")[:MOST_IDS]) if one is not None),
        **numbers,
    )
    order = asked.get("sort", DEFAULT_SORT)
    if order.removeprefix("-") not in SORTS | SHORT_SORTS or (order.endswith("margin") and not may_margin):
        order = DEFAULT_SORT
    size = _whole(asked.get("size", ""), 1000)
    return Asked(
        wanted, order.removeprefix("-"), order.startswith("-"), size if size in PAGE_SIZES else PAGE_SIZES[0],
        asked.get("cursor", ""),
    )  # fmt: skip


def _whole(text: str, most: int) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= most else None


def chips(asked: QueryDict, wanted: AccountFilter, names: dict[str, str]) -> list[tuple[str, str, str]]:
    """Return the present conditions: label, value, the address without it. `names` holds region and lead by name."""
    found: list[tuple[str, str, str]] = []
    labels = condition_labels()
    for parameter, field in PARAMETERS.items():
        if codes := wanted.chosen.get(field):
            text = " ".join(choice_name(CHOICES[field], code) for code in codes)
            found.append((labels[parameter], text, without(asked, parameter)))
    for parameter in ("region", "lead"):
        if getattr(wanted, parameter) is not None:
            found.append((labels[parameter], names.get(parameter) or "–", without(asked, parameter)))
    shown = {
        "ends": wanted.ends_within is not None and _("{days} 天内").format(days=wanted.ends_within),
        "unvisited": wanted.unvisited_for is not None and _("{days} 天以上").format(days=wanted.unvisited_for),
        "rival": wanted.rival_share is not None and f"≥ {wanted.rival_share // 10}%",
        "shrunk": wanted.shrunk_by is not None and f"≥ {wanted.shrunk_by // 10}%",
        "overdue": wanted.overdue and _("有"),
        "decider": wanted.decider_unknown and _("有缺口"),
    }
    found += [(labels[key], text, without(asked, key)) for key, text in shown.items() if text]
    for score in SCORES:
        lowest, below = getattr(wanted, f"{score}_from"), getattr(wanted, f"{score}_below")
        bounds = ([f"≥ {lowest}"] if lowest is not None else []) + ([f"< {below}"] if below is not None else [])
        if bounds:
            found.append((labels[score], " ".join(bounds), without(asked, f"{score}_from", f"{score}_below")))
    return found


def condition_labels() -> dict[str, str]:
    """Return the names of the conditions."""
    return {
        "tier": _("等级"), "ownership": _("单位性质"), "scale": _("规模"), "lifecycle": _("在网状态"),
        "service_level": _("服务等级"), "credit_rating": _("信用级别"), "region": _("区域"), "lead": _("客户经理"),
        "ends": _("合同到期"), "unvisited": _("未走访"), "rival": _("异网占比"), "shrunk": _("同比下降"),
        "overdue": _("欠费"), "decider": _("拍板人联系"), "quadrant": _("价值与忠诚"), "moved": _("等级变动"),
        "alert": _("预警"), "rule": _("预警规则"), "value": _("价值"), "loyalty": _("忠诚"), "lock_in": _("异网锁定"),
    }  # fmt: skip


def choices(wanted: AccountFilter) -> list[tuple[str, str, list[tuple[str, str, bool]]]]:
    """Return what can be ticked: parameter, label, and each code with its name and whether it is ticked."""
    labels = condition_labels()
    return [
        (
            parameter,
            labels[parameter],
            [
                (code, choice_name(CHOICES[field], code), code in wanted.chosen.get(field, ()))
                for code in CHOICES[field]
            ],
        )
        for parameter, field in PARAMETERS.items()
    ]


def without(asked: QueryDict, *names: str) -> str:
    """Return the address without a condition; paging starts anew."""
    parameters = asked.copy()
    for key in (*names, "cursor", "ids"):
        parameters.pop(key, None)
    return "?" + parameters.urlencode()


def view_address(parameters: dict[str, str]) -> str:
    """Return the address of a view that everybody has."""
    written = QueryDict(mutable=True)
    written.update(parameters)
    return "?" + written.urlencode()


def kept(asked: QueryDict) -> str:
    """Return the part of an address that a saved view keeps, in one fixed order."""
    written = QueryDict(mutable=True)
    for name in KEPT_IN_VIEW:
        values = sorted(value for value in asked.getlist(name) if value)
        if values and not (name == "sort" and values == [DEFAULT_SORT]):
            written.setlist(name, values)
    return written.urlencode()


def tabs(asked: QueryDict, saved: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the views as tabs: those that everybody has, then the person's own."""
    present = kept(asked)
    names = view_names()
    rows: list[dict[str, Any]] = [
        {"name": names[key], "address": view_address(parameters), "own": None, "query": kept_of(parameters)}
        for key, parameters in VIEWS.items()
    ]
    rows += [
        {"name": view["name"], "address": "?" + view["query"], "own": place, "query": view["query"]}
        for place, view in enumerate(saved)
    ]
    here = next((place for place, row in enumerate(rows) if row["query"] == present), None)
    return [row | {"here": place == here} for place, row in enumerate(rows)]


def kept_of(parameters: dict[str, str]) -> str:
    """Return what a saved view would keep of these parameters."""
    written = QueryDict(mutable=True)
    written.update(parameters)
    return kept(written)
