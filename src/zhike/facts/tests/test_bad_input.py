"""Bad files through the page and through the command line: refused whole or row by row, never half, always with why."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
import xlsxwriter

from zhike.customers.models import Account
from zhike.facts.loading.lake import lake
from zhike.facts.models import Import
from zhike.facts.tests.conftest import ALL, Door

pytestmark = pytest.mark.django_db
BILLS = "account_code,period,bill_code,line,item,amount\n"
ROW = "G1,202609,B1,1,专线,100.00\n"


def bills() -> int:
    return lake().manifest("bills").rows


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "空的"),
        ("a.csv", "客户编码,账期\n".encode(), "缺少必填列"),
        ("a.csv", b"account_code,period,bill_code,line,amount\nG1,202609,B,1,3\n", "item"),
        ("a.csv", ("account_code," + BILLS + "G1," + ROW).encode(), "出现了两次"),
        ("a.csv", "客户编码,account_code\nG1,G1\n".encode(), "出现了两次"),
        ("a.csv", BILLS.encode() + b"G1,202609,B1,1,\xff\xfe\xff,3\n", "编码"),
        ("a.csv", b"x,y,z\n1,2,3\n", "没有一列认得出来"),
        ("a.csv", b"a" * 3_000_000, "不像一张表"),
        ("a.csv", BILLS.encode() + b"G1,2026\x0009,B1,1,x,3\n", "NUL"),
        ("a.xlsx", b"PK\x03\x04 this is no workbook", "读不出来"),
        ("a.parquet", b"PAR1 this is no parquet PAR1", "读不出来"),
    ],
    ids=["empty", "missing", "missing-one", "doubled", "doubled-names", "encoding", "foreign", "one-line", "nul",
         "xlsx", "parquet"],
)  # fmt: skip
def test_file_that_is_no_such_table_is_refused_whole(come_in: Door, name: str, content: bytes, said: str) -> None:
    came = come_in("bills", {name: content})
    assert said in came.error
    assert came.one.phase == Import.Phase.REFUSED
    assert bills() == 0


def test_header_only_loads_nothing_and_says_so(come_in: Door) -> None:
    came = come_in("bills", {"a.csv": BILLS.encode()})
    assert (came.error, came.one.phase, came.one.rows_read) == ("", Import.Phase.LOADED, 0)


def test_bad_rows_are_kept_aside_with_line_column_and_reason(come_in: Door) -> None:
    rows = [
        ROW,
        "G1,202609,B2,1,专线,abc\n",
        "G1,202609,B3,-1,专线,3\n",
        "G1,202609,B4,1,专线,1000000000000\n",
        "G1,202609,B5,1,专线,NaN\n",
        "G1,209901,B6,1,专线,3\n",
        "G9,202609,B7,1,专线,3\n",
        "G1,,B8,1,专线,3\n",
        "G1,202609,B9,1,专线\n",
        "G2,202609,B1,1,专线,7.00\n",
    ]
    came = come_in("bills", {"a.csv": (BILLS + "".join(rows)).encode()})
    assert came.one.phase == Import.Phase.LOADED
    assert (came.one.rows_read, came.one.rows_refused, bills()) == (10, 8, 2)
    assert sorted(came.reasons) == [
        (3, "amount", "type_money"), (4, "line", "minimum"), (5, "amount", "maximum"), (6, "amount", "type_money"),
        (7, "period", "future"), (8, "account_code", "unknown"), (9, "period", "required"), (10, "", "columns"),
    ]  # fmt: skip


def test_strict_loads_nothing_when_a_row_is_refused(come_in: Door) -> None:
    came = come_in("bills", {"a.csv": (BILLS + ROW + "G9,202609,B7,1,专线,3\n").encode()}, strict=True)
    assert "1 行被拒" in came.error
    assert (came.one.phase, bills()) == (Import.Phase.REFUSED, 0)
    assert came.reasons == [(3, "account_code", "unknown")]


def test_strict_loads_nothing_when_only_the_database_can_refuse(come_in: Door) -> None:
    content = "account_code,name,region_code,manager_code\nN1,甲,LG,M0001\nN2,乙,LG,nobody\n"
    came = come_in("accounts", {"a.csv": content.encode()}, strict=True)
    assert "1 行被拒" in came.error
    assert not Account.objects.unscoped(reason=ALL).filter(code="N1").exists()


def test_two_different_rows_of_one_key_are_both_refused_and_exact_copies_count_once(come_in: Door) -> None:
    content = BILLS + ROW + ROW + "G2,202609,B1,1,专线,1\n" + "G2,202609,B1,1,专线,2\n"
    came = come_in("bills", {"a.csv": content.encode()})
    assert (came.one.rows_duplicate, came.one.rows_refused, bills()) == (1, 2, 1)
    assert {code for *_, code in came.reasons} == {"conflict"}


def test_unused_columns_are_named_not_refused(come_in: Door) -> None:
    came = come_in("bills", {"a.csv": (BILLS.replace("amount", "amount,颜色") + ROW.strip() + ",红\n").encode()})
    assert bills() == 1
    assert came.one.summary["tables"][0]["ignored"] == ["颜色"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_encodings_are_recognised(come_in: Door, encoding: str) -> None:
    content = "客户编码,名称,区域编码\nN1,临州衡岱装备集团有限公司,LG\n".encode(encoding)
    come_in("accounts", {"a.csv": content})
    assert Account.objects.unscoped(reason=ALL).get(code="N1").name == "临州衡岱装备集团有限公司"


def test_merged_header_is_refused_with_its_cells(come_in: Door) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        sheet.merge_range("A1:B1", "account_code")
        sheet.write_row("C1", ["period", "bill_code", "line", "item", "amount"])
        sheet.write_row("A2", ["G1", "", 202609, "B1", 1, "专线", 3])
    came = come_in("bills", {"a.xlsx": buffer.getvalue()})
    assert "A1:B1" in came.error


def test_formulas_leave_as_text(come_in: Door) -> None:
    came = come_in("bills", {"a.csv": (BILLS + "=cmd|' /C calc'!A0,202609,B1,1,专线,3\n").encode()})
    with open(came.one.rejects_path, encoding="utf-8-sig", newline="") as file:
        assert [row[3] for row in csv.reader(file)][1:] == ["'=cmd|' /C calc'!A0"]


def test_a_workbook_that_unpacks_to_far_more_is_no_trouble(come_in: Door) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/workbook.xml", b"<" * 20_000_000)
    came = come_in("bills", {"a.xlsx": buffer.getvalue()})
    assert came.one.phase == Import.Phase.REFUSED
