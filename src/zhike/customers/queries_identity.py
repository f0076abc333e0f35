"""Who else may be the same organisation, and where somebody may open an account. Tells strangers' existence only."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Func, Q, TextField, Value

from zhike.core.actor import Actor, ScopeKind, require
from zhike.customers.models import Account
from zhike.people.models import Region, Staff

SHOWN_AT_MOST = 5


@dataclass(frozen=True)
class Twins:
    """Accounts that look like the one being entered: those in the actor's reach, and how many lie outside it."""

    known: tuple[Account, ...] = ()
    strangers: int = 0

    def __bool__(self) -> bool:
        return bool(self.known) or self.strangers > 0


def twins_of(actor: Actor, *, name: str, credit_code: str) -> Twins:
    """Return the accounts with this credit code, or with this name but for the way it is written."""
    require(actor, "accounts.create")
    key = Func(Value(name), function="zhike_name_key", output_field=TextField())
    alike = Q(name_key=key)
    if credit_code:
        alike |= Q(credit_code=credit_code)
    everywhere = Account.objects.unscoped(reason="the same organisation may be in another region; only that is told")
    rows = everywhere.alias(name_key=Func(F("name"), function="zhike_name_key", output_field=TextField()))
    ids = list(rows.filter(alike).values_list("pk", flat=True)[:100])
    known = Account.objects.for_actor(actor).filter(pk__in=ids).select_related("region").order_by("code")
    found = list(known)
    return Twins(tuple(found[:SHOWN_AT_MOST]), len(ids) - len(found))


def regions_to_open_in(actor: Actor) -> list[Region]:
    """Return the regions in which the actor may open an account: their own, their team's, and all below."""
    require(actor, "accounts.create")
    regions = Region.objects.order_by("path")
    if actor.scope is ScopeKind.REGIONS:
        return list(regions.filter(pk__in=actor.region_ids))
    own = Staff.objects.unscoped(reason="the actor's own row").filter(pk=actor.staff_id or 0)
    paths = own.values_list("region__path", "team__region__path").first() or ()
    below = Q(pk__in=[])
    for path in paths:
        if path:
            below |= Q(path__startswith=path)
    return list(regions.filter(below))
