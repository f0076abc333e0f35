"""Blocks that several families of rules share: weights, curves, points for codes. Refuses to know any family."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from zhike.workbench.policies_forms import Block, Cell, Path, Row, Wrong, plain, value_at
from zhike.workbench.policies_words import CURVE_UNITS, pair, part_name

EMPTY_POINTS = 2  # empty places in a form at the end of a curve


def shares_block(title: str, body: Any, path: Path, names: Iterable[tuple[str, str]], note: str = "") -> Block:
    """Return weights that must come to 100 %; `names` are (code, words)."""
    rows = [
        Row(words, [Cell((*path, code), f"{title} · {words}", unit="%", scale=100, lowest=0, highest=1)])
        for code, words in names
    ]
    return Block(title, "shares", rows=rows, note=note, more={"sum": _sum_of(body, [row.cells[0] for row in rows])})


def check_shares(edited: Any, blocks: Sequence[Block]) -> None:
    """Refuse weights that do not come to 100 %, at the last of them."""
    errors = {}
    for block in blocks:
        cells = [cell for row in block.rows for cell in row.cells if cell is not None]
        if block.kind == "shares":
            whole = sum(value_at(edited, cell.path) for cell in cells)
            if abs(whole - 1) > 1e-9:
                errors[cells[-1].name] = _("合计 %(sum)s%%，应为 100%%") % {"sum": plain(whole * 100)}
    if errors:
        raise Wrong(errors)


def curve_block(title: str, edited: Any, path: Path, name: str, note: str = "") -> Block:
    """Return a curve as pairs of a quantity and its points, with room for further ones."""
    unit = str(CURVE_UNITS.get(name, ""))
    held = value_at(edited, path) or []
    many = range(len(held) + EMPTY_POINTS)
    quantities = [
        Cell((*path, at, "at"), _("%(title)s · 第 %(number)s 点") % {"title": title, "number": at + 1}, unit=unit,
             lowest=0, group=(*path, at))
        for at in many
    ]  # fmt: skip
    points = [
        Cell((*path, at, "points"), _("%(title)s · 第 %(number)s 点的分值") % {"title": title, "number": at + 1},
             unit=_("分"), lowest=0, highest=100, group=(*path, at))
        for at in many
    ]  # fmt: skip
    rows = [Row(unit or _("取值"), quantities), Row(_("分"), points)]
    return Block(title, "curve", rows=rows, note=note, more={"held": len(held)})


def curve_to_edit(curve: Mapping[str, list[float]]) -> list[dict[str, float]]:
    """Return a curve as the form holds it: one entry a point."""
    return [{"at": at, "points": points} for at, points in zip(curve["at"], curve["points"], strict=True)]


def curve_from_edit(held: Sequence[Mapping[str, float]], path: Path) -> dict[str, list[float]]:
    """Return a curve as the policy holds it.

    Raises
    ------
    Wrong
        At the point that does not rise, or the whole curve where it has fewer than two.
    """
    if len(held) < 2:
        raise Wrong({_name((*path, 0, "at")): _("至少要两个点")})
    for number, (left, right) in enumerate(pairwise(held), start=1):
        if right["at"] <= left["at"]:
            raise Wrong({_name((*path, number, "at")): _("要大于前一点")})
        if right["points"] < left["points"]:
            raise Wrong({_name((*path, number, "points")): _("不得低于前一点")})
    return {"at": [one["at"] for one in held], "points": [one["points"] for one in held]}


def levels_block(title: str, path: Path, names: Mapping[str, tuple[str, str]], unit: str) -> Block:
    """Return points for every code of a list."""
    rows = [
        Row(pair(words), [Cell((*path, code), f"{title} · {pair(words)}", unit=unit, lowest=0, highest=100)])
        for code, words in names.items()
    ]
    return Block(title, rows=rows)


def use_blocks(edited: Any, path: Path, classes: Mapping[str, tuple[str, str]]) -> list[Block]:
    """Return how breadth and depth over the classes become one figure."""
    return [
        shares_block(
            _("三大类业务的权重"), edited, (*path, "classes"), [(code, pair(words)) for code, words in classes.items()]
        ),
        shares_block(
            _("广度与深度"), edited, path, [("breadth", _("用了几类（广度）")), ("depth", _("用了多少（深度）"))]
        ),
    ]


def named(names: Iterable[str]) -> list[tuple[str, str]]:
    """Return parts with their words."""
    return [(name, part_name(name)) for name in names]


def _sum_of(body: Any, cells: Sequence[Cell | None]) -> str:
    values = [value_at(body, cell.path) for cell in cells if cell is not None]
    return plain(sum(one for one in values if isinstance(one, int | float)) * 100)


def _name(path: Path) -> str:
    return ".".join(str(step) for step in path)
