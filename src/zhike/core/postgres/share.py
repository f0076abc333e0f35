"""A share in the bundled server: started by the first holder, stopped by the last. Refuses to trust a list of pids.

The order of locks is always `gate`, then `use`.
"""

from __future__ import annotations

import contextlib
import fcntl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TextIO

import psycopg
from psycopg import sql

from zhike.core.postgres import guard
from zhike.core.postgres.cluster import SETTINGS, Answer, Cluster, fitted_settings
from zhike.core.postgres.places import Account, PostgresFailed, in_words, make_root, socket_folder, state_root

LEAVE_SECONDS = 3  # how long an exit waits for others before it leaves the stopping to the guard


@dataclass(frozen=True)
class ServerStatus:
    """What can be said about the server without starting it."""

    answer: Answer
    version: str
    data: Path
    sockets: Path
    guarded: bool


class BundledPostgres:
    """A share in the installation's server.

    Parameters
    ----------
    home
        The installation's folder.
    settings
        Server settings beside the usual ones, e.g. ``{"fsync": "off"}`` for tests; those of the process that starts the
        server hold.
    say
        Told what is happening when it takes long.

    Raises
    ------
    PostgresFailed
        When we are root and there is no unprivileged account to run the server.
    """

    def __init__(self, home: Path, *, settings: dict[str, str] | None = None, say: Callable[[str], None] | None = None):
        self.home = home.absolute()
        self.say = say or (lambda message: None)
        self.cluster = Cluster(
            root=state_root(self.home),
            sockets=socket_folder(self.home),
            account=Account.of_this_process(),
            settings=SETTINGS | fitted_settings() | (settings or {}),
            say=self.say,
        )
        self._gate: TextIO | None = None
        self._use: TextIO | None = None

    @property
    def sockets(self) -> Path:
        """Return the folder of the server's socket."""
        return self.cluster.sockets

    def dsn(self, database: str = "postgres") -> str:
        """Return the connection string of a database of this server."""
        return self.cluster.dsn(database)

    def __enter__(self) -> BundledPostgres:
        """Hold a share and wait until the server answers.

        Raises
        ------
        PostgresFailed
            When it cannot be started (no space, no permission, damaged data).
        """
        try:
            root = make_root(self.home, self.cluster.account)
            self._gate, self._use = open(root / "gate", "a"), open(root / "use", "a")
            with self._gated():
                fcntl.flock(self._use, fcntl.LOCK_SH)
                self._ensure_up()
        except BaseException as failure:
            self._close()
            if isinstance(failure, OSError):
                raise in_words(failure, self.cluster.root) from failure
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the share; the last holder stops the server."""
        assert self._use is not None
        last = False
        try:
            with self._gated(LEAVE_SECONDS):
                fcntl.flock(self._use, fcntl.LOCK_UN)
                if last := _try_lock(self._use):
                    self.cluster.stop()
        except TimeoutError:
            pass  # somebody is starting it: the guard looks after the rest
        finally:
            self._close()
        if last:
            self._wait_for_guard()

    def answer(self) -> Answer:
        """Return how the server answers now."""
        return self.cluster.answer()

    def status(self) -> ServerStatus:
        """Return what can be said without starting anything."""
        answer, version, guarded = self.answer(), "", False
        if answer is Answer.UP:
            with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.dsn()) as connection:
                version = connection.info.parameter_status("server_version") or ""
        with contextlib.suppress(OSError), open(self.cluster.root / "guard") as file:
            guarded = not _try_lock(file)
        return ServerStatus(answer, version, self.cluster.data, self.sockets, guarded)

    def revive(self) -> bool:
        """Start the server again if it was killed while we hold a share; return whether that was needed.

        Raises
        ------
        PostgresFailed
            When it cannot be started again.
        """
        if self.answer() is Answer.UP:
            return False
        with self._gated():
            return self._ensure_up()

    def ensure_database(self, name: str) -> None:
        """Create the database when it is missing; several processes may ask at once."""
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(hashtext('zhike.ensure_database'))")
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def _ensure_up(self) -> bool:
        self._ensure_guard()
        if self.answer() is Answer.UP:
            return False
        self.cluster.start()
        return True

    @contextlib.contextmanager
    def _gated(self, seconds: float | None = None) -> Iterator[None]:
        """Hold the gate; raise TimeoutError when it does not open in time."""
        assert self._gate is not None
        began, told = time.monotonic(), False
        while not _try_lock(self._gate):
            waited = time.monotonic() - began
            if seconds is not None and waited > seconds:
                raise TimeoutError
            if waited > 3 and not told:
                self.say(
                    "另一进程正在启动或停止数据库，请稍候…… / "
                    "another process is starting or stopping the database, please wait…"
                )
                told = True
            time.sleep(0.02)
        try:
            yield
        finally:
            fcntl.flock(self._gate, fcntl.LOCK_UN)

    def _close(self) -> None:
        for file in (self._use, self._gate):
            if file is not None:
                fcntl.flock(file, fcntl.LOCK_UN)  # said aloud: forked children share the open file
                file.close()
        self._use = self._gate = None

    def _ensure_guard(self) -> None:
        """Have a process that stops the server when all holders were killed; one is enough."""
        cluster = self.cluster
        with open(cluster.root / "guard", "a") as file:
            if not _try_lock(file):
                return
        arguments = [cluster.root, cluster.data, cluster.pg_ctl, cluster.account.uid, cluster.account.gid]
        started = subprocess.run(
            [sys.executable, "-I", "-S", guard.__file__, *map(str, arguments)],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            check=False,
        )
        if started.returncode != 0:
            raise PostgresFailed(f"数据库看守进程未能启动 / the database's guard did not start\n{started.stderr}")

    def _wait_for_guard(self) -> None:
        """Wait until the guard has noticed that the server is gone, so that no process is left when we are."""
        until = time.monotonic() + LEAVE_SECONDS
        with contextlib.suppress(OSError), open(self.cluster.root / "guard") as file:
            while not _try_lock(file) and time.monotonic() < until:
                time.sleep(0.02)


def _try_lock(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
