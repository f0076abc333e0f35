"""Accounts through the archive's loader into the bundled PostgreSQL: checked, names spelt, with source and indexes."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

from benchmarks.child import Run, run
from benchmarks.figures import Figure, Settings, benchmark, median

ACCOUNTS, QUICK_ACCOUNTS = 200_000, 20_000
HEADER = (
    "account_code,name,short_name,credit_code,group_kind,parent_code,region_code,region_name,manager_code,industry,"
    "ownership,size,scope,lifecycle,tier,employees,annual_revenue,legal_representative,address,since,background\n"
)
CITIES = ("临州", "青禾", "衡岱", "云泽", "江陵", "北望", "松原", "海曙", "金坛", "瑞昌")
WORDS = "恒瑞华盛中联天宇鼎新启明东方宏图远大博创智汇云起同方金石海川泰和安泰永信嘉禾诚德力合"
TRADES = ("装备", "物流", "食品", "电子", "医药", "建筑", "化工", "教育", "能源", "信息技术", "纺织", "农业", "置业")
KINDS = ("有限公司", "股份有限公司", "集团有限公司", "有限责任公司")
PEOPLE = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"


def write_files(folder: Path, rows: int, seed: int) -> tuple[Path, Path]:
    """Write a staff file and an accounts file as a billing system's extract would be: most columns filled."""
    dice = random.Random(seed)
    staff, accounts = folder / "staff.csv", folder / "accounts.csv"
    lines = (f"M{n:04d},{PEOPLE[n % 16]}经理{n},manager,37{n % 17:02d}00,T{n % 40}\n" for n in range(400))
    staff.write_text("staff_code,name,role,region_code,team_code\n" + "".join(lines), encoding="utf-8")
    with open(accounts, "w", encoding="utf-8") as file:
        file.write(HEADER)
        for n in range(rows):
            word = "".join(dice.choice(WORDS) for _ in range(dice.choice((2, 2, 3))))
            city, trade = dice.choice(CITIES), dice.choice(TRADES)
            parent = f"G{dice.randrange(n):08d}" if n and dice.random() < 0.2 else ""
            region = dice.randrange(17)
            file.write(
                f"G{n:08d},{city}{word}{trade}{dice.choice(KINDS)},{word}{trade},91370200MA{n:08d},single,{parent},"
                f"37{region:02d}00,第{region}区,M{dice.randrange(400):04d},{trade},enterprise,,,active,B1,"
                f"{dice.randrange(5, 5000)},{dice.randrange(10**6)}.00,{dice.choice(PEOPLE)}明远,"
                f"{city}市高新区{word}路{dice.randrange(1, 900)}号,"
                f"20{dice.randrange(10, 26)}-0{dice.randrange(1, 10)}-15,"
                f"{city}一带的{trade}企业，两处场所\n"
            )
    return staff, accounts


def load(staff: str, accounts: str) -> Iterator[int]:
    """Import the accounts as `zhike import` does, into an empty archive."""
    from zhike.cli.django_app import django_ready

    with django_ready():
        from django.db import connection

        from zhike.cli.imports import run_import
        from zhike.facts.models import Import

        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE customers_account CASCADE")
        assert run_import("staff", [Path(staff)]) == 0
        yield 0
        assert run_import("accounts", [Path(accounts)]) == 0
        yield Import.objects.latest("created_at").rows_new


def copy_bare(staff: str, accounts: str) -> Iterator[int]:
    """Copy the same file as text into a table without index or check: the least that any loader must do."""
    from zhike.cli.django_app import django_ready

    with django_ready():
        from django.db import connection

        with connection.cursor() as cursor:
            columns = ", ".join(f"{name} text" for name in HEADER.strip().split(","))
            cursor.execute("DROP TABLE IF EXISTS bench_bare")
            cursor.execute(f"CREATE TABLE bench_bare ({columns})")
            yield 0
            with open(accounts, "rb") as file, cursor.copy("COPY bench_bare FROM STDIN (FORMAT csv, HEADER)") as copy:
                while piece := file.read(1 << 20):
                    copy.write(piece)
            yield cursor.rowcount
            cursor.execute("DROP TABLE bench_bare")


@benchmark("accounts")
def accounts_through_the_loader(settings: Settings) -> Iterator[Figure]:
    """Measure the rate, and how often the bare copy of the same file fits into the loader's time."""
    from zhike.core.postgres import BundledPostgres
    from zhike.core.postgres.places import socket_folder, state_root

    rows = QUICK_ACCOUNTS if settings.quick else ACCOUNTS
    staff, accounts = write_files(settings.folder, rows, settings.seed)
    home = settings.folder / "home"
    environment = {"ZHIKE_HOME": str(home), "ZHIKE_ENV": "dev", "DATABASE_URL": ""}
    os.environ.update(environment)
    ours: list[Run] = []
    bare: list[Run] = []
    try:
        with BundledPostgres(home):
            for _ in range(settings.repeats):
                given = {"staff": str(staff), "accounts": str(accounts)}
                bare.append(run("benchmarks.accounts:copy_bare", environment, **given))
                ours.append(run("benchmarks.accounts:load", environment, **given))
    finally:
        shutil.rmtree(state_root(home), ignore_errors=True)
        shutil.rmtree(socket_folder(home), ignore_errors=True)
    rates = [one.value / one.seconds for one in ours]
    yield Figure(
        f"{rows:,} accounts through the archive's loader",
        median(rates),
        unit="rows/s",
        least=10_000,
        detail={
            "seconds": [round(one.seconds, 2) for one in ours],
            "rows_per_second": [round(rate) for rate in rates],
            "peak_megabytes": max(one.peak_bytes for one in ours) >> 20,
        },
    )
    yield Figure(
        "archive's loader : bare copy of the same file as text",
        median([mine.seconds / yardstick.seconds for mine, yardstick in zip(ours, bare, strict=True)]),
        detail={"yardstick_seconds": [round(one.seconds, 2) for one in bare]},
    )
