"""What an actor may read of the archive. Every function needs an actor; refuses figures of months."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from zhike.core.actor import Actor, ScopeKind, require
from zhike.core.paging import Page, keyset_page
from zhike.customers.models import (
    Account,
    AssociationMembership,
    CompetitorHolding,
    Contact,
    Contract,
    MemberLine,
    Site,
    Subscription,
    SupplyLink,
    TeamMembership,
)
from zhike.people.models import Region
from zhike_analytics.contracts import codes

VIEW = "accounts.view"
SORTS = {"name": "pinyin_key", "code": "code", "tier": "tier", "lifecycle": "lifecycle"}
COUNT_STOPS_AT = 1001
CHOICES = {
    "tier": codes.TIER,
    "ownership": codes.OWNERSHIP,
    "size": codes.SIZE,
    "lifecycle": codes.LIFECYCLE,
}
SUFFIX = re.compile(r"(股份)?(有限)?(责任)?公司$")


@dataclass(frozen=True)
class AccountFilter:
    """What the list is narrowed to; empty parts narrow nothing."""

    text: str = ""
    chosen: dict[str, tuple[str, ...]] = field(default_factory=dict)
    region: int | None = None
    contract_ends_before: date | None = None
    decider_unknown: bool = False


def _narrowed(actor: Actor, wanted: AccountFilter) -> QuerySet[Account]:
    rows = Account.objects.for_actor(actor)
    text = wanted.text.strip().replace("\0", "")
    if text:
        core = SUFFIX.sub("", text) or text
        rows = rows.filter(
            Q(name__contains=core)
            | Q(short_name__contains=core)
            | Q(code__istartswith=text)
            | Q(credit_code__iexact=text)
            | Q(pinyin_key__istartswith=text)
        )
    for name, values in wanted.chosen.items():
        if values and name in CHOICES:
            rows = rows.filter(**{f"{name}__in": values})
    if wanted.region is not None:
        path = Region.objects.filter(pk=wanted.region).values_list("path", flat=True).first()
        rows = rows.filter(region__path__startswith=path) if path else rows.none()
    if wanted.contract_ends_before is not None:
        ending = Contract.objects.unscoped(reason="narrowed by the scoped accounts around it").filter(
            ends_on__gte=date.today(), ends_on__lte=wanted.contract_ends_before
        )
        rows = rows.filter(pk__in=ending.values("account_id"))
    if wanted.decider_unknown:
        known = Contact.objects.unscoped(reason="narrowed by the scoped accounts around it").filter(
            decision_role="decides", tie_strength__gte=1
        )
        rows = rows.exclude(pk__in=known.values("account_id"))
    return rows


def _with_row_facts(rows: QuerySet[Account]) -> QuerySet[Account]:
    leads = TeamMembership.objects.unscoped(reason="rows of accounts that are scoped already").filter(
        valid_to=None, duty=TeamMembership.Duty.LEAD
    )
    contracts = Contract.objects.unscoped(reason="rows of accounts that are scoped already").filter(
        ends_on__gte=date.today()
    )
    return rows.select_related("region").prefetch_related(
        Prefetch("team_memberships", leads.select_related("staff"), to_attr="lead_rows"),
        Prefetch("contract_set", contracts.order_by("ends_on"), to_attr="running_contracts"),
    )


def accounts_page(
    actor: Actor, wanted: AccountFilter, *, sort: str, descending: bool, size: int, cursor: str = ""
) -> Page[Account]:
    """Return one page of accounts with their region, lead manager and running contracts.

    Raises
    ------
    CursorInvalid
        When the cursor is damaged.
    """
    require(actor, VIEW)
    rows = _with_row_facts(_narrowed(actor, wanted))
    return keyset_page(rows, [SORTS[sort], "id"], descending=descending, size=size, cursor=cursor)


def accounts_count(actor: Actor, wanted: AccountFilter) -> int:
    """Return how many accounts there are, counting no further than :data:`COUNT_STOPS_AT`."""
    require(actor, VIEW)
    return len(_narrowed(actor, wanted).order_by().values_list("pk", flat=True)[:COUNT_STOPS_AT])


def accounts_for_export(
    actor: Actor, wanted: AccountFilter, *, sort: str, descending: bool, limit: int
) -> Sequence[Account]:
    """Return the accounts of a list in its order, for a workbook."""
    require(actor, "accounts.export")
    key = SORTS[sort]
    order = [f"-{key}", "-id"] if descending else [key, "id"]
    return list(_with_row_facts(_narrowed(actor, wanted)).order_by(*order)[:limit])


def regions_of(actor: Actor) -> list[Region]:
    """Return the regions by which the actor may narrow the list, the top ones first."""
    regions = Region.objects.order_by("path")
    if actor.scope is ScopeKind.REGIONS:
        regions = regions.filter(pk__in=actor.region_ids)
    elif actor.scope is not ScopeKind.EVERYTHING:
        regions = regions.filter(pk__in=Account.objects.for_actor(actor).values("region_id"))
    return list(regions[:300])


def account_by_code(actor: Actor, code: str) -> Account | None:
    """Return the account, or nothing when there is none or it is not the actor's to see."""
    require(actor, VIEW)
    if "\0" in code:
        return None
    return Account.objects.for_actor(actor).select_related("region", "parent").filter(code=code).first()


def team_of(actor: Actor, account: Account) -> list[TeamMembership]:
    """Return who of ours serves the account now, the lead first."""
    rows = TeamMembership.objects.for_actor(actor).filter(account_id=account.pk, valid_to=None)
    order = {"lead": 0, "backup": 1, "service": 2}
    return sorted(rows.select_related("staff", "team"), key=lambda row: (order[row.duty], row.pk))


def contacts_of(actor: Actor, account: Account) -> list[Contact]:
    """Return the account's people, deciders first."""
    order = {"decides": 0, "influences": 1, "uses": 2, "handles": 3}
    rows = Contact.objects.for_actor(actor).filter(account_id=account.pk).select_related("tie_staff")
    return sorted(rows, key=lambda row: (order.get(row.decision_role, 9), row.code))


def contact_of(actor: Actor, account: Account, contact_id: int) -> Contact | None:
    """Return one of the account's people."""
    return Contact.objects.for_actor(actor).filter(account_id=account.pk, pk=contact_id).first()


def sites_of(actor: Actor, account: Account) -> list[Site]:
    """Return where the account works."""
    return list(Site.objects.for_actor(actor).filter(account_id=account.pk).order_by("code"))


def contracts_of(actor: Actor, account: Account) -> list[Contract]:
    """Return the account's contracts, the latest end first."""
    return list(Contract.objects.for_actor(actor).filter(account_id=account.pk).order_by("-ends_on", "code"))


def member_lines_of(actor: Actor, account: Account, *, size: int, cursor: str = "") -> Page[MemberLine]:
    """Return one page of the employees' lines."""
    rows = MemberLine.objects.for_actor(actor).filter(account_id=account.pk)
    return keyset_page(rows, ["number", "id"], descending=False, size=size, cursor=cursor)


def member_line_counts(actor: Actor, account: Account) -> dict[str, int]:
    """Return how many active lines the account pays for and how many their members pay for themselves."""
    rows = MemberLine.objects.for_actor(actor).filter(account_id=account.pk, status__in=["active", ""])
    return {row["paid_by"] or "unknown": row["n"] for row in rows.values("paid_by").annotate(n=Count("id")).order_by()}


@dataclass(frozen=True)
class ClassHoldings:
    """One business class: ours and competitors' side by side."""

    key: str
    ours: list[Subscription]
    theirs: list[CompetitorHolding]

    @property
    def ours_fen(self) -> int:
        """What we are paid a month."""
        return sum(one.monthly_fee_fen or 0 for one in self.ours)

    @property
    def theirs_fen(self) -> int:
        """What competitors are known to be paid a month."""
        return sum(one.monthly_fee_fen or 0 for one in self.theirs)

    @property
    def our_share(self) -> float | None:
        """Our part of the known spending; unknown when nothing is."""
        whole = self.ours_fen + self.theirs_fen
        return self.ours_fen / whole if whole else None

    @property
    def pairs(self) -> list[tuple[Subscription | None, CompetitorHolding | None]]:
        """Rows of the two-sided table."""
        length = max(len(self.ours), len(self.theirs))
        left: list[Any] = [*self.ours, *[None] * (length - len(self.ours))]
        right: list[Any] = [*self.theirs, *[None] * (length - len(self.theirs))]
        return list(zip(left, right, strict=True))


def holdings_of(actor: Actor, account: Account) -> list[ClassHoldings]:
    """Return what the account uses, by business class, ours beside competitors'."""
    ours = list(
        Subscription.objects.for_actor(actor)
        .filter(account_id=account.pk)
        .exclude(status="ended")
        .select_related("product")
        .order_by("-monthly_fee_fen", "code")
    )
    theirs = list(
        CompetitorHolding.objects.for_actor(actor).filter(account_id=account.pk).order_by("-monthly_fee_fen", "code")
    )
    return [
        ClassHoldings(
            key,
            [one for one in ours if one.product.business_class == key],
            [one for one in theirs if one.business_class == key],
        )
        for key in codes.BUSINESS_CLASS
    ]


def associations_of(actor: Actor, account: Account) -> list[AssociationMembership]:
    """Return the associations the account belongs to."""
    return list(AssociationMembership.objects.for_actor(actor).filter(account_id=account.pk).order_by("association"))


def suppliers_of(actor: Actor, account: Account) -> list[SupplyLink]:
    """Return who supplies the account, the largest first."""
    rows = SupplyLink.objects.for_actor(actor).filter(account_id=account.pk)
    return list(rows.order_by("-annual_amount_fen", "supplier_name")[:50])


@dataclass(frozen=True)
class GroupMember:
    """One organisation of a group as the actor may know it: figures only where it is in scope."""

    code: str
    name: str
    depth: int
    in_scope: bool


def group_of(actor: Actor, account: Account) -> list[GroupMember]:
    """Return the whole group the account belongs to, headquarters first, each member once.

    Names of members out of scope are shown to whoever serves one of the group; nothing else of them is.
    """
    everybody = Account.objects.unscoped(reason="a group's tree is shown whole to whoever serves one of its members")
    top, seen = account, {account.pk}
    while top.parent_id and top.parent_id not in seen:
        seen.add(top.parent_id)
        top = everybody.get(pk=top.parent_id)
    levels: list[tuple[Account, int]] = [(top, 0)]
    frontier, depth, known = [top.pk], 0, {top.pk}
    while frontier and depth < 8:
        depth += 1
        children = list(everybody.filter(parent_id__in=frontier).order_by("code")[:500])
        children = [child for child in children if child.pk not in known]
        known |= {child.pk for child in children}
        levels += [(child, depth) for child in children]
        frontier = [child.pk for child in children]
    visible = set(Account.objects.for_actor(actor).filter(pk__in=known).values_list("pk", flat=True))
    return [GroupMember(one.code, one.name, level, one.pk in visible) for one, level in _in_tree_order(levels)]


def _in_tree_order(levels: list[tuple[Account, int]]) -> list[tuple[Account, int]]:
    children: dict[int | None, list[tuple[Account, int]]] = {}
    for one, level in levels[1:]:
        children.setdefault(one.parent_id, []).append((one, level))
    ordered: list[tuple[Account, int]] = []
    stack = [levels[0]]
    while stack:
        one, level = stack.pop()
        ordered.append((one, level))
        stack += reversed(children.get(one.pk, []))
    return ordered
