"""Compiles the translations that are missing or older than their source. Refuses to need gettext or a writable tree."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from django.conf import settings


def compile_catalogue(source: Path, target: Path) -> None:
    """Write one catalogue in binary form; readers see the old one or the new one, never a part."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with source.open("rb") as opened:
        catalogue = read_po(opened, locale=source.parent.parent.name)
    handle, scratch = tempfile.mkstemp(dir=target.parent, prefix=".compiling-")
    try:
        with os.fdopen(handle, "wb") as written:
            write_mo(written, catalogue)
        Path(scratch).chmod(0o644)
        Path(scratch).replace(target)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise


def ensure_compiled() -> list[Path]:
    """Compile every outdated catalogue of the installation and return those written.

    An installation that may not be written keeps what it has: people then read Chinese where English is missing.
    """
    done = []
    for folder in map(Path, settings.LOCALE_PATHS):
        for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
            target = source.with_suffix(".mo")
            if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
                continue
            with contextlib.suppress(OSError):
                compile_catalogue(source, target)
                done.append(target)
    return done
