"""However a file is cut and in whatever order its pieces come, the archive is the same afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.cast import Cast

from zhike.cli.imports import run_import
from zhike.customers.models import Account, TeamMembership
from zhike.facts.tests.conftest import ALL

pytestmark = pytest.mark.django_db
HEADER = "account_code,name,region_code,region_name,parent_code,manager_code,industry,employees\n"
MANAGERS = ("M0001", "M0002", "")


@st.composite
def rows_of_accounts(draw: st.DrawFn) -> list[str]:
    """Accounts whose parents, where they have one, come before them in this list (but not in the shuffled one)."""
    size = draw(st.integers(1, 12))
    rows = []
    for number in range(size):
        parent = draw(st.sampled_from(["", *(f"N{one}" for one in range(number))]))
        region = draw(st.sampled_from(["LG", "R1", "R2"]))
        manager = draw(st.sampled_from(MANAGERS))
        industry = draw(st.sampled_from(["", "教育", "制造, 重型"]))
        employees = draw(st.sampled_from(["", "0", "2340"]))
        rows.append(f'N{number},公司{number},{region},区{region},{parent},{manager},"{industry}",{employees}\n')
    return rows


def archive() -> list[tuple[Any, ...]]:
    """Return what the archive holds, without ids and sources."""
    accounts = Account.objects.unscoped(reason=ALL).filter(code__startswith="N").order_by("code")
    leads = TeamMembership.objects.unscoped(reason=ALL).filter(account__code__startswith="N").order_by("account__code")
    return [
        *accounts.values_list("code", "name", "pinyin_key", "region__code", "parent__code", "industry", "employees"),
        *leads.values_list("account__code", "staff__code", "duty"),
    ]


def loaded(folder: Path, files: list[list[str]], *, together: bool) -> list[tuple[Any, ...]]:
    """Import the files, in one import or one after the other, look at the archive, and take it all back."""
    paths = []
    for number, rows in enumerate(files):
        paths.append(folder / f"part{number}.csv")
        paths[-1].write_text(HEADER + "".join(rows), encoding="utf-8")
    with transaction.atomic():
        for some in [paths] if together else [[path] for path in paths]:
            assert run_import("accounts", some) == 0
        found = archive()
        transaction.set_rollback(True)
    connection.queries_log.clear()
    return found


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=rows_of_accounts(), data=st.data())
def test_pieces_in_any_order_make_the_same_archive(
    cast: Cast, tmp_path: Path, rows: list[str], data: st.DataObject
) -> None:
    whole = loaded(tmp_path, [rows], together=True)
    assert len([row for row in whole if len(row) == 7]) == len(rows)
    mixed = data.draw(st.permutations(rows))
    cut = data.draw(st.integers(0, len(rows)))
    pieces = [piece for piece in (mixed[:cut], mixed[cut:]) if piece]
    assert loaded(tmp_path, pieces, together=True) == whole
    in_turn = [piece for piece in (rows[:cut], rows[cut:]) if piece]
    assert loaded(tmp_path, in_turn, together=False) == whole
