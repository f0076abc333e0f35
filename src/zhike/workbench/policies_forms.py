"""Rules as a sheet of named cells: shown, typed, read back, compared. Refuses to lose what somebody typed.

A sheet is built from the body of a policy by the module that knows the family; everything else (showing, reading a
form, saying what differs) goes cell by cell and is the same for all.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from pydantic import BaseModel, ValidationError

from zhike.core import formatting

Path = tuple[str | int, ...]
Choices = Sequence[tuple[str, str]]
DROP = object()
DIGITS = 6  # of a stored number; what is typed in percent or yuan keeps two or four
LONGEST = 2000
MOST = 10**12  # larger figures no rule of any operator needs


@dataclass(frozen=True)
class Cell:
    """One value of a body: where it stands, how it is called in full, how it is written.

    `scale` is what a stored value is multiplied by to be shown (0.01: fen as yuan, 100: shares as percent). `optional`
    lets it be empty, which is stored as nothing. `group` names the item of a list the cell belongs to: an item whose
    texts are all empty is left out.
    """

    path: Path
    label: str
    kind: str = "number"  # number, whole, text, long, choice, many, lines, check
    unit: str = ""
    choices: Choices = ()
    scale: float = 1
    lowest: float | None = None
    highest: float | None = None
    optional: bool = False
    group: Path = ()
    short: str = ""

    @property
    def name(self) -> str:
        """The name in the form."""
        return ".".join(str(step) for step in self.path)

    def typed(self, body: Any) -> str | list[str]:
        """Return the value as the form holds it."""
        value = value_at(body, self.path)
        if self.kind == "many":
            return [str(one) for one in value or ()]
        if value is None:
            return ""
        if self.kind == "check":
            return "1" if value else ""
        if self.kind == "lines":
            return "\n".join(value)
        return plain(value * self.scale) if self.kind in {"number", "whole"} else str(value)

    def shown(self, body: Any) -> str:
        """Return the value as people read it."""
        value = value_at(body, self.path)
        if self.kind == "check":
            return _("是") if value else _("否")
        if value in (None, "", []):
            return "–"
        words = dict(self.choices)
        if self.kind in {"many", "lines"}:
            listed = [code for code in words if code in value] if self.kind == "many" else value
            return _("、").join(words.get(str(one), str(one)) for one in listed)
        if self.kind == "choice":
            return words.get(str(value), str(value))
        if self.kind not in {"number", "whole"}:
            return str(value)
        number = float(value) * self.scale
        written = formatting.number(number, places_of(number))
        return f"{written}{'' if self.unit == '%' else ' '}{self.unit}" if self.unit else written


@dataclass(frozen=True)
class Row:
    """One line of a block: its label and its cells, `None` where there is none."""

    label: str
    cells: Sequence[Cell | None]
    note: str = ""


@dataclass(frozen=True)
class Block:
    """One question of a sheet. `kind`: fields, table, shares (must sum up to 100 %), matrix, curve, item."""

    title: str
    kind: str = "fields"
    head: Sequence[str] = ()
    rows: Sequence[Row] = ()
    note: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sheet:
    """A whole policy as blocks; `take` turns the edited form of the body back into the body, or tells what is wrong."""

    blocks: Sequence[Block]
    edited: Any
    take: Callable[[Any], Any] = lambda edited: edited

    def cells(self) -> Iterator[Cell]:
        """Yield every cell."""
        for block in self.blocks:
            for row in block.rows:
                yield from (cell for cell in row.cells if cell is not None)


class Wrong(Exception):
    """What a family's own check found: by name of the cell, or of the whole sheet under the empty name."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(errors)
        self.errors = dict(errors)


@dataclass
class Typed:
    """What somebody typed: every value as it was, the body where it is sound, else what is wrong and where."""

    values: dict[str, str | list[str]]
    errors: dict[str, str] = field(default_factory=dict)
    whole: list[str] = field(default_factory=list)
    body: BaseModel | None = None


def read(sheet: Sheet, posted: Any, schema: type[BaseModel]) -> Typed:
    """Read a form against its sheet and the schema of the family."""
    values = {cell.name: _posted(cell, posted) for cell in sheet.cells()}
    typed = Typed(values)
    edited = copy.deepcopy(sheet.edited)
    empty = _empty_groups(sheet, values, posted)
    for cell in sheet.cells():
        if cell.group in empty:
            continue
        try:
            value, held = parsed(cell, values[cell.name]), value_at(edited, cell.path)
            if cell.kind == "many" and set(value) == set(held or ()):
                continue  # the order of what is ticked says nothing
            put(edited, cell.path, value)
        except ValueError as failure:
            typed.errors[cell.name] = str(failure)
    for group in sorted(empty, key=len, reverse=True):
        put(edited, group, DROP)
    prune(edited)
    if typed.errors:
        return typed
    try:
        typed.body = schema.model_validate(sheet.take(edited))
    except Wrong as wrong:
        for name, text in wrong.errors.items():
            if name in values:
                typed.errors[name] = text
            else:
                typed.whole.append(text)
    except ValidationError as failure:
        for one in failure.errors():
            name = ".".join(str(step) for step in one["loc"])
            if name in values:
                typed.errors[name] = told(one)
            else:
                label = _("（%(place)s）") % {"place": name} if name and one["type"] != "value_error" else ""
                typed.whole.append(told(one) + label)
    return typed


def parsed(cell: Cell, value: str | list[str]) -> Any:
    """Return what a cell holds.

    Raises
    ------
    ValueError
        Told to the person: not a number, a wrong unit, out of bounds, missing.
    """
    if isinstance(value, list):
        return [one for one in value if one in dict(cell.choices)]
    text = value.strip()
    if cell.kind == "check":
        return text == "1"
    if cell.kind == "lines":
        return [line.strip() for line in text.replace("，", "\n").replace(",", "\n").splitlines() if line.strip()]
    if not text:
        if cell.optional:
            return None
        raise ValueError(_("要填"))
    if cell.kind == "choice":
        if text not in dict(cell.choices):
            raise ValueError(_("请从列表中选"))
        return text
    return _number(cell, text) if cell.kind in {"number", "whole"} else text


def _number(cell: Cell, text: str) -> float | int:
    """Read a number that may carry its unit; another unit is refused, not ignored."""
    digits = text.replace("％", "%").replace(",", "").replace("，", "").replace("−", "-")
    figure = digits.rstrip("".join({one for one in digits if not (one.isascii() and one.isdigit()) and one != "."}))
    unit = digits[len(figure) :].strip()
    if not figure:
        raise ValueError(_("「%(typed)s」不是数字") % {"typed": text[:20]})
    if unit and unit.casefold() != cell.unit.casefold():
        if cell.unit:
            raise ValueError(_("单位应为 %(unit)s，填的是「%(typed)s」") % {"unit": cell.unit, "typed": unit[:20]})
        raise ValueError(_("只填数字，不带单位"))
    try:
        shown = float(figure)
    except ValueError:
        raise ValueError(_("「%(typed)s」不是数字") % {"typed": text[:20]}) from None
    if not abs(shown) <= MOST:  # nor is it no number at all
        raise ValueError(_("数字太大"))
    for bound, too_far, words in (
        (cell.lowest, lambda low: shown < low, _("不小于 %(bound)s")),
        (cell.highest, lambda high: shown > high, _("不大于 %(bound)s")),
    ):
        if bound is not None and too_far(bound * cell.scale):
            raise ValueError(words % {"bound": f"{plain(bound * cell.scale)} {cell.unit}".strip()})
    stored = round(shown / cell.scale, DIGITS)
    if cell.kind == "whole":
        if stored != int(stored):
            raise ValueError(_("要填整数") if cell.scale == 1 else _("最多两位小数"))
        return int(stored)
    return stored


def _posted(cell: Cell, posted: Any) -> str | list[str]:
    if cell.kind == "many":
        return [one[:80] for one in posted.getlist(cell.name)][:200]
    return posted.get(cell.name, "").replace("\x00", "")[:LONGEST]


def _empty_groups(sheet: Sheet, values: Mapping[str, str | list[str]], posted: Any) -> set[Path]:
    """Return the items of lists that are to be left out: marked for removal, or without a single text."""
    written: dict[Path, bool] = {}
    for cell in sheet.cells():
        if cell.group:
            says = cell.kind not in {"choice", "check", "many"} and bool(str(values[cell.name]).strip())
            written[cell.group] = written.get(cell.group, False) or says
    return {
        group for group, says in written.items() if not says or posted.get(f"remove.{'.'.join(map(str, group))}") == "1"
    }


# -- bodies --------------------------------------------------------------------------------------------------------


def value_at(body: Any, path: Path) -> Any:
    """Return what stands at a place of a body, nothing where there is no such place."""
    for step in path:
        try:
            body = body[step]
        except (KeyError, IndexError, TypeError):
            return None
    return body


def put(body: Any, path: Path, value: Any) -> None:
    """Put a value at a place of a body; a list grows by the item that was empty."""
    for step, following in pairwise(path):
        held = value_at(body, (step,))
        if held is None or held is DROP:
            held = [] if isinstance(following, int) else {}
            _set(body, step, held)
        body = held
    _set(body, path[-1], value)


def _set(body: Any, step: str | int, value: Any) -> None:
    if isinstance(body, list) and isinstance(step, int):
        body.extend([DROP] * (step + 1 - len(body)))
    body[step] = value


def prune(body: Any) -> None:
    """Take the items out of lists that were dropped."""
    if isinstance(body, list):
        body[:] = [one for one in body if one is not DROP]
    for one in body.values() if isinstance(body, dict) else body if isinstance(body, list) else ():
        prune(one)


# -- words ---------------------------------------------------------------------------------------------------------


def plain(number: float) -> str:
    """Return a number for a form: no thousands, no needless zeros.

    >>> plain(0.15 * 100), plain(100000.0), plain(2)
    ('15', '100000', '2')
    """
    return f"{round(float(number), DIGITS):.6f}".rstrip("0").rstrip(".")


def places_of(number: float) -> int:
    """Return how many decimals a number needs, at most four."""
    return min(len(plain(number).partition(".")[2]), 4)


def in_language(text: str) -> str:
    """Return the half of a text in two languages (中文 / English) that the reader understands."""
    zh, divided, en = text.partition(" / ")
    return en if divided and get_language() == "en" else zh


def told(error: Any) -> str:
    """Return what the schema objects to, in words."""
    bounds = error.get("ctx", {})
    match error["type"]:
        case "value_error":
            return in_language(str(bounds["error"]))
        case "greater_than_equal":
            return _("不小于 %(bound)s") % {"bound": plain(bounds["ge"])}
        case "greater_than":
            return _("要大于 %(bound)s") % {"bound": plain(bounds["gt"])}
        case "less_than_equal":
            return _("不大于 %(bound)s") % {"bound": plain(bounds["le"])}
        case "too_short":
            return _("至少要有 %(many)s 项") % {"many": bounds["min_length"]}
        case "string_too_long":
            return _("最多 %(many)s 个字") % {"many": bounds["max_length"]}
        case "missing" | "string_too_short":
            return _("要填")
        case "string_pattern_mismatch":
            return _("只用小写字母、数字和下划线")
        case _:
            return _("填的内容不合规则")


@dataclass(frozen=True)
class Difference:
    """One value that differs between two bodies."""

    place: str
    before: str
    after: str


def differences(before: Sheet, after: Sheet) -> list[Difference]:
    """Return what differs, cell by cell, in the order of the pages."""
    old = {cell.name: cell for cell in before.cells()}
    found: list[Difference] = []
    names: set[str] = set()
    for cell in [*after.cells(), *before.cells()]:
        if cell.name in names:
            continue
        names.add(cell.name)
        was = old[cell.name].shown(before.edited) if cell.name in old else "–"
        now = cell.shown(after.edited)
        if was != now:
            found.append(Difference(cell.label, was, now))
    return found
