"""What a mapping file may say: how an operator's extract becomes our tables. Refuses SQL and code."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from zhike_analytics.contracts.issues import IntakeError
from zhike_analytics.contracts.registry import TABLES


class Strict(BaseModel):
    """Unknown words are refused, so that a typing error is never silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(Strict):
    """One file (or several of one shape) under a short name."""

    file: str = Field(description="file name or glob pattern, e.g. usage_*.csv; matched against the given files")
    sheet: str = ""
    delimiter: str = Field(default="", max_length=1)
    distinct: bool = Field(default=False, description="drop exact duplicates of whole rows, and count them")


class Join(Strict):
    """Brings the columns of another source to each row: ``usage_*`` columns are then named ``alias.column``."""

    source: str
    on: dict[str, str] = Field(min_length=1, description="column so far: column of the joined source")
    how: Literal["left", "inner"] = "left"


class Condition(Strict):
    """Which rows count. Exactly one test."""

    column: str
    equals: str | None = None
    differs: str | None = None
    one_of: list[str] | None = None
    none_of: list[str] | None = None
    filled: bool | None = None

    @model_validator(mode="after")
    def _one_test(self) -> Condition:
        if sum(test is not None for test in (self.equals, self.differs, self.one_of, self.none_of, self.filled)) != 1:
            raise ValueError("needs exactly one of equals, differs, one_of, none_of, filled")
        return self


class Value(Strict):
    """Where a target column's text comes from, then what is done to it, in this order."""

    column: str | None = None
    columns: list[str] | None = Field(default=None, description="the first that is filled")
    constant: str | int | float | None = None
    template: str | None = Field(default=None, description="text with {column} in braces")
    strip: str | None = Field(default=None, description="characters removed wherever they stand, e.g. ¥,")
    part: tuple[int, int] | None = Field(default=None, description="start (from 1) and length")
    date_format: str | None = Field(default=None, description="strptime format of the source, e.g. %m/%d/%Y")
    month_of: bool = Field(default=False, description="the month of the date, as YYYYMM")
    multiply: float | None = None
    divide: float | None = None
    decimals: int | None = Field(default=None, ge=0, le=6, description="round half up to so many decimals")
    add_months: int | None = Field(default=None, description="with month_of: shift by months")
    map: dict[str, str] | None = None
    otherwise: str | None = Field(default=None, description="with map: for values not in it; without: they stay")

    @model_validator(mode="after")
    def _one_origin(self) -> Value:
        if sum(origin is not None for origin in (self.column, self.columns, self.constant, self.template)) != 1:
            raise ValueError("needs exactly one of column, columns, constant, template")
        if self.divide == 0:
            raise ValueError("cannot divide by zero")
        return self


class Measure(Strict):
    """A sum, count, or extreme over a group."""

    function: Literal["sum", "count", "count_distinct", "min", "max", "first"]
    value: Value | str | None = None
    when: list[Condition] = []

    @model_validator(mode="after")
    def _has_value(self) -> Measure:
        if self.function != "count" and self.value is None:
            raise ValueError(f"{self.function} needs a value")
        return self


class Unpivot(Strict):
    """Wide to long: each named column becomes rows, its label in `name`, its content in `value`."""

    columns: dict[str, str] = Field(min_length=1, description="column of the source: label")
    name: str
    value: str
    skip_empty: bool = True


class Pivot(Strict):
    """Long to wide: the labels in `name` become columns holding `value`, one row per `keep`."""

    keep: list[str] = Field(min_length=1)
    name: str
    value: str
    labels: dict[str, str] = Field(min_length=1, description="label in the source: new column")


class Output(Strict):
    """One of our tables, made from one source (and those joined to it)."""

    table: str
    source: str
    joins: list[Join] = []
    filter: list[Condition] = []
    unpivot: Unpivot | None = None
    pivot: Pivot | None = None
    columns: dict[str, Value | str]
    aggregate: dict[str, Measure] = {}
    distinct: bool = Field(default=False, description="drop exact duplicates of the resulting rows")
    clear_empty: bool = Field(default=False, description="empty cells clear what the archive holds; else they leave it")

    @model_validator(mode="after")
    def _known(self) -> Output:
        if self.table not in TABLES:
            raise ValueError(f"no table {self.table}; known: {', '.join(TABLES)}")
        names = {column.name for column in TABLES[self.table].columns}
        if unknown := (set(self.columns) | set(self.aggregate)) - names:
            raise ValueError(f"{self.table} has no column {', '.join(sorted(unknown))}")
        if both := set(self.columns) & set(self.aggregate):
            raise ValueError(f"{', '.join(sorted(both))} is both a column and a measure")
        return self


class Mapping(Strict):
    """A whole mapping file."""

    version: Literal[1]
    about: str = ""
    sources: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Source] = Field(min_length=1)
    outputs: list[Output] = Field(min_length=1)

    @model_validator(mode="after")
    def _sources_known(self) -> Mapping:
        for output in self.outputs:
            for name in (output.source, *(join.source for join in output.joins)):
                if name not in self.sources:
                    raise ValueError(f"{output.table}: no source {name}; known: {', '.join(self.sources)}")
        return self


class _Loader(yaml.SafeLoader):
    """YAML in which only true and false are truth values: ``on``, ``yes`` and ``no`` are words, as in YAML 1.2."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def parse_mapping(text: str) -> Mapping:
    """Return the mapping written in `text` (YAML).

    Raises
    ------
    IntakeError
        ``mapping``, naming the place within the file and what is wrong there.
    """
    try:
        content: Any = yaml.load(text, Loader=_Loader)  # noqa: S506 a safe loader with fewer words
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "YAML"
        raise IntakeError("mapping", where=where, detail=str(getattr(fault, "problem", fault))) from fault
    try:
        return Mapping.model_validate(content)
    except ValidationError as fault:
        first = fault.errors()[0]
        where = ".".join(str(step) for step in first["loc"]) or "top"
        raise IntakeError("mapping", where=where, detail=first["msg"].removeprefix("Value error, ")) from fault
