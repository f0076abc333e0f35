"""`zhike import`: checks and loads files with the same actions as the page. Refuses rules of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table as Grid

from zhike.cli.django_app import django_ready, say
from zhike_analytics.contracts import TABLES
from zhike_analytics.contracts.issues import IntakeError

if TYPE_CHECKING:
    from zhike.facts.models import Import

out = Console()
SHOWN_REJECTS = 10


def import_files(
    table: Annotated[str, typer.Argument(help="表名；多张表由映射给出时写 all / table; `all` for all of a mapping's")],
    files: Annotated[list[Path], typer.Argument(help="CSV、XLSX 或 Parquet 文件 / files")],
    mapping: Annotated[Path | None, typer.Option(help="映射文件 / mapping file (YAML)")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只核对，不装入 / check only")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="有一行被拒就全部不装 / load nothing if any row is refused")
    ] = False,
) -> None:
    """核对并装入文件 / check files and load them; exit 1 and a rejects file when rows are refused."""
    text = _read_mapping(table, mapping)
    with django_ready():
        raise typer.Exit(
            run_import(table, files, text, mapping.name if mapping else "", dry_run=dry_run, strict=strict)
        )


def run_import(
    table: str,
    files: list[Path],
    mapping: str = "",
    mapping_name: str = "",
    *,
    dry_run: bool = False,
    strict: bool = False,
) -> int:
    """Import within a running Django and return the exit code: 0 all good, 1 rows or files refused."""
    from django.db import DatabaseError

    from zhike.core.actor import system_actor
    from zhike.facts.actions import start_import
    from zhike.facts.files import FileRefused, server_file
    from zhike.facts.queries import import_of
    from zhike.facts.work import ImportStopped, check_import, load_import

    actor = system_actor("zhike import")
    try:
        stored = [server_file(path) for path in files]
        one = start_import(
            actor, files=stored, table="" if table == "all" else table, mapping=mapping, mapping_name=mapping_name,
            strict=strict, dry_run=dry_run, queue=False,
        )  # fmt: skip
    except FileRefused as refusal:
        say.print(str(refusal), style="red", markup=False)
        return 1
    except IntakeError as refusal:
        return _refused(refusal.zh, refusal.en)
    work = check_import if dry_run else load_import
    try:
        with _bar() as bar:
            task = bar.add_task("", total=1.0)
            work(actor, one.pk, lambda share, stage: bar.update(task, completed=share, description=_words(stage)))
    except ImportStopped as stop:
        _show(import_of(actor, one.pk), dry_run)
        return _refused(stop.zh, stop.en)
    except DatabaseError as failure:
        return _refused(
            f"数据库断开了，没有装入任何内容；请再运行一次（{failure}）", "the database went away: run it again"
        )
    return _show(import_of(actor, UUID(str(one.pk))), dry_run)


def _read_mapping(table: str, mapping: Path | None) -> str:
    if table != "all" and table not in TABLES:
        known = ", ".join(TABLES)
        say.print(f"没有名为 {table} 的表，可选 / no such table, use one of: {known}", style="red", markup=False)
        raise typer.Exit(2)
    if mapping is None:
        if table == "all":
            say.print("all 需要 --mapping / `all` needs --mapping", style="red")
            raise typer.Exit(2)
        return ""
    try:
        return mapping.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as failure:
        say.print(f"映射文件读不出来 / the mapping cannot be read: {mapping} ({failure})", style="red", markup=False)
        raise typer.Exit(2) from failure


def _bar() -> Progress:
    columns = (
        TextColumn("{task.description:<16}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=say, transient=True)


STAGES = {
    "scan": "扫描", "read": "读取", "map": "映射", "check": "核对", "rejects": "拒收清单",
    "copy": "传送", "resolve": "对号",
    "names": "拼音", "insert": "新增", "update": "更新", "link": "关联",
    "lake": "写月份", "timeline": "时间线", "done": "完成",
    "wait": "等另一个导入",
}  # fmt: skip


def _words(stage: str) -> str:
    word, _, rest = stage.partition(" ")
    return f"{STAGES.get(word, word)} {rest}".strip()


def _refused(zh: str, en: str) -> int:
    say.print(f"✗ {zh}\n  {en}", style="red", markup=False, highlight=False)
    return 1


def _show(one: Import, dry_run: bool) -> int:
    """Say what was (or would be) done; return 1 when rows were refused."""
    tables = one.summary.get("tables", [])
    if tables:
        heads = ("表 / table", "读入", "新增 new", "改变 changed", "相同 same", "重复 duplicate", "拒收 refused")
        grid = Grid(*heads, box=None, header_style="bold")
        for row in tables:
            counts = (row[name] for name in ("read", "new", "changed", "unchanged", "duplicates", "refused"))
            grid.add_row(f"{TABLES[row['table']].zh} {row['table']}", *(f"{count:,}" for count in counts))
        out.print(grid)
        ignored = sorted({word for row in tables for word in row["ignored"]})
        if ignored:
            out.print(f"没用到的列 / columns not used: {', '.join(ignored)}", style="dim", markup=False)
    if one.rows_refused and one.rejects_path:
        _show_rejects(one)
    if one.phase == "checked" and dry_run:
        out.print("只核对，没有装入 / checked only, nothing was loaded", style="bold")
    elif one.phase == "loaded" and not one.rows_new and not one.rows_changed:
        out.print("与已有内容相同，没有改变任何数据 / the same as what is there: nothing was changed", style="bold")
    return 1 if one.rows_refused else 0


def _show_rejects(one: Import) -> None:
    from zhike.facts.refusals import read_rejects, shown_value

    path = Path(one.rejects_path)
    tables = [row["table"] for row in one.summary.get("tables", [])]
    for reject in read_rejects(path, 0, SHOWN_REJECTS):
        value = shown_value(tables, reject)
        place = f"{reject.file}:{reject.line} {reject.column}"
        say.print(f"  {place} “{value}”：{reject.zh} / {reject.en}", markup=False, highlight=False)
    if one.rows_refused > SHOWN_REJECTS:
        say.print("  …", markup=False)
    say.print(f"被拒的行 / refused rows: {path}", style="yellow", markup=False)
