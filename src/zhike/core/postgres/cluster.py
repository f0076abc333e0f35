"""One server: making its data, starting, asking, stopping. Refuses to decide who may: `share` holds the locks."""

from __future__ import annotations

import contextlib
import enum
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from psycopg import conninfo

from zhike.core.postgres.explain import explain
from zhike.core.postgres.places import Account, PostgresFailed, make_private
from zhike.core.postgres.programs import reachable_binaries, run

START_SECONDS = 600
ORPHAN_SECONDS = 5  # how long backends of a killed server may take to notice
DYING_SECONDS = 60  # how long everything of it may take to be gone
LOG_BYTES = 16 * 1024**2
SMALL_SHARED_MEMORY = 512 * 1024**2
SETTINGS = {
    "listen_addresses": "",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "max_connections": "100",
    "jit": "off",
    "random_page_cost": "1.1",
    "log_min_duration_statement": "2s",
}


def fitted_settings() -> dict[str, str]:
    """Return the settings that follow the machine: an eighth of its memory, and room for parallel queries."""
    buffers = max(64, min(512, psutil.virtual_memory().total // 8 // 1024**2))
    fitted = {"shared_buffers": f"{buffers}MB"}
    shared = Path("/dev/shm")  # noqa: S108 asked for its size only
    if shared.is_dir() and shutil.disk_usage(shared).total < SMALL_SHARED_MEMORY:
        fitted["dynamic_shared_memory_type"] = "mmap"  # containers often allow 64 MB only
    return fitted


class Answer(enum.Enum):
    """How the server answers somebody who wants to connect."""

    UP = "up"
    BUSY = "busy"  # starting, recovering, stopping or overloaded: wait
    SILENT = "silent"


@dataclass(frozen=True)
class Cluster:
    """A server by its folders; `account` runs it."""

    root: Path
    sockets: Path
    account: Account
    settings: dict[str, str]
    say: Callable[[str], None]

    @property
    def data(self) -> Path:
        """Return the folder of the data."""
        return self.root / "data"

    @property
    def pg_ctl(self) -> Path:
        """Return the program that starts and stops the server."""
        return reachable_binaries(self.account) / "pg_ctl"

    def dsn(self, database: str) -> str:
        """Return the connection string of a database."""
        return conninfo.make_conninfo(host=str(self.sockets), user="postgres", dbname=database)

    def answer(self) -> Answer:
        """Return how the server answers now; :attr:`Answer.UP` means that a connection succeeds."""
        try:
            psycopg.connect(self.dsn("postgres"), connect_timeout=3).close()
        except psycopg.errors.ConnectionTimeout:
            return Answer.BUSY
        except psycopg.OperationalError as refusal:
            said = str(refusal)
            if "too many clients" in said or "remaining connection slots" in said:
                return Answer.UP
            busy = ("starting up", "shutting down", "recovery", "not accepting", "temporarily unavailable")
            return Answer.BUSY if any(word in said for word in busy) else Answer.SILENT
        return Answer.UP

    def start(self) -> None:
        """Start the server, making its data when there is none, and wait until it answers.

        Raises
        ------
        PostgresFailed
            When it ends by itself or does not answer within ten minutes.
        """
        for leaving in self.root.glob("data.new-*"):
            shutil.rmtree(leaving, ignore_errors=True)
        if not self.data.exists():
            self.say("正在建立数据库…… / making the database…")
            self._initialise()
        log = self.data / "server.log"
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        begins = log.stat().st_size if log.exists() else 0
        began, told = time.monotonic(), False
        while (answer := self.answer()) is not Answer.UP:
            waited = time.monotonic() - began
            if answer is Answer.SILENT:
                self._try_start(log, begins, waited)
            if waited > START_SECONDS:
                raise PostgresFailed(explain(_tail(log, begins), self.data))
            if waited > 2 and not told:
                self.say("数据库正在恢复上次未写完的内容，请稍候…… / the database is recovering, please wait…")
                told = True
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop the server: clients are cut off, their transactions rolled back."""
        self._pg_ctl("-m", "fast", "-w", "-t", "60", "stop")

    def _pg_ctl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run(self.pg_ctl, "-D", str(self.data), *arguments, account=self.account)

    def _try_start(self, log: Path, begins: int, waited: float) -> None:
        self._clear_after_a_kill(patient=waited < ORPHAN_SECONDS)
        settings = self.settings | {"unix_socket_directories": str(self.sockets), "unix_socket_permissions": "0700"}
        options = " ".join(f"-c {name}={shlex.quote(value)}" for name, value in settings.items())
        started = self._pg_ctl("-l", str(log), "-w", "-t", "5", "-o", options, "start")
        if started.returncode == 0 or self._pg_ctl("status").returncode == 0:
            return
        said = started.stdout + _tail(log, begins)
        dying = any(sign in said for sign in ("pre-existing shared memory block", "lock file"))
        if not dying or waited > DYING_SECONDS:
            raise PostgresFailed(explain(said, self.data))

    def _initialise(self) -> None:
        """Make the data beside its place and move it there whole: one that was cut off leaves nothing half-made."""
        draft = self.root / f"data.new-{os.getpid()}-{time.monotonic_ns()}"
        make_private(draft, self.account)
        hurry = ["--no-sync"] if self.settings.get("fsync") == "off" else []
        made = run(
            self.pg_ctl.with_name("initdb"), "-A", "trust", "-U", "postgres", "-D", str(draft),
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "-E", "UTF8", "--no-instructions",
            *hurry, account=self.account,
        )  # fmt: skip
        if made.returncode != 0:
            shutil.rmtree(draft, ignore_errors=True)
            raise PostgresFailed(explain(made.stdout, self.root))
        draft.rename(self.data)

    def _clear_after_a_kill(self, *, patient: bool) -> None:
        """Remove what a killed server leaves and what PostgreSQL itself would take for a running one.

        It refuses to start while a number in its lock files belongs to any process ("is another postmaster running?"):
        one that nobody has buried, or a stranger's, as is usual after a container restarts. Backends too busy to
        notice that their server is gone hold its shared memory: they are ended after some patience, always before the
        lock file goes that protects the data from them.
        """
        if any(self._belongs(pid) for pid in self._pids_in_lock_files()):
            return
        orphans = [process for process in psutil.process_iter() if self._belongs(process.pid)]
        if orphans and patient:
            return
        for orphan in orphans:
            with contextlib.suppress(psutil.Error):
                orphan.kill()
        psutil.wait_procs(orphans, timeout=ORPHAN_SECONDS)
        for file in self._lock_files():
            file.unlink(missing_ok=True)

    def _lock_files(self) -> list[Path]:
        return [self.sockets / ".s.PGSQL.5432.lock", self.data / "postmaster.pid"]

    def _pids_in_lock_files(self) -> set[int]:
        found = set()
        for file in self._lock_files():
            with contextlib.suppress(OSError, ValueError):
                found.add(int(file.read_text(encoding="ascii", errors="replace").split("\n", 1)[0]))
        return found

    def _belongs(self, pid: int) -> bool:
        """Return whether a living process is one of this server's."""
        with contextlib.suppress(psutil.Error, OSError):
            process = psutil.Process(pid)
            # A server works in the folder of its data; a process that is ending has no folder any more.
            return process.name() == "postgres" and process.cwd() == str(self.data)
        return False


def _tail(log: Path, begins: int) -> str:
    """Return what the server wrote since it was asked to start."""
    with contextlib.suppress(OSError), open(log, "rb") as file:
        file.seek(begins)
        return file.read(64 * 1024).decode("utf-8", errors="replace")
    return ""
