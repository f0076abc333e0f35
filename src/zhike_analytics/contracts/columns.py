"""What a column and a table of facts are. Owns the declaration; refuses to know any engine or file."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class ColumnType(StrEnum):
    """How a column is written in a file and kept in the lake."""

    CODE = "code"  # an identifier: trimmed text without line breaks, kept as it is (leading zeros matter)
    TEXT = "text"  # free text
    INTEGER = "integer"  # whole number, 64 bit
    DECIMAL = "decimal"  # number with up to six decimals, kept as DECIMAL(18, 6)
    MONEY = "money"  # yuan with up to two decimals in files; whole fen (64 bit) in lake and database
    DATE = "date"  # 2026-11-22, 2026/11/22, 2026年11月22日 or 20261122; from 1900 to 2200
    MONTH = "month"  # 202611, 2026-11 or 2026年11月; kept as the integer 202611
    DATETIME = "datetime"  # 2026-11-22 18:44[:05][+08:00]; without an offset it is Asia/Shanghai; kept in UTC
    BOOLEAN = "boolean"  # 是/否, true/false, yes/no, 1/0, Y/N
    ENUM = "enum"  # one of `choices`


class TableKind(StrEnum):
    """Where the rows of a table live."""

    ARCHIVE = "archive"  # one row per thing: PostgreSQL, inserted or updated by key
    MONTHLY = "monthly"  # rows of a month: lake, one partition per month
    EVENT = "event"  # rows with a moment: lake, one partition per Asia/Shanghai month of the moment
    REFERENCE = "reference"  # one row per thing that pages do not edit: lake, one partition in all


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name
        Header of the column in files, and its name in the lake (money gains the suffix ``_fen``).
    zh, en
        What the column is called on pages and in templates.
    type
        See :class:`ColumnType`.
    unit
        Unit as written in documentation, e.g. ``元``, ``MB``, ``秒``.
    choices
        Allowed codes of an ``ENUM`` with their Chinese and English names: ``{code: (zh, en)}``. Files may hold
        the code or either name.
    minimum, maximum
        Inclusive bounds in the file's unit (money: yuan). ``None`` means the type's own bound.
    references
        ``"accounts.account_code"``: the value must exist there (in the archive or in the same import).
    pattern
        Regular expression (RE2) that the whole value must match.
    personal
        The value is personal data: masked on pages, looks are logged.
    """

    name: str
    zh: str
    en: str
    type: ColumnType
    required: bool = False
    unit: str = ""
    choices: dict[str, tuple[str, str]] = field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None
    references: str = ""
    pattern: str = ""
    max_length: int = 200
    personal: bool = False
    future: bool = True  # may a date, month or moment lie after the day of import?
    example: str = ""
    note_zh: str = ""
    note_en: str = ""

    @property
    def lake_name(self) -> str:
        """Name of the column in the lake: money says its unit.

        >>> Column("amount", "金额", "Amount", ColumnType.MONEY).lake_name
        'amount_fen'
        """
        return f"{self.name}_fen" if self.type is ColumnType.MONEY else self.name


@dataclass(frozen=True, slots=True)
class Table:
    """One table that an operator's files fill.

    ``key`` names the columns that make a row what it is: the same key again replaces the row; two different rows
    of one key in one import are both refused. ``moment`` names the column from which the month partition is taken.
    """

    name: str
    zh: str
    en: str
    kind: TableKind
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    moment: str = ""
    about_zh: str = ""
    about_en: str = ""

    def column(self, name: str) -> Column:
        """Return the column called `name`; raise ``KeyError`` when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    @property
    def in_lake(self) -> bool:
        """Whether the rows are kept in the lake rather than in the archive."""
        return self.kind is not TableKind.ARCHIVE

    def __post_init__(self) -> None:
        """Refuse a declaration that contradicts itself."""
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.name}: a column is declared twice")
        if missing := set(self.key) - set(names):
            raise ValueError(f"{self.name}: key names unknown columns {sorted(missing)}")
        if (self.kind in {TableKind.MONTHLY, TableKind.EVENT}) != bool(self.moment):
            raise ValueError(f"{self.name}: a monthly or event table needs a moment, others have none")
        if self.moment and self.moment not in names:
            raise ValueError(f"{self.name}: moment {self.moment} is no column")
