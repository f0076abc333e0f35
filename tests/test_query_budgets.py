"""How many statements each page asks the database: stored in `query_budgets.json`, never more, never above the limit.

A page that needs more after a change fails here; `WRITE_QUERY_BUDGETS=1` writes the file anew, for review.
"""

from __future__ import annotations

import json
import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.cast import Cast, build_cast
from tests.security.url_table import ROWS, Row
from zhike.core.actor import system_actor
from zhike.core.changes import notify
from zhike.people.roles import PERMISSIONS

pytestmark = pytest.mark.django_db
BUDGETS = Path(__file__).parent / "query_budgets.json"
LIMIT = 12  # statements a page
ROUND_ABOUT = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "SET ")  # no reading or writing of rows
TABS = ("people", "archive", "sites", "group", "members", "team", "timeline")
INSIDERS = ("alice", "carol", "dora", "emil", "fay", "gus", "hana", "ivan")


@pytest.fixture
def cast(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """The named cast; Alice has many accounts, and the first of them many rows of everything."""
    from zhike.catalogue.models import Product
    from zhike.customers import models as archive
    from zhike.facts.models import ImportedEvent

    monkeypatch.setenv("ZHIKE_HOME", str(tmp_path))
    cast = build_cast()
    account, today = cast.accounts["ours"], timezone.localdate()
    product = Product.objects.create(code="P", name="专线", business_class="communication", valid_from=date(2024, 1, 1))
    branches = []
    for number in range(24):
        branch = archive.Account(
            code=f"B{number}", name=f"分部{number}", parent=account, region=account.region, pinyin_key=f"b{number}"
        )
        branch.save()
        branches.append(branch.pk)
        archive.TeamMembership(
            account=branch, staff=cast.people["alice"], team=cast.teams["ours"], duty="lead", valid_from=today
        ).save()
        code = f"X{number:02d}"
        for row in (
            archive.Contact(
                account=account, code=code, name=f"人{number}", tie_staff=cast.people["alice"], tie_strength=3
            ),
            archive.Site(account=account, code=code, name=f"场所{number}"),
            archive.Contract(account=account, code=code, starts_on=today, ends_on=today + timedelta(days=number)),
            archive.Subscription(account=account, code=code, product=product, monthly_fee_fen=100),
            archive.CompetitorHolding(
                account=account, code=code, business_class="communication", operator="mobile", product="宽带"
            ),
            archive.MemberLine(account=account, number=f"138000000{number:02d}"),
            archive.AssociationMembership(account=account, association=f"协会{number}"),
            archive.SupplyLink(account=account, supplier_name=f"供应商{number}"),
            ImportedEvent(account=account, table="visits", key=code, at=timezone.now(), detail={}, source="0" * 32),
        ):
            row.save()
    notify("accounts", actor=system_actor("test"), account_ids=[account.pk, *branches])
    return cast


def addresses(cast: Cast) -> dict[str, tuple[str, str]]:
    """Return every address that shows a page: its name, who asks for it, the address."""
    found: dict[str, tuple[str, str]] = {}
    for row in ROWS:
        if row.method == "get" and 200 in row.answers:
            found[row.name] = (_somebody(cast, row), reverse(row.name, kwargs=row.ours(cast)))
    code = cast.accounts["ours"].code
    for tab in TABS:
        address = reverse("workbench:account_tab", kwargs={"code": code, "tab": tab})
        found[f"workbench:account_tab {tab}"] = ("alice", address)
    found["workbench:today of a lead"] = ("carol", reverse("workbench:today") + "?sort=due")
    found["workbench:accounts filtered"] = ("dora", reverse("workbench:accounts") + "?tier=C&overdue=1&sort=-billed")
    found["workbench:accounts found"] = ("emil", reverse("workbench:accounts") + "?q=分部")
    return found


def _somebody(cast: Cast, row: Row) -> str:
    return next(name for name in INSIDERS if row.permission in PERMISSIONS[cast.people[name].role])


def statements(cast: Cast, who: str, address: str) -> list[str]:
    """Return the statements of the second asking: the first fills what the process keeps."""
    client = cast.client(who)
    _read(client.get(address))
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(address)
        _read(answer)
    assert answer.status_code == 200, address
    return [one["sql"] for one in asked.captured_queries if not one["sql"].startswith(ROUND_ABOUT)]


def _read(answer: Any) -> None:
    """Read an answer to its end, as a browser does; a workbook's file is closed with it."""
    if answer.streaming:
        b"".join(answer.streaming_content)
    if getattr(answer, "file_to_stream", None):  # closing the whole answer would close the test's connection
        answer.file_to_stream.close()


def test_no_page_asks_more_than_its_budget(cast: Cast) -> None:
    budgets: dict[str, int] = json.loads(BUDGETS.read_text(encoding="utf-8")) if BUDGETS.exists() else {}
    found: dict[str, int] = {}
    wrong: list[str] = []
    for name, (who, address) in addresses(cast).items():
        asked: list[Any] = statements(cast, who, address)
        found[name] = len(asked)
        if len(asked) > min(budgets.get(name, LIMIT), LIMIT):
            wrong.append(f"{name}: {len(asked)} statements, {budgets.get(name)} stored:\n  " + "\n  ".join(asked))
    if os.environ.get("WRITE_QUERY_BUDGETS"):
        BUDGETS.write_text(json.dumps(dict(sorted(found.items())), indent=1) + "\n", encoding="utf-8")
    assert not wrong, "\n".join(wrong)
    assert budgets.keys() == found.keys() or os.environ.get("WRITE_QUERY_BUDGETS"), "pages without a stored budget"
