"""Company sign-on against a real provider on loopback: who gets in, as whom, and who does not."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.test import Client

from tests.browser import browser_page
from tests.cast import PASSWORD, Cast, build_cast
from tests.security.openid_provider import Provider, openid_provider
from zhike.people import actions
from zhike.people.models import SecurityEvent, Staff, User

pytestmark = pytest.mark.django_db
BEGIN = "/sign-in/company/company/login/"


@pytest.fixture
def company(settings: Any) -> Iterator[Provider]:
    """The company's provider, known to the installation."""
    with openid_provider() as provider:
        offer(settings, provider)
        yield provider


def offer(settings: Any, provider: Provider, **options: Any) -> None:
    """Make the provider known to the installation."""
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [provider.app(**options)]}
    }


def come_back(begun: Any) -> str:
    """Follow the browser to the company and return where the company sends it back to."""
    assert begun.status_code == 302, begun.content
    place = urlsplit(begun["Location"])
    connection = http.client.HTTPConnection(place.netloc)
    connection.request("GET", f"{place.path}?{place.query}")
    back = urlsplit(connection.getresponse().headers["Location"])
    connection.close()
    return f"{back.path}?{back.query}"


def sign_in(client: Client, query: str = "") -> Any:
    """Go through the whole company sign-on."""
    return client.get(come_back(client.get(BEGIN + query)))


def test_employee_number_finds_the_person(cast: Cast, client: Client, company: Provider) -> None:
    company.claims = {"sub": "u-1", "employee_number": cast.people["alice"].code}
    assert "用临州通信登录" in client.get("/sign-in/login/").content.decode()
    done = sign_in(client, "?next=/people/%3Frole%3Dagent")
    assert done["Location"] == "/people/?role=agent"
    assert client.get("/people/").status_code == 200
    assert client.get("/sign-in/me/").wsgi_request.user.username == "alice"
    linked = SocialAccount.objects.get()
    assert (linked.uid, linked.extra_data) == ("u-1", {}), "nothing the company told is kept"
    assert not SocialToken.objects.exists()
    again = Client()
    assert sign_in(again).status_code == 302
    assert again.get("/people/").status_code == 200
    assert SocialAccount.objects.count() == 1
    kinds = SecurityEvent.objects.filter(name="alice").values_list("kind", "method")
    assert ("company_linked", "company") in kinds
    assert ("signed_in", "company") in kinds


def test_verified_email_finds_the_person_when_configured(
    cast: Cast, client: Client, company: Provider, settings: Any
) -> None:
    offer(settings, company, staff_claim="email", staff_field="email")
    company.claims = {"sub": "u-2", "email": "Bob@Example.com", "email_verified": True}
    assert sign_in(client).status_code == 302
    assert client.get("/sign-in/me/").wsgi_request.user.username == "bob"
    company.claims = {"sub": "u-3", "email": "alice@example.com", "email_verified": False}
    assert sign_in(Client()).status_code == 403, "an address that the company has not checked names nobody"
    Staff.objects.unscoped(reason="test").filter(pk=cast.people["carol"].pk).update(email="bob@example.com")
    company.claims = {"sub": "u-4", "email": "bob@example.com", "email_verified": True}
    assert sign_in(Client()).status_code == 403, "an address that two people have names nobody"


def test_stranger_stays_outside_and_nothing_is_created(cast: Cast, client: Client, company: Provider) -> None:
    before = (User.objects.count(), Staff.objects.unscoped(reason="test").count())
    company.claims = {
        "sub": "u-9",
        "employee_number": "X9999",
        "preferred_username": "ivan",
        "email": "ivan@example.com",
    }
    answer = sign_in(client)
    assert answer.status_code == 403
    assert "没有对应的在职人员" in answer.content.decode()
    assert client.get("/people/").status_code == 302
    assert (User.objects.count(), Staff.objects.unscoped(reason="test").count()) == before
    assert not SocialAccount.objects.exists()
    assert SecurityEvent.objects.filter(kind="refused", name="X9999").exists()


def test_person_without_login_name_gets_in_with_the_rights_of_their_row_and_no_others(
    cast: Cast, client: Client, company: Provider
) -> None:
    facts = actions.PersonFacts(name="Nils", role="agent", region=cast.regions["ours"], team=None)
    actions.create_person(cast.actor("ivan"), code="M0099", facts=facts)
    company.claims = {"sub": "u-99", "employee_number": "M0099", "groups": ["administrators"], "role": "administrator"}
    sign_in(client)
    user = client.get("/sign-in/me/").wsgi_request.user
    assert (user.username, user.has_usable_password(), user.is_superuser) == ("M0099", False, False)
    assert client.get("/people/").status_code == 200
    assert client.get("/people/new/").status_code == 404
    assert client.get("/people/audit/").status_code == 404


def test_deactivated_person_does_not_come_back_through_the_company(
    cast: Cast, client: Client, company: Provider
) -> None:
    company.claims = {"sub": "u-1", "employee_number": cast.people["alice"].code}
    sign_in(client)
    actions.deactivate_person(cast.actor("ivan"), cast.people["alice"].pk)
    assert client.get("/people/").status_code == 302
    assert sign_in(Client()).status_code == 403


def test_identity_cannot_be_moved_to_another_person(cast: Cast, client: Client, company: Provider) -> None:
    company.claims = {"sub": "u-1", "employee_number": cast.people["alice"].code}
    sign_in(client)
    company.claims = {"sub": "u-1", "employee_number": cast.people["ivan"].code}
    assert sign_in(Client()).status_code == 403
    assert SocialAccount.objects.get().user.username == "alice"


def test_signed_in_person_cannot_tie_anothers_identity_to_themselves(
    cast: Cast, client: Client, company: Provider
) -> None:
    client.post("/sign-in/login/", {"login": "bob", "password": PASSWORD})
    company.claims = {"sub": "u-1", "employee_number": cast.people["alice"].code}
    sign_in(client, "?process=connect")
    assert SocialAccount.objects.get().user.username == "alice"
    assert client.get("/sign-in/me/").wsgi_request.user.username == "alice"


def test_answer_nobody_asked_for_is_refused(cast: Cast, company: Provider) -> None:
    company.claims = {"sub": "u-1", "employee_number": cast.people["ivan"].code}
    attackers = come_back(Client().get(BEGIN))
    victim = Client()
    answer = victim.get(attackers)
    assert answer.status_code == 401
    assert victim.get("/people/").status_code == 302, "nobody is signed in as somebody else's choice"


def test_code_works_once(cast: Cast, client: Client, company: Provider) -> None:
    company.claims = {"sub": "u-1", "employee_number": cast.people["alice"].code}
    back = come_back(client.get(BEGIN))
    assert client.get(back).status_code == 302
    client.post("/sign-in/logout/")
    assert client.get(back).status_code == 401
    assert client.get("/people/").status_code == 302


@pytest.mark.parametrize("lie", [{"iss": "https://elsewhere.example"}, {"aud": "another-app"}, {"exp": 1}])
def test_token_of_somebody_else_is_refused(cast: Cast, client: Client, company: Provider, lie: dict[str, Any]) -> None:
    company.claims = {"sub": "u-1", "employee_number": cast.people["alice"].code, **lie}
    assert sign_in(client).status_code == 401
    assert client.get("/people/").status_code == 302


def test_cancelling_at_the_company_says_so(cast: Cast, client: Client, company: Provider) -> None:
    company.refuse = True
    answer = sign_in(client)
    assert answer["Location"] == "/sign-in/company/cancelled/"
    assert "取消" in client.get(answer["Location"]).content.decode()


def test_company_server_that_does_not_answer_is_told_in_words(cast: Cast, client: Client, settings: Any) -> None:
    with openid_provider() as provider:
        offer(settings, provider)
    answer = client.get(BEGIN)
    assert answer.status_code == 401
    assert "没有应答" in answer.content.decode()


def test_second_factor_of_the_company_counts_where_it_says_so(cast: Cast, company: Provider, settings: Any) -> None:
    settings.ZHIKE_REQUIRE_SECOND_FACTOR = True
    company.claims = {"sub": "u-1", "employee_number": cast.people["alice"].code}
    once = Client()
    sign_in(once)
    assert once.get("/people/")["Location"] == "/sign-in/me/", "one factor is not two"
    company.claims["amr"] = ["pwd", "otp"]
    twice = Client()
    sign_in(twice)
    assert twice.get("/people/").status_code == 200
    assert not Authenticator.objects.exists()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_real_browser_goes_to_the_company_and_back(live_server: Any, company: Provider) -> None:
    cast = build_cast()
    company.claims = {"sub": "u-1", "employee_number": cast.people["alice"].code}
    with browser_page() as page:
        page.goto(f"{live_server.url}/people/")
        page.get_by_role("link", name="用临州通信登录").click()
        page.wait_for_url(f"{live_server.url}/people/")
        assert page.get_by_role("heading", name="人员").is_visible()
