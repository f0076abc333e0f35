"""A sheet for any family, derived from its schema: scalars, parts, lists of items. Refuses to know a family."""

from __future__ import annotations

import copy
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le
from django.utils.translation import gettext as _
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from zhike.playbooks.rules import SIGNALS
from zhike.workbench.policies_forms import Block, Cell, Choices, Path, Row, Sheet
from zhike.workbench.policies_words import field_name, pair
from zhike_analytics.contracts import codes
from zhike_analytics.contracts.policies_decisions import RULES


def _codes(known: codes.Choices) -> Callable[[], Choices]:
    return lambda: [(code, pair(words)) for code, words in known.items()]


def _signals() -> Choices:
    return [(one, pair((RULES[one].zh, RULES[one].en)) if one in RULES else field_name(one)) for one in SIGNALS]


LEVELS = ("red", "yellow", "plain")
KNOWN: dict[str | int, Callable[[], Choices]] = {
    "tiers": _codes(codes.TIER), "sizes": _codes(codes.SIZE), "ownership": _codes(codes.OWNERSHIP),
    "lifecycles": _codes(codes.LIFECYCLE), "key_tiers": _codes(codes.TIER),
    "levels": lambda: [(one, field_name(one)) for one in LEVELS],
    "signal": _signals,
}  # fmt: skip
"""Texts whose values the field knows: chosen, not typed."""


def generic_sheet(schema: type[BaseModel], body: Mapping[str, Any]) -> Sheet:
    """Return the sheet of a body as its schema describes it."""
    return Sheet(list(_blocks(schema, body)), copy.deepcopy(dict(body)))


def _blocks(schema: type[BaseModel], body: Mapping[str, Any]) -> Iterator[Block]:
    plain_rows = [
        row
        for name, field in schema.model_fields.items()
        if not _model(field.annotation) and not _item(field.annotation) and not isinstance(body.get(name), dict)
        for row in _rows(name, field, (name,), "", (), body)
    ]
    if plain_rows:
        yield Block(_("总则"), rows=plain_rows)
    for name, field in schema.model_fields.items():
        item, part = _item(field.annotation), _model(field.annotation)
        if item is not None:
            yield from _items(name, item, body.get(name) or [])
        elif part is not None or isinstance(body.get(name), dict):
            yield Block(field_name(name), rows=list(_rows(name, field, (name,), "", (), body)))


def _items(name: str, item: type[BaseModel], held: list[Any]) -> Iterator[Block]:
    for at in range(len(held) + 1):
        fresh = at == len(held)
        one = {} if fresh else held[at]
        title = _("再加一条") if fresh else f"{field_name(name)} · {_called(one, at)}"
        rows = [
            row
            for key, field in item.model_fields.items()
            for row in _rows(key, field, (name, at, key), f"{title} · ", (name, at), one)
        ]
        more: dict[str, Any] = {"fresh": True} if fresh else {"remove": f"{name}.{at}"}
        yield Block(title, "item", rows=rows, more=more)


def _rows(
    name: str,
    field: FieldInfo,
    path: Path,
    before: str,
    group: Path,
    held: Mapping[str, Any],
    within: str = "",
) -> Iterator[Row]:
    """Yield the rows of one field; a part and a table of values have several.

    `before` begins the full name of each cell, `within` that of its row inside the block.
    """
    label, value = field_name(name), held.get(name)
    part = _model(field.annotation)
    if part is not None:
        for key, inner in part.model_fields.items():
            inside = value if isinstance(value, dict) else {}
            nested = f"{within}{label} · " if group else within
            yield from _rows(key, inner, (*path, key), f"{before}{label} · ", group, inside, nested)
    elif get_origin(field.annotation) is dict:
        for key in sorted(value or _keys_of(path), key=_rank):
            inner = FieldInfo.from_annotation(get_args(field.annotation)[1])
            nested = f"{within}{label} · " if group else within
            cell = _cell(inner, (*path, key), f"{before}{label} · {field_name(key)}", group)
            yield Row(f"{nested}{field_name(key)}", [cell])
    else:
        yield Row(f"{within}{label}", [_cell(field, path, f"{before}{label}", group)])


def _cell(field: FieldInfo, path: Path, label: str, group: Path) -> Cell:
    annotation, optional = _bare(field.annotation)
    lowest: Any = next((one.ge for one in field.metadata if isinstance(one, Ge)), None)
    highest: Any = next((one.le for one in field.metadata if isinstance(one, Le)), None)
    more: dict[str, Any] = {"optional": optional, "group": group}
    if get_origin(annotation) is Literal:
        return Cell(path, label, "choice", choices=[(one, field_name(one)) for one in get_args(annotation)], **more)
    if get_origin(annotation) is list and get_origin(get_args(annotation)[0]) is Literal:
        listed = get_args(get_args(annotation)[0])
        return Cell(path, label, "many", choices=[(one, field_name(one)) for one in listed], **more)
    if annotation is bool:
        return Cell(path, label, "check", **more)
    if annotation in (int, float):
        more |= {"lowest": lowest, "highest": highest}
        if str(path[-1]).endswith("_fen"):
            return Cell(path, label, "whole", unit=_("元"), scale=0.01, **more)
        if annotation is float and (lowest, highest) == (0, 1):
            return Cell(path, label, unit="%", scale=100, **more)
        return Cell(path, label, "whole" if annotation is int else "number", **more)
    if path[-1] in KNOWN and annotation is str:
        return Cell(path, label, "choice", choices=KNOWN[path[-1]](), **more)
    if get_origin(annotation) is list and path[-1] in KNOWN:
        return Cell(path, label, "many", choices=KNOWN[path[-1]](), **more)
    if get_origin(annotation) is list:
        return Cell(path, label, "lines", **more)
    return Cell(path, label, "long" if str(path[-1]) in {"zh", "en", "text"} else "text", **more)


def _called(item: Mapping[str, Any], at: int) -> str:
    """Return how an item is told from its like: by its label with its code, or by its place."""
    code, label = item.get("code") or item.get("name"), item.get("label")
    if isinstance(label, dict) and {"zh", "en"} <= label.keys():
        return f"{pair((label['zh'], label['en']))} · {code}"
    return str(code or at + 1)


def _rank(key: str) -> tuple[int, str]:
    """Return the order of a table's keys: stored bodies have none; levels go from red down."""
    return (LEVELS.index(key) if key in LEVELS else len(LEVELS), key)


def _keys_of(path: Path) -> tuple[str, ...]:
    """Return the keys of a table of values that is still empty: those of levels, the only one items have."""
    return LEVELS if path[-1] == "due_days" else ()


def _bare(annotation: Any) -> tuple[Any, bool]:
    """Return a type without its ``None``, and whether it had one."""
    if get_origin(annotation) in (Union, types.UnionType):
        kinds = [one for one in get_args(annotation) if one is not type(None)]
        return (kinds[0], True) if len(kinds) == 1 else (str, True)
    return annotation, False


def _model(annotation: Any) -> type[BaseModel] | None:
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _item(annotation: Any) -> type[BaseModel] | None:
    return _model(get_args(annotation)[0]) if get_origin(annotation) is list else None
