"""What an actor may read of published figures: the list of accounts, months. Refuses to compute figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Window

from zhike.core.actor import Actor, ScopeKind, require
from zhike.core.brief import TooLong, brief
from zhike.core.paging import Page, keyset_page
from zhike.insights import queries_search as search
from zhike.insights import words
from zhike.insights.models import UNKNOWN_PERMILLE, UNKNOWN_SCORE, AccountSummary, Alert, Publication
from zhike.people.models import Region, Staff
from zhike_analytics.contracts import codes, periods

VIEW = "accounts.view"
SORTS = {
    "name": "pinyin_key", "tier": "tier_rank", "billed": "billed_fen", "change": "change_permille",
    "margin": "margin_permille", "ends": "ends_on", "visited": "visited_on", "overdue": "overdue_fen",
    "value": "value", "stake": "stake_fen",
}  # fmt: skip
"""Sort keys of lists of any length; each has its index."""
SHORT_SORTS = {
    "code": "code", "share": "share_permille", "completeness": "completeness", "employees": "employees",
    "complaints": "complaints", "theirs": "theirs_fen", "loyalty": "loyalty", "lock_in": "lock_in",
}  # fmt: skip
"""Further sort keys, for lists up to :data:`SHORT` accounts."""
SHORT = 5000
COUNT_STOPS_AT = 1001
CHOICES = {
    "tier": codes.TIER, "ownership": codes.OWNERSHIP, "size": codes.SIZE, "lifecycle": codes.LIFECYCLE,
    "service_level": codes.SERVICE_LEVEL, "credit_rating": codes.CREDIT_RATING, "quadrant": words.QUADRANT_CHOICE,
    "moved": words.MOVED, "alert_level": words.ALERT_LEVEL, "alert_rule": words.ALERT_RULE,
}  # fmt: skip
_FEW = {ScopeKind.STAFF, ScopeKind.TEAM}
_NAMES = {
    "lead_name": Subquery(
        Staff.objects.unscoped(reason="names of the managers of accounts that are scoped already")
        .filter(pk=OuterRef("lead_id")).values("name")
    ),
    "region_name": Subquery(Region.objects.filter(pk=OuterRef("region_id")).values("name")),
}  # fmt: skip
"""Read with the rows, for those of the page only."""
_WALK_MILLISECONDS, _COUNT_MILLISECONDS = 18, 15


@dataclass(frozen=True)
class AccountFilter:
    """What the list is narrowed to; empty parts narrow nothing. Days count from today; shares are per mille.

    Scores are whole points: from (with) and below (without); who has no such score is in neither.
    """

    text: str = ""
    chosen: dict[str, tuple[str, ...]] = field(default_factory=dict)
    region: int | None = None
    lead: int | None = None
    ends_within: int | None = None
    unvisited_for: int | None = None
    rival_share: int | None = None
    shrunk_by: int | None = None
    overdue: bool = False
    decider_unknown: bool = False
    value_from: int | None = None
    value_below: int | None = None
    loyalty_from: int | None = None
    loyalty_below: int | None = None
    lock_in_from: int | None = None
    lock_in_below: int | None = None
    ids: tuple[int, ...] = ()

    @property
    def narrows(self) -> bool:
        """Whether anything is narrowed at all."""
        return self != AccountFilter(ids=self.ids)


@dataclass(frozen=True)
class Found:
    """One page of accounts, how many there are (nothing where counting took too long), and the names rows refer to."""

    publication: Publication | None
    page: Page[AccountSummary]
    count: int | None
    leads: dict[int, str]
    regions: dict[int, str]


def current() -> Publication | None:
    """Return the publication that pages read."""
    return Publication.objects.filter(state=Publication.State.CURRENT).first()


def accounts_page(
    actor: Actor, wanted: AccountFilter, *, today: date, sort: str, descending: bool, size: int, cursor: str = ""
) -> Found:
    """Return one page of the accounts that the actor sees, in the order of a key of `SORTS` or `SHORT_SORTS`.

    Raises
    ------
    CursorInvalid
        When the cursor is damaged.
    """
    require(actor, VIEW)
    one = current()
    if one is None:
        return Found(None, Page([], None, None), 0, {}, {})
    rows = _narrowed(actor, one, wanted, today)
    text = search.read(wanted.text)
    key = [(SORTS | SHORT_SORTS)[sort], "account_id"]

    def page_of(found: QuerySet[AccountSummary], *, gathered: bool = False) -> Page[AccountSummary]:
        found = found.annotate(**_NAMES)
        return keyset_page(found, key, descending=descending, size=size, cursor=cursor, gathered=gathered)

    if text is None:
        return _named(one, page_of(rows), rows)
    if actor.scope in _FEW:
        rows = search.looking(rows, text)
        return _named(one, page_of(rows), rows)
    if search.is_common(one.pk, text):
        try:
            walked = search.looking(rows, text)
            with brief(_WALK_MILLISECONDS):
                page = page_of(walked)
            return _named(one, page, walked)
        except TooLong:
            pass  # common, but not where this person looks
    rows = search.indexed(rows, text)
    if cursor:
        return _named(one, page_of(rows, gathered=True), rows)
    page = page_of(rows.annotate(matched=Window(Count("*"))), gathered=True)  # all are fetched: counted on the way
    return _named(one, page, rows, count=page.rows[0].matched if page.rows else 0)  # type: ignore[attr-defined]


def accounts_for_export(
    actor: Actor, wanted: AccountFilter, *, today: date, sort: str, descending: bool, limit: int
) -> Found:
    """Return the accounts of a list in its order, for a workbook."""
    require(actor, "accounts.export")
    one = current()
    if one is None:
        return Found(None, Page([], None, None), 0, {}, {})
    rows = _narrowed(actor, one, wanted, today)
    text = search.read(wanted.text)
    if text is not None:
        rows = search.looking(rows, text)
    column = (SORTS | SHORT_SORTS)[sort]
    order = [f"-{column}", "-account_id"] if descending else [column, "account_id"]
    found = list(rows.annotate(**_NAMES).order_by(*order)[:limit])
    return _named(one, Page(found, None, None), rows)


def is_short(actor: Actor, wanted: AccountFilter, *, today: date) -> bool:
    """Return whether a list is short enough to be sorted by any column."""
    one = current()
    if one is None or actor.scope in _FEW:
        return True
    rows = _narrowed(actor, one, replace(wanted, text=""), today)
    return len(rows.order_by().values_list("pk", flat=True)[: SHORT + 1]) <= SHORT


def _narrowed(actor: Actor, one: Publication, wanted: AccountFilter, today: date) -> QuerySet[AccountSummary]:
    rows = AccountSummary.objects.for_actor(actor).filter(publication_id=one.pk)
    for name, values in wanted.chosen.items():
        if values and name == "alert_rule":
            alerts = Alert.objects.unscoped(reason="of accounts that are scoped already").filter(
                cycle_id=one.cycle_id or 0
            )
            rows = rows.filter(account_id__in=alerts.filter(rule__in=values).values("account_id"))
        elif values and name in CHOICES:
            rows = rows.filter(**{f"{name}__in": [_stored(name, value) for value in values]})
    if wanted.chosen.get("tier"):  # the rank is what indexes begin with
        ranks = [list(codes.TIER).index(tier) + 1 for tier in wanted.chosen["tier"] if tier in codes.TIER]
        rows = rows.filter(tier_rank__in=ranks)
    if wanted.region is not None:
        top = Region.objects.filter(pk=wanted.region).values("path")
        below = Region.objects.filter(path__startswith=Subquery(top)).values_list("pk", flat=True)
        rows = rows.filter(region_id__in=list(below))
    if wanted.lead is not None:
        rows = rows.filter(lead_id=wanted.lead)
    if wanted.ends_within is not None:
        rows = rows.filter(ends_on__gte=today, ends_on__lte=today + timedelta(days=wanted.ends_within))
    if wanted.unvisited_for is not None:
        rows = rows.filter(visited_on__lt=today - timedelta(days=wanted.unvisited_for))
    if wanted.rival_share is not None:
        rows = rows.filter(share_permille__gt=UNKNOWN_PERMILLE, share_permille__lte=1000 - wanted.rival_share)
    if wanted.shrunk_by is not None:
        rows = rows.filter(change_permille__gt=UNKNOWN_PERMILLE, change_permille__lte=-wanted.shrunk_by)
    for score in ("value", "loyalty", "lock_in"):
        lowest, below = getattr(wanted, f"{score}_from"), getattr(wanted, f"{score}_below")
        if lowest is not None:
            rows = rows.filter(**{f"{score}__gte": lowest * 100})
        if below is not None:
            rows = rows.filter(**{f"{score}__gt": UNKNOWN_SCORE, f"{score}__lt": below * 100})
    conditions = Q()
    if wanted.overdue:
        conditions &= Q(overdue_fen__gt=0)
    if wanted.decider_unknown:
        conditions &= Q(decider_unknown=True)
    if wanted.ids:
        conditions &= Q(account_id__in=wanted.ids)
    return rows.filter(conditions)


def _stored(name: str, value: str) -> str | int:
    """Return how rows hold a value that was chosen."""
    if name == "alert_level":
        return words.LEVEL_NUMBER[value]
    return "" if name == "quadrant" and value == words.UNKNOWN else value


def _count(rows: QuerySet[AccountSummary]) -> int | None:
    """Count no further than :data:`COUNT_STOPS_AT`, and give up where even that takes long."""
    try:
        with brief(_COUNT_MILLISECONDS):
            return len(rows.order_by().values_list("pk", flat=True)[:COUNT_STOPS_AT])
    except TooLong:
        return None


def _named(
    one: Publication, page: Page[AccountSummary], rows: QuerySet[AccountSummary], *, count: int | None = None
) -> Found:
    """Return the page with its count (a list of one page needs no counting) and the names its rows refer to."""
    if count is None:
        whole = page.previous is None and page.following is None
        count = len(page.rows) if whole else _count(rows)
    leads = {row.lead_id: row.lead_name for row in page.rows if row.lead_id}  # type: ignore[attr-defined]
    regions = {row.region_id: row.region_name for row in page.rows}  # type: ignore[attr-defined]
    return Found(one, page, count, leads, regions)


def regions_of(actor: Actor, one: Publication | None) -> list[Region]:
    """Return the regions by which the actor may narrow the list, the top ones first."""
    regions = Region.objects.order_by("path")
    if actor.scope is ScopeKind.REGIONS:
        regions = regions.filter(pk__in=actor.region_ids)
    elif actor.scope is not ScopeKind.EVERYTHING:
        rows = AccountSummary.objects.for_actor(actor).filter(publication_id=one.pk if one else 0)
        regions = regions.filter(pk__in=rows.values("region_id"))
    return list(regions[:300])


# -- the months of one account ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MonthFigures:
    """What one month brought and cost, in fen; unknown where nothing was loaded."""

    period: int
    billed_fen: int
    cost_fen: int | None

    @property
    def margin_fen(self) -> int | None:
        """Billed less cost."""
        return None if self.cost_fen is None else self.billed_fen - self.cost_fen


def month_figures(
    first: int | None,
    last: int | None,
    billed: Sequence[int | None] | None,
    costs: Sequence[int | None] | None,
    most: int,
) -> list[MonthFigures]:
    """Return a published series month by month: the last `most`, from the first with a bill on."""
    if billed is None or first is None or last is None:
        return []
    every = periods.between(first, last)
    found = [
        MonthFigures(period, fen, cost)
        for period, fen, cost in zip(every, billed, costs or [None] * len(billed), strict=True)
        if fen is not None
    ][-most:]
    begun = next((place for place, month in enumerate(found) if month.billed_fen), len(found))
    return found[begun:]


def latest_figures(actor: Actor, one: Publication | None, account_ids: Sequence[int]) -> dict[int, AccountSummary]:
    """Return a publication's summaries of those of the accounts that the actor sees, by account id."""
    require(actor, VIEW)
    if one is None:
        return {}
    rows = AccountSummary.objects.for_actor(actor).filter(publication_id=one.pk, account_id__in=list(account_ids))
    return {row.account_id: row for row in rows}
