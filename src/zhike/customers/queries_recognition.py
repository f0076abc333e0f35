"""Whose call or message it is: exact candidates by number, code, contract, WeChat or e-mail, and how each was found.

Refuses to guess: a number that several share (a switchboard) gives them all, and a likeness gives nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from zhike.core.actor import Actor, require
from zhike.customers.erased import identifier_sql
from zhike.customers.models import Account

VIEW = "accounts.view"
AT_MOST = 20
WAYS = ("account", "subscription", "contract", "line", "phone", "wechat", "email")
"""From the surest to the least sure: a code names one account, a number may be shared."""

_DIGITS = {name: identifier_sql("number", name) for name in ("mobile", "phone", "number")}
_LOWER = {name: identifier_sql(name, name) for name in ("wechat", "email")}
_INDEXED = {
    "contact_mobile_digits": ("customers_contact", _DIGITS["mobile"]),
    "contact_phone_digits": ("customers_contact", _DIGITS["phone"]),
    "contact_wechat_lower": ("customers_contact", _LOWER["wechat"]),
    "contact_email_lower": ("customers_contact", _LOWER["email"]),
    "member_line_digits": ("customers_memberline", _DIGITS["number"]),
    "contract_code_alone": ("customers_contract", "code"),
    "subscription_code_alone": ("customers_subscription", "code"),
}
INDEXES = [
    (f"CREATE INDEX {name} ON {table} (({said})) WHERE {said} IS NOT NULL", f"DROP INDEX {name}")
    for name, (table, said) in _INDEXED.items()
]


@dataclass(frozen=True)
class Clues:
    """What is known of whoever calls or writes; any may be empty."""

    account: str = ""
    subscription: str = ""
    contract: str = ""
    phone: str = ""
    wechat: str = ""
    email: str = ""


@dataclass(frozen=True)
class Candidate:
    """An account it may be, with the contact or subscription that told; `how` is one of :data:`WAYS`."""

    account_id: int
    code: str
    name: str
    region_id: int
    tier: str
    service_level: str
    assurance_level: str
    industry: str
    how: str
    contact_id: int | None = None
    subscription_id: int | None = None


_TOLD = ("id", "code", "name", "region_id", "tier", "service_level", "assurance_level")
_DIGITS_OF_CLUE = identifier_sql("number", "%(phone)s")
_FOUND = {
    "account": ("account", "SELECT id, NULL::bigint, NULL::bigint FROM customers_account WHERE code = %(account)s"),
    "subscription": (
        "subscription",
        "SELECT account_id, NULL::bigint, id FROM customers_subscription WHERE code = %(subscription)s",
    ),
    "contract": (
        "contract", "SELECT account_id, NULL::bigint, NULL::bigint FROM customers_contract WHERE code = %(contract)s",
    ),
    "line": (
        "phone",
        f"SELECT account_id, NULL::bigint, NULL::bigint FROM customers_memberline"
        f" WHERE {_DIGITS['number']} = {_DIGITS_OF_CLUE} AND left_on IS NULL",
    ),
    "phone": (
        "phone",
        f"SELECT account_id, id, NULL::bigint FROM customers_contact WHERE {_DIGITS['mobile']} = {_DIGITS_OF_CLUE}"
        f" UNION SELECT account_id, id, NULL::bigint FROM customers_contact"
        f" WHERE {_DIGITS['phone']} = {_DIGITS_OF_CLUE}",
    ),
    "wechat": (
        "wechat",
        f"SELECT account_id, id, NULL::bigint FROM customers_contact"
        f" WHERE {_LOWER['wechat']} = {identifier_sql('wechat', '%(wechat)s')}",
    ),
    "email": (
        "email",
        f"SELECT account_id, id, NULL::bigint FROM customers_contact"
        f" WHERE {_LOWER['email']} = {identifier_sql('email', '%(email)s')}",
    ),
}  # fmt: skip
"""Each way of finding: the clue it needs, and account, contact and subscription that it leads to."""


def recognise(actor: Actor, clues: Clues) -> list[Candidate]:
    """Return whose call or message it may be, among the accounts the actor reaches, the surest first.

    One statement, each part answered by an index. An account that several clues name comes once, by the surest.
    """
    require(actor, VIEW)
    given = {name: value.replace("\0", "").strip() for name, value in vars(clues).items()}
    ways = [(order, way) for order, way in enumerate(WAYS) if given[_FOUND[way][0]]]
    if not ways:
        return []
    parts = " UNION ALL ".join(
        f"SELECT {order} AS sure, f.* FROM ({_FOUND[way][1]} LIMIT {AT_MOST}) AS f (account_id, contact_id,"
        f" subscription_id)"
        for order, way in ways
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT ON (account_id) account_id, sure, contact_id, subscription_id FROM ({parts}) found"
            " ORDER BY account_id, sure, contact_id",
            given,
        )
        found = {row[0]: row[1:] for row in cursor.fetchall()}
    return _seen(actor, found)


def _seen(actor: Actor, found: dict[int, tuple[int, int | None, int | None]]) -> list[Candidate]:
    accounts = Account.objects.for_actor(actor).filter(pk__in=list(found)[: AT_MOST * 5])
    candidates = []
    for row in accounts.values(*_TOLD, "industry_section", "industry"):
        account_id = row.pop("id")
        sure, contact_id, subscription_id = found[account_id]
        row["industry"] = row.pop("industry_section") or row["industry"]
        told: dict[str, Any] = {"account_id": account_id, "how": WAYS[sure], **row}
        candidates.append(Candidate(contact_id=contact_id, subscription_id=subscription_id, **told))
    return sorted(candidates, key=lambda one: (WAYS.index(one.how), one.code))[:AT_MOST]


def candidate_of(actor: Actor, code: str) -> Candidate | None:
    """Return the account that a person points at by its code, if the actor reaches it."""
    found = recognise(actor, Clues(account=code))
    return found[0] if found else None
