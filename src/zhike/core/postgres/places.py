"""Where the bundled server's files stand and as whom it runs. Refuses to change a folder that somebody else made."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import pwd
import re
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT_STATE = Path("/var/lib/zhike")
UNPRIVILEGED = "nobody"
# The kernel's limit for a socket's path is 107 bytes on Linux, 103 on macOS; the file's own name takes 14.
LONGEST_SOCKET_FOLDER = 85
# What needs no quoting in a list of folders, in a connection string and in the shell that pg_ctl calls.
PLAIN = re.compile(r"[A-Za-z0-9._/+-]+")
UNQUOTABLE = re.compile(r"[\"$`\\\n]")


class PostgresFailed(RuntimeError):
    """The bundled server cannot be used; the message says why and what to do, in both languages."""


def _digest(home: Path) -> str:
    return hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:12]


def state_root(home: Path) -> Path:
    """Return where the server's files of this installation stand.

    PostgreSQL refuses to run as root, so root's installations keep them where an unprivileged account may go.
    """
    return ROOT_STATE / _digest(home) if os.geteuid() == 0 else home.resolve() / "postgres"


def socket_folder(home: Path) -> Path:
    """Return the folder of the server's socket: beside the data, or a short private one when that path will not do.

    It may depend on nothing but the home and the account: processes with other environments must find it too.
    """
    beside = state_root(home) / "s"
    if len(os.fsencode(beside)) <= LONGEST_SOCKET_FOLDER and PLAIN.fullmatch(str(beside)):
        return beside
    return Path(f"/tmp/zhike-{os.geteuid()}-{_digest(home)}")  # noqa: S108 used only when it is ours alone


@dataclass(frozen=True)
class Account:
    """As whom the server runs."""

    name: str | None  # None: as ourselves
    uid: int
    gid: int

    @classmethod
    def of_this_process(cls) -> Account:
        """Return our own account, or an unprivileged one when we are root.

        Raises
        ------
        PostgresFailed
            When we are root and the system has no such account.
        """
        if os.geteuid() != 0:
            return cls(None, os.geteuid(), os.getegid())
        try:
            entry = pwd.getpwnam(UNPRIVILEGED)
        except KeyError:
            raise PostgresFailed(
                f"以 root 运行时需要系统账号 {UNPRIVILEGED}，系统中没有；请改用普通用户运行 / "
                f"run by root it needs the account {UNPRIVILEGED}, which is missing: run as an ordinary user"
            ) from None
        return cls(UNPRIVILEGED, entry.pw_uid, entry.pw_gid)


def make_private(path: Path, account: Account) -> None:
    """Make a folder that only the server's account may enter; leave one that exists as it is.

    It is given away before it has its name: somebody starting at the same instant never sees it half made.
    """
    if path.exists():
        return
    draft = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))  # readable by its owner only
    if account.name:
        os.chown(draft, account.uid, account.gid)
    try:
        draft.rename(path)
    except OSError:
        draft.rmdir()
        if not path.exists():
            raise


def make_root(home: Path, account: Account) -> Path:
    """Make the folders above the data that are missing and return the innermost.

    Raises
    ------
    PostgresFailed
        When the path cannot be given to the server's programs, or a folder belongs to somebody else.
    """
    root = state_root(home)
    if UNQUOTABLE.search(str(root)):
        raise PostgresFailed(
            f"路径中含有数据库程序不能处理的字符，请换一个数据目录 / this path holds characters that the database's "
            f"programs cannot take, choose another ZHIKE_HOME: {root}"
        )
    missing = [path for path in (root, *root.parents) if not path.exists()]
    for path in reversed(missing):
        with contextlib.suppress(FileExistsError):
            path.mkdir()
            # Said aloud and not by mkdir: root's umask may hide what the unprivileged account must pass through.
            path.chmod(0o711 if account.name else 0o700)
    sockets = socket_folder(home)
    make_private(sockets, account)
    found = sockets.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or stat.S_IMODE(found.st_mode) & 0o077:
        raise PostgresFailed(
            f"{sockets} 不是本账号独有的目录，未使用 / is not a folder of this account alone and is not used"
        )
    note = root / "home.txt"
    if not note.exists():
        note.write_text(f"{home.resolve()}\n", encoding="utf-8")
    return root


def in_words(failure: OSError, path: Path) -> PostgresFailed:
    """Return what an operating system's refusal means and what to do about it."""
    where = failure.filename or path
    reasons = {
        errno.ENOSPC: "磁盘已满，请腾出空间 / the disk is full, free some space",
        errno.EDQUOT: "超出磁盘配额，请腾出空间 / the disk quota is used up, free some space",
        errno.EACCES: "没有权限，请检查目录归属 / permission denied, check whose folder it is",
        errno.EPERM: "没有权限，请检查目录归属 / permission denied, check whose folder it is",
        errno.EROFS: "文件系统只读 / the file system is read-only",
        errno.ENOTDIR: "不是目录 / is not a folder",
        errno.ENAMETOOLONG: "路径过长 / the path is too long",
    }
    reason = reasons.get(failure.errno or 0, failure.strerror or str(failure))
    return PostgresFailed(f"无法使用 / cannot use {where}: {reason}")
