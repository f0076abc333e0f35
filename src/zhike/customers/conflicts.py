"""What a person sees when somebody else saved first: who changed what, with their own typing kept. Changes no row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from zhike.core import formatting
from zhike.core.models import AuditEntry
from zhike.people.audit_words import Names, told_change


def settled(form: Any, row: Any, typed: QueryDict, entries: Sequence[AuditEntry]) -> QueryDict:
    """Return what was typed, brought up to date: fields that only somebody else touched take the new value.

    Saving again then writes what the person sees, over the newest state of the row.
    """
    found = typed.copy()
    start = form.start(row, entries[-1].pk if entries else 0)
    before: dict[str, Any] = {}
    for entry in entries:
        for column, value in (entry.before or {}).items():
            before.setdefault(column, value)
    for column, value in before.items():
        name = column.removesuffix("_fen") if column.removesuffix("_fen") in form.money else column
        if name in start and found.get(name, "") == _text(form.shown(name, _as_kept(row, column, value))):
            found[name] = _text(start[name])
    found["seen_at"] = start["seen_at"]
    if entries:
        found["seen_entry"] = str(start["seen_entry"])
    return found


def told(entries: Sequence[AuditEntry]) -> list[str]:
    """Return who changed what, one line each, personal values masked; then what saving again will do."""
    names = Names(entries)
    lines = [_("您打开这一页之后，有人先保存了：")]
    for entry in entries:
        for field in told_change(entry, names).fields:
            lines.append(
                _("%(who)s 在 %(when)s 把“%(field)s”从“%(before)s”改成“%(after)s”。")
                % {
                    "who": entry.actor_name,
                    "when": formatting.short_moment(entry.at),
                    "field": field.label,
                    "before": field.before,
                    "after": field.after,
                }
            )
    lines.append(_("您没动过的项已换成新值，您填的都还在。核对后再保存，就以这一页为准。"))
    return lines


def _as_kept(row: Any, column: str, value: Any) -> Any:
    """Return a value of the audit as the model holds it."""
    field = next(one for one in row._meta.concrete_fields if one.column == column)
    return (field.target_field if field.is_relation else field).to_python(value)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
