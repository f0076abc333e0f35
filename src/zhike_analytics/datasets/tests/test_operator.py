"""The demonstration operator keeps its promises: same seed, whole references, rows that the library itself accepts."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zhike_analytics.contracts import TABLES
from zhike_analytics.datasets.operator import build_operator
from zhike_analytics.datasets.spec import OperatorSpec
from zhike_analytics.datasets.tests.reading import codes_of, files_of, rows_of, table_of
from zhike_analytics.engines.intake import IntakeRequest, intake


def test_the_size_of_a_batch_changes_no_row(built: Path, tmp_path: Path) -> None:
    build_operator(OperatorSpec(accounts=1500, batch=217), tmp_path)
    for name in (*TABLES, "truth/accounts", "truth/peer_gaps", "truth/duplicates", "truth/planted"):
        assert table_of(built, name).equals(table_of(tmp_path, name)), name


def test_another_seed_gives_another_operator(built: Path, tmp_path: Path) -> None:
    build_operator(OperatorSpec(accounts=1500, seed=7), tmp_path)
    for name in ("accounts", "bills", "usage_month", "complaints"):
        assert not table_of(built, name).equals(table_of(tmp_path, name)), name


def test_files_by_month_hold_the_same_rows_as_one_file(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zhike_analytics.datasets.operator.ONE_FILE_ACCOUNTS", 1000)
    build_operator(OperatorSpec(accounts=1500), tmp_path)
    for name, moment in (
        ("bills", "period"),
        ("usage_month", "period"),
        ("payments", "paid_at"),
        ("costs", "period"),
    ):
        files = files_of(tmp_path, name)
        assert len(files) >= 24
        for file in files:
            month = int(file.stem.removeprefix("period="))
            values = pq.read_table(file)[moment]
            if moment == "period":
                assert set(values.to_pylist()) == {month}
            else:
                local = pa.compute.local_timestamp(values.cast(pa.timestamp("us", tz="Asia/Shanghai")))
                assert {one.year * 100 + one.month for one in local.to_pylist()} == {month}
        order = [(column.lake_name, "ascending") for column in TABLES[name].columns if column.name in TABLES[name].key]
        assert table_of(tmp_path, name).sort_by(order).equals(table_of(built, name).sort_by(order)), name


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_library_accepts_every_row(built: Path, tmp_path: Path, name: str) -> None:
    known = {}
    for reference in {column.references for column in TABLES[name].columns if column.references}:
        other, _, column = reference.partition(".")
        known[reference] = tmp_path / f"{other}.codes.parquet"
        pq.write_table(pa.table({"code": table_of(built, other)[column]}), known[reference])
    given = table_of(built, name)
    result = intake(
        IntakeRequest(
            files=files_of(built, name),
            table=name,
            workdir=tmp_path / "work",
            today=OperatorSpec().today,
            references=known,
        )
    )
    assert [(one.line, one.column, one.value, one.code) for one in result.sample] == []
    assert (result.tables[0].read, result.tables[0].accepted_rows, result.tables[0].duplicates) == (
        given.num_rows,
        given.num_rows,
        0,
    )
    assert given.num_rows > 0


def test_codes_that_rows_share_beyond_accounts_exist(built: Path) -> None:
    sites, contracts = codes_of(built, "sites", "site_code"), codes_of(built, "contracts", "contract_code")
    staff = {row["staff_code"] for row in rows_of(built, "staff")}
    products = {row["product_code"] for row in rows_of(built, "products")}
    contacts = codes_of(built, "contacts", "contact_code")
    regions = {row["region_code"] for row in rows_of(built, "staff")}
    for row in rows_of(built, "subscriptions"):
        assert (row["account_code"], row["site_code"]) in sites
        assert (row["account_code"], row["contract_code"]) in contracts
    for name in ("bills", "costs", "complaints", "orders"):
        assert set(table_of(built, name)["product_code"].to_pylist()) <= products | {None}, name
    for row in rows_of(built, "orders"):
        assert (row["account_code"], row["site_code"]) in sites
    for row in rows_of(built, "visits"):
        assert row["staff_code"] in staff
        assert all((row["account_code"], one) in contacts for one in row["contact_codes"].split(";"))
    for row in rows_of(built, "contacts"):
        assert row["tie_staff_code"] is None or row["tie_staff_code"] in staff
        assert row["reports_to"] is None or (row["account_code"], row["reports_to"]) in contacts
    for row in rows_of(built, "accounts"):
        assert {row["manager_code"], row["backup_code"]} <= staff | {None}
        assert row["region_code"] in regions


def test_a_bill_of_each_account_and_month_is_one_bill_paid_at_most_once(built: Path) -> None:
    billed: dict[tuple[str, int], int] = {}
    for row in rows_of(built, "bills"):
        billed[row["account_code"], row["period"]] = (
            billed.get((row["account_code"], row["period"]), 0) + row["amount_fen"]
        )
    paid: dict[tuple[str, int], int] = {}
    for row in rows_of(built, "payments"):
        paid[row["account_code"], row["bill_period"]] = (
            paid.get((row["account_code"], row["bill_period"]), 0) + row["amount_fen"]
        )
    assert all(0 < amount <= billed[which] for which, amount in paid.items())
    assert 0.85 < len(paid) / len(billed) < 0.99


def test_nothing_happens_before_an_account_joins_or_after_it_has_left(built: Path) -> None:
    left = {row["account_code"]: row["left_period"] for row in rows_of(built, "truth/accounts") if row["left_period"]}
    state = {row["account_code"]: row["lifecycle"] for row in rows_of(built, "accounts")}
    assert {code for code, one in state.items() if one == "left"} == set(left)
    prospects = {code for code, one in state.items() if one == "prospect"}
    assert prospects
    for name in ("bills", "costs", "usage_month"):
        for row in rows_of(built, name):
            assert row["period"] <= left.get(row["account_code"], 999999), name
            assert row["account_code"] not in prospects, name


def test_credit_codes_carry_the_standards_check_character(built: Path) -> None:
    # The last character follows GB 32100-2015 and can be recomputed from the first seventeen.
    digits = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    codes = [row["credit_code"] for row in rows_of(built, "accounts") if row["credit_code"]]
    assert len(codes) > 1000
    for code in codes:
        total = sum(digits.index(one) * pow(3, place, 31) for place, one in enumerate(code[:17]))
        assert len(code) == 18
        assert code[17] == digits[(31 - total % 31) % 31]


def test_specifications_that_cannot_be_built_are_refused() -> None:
    for wrong in ({"accounts": 99}, {"months": 12}, {"batch": 0}, {"last_period": 203512}):
        with pytest.raises(ValueError, match=r"must|calendar"):
            OperatorSpec(**wrong)
