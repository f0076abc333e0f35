"""The head of an account shows scores once there are any, and each says why: parts, figures, rules, what is unknown."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from tests.cast import Cast, build_cast
from tests.results import give_alert, give_move, give_scores, new_cycle

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """The named cast, with a home of its own."""
    monkeypatch.setenv("ZHIKE_HOME", str(tmp_path))
    return build_cast()


def page(cast: Cast, who: str, address: str, **headers: str) -> str:
    answer = cast.client(who).get(address, headers=headers)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_before_any_cycle_the_head_stays_as_it_was_and_nothing_is_explained(cast: Cast) -> None:
    code = cast.accounts["ours"].code
    shown = page(cast, "alice", f"/accounts/{code}/")
    assert "档案完整度" in shown
    assert "赢回概率" not in shown
    assert cast.client("alice").get(f"/accounts/{code}/why/value/").status_code == 404


def test_head_shows_the_scores_with_their_change_and_where_the_tier_moved(cast: Cast) -> None:
    account = cast.accounts["ours"]
    account.tier = "A2"
    account.save()
    give_scores(new_cycle(), account)
    shown = page(cast, "alice", f"/accounts/{account.code}/")
    assert "价值 75 分 前 4% +3.1" in shown
    assert "忠诚 42 分 前 60% −5.0" in shown
    assert "异网锁定 38 分 赢回概率 41% +12.0" in shown
    assert "由 B1 升级 · 月均出账" in shown
    assert "离网概率" not in shown, "no chance of leaving is shown that nobody has calculated"
    links = re.findall(
        r'href="([^"]+/why/[^"]+)"', cast.client("alice").get(f"/accounts/{account.code}/").content.decode()
    )
    assert [link.split("/")[-2] for link in links] == ["value", "loyalty", "lock_in", "tier"]


def test_score_that_is_unknown_is_no_zero(cast: Cast) -> None:
    account = cast.accounts["ours"]
    give_scores(
        new_cycle(), account, loyalty=None, loyalty_parts=[None, None], loyalty_unknown="ties,members",
        loyalty_change=None, loyalty_top_permille=None, loyalty_confidence=0, quadrant="",
    )  # fmt: skip
    assert "忠诚 – 还不知道" in page(cast, "alice", f"/accounts/{account.code}/")
    why = page(cast, "alice", f"/accounts/{account.code}/why/loyalty/")
    assert "忠诚还不知道" in why
    assert "不当作零分" in why
    assert re.search(r"关系深浅 · 联系人没有记关系强度 · 权重 \d+\.\d% 去补", why)


def test_why_adds_up_and_cites_its_rules(cast: Cast) -> None:
    account = cast.accounts["ours"]
    cycle = new_cycle()
    give_scores(cycle, account)
    why = page(cast, "alice", f"/accounts/{account.code}/why/value/")
    assert "价值为什么是 75 分" in why
    assert "起点 50" in why
    assert "月均出账 +25.0 权重 37.8%" in why
    assert "员工 −0.4 权重 11.9%" in why
    assert "合计 74.6" in why
    assert "把握 97%" in why
    assert "收入贡献 54% · 社会属性 30% · 支付能力 16%" in why
    assert "注册资本 · 档案没有填" in why
    assert cycle.policies["value"]["hash"][:8] in why
    assert "计算文件已清理" in why, "what it came from is not invented"


def test_why_comes_as_a_panel_to_whoever_has_scripts_and_as_a_page_to_others(cast: Cast) -> None:
    account = cast.accounts["ours"]
    give_scores(new_cycle(), account)
    client = cast.client("alice")
    whole = client.get(f"/accounts/{account.code}/why/lock_in/").content.decode()
    part = client.get(f"/accounts/{account.code}/why/lock_in/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" in whole
    assert "<html" not in part
    for text in (whole, part):
        assert "赢回概率" in text
        assert "4.12 万元" in text


def test_tier_says_by_what_and_since_when(cast: Cast) -> None:
    account = cast.accounts["ours"]
    account.tier, account.service_level = "A2", "gold"
    account.save()
    cycle = new_cycle()
    give_scores(cycle, account)
    give_move(cycle, account)
    why = page(cast, "alice", f"/accounts/{account.code}/why/tier/")
    assert "为什么是 A2 级" in why
    assert "月账单达到这一级" in why
    assert "74.6 · 够 B1" in why
    assert "B1 → A2 升级 · 主要因为月均出账" in why


def test_trend_is_drawn_over_the_cycles_that_are_kept(cast: Cast) -> None:
    account, today = cast.accounts["ours"], timezone.localdate()
    for months, value in ((2, 7000), (1, 7200), (0, 7460)):
        give_scores(new_cycle(today - timedelta(days=30 * months)), account, value=value)
    answer = cast.client("alice").get(f"/accounts/{account.code}/").content.decode()
    head = answer[answer.index("why/value") : answer.index("why/loyalty")]
    assert head.count("<polyline") == 1
    assert "70.0" in page(cast, "alice", f"/accounts/{account.code}/why/value/")


def test_alerts_tell_evidence_and_stake_the_red_ones_first(cast: Cast) -> None:
    account = cast.accounts["ours"]
    cycle = new_cycle()
    give_scores(cycle, account)
    give_alert(cycle, account, "declining", level="yellow", stake_fen=90_000_000, evidence={"declining_months": 2})
    give_alert(
        cycle, account, "overdue", stake_fen=1_234_500, evidence={"overdue_days": 41, "overdue_fen": 1_234_500},
        since=cycle.as_of,
    )  # fmt: skip
    shown = page(cast, "alice", f"/accounts/{account.code}/")
    first, second = shown.index("逾期 41 天"), shown.index("账单连续 2 个月下降")
    assert first < second
    assert "涉及 1.23 万元" in shown
    assert "涉及 90.00 万元" in shown


def test_alerts_of_an_earlier_cycle_are_over(cast: Cast) -> None:
    account = cast.accounts["ours"]
    before = new_cycle(timezone.localdate() - timedelta(days=31))
    give_scores(before, account)
    give_alert(before, account, "silent", evidence={"silent_months": 2})
    give_scores(new_cycle(), account)
    assert "没有用量" not in page(cast, "alice", f"/accounts/{account.code}/")


def test_margin_is_not_told_to_whoever_may_not_see_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from zhike.workbench import why

    features = {"rate_income_fen": 200_000_000, "rate_cost_fen": 150_000_000, "employees": 1, "income_12_fen": 1}
    monkeypatch.setattr(why.queries_head, "inputs_of", lambda *_: features)
    account, cycle = cast.accounts["ours"], new_cycle()
    cycle.parts = {**cycle.parts, "value": ["rate", "employees", "capital"]}
    cycle.save()
    give_scores(cycle, account)
    assert "成本 150.00 万元" in page(cast, "alice", f"/accounts/{account.code}/why/value/")
    assert "150.00 万元" not in page(cast, "fay", f"/accounts/{account.code}/why/value/")


def test_scores_of_another_region_do_not_exist(cast: Cast) -> None:
    cycle = new_cycle()
    give_scores(cycle, cast.accounts["theirs"])
    for score in ("value", "loyalty", "lock_in", "tier"):
        assert cast.client("dora").get(f"/accounts/{cast.accounts['theirs'].code}/why/{score}/").status_code == 404
    give_scores(cycle, cast.accounts["ours"])
    assert cast.client("dora").get(f"/accounts/{cast.accounts['ours'].code}/why/churn/").status_code == 404
