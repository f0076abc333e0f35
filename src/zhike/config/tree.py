"""The process tree of `zhike up`: children that die with their parent, survivors that are ended at the next start.

Refuses to end a process it did not start: children are known by pid and creation time.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil

STOP_SECONDS = 8
PR_SET_PDEATHSIG = 1


class PortTaken(RuntimeError):
    """Somebody else listens on the port."""


class ChildDied(RuntimeError):
    """A child ended by itself again and again."""


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent ends; elsewhere than Linux a watching thread does it.

    Called by children first thing; a parent that died before the call is noticed too.
    """
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(STOP_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()


def refuse_taken_port(host: str, port: int) -> None:
    """Raise :class:`PortTaken` when the port cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as refusal:
            raise PortTaken(
                f"{host}:{port} 无法使用 / cannot be used ({refusal.strerror}): zhike up --port {port + 1}"
            ) from refusal


class ProcessTree:
    """Children of one installation, written down so that the next start can end survivors."""

    def __init__(self, home: Path) -> None:
        self.record = home / "log" / "children.json"
        self.record.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.commands: dict[str, list[str]] = {}
        self.starts: dict[str, list[float]] = {}

    def end_survivors(self) -> None:
        """End children (and theirs) of an earlier start whose parent is gone."""
        try:
            known = json.loads(self.record.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return
        parent = known.get("parent", [0, 0.0])
        if _is(parent):
            return  # another `zhike up` of this installation is running; its port decides
        survivors = [psutil.Process(pid) for pid, created in known.get("children", []) if _is([pid, created])]
        everyone = [child for one in survivors for child in one.children(recursive=True)] + survivors
        _end(everyone)

    def start(self, name: str, command: list[str]) -> None:
        """Start ``python <command>`` as a child in its own session."""
        self.commands[name] = command
        self.starts.setdefault(name, []).append(time.monotonic())
        self.children[name] = subprocess.Popen(
            [sys.executable, *command], stdin=subprocess.DEVNULL, start_new_session=True
        )
        self._write()

    def _write(self) -> None:
        here = psutil.Process()
        content = {
            "parent": [here.pid, here.create_time()],
            "children": [
                [child.pid, psutil.Process(child.pid).create_time()]
                for child in self.children.values()
                if child.poll() is None
            ],
        }
        draft = self.record.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(content), encoding="utf-8")
        draft.replace(self.record)

    def wait_until_answering(self, host: str, port: int, seconds: float = 60) -> None:
        """Wait until the web server accepts connections."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if (code := self.children["web"].poll()) is not None:
                raise ChildDied(f"网页服务未能启动 / the web server did not start (exit {code})")
            try:
                socket.create_connection((host, port), timeout=1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise ChildDied(f"网页服务 {seconds:.0f} 秒内没有应答 / the web server did not answer")

    def watch(self) -> None:
        """Keep the children running until the first Ctrl-C or SIGTERM, then stop them all."""
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: stop.set())
        try:
            while not stop.wait(0.5):
                for name, child in list(self.children.items()):
                    if child.poll() is not None:
                        self._restart(name)
        finally:
            self.stop()

    def _restart(self, name: str) -> None:
        recent = [moment for moment in self.starts[name] if time.monotonic() - moment < 60]
        if len(recent) >= 5:
            raise ChildDied(f"{name}: 一分钟内退出五次，见上方日志 / ended five times within a minute")
        self.start(name, self.commands[name])

    def stop(self) -> None:
        """End all children, politely first."""
        everyone = []
        for child in self.children.values():
            if child.poll() is None:
                process = psutil.Process(child.pid)
                everyone += [*process.children(recursive=True), process]
        _end(everyone)
        for child in self.children.values():
            child.wait()
        self.record.unlink(missing_ok=True)


def _is(known: list[float]) -> bool:
    """Return whether the process with this pid is still the one that was created then."""
    try:
        return abs(psutil.Process(int(known[0])).create_time() - known[1]) < 0.01
    except psutil.Error:
        return False


def _end(processes: list[psutil.Process]) -> None:
    for process in processes:
        try:
            process.terminate()
        except psutil.Error:
            continue
    _, stubborn = psutil.wait_procs(processes, timeout=STOP_SECONDS)
    for process in stubborn:
        try:
            process.kill()
        except psutil.Error:
            continue
    psutil.wait_procs(stubborn, timeout=2)
