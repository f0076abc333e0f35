"""Ground floor of the library: table schemas, code lists, money and periods. Refuses to read or compute anything."""

from zhike_analytics.contracts.columns import Column, ColumnType, Table, TableKind
from zhike_analytics.contracts.registry import TABLES, table

__all__ = ["TABLES", "Column", "ColumnType", "Table", "TableKind", "table"]
