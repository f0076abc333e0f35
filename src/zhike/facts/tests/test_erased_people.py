"""No file brings an erased person back: neither to their row, nor under another code, nor as a member line."""

from __future__ import annotations

import pytest
from tests.cast import Cast

from zhike.customers.actions_erasure import Busy, erase_person
from zhike.customers.models import Contact, MemberLine
from zhike.facts.tests.conftest import ALL, Door, through_page

pytestmark = pytest.mark.django_db
HEAD = "客户编码,联系人编码,姓名,职务,手机,邮箱\n"


def csv(*lines: str) -> dict[str, bytes]:
    """Return one file of contacts."""
    return {"contacts.csv": (HEAD + "\n".join(lines) + "\n").encode()}


def test_contacts_and_lines_of_an_erased_person_are_refused_and_the_rest_loads(cast: Cast) -> None:
    door: Door = through_page
    door(cast, "contacts", csv("G1,P001,顾砚秋,信息总监,13912345678,gu@example.com"))
    row = Contact.objects.unscoped(reason=ALL).get(code="P001")
    erase_person(cast.actor("dora"), code="G1", kind="contacts", row_id=row.pk, reason="本人要求")
    came = door(
        cast,
        "contacts",
        csv(
            "G1,P001,顾砚秋,信息总监,13912345678,gu@example.com",
            "G2,P777,顾工,顾问,+8613912345678,",
            "G2,P778,顾,顾问,,GU@example.com",
            "G2,P779,尹澄,网络主管,13800000002,yin@example.com",
        ),
    )
    assert came.reasons == [(2, "contact_code", "erased"), (3, "mobile", "erased"), (4, "email", "erased")]
    row.refresh_from_db()
    assert (row.name, row.mobile, row.title) == ("***", "", "信息总监")
    assert set(Contact.objects.unscoped(reason=ALL).filter(account__code="G2").values_list("name", flat=True)) == {
        "尹澄"
    }
    lines = door(cast, "member_lines", {"lines.csv": "客户编码,号码\nG3,13912345678\nG3,13800000003\n".encode()})
    assert lines.reasons == [(2, "number", "erased")]
    assert MemberLine.objects.unscoped(reason=ALL).get().number == "13800000003"
    assert "13912345678" not in came.one.rejects_path
    with open(came.one.rejects_path, encoding="utf-8-sig") as rejects:
        assert "13912345678" not in rejects.read()


@pytest.mark.django_db(transaction=True)
def test_nobody_is_erased_in_the_middle_of_an_import(cast: Cast) -> None:
    import threading

    from django.db import connection, transaction

    from zhike.customers.loading_erased import hold_off_erasures

    row = Contact.objects.unscoped(reason=ALL).get(name="裴正山")
    holding, done = threading.Event(), threading.Event()

    def load() -> None:
        with transaction.atomic():
            hold_off_erasures()
            holding.set()
            done.wait(20)
        connection.close()

    thread = threading.Thread(target=load)
    thread.start()
    holding.wait(20)
    try:
        with pytest.raises(Busy):
            erase_person(cast.actor("dora"), code="C-0001", kind="contacts", row_id=row.pk, reason="本人要求")
    finally:
        done.set()
        thread.join()
    assert erase_person(cast.actor("dora"), code="C-0001", kind="contacts", row_id=row.pk, reason="本人要求") == 2
