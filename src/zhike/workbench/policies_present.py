"""Sheets of rules and their versions as templates read them. Refuses to read or change anything."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.core.models import PolicyDraft, PolicyVersion
from zhike.core.policies import Family
from zhike.workbench.policies_forms import Block, Cell, Sheet, Typed
from zhike.workbench.policies_scores import weights_from, written
from zhike.workbench.policies_words import STATES, author_name, cited, name_of, part_name
from zhike_analytics.contracts.ahp import MOST_INCONSISTENT
from zhike_analytics.contracts.policies import VALUE_PARTS

SHORT_HASH = 8
FOLDED = 6  # items of a list from which on they are folded


def presented(sheet: Sheet, typed: Typed | None = None) -> list[dict[str, Any]]:
    """Return the blocks of a sheet: what stands in each cell, or what was typed and what is wrong with it."""
    items = sum(block.kind == "item" for block in sheet.blocks)
    return [_block(block, sheet, typed, number, folded=items >= FOLDED) for number, block in enumerate(sheet.blocks)]


def _block(block: Block, sheet: Sheet, typed: Typed | None, number: int, *, folded: bool) -> dict[str, Any]:
    rows: list[dict[str, Any]] = [
        {"label": row.label, "note": row.note, "cells": [cell and _cell(cell, sheet, typed) for cell in row.cells]}
        for row in block.rows
    ]
    wrong = any(cell["error"] for row in rows for cell in row["cells"] if cell)
    shown: dict[str, Any] = {
        "id": f"block-{number}", "title": block.title, "kind": block.kind, "head": block.head, "note": block.note,
        "rows": rows, "folded": folded and block.kind == "item" and not wrong, "wrong": wrong,
        **block.more,
    }  # fmt: skip
    if block.kind == "matrix":
        shown |= _matrix(rows, sheet, typed)
    if block.kind == "curve":
        held = block.more["held"]
        shown["points"] = [
            tuple(cell["shown"] for cell in pair) for pair in zip(*(row["cells"][:held] for row in rows), strict=True)
        ]
    return shown


def _cell(cell: Cell, sheet: Sheet, typed: Typed | None) -> dict[str, Any]:
    value = typed.values[cell.name] if typed else cell.typed(sheet.edited)
    return {
        "name": cell.name, "id": "p-" + cell.name.replace(".", "-").replace(":", "-"), "label": cell.label,
        "kind": cell.kind, "unit": cell.unit, "value": value, "shown": cell.shown(sheet.edited),
        "error": typed.errors.get(cell.name, "") if typed else "", "choices": cell.choices, "optional": cell.optional,
    }  # fmt: skip


def _matrix(rows: list[dict[str, Any]], sheet: Sheet, typed: Typed | None) -> dict[str, Any]:
    """Return the whole matrix: chosen comparisons above the diagonal, their inverse below, weights, consistency."""
    pairs = {
        cell["name"].removeprefix("comparisons."): str(cell["value"]) for row in rows for cell in row["cells"] if cell
    }
    if typed:  # a comparison that is none of the choices counts as what stood there
        choices = {code for row in rows for cell in row["cells"] if cell for code, _words in cell["choices"]}
        for name, value in pairs.items():
            if value not in choices:
                pairs[name] = sheet.edited["comparisons"][name]
    found = weights_from(pairs)
    for at, row in enumerate(rows):
        left = VALUE_PARTS[at]
        for place in range(at):
            other = VALUE_PARTS[place]
            row["cells"][place] = {"inverse": _inverse(pairs[f"{other}:{left}"]), "of": f"comparisons.{other}:{left}"}
        row["weight"] = f"{found.weights[left] * 100:.1f}"
        row["part"] = left
    ratio = found.consistency_ratio
    return {
        "ratio": f"{ratio:.3f}",
        "consistent": ratio <= MOST_INCONSISTENT,
        "parts": [(name, part_name(name)) for name in VALUE_PARTS],
    }


def _inverse(choice: str) -> str:
    top, _divided, bottom = choice.partition("/")
    return top if bottom == "" and top == "1" else bottom if bottom else written(1 / float(top))


# -- versions and drafts -------------------------------------------------------------------------------------------


def version_line(row: PolicyVersion, ends: date | None = None, *, replaced: bool = False) -> dict[str, Any]:
    """Return a version as lists of versions show it."""
    return {
        "pk": row.pk, "cited": cited(row.family, row.valid_from, row.revision), "valid_from": row.valid_from,
        "ends": ends, "revision": row.revision, "hash": row.body_hash[:SHORT_HASH], "whole_hash": row.body_hash,
        "author": author_name(row.author), "approver": row.approver, "note": row.note, "recorded_at": row.recorded_at,
        "replaced": replaced, "future": row.valid_from > timezone.localdate(),
    }  # fmt: skip


def history(rows: list[PolicyVersion]) -> list[dict[str, Any]]:
    """Return all versions, newest first: how long each holds, which were corrected since."""
    days = sorted({row.valid_from for row in rows})
    ends: dict[date, date | None] = dict(zip(days, [*days[1:], None], strict=False))
    latest = {row.valid_from: row.pk for row in rows}
    told = [version_line(row, ends[row.valid_from], replaced=latest[row.valid_from] != row.pk) for row in rows]
    today = timezone.localdate()
    for line in told:
        line["holds"] = (
            not line["replaced"] and line["valid_from"] <= today and (line["ends"] is None or today < line["ends"])
        )
    return told[::-1]


def draft_line(draft: PolicyDraft) -> dict[str, Any]:
    """Return a draft as lists of drafts show it."""
    return {
        "pk": draft.pk, "family": name_of(draft.family), "state": draft.state, "state_words": str(STATES[draft.state]),
        "author": draft.author, "valid_from": draft.valid_from, "note": draft.note, "updated_at": draft.updated_at,
        "remark": draft.remark, "decided_by": draft.decided_by, "edition": draft.edition,
    }  # fmt: skip


def day_words(family: Family[Any], day: date, rows: list[PolicyVersion]) -> str:
    """Return what publishing for a day means: a correction of the past, now, later, and until when."""
    today = timezone.localdate()
    begun = sorted({row.valid_from for row in rows})
    following = next((one for one in begun if one > day), None)
    words = ""
    if day in begun:
        words = _("这是对 %(day)s 起那一版的更正：原来的内容保留在沿革里，已有的结果不改，之后重算的按更正后的算。")
    elif day <= today:
        words = _("发布当天起生效，下一个周期按它计算。")
    else:
        words = _("从 %(day)s 起生效，在那之前按现行版本。")
    words %= {"day": day.isoformat()}
    if following is not None:
        words += _("只管到 %(day)s，那天已有下一个版本。") % {"day": following.isoformat()}
    return words
