"""`zhike cycle`: runs the cycle as the page does and says what came of it. Refuses rules of its own."""

from __future__ import annotations

import time
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table as Grid

from zhike.cli.django_app import django_ready, say
from zhike_analytics.contracts import TABLES, codes, periods
from zhike_analytics.contracts.policies_decisions import RULES

if TYPE_CHECKING:
    from zhike.insights.models import Cycle

out = Console()
SHOWN_UNKNOWN = 6
ENGINES = ("duckdb", "spark")
STAGES = {
    "wait": "等另一个周期 / waiting", "snapshot": "档案快照 / snapshot", "features": "特征 / features",
    "scores": "评分 / scores", "copy": "装入 / loading", "indexes": "索引 / indexes", "series": "月度序列 / series",
    "summaries": "客户指标 / summaries", "swap": "切换 / swapping", "done": "完成 / done",
}  # fmt: skip


def cycle(
    month: Annotated[
        int | None, typer.Option(help="按该月账期运行，YYYYMM；默认截至今天 / of a whole month; by default of today")
    ] = None,
    engine: Annotated[
        str,
        typer.Option(
            help="duckdb 或 spark（需 Java 17 和 zhike[spark]；集群地址用 ZHIKE_SPARK 给出） / duckdb or spark"
        ),
    ] = "duckdb",
) -> None:
    """运行周期：价值、忠诚、级别、预警 / run the cycle; exit 1 when there is no result."""
    as_of = _day_of(month)
    if engine not in ENGINES:
        say.print(f"--engine 应为 / must be one of: {'、'.join(ENGINES)}，不是 {engine}", style="red", markup=False)
        raise typer.Exit(2)
    with django_ready():
        raise typer.Exit(run_cycle(as_of, engine))


def run_cycle(as_of: date | None, engine: str = "duckdb") -> int:
    """Run a cycle within a running Django and return the exit code: 0 results are shown, 1 nothing changed."""
    from django.db import DatabaseError

    from zhike.core.actor import system_actor
    from zhike.insights.actions import ask_for_cycle
    from zhike.insights.cycle import CycleStopped, carry

    actor = system_actor("zhike cycle")
    begun = time.monotonic()
    try:
        with _bar() as bar:
            task = bar.add_task("", total=1.0)
            one = carry(
                actor, ask_for_cycle(actor, as_of=as_of, engine=engine, queue=False).pk,
                lambda share, stage: bar.update(task, completed=share, description=STAGES.get(stage, stage)),
            )  # fmt: skip
    except CycleStopped as stop:
        say.print(f"✗ {stop.zh}\n  {stop.en}", style="red", markup=False, highlight=False)
        return 1
    except DatabaseError as failure:
        say.print(
            f"✗ 数据库断开了，原有结果未变；请再运行一次（{failure}）\n  The database went away: run it again",
            style="red", markup=False, highlight=False,
        )  # fmt: skip
        return 1
    show(one, time.monotonic() - begun)
    return 0


def show(one: Cycle, seconds: float) -> None:
    """Say what a cycle found: accounts, tiers and moves, alerts, what was unknown and why."""
    counts: dict[str, Any] = one.counts
    out.print(
        f"[bold]周期 {one.pk} 已完成 / cycle {one.pk} is shown[/bold]  截至 {one.as_of}，账期 {one.last_period}，"
        f"{counts['accounts']:,} 户（在网 {counts['customers']:,}），{seconds:.1f} 秒 / s",
        highlight=False,
    )
    tiers = Grid("级别 / tier", *codes.TIER, box=None, header_style="bold")
    tiers.add_row("户数 / accounts", *(f"{counts['tier'].get(tier, 0):,}" for tier in codes.TIER))
    out.print(tiers)
    moved = counts["moved"]
    out.print(
        f"升级 up {moved.get('up', 0):,}   降级 down {moved.get('down', 0):,}"
        f"   首次定级 first {moved.get('first', 0):,}   退出 ended {moved.get('ended', 0):,}",
        highlight=False,
    )
    _show_alerts(counts["alerts"])
    _show_unknown(one)


def _show_alerts(found: dict[str, int]) -> None:
    grid = Grid("预警 / alert", "红 red", "黄 yellow", box=None, header_style="bold")
    for name, spec in RULES.items():
        red, yellow = found.get(f"{name}.red", 0), found.get(f"{name}.yellow", 0)
        if red or yellow:
            grid.add_row(f"{spec.zh} {spec.en}", f"{red:,}", f"{yellow:,}")
    if found:
        out.print(grid)


def _show_unknown(one: Cycle) -> None:
    """Say which tables are missing, which rules could therefore not be judged, and how sure the scores are."""
    missing = [name for name, told in one.about["coverage"].items() if not told["loaded"]]
    if missing:
        names = "、".join(f"{TABLES[name].zh} {name}" for name in missing)
        out.print(f"没有的表 / tables missing: {names}", style="yellow", markup=False, highlight=False)
    for name, told in one.about["coverage"].items():
        if told.get("missing_months"):
            months = ", ".join(map(str, told["missing_months"]))
            out.print(f"{TABLES[name].zh} {name} 缺月 / months missing: {months}", style="yellow", highlight=False)
    for rule, told in one.about["rules"].items():
        if told.startswith("lacks "):
            out.print(
                f"未判 / not judged: {RULES[rule].zh} {RULES[rule].en}：缺 {told.removeprefix('lacks ')}",
                style="yellow", markup=False, highlight=False,
            )  # fmt: skip
    sure = one.counts["confidence"]
    out.print(
        f"置信度 / confidence: 价值 value {sure['value']} %   忠诚 loyalty {sure['loyalty']} %"
        f"   竞争锁定 lock-in {sure['lock_in']} %",
        highlight=False,
    )
    for score, parts in one.counts["unknown"].items():
        if parts:
            listed = ", ".join(f"{part} {count:,}" for part, count in list(parts.items())[:SHOWN_UNKNOWN])
            out.print(f"  {score} 未知 / unknown of accounts: {listed}", style="dim", markup=False, highlight=False)


def _day_of(month: int | None) -> date | None:
    """Return the day of a cycle on a month's facts: the first day after it."""
    if month is None:
        return None
    try:
        return periods.first_day(periods.shift(month, 1))
    except ValueError as failure:
        say.print(f"--month 应为 YYYYMM，如 202610 / must be YYYYMM, not {month}", style="red", markup=False)
        raise typer.Exit(2) from failure


def _bar() -> Progress:
    columns = (TextColumn("{task.description:<24}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    return Progress(*columns, TimeElapsedColumn(), console=say, transient=True)
