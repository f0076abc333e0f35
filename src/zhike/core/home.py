"""Where an installation keeps its state on disk, and its secret key. Refuses to know what is kept there."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def home() -> Path:
    """Return ZHIKE_HOME (default ``.zhike`` in the working directory) as an absolute path; it need not exist yet."""
    return Path(os.environ.get("ZHIKE_HOME") or ".zhike").absolute()


def folder(name: str) -> Path:
    """Return a folder of the installation, e.g. ``lake``; made when missing, readable by its owner only."""
    path = home() / name
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def secret(root: Path) -> str:
    """Return the installation's key, made at first use and readable by its owner only.

    Two processes starting at once agree on one key: only the first link of the finished file succeeds.
    """
    path = root / "secret"
    if not path.exists():
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = root / f".secret-{os.getpid()}-{secrets.token_hex(4)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(64))
            file.flush()
            os.fsync(file.fileno())  # an empty key after a power cut would stop every later start
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii")
