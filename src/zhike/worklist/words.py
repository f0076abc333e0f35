"""How items are told: rooms that push them register the words of their rules. Refuses to know any rule itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

Evidence = Mapping[str, Any]


@dataclass(frozen=True)
class Wording:
    """The words of one rule: functions of an item's evidence, answering in the reader's language.

    `title` says what happened or is due, `why` why it matters, in words and figures.
    """

    title: Callable[[Evidence], str]
    why: Callable[[Evidence], str]


_WORDS: dict[str, Wording] = {}
_KINDS: dict[str, Any] = {}


def register(rule: str, wording: Wording) -> None:
    """Say how items of a rule are told; registering again replaces the words."""
    _WORDS[rule] = wording


def register_kinds(names: Mapping[str, Any]) -> None:
    """Say what kinds of items there are, in the order of their filters, e.g. ``{"contract": _("合同")}``."""
    _KINDS.update(names)


def kinds() -> dict[str, Any]:
    """Return the kinds with their names."""
    return dict(_KINDS)


def title_of(rule: str, evidence: Evidence) -> str:
    """Return what happened or is due; the rule's own name where its room is no longer installed."""
    wording = _WORDS.get(rule)
    return wording.title(evidence) if wording else rule


def why_of(rule: str, evidence: Evidence) -> str:
    """Return why it matters."""
    wording = _WORDS.get(rule)
    return wording.why(evidence) if wording else ""


def advice_of(advice: Mapping[str, Any]) -> str:
    """Return the suggested step in the reader's language.

    >>> from django.utils.translation import override
    >>> with override("en"):
    ...     advice_of({"zh": "约走访", "en": "Arrange a visit"})
    'Arrange a visit'
    """
    chinese = (get_language() or "").startswith("zh")
    return str(advice.get("zh" if chinese else "en") or advice.get("zh") or "")
