"""The rejects of an import: one file that opens in Excel and starts no formula, and its first rows for the page.

Owns the wording of what only the database can refuse; refuses to show personal values unmasked.
"""

from __future__ import annotations

import csv
import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TextIO

from zhike.core.masking import mask_text
from zhike.facts.loading.incoming import RefusedRow
from zhike_analytics.contracts import TABLES, Table
from zhike_analytics.contracts.issues import Reject, reason

HEADER = ("文件 file", "行 line", "列 column", "值 value", "原因", "reason", "code")
KEPT_FIRST = 200
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
OWN_REASONS = {
    "too_deep": ("上级客户超过 30 层", "its parents are more than 30 levels"),
    "erased": (
        "本人已要求删除个人信息，不再导入；请在来源系统里也删除",
        "this person had their personal data erased and is not imported again; erase them at the source too",
    ),
    "region_circle": ("上级区域绕成了圈", "the regions above form a circle"),
}
REFERENCES = {
    "manager_code": "staff.staff_code",
    "backup_code": "staff.staff_code",
    "tie_staff_code": "staff.staff_code",
}


def as_reject(table: Table, files: Sequence[str], row: RefusedRow) -> Reject:
    """Return a row refused by the database as the check of the files words it."""
    file, line, column_name, value, code = row
    column = table.column(column_name)
    details = {"references": column.references or REFERENCES.get(column_name, "")}
    zh, en = OWN_REASONS.get(code) or reason(code, details)
    name = files[file] if file is not None and file < len(files) else ""
    return Reject(name, line or 0, column_name, "" if code == "erased" else (value or "")[:200], code, zh, en)


class RejectsFile:
    """The file of an import's rejects while it is written: whole at the end, or not at all."""

    def __init__(self, target: Path, earlier: Path | None) -> None:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.target = target
        self.added = 0
        self.first: list[Reject] = []
        self._draft = target.with_suffix(f".{os.getpid()}.draft")
        self._earlier = earlier if earlier is not None and earlier.exists() else None
        self._file: TextIO | None = None

    def __enter__(self) -> RejectsFile:
        self._file = open(self._draft, "w", encoding="utf-8-sig", newline="")
        writer = csv.writer(self._file)
        if self._earlier:
            with open(self._earlier, encoding="utf-8-sig", newline="") as before:
                writer.writerows(csv.reader(before))
        else:
            writer.writerow(HEADER)
        self._write = writer.writerow
        return self

    def add(self, one: Reject) -> None:
        """Append a reject; what would start a formula in Excel is disarmed."""
        self.added += 1
        if len(self.first) < KEPT_FIRST:
            self.first.append(one)
        row = (one.file, str(one.line), one.column, one.value, one.zh, one.en, one.code)
        self._write([f"'{cell}" if cell.startswith(DANGEROUS) else cell for cell in row])

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._file is not None
        try:
            self._file.close()
            if kind is None and (self.added or self._earlier):
                os.replace(self._draft, self.target)
        finally:
            self._draft.unlink(missing_ok=True)


def read_rejects(path: Path, start: int, size: int) -> list[Reject]:
    """Return `size` rejects from number `start` on (from 0); empty when the file has gone."""
    return list(itertools.islice(_read(path), start, start + size))


def _read(path: Path) -> Iterator[Reject]:
    if not path.exists():
        return
    with open(path, encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        next(reader, None)
        for row in reader:
            name, line, column, value, zh, en, code = (_armed(cell) for cell in row)
            yield Reject(name, int(line), column, value, code, zh, en)


def _armed(cell: str) -> str:
    """Return a cell without the mark that keeps Excel from running it: pages show text as text."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(DANGEROUS) else cell


def shown_value(tables: Iterable[str], reject: Reject) -> str:
    """Return the value as a page may show it: personal data masked, and whole lines that may hold some."""
    personal = {column.name for table in tables for column in TABLES[table].columns if column.personal}
    hidden = personal if not reject.column else personal & set(reject.column.split("+"))
    return mask_text(reject.value) if hidden else reject.value
