"""How a lower room tells a higher one that something changed. Refuses to know who listens.

Topics: ``accounts`` (``account_ids``: archive rows changed on a page), ``facts_loaded`` (``tables``, ``import_id``),
``published`` (``publication_id``, ``cycle_id``: new figures and, with them, scores and alerts are about to be shown),
``policy_published`` (``family``, ``valid_from``: rules changed), ``person_erased`` (``contact_ids``, ``numbers``,
``addresses``, ``reason``: somebody's data goes, and what higher rooms keep of it goes in the same transaction).
Listeners run in the transaction of the change, in the order in which they registered; an error undoes the change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

Listener = Callable[..., None]

_LISTENERS: dict[str, list[Listener]] = defaultdict(list)


def register(topic: str, listener: Listener) -> None:
    """Call `listener(actor=…, **facts)` whenever `topic` is notified; registering twice has no further effect."""
    if listener not in _LISTENERS[topic]:
        _LISTENERS[topic].append(listener)


def notify(topic: str, **facts: Any) -> None:
    """Tell every listener of `topic`; callers pass `actor` and the topic's facts."""
    for listener in _LISTENERS[topic]:
        listener(**facts)
