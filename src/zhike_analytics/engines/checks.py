"""Turns a column's declaration into SQL: its typed value, and what is wrong with a text. Refuses to run anything."""

from __future__ import annotations

from datetime import date

from zhike_analytics.contracts.columns import Column, ColumnType
from zhike_analytics.engines.duck import text

TRUE = ("是", "true", "yes", "y", "t", "1", "有", "对")
FALSE = ("否", "false", "no", "n", "f", "0", "无", "不")
BLANKS = " \t\r\n\u3000\u00a0"
DATE_FORMATS = ("%Y%m%d", "%Y年%m月%d日", "%Y.%m.%d", "%m/%d/%Y")
MONTH_WRITTEN = "^([0-9]{4})(?:[-/年.]([0-9]{1,2})|([0-9]{2}))月?$"


def clean(source: str) -> str:
    """Return SQL for the trimmed text, NULL when nothing is left."""
    return f"nullif(trim({source}, {text(BLANKS)}), '')"


def may_have_blanks(source: str) -> str:
    """Return SQL that is true for every text that :func:`clean` changes (and for some others); quick to compute."""
    return f"{source} < '!' OR {source}[-1] < '!' OR strlen({source}) <> length({source})"


def typed(column: Column, source: str) -> str:
    """Return SQL of the lake's value for cleaned text; NULL where the text does not fit the type."""
    number = f"replace({source}, ',', '')"
    match column.type:
        case ColumnType.CODE | ColumnType.TEXT:
            return source
        case ColumnType.INTEGER:
            quick, large = (f"try_cast({number} AS DECIMAL({digits}, 6))" for digits in (18, 38))
            return (
                f"CASE WHEN {quick} IS NULL"
                f" THEN CASE WHEN {large} = floor({large}) THEN try_cast({large} AS BIGINT) END"
                f" WHEN {quick} = floor({quick}) THEN {quick}::BIGINT END"
            )
        case ColumnType.DECIMAL:
            return f"try_cast({number} AS DECIMAL(18, 6))"
        case ColumnType.MONEY:
            # Nine digits before the point: a hundred times that still has 18 in all, which the engine adds up quickly.
            small, large = (f"(try_cast({number} AS DECIMAL({digits}, 6)) * 100)" for digits in (15, 32))
            return (
                f"CASE WHEN {small} IS NULL"
                f" THEN CASE WHEN {large} = floor({large}) THEN try_cast({large} AS BIGINT) END"
                f" WHEN {small} = floor({small}) THEN {small}::BIGINT END"
            )
        case ColumnType.DATE:
            formats = ", ".join(text(one) for one in DATE_FORMATS)
            short = f"regexp_full_match({source}, '[0-9]{{1,7}}')"  # 2026112: which day?
            written = f"CASE WHEN NOT {short} THEN try_strptime({source}, [{formats}]) END"
            return _within(source, f"coalesce(try_cast({source} AS DATE), {written}::DATE)", "DATE")
        case ColumnType.MONTH:
            year, later, two = (f"regexp_extract({source}, {text(MONTH_WRITTEN)}, {part})" for part in (1, 2, 3))
            month = f"try_cast({year} || lpad({later} || {two}, 2, '0') AS INTEGER)"
            return f"CASE WHEN {month} % 100 BETWEEN 1 AND 12 AND {month} // 100 BETWEEN 1990 AND 2200 THEN {month} END"
        case ColumnType.DATETIME:
            return _within(source, f"try_cast({source} AS TIMESTAMPTZ)", "TIMESTAMPTZ")
        case ColumnType.BOOLEAN:
            yes, no = (", ".join(text(one) for one in words) for words in (TRUE, FALSE))
            return f"CASE WHEN lower({source}) IN ({yes}) THEN true WHEN lower({source}) IN ({no}) THEN false END"
        case ColumnType.ENUM:
            whens = []
            for code, names in column.choices.items():
                words = ", ".join(sorted({text(word.lower()) for word in (code, *names)}))
                whens.append(f"WHEN lower({source}) IN ({words}) THEN {text(code)}")
            return f"CASE {' '.join(whens)} END"
    raise AssertionError(column.type)


def _within(source: str, moment: str, kind: str) -> str:
    """Return SQL of the moment where it is one of this trade: the engine knows the year 26, infinity and the epoch."""
    bounds = f"{kind} '1900-01-01' AND {kind} '2200-12-31'"
    return f"CASE WHEN {source} < ':' AND {moment} BETWEEN {bounds} THEN {moment} END"


def lake_type(column: Column) -> str:
    """Return the column's type in the lake."""
    return {
        ColumnType.INTEGER: "BIGINT",
        ColumnType.MONEY: "BIGINT",
        ColumnType.DECIMAL: "DECIMAL(18, 6)",
        ColumnType.DATE: "DATE",
        ColumnType.MONTH: "INTEGER",
        ColumnType.DATETIME: "TIMESTAMPTZ",
        ColumnType.BOOLEAN: "BOOLEAN",
    }.get(column.type, "VARCHAR")


def fault(column: Column, raw: str, value: str, *, today: date, unknown: str | None) -> str | None:
    """Return SQL of the code of what is wrong, NULL when nothing is; ``None`` when nothing can be.

    Parameters
    ----------
    raw, value
        SQL names of the cleaned text and of its typed value.
    unknown
        SQL that is true when the value does not exist where it must, or ``None``.
    """
    tests: list[tuple[str, str]] = []
    if column.required:
        tests.append((f"{raw} IS NULL", "required"))
    if column.type is ColumnType.ENUM:
        tests.append((f"{raw} IS NOT NULL AND {value} IS NULL", "choice"))
    elif column.type not in {ColumnType.CODE, ColumnType.TEXT}:
        tests.append((f"{raw} IS NOT NULL AND {value} IS NULL", f"type_{column.type}"))
    else:
        tests.append((f"length({raw}) > {column.max_length}", "length"))
        if column.pattern:
            tests.append((f"NOT regexp_full_match({raw}, {text(column.pattern)})", "pattern"))
    scale = 100 if column.type is ColumnType.MONEY else 1
    if column.minimum is not None:
        tests.append((f"{value} < {int(column.minimum * scale)}", "minimum"))
    if column.maximum is not None:
        tests.append((f"{value} > {int(column.maximum * scale)}", "maximum"))
    if not column.future:
        last = {
            ColumnType.DATE: f"DATE '{today}'",
            ColumnType.MONTH: str(today.year * 100 + today.month),
            ColumnType.DATETIME: f"TIMESTAMPTZ '{today} 23:59:59.999999+08:00'",
        }[column.type]
        tests.append((f"{value} > {last}", "future"))
    if unknown:
        tests.append((unknown, "unknown"))
    if not tests:
        return None
    return "CASE " + " ".join(f"WHEN {test} THEN '{code}'" for test, code in tests) + " END"
