"""Signing in as people do, and the ways in that must stay shut."""

from __future__ import annotations

import re
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.cast import PASSWORD, Cast, build_cast
from zhike.people import actions
from zhike.people.models import SecurityEvent, SignInSession, Staff, User

pytestmark = pytest.mark.django_db
SIGN_IN = "/sign-in/login/"
MINE = "/sign-in/me/"
TOKENS = re.compile(r'"X-CSRFToken": "[^"]+"|value="[^"]{64}"')


def sign_in(client: Client, name: str, password: str = PASSWORD, **more: str) -> Any:
    """Fill in the sign-in form."""
    return client.post(SIGN_IN, {"login": name, "password": password, **more})


def signed_in(client: Client) -> bool:
    """Return whether the client may open its own page."""
    return client.get(MINE).status_code == 200


def kinds(name: str) -> list[str]:
    """Return what has happened to a login name, oldest first."""
    return list(SecurityEvent.objects.filter(name=name).order_by("id").values_list("kind", flat=True))


def app_code(secret: str, offset: int = 0) -> str:
    """Return what an authenticator app would show."""
    counter = next(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, counter + offset))


def test_right_password_opens_the_page_that_was_asked_for(cast: Cast, client: Client) -> None:
    asked = client.get("/people/?q=a")
    assert asked.status_code == 302
    assert asked["Location"] == f"{SIGN_IN}?next=/people/%3Fq%3Da"
    done = sign_in(client, "alice", next="/people/?q=a")
    assert done["Location"] == "/people/?q=a"
    assert signed_in(client)
    assert kinds("alice") == ["signed_in"]


def test_nobody_opens_an_account_for_themselves(client: Client) -> None:
    for path in ("/sign-in/signup/", "/sign-in/password/reset/", "/sign-in/email/", "/admin/"):
        assert client.get(path).status_code == 404, path
        assert client.post(path, {"username": "mallory"}).status_code == 404, path


def test_answer_is_the_same_whether_or_not_the_name_exists(cast: Cast) -> None:
    def said(name: str) -> str:
        page = sign_in(Client(REMOTE_ADDR="10.0.0.1"), name, "wrong").content.decode()
        return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"|"X-CSRFToken": "[^"]+"', "", page).replace(
            name, "NAME"
        )

    assert said("alice") == said("nobody")


def test_five_wrong_passwords_lock_the_name_from_anywhere(cast: Cast) -> None:
    for attempt in range(5):
        answer = sign_in(Client(REMOTE_ADDR=f"10.0.0.{attempt}"), "alice", f"guess-{attempt}")
    assert answer.status_code == 429
    assert "锁定" in answer.content.decode()
    assert int(answer["Retry-After"]) == 1800
    right = sign_in(Client(REMOTE_ADDR="10.0.1.1"), "alice")
    assert right.status_code == 429
    assert "locked" in kinds("alice")
    assert sign_in(Client(), "bob").status_code == 302, "others are not locked with her"


def test_lock_does_not_tell_whether_a_name_exists(cast: Cast) -> None:
    pages = []
    for name in ("alice", "nobody"):
        for _attempt in range(5):
            answer = sign_in(Client(), name, "wrong")
        assert answer.status_code == 429
        pages.append(TOKENS.sub("", answer.content.decode()))
    assert pages[0] == pages[1]


def test_letter_case_is_no_way_round_the_lock(cast: Cast) -> None:
    for name in ("alice", "ALICE", "Alice", " alice", "aLICE"):
        answer = sign_in(Client(), name, "wrong")
    assert answer.status_code == 429


def test_lock_ends_after_half_an_hour_and_can_be_lifted_before(cast: Cast) -> None:
    from axes.models import AccessAttempt

    for _attempt in range(5):
        sign_in(Client(), "alice", "wrong")
    actions.unlock_person(cast.actor("ivan"), cast.people["alice"].pk)
    assert sign_in(Client(), "alice").status_code == 302
    for _attempt in range(5):
        sign_in(Client(), "bob", "wrong")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=31))
    assert sign_in(Client(), "bob").status_code == 302


def test_what_was_typed_into_the_wrong_field_is_not_readable_in_the_log(cast: Cast, client: Client) -> None:
    from axes.models import AccessAttempt

    sign_in(client, "my-secret-password", "x")
    assert not SecurityEvent.objects.filter(name__contains="secret").exists()
    assert not AccessAttempt.objects.filter(post_data__contains="secret").exists()


def test_session_of_before_is_not_the_session_of_after(cast: Cast, client: Client) -> None:
    client.get(SIGN_IN)
    session = client.session
    session["planted"] = "by an attacker"
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted
    sign_in(client, "alice")
    assert client.cookies["sessionid"].value != planted
    attacker = Client()
    attacker.cookies["sessionid"] = planted
    assert not signed_in(attacker)


def test_session_cookie_is_kept_from_scripts_and_other_sites(cast: Cast, client: Client) -> None:
    sign_in(client, "alice")
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["max-age"], "it ends with the browser"


def test_forged_form_is_refused(cast: Cast) -> None:
    strict = cast.client("ivan", enforce_csrf_checks=True)
    answer = strict.post(f"/people/{cast.people['bob'].pk}/deactivate/")
    assert answer.status_code == 403
    assert Staff.objects.unscoped(reason="test").get(pk=cast.people["bob"].pk).active
    assert sign_in(Client(enforce_csrf_checks=True), "alice").status_code == 403


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "\thttps://evil.example",
        "https://testserver@evil.example/",
        "https://127.0.0.1/",
    ],
)
def test_sign_in_leads_nowhere_else(cast: Cast, client: Client, target: str) -> None:
    done = sign_in(client, "alice", next=target)
    assert done.status_code == 302
    assert done["Location"].startswith("/")
    assert not done["Location"].startswith(("//", "/\\"))
    gone = client.post("/sign-in/logout/", {"next": target})
    assert gone["Location"].startswith("/sign-in/")


def test_signing_out_needs_a_form_and_ends_the_sign_in(cast: Cast, client: Client) -> None:
    sign_in(client, "alice")
    assert client.get("/sign-in/logout/").status_code == 200, "asks first"
    assert signed_in(client)
    client.post("/sign-in/logout/")
    assert not signed_in(client)
    assert kinds("alice") == ["signed_in", "signed_out"]
    assert SignInSession.objects.get().ended_at is not None


def idle_for(seconds: int) -> datetime:
    """Let the one sign-in have been in use so long ago; return when."""
    seen = timezone.now() - timedelta(seconds=seconds)
    SignInSession.objects.update(seen_at=seen)
    return seen


def test_activity_is_noted_and_keeps_the_sign_in(cast: Cast, client: Client, settings: Any) -> None:
    sign_in(client, "alice")
    before = idle_for(settings.ZHIKE_IDLE_EXIT_SECONDS - 5)
    assert signed_in(client)
    assert SignInSession.objects.get().seen_at > before


def test_idle_for_longer_than_the_limit_signs_out_and_says_so(cast: Cast, client: Client, settings: Any) -> None:
    sign_in(client, "alice")
    assert signed_in(client)
    idle_for(settings.ZHIKE_IDLE_EXIT_SECONDS + 1)
    answer = client.get("/people/?role=agent")
    assert answer["Location"] == f"{SIGN_IN}?idle=1&next=%2Fpeople%2F%3Frole%3Dagent"
    assert "没有操作" in client.get(answer["Location"]).content.decode()
    assert not signed_in(client)
    assert kinds("alice") == ["signed_in", "idle_exit"]


def test_polling_is_not_activity_and_a_part_sends_the_whole_page_to_sign_in(
    cast: Cast, client: Client, settings: Any
) -> None:
    sign_in(client, "alice")
    signed_in(client)
    before = idle_for(settings.ZHIKE_IDLE_EXIT_SECONDS - 5)
    client.get(MINE, headers={"X-Zhike-Poll": "1", "HX-Request": "true"})
    assert SignInSession.objects.get().seen_at == before
    idle_for(settings.ZHIKE_IDLE_EXIT_SECONDS + 5)
    answer = client.get(MINE, headers={"X-Zhike-Poll": "1", "HX-Request": "true"})
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == f"{SIGN_IN}?idle=1"


def test_changed_role_holds_at_the_next_request(cast: Cast, client: Client) -> None:
    sign_in(client, "hana")
    assert client.get("/people/audit/").status_code == 200
    facts = actions.PersonFacts(name="Hana", role="agent", region=cast.regions["ours"], team=None)
    actions.change_person(cast.actor("ivan"), cast.people["hana"].pk, facts)
    assert client.get("/people/audit/").status_code == 404
    assert client.get("/people/").status_code == 200


def test_deactivated_person_is_out_at_the_next_request_and_cannot_return(cast: Cast, client: Client) -> None:
    sign_in(client, "alice")
    actions.deactivate_person(cast.actor("ivan"), cast.people["alice"].pk)
    answer = client.get("/people/")
    assert answer.status_code == 302
    assert answer["Location"].startswith(SIGN_IN)
    again = sign_in(client, "alice")
    assert again.status_code in {200, 302}
    assert not signed_in(client)


def test_staff_row_taken_away_ends_the_session_too(cast: Cast, client: Client) -> None:
    sign_in(client, "alice")
    Staff.objects.unscoped(reason="test").filter(pk=cast.people["alice"].pk).update(active=False)
    answer = client.get("/people/")
    assert answer["Location"].startswith(f"{SIGN_IN}?ended=1")
    refused = sign_in(client, "alice")
    assert refused["Location"] == "/sign-in/inactive/"
    assert not signed_in(client)


def test_person_sees_and_ends_their_other_sign_ins(cast: Cast) -> None:
    here, there = Client(REMOTE_ADDR="10.0.0.1"), Client(REMOTE_ADDR="10.0.0.2")
    sign_in(here, "alice")
    sign_in(there, "alice")
    page = here.get(MINE).content.decode()
    assert "10.0.0.2" in page
    other = SignInSession.objects.get(address="10.0.0.2")
    here.post(f"/sign-in/me/sessions/{other.pk}/end/")
    assert signed_in(here)
    assert not signed_in(there)


def test_nobody_ends_somebody_elses_sign_in(cast: Cast) -> None:
    alice, bob = Client(), Client()
    sign_in(alice, "alice")
    sign_in(bob, "bob")
    hers = SignInSession.objects.get(user__username="alice")
    bob.post(f"/sign-in/me/sessions/{hers.pk}/end/")
    bob.post("/sign-in/me/sessions/end/")
    assert signed_in(alice)


def test_changed_password_ends_all_other_sign_ins(cast: Cast) -> None:
    here, there = Client(), Client()
    sign_in(here, "alice")
    sign_in(there, "alice")
    new = "another-long-secret-88"
    answer = here.post("/sign-in/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert answer["Location"] == MINE
    assert signed_in(here)
    assert not signed_in(there)
    assert sign_in(Client(), "alice", new).status_code == 302


@pytest.mark.parametrize("weak", ["short-1", "1234567890123", "qwertyuiop"])
def test_weak_passwords_are_refused_in_words(cast: Cast, client: Client, weak: str) -> None:
    sign_in(client, "alice")
    answer = client.post("/sign-in/password/change/", {"oldpassword": PASSWORD, "password1": weak, "password2": weak})
    assert answer.status_code == 200
    assert "zk-notice hand" in answer.content.decode()
    assert sign_in(Client(), "alice").status_code == 302, "the old one still holds"


# One-time codes -----------------------------------------------------------------------------------------------------


def test_one_time_code_opens_one_session_and_must_be_replaced(cast: Cast, client: Client) -> None:
    code = actions.issue_code(cast.actor("ivan"), cast.people["alice"].pk)
    assert sign_in(Client(), "alice").status_code == 200, "the old password is gone"
    assert sign_in(client, "alice", code).status_code == 302
    assert client.get("/people/")["Location"] == "/sign-in/password/first/"
    second = Client()
    assert sign_in(second, "alice", code).status_code == 200, "used up"
    new = "fresh-and-long-enough"
    wrong = client.post("/sign-in/password/first/", {"new_password1": new, "new_password2": new + "x"})
    assert wrong.status_code == 422
    client.post("/sign-in/password/first/", {"new_password1": new, "new_password2": new})
    assert client.get("/people/").status_code == 200
    assert sign_in(Client(), "alice", new).status_code == 302
    assert client.get("/sign-in/password/first/").status_code == 404


def test_one_time_code_is_over_after_its_time(cast: Cast, client: Client) -> None:
    code = actions.issue_code(cast.actor("ivan"), cast.people["alice"].pk)
    User.objects.filter(username="alice").update(code_expires_at=timezone.now() - timedelta(seconds=1))
    assert sign_in(client, "alice", code).status_code == 200
    assert not signed_in(client)
    assert "refused" in kinds("alice")


def test_one_time_code_is_shown_once_and_kept_nowhere(cast: Cast) -> None:
    administrator = cast.client("ivan")
    path = f"/people/{cast.people['alice'].pk}/"
    shown = administrator.post(f"{path}code/").content.decode()
    code = re.search(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}", shown)
    assert code
    assert code[0] not in administrator.get(path).content.decode()
    with connection.cursor() as cursor:
        for table in ("core_auditentry", "people_securityevent", "people_staff", "people_user"):
            cursor.execute(f"SELECT count(*) FROM {table} AS row WHERE row::text LIKE %s", [f"%{code[0]}%"])
            assert cursor.fetchone() == (0,), table


@pytest.mark.django_db(transaction=True)
def test_one_time_code_used_twice_at_once_opens_one_session() -> None:
    cast = build_cast()
    code = actions.issue_code(cast.actor("ivan"), cast.people["alice"].pk)
    clients, start = [Client(), Client()], threading.Barrier(2)

    def attempt(client: Client) -> None:
        start.wait()
        sign_in(client, "alice", code)
        connection.close()

    threads = [threading.Thread(target=attempt, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert SignInSession.objects.filter(user__username="alice", ended_at=None).count() == 1


# Second factor ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_authenticator_app_through_the_real_pages(client: Client) -> None:
    build_cast()
    sign_in(client, "alice")
    asked = client.get("/sign-in/2fa/app/activate/")
    assert asked["Location"].startswith("/sign-in/reauthenticate/"), "asks for the password once more"
    confirmed = client.post(asked["Location"], {"password": PASSWORD})
    assert confirmed["Location"] == "/sign-in/2fa/app/activate/"
    page = client.get(confirmed["Location"]).content.decode()
    secret = re.search(r'<code class="zk-code">([A-Z2-7]+)</code>', page)
    assert secret
    assert client.post("/sign-in/2fa/app/activate/", {"code": "000000"}).status_code == 200
    done = client.post("/sign-in/2fa/app/activate/", {"code": app_code(secret[1])})
    assert done["Location"] == "/sign-in/2fa/codes/"
    codes = re.findall(r'<code class="zk-code">(\d{8})</code>', client.get(done["Location"]).content.decode())
    assert len(codes) == 10
    client.post("/sign-in/logout/")

    asked = sign_in(client, "alice", next="/people/")
    assert asked["Location"] == "/sign-in/2fa/step/"
    assert not signed_in(client), "the password alone opens nothing"
    assert client.post("/sign-in/2fa/step/", {"code": "000000"}).status_code == 200
    opened = client.post("/sign-in/2fa/step/", {"code": app_code(secret[1], 1)})
    assert opened["Location"] == "/people/"
    assert signed_in(client)

    lost = Client()
    sign_in(lost, "alice")
    assert lost.post("/sign-in/2fa/step/", {"code": codes[0]}).status_code == 302
    assert signed_in(lost)
    replay = Client()
    sign_in(replay, "alice")
    assert replay.post("/sign-in/2fa/step/", {"code": codes[0]}).status_code == 200, "a recovery code works once"
    assert {"factor_added", "factor_failed", "signed_in"} <= set(kinds("alice"))


def test_secret_of_the_app_lies_encrypted(cast: Cast) -> None:
    secret = generate_totp_secret()
    TOTP.activate(User.objects.get(username="alice"), secret)
    assert secret not in str(Authenticator.objects.get().data)


def test_guessing_the_second_step_locks_like_guessing_the_password(cast: Cast, client: Client) -> None:
    secret = generate_totp_secret()
    user = User.objects.get(username="alice")
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    sign_in(client, "alice")
    for _attempt in range(5):
        answer = client.post("/sign-in/2fa/step/", {"code": "000000"})
    assert answer.status_code == 429
    assert client.post("/sign-in/2fa/step/", {"code": app_code(secret)}).status_code != 302
    assert not signed_in(client)
    assert sign_in(Client(), "alice").status_code == 429


def test_required_second_factor_comes_before_anything_else(cast: Cast, client: Client, settings: Any) -> None:
    settings.ZHIKE_REQUIRE_SECOND_FACTOR = True
    sign_in(client, "alice")
    assert client.get("/people/")["Location"] == MINE
    assert client.post(f"/people/{cast.people['bob'].pk}/show/mobile/", {"reason": "回访投诉"})["Location"] == MINE
    assert "第二步验证" in client.get(MINE).content.decode()
    TOTP.activate(User.objects.get(username="alice"), generate_totp_secret())
    assert client.get("/people/").status_code == 200
    reader = Client()
    sign_in(reader, "gus")
    assert reader.get("/people/").status_code == 200, "whoever only reads masked pages needs none"


def test_lost_second_factor_is_removed_by_an_administrator(cast: Cast, client: Client) -> None:
    TOTP.activate(User.objects.get(username="alice"), generate_totp_secret())
    administrator = cast.client("ivan")
    administrator.post(f"/people/{cast.people['alice'].pk}/factors/remove/")
    assert sign_in(client, "alice")["Location"] != "/sign-in/2fa/step/"
    assert signed_in(client)


# Language -----------------------------------------------------------------------------------------------------------


def test_language_follows_the_person_to_another_device(cast: Cast) -> None:
    here, there = Client(), Client()
    sign_in(here, "alice")
    here.post("/i18n/setlang/", {"language": "en", "next": MINE})
    sign_in(there, "alice")
    assert 'lang="en"' in there.get(MINE).content.decode()


# Addresses of clients ------------------------------------------------------------------------------------------------


def test_forged_forwarding_header_is_no_new_address(cast: Cast, settings: Any) -> None:
    sign_in(Client(REMOTE_ADDR="10.0.0.7", headers={"X-Forwarded-For": "1.2.3.4"}), "alice", "wrong")
    assert SecurityEvent.objects.latest("id").address == "10.0.0.7", "without a proxy the header is a claim"
    settings.ZHIKE_TRUSTED_PROXIES = 1
    behind = Client(REMOTE_ADDR="10.0.0.7", headers={"X-Forwarded-For": "1.2.3.4, 203.0.113.9"})
    sign_in(behind, "alice", "wrong")
    assert SecurityEvent.objects.latest("id").address == "203.0.113.9", "only what our own proxy added counts"
    sign_in(Client(REMOTE_ADDR="10.0.0.7"), "alice", "wrong")
    assert SecurityEvent.objects.latest("id").address == "10.0.0.7"


def test_pages_carry_the_policy_and_are_kept_by_nobody(cast: Cast) -> None:
    for client in (Client(), cast.client("alice")):
        answer = client.get("/sign-in/login/" if "sessionid" not in client.cookies else MINE)
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        page = answer.content.decode()
        assert not re.search(r"<script(?![^>]*(?:src=|application/json))", page), "a script within the page"
        assert not re.search(r"\son[a-z]+=", page), "a handler within the page"
