"""Figures of one account from the lake, for drilling down. Every reading has its actor and its account's scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from zhike.core.actor import Actor, require
from zhike.core.paging import Page, keyset_page
from zhike.customers.models import Account
from zhike.facts.loading.lake import lake
from zhike.facts.models import ImportedEvent
from zhike_analytics.contracts import periods


@dataclass(frozen=True)
class MonthFigures:
    """What one month brought and cost, in fen; `cost_fen` is unknown where no cost was loaded."""

    period: int
    billed_fen: int
    cost_fen: int | None

    @property
    def margin_fen(self) -> int | None:
        """Billed less cost."""
        return None if self.cost_fen is None else self.billed_fen - self.cost_fen


def _sees(actor: Actor, account: Account) -> None:
    """Refuse an account that is not the actor's, whoever handed it over."""
    require(actor, "accounts.view")
    Account.objects.for_actor(actor).only("pk").get(pk=account.pk)


def months_of(actor: Actor, account: Account, *, today: date, months: int = 12) -> list[MonthFigures]:
    """Return the last `months` complete months that hold bills, oldest first; empty when there are none."""
    _sees(actor, account)
    last = periods.shift(periods.period_of(today), -1)
    wanted = periods.between(periods.shift(last, 1 - months), last)
    billed = _by_month("bills", account.code, wanted)
    cost = _by_month("costs", account.code, wanted) if actor.may("margin.view") else {}
    return [MonthFigures(period, billed[period], cost.get(period)) for period in wanted if period in billed]


def _by_month(table: str, code: str, wanted: list[int]) -> dict[int, int]:
    rows = lake().rows(table, periods=wanted, columns=("period", "amount_fen"), limit=100_000, account_code=code)
    sums: dict[int, int] = {}
    for row in rows:
        sums[row["period"]] = sums.get(row["period"], 0) + row["amount_fen"]
    return sums


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


def timeline_of(
    actor: Actor, account: Account, *, kind: str = "", size: int = 20, cursor: str = ""
) -> Page[ImportedEvent]:
    """Return what happened, newest first."""
    rows = ImportedEvent.objects.for_actor(actor).filter(account_id=account.pk)
    if kind:
        rows = rows.filter(table=kind)
    return keyset_page(rows, ["at", "id"], descending=True, size=size, cursor=cursor)
