"""What one person chose for a page: columns, saved views. Refuses to be a place for anything others must see."""

from __future__ import annotations

from typing import Any

from zhike.core.actor import Actor
from zhike.core.models import Preference


def preference(actor: Actor, key: str) -> Any:
    """Return what the person chose, or nothing."""
    if actor.user_id is None:
        return None
    return Preference.objects.filter(user_id=actor.user_id, key=key).values_list("value", flat=True).first()


def preferences(actor: Actor, *keys: str) -> dict[str, Any]:
    """Return what the person chose for several keys at once; a key without a choice is left out."""
    if actor.user_id is None:
        return {}
    return dict(Preference.objects.filter(user_id=actor.user_id, key__in=keys).values_list("key", "value"))


def prefer(actor: Actor, key: str, value: Any) -> None:
    """Keep what the person chose; ``None`` forgets it."""
    if actor.user_id is None:
        return
    if value is None:
        Preference.objects.filter(user_id=actor.user_id, key=key).delete()
    else:
        Preference.objects.update_or_create(user_id=actor.user_id, key=key, defaults={"value": value})
