"""Loads one archive table inside an open transaction: copy, check, resolve, merge. Refuses to open or close it.

Everything is done by sets. What the database itself must know to judge (unknown codes, circles in the group tree) is
judged here; everything else was judged before, from the text of the files.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from zhike.customers import loading_erased
from zhike.facts.loading import accounts, people
from zhike.facts.loading.incoming import Report, bring_in, refuse, row_count, silent
from zhike.facts.loading.merge import CHANGED, PREPARED, Written, change_existing, insert_new, prepare
from zhike.facts.loading.targets import TARGETS, Reference, Target
from zhike.people.models import Region, Team
from zhike_analytics.contracts import TABLES

LOAD_ORDER = (
    "staff", "products", "accounts", "sites", "contacts", "contracts", "subscriptions", "member_lines",
    "competitor_holdings", "supply_links", "associations",
)  # fmt: skip
"""Tables that others name come first."""

_REGION = Reference("region_code", "region", Region)
_TEAM = Reference("team_code", "team", Team)


@dataclass(frozen=True)
class Source:
    """What is written as the source of every field: the import, and the day it was loaded."""

    name: str  # "import:<id>"
    on: date

    def stamp(self) -> str:
        """Return the JSON text kept beside each field."""
        return json.dumps({"source": self.name, "on": self.on.isoformat()})


@dataclass
class Loaded:
    """What loading one table did."""

    table: str
    read: int = 0
    refused: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    months: list[dict[str, Any]] = field(default_factory=list)  # of the lake
    account_ids: list[int] | None = field(default=None)  # whose rows were written; None when too many to name

    def as_dict(self) -> dict[str, int]:
        """Return the counts, to be kept with the import."""
        names = ("read", "refused", "new", "changed", "unchanged")
        return {name: getattr(self, name) for name in names}


WORTH_ANALYSING = 10_000  # after this many written rows the planner's figures are renewed
NAMED_ACCOUNTS = 10_000  # more changed accounts than this are told as "many"


def load_archive(
    cursor: Any,
    table: str,
    parquet: Path,
    source: Source,
    *,
    present: Collection[str] | None = None,
    clear_empty: bool = False,
    report: Report = silent,
) -> Loaded:
    """Load the rows of `parquet` into the archive; refused rows stay readable in the transaction (`refused_rows`).

    Columns that are not `present` in the operator's files leave what is there alone.
    """
    target = TARGETS[table]
    contract = TABLES[table]
    given = set(bring_in(cursor, contract, parquet, present, lambda share, stage: report(share * 0.4, stage)))
    references = tuple(reference for reference in target.references if reference.column in given)
    report(0.4, "check")
    for reference in references:
        refuse(cursor, reference.column, "unknown", _unknown(reference))
    for column, condition, parameters in loading_erased.refusals(table, given):
        refuse(cursor, column, "erased", condition, parameters)
    if table == "accounts":
        accounts.check(cursor, given)
        people.ensure_regions_of_accounts(cursor, given)
    if table == "staff":
        people.check_regions(cursor, given)
        people.ensure_regions_of_staff(cursor, given)
        people.ensure_teams(cursor, given)
    if "region_code" in given and table in {"accounts", "staff"}:
        references += (_REGION,)
    if table == "staff" and "team_code" in given:
        references += (_TEAM,)
    report(0.5, "resolve")
    prepare(cursor, target, given, references)
    written, joins = _written(target, given, references), ""
    if table == "accounts":
        more, joins = accounts.complete(cursor, target, given, lambda share, stage: report(0.5 + share * 0.15, stage))
        written += more
    loaded = Loaded(table, read=row_count(parquet))
    report(0.65, "insert")
    loaded.new = insert_new(cursor, target, written, source.stamp(), joins)
    report(0.85, "update")
    change_existing(cursor, target, written, source.stamp(), clear_empty, joins)
    report(0.95, "link")
    if table == "accounts":
        accounts.assign_managers(cursor, given, source.on)
    if table == "staff":
        people.settle_teams(cursor)
    cursor.execute(f"SELECT count(*) FROM {PREPARED}")
    kept = int(cursor.fetchone()[0])
    cursor.execute(f"SELECT count(DISTINCT c.id) FROM {CHANGED} c JOIN {PREPARED} p ON p.target_id = c.id")
    loaded.changed = int(cursor.fetchone()[0])
    loaded.unchanged = kept - loaded.new - loaded.changed
    loaded.refused = loaded.read - kept
    loaded.account_ids = _touched_accounts(cursor, table, references)
    if loaded.new + loaded.changed > WORTH_ANALYSING:
        cursor.execute(f"ANALYZE {target.database_table}")
        if table == "accounts":
            cursor.execute("ANALYZE customers_teammembership")
    report(1.0, "done")
    return loaded


def _unknown(reference: Reference) -> str:
    return (
        f'i."{reference.column}" IS NOT NULL AND NOT EXISTS'
        f' (SELECT FROM {reference.target._meta.db_table} x WHERE x.code = i."{reference.column}")'
    )


def _written(target: Target, given: set[str], references: tuple[Reference, ...]) -> list[Written]:
    fields = [
        Written(target.model_field(name).column, column, target.model_field(name))  # type: ignore[arg-type]
        for column, name in target.fields.items()
        if column in given
    ]
    linked = [Written(one.id_name, one.id_name, target.model_field(one.field)) for one in references]
    return fields + linked


def _touched_accounts(cursor: Any, table: str, references: tuple[Reference, ...]) -> list[int] | None:
    """Return the accounts whose rows were written anew or changed, or ``None`` when they are many or do not apply."""
    if table == "accounts":
        column = "p.id"
    elif any(reference.field == "account" for reference in references):
        column = "p.account_id"
    else:
        return []
    cursor.execute(
        f"SELECT DISTINCT {column} FROM {PREPARED} p WHERE p.target_id IS NULL"
        f" OR p.target_id IN (SELECT id FROM {CHANGED}) LIMIT {NAMED_ACCOUNTS + 1}"
    )
    found = [row[0] for row in cursor.fetchall()]
    return found if len(found) <= NAMED_ACCOUNTS else None
