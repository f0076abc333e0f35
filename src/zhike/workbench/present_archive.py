"""The archive of an account in words: each field with its source and its history. Plain values in and out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from zhike.core import formatting
from zhike.core.masking import mask_name
from zhike.core.models import AuditEntry
from zhike.customers.provenance import origin_of
from zhike.customers.words import choice_name
from zhike.people.audit_words import Names, ToldChange, ToldField, told_change
from zhike_analytics.contracts import codes

CHOICES = {
    "ownership": codes.OWNERSHIP,
    "size": codes.SIZE,
    "scope": codes.SCOPE,
    "lifecycle": codes.LIFECYCLE,
    "group_kind": codes.GROUP_KIND,
    "credit_rating": codes.CREDIT_RATING,
}


@dataclass(frozen=True)
class FieldLine:
    """One field of the archive: what it says, where that came from, and what it said before."""

    label: str
    value: str
    source: str
    history: list[tuple[AuditEntry, str, ToldField]]  # entry, its action in words, from what to what


def told_entries(entries: Sequence[AuditEntry]) -> list[ToldChange]:
    """Return changes in words, personal values masked."""
    names = Names(entries)
    return [told_change(entry, names) for entry in entries]


def archive_fields(account: Any, changes: Mapping[str, list[AuditEntry]]) -> list[FieldLine]:
    """Return every field that is filled or ever was."""
    labels = [
        ("name", _("名称")), ("short_name", _("简称")), ("credit_code", _("统一社会信用代码")),
        ("legal_representative", _("法人代表")), ("region_id", _("区域")), ("industry_section", _("行业门类")),
        ("industry", _("行业大类")), ("ownership", _("单位性质")), ("size", _("规模")), ("scope", _("范围")),
        ("lifecycle", _("在网状态")), ("group_kind", _("集团层级")), ("credit_rating", _("信用级别")),
        ("employees", _("员工数")), ("registered_capital_fen", _("注册资本")), ("annual_revenue_fen", _("年营业额")),
        ("address", _("地址")), ("since", _("入网日期")), ("network_situation", _("网络与服务现状")),
        ("innovation_goals", _("技术创新目标")), ("decision_process", _("决策过程")), ("latent_needs", _("潜在需求")),
        ("background", _("背景")), ("service_preference", _("服务偏好")),
    ]  # fmt: skip
    entries = {entry.pk: entry for found in changes.values() for entry in found}
    told = {change.entry.pk: change for change in told_entries(list(entries.values()))}
    lines = []
    for column, label in labels:
        value = getattr(account, column)
        past = [
            (entry, told[entry.pk].action, next(one for one in told[entry.pk].fields if one.column == column))
            for entry in changes.get(column, [])
        ]
        if value in ("", None) and not past:
            continue
        lines.append(FieldLine(label, _shown(account, column, value), _source(account, column), past))
    return lines


def _shown(account: Any, column: str, value: Any) -> str:
    if value in ("", None):
        return formatting.NOTHING
    if column in CHOICES:
        return choice_name(CHOICES[column], value)
    if column == "region_id":
        return str(account.region.name)
    if column == "legal_representative":
        return mask_name(value)
    if column.endswith("_fen"):
        return formatting.money(value)
    return formatting.number(value) if column == "employees" else str(value)


def _source(account: Any, column: str) -> str:
    origin = origin_of(account, column.removesuffix("_id")) or {}
    kind = str(origin.get("source", "")).partition(":")[0]
    said = {"import": _("文件导入"), "staff": _("人工录入")}.get(kind, "")
    return f"{said} {origin.get('on', '')}".strip()
