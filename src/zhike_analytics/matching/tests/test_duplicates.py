"""Accounts entered twice are found with their reasons; others, branches and hollow keys are left alone."""

from __future__ import annotations

import pyarrow as pa
import pytest

from zhike_analytics.contracts.matching import EVIDENCE, MatchingError, Weights
from zhike_analytics.matching import find_duplicates
from zhike_analytics.matching.tests.planted import VARIANTS, listed


def accounts(*rows: dict[str, str]) -> pa.Table:
    """Return accounts that are in one region and have what `rows` say."""
    names = ("name", "credit_code", "address", "region_code", "parent_code")
    filled = [{"account_code": f"G{n}", "region_code": "9001", **row} for n, row in enumerate(rows)]
    return pa.table({one: pa.array([row.get(one) for row in filled], pa.string()) for one in ("account_code", *names)})


def reasons(*rows: dict[str, str], phones: dict[str, str] | None = None) -> list[str]:
    """Return why the first two accounts may be one; nothing when they are not told."""
    held = phones or {}
    numbers = pa.table({"account_code": list(held), "phone": list(held.values())}) if held else None
    found, _ = find_duplicates(accounts(*rows), numbers)
    pairs = zip(found.column("account_code").to_pylist(), found.column("other_code").to_pylist(), strict=True)
    told = dict(zip(pairs, found.column("reasons").to_pylist(), strict=True))
    return list(told.get(("G0", "G1"), []))


@pytest.mark.parametrize(
    ("one", "two", "reason"),
    [
        ("岱阳裕沃钢铁有限公司", "岱阳裕沃钢铁公司", "name_core"),
        ("岱阳裕沃钢铁有限公司", "岱阳裕沃钢铁有限责任公司", "name_core"),
        ("岱阳裕沃钢铁有限公司", "岱阳市裕沃钢铁有限公司", "name_core"),
        ("岱阳裕沃钢铁（东屏）有限公司", "岱阳裕沃钢铁(东屏)有限公司", "name"),
        ("ＡＢＣ物流有限公司", "abc 物流有限公司", "name"),
        ("滨湖璟盈消防有限公司", "滨湖景盈消防有限公司", "name_sound"),
    ],
)
def test_variants_of_a_name_are_found_with_their_reason(one: str, two: str, reason: str) -> None:
    assert reason in reasons({"name": one}, {"name": two})


def test_one_sign_apart_is_told_only_with_further_evidence() -> None:
    one, two = {"name": "岱阳裕沃钢铁有限公司"}, {"name": "岱阳裕汇钢铁有限公司"}
    assert reasons(one, two) == []
    told = reasons(one, two, phones={"G0": "138-0000-1234", "G1": "+86 13800001234"})
    assert told == ["name_alike", "phone"]


def test_one_credit_code_under_two_names_is_told_with_what_speaks_against_it() -> None:
    code = "91900803700120011A"
    told = reasons(
        {"name": "岱阳裕沃钢铁有限公司", "credit_code": code},
        {"name": "临州汇融贸易有限公司", "credit_code": code.lower() + " "},
        phones={"G0": "13800001234", "G1": "13800001234"},
    )
    assert told == ["credit_code", "name_differs", "phone"]


def test_two_registered_companies_of_one_name_are_two() -> None:
    name = "宏达贸易有限公司"
    assert reasons(
        {"name": name, "credit_code": "91900803700120011A"},
        {"name": name, "credit_code": "9190010470012002XC", "region_code": "9002"},
    ) == []  # fmt: skip


def test_branches_of_a_group_are_no_duplicates_of_it_or_of_one_another() -> None:
    head = {"name": "厚岸保险有限公司"}
    branch = {"name": "厚岸保险公司", "parent_code": "G0"}
    assert reasons(head, branch) == []
    one = {"name": "厚岸保险（东屏）公司", "parent_code": "H"}
    assert reasons(one, {"name": "厚岸保险（临州）公司", "parent_code": "H"}) == []


def test_a_branch_entered_twice_is_told() -> None:
    one = {"name": "厚岸保险东屏支公司", "parent_code": "H"}
    assert reasons(one, {"name": "厚岸保险 东屏支公司", "parent_code": "H"}) == ["name"]


def test_what_too_many_share_is_passed_over_and_counted() -> None:
    rows = [{"name": f"第{n}号商户{chr(0x4E00 + 37 * n)}", "credit_code": "91900803700120011A"} for n in range(40)]
    found, how = find_duplicates(accounts(*rows))
    assert found.num_rows == 0
    assert how.too_common["credit_code"] == 1


def test_a_name_that_hundreds_have_says_less() -> None:
    def chance(same: int) -> int:
        rows = [{"name": "第一小学"}] * same + [{"name": "岱阳裕沃钢铁有限公司"}]
        found, _ = find_duplicates(accounts(*rows), least=0.0)
        return max(found.column("probability_permille").to_pylist())

    assert chance(2) > chance(8) > chance(25)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{"name": "独此一家有限公司"}],
        [{"name": "公司"}, {"name": "有限公司"}],
        [{"name": "（）"}, {"name": "—"}],
        [{"credit_code": "0"}, {"credit_code": "0"}],
    ],
)
def test_hollow_lists_give_no_pairs_and_no_failure(rows: list[dict[str, str]]) -> None:
    found, how = find_duplicates(accounts(*rows))
    assert (found.num_rows, how.kept, how.accounts) == (0, 0, len(rows))


def test_columns_that_are_missing_and_codes_that_repeat_are_named() -> None:
    with pytest.raises(MatchingError, match="name"):
        find_duplicates(pa.table({"account_code": ["G1"]}))
    with pytest.raises(MatchingError, match="stand there twice"):
        find_duplicates(pa.table({"account_code": ["G1", "G1"], "name": ["甲", "乙"]}))


def test_planted_second_entries_are_found_and_hardly_anything_else() -> None:
    table, phones, truth = listed(6000, seed=3, share=0.1)
    found, how = find_duplicates(table, phones)
    pairs = set(zip(found.column("account_code").to_pylist(), found.column("other_code").to_pylist(), strict=True))
    assert len(pairs & truth.keys()) >= 0.97 * len(pairs)
    assert len(pairs & truth.keys()) >= 0.85 * len(truth)
    assert how.kept == len(pairs)
    assert how.compared < 5 * table.num_rows
    for variant in VARIANTS:
        planted = {pair for pair, written in truth.items() if written == variant}
        assert len(pairs & planted) >= 0.7 * len(planted), variant


def test_every_pair_is_explained_by_the_weights_of_its_reasons() -> None:
    table, phones, _ = listed(3000, seed=4, share=0.1)
    found, _ = find_duplicates(table, phones)
    chances = found.column("probability_permille").to_pylist()
    assert chances == sorted(chances, reverse=True)
    weights = Weights()
    for row in found.to_pylist():
        assert row["account_code"] != row["other_code"]
        assert row["reasons"] == [code for code in EVIDENCE if code in row["reasons"]]
        assert row["weights"] == pytest.approx([getattr(weights, code) for code in row["reasons"]])


def test_the_order_of_the_list_changes_nothing() -> None:
    table, phones, _ = listed(3000, seed=4, share=0.1)
    turned = table.take(pa.array(range(table.num_rows - 1, -1, -1)))

    def told(one: pa.Table) -> set[tuple[frozenset[str], int]]:
        found, _ = find_duplicates(one, phones)
        return {
            (frozenset((row["account_code"], row["other_code"])), row["probability_permille"])
            for row in found.to_pylist()
        }

    assert told(table) == told(turned)
