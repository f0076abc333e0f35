"""Each class of need has one route to whoever can answer, by rules that people may change."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from tests.cast import Cast

from zhike.core.actor import system_actor
from zhike.core.policies import plant_seeds
from zhike.people.models import Region
from zhike.service import actions_steps as steps
from zhike.service.actions import take_in
from zhike.service.models import Department
from zhike.service.policies_needs import NEED_ROUTES, NeedRoutes
from zhike.service.queries import request_of
from zhike.service.queries_routes import suggested_departments
from zhike.service.refusals import Refused


@pytest.fixture
def routed(staged: Cast) -> Cast:
    plant_seeds(system_actor("test"))
    top = Region.objects.get(path="LZ/")
    for code, function in (("ACCOUNT", "account"), ("PRODUCT", "product"), ("CARE", "care")):
        Department.objects.create(code=code, name=code, function=function, calendar="office", region=top)
    return staged


def need(cast: Cast, **classed: str) -> str:
    fay = cast.actor("fay")
    number = take_in(fay, channel="manager", kind="need", text="要双路由", account_code="C-0001").request.number
    steps.triage(fay, number=number, category="need", need=classed)
    return number


@pytest.mark.parametrize(
    ("classed", "ownership", "department"),
    [
        ({"need_scope": "personal"}, "", "CARE"),
        ({"need_scope": "company", "need_side": "government", "need_class": "support"}, "", "ACCOUNT"),
        ({"need_scope": "company", "need_side": "enterprise", "need_class": "industry"}, "", "PRODUCT"),
        ({"need_class": "support"}, "enterprise", "NOC"),
        ({"need_class": "support"}, "government", "ACCOUNT"),
        ({}, "enterprise", "ACCOUNT"),
    ],
)
def test_a_need_goes_where_its_class_is_answered(
    routed: Cast, classed: dict[str, str], ownership: str, department: str
) -> None:
    account = routed.accounts["ours"]
    account.ownership = ownership
    account.save()
    number = need(routed, **classed)
    fay = routed.actor("fay")
    request = request_of(fay, number)
    assert request is not None
    assert suggested_departments(fay, request)[0].code == department
    steps.offer_by_route(fay, number=number)
    found = request_of(fay, number)
    assert found is not None
    assert found.department is not None
    assert found.department.code == department


def test_classes_are_of_the_list_and_of_needs_only(routed: Cast) -> None:
    fay = routed.actor("fay")
    number = take_in(fay, channel="hotline", kind="fault", text="断线").request.number
    for classed, code in (({"need_scope": "company"}, "not_a_need"), ({"need_scope": "?"}, "unknown_value")):
        with pytest.raises(Refused) as refused:
            steps.triage(fay, number=number, category="network_quality", need=classed)
        assert refused.value.code == code
    steps.triage(fay, number=number, category="network_quality")
    with pytest.raises(Refused):
        steps.offer_by_route(fay, number=number)


def test_rules_that_leave_a_class_without_a_route_are_refused() -> None:
    [(_, body)] = NEED_ROUTES.seed_versions()
    with pytest.raises(ValidationError):
        NeedRoutes(routes=body.routes[:-1])
