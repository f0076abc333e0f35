"""What policy says about steps at this moment. Refuses to hold any rule of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone

from zhike.core.policies import Epoch, PolicyBook, policy_book, policy_book_kept
from zhike.service.policies_categories import REQUEST_CATEGORIES, RequestCategories
from zhike.service.steps import Marks, Rules


@dataclass(frozen=True)
class _Kept:
    """The rules of a day, made ready once until something is published."""

    epoch: Epoch
    day: date
    body: RequestCategories
    rules: Rules
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)


_kept: _Kept | None = None


def rules_now() -> Rules:
    """Return the rules by which steps are judged now: one small question to the table of rules."""
    return _now().rules


def rules_kept() -> Rules:
    """Return the rules by the book that the page has opened already: for what is offered, not for what is done."""
    return _by(policy_book_kept()).rules


def red_lines_kept() -> frozenset[str]:
    """Return the categories that are red lines, by the book that the page has opened already."""
    return _by(policy_book_kept()).body.red_lines()


def policy_now() -> RequestCategories:
    """Return the whole policy that holds now: categories, levels by time, samples, the inspector's form."""
    return _now().body


def category_names() -> Mapping[str, tuple[str, str]]:
    """Return what categories are called (Chinese, English), as they were when the rules were last asked for.

    Names stand on every line of lists and logs: no question to the table for each.
    """
    return (_kept or _now()).names


def category_above(code: str) -> str:
    """Return under which category another stands, as the rules were when last asked for; nothing above the top."""
    body = (_kept or _now()).body
    return next((one.parent for one in body.categories if one.code == code), "")


def _now() -> _Kept:
    return _by(policy_book())


def _by(book: PolicyBook) -> _Kept:
    global _kept
    day, kept = timezone.localdate(), _kept
    if kept is None or (kept.epoch, kept.day) != (book.epoch, day):
        body = _body(book, day)
        kept = _kept = _Kept(book.epoch, day, body, rules_of(body), body.names())
    return kept


def _body(book: PolicyBook, day: date) -> RequestCategories:
    """Return the version of the day; what the system comes with where none was planted or the first begins later."""
    held = [one.body for one in book.versions(REQUEST_CATEGORIES) if one.valid_from <= day]
    return held[-1] if held else REQUEST_CATEGORIES.seed_versions()[-1][1]


def rules_of(body: RequestCategories) -> Rules:
    """Return a policy as judges of steps read it."""
    return Rules(
        categories=tuple(one.code for one in body.in_use()),
        pause_reasons=tuple(body.pause_reasons),
        return_reasons=tuple(body.return_reasons),
        exception_reasons=tuple(body.exception_reasons),
        reopen_days=body.reopen_days,
        marks=Marks(
            words={"regulator": tuple(body.marks.regulator_words), "press": tuple(body.marks.press_words)},
            kinds=tuple(body.marks.kinds),
            key_tiers=tuple(body.marks.key_tiers),
            repeat_days=body.marks.repeat_days,
            repeat_count=body.marks.repeat_count,
        ),
    )
