"""What happens when there is no room: an upload beyond the limit, a disk that fills between two tables."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.cast import Cast

from zhike.facts.loading.lake import lake
from zhike.facts.models import Import
from zhike.facts.tests.conftest import Door, through_page
from zhike_analytics.lake.store import Lake

pytestmark = pytest.mark.django_db
BOTH = """
version: 1
sources: {a: {file: "*.csv"}}
outputs:
  - {table: bills, source: a, columns: {account_code: code, period: month, bill_code: bill, line: {constant: "1"},
     item: {constant: 专线}, amount: fee}}
  - {table: costs, source: a, columns: {account_code: code, period: month, kind: {constant: network}, amount: cost}}
"""
FILE = "code,month,bill,fee,cost\nG1,202608,B1,100,40\nG2,202608,B2,200,90\nG1,202609,B3,110,44\n"


def test_an_upload_beyond_the_limit_is_refused_in_words_and_the_form_stays(
    cast: Cast, settings: Any, own_home: Path
) -> None:
    settings.ZHIKE_UPLOAD_LIMIT_BYTES = 100_000
    large = SimpleUploadedFile("a.csv", b"account_code,name\n" + b"x" * 300_000)
    answer = cast.client("emil").post("/data/imports/new/", {"table": "accounts", "files": large})
    assert answer.status_code in {200, 422}
    assert "文件太大。请放到服务器的 inbox 文件夹" in answer.content.decode()
    assert not Import.objects.exists()
    assert not [path for path in own_home.rglob("*") if path.is_file() and path.stat().st_size > 1000]
    small = SimpleUploadedFile("a.csv", b"account_code,name,region_code\nN1,x,LG\n")
    assert cast.client("emil").post("/data/imports/new/", {"table": "accounts", "files": small}).status_code == 302


def test_a_disk_that_fills_between_two_tables_leaves_whole_months_and_a_rerun_completes(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    door: Door = through_page
    publish, published = Lake._publish, []

    def full_at_the_second(self: Lake, folder: Path, manifest: Any) -> None:
        if published:
            raise OSError(errno.ENOSPC, "No space left on device")
        publish(self, folder, manifest)
        published.append(manifest.table)

    monkeypatch.setattr(Lake, "_publish", full_at_the_second)
    came = door(cast, "", {"a.csv": FILE.encode()}, mapping=BOTH)
    assert "磁盘" in came.error, came.error
    assert len(published) == 1
    second = ({"bills", "costs"} - set(published)).pop()
    assert (lake().manifest(published[0]).rows, lake().manifest(second).rows) == (3, 0)
    monkeypatch.setattr(Lake, "_publish", publish)
    again = door(cast, "", {"a.csv": FILE.encode()}, mapping=BOTH)
    assert again.error == ""
    assert (lake().manifest("bills").rows, lake().manifest("costs").rows) == (3, 3)
    assert sorted(row["amount_fen"] for row in lake().rows("costs")) == [4000, 4400, 9000]
