"""`python -m benchmarks [name…]`: measures, prints a table, writes benchmarks/results.json. Exit 1 past a limit."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import platform
import subprocess
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import benchmarks
from benchmarks.figures import BENCHMARKS, Figure, Settings

RESULTS = Path(__file__).parent / "results.json"


def main() -> int:
    """Run the named benchmarks, or all."""
    for module in pkgutil.iter_modules(benchmarks.__path__):
        if module.name != "__main__":
            importlib.import_module(f"benchmarks.{module.name}")
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"one or more of: {', '.join(sorted(BENCHMARKS))}")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it runs: figures mean little")
    parser.add_argument("--repeats", type=int, default=0, help="runs of each side, taken in turn (default 5; quick 1)")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(BENCHMARKS):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(sorted(BENCHMARKS))}")
    repeats = chosen.repeats or (1 if chosen.quick else 5)
    figures: dict[str, list[Figure]] = {}
    with tempfile.TemporaryDirectory(prefix="zhike-bench-") as folder:
        os.chmod(folder, 0o755)  # the bundled server runs as another user when we are root
        settings = Settings(Path(folder), quick=chosen.quick, repeats=repeats)
        for name in chosen.names or sorted(BENCHMARKS):
            figures[name] = []
            for figure in BENCHMARKS[name](settings):
                figures[name].append(figure)
                _show(name, figure)
    _write(figures, settings)
    missed = [figure for found in figures.values() for figure in found if not figure.kept]
    if chosen.quick and missed:
        print("Limits are for full sizes: a missed one says nothing in a quick run.")
        return 0
    return 1 if missed else 0


def _show(name: str, figure: Figure) -> None:
    mark = "" if not figure.limit else "kept" if figure.kept else "MISSED"
    print(f"{name:<10} {figure.name:<62} {figure.value:>12,.2f} {figure.unit:<8} {figure.limit:<10} {mark}")
    for key, value in figure.detail.items():
        print(f"{'':<10}   {key}: {value}")
    sys.stdout.flush()


def _write(figures: dict[str, list[Figure]], settings: Settings) -> None:
    revision = subprocess.run(["git", "rev-parse", "HEAD"], cwd=RESULTS.parent, capture_output=True, text=True)
    content = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "revision": revision.stdout.strip(),
        "machine": {"processors": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
        "quick": settings.quick,
        "repeats": settings.repeats,
        "figures": {
            name: [asdict(figure) | {"kept": figure.kept} for figure in found] for name, found in figures.items()
        },
    }
    RESULTS.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
