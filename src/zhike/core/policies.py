"""Rules as dated data: families declare a schema, versions are never updated. Refuses to know what a rule is for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml
from django.db import transaction
from pydantic import BaseModel

from zhike.core.actor import Actor
from zhike.core.models import PolicyVersion

Body = TypeVar("Body", bound=BaseModel)


class NoPolicy(LookupError):
    """No version of the family holds on that day."""


@dataclass(frozen=True)
class Version(Generic[Body]):
    """One version as results cite it: which, since when, with which content."""

    family: str
    valid_from: date
    revision: int
    body: Body
    body_hash: str
    recorded_at: datetime


@dataclass(frozen=True)
class Family(Generic[Body]):
    """A family of rules: its name, the shape of its body, and the seed that a new installation starts with."""

    name: str
    schema: type[Body]
    seed: Path

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


def register(family: Family[Body]) -> Family[Body]:
    """Make a family known, so that its seed is planted at installation."""
    _FAMILIES[family.name] = family
    return family


def body_hash(body: BaseModel) -> str:
    """Return the fingerprint by which results cite a body."""
    text = json.dumps(body.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def publish(actor: Actor, family: Family[Body], *, valid_from: date, body: Body, approver: str = "") -> PolicyVersion:
    """Record a version; a second one for the same day is a correction with the next revision."""
    with transaction.atomic():
        earlier = PolicyVersion.objects.select_for_update().filter(family=family.name, valid_from=valid_from)
        revision = max([version.revision for version in earlier], default=0) + 1
        return PolicyVersion.objects.create(
            family=family.name,
            valid_from=valid_from,
            revision=revision,
            body=body.model_dump(mode="json"),
            body_hash=body_hash(body),
            author=actor.name,
            approver=approver,
        )


def plant_seeds(actor: Actor) -> int:
    """Give each family without any version its seed; return how many versions were written."""
    written = 0
    for family in _FAMILIES.values():
        if not PolicyVersion.objects.filter(family=family.name).exists():
            for valid_from, body in family.seed_versions():
                publish(actor, family, valid_from=valid_from, body=body)
                written += 1
    return written


def versions(family: Family[Body], *, known: datetime | None = None) -> Sequence[Version[Body]]:
    """Return the versions of a family, oldest first, corrections applied, as they were known at `known`."""
    rows = PolicyVersion.objects.filter(family=family.name)
    if known is not None:
        rows = rows.filter(recorded_at__lte=known)
    latest: dict[date, PolicyVersion] = {}
    for row in rows.order_by("valid_from", "revision"):
        latest[row.valid_from] = row
    return [
        Version(
            family=row.family,
            valid_from=row.valid_from,
            revision=row.revision,
            body=family.schema.model_validate(row.body),
            body_hash=row.body_hash,
            recorded_at=row.recorded_at,
        )
        for row in latest.values()
    ]


def policy_at(family: Family[Body], valid: date, *, known: datetime | None = None) -> Version[Body]:
    """Return the version that holds on `valid`.

    Raises
    ------
    NoPolicy
        When the first version begins later.
    """
    holding = [version for version in versions(family, known=known) if version.valid_from <= valid]
    if not holding:
        raise NoPolicy(f"{family.name}: {valid} 无有效版本 / no version holds on {valid}")
    return holding[-1]
