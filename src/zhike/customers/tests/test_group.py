"""A group is shown whole, each organisation once; its roll-up says what it counts and what it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from tests.cast import CANARY, Cast

from zhike.catalogue.models import Product
from zhike.core.actor import system_actor
from zhike.core.changes import notify
from zhike.customers.models import Account, Subscription, TeamMembership
from zhike.customers.queries_group import group_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Account]:
    """Our account as headquarters of two branches, one of them below the other, and the other region's account."""
    monkeypatch.setenv("ZHIKE_HOME", str(tmp_path))
    top = cast.accounts["ours"]
    found = {"top": top}
    for key, parent in (("middle", top), ("leaf", None)):
        one = Account(code=f"B-{key}", name=f"衡岱{key}分公司", region=cast.regions["ours"])
        one.parent = parent or found["middle"]
        one.save()
        TeamMembership(
            account=one, staff=cast.people["alice"], team=cast.teams["ours"], duty="lead", valid_from="2026-01-01"
        ).save()
        found[key] = one
    found["theirs"] = cast.accounts["theirs"]
    found["theirs"].parent = top
    found["theirs"].save()
    product = Product(code="dia", name="互联网专线", business_class="communication", charging="rental")
    product.save()
    for key in ("top", "leaf", "theirs"):
        Subscription(account=found[key], code="S1", product=product, monthly_fee_fen=100_00).save()
        Subscription(account=found[key], code="S2", product=product, monthly_fee_fen=100_00).save()
    notify("accounts", actor=system_actor("test"), account_ids=[one.pk for one in found.values()])
    with connection.cursor() as cursor:
        for key, fen in (("top", 1_000_000), ("leaf", 250_000), ("theirs", 9_999_900)):
            cursor.execute(
                "UPDATE insights_accountsummary SET billed_fen = %s WHERE account_id = %s", [fen, found[key].pk]
            )
    return found


def test_every_member_sees_the_same_tree_each_organisation_once(cast: Cast, group: dict[str, Account]) -> None:
    for key in ("top", "middle", "leaf"):
        found = group_of(cast.actor("alice"), group[key])
        assert [(one.code, one.depth) for one in found if one.in_scope] == [
            ("C-0001", 0), ("B-middle", 1), ("B-leaf", 2),
        ]  # fmt: skip
        assert [one.in_scope for one in found].count(False) == 1


def test_roll_up_counts_each_account_once_and_says_what_is_not_counted(cast: Cast, group: dict[str, Account]) -> None:
    answer = cast.client("alice").get("/accounts/B-leaf/group/")
    page, total = answer.content.decode(), answer.context["total"]
    assert (total.members, total.outside, total.billed_fen, total.unbilled) == (4, 1, 1_250_000, 1)
    assert total.products == 1, "the same product of two members, twice in each, is one product"
    assert "1 家不在您的范围，不计入" in page
    assert "10,000.00" in page
    assert "99,999" not in page
    whole = cast.client("emil").get("/accounts/C-0001/group/").context["total"]
    assert (whole.outside, whole.billed_fen) == (0, 11_249_900)


def test_out_of_reach_only_the_name_is_told(cast: Cast, group: dict[str, Account]) -> None:
    theirs = next(one for one in group_of(cast.actor("alice"), group["top"]) if not one.in_scope)
    assert (theirs.name, theirs.products, theirs.tier, theirs.region) == (CANARY, (), "", "")
    page = cast.client("alice").get("/accounts/C-0001/group/").content.decode()
    assert f"/accounts/{group['theirs'].code}/" not in page
    assert group_of(cast.actor("petra"), group["top"]) == []


def test_circle_in_the_tree_ends(cast: Cast, group: dict[str, Account]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE customers_account SET parent_id = %s WHERE id = %s", [group["leaf"].pk, group["top"].pk])
    found = group_of(cast.actor("emil"), group["middle"])
    assert sorted(one.code for one in found) == sorted(one.code for one in group.values())


def test_account_without_a_group_says_so(cast: Cast) -> None:
    page = cast.client("alice").get("/accounts/C-0001/group/").content.decode()
    assert "没有上级，也没有分支机构" in page
