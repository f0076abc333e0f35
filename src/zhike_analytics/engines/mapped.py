"""Runs a mapping: joins, renames, converts, unpivots and sums staged text into the columns of one of our tables."""

from __future__ import annotations

import re
from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from pathlib import Path

import duckdb

from zhike_analytics.contracts.issues import IntakeError
from zhike_analytics.contracts.mapping import Condition, Mapping, Measure, Output, Value
from zhike_analytics.engines.duck import STAGE, name, paths, single, text
from zhike_analytics.engines.sources import LINE, Staged


def run_output(
    connection: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    output: Output,
    sources: Mapped[str, Sequence[Staged]],
    target: Path,
) -> tuple[Staged, int]:
    """Write one output as staged text; return it and how many exact duplicates were dropped on the way.

    Raises
    ------
    IntakeError
        ``mapping`` when a named column does not exist, ``doubled_column`` and the like from the sources.
    """
    dropped = 0
    for alias in dict.fromkeys((output.source, *(join.source for join in output.joins))):
        dropped += _source_table(connection, alias, sources[alias], distinct=mapping.sources[alias].distinct)
    known = _join(connection, output, sources)
    where = _where(output.filter, known, output.table)
    origin = f"joined{where}"
    if output.unpivot:
        origin, known = _unpivot(connection, output, origin, known)
    if output.pivot:
        origin, known = _pivot(connection, output, origin, known)
    columns = {column: _value(value, known, output.table) for column, value in output.columns.items()}
    select = [f"{sql} AS {name(column)}" for column, sql in columns.items()]
    if output.aggregate:
        select += [
            f"({_measure(measure, known, output.table)})::VARCHAR AS {name(column)}"
            for column, measure in output.aggregate.items()
        ]
        groups = ", ".join(columns.values()) or "1"
        query = f"SELECT {', '.join(select)}, min({LINE}) AS {LINE} FROM {origin} GROUP BY {groups} ORDER BY {LINE}"
    elif output.distinct:
        inner = f"SELECT {', '.join(select)}, {LINE} FROM {origin}"
        names = ", ".join(name(column) for column in columns)
        query = f"SELECT {names}, min({LINE}) AS {LINE} FROM ({inner}) GROUP BY {names} ORDER BY {LINE}"
    else:
        query = f"SELECT {', '.join(select)}, {LINE} FROM {origin}"
    connection.execute(f"COPY ({query}) TO {text(str(target))} {STAGE}")
    count = int(single(connection, f"SELECT count(*) FROM read_parquet({paths([target])})"))
    file = " + ".join(dict.fromkeys(one.file for one in sources[output.source]))
    broken = tuple(fault for one in sources[output.source] for fault in one.broken)
    header = (*output.columns, *output.aggregate)
    return Staged(file, target, header, count, broken, sum(one.broken_rows for one in sources[output.source])), dropped


def _source_table(
    connection: duckdb.DuckDBPyConnection, alias: str, staged: Sequence[Staged], *, distinct: bool
) -> int:
    """Make a view of one source's files; return how many exact duplicates it drops."""
    everything = " UNION ALL BY NAME ".join(f"SELECT * FROM {one.origin}" for one in staged)
    if not distinct:
        connection.execute(f"CREATE OR REPLACE TEMP VIEW source_{alias} AS {everything}")
        return 0
    header = ", ".join(name(column) for column in dict.fromkeys(column for one in staged for column in one.header))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE source_{alias} AS SELECT {header}, min({LINE}) AS {LINE}"
        f" FROM ({everything}) GROUP BY {header}"
    )
    kept = int(single(connection, f"SELECT count(*) FROM source_{alias}"))
    return sum(one.rows for one in staged) - kept


def _join(connection: duckdb.DuckDBPyConnection, output: Output, sources: Mapped[str, Sequence[Staged]]) -> set[str]:
    """Make the view `joined`; return the names that columns may use."""
    own = {column for one in sources[output.source] for column in one.header}
    known = set(own)
    select = ["base.*"]
    clauses = ""
    for join in output.joins:
        joined = {column for one in sources[join.source] for column in one.header}
        conditions = []
        for left, right in join.on.items():
            _known(left, known, output.table)
            _known(right, joined, output.table)
            alias, _, column = left.partition(".")
            left_side = f"base.{name(left)}" if left in own else f"{alias}.{name(column)}"
            conditions.append(f"trim({left_side}) = trim({join.source}.{name(right)})")
        clauses += f" {join.how.upper()} JOIN source_{join.source} {join.source} ON {' AND '.join(conditions)}"
        for column in sorted(joined):
            select.append(f"{join.source}.{name(column)} AS {name(f'{join.source}.{column}')}")
        known |= {f"{join.source}.{column}" for column in joined}
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW joined AS SELECT {', '.join(select)} FROM source_{output.source} base{clauses}"
    )
    return known


def _unpivot(
    connection: duckdb.DuckDBPyConnection, output: Output, origin: str, known: set[str]
) -> tuple[str, set[str]]:
    assert output.unpivot is not None
    parts = []
    for column, label in output.unpivot.columns.items():
        _known(column, known, output.table)
        kept = f" WHERE nullif(trim({name(column)}), '') IS NOT NULL" if output.unpivot.skip_empty else ""
        parts.append(
            f"SELECT *, {text(label)} AS {name(output.unpivot.name)}, {name(column)} AS {name(output.unpivot.value)}"
            f" FROM (SELECT * FROM {origin}){kept}"
        )
    connection.execute(f"CREATE OR REPLACE TEMP VIEW unpivoted AS {' UNION ALL '.join(parts)}")
    return "unpivoted", known | {output.unpivot.name, output.unpivot.value}


def _pivot(connection: duckdb.DuckDBPyConnection, output: Output, origin: str, known: set[str]) -> tuple[str, set[str]]:
    assert output.pivot is not None
    for column in (*output.pivot.keep, output.pivot.name, output.pivot.value):
        _known(column, known, output.table)
    keep = ", ".join(name(column) for column in output.pivot.keep)
    parts = ", ".join(
        f"max(CASE WHEN trim({name(output.pivot.name)}) = {text(label)} THEN {name(output.pivot.value)} END)"
        f" AS {name(column)}"
        for label, column in output.pivot.labels.items()
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW pivoted AS SELECT {keep}, {parts}, min({LINE}) AS {LINE} FROM {origin}"
        f" GROUP BY {keep}"
    )
    return "pivoted", {*output.pivot.keep, *output.pivot.labels.values()}


def _known(column: str, known: set[str], table: str) -> str:
    if column not in known:
        near = ", ".join(sorted(known)[:40])
        raise IntakeError("mapping", where=table, detail=f"没有列 / no column “{column}”; 有 / there are: {near}")
    return name(column)


def _condition(condition: Condition, known: set[str], table: str) -> str:
    column = f"trim({_known(condition.column, known, table)})"
    if condition.filled is not None:
        return f"(nullif({column}, '') IS NOT NULL) = {condition.filled}"
    if condition.equals is not None:
        return f"{column} = {text(condition.equals)}"
    if condition.differs is not None:
        return f"{column} IS DISTINCT FROM {text(condition.differs)}"
    listed = condition.one_of if condition.one_of is not None else condition.none_of
    values = ", ".join(text(value) for value in listed or []) or "NULL"
    return f"coalesce({column} IN ({values}), false) = {condition.one_of is not None}"


def _where(conditions: Sequence[Condition], known: set[str], table: str) -> str:
    return " WHERE " + " AND ".join(_condition(one, known, table) for one in conditions) if conditions else ""


def _value(value: Value | str, known: set[str], table: str) -> str:
    """Return SQL of the text that a value's recipe makes."""
    if isinstance(value, str):
        value = Value(column=value)
    if value.constant is not None:
        sql = text(str(value.constant))
    elif value.template is not None:
        parts = re.split(r"\{([^{}]+)\}", value.template)
        pieces = [
            f"coalesce({_known(part, known, table)}, '')" if odd % 2 else text(part) for odd, part in enumerate(parts)
        ]
        sql = " || ".join(piece for piece in pieces if piece != "''")
    elif value.columns is not None:
        filled = [f"nullif(trim({_known(one, known, table)}), '')" for one in value.columns]
        sql = f"coalesce({', '.join(filled)})"
    else:
        sql = f"trim({_known(str(value.column), known, table)})"
    sql = f"({sql})"
    for character in value.strip or "":
        sql = f"replace({sql}, {text(character)}, '')"
    if value.part:
        sql = f"substring({sql}, {value.part[0]}, {value.part[1]})"
    return _converted(value, sql)


def _converted(value: Value, sql: str) -> str:
    if value.date_format or value.month_of:
        moment = (
            f"try_strptime({sql}, {text(value.date_format)})"
            if value.date_format
            else f"coalesce(try_cast({sql} AS TIMESTAMPTZ)::TIMESTAMP,"
            f" try_strptime({sql}, ['%Y%m%d', '%Y%m', '%Y-%m']))"
        )
        if value.add_months:
            moment = f"({moment} + to_months({value.add_months}))"
        pattern = "%Y%m" if value.month_of else "%Y-%m-%d %H:%M:%S"
        sql = f"strftime({moment}, {text(pattern)})"
    if value.multiply is not None or value.divide is not None or value.decimals is not None:
        number = f"try_cast(replace({sql}, ',', '') AS DECIMAL(28, 8))"
        if value.multiply is not None:
            number = f"({number}::DOUBLE * {value.multiply!r}::DOUBLE)"
        if value.divide is not None:
            number = f"({number}::DOUBLE / {value.divide!r}::DOUBLE)"
        decimals = 6 if value.decimals is None else value.decimals
        sql = f"coalesce(round({number}, {decimals})::DECIMAL(28, {decimals})::VARCHAR, {sql})"
    if value.map is not None:
        whens = " ".join(f"WHEN {text(old)} THEN {text(new)}" for old, new in value.map.items())
        other = text(value.otherwise) if value.otherwise is not None else sql
        sql = f"CASE {sql} {whens} ELSE {other} END"
    return sql


def _measure(measure: Measure, known: set[str], table: str) -> str:
    tests = " AND ".join(_condition(one, known, table) for one in measure.when)
    kept = f" FILTER (WHERE {tests})" if tests else ""
    if measure.function == "count" and measure.value is None:
        return f"count(*){kept}"
    assert measure.value is not None
    sql = _value(measure.value, known, table)
    if measure.function == "count_distinct":
        return f"count(DISTINCT {sql}){kept}"
    if measure.function == "first":
        return f"arg_min({sql}, {LINE}){kept}"
    if measure.function == "count":
        return f"count({sql}){kept}"
    number = f"try_cast(replace({sql}, ',', '') AS DECIMAL(28, 6))"
    total = f"{measure.function}({number}){kept}"
    return f"coalesce({total}, 0)" if measure.function == "sum" else total
