"""The process tree of `zhike up`: children that die with their parent, survivors that are ended at the next start.

Refuses to end a process it did not start: children are known by pid and creation time.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

STOP_SECONDS = 8
PR_SET_PDEATHSIG = 1
PARENT = "ZHIKE_PARENT"
RESTARTS_A_MINUTE = 5
FAILING_SECONDS = 10
Known = list[float]  # pid and creation time


class PortTaken(RuntimeError):
    """Somebody else listens on the port."""


class ChildDied(RuntimeError):
    """A child ended by itself, or again and again."""


def die_with_parent(parent: int | None = None, patience: float = 4) -> None:
    """End this process when its parent ends: the kernel asks it to, and a watching thread makes sure.

    Called by children first thing. A parent that died before the call is noticed by its number, which it hands down in
    the environment variable :data:`PARENT`. The thread alone does the work elsewhere than on Linux; what has not ended
    after `patience` seconds is cut off.
    """
    parent = parent or int(os.environ.get(PARENT) or os.getppid())
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    os.environ[PARENT] = str(os.getpid())

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(patience)
        os._exit(1)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()


def refuse_taken_port(host: str, port: int) -> None:
    """Raise :class:`PortTaken` when the port cannot be listened on."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as refusal:
        raise PortTaken(
            f"{host}:{port} 无法使用，可能被别的程序占用 / cannot be used, perhaps another program has it "
            f"({refusal.strerror}). 换一个端口 / choose another port: zhike up --port {port % 65535 + 1}"
        ) from refusal


class ProcessTree:
    """Children of one `zhike up`, written down so that the next start can end survivors."""

    def __init__(self, home: Path) -> None:
        self.record = home / "log" / "children.json"
        self.record.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.commands: dict[str, list[str]] = {}
        self.starts: dict[str, list[float]] = {}
        self.me = _known(psutil.Process())
        self.ending = False

    # -- the record of all trees of the installation ----------------------------------------------------------------

    @contextlib.contextmanager
    def _trees(self) -> Iterator[list[dict[str, Any]]]:
        """Yield all trees on record for changing; one process at a time."""
        with open(self.record.with_suffix(".lock"), "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                trees = json.loads(self.record.read_text(encoding="utf-8"))
                assert isinstance(trees, list)
            except (OSError, ValueError, AssertionError):
                trees = []
            yield trees
            draft = self.record.with_suffix(".new")
            draft.write_text(json.dumps(trees), encoding="utf-8")
            draft.replace(self.record)

    def is_running(self) -> bool:
        """Return whether some `zhike up` of the installation runs on this machine."""
        with self._trees() as trees:
            return any(_lives(tree["main"]) for tree in trees)

    def is_ending(self) -> bool:
        """Return whether an earlier start of the installation is just ending."""
        with self._trees() as trees:
            return any(tree.get("ending") and _lives(tree["main"]) for tree in trees)

    def _write(self, *, gone: bool = False) -> None:
        alive = [_known(one) for child in self.children.values() if child.poll() is None for one in _family(child.pid)]
        with self._trees() as trees:
            trees[:] = [tree for tree in trees if tree["main"] != self.me]
            if not gone:
                trees.append({"main": self.me, "children": alive, "ending": self.ending})

    def end_survivors(self) -> None:
        """End children (and theirs) of earlier starts whose main process is gone."""
        with self._trees() as trees:
            orphaned = [tree for tree in trees if not _lives(tree["main"])]
            survivors = [child for tree in orphaned for child in tree["children"] if _lives(child)]
            _end([one for child in survivors for one in _family(int(child[0]))])
            trees[:] = [tree for tree in trees if tree not in orphaned]

    # -- children ---------------------------------------------------------------------------------------------------

    def run(self, name: str, command: list[str]) -> None:
        """Run ``python <command>`` as a child to its end.

        Raises
        ------
        ChildDied
            When it did not succeed.
        """
        self.start(name, command)
        code = self.children[name].wait()
        del self.children[name], self.commands[name]
        self._write()
        if code != 0:
            raise ChildDied(f"{name}: 未能完成，原因见上 / did not complete, see above (exit {code})")

    def start(self, name: str, command: list[str]) -> None:
        """Start ``python <command>`` as a child in a session of its own: Ctrl-C is for us, who stop them in order."""
        self.commands[name] = command
        self.starts.setdefault(name, []).append(time.monotonic())
        self.children[name] = subprocess.Popen(
            [sys.executable, *command],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env=os.environ | {PARENT: str(os.getpid())},
        )
        self._write()

    def wait_until_answering(self, host: str, port: int, seconds: float = 120) -> None:
        """Wait until the web server answers a request without an error.

        Raises
        ------
        ChildDied
            When it ended, stayed silent or went on failing.
        """
        began = time.monotonic()
        first_failure = 0.0
        while time.monotonic() - began < seconds:
            if (code := self.children["web"].poll()) is not None:
                raise ChildDied(f"网页服务未能启动，原因见上 / the web server did not start, see above (exit {code})")
            status = _status(host, port)
            if 0 < status < 500:
                self._write()  # its workers are known now
                return
            if status:
                first_failure = first_failure or time.monotonic()
                if time.monotonic() - first_failure > FAILING_SECONDS:
                    raise ChildDied(
                        f"网页服务报错，原因见上 / the web server answers with errors, see above ({status})"
                    )
            time.sleep(0.1)
        raise ChildDied(f"网页服务 {seconds:.0f} 秒内没有应答 / the web server did not answer")

    def watch(self, each_round: Callable[[], None]) -> None:
        """Keep the children running until this process is asked to stop; `each_round` is called every second.

        Raises
        ------
        ChildDied
            When a child cannot be kept running.
        """
        while True:
            time.sleep(1)
            each_round()
            for name, child in list(self.children.items()):
                if child.poll() is not None:
                    self._restart(name)

    def _restart(self, name: str) -> None:
        recent = [moment for moment in self.starts[name] if time.monotonic() - moment < 60]
        if len(recent) >= RESTARTS_A_MINUTE:
            raise ChildDied(f"{name}: 一分钟内退出五次，原因见上 / ended five times within a minute, see above")
        if recent and time.monotonic() - recent[-1] < len(recent):
            return  # a little later each time
        self.start(name, self.commands[name])

    def stop(self) -> None:
        """End all children, politely first: each stops its own; whoever is left after that is ended."""
        self.ending = True
        self._write()
        families = [one for child in self.children.values() for one in _family(child.pid)]
        for child in self.children.values():
            child.terminate()
        until = time.monotonic() + STOP_SECONDS
        for child in self.children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.0, until - time.monotonic()))
        _end(families, patience=0.2)
        for child in self.children.values():
            child.wait()
        self._write(gone=True)


def _status(host: str, port: int) -> int:
    """Return the status with which the web server answers, 0 while it is silent."""
    try:
        with socket.create_connection((host, port), timeout=30) as connection:
            connection.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            words = connection.recv(64).split()
            return int(words[1]) if len(words) > 1 else 0
    except (OSError, ValueError):
        return 0


def _known(process: psutil.Process) -> Known:
    return [process.pid, process.create_time()]


def _lives(known: Known) -> bool:
    """Return whether the process with this pid is still the one that was created then."""
    try:
        process = psutil.Process(int(known[0]))
        return abs(process.create_time() - known[1]) < 0.01 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _family(pid: int) -> list[psutil.Process]:
    """Return a process with all below it."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def _end(processes: list[psutil.Process], patience: float = STOP_SECONDS) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, stubborn = psutil.wait_procs(processes, timeout=patience)
    for process in stubborn:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(stubborn, timeout=2)
