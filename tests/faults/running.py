"""Helpers of the tests that start `zhike up`."""

from __future__ import annotations

import itertools
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil

from tests.faults.processes import PATIENCE, environment, wait_until

UP = [sys.executable, "-m", "zhike.cli", "up"]
NUMBERS = itertools.count(1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Up:
    """A running `zhike up`."""

    def __init__(self, home: Path, *options: str, port: int | None = None, **more: str) -> None:
        self.home, self.port = home, port or free_port()
        self.said = home.parent / f"said-{next(NUMBERS)}"
        with self.said.open("ab") as out:
            self.process = subprocess.Popen(
                [*UP, "--port", str(self.port), *options],
                env=environment(home, PYTHONUNBUFFERED="1", **more),
                cwd=home.parent,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self) -> Up:
        """Wait for the message that says where the pages are."""
        wait_until(lambda: f"http://127.0.0.1:{self.port}" in self.words() or self.process.poll() is not None, "ready")
        assert self.process.poll() is None, self.words()
        assert self.answers()
        return self

    def words(self) -> str:
        """Return all it has said."""
        return self.said.read_text(encoding="utf-8", errors="replace")

    def answers(self) -> bool:
        """Return whether a page comes."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=PATIENCE) as page:
                return bool(page.status == 200)
        except OSError:
            return False

    def child(self, name: str) -> psutil.Process:
        """Return the child that runs a module of ours."""
        return next(
            child
            for child in psutil.Process(self.process.pid).children()
            if any(word.endswith(f"zhike.config.{name}") for word in child.cmdline())
        )

    def stop(self, number: int = signal.SIGINT) -> None:
        """Ask it to stop and wait until it has."""
        self.process.send_signal(number)
        self.process.wait(PATIENCE)
