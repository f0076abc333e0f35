"""Stops the server when the last process that used it was killed. Refuses to outlive the server or to start one.

Run as a file by the first starter, with the standard library alone, so that it costs little and depends on nothing:
``guard.py ROOT DATA PG_CTL UID GID``. It detaches itself once it holds the lock `guard`; where one stands, it leaves.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time

LOOK_SECONDS = 0.4


def _taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _stop(data: str, pg_ctl: str, uid: int, gid: int) -> None:
    for mode in ("fast", "immediate"):
        done = subprocess.run(
            [pg_ctl, "-D", data, "-m", mode, "-w", "-t", "60", "stop"],
            user=uid if uid != os.geteuid() else None,
            group=gid if uid != os.geteuid() else None,
            extra_groups=[] if uid != os.geteuid() else None,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode == 0 or not os.path.exists(os.path.join(data, "postmaster.pid")):
            return


def main(root: str, data: str, pg_ctl: str, uid: int, gid: int) -> None:
    """Watch until nobody uses the server, then stop it."""
    guard, gate, use = (
        os.open(os.path.join(root, name), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        for name in ("guard", "gate", "use")
    )
    if not _taken(guard) or os.fork():
        return  # the child keeps the lock
    os.dup2(os.open(os.devnull, os.O_RDWR), 2)  # whoever started us waits for the end of what we say
    while True:
        time.sleep(LOOK_SECONDS)
        # Always the gate first, as everybody does: nobody can then be starting or stopping the server.
        if not _taken(gate):
            continue
        if _taken(use):
            _stop(data, pg_ctl, uid, gid)
            return
        fcntl.flock(gate, fcntl.LOCK_UN)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
