"""What was changed on an account is read on its page: who, when, from what to what, how; personal values masked."""

from __future__ import annotations

import pytest
from tests.cast import CANARY, Cast

from zhike.core.audit import audited
from zhike.customers.actions import change_account
from zhike.customers.models import Account, Contact
from zhike.customers.queries_history import changes_page, field_changes

pytestmark = pytest.mark.django_db


def change(cast: Cast, name: str, **changes: str) -> None:
    """Change our account as somebody."""
    account = Account.objects.for_actor(cast.actor(name)).get(code="C-0001")
    change_account(cast.actor(name), code="C-0001", changes=changes, seen_at=account.updated_at)


def test_each_field_tells_its_history_with_source(cast: Cast) -> None:
    change(cast, "alice", latent_needs="双路由")
    change(cast, "dora", latent_needs="双路由、等保整改", address="海港路 88 号")
    with audited(cast.actor("emil"), "facts.import 3f2a"):
        account = cast.accounts["ours"]
        account.refresh_from_db()
        account.employees = 2340
        account.save()
    page = cast.client("alice").get("/accounts/C-0001/archive/").content.decode()
    assert "改过 2 次" in page
    for said in ("Alice", "Dora", "<s>双路由</s>", "双路由、等保整改", "导入", "2,340"):
        assert said in page, said
    found = field_changes(cast.actor("alice"), cast.accounts["ours"])
    assert [entry.actor_name for entry in found["latent_needs"]] == ["Dora", "Alice"]


def test_personal_values_stay_masked_in_the_history(cast: Cast) -> None:
    client = cast.client("alice")
    row = Contact.objects.unscoped(reason="a test looks").get(name="裴正山")
    sent = {"seen_at": row.updated_at.isoformat(), "name": "裴正川", "mobile": "13755556666"}
    client.post(f"/customers/C-0001/contacts/{row.pk}/", sent)
    page = client.get("/accounts/C-0001/archive/").content.decode()
    assert "137****6666" in page
    assert "13755556666" not in page
    assert "13800001234" not in page
    assert "裴**" in page


def test_history_of_another_region_is_nobodys_business(cast: Cast) -> None:
    theirs = cast.accounts["theirs"]
    with audited(cast.actor("otto"), "customers.change_account"):
        theirs.background = CANARY
        theirs.save()
    for name in ("alice", "carol", "dora"):
        actor = cast.actor(name)
        assert field_changes(actor, theirs) == {}
        assert changes_page(actor, theirs, size=20).rows == []
    assert field_changes(cast.actor("petra"), theirs)["background"]


def test_long_history_is_paged_and_a_damaged_place_is_not_found(cast: Cast) -> None:
    for number in range(23):
        change(cast, "alice", background=f"第 {number} 稿")
    client = cast.client("alice")
    page = client.get("/accounts/C-0001/archive/").context["page"]
    assert len(page.rows) == 20
    rest = client.get("/accounts/C-0001/archive/", {"cursor": page.following}).context["page"]
    assert len(rest.rows) == 3
    assert client.get("/accounts/C-0001/archive/", {"cursor": "!"}).status_code == 404
