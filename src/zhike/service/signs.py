"""Signs that ask for a higher level: regulator or press named, key accounts, repeats. Refuses to escalate by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from zhike.service.queries_repeats import requests_since
from zhike.service.rules import rules_now
from zhike.service.standing import Standing


def signs_of(standing: Standing, text: str, *, now: datetime) -> Iterator[str]:
    """Yield the signs that a request bears; `text` is what the customer said."""
    marks = rules_now().marks
    yield from signs_in_words(text)
    if standing.kind in marks.kinds and standing.tier in marks.key_tiers:
        yield "key_account"
    if standing.account_id is not None and standing.kind in marks.kinds:
        earlier = requests_since(standing.account_id, now, days=marks.repeat_days, kinds=marks.kinds)
        if earlier >= marks.repeat_count:
            yield "repeat"


def signs_in_words(text: str) -> Iterator[str]:
    """Yield the signs that words alone tell: the regulator or the press is named."""
    for sign, words in rules_now().marks.words.items():
        if any(word in text for word in words):
            yield sign
