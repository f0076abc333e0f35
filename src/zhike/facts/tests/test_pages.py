"""Pages of imports: a preview before loading, live progress, cancelling, trying again, rejects masked and logged."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook
from tests.cast import Cast

from zhike.core.models import Look, RunState
from zhike.core.runs import fail_run
from zhike.customers.models import Account, Contact
from zhike.facts.actions import NotNow, confirm_import
from zhike.facts.files import server_file
from zhike.facts.loading.lake import lake
from zhike.facts.models import Import, ImportedEvent
from zhike.facts.tests.conftest import ALL, Door
from zhike.facts.work import check_import, load_import

pytestmark = pytest.mark.django_db
ACCOUNTS = "account_code,name,region_code,industry\n"


def begin(cast: Cast, content: str, table: str = "accounts") -> Import:
    answer = cast.client("emil").post(
        "/data/imports/new/", {"table": table, "files": SimpleUploadedFile("a.csv", content.encode())}
    )
    assert answer.status_code == 302, answer.content.decode()
    return Import.objects.get()


def text(cast: Cast, path: str, person: str = "emil") -> str:
    answer = cast.client(person).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_preview_says_what_would_change_and_changes_nothing(cast: Cast) -> None:
    one = begin(cast, ACCOUNTS + "G1,公司G1,LG,教育\nG2,公司G2,LG,\nN1,新来的,LG,\n")
    check_import(cast.actor("emil"), one.pk)
    one.refresh_from_db()
    assert (one.phase, one.rows_new, one.rows_changed, one.rows_unchanged) == ("checked", 1, 1, 1)
    assert not Account.objects.unscoped(reason=ALL).filter(code="N1").exists()
    assert "确认装入" in text(cast, f"/data/imports/{one.pk}/")


def test_confirmed_import_loads_exactly_what_the_preview_said(cast: Cast) -> None:
    one = begin(cast, ACCOUNTS + "G1,公司G1,LG,教育\nN1,新来的,LG,\n")
    check_import(cast.actor("emil"), one.pk)
    cast.client("emil").post(f"/data/imports/{one.pk}/confirm/")
    load_import(cast.actor("emil"), one.pk)
    one.refresh_from_db()
    assert (one.phase, one.rows_new, one.rows_changed, one.run.state) == ("loaded", 1, 1, RunState.DONE)
    with pytest.raises(NotNow):
        confirm_import(cast.actor("emil"), one.pk)


def test_same_file_again_says_that_nothing_changes(come_in: Door) -> None:
    content = {"a.csv": (ACCOUNTS + "G1,公司G1,LG,教育\n").encode()}
    assert come_in("accounts", content).one.rows_changed == 1
    again = come_in("accounts", content).one
    assert (again.rows_new, again.rows_changed, again.rows_unchanged) == (0, 0, 1)


def test_page_says_that_the_same_file_changes_nothing(cast: Cast) -> None:
    one = begin(cast, ACCOUNTS + "G1,公司G1,LG,\n")
    check_import(cast.actor("emil"), one.pk)
    assert "装入也不会改变任何数据" in text(cast, f"/data/imports/{one.pk}/")


def test_progress_is_polled_and_silent_while_nothing_moves(cast: Cast) -> None:
    one = begin(cast, ACCOUNTS + "G1,公司G1,LG,\n")
    client = cast.client("emil")
    first = client.get(f"/data/imports/{one.pk}/state/", headers={"X-Zhike-Poll": "1"})
    assert 'data-poll="1"' in first.content.decode()
    version = first.content.decode().split('data-version="')[1].split('"')[0]
    same = client.get(f"/data/imports/{one.pk}/state/", headers={"X-Zhike-Version": version})
    assert same.status_code == 204
    check_import(cast.actor("emil"), one.pk)
    over = client.get(f"/data/imports/{one.pk}/state/", headers={"X-Zhike-Version": version})
    assert over.status_code == 200
    assert "data-poll" not in over.content.decode()


def test_cancelled_import_loads_nothing_even_when_its_job_comes_late(cast: Cast) -> None:
    one = begin(cast, ACCOUNTS + "N1,新来的,LG,\n")
    cast.client("emil").post(f"/data/imports/{one.pk}/cancel/")
    from zhike.facts.jobs import check

    check._run(staff_id=cast.people["emil"].pk, actor_name="emil", import_id=str(one.pk))
    one.refresh_from_db()
    assert one.phase == "cancelled"
    assert "已取消" in text(cast, f"/data/imports/{one.pk}/")


def test_failed_stage_can_be_tried_again(cast: Cast) -> None:
    one = begin(cast, ACCOUNTS + "N1,新来的,LG,\n")
    fail_run(one.run_id, zh="磁盘已满，没有装入任何内容", en="the disk is full; nothing was loaded")
    assert "磁盘已满" in text(cast, f"/data/imports/{one.pk}/")
    cast.client("emil").post(f"/data/imports/{one.pk}/retry/")
    check_import(cast.actor("emil"), one.pk)
    one.refresh_from_db()
    assert one.phase == "checked"


def test_personal_values_are_masked_on_the_page_and_taking_the_file_is_logged(cast: Cast) -> None:
    content = "account_code,contact_code,name,mobile,tie_strength\nG1,P1,裴正山,13800001234,9\nG9,P1,李明,1,1\n"
    one = begin(cast, content + "G1,P2,,13911112222,1\nG1,P3," + "名" * 70 + ",13911112222,1\n", "contacts")
    check_import(cast.actor("emil"), one.pk)
    page = text(cast, f"/data/imports/{one.pk}/")
    assert "名" * 70 not in page
    answer = cast.client("emil").get(f"/data/imports/{one.pk}/rejects.csv")
    assert "名" * 70 in b"".join(answer.streaming_content).decode("utf-8-sig")
    look = Look.objects.get()
    assert (look.actor_id, look.field) == (cast.people["emil"].pk, "rejects.csv")
    assert not Contact.objects.unscoped(reason=ALL).filter(code="P2").exists()


def test_region_lead_sees_imports_but_starts_and_takes_nothing(cast: Cast) -> None:
    one = begin(cast, ACCOUNTS + "G1,公司G1,LG,\nX\n")
    check_import(cast.actor("emil"), one.pk)
    dora = cast.client("dora")
    assert dora.get(f"/data/imports/{one.pk}/").status_code == 200
    assert dora.get("/data/imports/new/").status_code == 404
    assert dora.get(f"/data/imports/{one.pk}/rejects.csv").status_code == 404
    assert dora.post(f"/data/imports/{one.pk}/confirm/").status_code == 404
    assert "下载拒收清单" not in text(cast, f"/data/imports/{one.pk}/", "dora")


@pytest.mark.parametrize("person", ["alice", "fay", "hana"])
def test_others_find_no_data_pages(cast: Cast, person: str) -> None:
    client = cast.client(person)
    for path in ("/data/imports/", "/data/tables/", "/data/tables/bills/", "/data/tables/bills/template.xlsx"):
        assert client.get(path).status_code == 404


def test_what_was_typed_wrong_is_said_beside_its_field(cast: Cast) -> None:
    client = cast.client("emil")
    answer = client.post("/data/imports/new/", {"table": "accounts"})
    assert (answer.status_code, "请选至少一个文件" in answer.content.decode()) == (422, True)
    file = SimpleUploadedFile("a.exe", b"MZ")
    answer = client.post("/data/imports/new/", {"table": "accounts", "files": file})
    assert (answer.status_code, "不认识这种文件" in answer.content.decode()) == (422, True)
    mapping = SimpleUploadedFile("m.yaml", b"version: 1\nsources: {a: {file: x, wrong: 1}}\noutputs: []\n")
    answer = client.post("/data/imports/new/", {"mapping_file": mapping, "files": SimpleUploadedFile("a.csv", b"x")})
    assert answer.status_code == 422
    assert "sources.a.wrong" in answer.content.decode()


def test_files_of_the_server_s_inbox_can_be_chosen_and_nothing_else(cast: Cast, own_home: Path) -> None:
    (own_home / "inbox").mkdir()
    (own_home / "inbox" / "big.csv").write_text(ACCOUNTS + "N1,新来的,LG,\n", encoding="utf-8")
    (own_home / "secret.csv").write_text("x", encoding="utf-8")
    client = cast.client("emil")
    assert "big.csv" in client.get("/data/imports/new/").content.decode()
    answer = client.post("/data/imports/new/", {"table": "accounts", "inbox": "../secret.csv"})
    assert answer.status_code == 422
    assert client.post("/data/imports/new/", {"table": "accounts", "inbox": "big.csv"}).status_code == 302
    assert Import.objects.get().files[0]["sha256"] == server_file(own_home / "inbox" / "big.csv").sha256


def test_complaints_come_onto_the_timeline_and_into_the_lake_once(come_in: Door) -> None:
    content = (
        "account_code,complaint_code,received_at,category,summary\n"
        "G1,C1,2026-10-31 23:30:00,network_quality,专线丢包\nG1,C2,2026-11-01 00:30:00,计费账务,多收\n"
    ).encode()
    come_in("complaints", {"a.csv": content})
    come_in("complaints", {"a.csv": content})
    events = ImportedEvent.objects.unscoped(reason=ALL).order_by("at")
    assert [(event.key, event.detail["category"]) for event in events] == [("C1", "network_quality"), ("C2", "billing")]
    assert {part.period: part.rows for part in lake().manifest("complaints").partitions} == {202610: 1, 202611: 1}


def test_table_page_shows_months_and_how_concentrated_use_is(cast: Cast, command: Door) -> None:
    rows = "".join(f"G{n},20260{m},voice_local,out,{calls}\n" for n, calls in ((1, 90), (2, 6), (3, 4)) for m in (8, 9))
    command("usage_month", {"a.csv": ("account_code,period,service,direction,events\n" + rows).encode()})
    page = text(cast, "/data/tables/usage_month/")
    assert "2026-09" in page
    assert "前 10% 的客户占次数的" in page
    tables = text(cast, "/data/tables/")
    assert "2026-08 – 2026-09" in tables


def test_template_opens_with_the_table_s_columns(cast: Cast) -> None:
    answer = cast.client("emil").get("/data/tables/contacts/template.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    assert book.get_sheet_by_index(0).to_python()[0][:3] == ["account_code", "contact_code", "name"]


def test_list_pages_by_key_and_damaged_cursors_are_not_found(cast: Cast) -> None:
    client = cast.client("emil")
    for number in range(23):
        client.post(
            "/data/imports/new/", {"table": "accounts", "files": SimpleUploadedFile(f"{number:02}.csv", b"x,y\n")}
        )
    first = client.get("/data/imports/").content.decode()
    assert "22.csv" in first
    assert "02.csv" not in first
    following = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "02.csv" in client.get(f"/data/imports/{following}").content.decode()
    assert client.get("/data/imports/?cursor=%FF").status_code == 404
    assert client.get("/data/imports/?cursor=WyJhZnRlciIsIngiLCJ5Il0").status_code == 404
