"""How many queries each page of an account may ask: a page that costs more has been made slower by somebody."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.cast import Cast

from zhike.customers.models import Account, CompetitorHolding, Contact, Contract, MemberLine, Site, TeamMembership

pytestmark = pytest.mark.django_db
ACCOUNT, STEP = "/accounts/C-0001/", "/customers/C-0001/"
BUDGETS = {
    ACCOUNT: 12,
    f"{ACCOUNT}people/": 6,
    f"{ACCOUNT}archive/": 11,
    f"{ACCOUNT}sites/": 6,
    f"{ACCOUNT}group/": 12,
    f"{ACCOUNT}members/": 7,
    f"{ACCOUNT}team/": 7,
    f"{ACCOUNT}timeline/": 6,
    f"{STEP}edit/": 6,
    f"{STEP}contacts/add/": 7,
    f"{STEP}contacts/{{row}}/": 9,
    f"{STEP}contacts/{{row}}/remove/": 5,
    f"{STEP}rivals/add/": 4,
    f"{STEP}lifecycle/close/": 6,
    f"{STEP}team/lead/assign/": 6,
    f"{STEP}erase/contacts/{{row}}/": 11,
    "/customers/new/": 6,
    "/customers/handover/{bob}/": 6,
}


@pytest.fixture
def crowded(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Forty rows of each kind, and forty branches."""
    monkeypatch.setenv("ZHIKE_HOME", str(tmp_path))
    top = cast.accounts["ours"]
    for number in range(40):
        code = f"X{number:02d}"
        staff = cast.people["alice" if number % 2 else "bob"]
        Contact(account=top, code=code, name=f"联系人{number}", tie_staff=staff, tie_strength=3).save()
        Site(account=top, code=code, name=f"场所{number}").save()
        Contract(account=top, code=code, starts_on="2026-01-01", ends_on="2027-01-01").save()
        MemberLine(account=top, number=f"1380000{number:04d}").save()
        CompetitorHolding(
            account=top, code=code, business_class="communication", operator="telecom", product="专线"
        ).save()
        branch = Account(code=code, name=f"分公司{number}", region=top.region, parent=top)
        branch.save()
        TeamMembership(
            account=branch, staff=staff, team=cast.teams["ours"], duty="lead", valid_from="2026-01-01"
        ).save()
    return cast


def test_no_page_of_an_account_asks_more_than_its_budget(crowded: Cast) -> None:
    client = crowded.client("carol")
    row = Contact.objects.unscoped(reason="a test looks").get(name="裴正山").pk
    over = {}
    for address, budget in BUDGETS.items():
        page = address.format(row=row, bob=crowded.people["bob"].pk)
        client.get(page)  # what a process asks once is not the page's
        with CaptureQueriesContext(connection) as asked:
            assert client.get(page).status_code == 200, page
        if len(asked) > budget:
            over[address] = len(asked)
    assert over == {}
