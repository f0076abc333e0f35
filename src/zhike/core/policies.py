"""Rules as dated data: families declare a schema, versions are never updated. Refuses to know what a rule is for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml
from django.db import connection, transaction
from django.db.models import Count, Max
from django.utils import timezone
from pydantic import BaseModel

from zhike.core.actor import Actor
from zhike.core.audit import audited
from zhike.core.changes import notify
from zhike.core.models import PolicyVersion

Body = TypeVar("Body", bound=BaseModel)


class NoPolicy(LookupError):
    """No version of the family holds on that day."""


class PolicyRefused(Exception):
    """A version or draft that may not be; `code` names why, `facts` what a page needs to say it."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


@dataclass(frozen=True)
class Version(Generic[Body]):
    """One version as results cite it: which, since when, with which content, by whom."""

    family: str
    valid_from: date
    revision: int
    body: Body
    body_hash: str
    recorded_at: datetime
    pk: int = 0
    author: str = ""
    approver: str = ""
    note: str = ""


@dataclass(frozen=True)
class Family(Generic[Body]):
    """A family of rules: its name, the shape of its body, and the seed that a new installation starts with.

    With `second_person` whoever publishes a version must be somebody else than who wrote it.
    """

    name: str
    schema: type[Body]
    seed: Path
    second_person: bool = False

    def seed_versions(self) -> list[tuple[date, Body]]:
        """Return the dated bodies of the seed file.

        Raises
        ------
        pydantic.ValidationError
            When the seed does not fit the schema.
        """
        entries = yaml.safe_load(self.seed.read_text(encoding="utf-8"))
        return [(entry["valid_from"], self.schema.model_validate(entry["body"])) for entry in entries]


_FAMILIES: dict[str, Family[Any]] = {}
_first_needed: Callable[[], date | None] | None = None


def register(family: Family[Body]) -> Family[Body]:
    """Make a family known, so that its seed is planted at installation."""
    _FAMILIES[family.name] = family
    return family


def families() -> list[Family[Any]]:
    """Return the families that rooms have registered."""
    return list(_FAMILIES.values())


def family_called(name: str) -> Family[Any] | None:
    """Return a family by its name."""
    return _FAMILIES.get(name)


def register_first_needed(source: Callable[[], date | None]) -> None:
    """Name the function that tells the day of the oldest result: no family may begin later than that."""
    global _first_needed
    _first_needed = source


def body_hash(body: BaseModel) -> str:
    """Return the fingerprint by which results cite a body."""
    text = json.dumps(body.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


# -- reading -------------------------------------------------------------------------------------------------------

Epoch = tuple[int, int]


class PolicyBook:
    """All versions up to one moment, read once a process; :func:`policy_book` opens the one that holds now."""

    def __init__(self, epoch: Epoch) -> None:
        self.epoch = epoch
        self._rows: dict[str, list[PolicyVersion]] = {}
        self._read: dict[int, Version[Any]] = {}

    def versions(self, family: Family[Body], *, known: datetime | None = None) -> list[Version[Body]]:
        """Return the versions of a family, oldest first, corrections applied, as they were known at `known`."""
        return [self._version(family, row) for row in self._latest(family, known)]

    def at(self, family: Family[Body], valid: date, *, known: datetime | None = None) -> Version[Body]:
        """Return the version that holds on `valid`.

        Raises
        ------
        NoPolicy
            When the first version begins later.
        """
        holding = [row for row in self._latest(family, known) if row.valid_from <= valid]
        if not holding:
            raise NoPolicy(f"{family.name}: {valid} 无有效版本 / no version holds on {valid}")
        return self._version(family, holding[-1])

    def rows(self, family: Family[Any]) -> list[PolicyVersion]:
        """Return every version with every revision, oldest first; bodies as they were stored."""
        if family.name not in self._rows:
            known = PolicyVersion.objects.filter(family=family.name, pk__lte=self.epoch[0])
            self._rows[family.name] = list(known.order_by("valid_from", "revision"))
        return self._rows[family.name]

    def _latest(self, family: Family[Any], known: datetime | None) -> list[PolicyVersion]:
        latest: dict[date, PolicyVersion] = {}
        for row in self.rows(family):
            if known is None or row.recorded_at <= known:
                latest[row.valid_from] = row
        return list(latest.values())

    def _version(self, family: Family[Body], row: PolicyVersion) -> Version[Body]:
        if row.pk not in self._read:
            self._read[row.pk] = Version(
                family=row.family, valid_from=row.valid_from, revision=row.revision,
                body=family.schema.model_validate(row.body), body_hash=row.body_hash, recorded_at=row.recorded_at,
                pk=row.pk, author=row.author, approver=row.approver, note=row.note,
            )  # fmt: skip
        return self._read[row.pk]


_NOT_OPENED = PolicyBook((-1, -1))
_kept: PolicyBook = _NOT_OPENED


def policy_book() -> PolicyBook:
    """Return the book as of now: one small question; the book itself is kept until something was published.

    Ask once per request or job and pass the book on: all that is read from it belongs together.
    """
    global _kept
    found = PolicyVersion.objects.aggregate(last=Max("pk"), many=Count("pk"))
    epoch = (found["last"] or 0, found["many"])
    book = _kept
    if book.epoch != epoch:
        book = _kept = PolicyBook(epoch)
    return book


def policy_book_kept() -> PolicyBook:
    """Return the book as this process opened it last: for what is only shown on a page that has just opened it."""
    return policy_book() if _kept is _NOT_OPENED else _kept


def versions(family: Family[Body], *, known: datetime | None = None) -> Sequence[Version[Body]]:
    """Return the versions of a family, oldest first, corrections applied, as they were known at `known`."""
    return policy_book().versions(family, known=known)


def policy_at(family: Family[Body], valid: date, *, known: datetime | None = None) -> Version[Body]:
    """Return the version that holds on `valid`.

    Raises
    ------
    NoPolicy
        When the first version begins later.
    """
    return policy_book().at(family, valid, known=known)


# -- publishing ----------------------------------------------------------------------------------------------------


def publish(
    actor: Actor,
    family: Family[Body],
    *,
    valid_from: date,
    body: Body,
    author: tuple[int | None, str] | None = None,
    note: str = "",
) -> PolicyVersion:
    """Record a version; a second one for the same day is a correction with the next revision.

    `author` is who wrote it where that is not the actor; the actor is then its approver. The system (seeds, the
    demonstration) may begin in the past; a person may only correct a day on which a version begins already.

    Raises
    ------
    PolicyRefused
        ``second_person``, ``past``, ``reason`` (a correction of the past without one), ``gap``, ``unchanged``.
    """
    by = author or (actor.staff_id, actor.name)
    approver = (actor.staff_id, actor.name) if author is not None else (None, "")
    second_person = family.second_person and not actor.is_system
    if second_person and (by[0] is None or approver[0] is None or by[0] == approver[0]):
        raise PolicyRefused("second_person")
    with audited(actor, "policies.publish", reason=note):
        lock_publishing()
        book = policy_book()
        same_day = [row for row in book.rows(family) if row.valid_from == valid_from]
        if not actor.is_system:
            _check_day(book, family, valid_from, correcting=bool(same_day), note=note)
        digest = body_hash(body)
        if digest == (same_day[-1].body_hash if same_day else _hash_at(book, family, valid_from)):
            raise PolicyRefused("unchanged")
        version = PolicyVersion.objects.create(
            family=family.name, valid_from=valid_from, revision=len(same_day) + 1,
            body=body.model_dump(mode="json"), body_hash=digest,
            author=by[1], author_id=by[0], approver=approver[1], approver_id=approver[0],
            second_person=second_person, note=note, recorded_at=_next_moment(),
        )  # fmt: skip
        notify("policy_published", actor=actor, family=family.name, valid_from=valid_from)
    return version


def lock_publishing() -> None:
    """Let publications come one after the other: what a person compared with is then still what holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", ["zhike.core.policies"])


def earliest_day(family: Family[Any]) -> date | None:
    """Return the day by which the first version of a family must begin: its oldest result. None: no result yet."""
    return _first_needed() if _first_needed and not policy_book().rows(family) else None


def _check_day(book: PolicyBook, family: Family[Any], valid_from: date, *, correcting: bool, note: str) -> None:
    today = timezone.localdate()
    needed = earliest_day(family)
    if needed is not None and valid_from > needed:
        raise PolicyRefused("gap", needed=needed)
    if book.rows(family) and valid_from < today:
        if not correcting:
            raise PolicyRefused("past", days=[row.valid_from for row in book.rows(family)])
        if not note.strip():
            raise PolicyRefused("reason")


def _hash_at(book: PolicyBook, family: Family[Any], day: date) -> str:
    try:
        return book.at(family, day).body_hash
    except NoPolicy:
        return ""


def _next_moment() -> datetime:
    """Return now, or just after the last version where the clock was moved back: later knowledge must be later."""
    last = PolicyVersion.objects.aggregate(at=Max("recorded_at"))["at"]
    now = timezone.now()
    return now if last is None or last < now else last + timedelta(microseconds=1)


def plant_seeds(actor: Actor) -> int:
    """Give each family without any version its seed; return how many versions were written."""
    written = 0
    with transaction.atomic():
        for family in _FAMILIES.values():
            if not PolicyVersion.objects.filter(family=family.name).exists():
                for valid_from, body in family.seed_versions():
                    publish(actor, family, valid_from=valid_from, body=body)
                    written += 1
    return written
