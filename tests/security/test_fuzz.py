"""Nonsense in every parameter and every form field of every address: no answer is our own fault.

Which parameters an address knows is read from its own page: fields of its forms and names in its links.
"""

from __future__ import annotations

import base64
import json
import random
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import PASSWORD, Cast
from tests.security.test_every_url import text_of
from tests.security.url_table import PUBLIC, ROWS, PublicRow, Row, no_arguments
from zhike.people.roles import PERMISSIONS

pytestmark = pytest.mark.django_db
SEED = 7391
SCRIPT = "<script>alert(7391)</script>"
ALWAYS_ASKED = ("q", "cursor", "size", "sort", "next")


def cursor(*values: Any) -> str:
    """Return a cursor as a page writes it, holding whatever we like."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


VALUES = [
    "",
    "\x00",
    "a\x00b",
    "x" * 20_000,
    "9" * 400,
    "😀" * 50,
    "e\u0301\u202e\u200b\ufeff",
    "-1",
    "0",
    "99999999999999999999",
    "-9223372036854775809",
    "NaN",
    "-Infinity",
    "1e400",
    "1_000",
    "٣",
    "' OR 1=1 --",
    "\\'; DROP TABLE people_staff; --",
    "%",
    "_%\\",
    "{{ 7|add:7 }}",
    SCRIPT,
    "../../../../etc/passwd",
    "2026-13-45",
    "0001-01-01",
    "9999-12-31",
    "null",
    "[]",
    '{"a": [1, {"b": null}]}',
    "\r\nX-Injected: 1",
    "=cmd|' /C calc'!A0",
    "!!!!",
    cursor(),
    cursor("after"),
    cursor("after", "x"),
    cursor("after", 1),
    cursor("after", "x", "y"),
    cursor("before", 10**30),
    cursor("before", "a\x00b"),
    cursor("after", "2026-01-01 00:00:00"),
    cursor("after", "2026-01-01", "2026-01-01"),
    cursor("after", {"a": 1}),
    cursor("after", None),
    cursor("sideways", 1),
    base64.urlsafe_b64encode(b"[" * 5_000).decode(),
]
PATHS = ["0", "9" * 30, "-1", "%00", "a%00b", "%F0%9F%98%80", "..", "%2e%2e%2f", "x" * 3000, "%ff", "1.5"]
HEADERS = [
    "Accept",
    "Accept-Language",
    "Cookie",
    "HX-Request",
    "HX-Target",
    "Host",
    "Referer",
    "User-Agent",
    "X-Forwarded-For",
    "X-Zhike-Poll",
    "X-Zhike-Version",
]
RAW_QUERIES = ["%ff=%fe", "q=%ed%a0%80", "cursor=%00", "q=%E4%BD", "&&&===", "q[]=1&q[a]=2", "size=20&size=%ff", "%"]


class _Names(HTMLParser):
    """Collects the names of form fields and of parameters in links."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Take the name of a field, or the parameters of a link."""
        said = dict(attributes)
        if tag in {"input", "select", "textarea", "button"} and said.get("name"):
            self.names.add(str(said["name"]))
        if tag == "a" and said.get("href"):
            self.names |= {name for name, _value in parse_qsl(urlsplit(str(said["href"])).query)}


def names_on(page: str) -> list[str]:
    """Return the names of everything that can be sent from a page, in a stable order."""
    parser = _Names()
    parser.feed(page)
    return sorted((parser.names | set(ALWAYS_ASKED)) - {"csrfmiddlewaretoken"})


def insider(cast: Cast, row: Row) -> Client:
    """Return a client of somebody whom the address lets in."""
    people = ("ivan", "emil", "hana", "carol")
    return cast.client(next(name for name in people if row.permission in PERMISSIONS[cast.people[name].role]))


def batches(names: list[str]) -> list[dict[str, str]]:
    """Return what to send: each value in all parameters at once, then some value in each parameter alone."""
    dice = random.Random(SEED)
    return [dict.fromkeys(names, value) for value in VALUES] + [{name: dice.choice(VALUES)} for name in names]


def check(client: Client, method: str, address: str, sent: Any = None, **options: Any) -> Any:
    """Send nonsense and look at the answer."""
    try:
        answer = getattr(client, method)(address, sent or {}, **options)
    except Exception as fault:
        fault.add_note(f"{method} {address[:200]} was sent {str(sent or options)[:300]!r}")
        raise
    assert answer.status_code < 500, f"{method} {address[:200]} answered {answer.status_code} to {str(sent)[:300]!r}"
    assert "X-Injected" not in answer.headers
    text = text_of(answer)
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        assert SCRIPT not in text, f"{address} gives back a script as it came"
    return answer


def fuzz(client: Client, address: str, names: list[str], data: dict[str, Any]) -> None:
    """Send every batch by both methods, as far as the address takes them."""
    for method in ("get", "post"):
        if check(client, method, address, data).status_code == 405:
            continue
        for sent in batches(names):
            check(client, method, address, {**data, **sent})
    for query in RAW_QUERIES:
        check(client, "get", f"{address}?{query}")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_no_parameter_or_field_breaks_an_address(cast: Cast, row: Row) -> None:
    client, address = insider(cast, row), reverse(row.name, kwargs=row.ours(cast))
    page = client.get(address)
    names = sorted(set(names_on(text_of(page))) | set(row.data))
    fuzz(client, address, names, row.data)
    assert client.get("/sign-in/me/").status_code == 200, "the session was lost on the way, so nothing was tried"


@pytest.mark.parametrize("row", PUBLIC, ids=lambda row: row.name)
def test_no_stranger_breaks_a_public_address(cast: Cast, row: PublicRow) -> None:
    names = [*names_on(text_of(Client().get("/sign-in/login/"))), "code", "state", "error", "language"]
    fuzz(Client(), reverse(row.name, kwargs=row.arguments), names, {})


@pytest.mark.parametrize("row", [row for row in ROWS if row.ours is not no_arguments], ids=lambda row: row.name)
def test_no_name_in_the_path_breaks_an_address(cast: Cast, row: Row) -> None:
    arguments, client = row.ours(cast), insider(cast, row)
    right = reverse(row.name, kwargs=arguments)
    for value in arguments.values():
        for wrong in PATHS:
            address = right.replace(quote(str(value)), wrong, 1)
            assert address != right
            check(client, "get", address)
            check(client, "post", address, row.data)


@pytest.mark.parametrize("header", HEADERS)
def test_no_header_breaks_a_page(cast: Cast, header: str) -> None:
    client = cast.client("alice")
    for value in VALUES:
        text = "".join(letter for letter in value if letter >= " ").encode("utf-8", "replace").decode("latin-1")
        sent = {header: f"django_language={text}; sessionid={text}" if header == "Cookie" else text}
        for address in ("/sign-in/login/", "/people/"):
            check(Client() if header == "Cookie" else client, "get", address, headers=sent)
    typed = {"login": "alice", "password": PASSWORD}
    assert Client().post("/sign-in/login/", typed, headers={"User-Agent": "x" * 5000}).status_code == 302
