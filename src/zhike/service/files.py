"""Attachments on disk: kept once by fingerprint, safe on disk before any row names them. Refuses what it cannot tell.

A file lies in ``ZHIKE_HOME/attachments/ab/abcdef…`` under its SHA-256, whatever it was called. A file that no row came
to name (the process died between) is swept away by a nightly job.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from zhike.core.home import folder, home
from zhike.service.refusals import Refused

LARGEST = 20 * 1024 * 1024
MOST = 10
LONGEST_NAME = 120
ORPHAN_SECONDS = 24 * 3600
HEAD = 16

_ZIP, _OLE = (b"PK\x03\x04",), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)
KINDS: dict[str, tuple[str, tuple[bytes, ...]]] = {
    ".pdf": ("application/pdf", (b"%PDF-",)),
    ".png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    ".jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".gif": ("image/gif", (b"GIF87a", b"GIF89a")),
    ".webp": ("image/webp", (b"RIFF",)),
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _ZIP),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _ZIP),
    ".doc": ("application/msword", _OLE),
    ".xls": ("application/vnd.ms-excel", _OLE),
    ".zip": ("application/zip", _ZIP),
    ".wav": ("audio/wav", (b"RIFF",)),
    ".mp3": ("audio/mpeg", (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
    ".amr": ("audio/amr", (b"#!AMR",)),
    ".mp4": ("video/mp4", ()),
    ".txt": ("text/plain", ()),
    ".csv": ("text/csv", ()),
    ".log": ("text/plain", ()),
}
"""What may be attached: each ending with its kind and the bytes it begins with. Nothing that a browser would run."""
_TEXTS = {".txt", ".csv", ".log"}


@dataclass(frozen=True)
class Kept:
    """A file that is safe on disk."""

    name: str
    kind: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Upload:
    """A file on its way in: what it is called, and its content in pieces."""

    name: str
    pieces: Iterable[bytes]


def keep_all(uploads: Iterable[Upload]) -> list[Kept]:
    """Keep several files; all of them, or nothing is named.

    Raises
    ------
    Refused
        ``file_count``, and what :func:`keep` refuses.
    """
    given = list(uploads)
    if len(given) > MOST:
        raise Refused("file_count", most=MOST)
    return [keep(one) for one in given]


def keep(upload: Upload) -> Kept:
    """Write a file down under its fingerprint and return when it is on disk, so that a row may name it.

    Raises
    ------
    Refused
        ``file_size``, ``file_kind``, ``empty_file``.
    """
    name = _name(upload.name)
    suffix = Path(name).suffix.lower()
    if suffix not in KINDS:
        raise Refused("file_kind", name=name)
    store = folder("attachments")
    draft = store / f".{os.getpid()}-{os.urandom(8).hex()}"
    digest, size, head = hashlib.sha256(), 0, b""
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for piece in upload.pieces:
                size += len(piece)
                if size > LARGEST:
                    raise Refused("file_size", name=name, most=LARGEST)
                if suffix in _TEXTS and b"\0" in piece:
                    raise Refused("file_kind", name=name)
                if len(head) < HEAD:
                    head = (head + piece)[:HEAD]
                digest.update(piece)
                file.write(piece)
            if not size:
                raise Refused("empty_file", name=name)
            if not _is(suffix, head):
                raise Refused("file_kind", name=name)
            file.flush()
            os.fsync(file.fileno())
        _settle(draft, _place(digest.hexdigest()))
    finally:
        draft.unlink(missing_ok=True)
    return Kept(name, KINDS[suffix][0], digest.hexdigest(), size)


def path_of(sha256: str) -> Path:
    """Return where the file of a fingerprint lies.

    Raises
    ------
    FileNotFoundError
        When it is not there.
    """
    path = home() / "attachments" / sha256[:2] / sha256
    if not path.is_file():
        raise FileNotFoundError(sha256)
    return path


def stored() -> Iterator[str]:
    """Yield the fingerprints of files that have lain here for a day or longer."""
    border = time.time() - ORPHAN_SECONDS
    for path in (home() / "attachments").glob("??/*"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < border:
                yield path.name


def drop(sha256: str) -> None:
    """Remove a file that no row names."""
    (home() / "attachments" / sha256[:2] / sha256).unlink(missing_ok=True)


def _name(given: str) -> str:
    plain = given.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(sign for sign in plain if sign.isprintable()).strip() or "?"
    stem, suffix = Path(plain).stem, Path(plain).suffix
    return f"{stem[: LONGEST_NAME - len(suffix)]}{suffix}"[:LONGEST_NAME]


def _is(suffix: str, head: bytes) -> bool:
    if suffix == ".mp4":
        return head[4:8] == b"ftyp"
    if suffix in {".webp", ".wav"}:
        return head[:4] == b"RIFF" and head[8:12] == (b"WEBP" if suffix == ".webp" else b"WAVE")
    begins = KINDS[suffix][1]
    return not begins or head.startswith(begins)


def _place(digest: str) -> Path:
    below = folder("attachments") / digest[:2]
    below.mkdir(mode=0o700, exist_ok=True)
    return below / digest


def _settle(draft: Path, place: Path) -> None:
    """Give a written file its name; the folders are synchronised too, or a power cut could forget the name."""
    if place.exists():
        os.utime(place)  # the sweep counts a day from now: the row that will name it comes later
        return
    os.replace(draft, place)
    for one in (place.parent, place.parent.parent):
        handle = os.open(one, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
