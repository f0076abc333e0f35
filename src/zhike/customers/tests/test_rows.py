"""Keeping an account's rows by hand: who may, what stays hidden, whose change counts, where each field came from."""

from __future__ import annotations

import html
from datetime import date
from typing import Any

import pytest
from django.test import Client
from tests.cast import CANARY, Cast

from zhike.core.models import AuditEntry
from zhike.customers.models import CompetitorHolding, Contact, Contract, Site, Subscription

pytestmark = pytest.mark.django_db
HERE = "/customers/C-0001"
PERSON = {
    "name": "顾砚秋", "title": "信息总监", "decision_role": "decides", "mobile": "13911112222",
    "email": "gu@example.com", "tie_strength": "3", "last_met": "2026-09-12", "consent": "True", "traits": "要书面方案",
}  # fmt: skip


def contact(name: str) -> Contact:
    """Return the one contact with this name."""
    return Contact.objects.unscoped(reason="a test looks").get(name=name)


def typed(client: Client, address: str, **changes: Any) -> dict[str, Any]:
    """Return what the form at `address` shows, as a browser would send it back, with changes."""
    form = client.get(address).context["form"]
    shown = {field.name: field.value() for field in form}
    return {name: "" if value is None else value for name, value in shown.items()} | changes


def test_manager_adds_a_contact_with_tie_and_every_field_names_who_said_it(cast: Cast) -> None:
    client, alice = cast.client("alice"), cast.people["alice"]
    answer = client.post(f"{HERE}/contacts/add/", PERSON | {"tie_staff_id": alice.pk}, follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain[-1][0] == "/accounts/C-0001/people/"
    assert "顾砚秋" in page
    assert "139****2222" in page
    assert "13911112222" not in page
    row = contact("顾砚秋")
    assert (row.tie_staff_id, row.tie_strength, row.consent) == (alice.pk, 3, True)
    assert set(row.provenance) == {*PERSON, "tie_staff"}
    assert row.provenance["mobile"]["source"] == f"staff:{alice.pk}"
    entry = AuditEntry.objects.get(table_name="customers_contact", action="customers.add_contact")
    assert (entry.actor_name, entry.row_id) == ("Alice", row.pk)


def test_number_typed_earlier_never_comes_back_and_empty_leaves_it(cast: Cast) -> None:
    client, row = cast.client("alice"), contact("裴正山")
    address = f"{HERE}/contacts/{row.pk}/"
    page = client.get(address).content.decode()
    assert "13800001234" not in page
    assert "138****1234" in page
    client.post(address, typed(client, address, title="董事长"))
    row.refresh_from_db()
    assert (row.title, row.mobile) == ("董事长", "13800001234")
    assert set(row.provenance) == {"title"}, "an untouched field keeps its source"
    client.post(address, typed(client, address, mobile="13700007777"))
    row.refresh_from_db()
    assert row.mobile == "13700007777"
    client.post(address, typed(client, address, mobile="-"))
    row.refresh_from_db()
    assert row.mobile == ""


def test_what_was_typed_stays_when_something_is_wrong(cast: Cast) -> None:
    client = cast.client("alice")
    answer = client.post(f"{HERE}/contacts/add/", PERSON | {"mobile": "不知道", "tie_strength": "4"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="不知道"' in page
    assert "顾砚秋" in page
    assert "有关系强度，就要写明是谁的关系" in page
    assert not Contact.objects.unscoped(reason="a test looks").filter(name="顾砚秋").exists()


def test_second_saver_sees_who_changed_what_and_may_save_over_it(cast: Cast) -> None:
    from zhike.customers.models import TeamMembership

    account = cast.accounts["ours"]
    TeamMembership(
        account=account, staff=cast.people["bob"], team=cast.teams["ours"], duty="backup", valid_from=date(2026, 1, 1)
    ).save()
    alice, bob, row = cast.client("alice"), cast.client("bob"), contact("裴正山")
    address = f"{HERE}/contacts/{row.pk}/"
    bob.post(address, typed(bob, address, title="总裁", traits="先前改的"))
    hers = typed(alice, address, department="董事会")
    bob.post(address, typed(bob, address, title="董事长", mobile="13600006666"))
    answer = alice.post(address, hers)
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 409
    assert "Bob" in page
    assert "从“总裁”改成“董事长”" in page
    told = [str(line) for line in answer.context["form"].non_field_errors()]
    assert not [line for line in told if "先前改的" in line], "what she had seen already is no news"
    assert "136****6666" in page
    assert "13600006666" not in page
    assert 'value="董事会"' in page
    row.refresh_from_db()
    assert row.department == ""
    again = {field.name: field.value() or "" for field in answer.context["form"]}
    assert again["title"] == "董事长", "a field she never touched takes the new value"
    alice.post(address, again)
    row.refresh_from_db()
    assert (row.title, row.department, row.mobile) == ("董事长", "董事会", "13600006666")


def test_account_form_keeps_typing_and_names_the_other(cast: Cast) -> None:
    alice, dora = cast.client("alice"), cast.client("dora")
    hers = typed(alice, f"{HERE}/edit/", latent_needs="双路由")
    dora.post(f"{HERE}/edit/", typed(dora, f"{HERE}/edit/", ownership="enterprise"))
    answer = alice.post(f"{HERE}/edit/", hers)
    assert answer.status_code == 409
    assert "Dora" in answer.content.decode()
    alice.post(f"{HERE}/edit/", {field.name: field.value() or "" for field in answer.context["form"]})
    account = cast.accounts["ours"]
    account.refresh_from_db()
    assert (account.ownership, account.latent_needs) == ("enterprise", "双路由")


def test_people_cannot_report_in_a_circle(cast: Cast) -> None:
    client, boss = cast.client("alice"), contact("裴正山")
    client.post(f"{HERE}/contacts/add/", {"name": "尹澄", "reports_to_code": boss.code})
    below = contact("尹澄")
    answer = client.post(
        f"{HERE}/contacts/{boss.pk}/", typed(client, f"{HERE}/contacts/{boss.pk}/", reports_to_code=below.code)
    )
    assert answer.status_code == 422
    assert "绕成一圈" in answer.content.decode()


def test_removing_asks_once_and_frees_whoever_reported_there(cast: Cast) -> None:
    client, boss = cast.client("alice"), contact("裴正山")
    client.post(f"{HERE}/contacts/add/", {"name": "尹澄", "reports_to_code": boss.code})
    asked = client.get(f"{HERE}/contacts/{boss.pk}/remove/")
    assert "审计" in asked.content.decode()
    client.post(f"{HERE}/contacts/{boss.pk}/remove/", {"seen_at": asked.context["seen_at"]})
    assert contact("尹澄").reports_to_code == ""
    gone = AuditEntry.objects.get(table_name="customers_contact", operation="D")
    assert (gone.action, gone.actor_name) == ("customers.remove_contact", "Alice")
    stale = client.post(f"{HERE}/contacts/{contact('尹澄').pk}/remove/", {"seen_at": asked.context["seen_at"]})
    assert stale.status_code == 409
    assert contact("尹澄")


def test_site_rival_and_contract_are_kept_by_hand(cast: Cast) -> None:
    client = cast.client("alice")
    client.post(f"{HERE}/sites/add/", {"name": "临港厂区", "longitude": "120.3826", "latitude": "36.0671"})
    rival = {
        "business_class": "communication", "operator": "telecom", "product": "互联网专线 1000M", "quantity": "1",
        "unit": "条", "monthly_fee": "14500.5", "fee_estimated": "True", "ends_on": "2027-01-15",
        "source": "采购转述", "seen_on": "2026-11-12", "confidence": "high",
    }  # fmt: skip
    client.post(f"{HERE}/rivals/add/", rival)
    client.post(f"{HERE}/contracts/add/", {"code": "HT-1", "starts_on": "2026-01-01", "monthly_minimum": "30000"})
    site = Site.objects.unscoped(reason="a test looks").get()
    held = CompetitorHolding.objects.unscoped(reason="a test looks").get()
    signed = Contract.objects.unscoped(reason="a test looks").get()
    assert (site.code, str(site.longitude)) == ("H-001", "120.382600")
    assert (held.monthly_fee_fen, held.fee_estimated) == (1_450_050, True)
    assert held.provenance["monthly_fee_fen"]["source"].startswith("staff:")
    assert (signed.code, signed.monthly_minimum_fen) == ("HT-1", 3_000_000)
    page = client.get("/accounts/C-0001/").content.decode()
    assert "互联网专线 1000M" in page
    again = client.post(f"{HERE}/contracts/add/", {"code": "HT-1", "starts_on": "2026-02-01"})
    assert again.status_code == 422
    assert "这个编号已经有了" in again.content.decode()
    assert client.get(f"{HERE}/rivals/{held.pk}/").context["form"]["monthly_fee"].value() == 14500.5


def test_contract_cannot_end_before_it_begins_and_half_a_position_is_refused(cast: Cast) -> None:
    client = cast.client("alice")
    wrong = {"code": "HT-2", "starts_on": "2026-05-01", "ends_on": "2026-04-30"}
    assert "到期日早于起始日" in client.post(f"{HERE}/contracts/add/", wrong).content.decode()
    half = client.post(f"{HERE}/sites/add/", {"name": "南厂", "longitude": "120.1"})
    assert "经度和纬度要一起填" in half.content.decode()


def test_removing_a_contract_says_what_still_names_it(cast: Cast) -> None:
    from zhike.catalogue.models import Product

    account = cast.accounts["ours"]
    contract = Contract(account=account, code="HT-3", starts_on=date(2026, 1, 1))
    contract.save()
    product = Product(code="p", name="专线", business_class="communication", charging="rental")
    product.save()
    Subscription(account=account, code="S1", product=product, contract_code="HT-3").save()
    page = cast.client("alice").get(f"{HERE}/contracts/{contract.pk}/remove/").content.decode()
    assert "1 项在用产品写着它的编号" in page


@pytest.mark.parametrize("kind", ["contacts", "sites", "rivals", "contracts"])
def test_another_regions_people_find_no_row_and_change_none(cast: Cast, kind: str) -> None:
    account = cast.accounts["ours"]
    rows = {
        "contacts": contact("裴正山"),
        "sites": Site(account=account, code="S1", name="厂区"),
        "rivals": CompetitorHolding(
            account=account, code="Y1", business_class="support", operator="other", product="机柜"
        ),
        "contracts": Contract(account=account, code="HT-9", starts_on=date(2026, 1, 1)),
    }
    row: Any = rows[kind]
    row.save()
    sent = {"seen_at": row.updated_at.isoformat(), "name": CANARY, "product": CANARY, "title": CANARY}
    for name in ("otto", "petra", "emil", "fay", "ivan"):
        client = cast.client(name)
        for address in (f"{HERE}/{kind}/{row.pk}/", f"{HERE}/{kind}/{row.pk}/remove/", f"{HERE}/{kind}/add/"):
            assert client.get(address).status_code == 404, name
            assert client.post(address, sent).status_code == 404, name
    row.refresh_from_db()
    assert AuditEntry.objects.filter(table_name=row._meta.db_table, after__icontains=CANARY).count() == 0


def test_a_row_of_another_account_is_not_reached_through_ones_own(cast: Cast) -> None:
    theirs = Contact.objects.unscoped(reason="a test looks").get(name=CANARY)
    client = cast.client("alice")
    assert client.get(f"{HERE}/contacts/{theirs.pk}/").status_code == 404
    assert client.get(f"{HERE}/contacts/{theirs.pk}/remove/").status_code == 404
