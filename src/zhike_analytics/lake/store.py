"""The lake: which files hold which month of which table, and how a month is swapped in whole. Refuses half a commit.

Layout: ``<root>/<table>/manifest.json`` names the files; ``period=YYYYMM/part-<version>.parquet`` are they. A file that
no manifest names does not exist for readers. The manifest is replaced atomically under a lock per table, so a process
killed at any instant leaves the last whole state.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zhike_analytics.contracts.columns import Table
from zhike_analytics.contracts.issues import IntakeError
from zhike_analytics.contracts.registry import table as table_named
from zhike_analytics.engines import partitions

GRACE_SECONDS = 3600


class LakeError(RuntimeError):
    """The lake could not be written; the state before is untouched. The message is for people, in both languages."""


@dataclass(frozen=True, slots=True)
class Partition:
    """One month of one table (period 0 for tables without months)."""

    period: int
    file: str
    rows: int
    sha256: str
    source: str
    version: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """All partitions of a table as they stand at `version`."""

    table: str
    version: int
    partitions: tuple[Partition, ...]

    @property
    def rows(self) -> int:
        """Rows in all partitions."""
        return sum(one.rows for one in self.partitions)

    @property
    def fingerprint(self) -> str:
        """Digest of the content of all partitions, by which results cite what they were made from."""
        content = "".join(f"{one.period}:{one.sha256};" for one in self.partitions)
        return hashlib.sha256(content.encode()).hexdigest()


class Lake:
    """A lake in a folder; made when missing.

    >>> import tempfile
    >>> Lake(Path(tempfile.mkdtemp())).manifest("bills").rows
    0
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    # -- reading ------------------------------------------------------------------------------------------------

    def manifest(self, table: str) -> Manifest:
        """Return the current manifest of a table; version 0 without partitions when nothing was loaded yet."""
        table_named(table)
        try:
            content = json.loads((self.root / table / "manifest.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Manifest(table, 0, ())
        return Manifest(table, content["version"], tuple(Partition(**one) for one in content["partitions"]))

    def files(self, table: str, *, periods: Sequence[int] | None = None) -> list[Path]:
        """Return the files that hold a table (or some of its months) now."""
        return [
            self.root / table / one.file
            for one in self.manifest(table).partitions
            if periods is None or one.period in periods
        ]

    def rows(
        self,
        table: str,
        *,
        periods: Sequence[int] | None = None,
        columns: Sequence[str] = (),
        limit: int = 5000,
        **equals: Any,
    ) -> list[dict[str, Any]]:
        """Return rows whose columns equal the given values, e.g. ``account_code="G1"``; for drilling down."""
        with self._scratch() as workdir:
            return partitions.read_rows(
                table_named(table), self.files(table, periods=periods), workdir,
                equals=equals, columns=columns, limit=limit,
            )  # fmt: skip

    def concentration(self, table: str, measure: str) -> list[tuple[float, float]]:
        """Return the share of the largest accounts in a measure, see ``engines.partitions.concentration``."""
        with self._scratch() as workdir:
            return partitions.concentration(self.files(table), measure, workdir)

    # -- writing ------------------------------------------------------------------------------------------------

    def commit(self, table: str, accepted: Path, *, source: str) -> Manifest:
        """Merge checked rows into their months by key and swap all of those months in at once.

        Rows of the same key are replaced; rows that are already there change nothing, and when no row changes, the
        version stays. Two commits of one table wait for each other.

        Raises
        ------
        LakeError
            When nothing could be written (disk full, no permission).
        """
        declared = table_named(table)
        folder = self.root / table
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with self._locked(folder):
                return self._commit_locked(declared, folder, accepted, source)
        except (OSError, IntakeError) as failure:
            raise LakeError(
                f"{table} 未能写入，原有内容未变 / was not written, nothing changed: {failure}"
            ) from failure

    def _commit_locked(self, table: Table, folder: Path, accepted: Path, source: str) -> Manifest:
        before = self.manifest(table.name)
        self._sweep(folder, before)
        current = {one.period: one for one in before.partitions}
        with self._scratch() as workdir:
            months = partitions.periods_of(table, accepted, workdir)
            drafts = {month: folder / f".draft-{month}-{secrets.token_hex(4)}.parquet" for month in months}
            existing = {month: folder / current[month].file for month in months if month in current}
            try:
                written = partitions.merge(table, accepted, existing, drafts, workdir)
                if not written:
                    return before
                version = before.version + 1
                for month, rows in written.items():
                    current[month] = self._place(folder, drafts[month], month, rows, source, version)
            finally:
                for draft in drafts.values():
                    draft.unlink(missing_ok=True)
        after = Manifest(table.name, version, tuple(current[month] for month in sorted(current)))
        self._publish(folder, after)
        return after

    def _place(self, folder: Path, draft: Path, period: int, rows: int, source: str, version: int) -> Partition:
        with draft.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        home = folder / f"period={period}"
        home.mkdir(exist_ok=True)
        final = home / f"part-{version:06d}.parquet"
        draft.replace(final)
        _sync_folder(home)
        return Partition(period, f"{home.name}/{final.name}", rows, digest, source, version)

    def _publish(self, folder: Path, manifest: Manifest) -> None:
        draft = folder / f".manifest-{secrets.token_hex(4)}"
        content = {
            "version": manifest.version,
            "partitions": [
                {field: getattr(one, field) for field in ("period", "file", "rows", "sha256", "source", "version")}
                for one in manifest.partitions
            ],
        }
        with draft.open("w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / "manifest.json")
        _sync_folder(folder)

    def _sweep(self, folder: Path, manifest: Manifest) -> None:
        """Remove what a killed commit left behind, and replaced files that no reader can still hold."""
        named = {str(folder / one.file) for one in manifest.partitions}
        for leaving in folder.glob(".draft-*"):
            leaving.unlink(missing_ok=True)
        for leaving in folder.glob(".manifest-*"):
            leaving.unlink(missing_ok=True)
        for file in folder.glob("period=*/part-*.parquet"):
            if str(file) not in named and time.time() - file.stat().st_mtime > GRACE_SECONDS:
                file.unlink(missing_ok=True)

    @contextmanager
    def _locked(self, folder: Path) -> Iterator[None]:
        with (folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        self.root.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".scratch-", dir=self.root))
        try:
            yield folder
        finally:
            with contextlib.suppress(OSError):
                shutil.rmtree(folder)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
