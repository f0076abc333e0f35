"""What was changed on an account and its rows, read from the audit for whoever sees the account. Refuses others.

The audit itself is the auditor's; here a page of one account asks for its own part of it.
"""

from __future__ import annotations

from collections import defaultdict

from django.db.models import QuerySet

from zhike.core.actor import Actor, require
from zhike.core.audit_queries import newest_page
from zhike.core.models import AuditEntry
from zhike.core.paging import Page
from zhike.customers.models import Account

VIEW = "accounts.view"
READ_AT_MOST = 400  # changes of one account's own fields; more have never been seen


def _entries(actor: Actor, account: Account) -> QuerySet[AuditEntry]:
    require(actor, VIEW)
    seen = Account.objects.for_actor(actor).filter(pk=account.pk).values("pk")
    return AuditEntry.objects.filter(account_id__in=seen, table_name__startswith="customers_")


def field_changes(actor: Actor, account: Account) -> dict[str, list[AuditEntry]]:
    """Return the changes of each column of the account itself, the latest first; its beginning is none."""
    rows = _entries(actor, account).filter(table_name="customers_account", row_id=account.pk, operation="U")
    found: dict[str, list[AuditEntry]] = defaultdict(list)
    for entry in rows.order_by("-id")[:READ_AT_MOST]:
        for column in entry.after or {}:
            found[column].append(entry)
    return dict(found)


def changes_page(actor: Actor, account: Account, *, size: int, cursor: str = "") -> Page[AuditEntry]:
    """Return one page of everything that was changed on the account and its rows, the latest first.

    Raises
    ------
    CursorInvalid
        When the cursor is damaged.
    """
    return newest_page(_entries(actor, account), ["id"], size=size, cursor=cursor)


def why_closed(actor: Actor, account: Account) -> AuditEntry | None:
    """Return the entry by which a person closed the account; ``None`` where a file did."""
    rows = _entries(actor, account).filter(table_name="customers_account", row_id=account.pk)
    return rows.filter(action="customers.close_account").order_by("-id").first()
