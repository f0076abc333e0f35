"""Runs one function in a process of its own and tells its time and peak memory. Refuses to share memory with others.

`python -m benchmarks.child module:function '{"argument": …}'` prints one line of JSON, the last one.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Run:
    """What one run of a function took: on the clock, of the processors, at most in memory; and what it returned."""

    seconds: float
    processor_seconds: float
    peak_bytes: int
    value: Any


def run(function: str, /, environment: dict[str, str] | None = None, **arguments: Any) -> Run:
    """Run ``module:function`` with keyword arguments of JSON's kinds in a new process.

    The function is a generator with two yields: what stands before the first is preparation and what stands after the
    second is clearing up; only what stands between them is timed. The second yields the value.
    """
    process = subprocess.run(
        [sys.executable, "-m", "benchmarks.child", function, json.dumps(arguments)],
        cwd=ROOT, env=os.environ | (environment or {}), capture_output=True, text=True,
    )  # fmt: skip
    if process.returncode:
        raise SystemExit(f"{function} failed:\n{process.stdout}{process.stderr}")
    return Run(**json.loads(process.stdout.splitlines()[-1]))


def _peak_bytes() -> int:
    """Return the most memory this process ever held (``getrusage`` would tell the parent's as well)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024


def main() -> None:
    """Run what the command line names."""
    module, _, name = sys.argv[1].partition(":")
    work = getattr(importlib.import_module(module), name)(**json.loads(sys.argv[2]))
    next(work)  # prepared
    began, used = time.perf_counter(), time.process_time()
    value = next(work)
    took, spent = time.perf_counter() - began, time.process_time() - used
    peak = _peak_bytes()
    work.close()
    print(json.dumps({"seconds": took, "processor_seconds": spent, "peak_bytes": peak, "value": value}))


if __name__ == "__main__":
    main()
