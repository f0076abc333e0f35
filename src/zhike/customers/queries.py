"""What an actor may read of the archive. Every function needs an actor; refuses figures of months."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef

from zhike.core.actor import Actor, require
from zhike.core.paging import Page, keyset_page
from zhike.customers.models import (
    Account,
    AccountRow,
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
from zhike_analytics.contracts import codes

VIEW = "accounts.view"


def account_by_code(actor: Actor, code: str) -> Account | None:
    """Return the account, or nothing when there is none or it is not the actor's to see."""
    require(actor, VIEW)
    if "\0" in code:
        return None
    rows = Account.objects.for_actor(actor).select_related("region", "parent").annotate(**_known())
    return rows.filter(code=code).first()


def codes_seen(actor: Actor, wanted: Iterable[str]) -> set[str]:
    """Return those of the codes that name accounts the actor sees."""
    require(actor, VIEW)
    return set(Account.objects.for_actor(actor).filter(code__in=list(wanted)).values_list("code", flat=True))


def _known() -> dict[str, Exists]:
    """Return what completeness asks of an account's rows, each answered by an index."""

    def any_of(model: type[AccountRow], **wanted: Any) -> Exists:
        rows = model.objects.unscoped(reason="rows of the very account that is read")
        return Exists(rows.filter(account_id=OuterRef("pk"), **wanted))

    return {
        "has_site": any_of(Site),
        "has_subscription": any_of(
            Subscription, status__in=[one for one in ("", *codes.HOLDING_STATUS) if one != "ended"]
        ),
        "has_competitor_fact": any_of(CompetitorHolding),
        "has_decider": any_of(Contact, decision_role="decides"),
        "decider_has_tie": any_of(Contact, decision_role="decides", tie_strength__gt=0),
    }


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
