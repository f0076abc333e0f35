"""`zhike schema`: what a file must hold. Loads neither Django nor a database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table as Grid

from zhike.facts.workbook import TYPE_NAMES, limits, write_template
from zhike_analytics.contracts import TABLES, Table

out = Console()
say = Console(stderr=True)


def schema(
    table: Annotated[str, typer.Argument(help="表名；不给则列出全部 / table; all when left out")] = "",
    template: Annotated[Path | None, typer.Option(help="写一份可填的 XLSX / write an XLSX file to fill in")] = None,
) -> None:
    """说明每张表的文件应有的列 / what a file of each table must hold, with an example row."""
    if table and table not in TABLES:
        say.print(f"没有名为 {table} 的表，可选 / no such table, use one of: {', '.join(TABLES)}", style="red")
        raise typer.Exit(2)
    if template is not None:
        _write(table, template)
        return
    if table:
        _describe(TABLES[table])
    else:
        _list()


def _write(table: str, path: Path) -> None:
    if not table:
        say.print("模板属于一张表：zhike schema TABLE --template FILE / a template belongs to one table", style="red")
        raise typer.Exit(2)
    try:
        write_template(TABLES[table], path)
    except OSError as failure:
        say.print(f"无法写入 / cannot write {path}: {failure.strerror}", style="red")
        raise typer.Exit(1) from failure
    out.print(f"✓ {path}")


def _list() -> None:
    grid = Grid("表 / table", "名称", "name", "主键 / key", "内容 / holds", box=None, header_style="bold")
    for one in TABLES.values():
        grid.add_row(one.name, one.zh, one.en, ", ".join(one.key), f"{one.about_zh} {one.about_en}")
    out.print(grid)


def _describe(table: Table) -> None:
    out.print(f"[bold]{table.zh} {table.en}[/bold]  ({table.name})  {table.about_zh} {table.about_en}")
    out.print(f"主键 / key: {', '.join(table.key)}\n", style="dim")
    grid = Grid("列 / column", "名称", "name", "类型 / type", "必填", "取值 / values", box=None, header_style="bold")
    for column in table.columns:
        zh, en = TYPE_NAMES[column.type]
        grid.add_row(
            column.name, column.zh, column.en, f"{zh} {en}", "✓" if column.required else "", limits(column)
        )  # fmt: skip
    out.print(grid)
    out.print("\n示例 / example (CSV):", style="dim")
    out.print(",".join(column.name for column in table.columns), soft_wrap=True, highlight=False, markup=False)
    out.print(
        ",".join(_quoted(column.example) for column in table.columns), soft_wrap=True, highlight=False, markup=False
    )


def _quoted(text: str) -> str:
    if any(mark in text for mark in ',"\n'):
        return '"' + text.replace('"', '""') + '"'
    return text
