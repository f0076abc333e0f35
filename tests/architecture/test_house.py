"""The house keeps its own rules: floors, first lines, sizes. Each test names the file that breaks one."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    path for path in (ROOT / "src").rglob("*.py") if "migrations" not in path.parts and "settings" not in path.parts
)


def test_floors_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(linter)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_first_line_says_what_the_module_owns(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring, "the module has no docstring"
    assert docstring.splitlines()[0].rstrip().endswith((".", "。", ":")), "its first line is no sentence"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_no_file_outgrows_its_idea(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500, "more than 500 lines: split it by idea"


def test_the_project_speaks_of_itself_only() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    telltale = "/" + "work/"
    guilty = [
        name
        for name in listed
        if name.endswith((".py", ".md", ".html", ".toml", ".yaml", ".css", ".js"))
        and "/vendor/" not in name
        and telltale in (ROOT / name).read_text(encoding="utf-8")
    ]
    assert not guilty, f"paths of one machine in {guilty}"
