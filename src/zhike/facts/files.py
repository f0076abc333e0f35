"""Files on their way in: kept once by their fingerprint, or read where they lie. Refuses what is too large or no table.

Uploads stand in ``ZHIKE_HOME/uploads`` under their SHA-256; files put into ``ZHIKE_HOME/inbox`` on the server can be
chosen on the page without sending them through the browser.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.utils.translation import gettext_lazy as _

from zhike.core.home import folder, home

SUFFIXES = {".csv", ".txt", ".tsv", ".xlsx", ".parquet"}
CHUNK = 4 * 1024 * 1024
LONGEST_NAME = 120


class FileRefused(ValueError):
    """A file cannot be taken; the text says why and what to do."""


@dataclass(frozen=True)
class StoredFile:
    """A file as an import names it."""

    name: str
    path: str
    sha256: str
    bytes: int

    def as_dict(self) -> dict[str, Any]:
        """Return the file as it is kept with the import."""
        return asdict(self)


class LimitedUploadHandler(TemporaryFileUploadHandler):
    """Writes uploads to disk as they arrive, up to the limit: from there on they are counted, so that no upload can
    fill the disk and :func:`keep_upload` can say that it was too large."""

    def new_file(self, *arguments: Any, **options: Any) -> None:
        """Begin the next file of the form."""
        super().new_file(*arguments, **options)
        self._received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a piece; give the room back once it is too much."""
        self._received += len(raw_data)
        if self._received <= settings.ZHIKE_UPLOAD_LIMIT_BYTES:
            super().receive_data_chunk(raw_data, start)
        elif self._received - len(raw_data) <= settings.ZHIKE_UPLOAD_LIMIT_BYTES:
            self.file.seek(0)
            self.file.truncate()


def fingerprint(path: Path, tell: Callable[[int], None] | None = None) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
            if tell:
                tell(len(piece))
    return digest.hexdigest()


def server_file(path: Path) -> StoredFile:
    """Return a file that lies on the server; it is read where it is.

    Raises
    ------
    FileRefused
        When it is missing, no file, or of a kind that holds no table.
    """
    path = path.expanduser().absolute()
    if not path.is_file():
        raise FileRefused(f"没有这个文件 / no such file: {path}")
    _check_name(path.name)
    try:
        return StoredFile(path.name, str(path), fingerprint(path), path.stat().st_size)
    except OSError as failure:
        raise FileRefused(f"无法读取 / cannot be read: {path} ({failure.strerror})") from failure


def keep_upload(upload: UploadedFile) -> StoredFile:
    """Keep an uploaded file under its fingerprint; the same content is kept once."""
    name = Path(str(upload.name)).name[-LONGEST_NAME:]
    _check_name(name)
    if (upload.size or 0) > settings.ZHIKE_UPLOAD_LIMIT_BYTES:
        raise FileRefused(str(_("文件太大。请放到服务器的 inbox 文件夹，再在此选择。")))
    suffix = Path(name).suffix.lower()
    store = folder("uploads")
    draft = store / f".{os.getpid()}-{os.urandom(6).hex()}{suffix}"
    digest = hashlib.sha256()
    size = 0
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for piece in upload.chunks(CHUNK):
                digest.update(piece)
                size += len(piece)
                file.write(piece)
        kept = store / f"{digest.hexdigest()}{suffix}"
        os.replace(draft, kept)
    finally:
        draft.unlink(missing_ok=True)
    return StoredFile(name, str(kept), digest.hexdigest(), size)


def inbox() -> list[Path]:
    """Return the files waiting in the server's inbox, by name."""
    waiting = home() / "inbox"
    if not waiting.is_dir():
        return []
    return sorted(
        path
        for path in waiting.iterdir()
        if path.suffix.lower() in SUFFIXES and path.is_file() and not path.is_symlink()
    )


def inbox_file(name: str) -> StoredFile:
    """Return a waiting file by its name, which may not lead anywhere else.

    Raises
    ------
    FileRefused
        When no such file waits.
    """
    for path in inbox():
        if path.name == name:
            return server_file(path)
    raise FileRefused(str(_("inbox 里没有这个文件，请刷新后再选。")))


def known_mappings() -> list[Path]:
    """Return the mapping files that can be chosen: the installation's own, and the examples that came with it."""
    examples = Path(__file__).resolve().parents[3] / "examples" / "mappings"
    found: dict[str, Path] = {}
    for place in (examples, home() / "mappings"):
        for path in sorted(place.glob("*.yaml")) if place.is_dir() else []:
            found[path.name] = path
    return list(found.values())


def work_folder(import_id: UUID) -> Path:
    """Return the folder in which an import keeps what it has read, until it is loaded or dropped."""
    path = folder("imports") / str(import_id)
    path.mkdir(exist_ok=True, mode=0o700)
    return path


def drop_work_folder(import_id: UUID) -> None:
    """Remove what an import kept on its way."""
    shutil.rmtree(home() / "imports" / str(import_id), ignore_errors=True)


def _check_name(name: str) -> None:
    if Path(name).suffix.lower() not in SUFFIXES:
        known = " ".join(sorted(SUFFIXES))
        raise FileRefused(f"{name}: 不认识这种文件，可用 / unknown kind of file, use one of: {known}")
