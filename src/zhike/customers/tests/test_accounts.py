"""Opening, closing and reopening accounts by hand: who may, where, and what is told of twins elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from tests.cast import CANARY, Cast

from zhike.core.models import AuditEntry
from zhike.customers.identity import check_sign
from zhike.customers.models import Account, TeamMembership

pytestmark = pytest.mark.django_db
RIGHT = "91350100M000100Y43"


def new(cast: Cast, **changes: Any) -> dict[str, Any]:
    """Return what is typed for a new account in our region."""
    start = {"name": "临州青禾软件有限公司", "region": cast.regions["ours"].pk, "lifecycle": "prospect"}
    return start | changes


def named(name: str) -> list[Account]:
    """Return the accounts with this name."""
    return list(Account.objects.unscoped(reason="a test looks").filter(name=name))


def test_manager_opens_an_account_and_is_its_lead(cast: Cast) -> None:
    client = cast.client("alice")
    answer = client.post("/customers/new/", new(cast, credit_code="9135 0100 m000100y43"), follow=True)
    (account,) = named("临州青禾软件有限公司")
    assert answer.redirect_chain[-1][0] == f"/accounts/{account.code}/"
    assert (account.credit_code, account.pinyin_key) == (RIGHT, "linzhouqingheruanjianyouxiangongsi")
    assert account.provenance["name"]["source"] == f"staff:{cast.people['alice'].pk}"
    lead = TeamMembership.objects.unscoped(reason="a test looks").get(account=account)
    assert (lead.staff, lead.duty, lead.team) == (cast.people["alice"], "lead", cast.teams["ours"])
    assert cast.client("bob").get(f"/accounts/{account.code}/").status_code == 404


@pytest.mark.parametrize(
    ("code", "said"),
    [("91350100M000100Y44", "校验码不对"), ("123", "18 位"), ("91350100I000100Y43", "没有 I、O、S、V、Z")],
)
def test_wrong_credit_code_is_refused_with_the_reason_and_typing_kept(cast: Cast, code: str, said: str) -> None:
    answer = cast.client("alice").post("/customers/new/", new(cast, credit_code=code))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert "临州青禾软件有限公司" in page
    assert not named("临州青禾软件有限公司")


def test_check_sign_of_the_standard_is_found() -> None:
    assert [check_sign(code) for code in ("91350100M000100Y4", "91110000600037341")] == ["3", "L"]


@pytest.mark.parametrize("name", ["衡岱装备集团", "衡岱装备 集团", "衡岱装备集团有限公司", "衡岱装备集团股份有限公司"])
def test_same_name_however_written_is_shown_first_and_needs_a_reason(cast: Cast, name: str) -> None:
    client = cast.client("alice")
    answer = client.post("/customers/new/", new(cast, name=name))
    assert "C-0001" in answer.content.decode()
    assert len(named(name)) == (1 if name == "衡岱装备集团" else 0)
    client.post("/customers/new/", new(cast, name=name, confirmed="不同法人，税号不同"))
    opened = next(one for one in named(name) if one.code != "C-0001")
    entry = AuditEntry.objects.get(table_name="customers_account", row_id=opened.pk)
    assert entry.reason == "不同法人，税号不同"


def test_twin_in_another_region_is_counted_but_not_named(cast: Cast) -> None:
    theirs = cast.accounts["theirs"]
    theirs.credit_code = RIGHT
    theirs.save()
    answer = cast.client("alice").post("/customers/new/", new(cast, credit_code=RIGHT))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "另有 1 户不在您的范围" in page
    assert CANARY not in page


def test_nobody_opens_accounts_outside_their_place(cast: Cast) -> None:
    for name in ("alice", "carol", "dora"):
        page = cast.client(name).get("/customers/new/").content.decode()
        assert CANARY not in page
        sent = new(cast, region=cast.regions["theirs"].pk, lead=cast.people["alice"].pk)
        assert cast.client(name).post("/customers/new/", sent).status_code == 422
    for name in ("emil", "fay", "gus", "hana", "ivan"):
        assert cast.client(name).post("/customers/new/", new(cast)).status_code == 404
    assert not named("临州青禾软件有限公司")


def test_leads_name_the_manager_among_their_own_people_only(cast: Cast) -> None:
    cast.client("carol").post("/customers/new/", new(cast, lead=cast.people["bob"].pk))
    (account,) = named("临州青禾软件有限公司")
    assert cast.client("bob").get(f"/accounts/{account.code}/").status_code == 200
    sent = new(cast, name="临州南桥物流有限公司", lead=cast.people["otto"].pk)
    assert cast.client("carol").post("/customers/new/", sent).status_code == 422
    assert cast.client("dora").post("/customers/new/", sent).status_code == 422
    cast.client("dora").post("/customers/new/", sent | {"lead": ""})
    (other,) = named("临州南桥物流有限公司")
    assert cast.client("dora").get(f"/accounts/{other.code}/").status_code == 200


def test_branch_hangs_below_an_account_of_ones_own_reach(cast: Cast) -> None:
    client = cast.client("alice")
    assert 'value="C-0001"' in client.get("/customers/new/?parent=C-0001").content.decode()
    client.post("/customers/new/", new(cast, parent_code="C-0001"))
    (account,) = named("临州青禾软件有限公司")
    assert (account.parent, account.group_kind) == (cast.accounts["ours"], "branch")
    sent = new(cast, name="临州南桥物流有限公司", parent_code=cast.accounts["theirs"].code)
    assert client.post("/customers/new/", sent).status_code == 422


def test_closing_needs_a_reason_is_told_on_the_page_and_can_be_taken_back(cast: Cast) -> None:
    client, account = cast.client("alice"), cast.accounts["ours"]
    seen = client.get("/customers/C-0001/lifecycle/close/").context["form"]["seen_at"].value()
    assert client.post("/customers/C-0001/lifecycle/close/", {"seen_at": seen, "reason": "迁"}).status_code == 422
    client.post("/customers/C-0001/lifecycle/close/", {"seen_at": seen, "reason": "公司迁出本省"})
    account.refresh_from_db()
    assert account.lifecycle == "left"
    assert "公司迁出本省" in client.get("/accounts/C-0001/").content.decode()
    assert client.get("/customers/C-0001/lifecycle/close/").status_code == 404
    seen = client.get("/customers/C-0001/lifecycle/reopen/").context["form"]["seen_at"].value()
    client.post("/customers/C-0001/lifecycle/reopen/", {"seen_at": seen, "reason": "客户搬回来了"})
    account.refresh_from_db()
    assert account.lifecycle == "active"
    assert account.provenance["lifecycle"]["source"].startswith("staff:")


def test_closing_what_somebody_has_just_changed_asks_again(cast: Cast) -> None:
    client = cast.client("alice")
    seen = client.get("/customers/C-0001/lifecycle/close/").context["form"]["seen_at"].value()
    account = cast.accounts["ours"]
    account.tier = "A1"
    account.save()
    answer = client.post("/customers/C-0001/lifecycle/close/", {"seen_at": seen, "reason": "公司迁出本省"})
    assert answer.status_code == 409
    account.refresh_from_db()
    assert account.lifecycle != "left"


def test_name_typed_wrong_can_be_put_right_and_a_files_odd_code_may_stay(cast: Cast) -> None:
    client, account = cast.client("alice"), cast.accounts["ours"]
    account.credit_code = "91370200MA3C7P2X5A"
    account.save()
    form = client.get("/customers/C-0001/edit/").context["form"]
    sent = {field.name: field.value() or "" for field in form} | {"name": "衡岱装备股份"}
    assert client.post("/customers/C-0001/edit/", sent).status_code == 302
    account.refresh_from_db()
    assert (account.name, account.pinyin_key) == ("衡岱装备股份", "hengdaizhuangbeigufen")
