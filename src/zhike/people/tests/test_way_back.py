"""Signing in after a form was sent in vain leads to a page that opens, never to the form's own address."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from tests.cast import PASSWORD, Cast

from zhike.people.models import SignInSession

pytestmark = pytest.mark.django_db


def way_back(client: Client, address: str, **headers: str) -> str:
    """Send a form while signed out; return where the sign-in page will lead."""
    answer = client.post(address, headers=headers)
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer["Location"]).query)["next"][0]


@pytest.mark.parametrize(
    ("referer", "expected"),
    [
        ("http://testserver/accounts/C-0001/people/?cursor=x", "/accounts/C-0001/people/?cursor=x"),
        ("http://testserver", "/"),
        ("https://elsewhere.example/accounts/", "/"),
        ("//elsewhere.example/", "/"),
        ("http://testserver//elsewhere.example/", "/elsewhere.example/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_signed_out_form_leads_back_to_its_page_or_the_first_one(cast: Cast, referer: str, expected: str) -> None:
    address = f"/people/{cast.people['bob'].pk}/deactivate/"
    assert way_back(Client(), address, Referer=referer) == expected


def test_page_opened_while_signed_out_comes_back_itself(cast: Cast) -> None:
    answer = Client().get("/people/?q=ali")
    assert parse_qs(urlsplit(answer["Location"]).query)["next"] == ["/people/?q=ali"]


def test_whoever_signs_in_after_that_lands_on_a_page_that_opens(cast: Cast) -> None:
    client, person = Client(), f"/people/{cast.people['bob'].pk}/"
    going_to = way_back(client, f"{person}deactivate/", Referer=f"http://testserver{person}")
    sent = {"login": "alice", "password": PASSWORD, "next": going_to}
    answer = client.post("/sign-in/login/", sent, follow=True)
    assert answer.redirect_chain[0][0] == person
    assert answer.status_code == 200


def test_idle_exit_in_the_middle_of_a_form_leads_back_to_its_page(cast: Cast) -> None:
    client = cast.client("alice")
    client.get("/people/")
    SignInSession.objects.update(seen_at=timezone.now() - timedelta(days=1))
    answer = client.post("/customers/C-0001/edit/", headers={"Referer": "http://testserver/customers/C-0001/edit/"})
    asked = parse_qs(urlsplit(answer["Location"]).query)
    assert (asked["next"], asked["idle"]) == (["/customers/C-0001/edit/"], ["1"])
