"""Nobody reads without an actor: the manager that every scoped model carries. Refuses plain reading.

`Model.objects` gives rows only through `for_actor(actor)` or `unscoped(reason=…)`. Django's own machinery (unique
checks, reverse relations) uses the model's plain default manager, which no room may name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import models

from zhike.core.actor import Actor, ScopeKind

ModelType = TypeVar("ModelType", bound=models.Model)


class ScopeRequired(RuntimeError):
    """Somebody tried to read a scoped table without saying for whom."""


_membership: Callable[[Actor], Any] | None = None


def register_membership(provider: Callable[[Actor], Any]) -> None:
    """Name the query that yields the ids of the accounts of a person or team (the archive calls this once)."""
    global _membership
    _membership = provider


def memberships(actor: Actor) -> Any:
    """Return the sub-query of account ids in whose teams the actor stands."""
    if _membership is None:
        raise ScopeRequired("no room has registered account memberships")
    return _membership(actor)


class ScopedManager(models.Manager[ModelType], Generic[ModelType]):
    """A manager that refuses to read without an actor.

    Parameters
    ----------
    account, region
        Paths from the model to the account's id and to the account's region id, e.g. ``"account_id"`` and
        ``"account__region_id"``; ``"id"`` and ``"region_id"`` on the account itself.
    team
        For tables of people instead of accounts: path to the team's id. People then see their own team.
    """

    use_in_migrations = False

    def __init__(self, *, account: str = "", region: str = "region_id", team: str = "") -> None:
        super().__init__()
        self._account, self._region, self._team = account, region, team

    def get_queryset(self) -> models.QuerySet[ModelType]:
        """Refuse: reading needs an actor."""
        raise ScopeRequired(f"{self.model.__name__}.objects: use .for_actor(actor) or .unscoped(reason=…)")

    def for_actor(self, actor: Actor) -> models.QuerySet[ModelType]:
        """Return the rows the actor reaches: exactly one condition, so that one index serves it."""
        rows: models.QuerySet[ModelType] = models.QuerySet(self.model, using=self._db)
        match actor.scope:
            case ScopeKind.EVERYTHING:
                return rows
            case ScopeKind.REGIONS if actor.region_ids:
                return rows.filter(**{f"{self._region}__in": actor.region_ids})
            case ScopeKind.STAFF if self._account and actor.staff_id is not None:
                return rows.filter(**{f"{self._account}__in": memberships(actor)})
            case ScopeKind.TEAM if self._account and actor.team_id is not None:
                return rows.filter(**{f"{self._account}__in": memberships(actor)})
            case ScopeKind.STAFF | ScopeKind.TEAM if self._team and actor.team_id is not None:
                return rows.filter(**{self._team: actor.team_id})
        return rows.none()  # also where the actor lacks what the scope is made of: NULL must never match NULL

    def unscoped(self, *, reason: str) -> models.QuerySet[ModelType]:
        """Return all rows; `reason` says in words why no actor limits them (read by reviewers)."""
        if not reason.strip():
            raise ScopeRequired("unscoped reading needs a reason")
        return models.QuerySet(self.model, using=self._db)
