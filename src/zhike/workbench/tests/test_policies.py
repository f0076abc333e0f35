"""Rules on pages: read as people say them, drafted without losing what was typed, approved by somebody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.cast import CANARY, Cast, build_cast

from zhike.core.actor import system_actor
from zhike.core.models import PolicyDraft, PolicyVersion
from zhike.core.policies import families, family_called, plant_seeds, policy_at
from zhike.workbench.policies_forms import read
from zhike.workbench.policies_sheets import sheet_of

pytestmark = pytest.mark.django_db
FAMILIES = ("value", "loyalty", "competitor", "tiers", "alerts", "playbooks", "completeness")
TODAY = timezone.localdate()


@pytest.fixture
def cast() -> Cast:
    """The named cast, with the rules of a new installation."""
    cast = build_cast()
    plant_seeds(system_actor("seeds"))
    return cast


@pytest.fixture
def emil(cast: Cast) -> Client:
    """The analyst's browser."""
    return cast.client("emil", HTTP_ACCEPT_LANGUAGE="zh-CN")


def form_of(client: Client, address: str) -> dict[str, Any]:
    """Return what the form at an address holds, as a browser would send it."""
    blocks = client.get(address).context
    sent: dict[str, Any] = dict(blocks["facts"])
    for block in blocks["blocks"]:
        for row in block["rows"]:
            for cell in row["cells"]:
                if cell and "name" in cell and not (cell["kind"] == "check" and not cell["value"]):
                    sent[cell["name"]] = cell["value"]
    return sent


def text_of(answer: Any) -> str:
    return answer.content.decode()


def drafted(client: Client, family: str, **changes: str) -> PolicyDraft:
    """Write a draft through the form, changing some cells (two underscores stand for a dot)."""
    address = reverse("policies:new", args=[family])
    sent = form_of(client, address) | {name.replace("__", "."): value for name, value in changes.items()}
    answer = client.post(address, sent)
    assert answer.status_code == 302, text_of(answer)
    return PolicyDraft.objects.latest("pk")


def step(client: Client, draft: PolicyDraft, verb: str, **more: str) -> Any:
    draft.refresh_from_db()
    address = reverse("policies:step", args=[draft.pk, verb])
    return client.post(address, {"edition": str(draft.edition), **more}, follow=True)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_form_that_is_sent_back_untouched_changes_nothing(cast: Cast, name: str) -> None:
    """Every value survives the way through the form, in percent, yuan, fractions and lists."""
    from django.http import QueryDict

    family = family_called(name)
    assert family is not None
    body = family.seed_versions()[-1][1]
    sheet = sheet_of(family, body.model_dump(mode="json"))
    posted = QueryDict(mutable=True)
    for cell in sheet.cells():
        value = cell.typed(sheet.edited)
        posted.setlist(cell.name, value if isinstance(value, list) else [value])
    typed = read(sheet, posted, family.schema)
    assert (typed.errors, typed.whole) == ({}, [])
    assert typed.body == body


def test_no_family_is_without_a_page(cast: Cast, emil: Client) -> None:
    listing = text_of(emil.get(reverse("policies:list")))
    for family in families():
        assert reverse("policies:family", args=[family.name]) in listing
        assert emil.get(reverse("policies:family", args=[family.name])).status_code == 200
    assert emil.get("/policies/nothing/").status_code == 404


def test_rules_are_shown_as_people_read_them(emil: Client) -> None:
    tiers = text_of(emil.get(reverse("policies:family", args=["tiers"])))
    assert "100,000 元" in tiers
    assert "钻石" in tiers
    assert "党政军名单" in tiers
    value = text_of(emil.get(reverse("policies:family", args=["value"])))
    assert "54.0%" in value, "the weight of the contribution rate"
    assert "0.008" in value, "the consistency ratio"


def test_from_draft_to_published_by_two_people(cast: Cast, emil: Client) -> None:
    draft = drafted(emil, "tiers", tiers__0__score_from="88", note="A1 太多")
    shown = text_of(emil.get(reverse("policies:draft", args=[draft.pk])))
    assert "A1 · 价值分不低于" in shown
    assert "85 分" in shown
    assert "88 分" in shown
    dora = cast.client("dora")
    assert dora.get(reverse("policies:draft", args=[draft.pk])).status_code == 404, "not proposed yet"
    step(emil, draft, "propose")
    refused = text_of(step(emil, draft, "publish"))
    assert "起草的人不能自己批准" in refused
    assert "A1 太多" in text_of(dora.get(reverse("policies:list")))
    step(dora, draft, "publish")
    tiers = family_called("tiers")
    assert tiers is not None
    version = policy_at(tiers, TODAY)
    assert (version.body.tiers[0].score_from, version.author, version.approver) == (88, "Emil", "Dora")
    changes = text_of(emil.get(reverse("policies:version", args=["tiers", version.pk])))
    assert "85 分" in changes


def test_a_family_for_one_person_is_published_at_once(emil: Client) -> None:
    draft = drafted(emil, "completeness", network="30")
    step(emil, draft, "publish")
    completeness = family_called("completeness")
    assert completeness is not None
    assert policy_at(completeness, TODAY).body.network == 30


@pytest.mark.parametrize(
    ("family", "cell", "typed", "said"),
    [
        ("alerts", "rules.bill_fall.yellow", "15 天", "单位应为 %"),
        ("alerts", "rules.overdue.red", "30%", "单位应为 天"),
        ("alerts", "rules.bill_fall.red", "10", "红线要比黄线大"),
        ("alerts", "rules.contract_end.red", "120", "红线要比黄线小"),
        ("alerts", "rules.usage_fall.yellow", "250", "不大于 100 %"),
        ("tiers", "tiers.5.score_from", "5", "最低一级须从 0 分起"),
        ("tiers", "tiers.1.score_from", "90", "要低于 A1 的分数线"),
        ("tiers", "tiers.2.score_from", "六十", "不是数字"),
        ("tiers", "strategic.0.account_codes", "C-0001\nX-9", "没有这些客户：X-9"),
        ("value", "contribution.shares.rate", "40", "合计 110%，应为 100%"),
        ("value", "comparisons.contribution:ability", "1/9", "前后矛盾"),
        ("value", "curves.rate.2.at", "0.7", "要大于前一点"),
        ("loyalty", "use.breadth", "50", "应为 100%"),
        ("competitor", "per_lock_in", "-1", "不小于 0"),
        ("playbooks", "playbooks.0.helps", "140%", "不大于 100"),
        ("playbooks", "playbooks.0.signal", "moon", "请从列表中选"),
        ("completeness", "needs", "", "要填"),
    ],
)
def test_what_is_wrong_is_said_in_its_place_and_nothing_typed_is_lost(
    emil: Client, family: str, cell: str, typed: str, said: str
) -> None:
    address = reverse("policies:new", args=[family])
    sent = form_of(emil, address) | {cell: typed, "note": "我写的说明"}
    answer = emil.post(address, sent)
    assert answer.status_code == 422
    page = text_of(answer)
    assert said in page
    assert "我写的说明" in page
    held = [one for block in answer.context["blocks"] for row in block["rows"] for one in row["cells"] if one]
    values = {one["name"]: one["value"] for one in held if "name" in one}
    assert values[cell] == typed
    assert not PolicyDraft.objects.exists()


def test_an_inconsistent_matrix_names_the_comparison_and_what_the_others_say(emil: Client) -> None:
    address = reverse("policies:new", args=["value"])
    sent = form_of(emil, address) | {"comparisons.contribution:ability": "1/9"}
    page = text_of(emil.post(address, sent))
    assert "收入贡献率比支付能力填的是 1/9，照另外几项推算约为 4" in page
    sent |= {"comparisons.contribution:standing": "3", "comparisons.contribution:ability": "2"}
    page = text_of(emil.post(address, sent | {"comparisons.standing:ability": "1/2"}))
    assert "社会属性必须重于支付能力" in page


def test_days_that_cannot_be_are_refused_with_those_that_can(emil: Client) -> None:
    address = reverse("policies:new", args=["tiers"])
    sent = form_of(emil, address) | {"score_band": "3", "valid_from": (TODAY - timedelta(days=9)).isoformat()}
    page = text_of(emil.post(address, sent))
    assert "生效日不能在过去" in page
    assert "2020-01-01" in page
    assert "请填日期" in text_of(emil.post(address, sent | {"valid_from": "明天"}))
    assert "完全一样" in text_of(emil.post(address, form_of(emil, address)))


def test_curves_lists_and_rules_grow_and_shrink(emil: Client) -> None:
    draft = drafted(
        emil, "value", curves__rate__6__at="6", curves__rate__6__points="100", curves__income__1__at="",
        curves__income__1__points="",
    )  # fmt: skip
    assert draft.body["curves"]["rate"]["at"] == [0.5, 1, 1.5, 2, 2.5, 4, 6]
    assert draft.body["curves"]["income"]["at"][:2] == [0, 500]
    draft = drafted(emil, "tiers", strategic__1__name="重点项目", strategic__1__tier="B1")
    assert [one["name"] for one in draft.body["strategic"]] == ["党政军名单", "重点项目"]
    draft = drafted(emil, "tiers", **{"remove__strategic__0": "1"})
    assert draft.body["strategic"] == []
    draft = drafted(emil, "alerts", rules__silent__on="")
    assert "silent" not in draft.body["rules"]


def test_a_draft_on_an_old_version_is_told_and_joined(cast: Cast, emil: Client) -> None:
    mine = drafted(emil, "tiers", tiers__0__score_from="88")
    theirs = drafted(emil, "tiers", score_band="4")
    step(emil, theirs, "propose")
    step(cast.client("dora"), theirs, "publish")
    shown = text_of(emil.get(reverse("policies:draft", args=[mine.pk])))
    assert "已经发布" in shown
    assert "分数缓冲" in shown
    assert "并入" in text_of(step(emil, mine, "propose"))
    step(emil, mine, "take-over")
    mine.refresh_from_db()
    assert (mine.body["tiers"][0]["score_from"], mine.body["score_band"]) == (88, 4)


def test_readers_see_versions_but_no_buttons_and_no_foreign_accounts(cast: Cast, emil: Client) -> None:
    draft = drafted(emil, "tiers", strategic__0__account_codes=f"C-0001\nC-{CANARY}")
    step(emil, draft, "propose")
    for name in ("alice", "carol", "dora", "hana"):
        client = cast.client(name)
        page = text_of(client.get(reverse("policies:family", args=["tiers"])))
        assert "起草修改" not in page
        shown = text_of(client.get(reverse("policies:draft", args=[draft.pk])))
        assert CANARY not in shown
        assert ("C-0001" in shown) is (name != "hana")
        assert client.post(reverse("policies:new", args=["tiers"])).status_code == 404
    assert CANARY in text_of(emil.get(reverse("policies:draft", args=[draft.pk])))
    for name in ("fay", "gus", "ivan"):
        assert cast.client(name).get(reverse("policies:list")).status_code == 404


def test_any_two_versions_are_compared_in_words(cast: Cast, emil: Client) -> None:
    first = PolicyVersion.objects.get(family="alerts")
    draft = drafted(emil, "alerts", rules__bill_fall__red="40", rules__silent__on="", least_fall_fen="80")
    step(emil, draft, "propose")
    step(cast.client("dora"), draft, "publish")
    last = PolicyVersion.objects.filter(family="alerts").latest("pk")
    address = reverse("policies:compare", args=["alerts"])
    answer = emil.get(address, {"from": first.pk, "to": last.pk})
    told = [(one.place, one.before, one.after) for one in answer.context["changes"]]
    assert ("账单下降 · 红", "30%", "40%") in told
    assert ("沉默 · 启用", "是", "否") in told
    assert ("每月少收不到多少不报", "50 元", "80 元") in told
    assert emil.get(address, {"from": "x", "to": "y\x00"}).status_code == 200


def test_before_publishing_one_sees_who_would_move(cast: Cast, emil: Client) -> None:
    """The page tells what the preview found: money, tiers, alerts; a later change of the draft makes it stale."""
    from zhike.core.runs import begin_run, finish_run, open_run

    draft = drafted(emil, "tiers", tiers__0__score_from="88")
    page = text_of(emil.get(reverse("policies:draft", args=[draft.pk])))
    assert "谁会变" in page
    assert "先运行一次周期" in text_of(emil.post(reverse("policies:preview", args=[draft.pk]), follow=True))
    run = open_run(cast.actor("emil"), "policy_preview")
    begin_run(run.pk)
    finish_run(run.pk, result={
        "accounts": 40, "moves": 3, "as_of": "2026-11-23", "cycle": 1, "quadrants": {"keep": [9, 7]},
        "tiers": [["A1", "A2", 3, 1_234_500_000], ["A1", "A1", 37, 9]], "alerts": {"overdue.red": [5, 2]},
    })  # fmt: skip
    PolicyDraft.objects.filter(pk=draft.pk).update(preview=run, previewed_edition=draft.edition)
    page = text_of(emil.get(reverse("policies:draft", args=[draft.pk])))
    for words in ("1,234.50 万元", "↓", "账户欠费（红）", "−3", "保有"):
        assert words in page, words
    assert "又改过" not in page
    PolicyDraft.objects.filter(pk=draft.pk).update(edition=draft.edition + 1)
    assert "又改过" in text_of(emil.get(reverse("policies:draft", args=[draft.pk])))
    completeness = drafted(emil, "completeness", network="30")
    assert "谁会变" not in text_of(emil.get(reverse("policies:draft", args=[completeness.pk])))
