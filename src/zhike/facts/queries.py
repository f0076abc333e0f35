"""What people may read of imports and facts. Refuses to change anything; every reading has its actor."""

from __future__ import annotations

from uuid import UUID

from zhike.core.actor import Actor, require
from zhike.core.paging import Page, keyset_page
from zhike.facts.models import Import

VIEW = "imports.view"
PHASES = dict(Import.Phase.choices)


def import_of(actor: Actor, import_id: UUID) -> Import:
    """Return one import.

    Raises
    ------
    Import.DoesNotExist
        When there is none.
    """
    require(actor, VIEW)
    return Import.objects.select_related("run").get(pk=import_id)


def find_import(actor: Actor, import_id: UUID) -> Import | None:
    """Return one import, or nothing when there is none."""
    require(actor, VIEW)
    return Import.objects.select_related("run").filter(pk=import_id).first()


def recent_imports(actor: Actor, *, size: int, cursor: str = "", state: str = "", table: str = "") -> Page[Import]:
    """Return imports, newest first."""
    require(actor, VIEW)
    rows = Import.objects.select_related("run")
    if state:
        rows = rows.filter(phase=state)
    if table:
        rows = rows.filter(table=table)
    return keyset_page(rows, ["created_at", "id"], descending=True, size=size, cursor=cursor)
