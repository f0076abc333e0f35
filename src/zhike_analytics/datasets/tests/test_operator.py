"""The demonstration operator keeps its promises: same seed, whole references, true causes visible."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from zhike_analytics.contracts import TABLES
from zhike_analytics.datasets.operator import build_operator
from zhike_analytics.datasets.organisations import credit_code
from zhike_analytics.datasets.spec import OperatorSpec


def rows(folder: Path, table: str) -> list[dict[str, Any]]:
    return pq.read_table(folder / f"{table}.parquet").to_pylist()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("operator")
    build_operator(OperatorSpec(accounts=600), folder)
    return folder


def test_the_same_seed_gives_the_same_values(tmp_path: Path) -> None:
    for name in ("a", "b"):
        build_operator(OperatorSpec(accounts=100), tmp_path / name)
    for file in sorted((tmp_path / "a").glob("*.parquet")):
        assert pq.read_table(file).equals(pq.read_table(tmp_path / "b" / file.name)), file.name
    build_operator(OperatorSpec(accounts=100, seed=7), tmp_path / "c")
    assert not pq.read_table(tmp_path / "a" / "bills.parquet").equals(pq.read_table(tmp_path / "c" / "bills.parquet"))


def test_a_larger_operator_begins_with_the_smaller_one(built: Path, tmp_path: Path) -> None:
    build_operator(OperatorSpec(accounts=100), tmp_path)
    columns = ("account_code", "name", "tier", "employees")
    first = [tuple(row[one] for one in columns) for row in rows(built, "accounts")[:100]]
    assert first == [tuple(row[one] for one in columns) for row in rows(tmp_path, "accounts")]


def test_keys_are_unique_and_required_values_are_there(built: Path) -> None:
    for file in built.glob("*.parquet"):
        table = TABLES[file.stem]
        content = rows(built, file.stem)
        keys = [tuple(row[table.column(one).lake_name] for one in table.key) for row in content]
        assert len(set(keys)) == len(keys), table.name
        for column in table.columns:
            if column.required:
                assert all(row[column.lake_name] is not None for row in content), (table.name, column.name)
            if column.choices:
                assert {row[column.lake_name] for row in content} <= {*column.choices, None}, (table.name, column.name)


def test_every_row_belongs_to_an_account_that_exists(built: Path) -> None:
    codes = {row["account_code"] for row in rows(built, "accounts")}
    for file in built.glob("*.parquet"):
        content = rows(built, file.stem)
        if file.stem != "accounts" and "account_code" in content[0]:
            assert {row["account_code"] for row in content} <= codes, file.stem


def test_few_accounts_bring_most_of_the_income(built: Path) -> None:
    income: dict[str, int] = {}
    for row in rows(built, "bills"):
        income[row["account_code"]] = income.get(row["account_code"], 0) + row["amount_fen"]
    ordered = sorted(income.values(), reverse=True)
    assert sum(ordered[: len(ordered) // 5]) > 0.7 * sum(ordered)


def test_leavers_are_billed_less_before_they_go_and_nothing_after(built: Path) -> None:
    truth = {
        row["account_code"]: row["left_period"] for row in pq.read_table(built / "truth/accounts.parquet").to_pylist()
    }
    billed: dict[str, dict[int, int]] = {}
    for row in rows(built, "bills"):
        months = billed.setdefault(row["account_code"], {})
        months[row["period"]] = months.get(row["period"], 0) + row["amount_fen"]
    leavers = {code: left for code, left in truth.items() if left is not None}
    assert len(leavers) > 20
    shrunk = 0
    for code, left in leavers.items():
        months = sorted(billed[code])
        assert months[-1] < left
        shrunk += billed[code][months[-1]] < 0.7 * billed[code][months[0]]
    assert shrunk > 0.9 * len(leavers)


def test_credit_codes_carry_the_standards_check_character() -> None:
    # The last character follows GB 32100-2015 and can be recomputed from the first seventeen.
    digits = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    code = credit_code(12, "900101", 1)
    total = sum(digits.index(one) * pow(3, place, 31) for place, one in enumerate(code[:17]))
    assert len(code) == 18
    assert code[17] == digits[(31 - total % 31) % 31]
