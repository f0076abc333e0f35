"""The accounts list shows, keeps and carries away what a person asked for: columns, views, a workbook of just that."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook
from tests.cast import Cast, build_cast

from zhike.core.actor import system_actor
from zhike.core.changes import notify
from zhike.core.models import Run
from zhike.customers.models import Account, TeamMembership
from zhike.customers.pinyin import pinyin_key
from zhike.insights import queries
from zhike.insights.models import AccountSummary

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """The named cast; Alice manages thirty accounts more."""
    monkeypatch.setenv("ZHIKE_HOME", str(tmp_path))
    cast = build_cast()
    ids = []
    for number in range(30):
        name = f"=客户{number:02d}" if number == 7 else f"客户{number:02d}"
        account = Account(
            code=f"K{number:03d}", name=name, pinyin_key=pinyin_key(name), region=cast.regions["ours"],
            tier="A1" if number < 5 else "C", employees=number * 10, industry="装备制造",
        )  # fmt: skip
        account.save()
        TeamMembership(
            account=account, staff=cast.people["alice"], team=cast.teams["ours"], duty="lead", valid_from="2026-01-01"
        ).save()
        ids.append(account.pk)
    notify("accounts", actor=system_actor("test"), account_ids=ids)
    return cast


def shown(answer: object) -> list[str]:
    """Return the names in the list of a page, in their order."""
    return re.findall(r'class="name fw"[^>]*>([^<]+)<', answer.content.decode())  # type: ignore[attr-defined]


def sheet(answer: object) -> list[list[object]]:
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def test_workbook_holds_just_what_the_page_shows(cast: Cast) -> None:
    client = cast.client("alice")
    client.post("/accounts-columns/", {"column": ["name", "employees", "code", "tier"]})
    address = "?tier=C&sort=-employees&size=50"
    names = shown(client.get("/accounts/" + address))
    assert len(names) == 25
    assert names[0] == "客户29"
    rows = sheet(client.get("/accounts/export.xlsx" + address))
    assert rows[0] == ["客户", "员工", "编码", "等级"]
    assert [row[0] for row in rows[1:]] == names
    assert rows[1] == ["客户29", 290.0, "K029", "C"]
    assert "=客户07" in [row[0] for row in rows], "a text that begins like a formula stays a text"
    record = Run.objects.get(kind="export.accounts")
    assert record.result["rows"] == 25


def test_workbook_of_ticked_rows_holds_those_only(cast: Cast) -> None:
    client = cast.client("alice")
    ids = list(Account.objects.unscoped(reason="test").filter(code__in=["K003", "K009"]).values_list("pk", flat=True))
    theirs = cast.accounts["theirs"].pk
    rows = sheet(client.get("/accounts/export.xlsx", {"ids": [*ids, theirs], "sort": "name"}))
    assert [row[0] for row in rows[1:]] == ["客户03", "客户09"]


def test_columns_are_kept_in_their_order_and_can_be_reset(cast: Cast) -> None:
    client = cast.client("alice")
    page = client.post("/accounts-columns/", {"column": ["name", "region", "tier"], "next": "/accounts/?tier=A1"})
    assert page["Location"] == "/accounts/?tier=A1"
    heads = re.findall(r'<th scope="col"[^>]*>(?:<a[^>]*>)?([^<]+)', client.get("/accounts/").content.decode())
    assert [head.strip() for head in heads] == ["客户", "区域", "等级"]
    client.post("/accounts-columns/", {"reset": "1", "next": "https://elsewhere.example/"})
    assert "毛利率" in client.get("/accounts/").content.decode()


def test_column_that_is_not_for_everybody_is_not_offered(cast: Cast) -> None:
    client = cast.client("fay")  # an agent: no margins
    client.post("/accounts-columns/", {"column": ["name", "margin", "tier"]})
    page = client.get("/accounts/?sort=-margin")
    assert page.status_code == 200
    assert "毛利率" not in page.content.decode()


def test_conditions_become_a_view_of_ones_own(cast: Cast) -> None:
    client = cast.client("alice")
    assert "存为视图" in client.get("/accounts/?tier=A1").content.decode()
    client.post("/accounts-views/", {"name": "我的大户", "query": "tier=A1&sort=name&cursor=xx&evil=1"})
    page = client.get("/accounts/?tier=A1&sort=name").content.decode()
    assert re.search(r'aria-current="true" href="\?sort=name&amp;tier=A1">我的大户<', page)
    assert "evil" not in page
    assert "我的大户" not in cast.client("carol").get("/accounts/").content.decode()
    client.post("/accounts-views/", {"forget": "0"}, follow=True)
    assert "我的大户" not in client.get("/accounts/").content.decode()


def test_view_needs_a_name(cast: Cast) -> None:
    client = cast.client("alice")
    answer = client.post("/accounts-views/", {"name": " ", "query": "tier=A1"}, follow=True)
    assert "请给视图起个名字" in answer.content.decode()


def test_long_list_is_sorted_by_indexed_keys_only_and_says_so(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client = cast.client("emil")
    assert "只能给" not in client.get("/accounts/?sort=employees").content.decode()
    monkeypatch.setattr(queries, "SHORT", 10)
    page = client.get("/accounts/?sort=employees")
    assert "只能给" in page.content.decode()
    assert "只能给" not in client.get("/accounts/?sort=employees&tier=A1").content.decode()


def test_pages_follow_one_another_and_a_damaged_place_says_so(cast: Cast) -> None:
    client = cast.client("alice")
    first = client.get("/accounts/?sort=name")
    assert len(shown(first)) == 20
    following = re.search(r'rel="next" href="([^"]+)"', first.content.decode())
    assert following
    second = shown(client.get("/accounts/" + following[1].replace("&amp;", "&")))
    assert len(second) == 11
    assert not set(second) & set(shown(first))
    assert "翻页的位置已失效" in client.get("/accounts/?cursor=%00broken").content.decode()


@pytest.mark.parametrize(
    "address",
    ["?size=999999", "?sort=password", "?region=99999999999999999999", "?ends=-1", "?rival=101", "?ids=x&ids=1e9",
     "?q=%00", "?q=%25", "?tier=Z9", "?lead=0", "?sort=-margin&cursor=WyJhZnRlciIsMSwyXQ"],
)  # fmt: skip
def test_nonsense_in_the_address_is_left_out(cast: Cast, address: str) -> None:
    assert cast.client("alice").get("/accounts/" + address).status_code == 200


def test_signed_out_people_are_sent_to_sign_in(cast: Cast) -> None:
    assert Client().get("/accounts/")["Location"].startswith("/sign-in/login/")


def score(cast: Cast, code: str, **figures: object) -> None:
    """Give an account of the published list what a cycle would have found."""
    shown_now = queries.current()
    assert shown_now is not None
    rows = AccountSummary.objects.unscoped(reason="the test plays the cycle")
    assert rows.filter(publication_id=shown_now.pk, code=code).update(**figures) == 1


def test_list_is_narrowed_by_scores_quadrant_move_and_alert(cast: Cast) -> None:
    client = cast.client("alice")
    score(cast, "K001", value=8150, loyalty=3000, lock_in=2000, quadrant="win", alert_level=2, moved="up")
    score(cast, "K001", alert_count=3)
    score(cast, "K002", value=8000, loyalty=7000, lock_in=1999, quadrant="keep", alert_level=1, alert_count=1)
    score(cast, "K003", value=0, loyalty=100, lock_in=0, quadrant="nurture", moved="down")
    asked = {
        "quadrant=win": ["客户01"], "quadrant=keep&quadrant=win": ["客户01", "客户02"], "moved=up": ["客户01"],
        "alert=red": ["客户01"], "alert=red&alert=yellow": ["客户01", "客户02"], "value_from=81": ["客户01"],
        "value_from=80": ["客户01", "客户02"], "value_below=80": ["客户03"], "lock_in_from=20": ["客户01"],
        "lock_in_from=0&lock_in_below=20": ["客户02", "客户03"], "loyalty_from=70&quadrant=win": [],
    }  # fmt: skip
    for conditions, names in asked.items():
        page = client.get(f"/accounts/?sort=name&{conditions}")
        assert shown(page) == names, conditions
    assert "客户01" not in shown(client.get("/accounts/?quadrant=unknown&size=100"))
    page = client.get("/accounts/?quadrant=win&value_from=60&value_below=90&alert=red").content.decode()
    chips = re.findall(r'zk-chip on">([^<]+)<b>([^<]+)</b> <a href="([^"]*)"', page)
    assert [(label.strip(), value) for label, value, _without in chips] == [
        ("价值与忠诚", "策反"), ("预警", "红色"), ("价值", "≥ 60 &lt; 90"),
    ]  # fmt: skip
    assert "value_" not in chips[2][2], "both bounds go together"


def test_scores_stand_in_list_and_workbook_and_unknown_is_no_zero(cast: Cast) -> None:
    client = cast.client("alice")
    score(cast, "K001", value=8150, loyalty=0, alert_level=2, alert_count=3, stake_fen=1_234_500)
    client.post("/accounts-columns/", {"column": ["name", "value", "loyalty", "lock_in", "alert", "stake"]})
    page = client.get("/accounts/?sort=-value").content.decode()
    assert shown(client.get("/accounts/?sort=-value"))[0] == "客户01"
    assert re.search(r'data-label="预警"><span class="zk-tag hand">红色 3</span>', page)
    rows = sheet(client.get("/accounts/export.xlsx?sort=-value"))
    assert rows[0] == ["客户", "价值", "忠诚", "异网锁定", "预警", "涉及金额 元"]
    assert rows[1] == ["客户01", 81.5, 0.0, "", "红色", 12345.0]
    assert rows[2][1:] == ["", "", "", "", ""]
