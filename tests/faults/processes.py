"""Helpers of the tests that kill: holders of the bundled server, and who is left of an installation."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from zhike.core.postgres.places import socket_folder, state_root

ROUNDS = 20 if os.environ.get("SOAK") == "1" else 3
PATIENCE = 90  # far more than needed: a busy machine is no failure


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return our environment with another home and without what the suite set for itself."""
    dropped = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE", "ZHIKE_ENV"}
    return {name: value for name, value in os.environ.items() if name not in dropped} | {"ZHIKE_HOME": str(home)} | more


class Holder:
    """A process that holds a share in the server of a home until it is told to leave."""

    def __init__(self, home: Path, *, user: int | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "zhike.core.postgres"],
            env=environment(home, HOME=str(home)),
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def wait_until_up(self) -> str:
        """Return the connection string once the server answers; fail with what was said when it does not."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("up "), self.leave()
        return line.removeprefix("up ").strip()

    def leave(self) -> str:
        """Let it go as it wants to and return what it said on standard error."""
        said = self.process.communicate("", timeout=PATIENCE)[1]
        return str(said)

    def kill(self) -> None:
        """End it as the kernel would."""
        self.process.kill()
        self.process.communicate()


def of_home(home: Path) -> list[psutil.Process]:
    """Return every living process of the installation: by its environment, its folder or its arguments."""
    root = str(state_root(home))
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                continue
            words = process.cmdline()
            ours = process.environ().get("ZHIKE_HOME") == str(home)
            if ours or process.cwd().startswith(root) or any(root in word for word in words):
                found.append(process)
    return found


def postmaster(home: Path) -> psutil.Process:
    """Return the server's first process."""
    return psutil.Process(int((state_root(home) / "data" / "postmaster.pid").read_text().split("\n")[0]))


def guard_of(home: Path) -> psutil.Process:
    """Return the process that stops the server when all its users were killed."""
    return next(process for process in of_home(home) if any("guard.py" in word for word in process.cmdline()))


def wait_until(true: Callable[[], bool], what: str) -> None:
    """Wait until something holds; fail by name when it does not."""
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, f"waited in vain: {what}"
        time.sleep(0.05)


def wait_until_nobody_is_left(home: Path) -> None:
    """Wait until no process of the installation lives; name those that do."""
    until = time.monotonic() + PATIENCE
    while left := of_home(home):
        assert time.monotonic() < until, [process.as_dict(["pid", "cmdline"]) for process in left]
        time.sleep(0.1)


@contextlib.contextmanager
def installation(home: Path) -> Iterator[Path]:
    """Yield a home and clear away whatever a failing test leaves of it."""
    try:
        yield home
    finally:
        for process in of_home(home):
            with contextlib.suppress(psutil.Error):
                process.kill()
        shutil.rmtree(state_root(home), ignore_errors=True)
        shutil.rmtree(socket_folder(home), ignore_errors=True)
