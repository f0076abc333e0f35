"""Paging by key: no OFFSET, no full count. Owns cursors and the row comparison; refuses to know any table."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Model, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.db.models.functions import Coalesce
from django.utils import timezone

Row = TypeVar("Row", bound=Model)
PAGE_SIZES = (20, 50, 100)
LONGEST_KEY = 400


class CursorInvalid(ValueError):
    """The cursor in the address is damaged or belongs to another sort order."""


def encode_cursor(direction: str, values: Sequence[Any]) -> str:
    """Return an opaque cursor for the address bar.

    >>> decode_cursor(encode_cursor("after", [12, 7]), 2)
    ('after', [12, 7])
    """
    text = json.dumps([direction, *values], ensure_ascii=False, separators=(",", ":"), default=str)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str, length: int) -> tuple[str, list[Any]]:
    """Return direction and key values of a cursor.

    Raises
    ------
    CursorInvalid
        When it is damaged or does not hold `length` values.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        direction, *values = json.loads(base64.b64decode(padded.encode(), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, TypeError, RecursionError) as damage:
        raise CursorInvalid(cursor) from damage
    if direction not in {"after", "before"} or len(values) != length:
        raise CursorInvalid(cursor)
    if not all(_is_key(value) for value in values):
        raise CursorInvalid(cursor)
    return direction, values


def _is_key(value: Any) -> bool:
    """Return whether a value can stand in an index: cursors come from the address bar, so anything may be in them."""
    if isinstance(value, str):
        return "\x00" not in value and len(value) <= LONGEST_KEY
    return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63


def _typed(model: type[Model], key: str, value: Any) -> Any:
    """Return a cursor's value as the column holds it.

    Raises
    ------
    CursorInvalid
        When the column cannot hold it.
    """
    try:
        typed = model._meta.get_field(key).to_python(value)  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return value  # an annotation: the list that orders by it casts it
    except (ValidationError, ValueError, TypeError, AttributeError) as mismatch:
        raise CursorInvalid(key) from mismatch
    if typed is None or (isinstance(typed, datetime) and timezone.is_naive(typed)):
        raise CursorInvalid(key)
    return typed


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows, with the cursors to its neighbours (``None`` where there is no neighbour)."""

    rows: list[Row]
    previous: str | None
    following: str | None


def keyset_page(
    rows: QuerySet[Row], keys: Sequence[str], *, descending: bool, size: int, cursor: str = "", gathered: bool = False
) -> Page[Row]:
    """Return one page of `rows` ordered by `keys` (the last must be unique), all in one direction.

    The comparison is a row comparison ``(a, b) < (x, y)``, so one index over the keys serves any page. `gathered` rows
    are few and known by their ids: they are fetched and sorted, because walking an index in the hope of meeting them
    may mean walking all of it.
    """
    direction, values = decode_cursor(cursor, len(keys)) if cursor else ("after", [])
    backwards = direction == "before"
    if values:
        values = [_typed(rows.model, key, value) for key, value in zip(keys, values, strict=True)]
        left = Tuple(*[F(key) for key in keys])
        lookup = TupleLessThan if descending != backwards else TupleGreaterThan
        rows = rows.filter(lookup(left, values))
    columns = [Coalesce(F(key), F(key)) if gathered else F(key) for key in keys]  # no index is over an expression
    order = [column.desc() if descending != backwards else column.asc() for column in columns]
    found = list(rows.order_by(*order)[: size + 1])
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()

    def mark(row: Row, way: str) -> str:
        return encode_cursor(way, [getattr(row, key) for key in keys])

    has_previous = bool(found) and (more if backwards else bool(values))
    has_following = bool(found) and (bool(values) if backwards else more)
    return Page(
        rows=found,
        previous=mark(found[0], "before") if has_previous else None,
        following=mark(found[-1], "after") if has_following else None,
    )
