"""What a cycle reads: files of the lake and of a snapshot of the archive, and their versions. Refuses to read rows."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Self

from zhike_analytics.contracts import periods
from zhike_analytics.contracts.registry import table as table_named
from zhike_analytics.engines.account_rows import Window
from zhike_analytics.engines.frames import TableFiles, months_in
from zhike_analytics.lake import Lake

FACTS = ("bills", "costs", "payments", "usage_month", "complaints", "visits", "orders")
ARCHIVE = (
    "accounts", "subscriptions", "competitor_holdings", "contracts", "contacts", "member_lines", "associations",
    "supply_links", "products",
)  # fmt: skip
MONTHLY = ("bills", "costs", "usage_month")


class InputError(ValueError):
    """The cycle cannot begin; the message is for people, in both languages."""


@dataclass(frozen=True)
class CycleInputs:
    """Facts and archive of one cycle.

    Attributes
    ----------
    facts
        Files per table of :data:`FACTS`; a table that was never loaded is left out.
    archive
        Files per table of :data:`ARCHIVE`, with the archive's columns; ``accounts`` is needed. A table that is left
        out is unknown; a file without rows says that there are none.
    versions
        By which results cite what they were made from: table → version or fingerprint.
    """

    facts: Mapping[str, TableFiles]
    archive: Mapping[str, TableFiles]
    versions: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a cycle without accounts."""
        if "accounts" not in self.archive:
            raise InputError("缺少客户档案（accounts） / the snapshot of accounts is missing")
        if unknown := (set(self.facts) - set(FACTS)) | (set(self.archive) - set(ARCHIVE)):
            raise InputError(f"不认识的表 / unknown tables: {', '.join(sorted(unknown))}")

    @classmethod
    def from_lake(cls, lake: Lake, archive: Mapping[str, Path]) -> Self:
        """Return the present facts of a lake with a snapshot that the caller has written (table → Parquet file)."""
        facts, versions = {}, {}
        for name in FACTS:
            manifest = lake.manifest(name)
            if manifest.partitions:
                files = tuple((one.period, lake.root / name / one.file) for one in manifest.partitions)
                facts[name] = TableFiles(files, tuple(one.period for one in manifest.partitions))
                versions[name] = f"{manifest.version}:{manifest.fingerprint}"
        held = {name: TableFiles(((0, path),)) for name, path in archive.items()}
        return cls(facts, held, versions | {f"archive.{name}": _digest([path]) for name, path in archive.items()})

    @classmethod
    def from_folder(cls, folder: Path) -> Self:
        """Return the tables of a folder as the demonstration operator writes them: ``<table>.parquet`` or by month."""
        with tempfile.TemporaryDirectory(prefix="cycle-months-") as work:
            facts = {name: _files_in(folder, name, Path(work)) for name in FACTS}
        archive = {name: _files_in(folder, name, None) for name in ARCHIVE}
        versions = {name: _digest(files.paths()) for name, files in {**facts, **archive}.items() if files is not None}
        return cls(
            {name: files for name, files in facts.items() if files is not None},
            {name: files for name, files in archive.items() if files is not None},
            versions,
        )

    def window(self, as_of: date) -> Window:
        """Return the calendar of a cycle on a day: up to the last complete month that any table of months holds.

        Raises
        ------
        InputError
            When every month loaded lies after the day: a clock that was moved back.
        """
        loaded = {name: tuple(p for p in files.periods) for name, files in self.facts.items()}
        months = sorted({p for name in MONTHLY for p in loaded.get(name, ())})
        present = periods.period_of(as_of)
        complete = [p for p in months if p < present]
        if months and not complete:
            raise InputError(
                f"数据从 {months[0]} 起，晚于 {as_of}：请检查时钟或日期"
                f" / facts begin in {months[0]}, after {as_of}: check the clock or the date"
            )
        return Window(as_of, complete[-1] if complete else periods.shift(present, -1), loaded)


def _files_in(folder: Path, name: str, workdir: Path | None) -> TableFiles | None:
    """Return the files of a table in a folder, with the months they hold when these are asked for."""
    single = folder / f"{name}.parquet"
    files = (
        ((0, single),)
        if single.exists()
        else tuple((int(one.stem.partition("=")[2]), one) for one in sorted((folder / name).glob("period=*.parquet")))
    )
    if not files:
        return None
    months = tuple(period for period, _ in files if period)
    if workdir is not None and not months and table_named(name).moment:
        months = months_in(name, [path for _, path in files], workdir)
    return TableFiles(files, months)


def _digest(files: list[Path]) -> str:
    whole = hashlib.sha256()
    for file in files:
        with file.open("rb") as handle:
            whole.update(hashlib.file_digest(handle, "sha256").digest())
    return whole.hexdigest()
