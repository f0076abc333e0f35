"""Where the value of a field came from. Owns the form in which rows keep that; refuses to change any row.

A row keeps one entry for all fields that came with it (``"*"``) and one for each field that was changed since: a row of
a file would else repeat the name of its file for every column, which were most of the bytes of the archive.
"""

from __future__ import annotations

from typing import Any

WITH_THE_ROW = "*"


def origin_of(row: Any, field: str) -> dict[str, str] | None:
    """Return ``{"source": …, "on": …}`` of a field of an archive row; nothing where the field holds nothing."""
    named = row.provenance.get(field)
    if named is not None:
        return dict(named)
    whole = row.provenance.get(WITH_THE_ROW)
    return dict(whole) if whole is not None and getattr(row, field, None) not in (None, "") else None


def set_by_hand(alias: str, field: str) -> str:
    """Return the SQL of whether a person wrote a field of an archive row."""
    return f"starts_with(coalesce({alias}.provenance->'{field}'->>'source', ''), 'staff:')"
