"""Says in words why the server did not start and what to do. Refuses to hide what the server itself said."""

from __future__ import annotations

from pathlib import Path

SHOWN_LINES = 15
REASONS = [
    ("No space left on device", "磁盘已满，请腾出空间 / the disk is full, free some space"),
    ("Disk quota exceeded", "超出磁盘配额，请腾出空间 / the disk quota is used up, free some space"),
    ("Read-only file system", "文件系统只读 / the file system is read-only"),
    (
        "database files are incompatible with server",
        "数据由另一版本的 PostgreSQL 建立；请装回原版本，或导出后再导入 / the data was made by another version of "
        "PostgreSQL: install that version again, or export and import",
    ),
    (
        "could not look up effective user ID",
        "当前账号在系统中没有名字，请在 /etc/passwd 中登记 / "
        "this account has no name on the system, add it to /etc/passwd",
    ),
    (
        "has invalid permissions",
        "数据目录的权限被改动过，应为 0700 / the data folder's mode was changed, it must be 0700",
    ),
    ("has wrong ownership", "数据目录属于另一账号 / the data folder belongs to another account"),
    ("could not create shared memory segment", "内存不足 / there is not enough memory"),
    ("could not map anonymous shared memory", "内存不足 / there is not enough memory"),
    ("Cannot allocate memory", "内存不足 / there is not enough memory"),
    ("invalid checkpoint record", "数据文件已损坏，请恢复备份 / the data files are damaged, restore a backup"),
    (
        "could not locate a valid checkpoint",
        "数据文件已损坏，请恢复备份 / the data files are damaged, restore a backup",
    ),
    ("Permission denied", "没有权限，请检查目录归属 / permission denied, check whose folder it is"),
]


def explain(said: str, place: Path) -> str:
    """Return the message for the person who started it: reason, place, and the last lines the server wrote.

    >>> print(explain("FATAL: could not write: No space left on device", Path("/data")))
    随附的 PostgreSQL 未能启动 / the bundled PostgreSQL did not start
    磁盘已满，请腾出空间 / the disk is full, free some space
    /data
    FATAL: could not write: No space left on device
    """
    reason = next((words for sign, words in REASONS if sign in said), "见下方日志 / see the log below")
    lines = "\n".join(said.strip().splitlines()[-SHOWN_LINES:])
    return f"随附的 PostgreSQL 未能启动 / the bundled PostgreSQL did not start\n{reason}\n{place}\n{lines}"
