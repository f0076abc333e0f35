"""What was changed on an account and its rows, read from the audit for whoever sees the account. Refuses others."""

from __future__ import annotations

from zhike.core.actor import Actor, require
from zhike.core.models import AuditEntry
from zhike.customers.models import Account

VIEW = "accounts.view"


def why_closed(actor: Actor, account: Account) -> AuditEntry | None:
    """Return the entry by which a person closed the account; ``None`` where a file did."""
    require(actor, VIEW)
    if not Account.objects.for_actor(actor).filter(pk=account.pk).exists():
        return None
    rows = AuditEntry.objects.filter(table_name="customers_account", row_id=account.pk)
    return rows.filter(action="customers.close_account").order_by("-id").first()
