"""What the head of an account shows, in one statement: scores with their trend, alerts, months, contracts.

Also what a score was made from, read back from the files of its cycle. Refuses to compute any score.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Min, OuterRef, Subquery
from django.db.models.functions import JSONObject
from pydantic import BaseModel

from zhike.core.actor import Actor, require
from zhike.core.home import folder
from zhike.core.policies import NoPolicy, body_hash, policy_at
from zhike.customers.models import Account, Contract
from zhike.insights.cycle import results_folder
from zhike.insights.models import AccountScore, AccountSeries, Alert, Cycle, Publication
from zhike.insights.policies import CYCLE_FAMILIES
from zhike.insights.queries import MonthFigures, month_figures
from zhike.insights.queries_scores import LIVE, SCORES, VIEW

FAMILY_OF = {"value": "value", "loyalty": "loyalty", "lock_in": "competitor", "tier": "tiers"}
"""Which family of rules decides what."""
_POINT = (
    *SCORES, *(f"{name}_{what}" for name in SCORES for what in ("change", "top_permille", "confidence")),
    "win_back_permille", "winnable_fen", "tier", "moved", "moved_because", "previous_tier", "quadrant", "customer",
)  # fmt: skip
_ALERT = ("rule", "level", "measure", "threshold", "unit", "stake_fen", "evidence", "since")


@dataclass(frozen=True)
class AlertLine:
    """One alert of an account, as of the day of its cycle."""

    rule: str
    level: str
    stake_fen: int | None
    since: date
    told: Mapping[str, Any]  # evidence by name, with measure, unit and threshold; days to come as dates


@dataclass(frozen=True)
class Head:
    """What the head of an account shows. `points` are its scores cycle by cycle, oldest first, in hundredths."""

    months: list[MonthFigures]
    contracts: int
    ends_on: date | None
    points: list[Mapping[str, Any]] = field(default_factory=list)
    alerts: list[AlertLine] = field(default_factory=list)

    @property
    def now(self) -> Mapping[str, Any] | None:
        """The scores that are shown; nothing before the first cycle, or for an account it did not have."""
        last = self.points[-1] if self.points else None
        return last if last and last["state"] == Cycle.State.CURRENT else None


def head_of(actor: Actor, account: Account, *, today: date, months: int = 12) -> Head:
    """Return the head of an account that the actor sees."""
    require(actor, VIEW)
    shown = Publication.objects.filter(state=Publication.State.CURRENT)
    series = AccountSeries.objects.unscoped(reason="of the account that the statement is narrowed to").filter(
        publication_id=Subquery(shown.values("pk")), account_id=OuterRef("pk")
    )
    contracts = Contract.objects.unscoped(reason="of the account that the statement is narrowed to").filter(
        account_id=OuterRef("pk")
    )
    told = (
        Account.objects.for_actor(actor)
        .filter(pk=account.pk)
        .order_by()
        .values(
            billed=Subquery(series.values("billed_fen")),
            cost=Subquery(series.values("cost_fen")),
            first_period=Subquery(shown.values("first_period")),
            last_period=Subquery(shown.values("last_period")),
            contracts=Subquery(contracts.order_by().values("account_id").annotate(n=Count("pk")).values("n")),
            ends_on=Subquery(
                contracts.filter(ends_on__gte=today).order_by().values("account_id")
                .annotate(day=Min("ends_on")).values("day")
            ),
            points=ArraySubquery(_points()),
            alerts=ArraySubquery(_alerts()),
        )
        .first()
    )  # fmt: skip
    if told is None:
        return Head([], 0, None)
    costs = told["cost"] if actor.may("margin.view") else None
    found = month_figures(told["first_period"], told["last_period"], told["billed"], costs, months)
    points = sorted(told["points"], key=lambda point: (point["cycle"]["as_of"], point["cycle_id"]))
    latest = {point["cycle"]["as_of"]: {**point, **point["cycle"]} for point in points}
    return Head(
        months=found,
        contracts=told["contracts"] or 0,
        ends_on=told["ends_on"],
        points=list(latest.values()),
        alerts=sorted((_alert_line(one) for one in told["alerts"]), key=_worst_first),
    )


def _points() -> Any:
    cycle = Cycle.objects.filter(pk=OuterRef("cycle_id")).values(
        told=JSONObject(as_of="as_of", last_period="last_period", state="state")
    )
    rows = AccountScore.objects.unscoped(reason="of the account that the statement is narrowed to")
    kept = Cycle.objects.filter(state__in=LIVE).values("pk")
    return rows.filter(account_id=OuterRef("pk"), cycle_id__in=kept).values(
        told=JSONObject(cycle_id="cycle_id", cycle=Subquery(cycle), **{name: name for name in _POINT})
    )


def _alerts() -> Any:
    now = Cycle.objects.filter(state=Cycle.State.CURRENT)
    rows = Alert.objects.unscoped(reason="of the account that the statement is narrowed to")
    return rows.filter(account_id=OuterRef("pk"), cycle_id=Subquery(now.values("pk"))).values(
        told=JSONObject(as_of=Subquery(now.values("as_of")), **{name: name for name in _ALERT})
    )


def _alert_line(one: Mapping[str, Any]) -> AlertLine:
    told = {**one["evidence"], **{name: one[name] for name in ("measure", "unit", "threshold")}}
    if told.get("contract_ends_in") is not None:
        told["ends_on"] = (date.fromisoformat(one["as_of"]) + timedelta(days=told["contract_ends_in"])).isoformat()
    return AlertLine(one["rule"], one["level"], one["stake_fen"], date.fromisoformat(one["since"]), told)


def _worst_first(one: AlertLine) -> tuple[bool, int, str]:
    return one.level != "red", -(one.stake_fen or 0), one.rule


def inputs_of(actor: Actor, account: Account, cycle: Cycle) -> dict[str, Any]:
    """Return the features from which a cycle scored an account, by name; nothing where its files are gone.

    Reads one group of rows of a file: for the page that explains, not for lists.
    """
    require(actor, VIEW)
    from zhike_analytics.engines.frames import open_engine, read_between  # the engine loads where it works

    file = results_folder(cycle.pk) / "result" / "features.parquet"
    seen = Account.objects.for_actor(actor).filter(pk=account.pk).exists()
    if not seen or not file.exists():
        return {}
    with tempfile.TemporaryDirectory(prefix="why-", dir=folder("tmp")) as scratch, open_engine(Path(scratch)) as engine:
        rows = read_between(engine, file, account.code, account.code).to_pylist()
    return rows[0] if rows else {}


def rules_of(cycle: Cycle, family: str) -> BaseModel | None:
    """Return the very rules by which a cycle decided, or nothing where that version can no longer be found."""
    cited = cycle.policies.get(family, {}).get("hash")
    held = CYCLE_FAMILIES[family]
    try:
        found = policy_at(held, cycle.as_of, known=cycle.started_at)
    except NoPolicy:
        pass
    else:
        if found.body_hash == cited:
            return found.body
    # Rules from before any were planted; their file is read only then, it costs more than the rest of a page.
    return next((body for _since, body in held.seed_versions() if body_hash(body) == cited), None)
