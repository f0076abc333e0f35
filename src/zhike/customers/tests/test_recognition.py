"""Whoever calls is recognised exactly, says how, and only among the accounts that the agent reaches."""

from __future__ import annotations

from datetime import date

import pytest
from tests.cast import CANARY, Cast

from zhike.catalogue.models import Product
from zhike.customers.models import Contact, Contract, MemberLine, Subscription
from zhike.customers.queries_recognition import Clues, recognise

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(cast: Cast) -> Cast:
    ours = cast.accounts["ours"]
    Contact(account=ours, code="P2", name="尹澄", phone="0532-8888 0000", wechat="Yin_C", email="Yin@Heng.cn").save()
    Contract(account=ours, code="HT-2026-9", starts_on=date(2026, 1, 1)).save()
    product = Product.objects.create(code="dia", name="互联网专线", business_class="communication")
    Subscription(account=ours, code="LG-DIA-0417", product=product).save()
    MemberLine(account=ours, number="13900005678").save()
    MemberLine(account=ours, number="13900009999", left_on=date(2026, 2, 1)).save()
    return cast


@pytest.mark.parametrize(
    ("clues", "how"),
    [
        (Clues(account="C-0001"), "account"),
        (Clues(subscription="LG-DIA-0417"), "subscription"),
        (Clues(contract="HT-2026-9"), "contract"),
        (Clues(phone="+86 138 0000 1234"), "phone"),
        (Clues(phone="053288880000"), "phone"),
        (Clues(phone="139-0000-5678"), "line"),
        (Clues(wechat="yin_c"), "wechat"),
        (Clues(email="yin@heng.CN"), "email"),
    ],
)
def test_each_clue_leads_to_the_account_and_says_how(known: Cast, clues: Clues, how: str) -> None:
    found = recognise(known.actor("fay"), clues)
    assert [(one.code, one.how) for one in found] == [("C-0001", how)]


@pytest.mark.parametrize(
    "clues",
    [Clues(), Clues(phone="1380000123"), Clues(phone="-"), Clues(phone="13900009999"), Clues(account="C-000\0"),
     Clues(account="C-00"), Clues(wechat=" ")],
)  # fmt: skip
def test_likeness_recognises_nobody(known: Cast, clues: Clues) -> None:
    assert recognise(known.actor("fay"), clues) == []


def test_an_account_named_by_several_clues_comes_once_by_the_surest(known: Cast) -> None:
    found = recognise(known.actor("fay"), Clues(phone="13800001234", subscription="LG-DIA-0417"))
    assert [(one.code, one.how) for one in found] == [("C-0001", "subscription")]
    assert found[0].subscription_id


def test_a_shared_number_gives_only_accounts_within_reach(known: Cast) -> None:
    """Both sides of the cast have a contact with this number."""
    assert [one.code for one in recognise(known.actor("fay"), Clues(phone="13800001234"))] == ["C-0001"]
    assert recognise(known.actor("fay"), Clues(account=f"C-{CANARY}")) == []
    assert len(recognise(known.actor("emil"), Clues(phone="13800001234"))) == 2
