"""Today lists what is worth most now, says why, and lets people decide with a way back; nobody sees another's items."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import python_calamine
from django.utils import timezone
from tests.browser import NARROW, WIDE, axe, browser_page, overflows
from tests.cast import PASSWORD, Cast, build_cast

from zhike.core.actor import system_actor
from zhike.core.models import Run
from zhike.customers.models import Account, TeamMembership
from zhike.insights.models import Publication
from zhike.playbooks.actions import SOURCE
from zhike.worklist.actions import Incoming, push
from zhike.worklist.models import WorkItem

pytestmark = pytest.mark.django_db
ALL = "tests look at everything"
FIGURES = {"income_fen": 96_000_000, "helps": 0.3, "saves": 0.35, "urgency": 1.0, "gain": "keep"}


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Cast:
    """The named cast with three items at Alice's account and one at a branch that Bob leads."""
    monkeypatch.setenv("ZHIKE_HOME", str(tmp_path))
    return prepared(build_cast())


def prepared(cast: Cast) -> Cast:
    """Give the cast its items."""
    ours, today = cast.accounts["ours"], timezone.localdate()
    ours.tier, ours.service_level, ours.industry = "A2", "gold", "装备制造"
    ours.save()
    branch = Account(code="B-1", name="云杉冷链物流", region=cast.regions["ours"])
    branch.save()
    TeamMembership(
        account=branch, staff=cast.people["bob"], team=cast.teams["ours"], duty="lead", valid_from=today
    ).save()
    TeamMembership(
        account=branch, staff=cast.people["alice"], team=cast.teams["ours"], duty="backup", valid_from=today
    ).save()
    say = {"zh": "先谈升级，再谈条件。", "en": "Talk upgrade first.", "label_zh": "看合同", "label_en": "See contracts"}
    end = today + timedelta(38)
    push(
        system_actor("test"), SOURCE,
        [
            Incoming(ours.pk, "contract_end", f"{end}", "contract", today + timedelta(2), "red", "contracts", say,
                     {"ends_on": f"{end}", **FIGURES}, 96_000_000, 10_080_000),
            Incoming(ours.pk, "overdue", "2026-11", "payment", today - timedelta(3), "yellow", "people", say,
                     {"overdue_fen": 2_310_400, "overdue_days": 16, **FIGURES}, 2_310_400, 700_000),
            Incoming(ours.pk, "decider_unknown", "2026Q4", "archive", today, "plain", "contact_add", say, FIGURES,
                     96_000_000, 500_000),
            Incoming(branch.pk, "rival_share", "2026Q4", "chance", today + timedelta(20), "plain", "account", say,
                     {"rival_permille": 700, "rival_fen": 400_000, **FIGURES, "gain": "win"}, 4_800_000, 90_000),
        ],
    )  # fmt: skip
    return cast


def the_item(rule: str) -> WorkItem:
    """Return the one item of a rule."""
    return WorkItem.objects.unscoped(reason=ALL).get(rule=rule)


def seen(cast: Cast, who: str, address: str = "/") -> str:
    """Return a page as somebody reads it, in Chinese."""
    answer = cast.client(who).get(address, headers={"Accept-Language": "zh-CN"})
    assert answer.status_code == 200, address
    return answer.content.decode()


def listed(cast: Cast, who: str, address: str = "/") -> str:
    """Return the list alone: what stands beside it tells of the same items."""
    return seen(cast, who, address).split('id="pf"')[0]


def test_the_list_begins_with_what_is_worth_most_and_says_why(cast: Cast) -> None:
    page = seen(cast, "alice")
    assert page.index("还有 38 天") < page.index("欠费 2.31 万元，逾期 16 天") < page.index("还没有与拍板人建立联系")
    assert "10.08<small>万元可保" in page
    assert "年收入约 96.00 万元" in page
    assert "先谈升级，再谈条件。" in page
    assert "为什么排第一" in page
    assert f'href="/accounts/{cast.accounts["ours"].code}/archive/"' in page
    assert "过期 3 天" in page


def test_managers_begin_with_their_own_and_may_look_wider(cast: Cast) -> None:
    assert "云杉冷链物流" not in listed(cast, "alice")
    assert "云杉冷链物流" in listed(cast, "alice", "/?owner=all")
    assert "云杉冷链物流" in listed(cast, "bob")
    assert "还有 38 天" not in listed(cast, "bob")


def test_leads_see_the_team_and_may_single_somebody_out(cast: Cast) -> None:
    everybody = listed(cast, "carol")
    assert "云杉冷链物流" in everybody
    assert "还有 38 天" in everybody
    bobs = listed(cast, "carol", f"/?owner={cast.people['bob'].pk}")
    assert "云杉冷链物流" in bobs
    assert "还有 38 天" not in bobs


def test_conditions_stand_in_the_address(cast: Cast) -> None:
    assert "还有 38 天" not in listed(cast, "alice", "/?kind=payment")
    assert "欠费 2.31" in listed(cast, "alice", "/?kind=payment")
    assert "欠费 2.31" not in listed(cast, "alice", "/?level=red")
    assert "没有符合条件的待办" in listed(cast, "alice", "/?tier=D")
    by_day = listed(cast, "alice", "/?sort=due")
    order = [by_day.index(text) for text in ("已过期", "欠费 2.31", "还没有与拍板人", "还有 38 天")]
    assert order == sorted(order)


def test_nonsense_in_the_address_is_left_out(cast: Cast) -> None:
    for address in (
        "/?kind=x&level=y&tier=Q&sort=z&owner=%00&size=7&state=q",
        "/?cursor=nonsense",
        "/?owner=999999999",
    ):
        seen(cast, "alice", address)


def test_whoever_has_no_worklist_is_led_on(cast: Cast) -> None:
    for who, target in (("fay", "/accounts/"), ("emil", "/accounts/"), ("hana", "/people/")):
        answer = cast.client(who).get("/")
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(target), who


def test_a_plain_form_finishes_an_item_and_the_notice_takes_it_back(cast: Cast) -> None:
    client, item = cast.client("alice"), the_item("overdue")
    back = client.post(f"/today/{item.pk}/finish/", headers={"Referer": "http://testserver/?kind=payment"})
    assert back.headers["Location"] == "/?kind=payment"
    page = client.get("/", headers={"Accept-Language": "zh-CN"}).content.decode()
    assert f'action="/today/{item.pk}/reopen/"' in page
    assert "今日已办 1" in page
    client.post(f"/today/{item.pk}/reopen/")
    assert the_item("overdue").state == "open"


def test_htmx_takes_the_line_away_and_renews_the_counts(cast: Cast) -> None:
    client, item = cast.client("alice"), the_item("overdue")
    answer = client.post(
        f"/today/{item.pk}/dismiss/", {"reason": "other", "note": "月底一并付"},
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/?owner=mine", "Accept-Language": "zh-CN"},
    )  # fmt: skip
    told = json.loads(answer.headers["HX-Trigger"])["zk:toast"]
    assert told["undo"] == f"/today/{item.pk}/reopen/"
    assert "衡岱装备集团" in told["text"]
    body = answer.content.decode()
    assert 'hx-swap-oob="true"' in body
    assert "全部 <b>2</b>" in body
    assert "<li" not in body
    assert (the_item("overdue").state, the_item("overdue").reason) == ("dismissed", "月底一并付")
    assert "月底一并付" in seen(cast, "alice", "/?state=dismissed")


def test_postponing_asks_for_a_day_to_come(cast: Cast) -> None:
    client, item = cast.client("alice"), the_item("overdue")
    address = f"/today/{item.pk}/postpone/"
    for wrong in ({}, {"until": "soon"}, {"until": f"{timezone.localdate()}"}, {"until": "2999-01-01"}):
        answer = client.post(address, wrong, headers={"HX-Request": "true"})
        assert answer.headers["HX-Reswap"] == "none"
        assert the_item("overdue").state == "open"
    day = timezone.localdate() + timedelta(3)
    client.post(address, {"until": f"{day}"})
    assert (the_item("overdue").state, the_item("overdue").until) == ("postponed", day)
    assert "欠费 2.31 万元，逾期 16 天" in seen(cast, "alice", "/?state=postponed")


def test_dismissing_without_a_reason_changes_nothing(cast: Cast) -> None:
    client, item = cast.client("alice"), the_item("overdue")
    client.post(f"/today/{item.pk}/dismiss/", {"reason": "other", "note": " "})
    client.post(f"/today/{item.pk}/dismiss/", {})
    assert the_item("overdue").state == "open"


def test_whoever_comes_second_hears_who_was_quicker(cast: Cast) -> None:
    item = the_item("overdue")
    cast.client("alice").post(f"/today/{item.pk}/finish/")
    answer = cast.client("carol").post(
        f"/today/{item.pk}/dismiss/", {"reason": "wrong"}, headers={"HX-Request": "true", "Accept-Language": "zh-CN"}
    )
    assert "Alice 已处理：已办结" in json.loads(answer.headers["HX-Trigger"])["zk:toast"]["text"]
    assert the_item("overdue").state == "done"


def test_the_workbook_holds_exactly_the_list(cast: Cast) -> None:
    answer = cast.client("alice").get("/today/export.xlsx?kind=payment", headers={"Accept-Language": "zh-CN"})
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    rows = python_calamine.load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[0][:2] == ["客户", "等级"]
    assert [(row[0], row[4], row[7]) for row in rows[1:]] == [("衡岱装备集团", "欠费 2.31 万元，逾期 16 天", 7000.0)]
    assert Run.objects.get(kind="export.worklist").result["rows"] == 1


def test_the_day_tells_what_was_done_and_what_comes(cast: Cast) -> None:
    cast.client("alice").post(f"/today/{the_item('overdue').pk}/finish/")
    day = seen(cast, "alice").split('id="day"')[1]
    assert day.index("已办结 · 欠费 2.31") < day.index("现在") < day.index("还没有与拍板人")


def test_figures_add_up_my_accounts(cast: Cast) -> None:
    from django.db import connection

    assert Publication.objects.filter(state="current").exists()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE insights_accountsummary SET billed_fen = 8641400, change_permille = 80, overdue_fen = 2310400,"
            " ends_on = %s WHERE account_id = %s",
            [timezone.localdate() + timedelta(38), cast.accounts["ours"].pk],
        )
    page = seen(cast, "alice").split('id="pf"')[1]
    assert "8.64<small>万元" in page
    assert "+8.0%" in page
    assert "2.31<small>万元" in page


def test_an_empty_list_says_what_to_do_next(cast: Cast) -> None:
    client = cast.client("alice")
    for rule in ("contract_end", "overdue", "decider_unknown"):
        client.post(f"/today/{the_item(rule).pk}/finish/")
    page = client.get("/", headers={"Accept-Language": "zh-CN"}).content.decode()
    assert "该做的都做了" in page
    assert "unvisited=90" in page


def test_fifty_items_ask_no_more_statements_than_three(cast: Cast, django_assert_max_num_queries: Any) -> None:
    ours, today = cast.accounts["ours"], timezone.localdate()
    rows = [Incoming(ours.pk, f"r{n}", "x", "alert", today, expected_fen=n) for n in range(50)]
    push(system_actor("test"), "many", rows)
    client = cast.client("alice")
    client.get("/")
    with django_assert_max_num_queries(14):  # twelve, and what Django's session does
        assert client.get("/?size=50").status_code == 200


def test_the_account_page_tells_what_to_do_next(cast: Cast) -> None:
    code = cast.accounts["ours"].code
    assert f'hx-get="/accounts/{code}/next/"' in seen(cast, "alice", f"/accounts/{code}/")
    assert "/next/" not in seen(cast, "gus", f"/accounts/{code}/")
    part = seen(cast, "alice", f"/accounts/{code}/next/")
    assert part.index("还有 38 天") < part.index("欠费 2.31 万元，逾期 16 天")
    for rule in ("contract_end", "overdue", "decider_unknown"):
        answer = cast.client("alice").post(
            f"/today/{the_item(rule).pk}/finish/",
            headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver/accounts/{code}/"},
        )
        assert answer.content == b"", "no counts where there are none to renew"
    assert seen(cast, "alice", f"/accounts/{code}/next/").strip() == ""


# -- in a browser ----------------------------------------------------------------------------------------------------


@pytest.fixture
def staged(transactional_db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Cast:
    """The cast where a server of its own can see it."""
    monkeypatch.setenv("ZHIKE_HOME", str(tmp_path))
    return prepared(build_cast())


def signed_in(page: Any, server: Any, who: str = "alice") -> None:
    """Sign in through the form."""
    page.goto(f"{server.url}/sign-in/login/")
    page.fill("input[name=login]", who)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit], form button[type=submit]")
    page.wait_for_selector("#wl")


@pytest.fixture
def today_page(staged: Cast, live_server: Any) -> Iterator[Any]:
    """Alice's Today in a browser."""
    with browser_page(WIDE) as page:
        signed_in(page, live_server)
        yield page


@pytest.mark.browser
def test_keys_walk_open_and_finish(today_page: Any) -> None:
    page = today_page
    page.keyboard.press("j")
    assert "欠费" in page.inner_text(".zk-work > li.cur")
    page.keyboard.press("e")
    page.wait_for_selector(".zk-toast [data-undo]")
    page.wait_for_selector(".zk-work > li.cur")
    assert page.locator(".zk-work > li").count() == 2
    assert "拍板人" in page.inner_text(".zk-work > li.cur")
    page.click(".zk-toast [data-undo]")
    page.wait_for_selector("text=已恢复为待办")
    assert page.locator(".zk-work > li").count() == 3
    page.keyboard.press("j")
    page.keyboard.press("s")
    assert page.evaluate("document.activeElement.name") == "quick"
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/**")


@pytest.mark.browser
def test_the_last_item_that_goes_leaves_the_empty_state(today_page: Any) -> None:
    page = today_page
    for _number in range(3):
        before = page.locator(".zk-work > li").count()
        page.keyboard.press("e")
        if before > 1:
            page.wait_for_selector(f".zk-work > li:nth-child({before})", state="detached")
            page.wait_for_selector(".zk-work > li.cur")  # the cursor has moved on
    page.wait_for_selector("text=该做的都做了")


@pytest.mark.browser
def test_an_item_is_put_off_on_the_account_page(today_page: Any) -> None:
    page = today_page
    page.click(".zk-work > li.cur a.name")
    page.wait_for_selector("#next")
    assert axe(page) == []
    page.click(".zk-next > li:first-child details.zk-d > summary")
    page.click(".zk-next > li:first-child button[name=quick]")
    page.wait_for_selector(".zk-next > li:nth-child(3)", state="detached")
    assert "明天" not in page.inner_text(".zk-next")
    page.wait_for_selector(".zk-toast [data-undo]")


@pytest.mark.browser
@pytest.mark.parametrize(("width", "language"), [(WIDE, "zh-hans"), (WIDE, "en"), (NARROW, "zh-hans"), (NARROW, "en")])
def test_the_page_is_readable_for_everybody(staged: Cast, live_server: Any, width: int, language: str) -> None:
    with browser_page(width, language) as page:
        signed_in(page, live_server)
        assert not overflows(page)
        assert axe(page) == []
        page.click(".zk-work > li.cur details.zk-d > summary")
        assert not overflows(page)
        assert axe(page) == []
