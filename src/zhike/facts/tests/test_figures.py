"""What stands behind a month's figures: bill lines, and the payments for that bill, for whoever sees the account."""

from __future__ import annotations

from typing import Any

import pytest
from tests.cast import Cast

from zhike.customers.models import Account
from zhike.facts import figures

from .conftest import Door

pytestmark = pytest.mark.django_db
BILLS = b"account_code,period,bill_code,line,item,amount\nG1,202609,B9,1,\xe4\xb8\x93\xe7\xba\xbf,100.00\n"
PAYMENTS = (
    b"account_code,payment_code,paid_at,amount,bill_period\n"
    b"G1,P1,2026-10-08 23:30:00,60.00,202609\n"
    b"G1,P2,2026-10-09 10:00:00,7.00,\n"
    b"G1,P3,2026-11-02 09:00:00,40.00,202609\n"
    b"G1,P4,2026-11-02 09:00:00,55.00,202610\n"
    b"G1,P5,2026-11-01 00:30:00,5.00,\n"
    b"G2,P1,2026-10-08 10:00:00,99.00,202609\n"
)


def test_payments_stand_beside_the_bill_they_pay(cast: Cast, command: Door) -> None:
    command("bills", {"bills.csv": BILLS})
    command("payments", {"payments.csv": PAYMENTS})
    account = Account.objects.unscoped(reason="test").get(code="G1")
    paid: list[dict[str, Any]] = figures.payments_for(cast.actor("emil"), account, 202609)
    assert [(one["payment_code"], one["amount_fen"]) for one in paid] == [("P1", 6000), ("P2", 700), ("P3", 4000)]
    page = cast.client("emil").get("/accounts/G1/bills/202609/").content.decode()
    assert "107.00" in page, "paid in all"
    assert "2026-10-08 23:30" in page or "10-08 23:30" in page, "in the zone that people see"
    with pytest.raises(Account.DoesNotExist):
        figures.payments_for(cast.actor("otto"), account, 202609)
