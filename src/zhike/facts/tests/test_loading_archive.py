"""Archive rows are loaded by sets: what is new, changed, equal or refused, and where each value came from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.db import connection

from zhike.core.actor import system_actor
from zhike.core.audit import audited
from zhike.core.models import AuditEntry
from zhike.customers.models import Account, Contact, SupplyLink, TeamMembership
from zhike.customers.provenance import origin_of
from zhike.facts.loading.archive import Loaded, Source, load_archive
from zhike.facts.loading.incoming import refused_rows
from zhike.facts.tests.typed import arrow_rows
from zhike.people.models import Region, Staff, Team
from zhike_analytics.contracts import TABLES

pytestmark = pytest.mark.django_db
ALL = "the test looks at everything"
Load = Callable[..., tuple[Loaded, list[tuple[Any, ...]]]]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load rows given as dictionaries; return the counts and the refused rows."""

    def run(table: str, rows: list[dict[str, Any]], *, day: int = 1, name: str = "import:a", **options: Any) -> Any:
        parquet = tmp_path / "accepted.parquet"
        pq.write_table(arrow_rows(TABLES[table], rows), parquet)
        source = Source(name, date(2026, 11, day))
        with audited(system_actor("test"), "facts.import a", new_rows=False), connection.cursor() as cursor:
            loaded = load_archive(cursor, table, parquet, source, **options)
            return loaded, list(refused_rows(cursor))

    return run


@pytest.fixture
def people(load: Load) -> None:
    """A province with one city, one district and three members of staff."""
    load("staff", [
        {"staff_code": "L1", "name": "程叙", "role": "region_lead", "region_code": "3702", "region_name": "临州市",
         "parent_region_code": "37"},
        {"staff_code": "M1", "name": "沈知远", "role": "manager", "region_code": "370203", "region_name": "临港区",
         "parent_region_code": "3702", "team_code": "LG-1", "team_name": "临港组"},
        {"staff_code": "M2", "name": "何砺", "role": "manager", "region_code": "370203", "team_code": "LG-1"},
    ])  # fmt: skip


def account(code: str, **values: Any) -> dict[str, Any]:
    return {"account_code": code, "name": f"公司{code}", "region_code": "370203", **values}


def one(code: str) -> Account:
    return Account.objects.unscoped(reason=ALL).get(code=code)


def test_staff_brings_regions_with_their_paths_and_teams(people: None) -> None:
    assert Region.objects.get(code="370203").path == "37/3702/370203/"
    assert Region.objects.get(code="370203").name == "临港区"
    team = Team.objects.get(code="LG-1")
    assert (team.name, team.region.code) == ("临港组", "370203")
    assert Staff.objects.unscoped(reason=ALL).get(code="M2").team == team


def test_new_account_gets_its_values_provenance_and_lead(people: None, load: Load) -> None:
    loaded, refused = load("accounts", [account("G1", employees=2340, annual_revenue_fen=86_000, manager_code="M1")])
    assert (loaded.new, loaded.changed, loaded.unchanged, refused) == (1, 0, 0, [])
    row = one("G1")
    assert (row.employees, row.annual_revenue_fen, row.region.name) == (2340, 86_000, "临港区")
    assert origin_of(row, "employees") == {"source": "import:a", "on": "2026-11-01"}
    assert origin_of(row, "short_name") is None
    lead = TeamMembership.objects.unscoped(reason=ALL).get(account=row)
    assert (lead.staff.code, lead.team.code, lead.duty, lead.valid_to) == ("M1", "LG-1", "lead", None)


def test_the_same_rows_again_change_nothing(people: None, load: Load) -> None:
    rows = [account("G1", manager_code="M1", strategic=True), account("G2", parent_code="G1")]
    load("accounts", rows)
    before = AuditEntry.objects.count()
    loaded, _ = load("accounts", rows, day=2, name="import:b")
    assert (loaded.new, loaded.changed, loaded.unchanged) == (0, 0, 2)
    assert origin_of(one("G1"), "name") == {"source": "import:a", "on": "2026-11-01"}
    assert AuditEntry.objects.count() == before


def test_only_changed_fields_take_the_new_source(people: None, load: Load) -> None:
    load("accounts", [account("G1", industry="教育", tier="A1")])
    loaded, _ = load("accounts", [account("G1", industry="教育", tier="B1")], day=5, name="import:b")
    assert loaded.changed == 1
    assert origin_of(one("G1"), "tier") == {"source": "import:b", "on": "2026-11-05"}
    assert origin_of(one("G1"), "industry") == {"source": "import:a", "on": "2026-11-01"}
    change = AuditEntry.objects.get(table_name="customers_account", operation="U")
    assert (change.before, change.after) == ({"tier": "A1"}, {"tier": "B1"})


def test_absent_columns_and_empty_cells_leave_values_alone(people: None, load: Load) -> None:
    load("accounts", [account("G1", industry="教育", employees=7)])
    loaded, _ = load("accounts", [account("G1", employees=None)])
    assert loaded.unchanged == 1
    assert (one("G1").industry, one("G1").employees) == ("教育", 7)


def test_empty_cells_clear_when_the_mapping_asks(people: None, load: Load) -> None:
    load("accounts", [account("G1", industry="教育", employees=7)])
    loaded, _ = load("accounts", [account("G1", employees=None)], clear_empty=True)
    assert loaded.changed == 1
    assert (one("G1").industry, one("G1").employees) == ("教育", None)


def test_parents_may_stand_after_their_branches(people: None, load: Load) -> None:
    load("accounts", [account("G3", parent_code="G2"), account("G2", parent_code="G1"), account("G1")])
    assert one("G3").parent.parent.code == "G1"


def test_circles_unknown_parents_and_their_branches_are_refused(people: None, load: Load) -> None:
    loaded, refused = load("accounts", [
        account("A", parent_code="B"), account("B", parent_code="A"), account("C", parent_code="C"),
        account("D", parent_code="gone"), account("E", parent_code="D"), account("F"), account("H", parent_code="A"),
    ])  # fmt: skip
    assert loaded.new == 1
    assert [(line, code) for _, line, _, _, code in refused] == [
        (2, "cycle"), (3, "cycle"), (4, "cycle"), (5, "unknown"),
        (6, "unknown"), (8, "unknown"),
    ]  # fmt: skip


def test_circle_through_the_archive_is_refused(people: None, load: Load) -> None:
    load("accounts", [account("A"), account("B", parent_code="A")])
    _, refused = load("accounts", [account("A", parent_code="B")])
    assert [code for *_, code in refused] == ["cycle"]
    assert one("A").parent is None


def test_new_manager_closes_the_former_one(people: None, load: Load) -> None:
    load("accounts", [account("G1", manager_code="M1", backup_code="M2")])
    loaded, _ = load("accounts", [account("G1", manager_code="M2")], day=20)
    assert loaded.changed == 1
    rows = TeamMembership.objects.unscoped(reason=ALL).filter(duty="lead").order_by("valid_from")
    assert [(row.staff.code, row.valid_to) for row in rows] == [("M1", date(2026, 11, 20)), ("M2", None)]


def test_unknown_codes_are_refused_with_their_line(people: None, load: Load) -> None:
    load("accounts", [account("G1")])
    loaded, refused = load("contacts", [
        {"account_code": "G1", "contact_code": "P1", "name": "裴正山", "tie_staff_code": "M1", "tie_strength": 4},
        {"account_code": "G9", "contact_code": "P1", "name": "裴正山"},
        {"account_code": "G1", "contact_code": "P2", "name": "李明", "tie_staff_code": "M9"},
    ])  # fmt: skip
    assert (loaded.new, loaded.refused) == (1, 2)
    assert [entry[1:] for entry in refused] == [
        (3, "account_code", "G9", "unknown"),
        (4, "tie_staff_code", "M9", "unknown"),
    ]
    assert Contact.objects.unscoped(reason=ALL).get().tie_staff.code == "M1"


def test_supplier_need_not_be_a_customer(people: None, load: Load) -> None:
    load("accounts", [account("G1"), account("G2")])
    loaded, _ = load("supply_links", [
        {"buyer_code": "G1", "supplier_name": "钧石新材料"},
        {"buyer_code": "G1", "supplier_name": "公司G2", "supplier_code": "G2"},
    ])  # fmt: skip
    assert loaded.new == 2
    links = SupplyLink.objects.unscoped(reason=ALL).order_by("supplier_name")
    assert {link.supplier_name: link.supplier and link.supplier.code for link in links} == {
        "钧石新材料": None, "公司G2": "G2",
    }  # fmt: skip


def test_circle_of_regions_is_refused(people: None, load: Load) -> None:
    _, refused = load("staff", [
        {"staff_code": "X1", "name": "某人", "role": "agent", "region_code": "37", "parent_region_code": "370203"},
    ])  # fmt: skip
    assert [code for *_, code in refused] == ["region_circle"]
    assert Region.objects.get(code="37").parent is None
