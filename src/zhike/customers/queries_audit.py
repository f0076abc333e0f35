"""Account codes and ids for the auditor, who reads which account was changed and sees nothing else of it."""

from __future__ import annotations

from collections.abc import Iterable

from zhike.customers.models import Account

REASON = "the auditor reads codes of accounts; names and everything else stay unseen"


def account_id_of(code: str) -> int | None:
    """Return the id behind an account's code."""
    return Account.objects.unscoped(reason=REASON).filter(code=code).values_list("pk", flat=True).first()


def account_codes_of(ids: Iterable[int]) -> dict[int, str]:
    """Return the codes of these accounts."""
    return dict(Account.objects.unscoped(reason=REASON).filter(pk__in=list(ids)).values_list("pk", "code"))
