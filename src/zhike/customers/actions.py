"""What people change in the archive: one verb each, audited. Refuses to change what the actor cannot see."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from zhike.core.actor import Actor, require
from zhike.core.audit import audited
from zhike.core.changes import notify
from zhike.core.looks import record_look
from zhike.customers.models import Account, Contact
from zhike.customers.pinyin import pinyin_key

PERSONAL_FIELDS = ("mobile", "phone", "email", "wechat", "birthday")
EDITABLE = (
    "name", "credit_code", "short_name", "industry_section", "industry", "ownership", "size", "scope", "address",
    "employees", "network_situation", "innovation_goals", "decision_process", "latent_needs", "background",
    "service_preference",
)  # fmt: skip


class Stale(Exception):
    """Somebody else changed the row since it was shown."""


def change_account(actor: Actor, *, code: str, changes: dict[str, Any], seen_at: datetime) -> Account:
    """Change fields of an account; each changed field remembers who changed it and when.

    Parameters
    ----------
    changes
        Field: new value, only of :data:`EDITABLE`.
    seen_at
        ``updated_at`` of the row as the person saw it.

    Raises
    ------
    Account.DoesNotExist
        When the account is not the actor's to see.
    Stale
        When somebody changed it since.
    """
    require(actor, "accounts.edit")
    with audited(actor, "customers.change_account"):
        account = Account.objects.for_actor(actor).select_for_update(of=("self",)).get(code=code)
        if account.updated_at != seen_at:
            raise Stale
        changed = {
            name: value for name, value in changes.items() if name in EDITABLE and getattr(account, name) != value
        }
        if changed:
            stamp = {"source": f"staff:{actor.staff_id}", "on": datetime.now(UTC).date().isoformat()}
            for name, value in changed.items():
                setattr(account, name, value)
                account.provenance[name] = stamp
            account.pinyin_key = pinyin_key(account.name)
            account.save(update_fields=[*changed, "pinyin_key", "provenance", "updated_at"])
            notify("accounts", actor=actor, account_ids=[account.pk])
    return account


def show_personal(actor: Actor, *, contact: Contact, field: str, reason: str) -> str:
    """Write down a look at one personal field and return its value.

    Raises
    ------
    ReasonMissing, NotAllowed, KeyError
        Without a reason, without the permission, or for a field that is not personal.
    """
    if field not in PERSONAL_FIELDS:
        raise KeyError(field)
    record_look(
        actor, subject_table="customers_contact", subject_id=contact.pk, subject_name=contact.name, field=field,
        reason=reason, account_id=contact.account_id,
    )  # fmt: skip
    return str(getattr(contact, field))
