"""Whose requests somebody reaches: the manager of every table of this room. Refuses plain reading, and any OR.

A manager reaches the requests of the accounts in whose team they stand, and those in which they have a part; a team's
lead likewise. Whoever works by region (agents, back office, region leads) reaches the requests of their region and of
the regions that their departments serve; since a request is only offered to departments that serve its region, a
department's people reach all that it has. Each is one condition that one index answers (docs/adr/0011-requests.md).
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.apps import apps
from django.db import models
from django.db.models import BooleanField, F, Func
from django.db.models.expressions import RawSQL

from zhike.core.actor import Actor, ScopeKind
from zhike.core.scope import ScopedManager, memberships

ModelType = TypeVar("ModelType", bound=models.Model)

REGIONS_SQL = """ARRAY(
    SELECT unnest(%s::bigint[])
    UNION SELECT below.id FROM service_departmentmember m JOIN service_department d ON d.id = m.department_id
        JOIN people_region top ON top.id = d.region_id JOIN people_region below ON starts_with(below.path, top.path)
    WHERE m.staff_id = %s AND m.until IS NULL AND d.active
)"""


class RequestManager(ScopedManager[ModelType]):
    """The manager of requests and of what hangs on them: a row is visible exactly when its request is.

    Parameters
    ----------
    request
        Path from the model to its request, e.g. ``"request"``; empty on the request itself.
    """

    def __init__(self, *, request: str = "") -> None:
        super().__init__(account="account_id", region="region_id")
        self._request = request

    def for_actor(self, actor: Actor) -> models.QuerySet[ModelType]:
        """Return the rows the actor reaches."""
        rows: models.QuerySet[ModelType] = models.QuerySet(self.model, using=self._db)
        match actor.scope:
            case ScopeKind.EVERYTHING:
                return rows
            case ScopeKind.REGIONS if actor.region_ids or actor.staff_id is not None:
                column = f"{self._request}__region_id" if self._request else "region_id"
                return rows.filter(_among(column, actor))
            case ScopeKind.STAFF if actor.staff_id is not None:
                return rows.filter(**{f"{self._request or 'pk'}__in": self._ids(actor, staff_id=actor.staff_id)})
            case ScopeKind.TEAM if actor.team_id is not None:
                return rows.filter(**{f"{self._request or 'pk'}__in": self._ids(actor, staff__team_id=actor.team_id)})
        return rows.none()

    @staticmethod
    def _ids(actor: Actor, **whose: Any) -> Any:
        requests: Any = apps.get_model("service", "Request").objects  # type: ignore[attr-defined]
        parts: Any = apps.get_model("service", "Participation").objects  # type: ignore[attr-defined]
        why = "the rows that the reach is made of"
        of_accounts = requests.unscoped(reason=why).filter(account_id__in=memberships(actor)).values("pk")
        return of_accounts.union(parts.unscoped(reason=why).filter(until=None, **whose).values("request_id"))


def _among(column: str, actor: Actor) -> Func:
    """Return ``column = ANY (ARRAY(…))``: worked out once for the statement, then one range of the index each."""
    regions = RawSQL(REGIONS_SQL, [list(actor.region_ids), actor.staff_id or 0])  # noqa: S611 constant text
    return Func(F(column), regions, template="%(expressions)s", arg_joiner=" = ANY ", output_field=BooleanField())
