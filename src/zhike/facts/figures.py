"""Figures of one account from the lake, for drilling down. Every reading has its actor and its account's scope."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models.fields.json import KT
from django.utils import timezone

from zhike.catalogue.queries import names_of_product
from zhike.core.actor import Actor, require
from zhike.core.paging import Page, keyset_page
from zhike.customers.models import Account
from zhike.facts.loading.lake import lake
from zhike.facts.models import ImportedEvent
from zhike_analytics.contracts import periods

LATEST_PAYMENT = 12  # months after its bill in which a payment is looked for


def _sees(actor: Actor, account: Account) -> None:
    """Refuse an account that is not the actor's, whoever handed it over."""
    require(actor, "accounts.view")
    Account.objects.for_actor(actor).only("pk").get(pk=account.pk)


def bill_lines(actor: Actor, account: Account, period: int) -> list[dict[str, Any]]:
    """Return the lines of a month's bills."""
    _sees(actor, account)
    rows = lake().rows("bills", periods=[period], account_code=account.code)
    return sorted(rows, key=lambda row: (row["bill_code"], row["line"]))


def cost_lines(actor: Actor, account: Account, period: int) -> list[dict[str, Any]]:
    """Return what serving the account cost in a month; only for those who may see margins."""
    require(actor, "margin.view")
    _sees(actor, account)
    return lake().rows("costs", periods=[period], account_code=account.code)


def payments_for(actor: Actor, account: Account, period: int) -> list[dict[str, Any]]:
    """Return what was paid for a month's bill; payments that name no bill count for the month before they came."""
    _sees(actor, account)
    months = periods.between(period, periods.shift(period, LATEST_PAYMENT))
    rows = lake().rows("payments", periods=months, account_code=account.code)
    paid = [row for row in rows if (row["bill_period"] or periods.shift(_month(row["paid_at"]), -1)) == period]
    return sorted(paid, key=lambda row: (row["paid_at"], row["payment_code"]))


def _month(moment: datetime) -> int:
    return periods.period_of(timezone.localtime(moment))


def timeline_of(
    actor: Actor, account: Account, *, kind: str = "", size: int = 20, cursor: str = ""
) -> Page[ImportedEvent]:
    """Return what happened, newest first; each with the names of its product, where the catalogue has it."""
    rows = ImportedEvent.objects.for_actor(actor).filter(account_id=account.pk)
    rows = rows.annotate(product_code=KT("detail__product_code"), **names_of_product("product_code"))
    if kind:
        rows = rows.filter(table=kind)
    return keyset_page(rows, ["at", "id"], descending=True, size=size, cursor=cursor)
