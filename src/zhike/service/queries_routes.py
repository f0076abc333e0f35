"""To whom a need goes: the function that policy names for its class, and who has it. Offers nothing."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from zhike.core.actor import Actor, require
from zhike.core.policies import policy_at
from zhike.customers.models import Account
from zhike.service.models import Department, Request
from zhike.service.policies_needs import NEED_ROUTES
from zhike.service.queries_departments import serving
from zhike.service.standing import Standing

GOVERNMENT = ("military", "government", "institution")


def departments_for_need(need: Standing | Request, region_id: int) -> QuerySet[Department]:
    """Return the departments that answer a need of this class, the nearest first."""
    routes = policy_at(NEED_ROUTES, timezone.localdate()).body
    function = routes.function_for(
        need.need_scope or "company", need.need_side or _side_of(need.account_id), need.need_class
    )
    return serving(region_id).filter(function=function)


def suggested_departments(actor: Actor, request: Request) -> list[Department]:
    """Return to whom a request may be offered, the standard route of a need first, then all that serve its region."""
    require(actor, "requests.view")
    first = list(departments_for_need(request, request.region_id)) if request.kind == "need" else []
    known = {one.pk for one in first}
    return [*first, *(one for one in serving(request.region_id) if one.pk not in known)]


def _side_of(account_id: int | None) -> str:
    accounts = Account.objects.unscoped(reason="the nature of the organisation behind a request that the actor reaches")
    ownership = accounts.filter(pk=account_id or 0).values_list("ownership", flat=True).first()
    return "government" if ownership in GOVERNMENT else "enterprise"
