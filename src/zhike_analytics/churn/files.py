"""Puts results at their place in one move and names the code they came from. Refuses half a result."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import zhike_analytics


@contextlib.contextmanager
def draft_beside(target: Path) -> Iterator[tuple[Path, Path]]:
    """Yield a folder to fill and one for files on the way; both are gone afterwards, whatever happened."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for stale in target.parent.glob(f".draft-{target.name}-*"):
        shutil.rmtree(stale, ignore_errors=True)
    home = Path(tempfile.mkdtemp(prefix=f".draft-{target.name}-", dir=target.parent))
    draft, scratch = home / "result", home / "scratch"
    try:
        draft.mkdir()
        scratch.mkdir()
        yield draft, scratch
    finally:
        shutil.rmtree(home, ignore_errors=True)


def code_fingerprint(rooms: Sequence[str]) -> str:
    """Return a digest of the code that makes results, by which they cite it."""
    home = Path(zhike_analytics.__file__).parent
    found = hashlib.sha256()
    for path in sorted(path for room in rooms for path in (home / room).glob("*.py")):
        found.update(path.relative_to(home).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def digest(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def settle(folder: Path) -> None:
    """Have everything on disk before the folder takes its place."""
    for path in [*sorted(folder.iterdir()), folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
