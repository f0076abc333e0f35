"""What tests of imports share: a home of their own, a few accounts, and the two doors by which files come in."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.cast import Cast, build_cast

from zhike.core.actor import system_actor
from zhike.customers.models import Account
from zhike.customers.pinyin import pinyin_key
from zhike.facts.models import Import
from zhike.facts.refusals import read_rejects
from zhike.facts.work import ImportStopped, check_import, load_import

ALL = "the test looks at everything"


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test its own lake, uploads and rejects; the database stays the suite's."""
    monkeypatch.setenv("ZHIKE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def cast(db: None, own_home: Path) -> Cast:
    """The named cast, and three accounts of our region."""
    cast = build_cast()
    for code in ("G1", "G2", "G3"):
        name = f"公司{code}"
        Account(code=code, name=name, pinyin_key=pinyin_key(name), region=cast.regions["ours"]).save()
    return cast


@dataclass
class Came:
    """How an import ended."""

    one: Import
    error: str

    @property
    def reasons(self) -> list[tuple[int, str, str]]:
        """Line, column and code of every reject."""
        if not self.one.rejects_path:
            return []
        return [(row.line, row.column, row.code) for row in read_rejects(Path(self.one.rejects_path), 0, 1000)]


Door = Callable[..., Came]


def through_page(cast: Cast, table: str, files: dict[str, bytes], *, strict: bool = False, mapping: str = "") -> Came:
    """Upload as the analyst does, let the worker's work be done, and confirm on the page."""
    client = cast.client("emil")
    data: dict[str, Any] = {"table": "" if mapping else table, "strict": "on" if strict else ""}
    data["files"] = [SimpleUploadedFile(name, content) for name, content in files.items()]
    if mapping:
        data["mapping_file"] = SimpleUploadedFile("map.yaml", mapping.encode())
    answer = client.post("/data/imports/new/", data)
    assert answer.status_code == 302, answer.content.decode()
    one = Import.objects.get(pk=answer["Location"].rstrip("/").split("/")[-1])
    error = ""
    try:
        check_import(cast.actor("emil"), one.pk)
        assert client.get(answer["Location"]).status_code == 200
        assert client.post(f"/data/imports/{one.pk}/confirm/").status_code == 302
        load_import(cast.actor("emil"), one.pk)
    except ImportStopped as stop:
        error = stop.zh
    page = client.get(answer["Location"])
    assert page.status_code == 200
    assert error in html.unescape(page.content.decode())
    return Came(Import.objects.select_related("run").get(pk=one.pk), error)


def through_command(
    cast: Cast, table: str, files: dict[str, bytes], *, strict: bool = False, mapping: str = ""
) -> Came:
    """Import as `zhike import` does; its exit code must agree with what was refused."""
    from zhike.cli.imports import run_import
    from zhike.core.home import folder

    paths = []
    for name, content in files.items():
        path = folder("given") / name
        path.write_bytes(content)
        paths.append(path)
    code = run_import("all" if mapping else table, paths, mapping, "map.yaml" if mapping else "", strict=strict)
    one = Import.objects.select_related("run").latest("created_at")
    assert code == (1 if one.phase != Import.Phase.LOADED or one.rows_refused else 0)
    return Came(one, one.run.error_zh)


@pytest.fixture(params=["page", "command"])
def come_in(request: pytest.FixtureRequest, cast: Cast) -> Door:
    """Bring files in by the page and by the command line: both must say and do the same."""
    door = through_page if request.param == "page" else through_command
    return lambda table, files, **options: door(cast, table, files, **options)


@pytest.fixture
def command(cast: Cast) -> Door:
    """Bring files in by the command line."""
    return lambda table, files, **options: through_command(cast, table, files, **options)


@pytest.fixture
def system() -> Any:
    """The system itself as actor."""
    return system_actor("test")
