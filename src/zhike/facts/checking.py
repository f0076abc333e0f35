"""Reads the files of an import: good rows become typed Parquet, the others a file of rejects. Changes no data.

What was found is kept in the import's folder, so that loading need not read the files again; a folder without its
last word (``checked.json``) was cut off and is made anew.
"""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import connection

from zhike.facts.loading.archive import LOAD_ORDER
from zhike.facts.loading.incoming import Report
from zhike_analytics.contracts import TABLES
from zhike_analytics.contracts.issues import Reject
from zhike_analytics.contracts.mapping import Mapping
from zhike_analytics.engines.intake import IntakeRequest, IntakeResult, intake

FINISHED = "checked.json"
BLOCK = 200_000


@dataclass(frozen=True)
class CheckedTable:
    """What the files hold for one table."""

    table: str
    accepted: str
    read: int
    accepted_rows: int
    refused_rows: int
    duplicates: int
    present: list[str]
    ignored: list[str]
    months: list[dict[str, Any]]

    @property
    def parquet(self) -> Path:
        """The file of good rows."""
        return Path(self.accepted)


@dataclass(frozen=True)
class Checked:
    """What all files of an import hold."""

    tables: list[CheckedTable]
    files: list[str]
    rejects: str = ""
    sample: list[dict[str, Any]] = field(default_factory=list)

    def in_load_order(self) -> list[CheckedTable]:
        """Return the tables so that those named by others come first."""
        places = {name: number for number, name in enumerate(LOAD_ORDER)}
        return sorted(self.tables, key=lambda one: places.get(one.table, len(places)))

    def first_rejects(self) -> list[Reject]:
        """Return the first rejects."""
        return [Reject(**one) for one in self.sample]


def check_files(
    files: Sequence[tuple[str, Path]],
    workdir: Path,
    *,
    table: str = "",
    mapping: Mapping | None = None,
    today: date,
    strict: bool = False,
    report: Report,
) -> Checked:
    """Read and check the files (names and places), or return what an earlier, finished check of them found.

    Raises
    ------
    IntakeError
        When a file is no table, the disk is full, or (strict) a row is refused.
    """
    finished = workdir / FINISHED
    if finished.exists():
        return _read(finished)
    shutil.rmtree(workdir, ignore_errors=True)
    workdir.mkdir(parents=True, mode=0o700)
    given = _under_their_names(files, workdir / "files")
    plan = _parts(mapping, table)
    parts: list[Checked] = []
    for number, part in enumerate(plan):
        request = IntakeRequest(
            files=given,
            workdir=workdir / str(number),
            today=today,
            table=table,
            mapping=part,
            references=_references(part, table, workdir / str(number), parts),
            progress=_share(report, number, len(plan)),
        )
        parts.append(_plain(intake(request)))
    checked = _joined(parts, workdir)
    if strict and (refused := sum(one.refused_rows for one in checked.tables)):
        raise RowsRefused(refused, checked)
    draft = workdir / f".{FINISHED}"
    draft.write_text(json.dumps(asdict(checked), ensure_ascii=False), encoding="utf-8")
    draft.replace(finished)
    return checked


def _under_their_names(files: Sequence[tuple[str, Path]], folder: Path) -> list[Path]:
    """Return links by which the files bear the names people know: mappings and rejects go by them."""
    folder.mkdir(mode=0o700)
    given = []
    for name, place in files:
        link = folder / name
        for number in itertools.count(2):
            if not link.is_symlink():
                break
            link = folder / f"{Path(name).stem} ({number}){Path(name).suffix}"
        link.symlink_to(place)
        given.append(link)
    return given


def _parts(mapping: Mapping | None, table: str) -> list[Mapping | None]:
    """Return the mapping in the parts that are read one after the other: accounts first where others name them.

    Rows of the lake are refused when their account is unknown; one that the same files bring is known.
    """
    if mapping is None or table or "accounts" not in {output.table for output in mapping.outputs}:
        return [mapping]
    first = [output for output in mapping.outputs if not TABLES[output.table].in_lake]
    then = [output for output in mapping.outputs if TABLES[output.table].in_lake]
    return [mapping.model_copy(update={"outputs": part}) for part in (first, then) if part]


def _references(mapping: Mapping | None, table: str, folder: Path, earlier: list[Checked]) -> dict[str, Path]:
    """Write the known account codes where rows of the lake name accounts; the archive judges its own references."""
    tables = [output.table for output in mapping.outputs] if mapping else [table]
    if not any(TABLES[one].in_lake for one in tables):
        return {}
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "accounts.parquet"
    schema = pa.schema([("code", pa.string())])
    with pq.ParquetWriter(path, schema) as writer, connection.cursor() as cursor:
        last = ""
        while True:
            cursor.execute("SELECT code FROM customers_account WHERE code > %s ORDER BY code LIMIT %s", [last, BLOCK])
            codes = [row[0] for row in cursor.fetchall()]
            if not codes:
                break
            writer.write_table(pa.table({"code": codes}, schema=schema))
            last = codes[-1]
        for one in (found for part in earlier for found in part.tables if found.table == "accounts"):
            for batch in pq.ParquetFile(one.parquet).iter_batches(columns=["account_code"]):
                writer.write_table(pa.table({"code": batch.column(0)}, schema=schema))
    return {"accounts.account_code": path}


def _share(report: Report, number: int, parts: int) -> Callable[[float, str], None]:
    return lambda fraction, stage: report((number + fraction) / parts, stage)


def _plain(result: IntakeResult) -> Checked:
    tables = [
        CheckedTable(
            one.table, str(one.accepted), one.read, one.accepted_rows, one.refused_rows, one.duplicates,
            list(one.present), list(one.ignored), list(one.months),
        )
        for one in result.tables
    ]  # fmt: skip
    return Checked(
        tables,
        [scanned.path.name for scanned in result.files],
        str(result.rejects or ""),
        [asdict(reject) for reject in result.sample],
    )


def _joined(parts: list[Checked], workdir: Path) -> Checked:
    """Return the parts as one, with one file of rejects."""
    if len(parts) == 1:
        return parts[0]
    written = [Path(part.rejects) for part in parts if part.rejects]
    target = workdir / "rejects.csv"
    for number, path in enumerate(written):
        lines = path.read_text(encoding="utf-8-sig").splitlines(keepends=True)
        with open(target, "a", encoding="utf-8-sig" if number == 0 else "utf-8", newline="") as file:
            file.writelines(lines if number == 0 else lines[1:])
    return Checked(
        [one for part in parts for one in part.tables],
        parts[0].files,
        str(target) if written else "",
        [one for part in parts for one in part.sample],
    )


def _read(path: Path) -> Checked:
    content = json.loads(path.read_text(encoding="utf-8"))
    return Checked(
        [CheckedTable(**one) for one in content["tables"]], content["files"], content["rejects"], content["sample"]
    )


class RowsRefused(Exception):
    """Rows were refused and the person wanted all or nothing."""

    def __init__(self, count: int, checked: Checked) -> None:
        super().__init__(count)
        self.count, self.checked = count, checked
