"""The four books of the auditor: rows, filters, words on a page and cells in a workbook. Refuses changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from zhike.core.actor import Actor
from zhike.core.audit_queries import (
    ACCOUNT_CODES,
    AuditFilter,
    action_words,
    change_entries,
    look_entries,
    run_entries,
)
from zhike.core.masking import mask_name
from zhike.core.models import AuditEntry, Look, Run
from zhike.core.spreadsheets import Head
from zhike.people.audit_words import Names, column_label, table_words, told_change
from zhike.people.models import SecurityEvent
from zhike.people.queries import security_events

EVENT_KINDS = dict(SecurityEvent.Kind.choices)
METHODS = {
    "password": _("密码"),
    "totp": _("密码和验证器"),
    "webauthn": _("通行密钥"),
    "recovery_codes": _("密码和恢复码"),
    "company": _("企业账号"),
    "one_time_code": _("一次性口令已过期"),
}
ACTIONS = {
    "people.create_person": _("新建人员"),
    "people.change_person": _("修改人员"),
    "people.deactivate_person": _("停用人员"),
    "people.reactivate_person": _("恢复人员"),
    "people.issue_code": _("发放一次性口令"),
    "people.open_company_sign_in": _("开通企业账号登录"),
    "people.unlock_person": _("解除锁定"),
    "people.remove_second_factors": _("清除第二步验证"),
    "people.save_region": _("保存区域"),
    "people.save_team": _("保存班组"),
    "unknown": _("直接改库"),
    "export.audit.changes": _("导出审计：改了什么"),
    "export.audit.looks": _("导出审计：看了谁的个人信息"),
    "export.audit.sign_ins": _("导出审计：登录与失败"),
    "export.audit.work": _("导出审计：导入与导出"),
}


@dataclass(frozen=True)
class Book:
    """One book: `rows` finds entries for an auditor, `told` puts them into words, `cells` into a workbook."""

    title: Any
    fields: tuple[str, ...]
    keys: tuple[str, ...]
    rows: Callable[[Actor, AuditFilter], QuerySet[Any]]
    told: Callable[[Sequence[Any]], list[dict[str, Any]]]
    heads: tuple[Head, ...]
    cells: Callable[[dict[str, Any]], Sequence[Any]]


def account_codes(entries: Iterable[Any]) -> dict[int, str]:
    """Return the codes of the accounts that entries speak of."""
    return ACCOUNT_CODES.codes({entry.account_id for entry in entries if entry.account_id is not None})


def told_changes(entries: Sequence[AuditEntry]) -> list[dict[str, Any]]:
    """Return changes in words, personal values masked."""
    names, codes = Names(entries), account_codes(entries)
    return [
        {"change": told_change(entry, names), "entry": entry, "code": codes.get(entry.account_id or 0, "")}
        for entry in entries
    ]


def told_looks(entries: Sequence[Look]) -> list[dict[str, Any]]:
    """Return looks in words; the person looked at stays masked, a colleague does not."""
    codes = account_codes(entries)
    return [
        {
            "entry": entry,
            "table": table_words(entry.subject_table),
            "field": column_label(entry.subject_table, entry.field),
            "subject": entry.subject_name if entry.subject_table == "people_staff" else mask_name(entry.subject_name),
            "code": codes.get(entry.account_id or 0, ""),
        }
        for entry in entries
    ]


def told_events(entries: Sequence[SecurityEvent]) -> list[dict[str, Any]]:
    """Return what happened to sign-ins in words."""
    return [
        {"entry": entry, "what": EVENT_KINDS[entry.kind], "how": METHODS.get(entry.method, entry.method)}
        for entry in entries
    ]


def told_work(entries: Sequence[Run]) -> list[dict[str, Any]]:
    """Return long work and exports in words."""
    return [{"entry": entry, "what": action_words(entry.kind), "rows": entry.result.get("rows")} for entry in entries]


def _written(change: Any) -> str:
    return "\n".join(f"{field.label}: {field.before} → {field.after}" for field in change.fields)


BOOKS = {
    "changes": Book(
        title=_("改了什么"),
        fields=("person", "account", "action", "table", "since", "until"),
        keys=("id",),
        rows=change_entries,
        told=told_changes,
        heads=(
            Head(_("时间"), 19),
            Head(_("谁")),
            Head(_("动作"), 18),
            Head(_("对象"), 18),
            Head(_("客户编号")),
            Head(_("编号"), 10),
            Head(_("从什么变成什么"), 60),
            Head(_("原因"), 30),
        ),
        cells=lambda row: (
            row["entry"].at,
            row["entry"].actor_name,
            row["change"].action,
            f"{row['change'].operation} {row['change'].table}",
            row["code"],
            row["entry"].row_id,
            _written(row["change"]),
            row["entry"].reason,
        ),
    ),
    "looks": Book(
        title=_("看了谁的个人信息"),
        fields=("person", "account", "since", "until"),
        keys=("id",),
        rows=look_entries,
        told=told_looks,
        heads=(
            Head(_("时间"), 19),
            Head(_("谁")),
            Head(_("看了谁")),
            Head(_("编号"), 10),
            Head(_("哪一项")),
            Head(_("客户编号")),
            Head(_("为什么"), 40),
        ),
        cells=lambda row: (
            row["entry"].at,
            row["entry"].actor_name,
            f"{row['table']} {row['subject']}",
            row["entry"].subject_id,
            row["field"],
            row["code"],
            row["entry"].reason,
        ),
    ),
    "sign_ins": Book(
        title=_("登录与失败"),
        fields=("person", "kind", "since", "until"),
        keys=("id",),
        rows=security_events,
        told=told_events,
        heads=(
            Head(_("时间"), 19),
            Head(_("登录名"), 18),
            Head(_("事"), 18),
            Head(_("方式"), 18),
            Head(_("地址"), 18),
            Head(_("设备"), 60),
            Head(_("经手")),
        ),
        cells=lambda row: (
            row["entry"].at,
            row["entry"].name,
            row["what"],
            row["how"],
            row["entry"].address,
            row["entry"].agent,
            row["entry"].by_name,
        ),
    ),
    "work": Book(
        title=_("导入与导出"),
        fields=("person", "action", "since", "until"),
        keys=("created_at", "id"),
        rows=run_entries,
        told=told_work,
        heads=(Head(_("时间"), 19), Head(_("谁")), Head(_("做了什么"), 24), Head(_("行数"), 10), Head(_("结果"))),
        cells=lambda row: (
            row["entry"].created_at,
            row["entry"].started_by_name,
            row["what"],
            row["rows"],
            row["entry"].get_state_display(),
        ),
    ),
}
