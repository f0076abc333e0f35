"""Pages with a million accounts behind them, against the yardstick of a page that reads one row; and their statements.

The world is the demonstration operator, built once (about half an hour) and kept in `benchmarks/.worlds/` for later
runs; `ZHIKE_BENCH_WORLD` names another that is there already. Two clients ask a server of two workers in turn.
"""

from __future__ import annotations

import http.client
import http.cookiejar
import json
import os
import random
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.child import ROOT, run
from benchmarks.figures import Figure, Settings, benchmark

ACCOUNTS, QUICK_ACCOUNTS = 1_000_000, 2_000
ROUNDS, QUICK_ROUNDS = 300, 8
RATIO, STATEMENTS, SLOWEST_MS = 4, 12, 20
SORTS = ("name", "tier", "-billed", "change", "ends", "visited", "-overdue", "-margin")
KINDS = ("yardstick", "list", "filtered list", "name search", "account 360", "portfolio")
PORTFOLIOS = ("/portfolio/", "/portfolio/?sort=name", "/portfolio/?sort=-billed")
TODAYS = ("/", "/?sort=due", "/?kind=contract", "/?level=red", "/?tier=A1")
Plan = dict[str, list[tuple[str, str]]]
"""Kind of page: who asks for which address."""


@benchmark("pages")
def pages(settings: Settings) -> Iterator[Figure]:
    """Measure list, filtered list, name search, account 360, portfolio and Today."""
    home = world(QUICK_ACCOUNTS if settings.quick else ACCOUNTS)
    before, plan = (
        run("benchmarks.pages:make_plan", _named(home), rounds=_rounds(settings), seed=seed).value
        for seed in (settings.seed + 1, settings.seed)
    )
    with serving(home) as port:
        people = _people(home)
        ask_all(before, port, people)  # other accounts: a server that has been asked before, not one just started
        times = ask_all(plan, port, people)
    base = _p95(times.pop("yardstick"))
    for kind, taken in times.items():
        detail = {
            "p95 ms": round(_p95(taken), 1), "median ms": round(sorted(taken)[len(taken) // 2], 1),
            "yardstick p95 ms": round(base, 1), "asked": len(taken),
        }  # fmt: skip
        yield Figure(f"{kind}: p95 against the yardstick's", _p95(taken) / base, most=RATIO, detail=detail)
    addresses = settings.folder / "addresses.json"
    addresses.write_text(json.dumps([before, plan]), encoding="utf-8")
    told = run("benchmarks.pages:tell_statements", _named(home), addresses=str(addresses)).value
    for kind, (most, slowest, text) in told.items():
        if kind != "yardstick":
            yield Figure(f"{kind}: statements a page", most, "", most=STATEMENTS)
            yield Figure(f"{kind}: slowest statement, p95", slowest, "ms", most=SLOWEST_MS, detail={"statement": text})


def _rounds(settings: Settings) -> int:
    return QUICK_ROUNDS if settings.quick else ROUNDS


def _named(home: Path) -> dict[str, str]:
    return {"ZHIKE_HOME": str(home), "DJANGO_SETTINGS_MODULE": "benchmarks.served.settings"}


def _p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def world(accounts: int) -> Path:
    """Return the home of a demonstration operator of so many accounts; built when it is not there yet."""
    named = os.environ.get("ZHIKE_BENCH_WORLD")
    if named:
        return Path(named)
    home = Path(__file__).parent / ".worlds" / str(accounts)
    home.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", "from zhike.cli.main import app; app()", "demo", "--accounts", str(accounts)],
        cwd=ROOT, env=os.environ | {"ZHIKE_HOME": str(home)}, check=True, capture_output=True,
    )  # fmt: skip
    if time.perf_counter() - began > 60:
        print(f"{accounts:,} accounts built in {time.perf_counter() - began:,.0f} s", file=sys.stderr)
    return home


def _people(home: Path) -> dict[str, str]:
    lines = (home / "demo" / "people.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^  (\S+) +(\S{12}) ", lines, re.M))


# -- what is asked for (in a process of its own) ---------------------------------------------------------------------


def make_plan(rounds: int, seed: int) -> Iterator[Plan]:
    """Yield the addresses to ask for: each kind `rounds` times, by random accounts, names and conditions."""
    from zhike.cli.django_app import django_ready

    yield {}
    with django_ready(migrate=False):
        from zhike.customers.models import Account
        from zhike.people.actors import actor_of_staff
        from zhike.people.models import Staff

        chance = random.Random(seed)
        plan: Plan = {kind: [] for kind in (*KINDS, "today")}
        for role in ("analyst", "region-lead", "manager"):
            staff = Staff.objects.unscoped(reason="benchmark").select_related("region").get(user__username=role)
            rows = Account.objects.for_actor(actor_of_staff(staff))
            ids = list(rows.order_by("?").values_list("pk", flat=True)[: rounds // 3 + 1])
            found = list(rows.filter(pk__in=ids).values_list("code", "name", "region_id"))
            for _ in range(rounds // 3):
                code, name, region = chance.choice(found)
                plan["yardstick"].append((role, f"/yardstick/{code}/"))
                plan["account 360"].append((role, f"/accounts/{code}/"))
                plan["list"].append((role, f"/accounts/?sort={chance.choice(SORTS)}"))
                condition = chance.choice(
                    ["tier=A1&tier=A2", f"region={region}", "ends=90&sort=ends", "overdue=1&sort=-overdue", "rival=50",
                     "lifecycle=left", f"tier=C&region={region}", "unvisited=90&sort=visited", "shrunk=20&sort=change"]
                )  # fmt: skip
                plan["filtered list"].append((role, f"/accounts/?{condition}"))
                start = chance.randrange(max(len(name) - 3, 1))
                part = urllib.parse.quote(name[start : start + chance.choice([2, 3, 4, 6])])
                plan["name search"].append((role, f"/accounts/?q={part}"))
                plan["portfolio"].append((role, chance.choice(PORTFOLIOS)))
                if role != "analyst":  # who has no worklist
                    plan["today"].append((role, chance.choice(TODAYS)))
        yield plan


def tell_statements(addresses: str) -> Iterator[dict[str, tuple[int, float, str]]]:
    """Yield per kind: the most statements of a page, p95 of its slowest statement in ms, and the slowest one's text."""
    before, plan = json.loads(Path(addresses).read_text(encoding="utf-8"))
    from zhike.cli.django_app import django_ready

    yield {}
    with django_ready(migrate=False):
        from django.db import connection
        from django.test import Client

        from zhike.people.models import User

        clients = {}
        for role in {role for asked in (*plan.values(), *before.values()) for role, _ in asked}:
            clients[role] = Client(SERVER_NAME="127.0.0.1")
            clients[role].force_login(User.objects.get(username=role))
        for role, address in (one for asked in before.values() for one in asked):
            clients[role].get(address)
        told = {}
        for kind, asked in plan.items():
            most, slow = 0, []
            for role, address in asked:
                times: list[tuple[float, str]] = []

                def timed(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
                    began = time.perf_counter()
                    try:
                        return execute(sql, params, many, context)
                    finally:
                        times.append(((time.perf_counter() - began) * 1000, sql))  # noqa: B023

                with connection.execute_wrapper(timed):
                    answer = clients[role].get(address)
                assert answer.status_code == 200, f"{answer.status_code} {address}"
                reading = [one for one in times if not one[1].startswith(("SET ", "SAVEPOINT", "RELEASE", "ROLLBACK"))]
                most = max(most, len(reading))
                slow.append(max(reading))
            slow.sort()
            told[kind] = (most, slow[int(len(slow) * 0.95)][0], f"{slow[-1][0]:.1f} ms {slow[-1][1][:1000]}")
        yield told


# -- asking -----------------------------------------------------------------------------------------------------------


@contextmanager
def serving(home: Path) -> Iterator[int]:
    """Serve the world on a free port while the block runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.served.server", str(port)], cwd=ROOT, env=os.environ | _named(home)
    )
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in/login/", timeout=5).close()
                break
            except OSError:
                time.sleep(0.25)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def sign_in(port: int, name: str, password: str) -> str:
    """Sign in by the form and return the cookies."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    base = f"http://127.0.0.1:{port}/sign-in/login/"
    page = opener.open(base).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token, "no form to sign in by"
    form = {"csrfmiddlewaretoken": token[1], "login": name, "password": password}
    opener.open(urllib.request.Request(base, urllib.parse.urlencode(form).encode(), {"Referer": base})).close()
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def ask_all(plan: Plan, port: int, people: dict[str, str]) -> dict[str, list[float]]:
    """Ask for all pages by two clients, kinds in turn; return the milliseconds of each kind."""
    cookies = {
        role: sign_in(port, role, people[role]) for role in {role for asked in plan.values() for role, _ in asked}
    }
    turns = [(kind, *asked) for together in zip(*_lined_up(plan), strict=True) for kind, asked in together]
    times: dict[str, list[float]] = defaultdict(list)
    failed: list[str] = []

    def client(mine: list[tuple[str, str, str]]) -> None:
        wire = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for kind, role, address in mine:
            began = time.perf_counter()
            wire.request("GET", address, headers={"Cookie": cookies[role], "Accept-Language": "zh-CN"})
            answer = wire.getresponse()
            answer.read()
            times[kind].append((time.perf_counter() - began) * 1000)
            if answer.status != 200:
                failed.append(f"{answer.status} {address}")

    clients = [threading.Thread(target=client, args=(turns[part::2],)) for part in (0, 1)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    assert not failed, failed[:3]
    return dict(times)


def _lined_up(plan: Plan) -> list[list[tuple[str, tuple[str, str]]]]:
    shortest = min(len(asked) for asked in plan.values())
    lined = []
    for kind, asked in plan.items():
        rows = [(kind, (str(one[0]), str(one[1]))) for one in asked]
        random.Random(len(kind)).shuffle(rows)
        lined.append(rows[:shortest])
    return lined
