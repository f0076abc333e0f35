"""The list of all tables. Owns look-up by name; the declarations stand in the `tables_*` modules beside it."""

from __future__ import annotations

from zhike_analytics.contracts.columns import Table
from zhike_analytics.contracts.tables_archive import ARCHIVE_TABLES
from zhike_analytics.contracts.tables_facts import FACT_TABLES

TABLES: dict[str, Table] = {one.name: one for one in (*ARCHIVE_TABLES, *FACT_TABLES)}


def table(name: str) -> Table:
    """Return the table called `name`.

    Raises
    ------
    KeyError
        With the known names, when there is no such table.
    """
    try:
        return TABLES[name]
    except KeyError:
        raise KeyError(f"没有名为 {name} 的表 / no table {name}; known: {', '.join(TABLES)}") from None
