"""Finds accounts by any part of their name, by spelling, by code. Refuses to read without the caller's scope.

Chinese names have no words to index, so the index holds single characters and pairs. It is quick for what is rare and
slow for what is common, where walking the list in its order finds a page at once; how often a pair occurs decides.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from zhike.customers.models import Account
from zhike.insights.models import AccountSummary, FrequentGram

COMMON = 3000  # names with even the rarest pair: from here on walking in order is quicker
LONGEST = 60
_FORM = re.compile(r"(股份)?(有限)?(责任)?公司$")
_CODE_LIKE = re.compile(r"[a-z0-9][a-z0-9_.\-]*")


@dataclass(frozen=True)
class Wanted:
    """A search text as the index reads it: `name` to be found in names, `key` in spellings and codes (may be empty)."""

    name: str
    key: str
    raw: str

    @property
    def grams(self) -> list[str]:
        """Pairs of neighbouring characters of the name (the name itself where it is one character)."""
        if len(self.name) < 2:
            return [self.name]
        pairs = {self.name[place : place + 2] for place in range(len(self.name) - 1)}
        return sorted(pair for pair in pairs if not re.search(r"\s", pair)) or sorted(set(self.name) - {" "})


def read(text: str) -> Wanted | None:
    """Return what is searched for, or nothing for an empty text.

    The legal form at the end is left off: people type it or not, and it tells no company from another.

    >>> read("衡岱装备有限公司").name
    '衡岱装备'
    >>> read("ＨＤ 12").name
    'hd 12'
    """
    raw = unicodedata.normalize("NFKC", text.replace("\0", "")).strip()[:LONGEST]
    plain = raw.lower()
    if not plain:
        return None
    return Wanted(_FORM.sub("", plain) or plain, plain if _CODE_LIKE.fullmatch(plain) else "", raw)


def looking(rows: QuerySet[AccountSummary], wanted: Wanted) -> QuerySet[AccountSummary]:
    """Narrow rows by looking at each: where they are few, or walked in the list's order until a page is full."""
    found = Q(names__contains=wanted.name)
    if wanted.key:
        found |= Q(pinyin_key__startswith=wanted.key) | Q(code__startswith=wanted.raw)
        found |= Q(code__startswith=wanted.raw.upper())
        found |= Q(account_id__in=_by_credit_code(wanted))
    return rows.filter(found)


def is_common(publication: int, wanted: Wanted) -> bool:
    """Return whether so many names hold every pair of the text that walking in order beats the index."""
    if 0 < len(wanted.key) <= 2:
        return True
    grams = wanted.grams
    known = FrequentGram.objects.filter(publication_id=publication, gram__in=grams).values_list("accounts", flat=True)
    counts = list(known)
    return len(counts) == len(grams) and min(counts) > COMMON


def indexed(rows: QuerySet[AccountSummary], wanted: Wanted) -> QuerySet[AccountSummary]:
    """Narrow rows to those the indexes of pairs, spellings and codes know. Fetch and sort them: see `keyset_page`."""
    holds = RawSQL("zhike_grams(names) @> %s::text[]", [wanted.grams], output_field=BooleanField())
    found = Q(holds) & Q(names__contains=wanted.name)
    if wanted.key:
        for column, key in (("pinyin_key", wanted.key), ("code", wanted.raw), ("code", wanted.raw.upper())):
            beyond = key[:-1] + chr(ord(key[-1]) + 1)
            found |= Q(**{f"{column}__gte": key, f"{column}__lt": beyond})
        if ids := _by_credit_code(wanted):
            found |= Q(account_id__in=ids)
    return rows.filter(found)


def _by_credit_code(wanted: Wanted) -> list[int]:
    if len(wanted.key) != 18:
        return []
    rows = Account.objects.unscoped(reason="ids only, narrowed to the actor's rows by the caller")
    return list(rows.filter(credit_code=wanted.key.upper()).values_list("pk", flat=True))
