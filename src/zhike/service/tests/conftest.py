"""What tests of requests share: the cast with a desk and two back offices, and files of their own."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.cast import Cast, build_cast

from zhike.people.models import Region, Staff, User
from zhike.service.models import Department, DepartmentMember


def add_person(cast: Cast, name: str, role: str, place: str | None = "ours") -> Staff:
    """Add somebody to the cast who can sign in."""
    staff = Staff(
        code=f"X-{name}", name=name.title(), role=role, region=cast.regions[place] if place else None,
        user=User.objects.create_user(username=name),
    )  # fmt: skip
    staff.save()
    cast.people[name] = staff
    return staff


def add_department(cast: Cast, code: str, function: str, region: Region, *people: str) -> Department:
    """Open a department in which these people work."""
    made = Department.objects.create(code=code, name=code, function=function, calendar="office", region=region)
    for name in people:
        DepartmentMember.objects.create(department=made, staff=cast.people[name], since=date(2026, 1, 1))
    return made


@pytest.fixture
def staged(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """The cast at work: Fay and Frida on the desk of 临港, Gus and Greta on transmission, Nora in the whole province.

    Oscar works on the desk of the other region.
    """
    monkeypatch.setenv("ZHIKE_HOME", str(tmp_path))
    return stage(build_cast())


def stage(cast: Cast) -> Cast:
    """Give the cast departments and the people whom they need."""
    for name, role, place in (
        ("frida", "agent", "ours"), ("greta", "back_office", "ours"), ("nora", "back_office", "ours"),
        ("oscar", "agent", "theirs"),
    ):  # fmt: skip
        add_person(cast, name, role, place)
    top = Region.objects.get(path="LZ/")
    add_department(cast, "DESK-LG", "desk", cast.regions["ours"], "fay", "frida")
    add_department(cast, "TRANS-LG", "transmission", cast.regions["ours"], "gus", "greta")
    add_department(cast, "NOC", "data_network", top, "nora")
    add_department(cast, "DESK-WQ", "desk", cast.regions["theirs"], "oscar")
    return cast
