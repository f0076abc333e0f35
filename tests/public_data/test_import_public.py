"""Real operators' files come in whole through the committed mappings, and again without changing anything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cast import Cast
from zhike.cli.imports import run_import
from zhike.customers.models import Account, CompetitorHolding, Site
from zhike.facts.loading.lake import lake
from zhike.facts.models import Import
from zhike.facts.tests.conftest import ALL, cast, own_home  # noqa: F401  fixtures

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("ZHIKE_PUBLIC_DATA") or ROOT.parent / "shared" / "data")

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.public_data,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no public tables at {DATA}: set ZHIKE_PUBLIC_DATA"),
]


def bring_in(folder: str, pattern: str) -> Import:
    mapping = (ROOT / "examples" / "mappings" / f"{folder}.yaml").read_text(encoding="utf-8")
    files = sorted((DATA / folder).glob(pattern))
    assert run_import("all", files, mapping, f"{folder}.yaml") == 0
    return Import.objects.latest("created_at")


def counts(one: Import, table: str) -> tuple[int, int, int]:
    row = next(row for row in one.summary["tables"] if row["table"] == table)
    return row["new"], row["duplicates"], row["refused"]


def test_business_telephony_comes_in_as_months_without_its_exact_copies(cast: Cast) -> None:  # noqa: F811
    one = bring_in("b2b_telephony", "*.csv")
    assert counts(one, "accounts") == (732, 0, 0)
    assert counts(one, "usage_month") == (1694, 4900, 0)
    assert [part.period for part in lake().manifest("usage_month").partitions] == [201908, 201909, 201910, 201911]
    page = cast.client("emil").get("/data/tables/usage_month/").content.decode()
    assert "前 10% 的客户占次数的 79%" in page
    again = bring_in("b2b_telephony", "*.csv")
    assert (again.rows_new, again.rows_changed) == (0, 0)


def test_five_files_of_one_operator_join_into_archive_and_lake(cast: Cast) -> None:  # noqa: F811
    one = bring_in("ibm_telco_extended", "*.xlsx")
    assert [counts(one, table)[0] for table in ("accounts", "sites", "bills", "usage_month")] == [
        7043, 7043, 7043, 5517,
    ]  # fmt: skip
    assert one.rows_refused == 0
    accounts = Account.objects.unscoped(reason=ALL)
    assert accounts.filter(lifecycle="left").count() == 1869
    assert CompetitorHolding.objects.unscoped(reason=ALL).filter(account__region__code="US-CA").count() == 841
    site = Site.objects.unscoped(reason=ALL).get(account__code="8779-QRDMV")
    assert (site.name, str(site.latitude)) == ("Los Angeles", "34.023810")
    rows = lake().rows("bills", account_code="8779-QRDMV")
    assert [(row["period"], row["amount_fen"]) for row in rows] == [(201909, 3965)]
