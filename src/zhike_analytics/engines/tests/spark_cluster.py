"""A standalone master and worker of Spark on loopback, for tests. Refuses to outlive them."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def standalone(folder: Path) -> Iterator[str]:
    """Start a master and a worker of their own on loopback and yield the address; logs go to `folder`."""
    from pyspark.find_spark_home import _find_spark_home

    home = Path(_find_spark_home())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"spark://127.0.0.1:{port}"
    environment = os.environ | {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_HOME": str(home), "SPARK_LOG_DIR": str(folder)}
    parts = {
        "master": ("master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0"),
        "worker": (
            "worker.Worker", "--host", "127.0.0.1", "--webui-port", "0", "--cores", "1", "--memory", "1g",
            "--work-dir", str(folder / "work"), address,
        ),
    }  # fmt: skip
    running = []
    try:
        for name, (main, *arguments) in parts.items():
            log = (folder / f"{name}.log").open("w")
            command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{main}", *arguments]
            running.append((subprocess.Popen(command, env=environment, stdout=log, stderr=log), log))
            _wait_for(folder / f"{name}.log", "I have been elected" if name == "master" else "Successfully registered")
        yield address
    finally:
        for process, log in reversed(running):
            process.terminate()
            process.wait()
            log.close()


def _wait_for(log: Path, words: str) -> None:
    for _ in range(600):
        if words in log.read_text():
            return
        time.sleep(0.2)
    raise AssertionError(f"{words!r} did not come:\n{log.read_text()}")
