"""What an actor may read of cycles: scores, alerts, tiers of an account, the runs themselves. Refuses to compute any.

Rows of earlier cycles are read through the account only: where it stood then does not say who may see it now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, IntegerField, Min, QuerySet, Value, When

from zhike.core.actor import Actor, require
from zhike.customers.models import Account
from zhike.insights.models import AccountScore, AccountTier, Alert, Cycle

VIEW = "accounts.view"
VIEW_RUNS, START = "cycles.view", "cycles.run"
SCORES = ("value", "loyalty", "lock_in")
BASE = {"value": 5000, "loyalty": 5000, "lock_in": 0}
"""What each score begins with, in hundredths of a point; its signed parts are added."""
LIVE = (Cycle.State.CURRENT, Cycle.State.OLD)
LEVELS = ("red", "yellow")
RED_FIRST = Case(When(level="red", then=Value(0)), default=Value(1), output_field=IntegerField())


@dataclass(frozen=True)
class ScoreOf:
    """One score of an account, in hundredths of a point: what it is made of and what could not be known.

    ``parts`` are signed, with nothing for a part that is unknown; ``top_permille`` says among which first thousandths
    of all accounts it stands; ``change`` is against the last cycle of an earlier month.
    """

    name: str
    total: int | None
    base: int
    confidence: int
    parts: Mapping[str, int | None]
    unknown: tuple[str, ...]
    change: int | None
    top_permille: int | None


@dataclass(frozen=True)
class ScoresOf:
    """The scores of an account in one cycle, with its tier and why."""

    cycle: Cycle
    row: AccountScore
    value: ScoreOf
    loyalty: ScoreOf
    lock_in: ScoreOf

    def __iter__(self) -> Any:
        """Yield the three scores."""
        return iter((self.value, self.loyalty, self.lock_in))


@dataclass(frozen=True)
class ScorePoint:
    """Scores of an account at one cycle, for its trend."""

    as_of: date
    last_period: int | None
    value: int | None
    loyalty: int | None
    lock_in: int | None
    tier: str


def latest_cycle() -> Cycle | None:
    """Return the cycle whose results pages show."""
    return Cycle.objects.filter(state=Cycle.State.CURRENT).first()


def first_result_day() -> date | None:
    """Return the day of the oldest cycle that has a result: its rules must hold from then on."""
    found: date | None = Cycle.objects.filter(state__in=(*LIVE, Cycle.State.DROPPED)).aggregate(day=Min("as_of"))["day"]
    return found


def scores_of(actor: Actor, account: Account, cycle: Cycle | None = None) -> ScoresOf | None:
    """Return the scores of an account in a cycle (by default the one shown), or nothing without one."""
    require(actor, VIEW)
    cycle = cycle or latest_cycle()
    if cycle is None or cycle.state not in LIVE:
        return None
    row = _rows_of(actor, account).filter(cycle_id=cycle.pk).first()
    if row is None:
        return None
    found = {name: _score(row, name, cycle.parts.get(name, [])) for name in SCORES}
    return ScoresOf(cycle, row, found["value"], found["loyalty"], found["lock_in"])


def trend_of(actor: Actor, account: Account) -> list[ScorePoint]:
    """Return the scores of an account over the cycles that are kept, oldest first."""
    require(actor, VIEW)
    kept = {one.pk: one for one in Cycle.objects.filter(state__in=LIVE).defer("about")}
    rows = _rows_of(actor, account).filter(cycle_id__in=list(kept))
    points = [
        ScorePoint(
            kept[row.cycle_id].as_of, kept[row.cycle_id].last_period, row.value, row.loyalty, row.lock_in, row.tier
        )
        for row in sorted(rows, key=lambda row: (kept[row.cycle_id].as_of, row.cycle_id))
    ]
    return list({point.as_of: point for point in points}.values())


def alerts_of(actor: Actor, account: Account, cycle: Cycle | None = None) -> list[Alert]:
    """Return the alerts of an account in a cycle (by default the one shown): red ones first, then by money at stake."""
    require(actor, VIEW)
    cycle = cycle or latest_cycle()
    if cycle is None or cycle.state not in LIVE:
        return []
    rows = Alert.objects.unscoped(reason="narrowed to an account that the actor sees").filter(
        cycle_id=cycle.pk, account_id=account.pk, account_id__in=_seen(actor, account)
    )
    return list(rows.order_by(RED_FIRST, "-stake_fen", "rule"))


def current_alerts(actor: Actor) -> QuerySet[Alert]:
    """Return the alerts of all accounts that the actor sees, in the cycle that is shown."""
    require(actor, VIEW)
    cycle = latest_cycle()
    return Alert.objects.for_actor(actor).filter(cycle_id=cycle.pk if cycle else -1)


def tier_history_of(actor: Actor, account: Account) -> list[AccountTier]:
    """Return the tiers of an account, newest first."""
    require(actor, VIEW)
    rows = AccountTier.objects.for_actor(actor).filter(account_id=account.pk)
    return list(rows.select_related("cycle").order_by("-valid_from"))


def moved_since(actor: Actor, since: date, *, limit: int = 200) -> list[AccountTier]:
    """Return the moves up and down of accounts that the actor sees after a day, newest first."""
    require(actor, VIEW)
    rows = AccountTier.objects.for_actor(actor).filter(valid_from__gt=since, moved__in=("up", "down"))
    return list(rows.select_related("account", "cycle").order_by("-valid_from", "tier", "account_id")[:limit])


def cycles(actor: Actor, *, limit: int = 60) -> list[Cycle]:
    """Return the runs, newest first."""
    require(actor, VIEW_RUNS)
    return list(Cycle.objects.select_related("run").order_by("-pk")[:limit])


def cycle_of(actor: Actor, pk: int) -> Cycle | None:
    """Return one run."""
    require(actor, VIEW_RUNS)
    return Cycle.objects.select_related("run", "previous", "compared_with").filter(pk=pk).first()


def moved_in(actor: Actor, cycle: Cycle, *, limit: int = 100) -> list[AccountTier]:
    """Return the tiers that rose or fell on the day of a run, of accounts that the actor sees: highest tiers first."""
    require(actor, VIEW_RUNS)
    rows = AccountTier.objects.for_actor(actor).filter(valid_from=cycle.as_of, moved__in=("up", "down"))
    return list(rows.select_related("account").order_by("tier", "moved", "account_id")[:limit])


def _seen(actor: Actor, account: Account) -> Any:
    return Account.objects.for_actor(actor).filter(pk=account.pk).values("pk")


def _rows_of(actor: Actor, account: Account) -> QuerySet[AccountScore]:
    rows = AccountScore.objects.unscoped(reason="narrowed to an account that the actor sees")
    return rows.filter(account_id=account.pk, account_id__in=_seen(actor, account))


def _score(row: AccountScore, name: str, parts: Sequence[str]) -> ScoreOf:
    values = getattr(row, f"{name}_parts")
    unknown = getattr(row, f"{name}_unknown")
    return ScoreOf(
        name=name,
        total=getattr(row, name),
        base=BASE[name],
        confidence=getattr(row, f"{name}_confidence"),
        parts=dict(zip(parts, values, strict=True)),
        unknown=tuple(unknown.split(",")) if unknown else (),
        change=getattr(row, f"{name}_change"),
        top_permille=getattr(row, f"{name}_top_permille"),
    )
