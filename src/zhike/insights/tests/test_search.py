"""Names are found by any part, whichever way the database goes; single accounts show before anything is loaded."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from django.db import connection, transaction
from tests.cast import build_cast

from zhike.core.actor import system_actor
from zhike.core.brief import TooLong, brief
from zhike.core.changes import notify
from zhike.customers.models import Account
from zhike.customers.pinyin import pinyin_key
from zhike.insights import queries, queries_search
from zhike.insights.models import AccountSummary, FrequentGram
from zhike.insights.queries import AccountFilter
from zhike.people.models import Region

from .conftest import ALL, listed

pytestmark = pytest.mark.django_db
SYSTEM = system_actor("test")


@pytest.fixture
def names(db: None, own_home: Path) -> dict[str, str]:
    """Three hundred names of few characters, so that pairs repeat, with some of letters and digits."""
    region = Region.objects.create(code="R", name="区", path="R/")
    chance = random.Random(5)  # noqa: S311  names, not secrets
    accounts = []
    for number in range(300):
        name = "".join(chance.choice("临港海天云网信5Ga ") for _ in range(chance.randint(2, 7))).strip() or "临港"
        name += chance.choice(["", "有限公司", "股份有限公司", "医院"])
        accounts.append(Account(code=f"G{number:04d}", name=name, pinyin_key=pinyin_key(name), region=region))
    Account.plain.bulk_create(accounts)
    notify("accounts", actor=SYSTEM, account_ids=[one.pk for one in accounts])
    return {one.code: one.name for one in accounts}


@pytest.mark.parametrize("common", [-1, 0, 20, 10**9])
def test_search_finds_what_a_plain_look_finds_by_either_way(
    names: dict[str, str], monkeypatch: pytest.MonkeyPatch, common: int
) -> None:
    monkeypatch.setattr(queries_search, "COMMON", common)
    one = queries.current()
    assert one is not None
    counts: dict[str, int] = {}
    for name in names.values():
        for gram in {name.lower()[place : place + 2] for place in range(len(name) - 1)}:
            counts[gram] = counts.get(gram, 0) + 1
    FrequentGram.objects.bulk_create(
        FrequentGram(publication_id=one.pk, gram=gram, accounts=count) for gram, count in counts.items()
    )
    chance = random.Random(7)  # noqa: S311
    asked = [
        "临港",
        "云",
        "5g",
        "5G",
        "公司",
        "医院",
        "%",
        "_",
        "\\",
        "海天云网",
        "临港有限公司",
        "G0012",
        "g001",
        "gang",
    ]
    asked += ["".join(chance.choice("临港海天云网信5Ga") for _ in range(chance.randint(1, 3))) for _ in range(40)]
    for text in asked:
        wanted = queries_search.read(text)
        assert wanted is not None
        expected = {
            code
            for code, name in names.items()
            if wanted.name in name.lower()
            or (wanted.key and (pinyin_key(name).startswith(wanted.key) or code.startswith(wanted.raw.upper())))
        }
        assert set(listed(SYSTEM, AccountFilter(text=text), size=100)) == expected, text


def test_search_finds_a_credit_code(names: dict[str, str]) -> None:
    account = Account.objects.unscoped(reason=ALL).get(code="G0007")
    account.credit_code = "91370203MA3C0ABC1X"
    account.save()
    assert listed(SYSTEM, AccountFilter(text="91370203ma3c0abc1x")) == ["G0007"]


def test_before_anything_is_loaded_there_is_nothing_and_a_new_account_shows(db: None, own_home: Path) -> None:
    cast = build_cast()
    assert set(listed(SYSTEM, AccountFilter())) == {account.code for account in cast.accounts.values()}
    row = AccountSummary.objects.unscoped(reason=ALL).get(code="C-0001")
    assert (row.billed, row.change, row.margin, row.share, row.visited) == (None, None, None, None, None)


def test_what_takes_too_long_is_cut_off_and_the_request_goes_on(db: None) -> None:
    with transaction.atomic():
        with pytest.raises(TooLong), brief(20), connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            assert cursor.fetchone()[0] == "0"
            with brief(5000):
                cursor.execute("SELECT 1")
            cursor.execute("SELECT current_setting('statement_timeout')")
            assert cursor.fetchone()[0] == "0"
