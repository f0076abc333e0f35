"""Every address of the product with who may open it: the table that access tests read. Refuses to be incomplete."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from tests.cast import CANARY, Cast

Arguments = Callable[[Cast], dict[str, Any]]
NOWHERE = UUID(int=7391)


def no_arguments(cast: Cast) -> dict[str, Any]:
    """Return the arguments of an address that has none."""
    return {}


@dataclass(frozen=True)
class Row:
    """One address.

    `permission` lets people in, others get 404. `ours` names a row on our side, `theirs` the same of another region:
    only people in `everywhere` get that one, for all others it does not exist. `answers` are the statuses that whoever
    is let in may get.
    """

    name: str
    permission: str
    ours: Arguments = no_arguments
    theirs: Arguments | None = None
    everywhere: frozenset[str] = frozenset()
    method: str = "get"
    data: dict[str, Any] = field(default_factory=dict)
    answers: frozenset[int] = frozenset({200})


@dataclass(frozen=True)
class PublicRow:
    """One address that signed-out people may ask for, with what they get; why it is public stands beside it."""

    name: str
    answer: int
    why: str
    arguments: dict[str, Any] = field(default_factory=dict)


KEEPERS = frozenset({"emil", "hana", "ivan"})  # who may see all people: analyst, auditor, administrator
MOVED = frozenset({302})
POSTED = {"method": "post", "answers": MOVED}


def _person(name: str) -> Arguments:
    return lambda cast: {"staff_id": cast.people[name].pk}


def _field(name: str) -> Arguments:
    return lambda cast: {"staff_id": cast.people[name].pk, "field": "mobile"}


def _region(key: str) -> Arguments:
    return lambda cast: {"region_id": cast.regions[key].pk}


def _team(key: str) -> Arguments:
    return lambda cast: {"team_id": cast.teams[key].pk}


PERSON = {"ours": _person("bob"), "theirs": _person("otto"), "everywhere": KEEPERS}

PEOPLE = [
    Row("people:list", "people.view"),
    Row("people:create", "people.manage"),
    Row("people:person", "people.view", **PERSON),
    Row("people:change", "people.manage", **PERSON),
    Row(
        "people:show",
        "personal.show",
        ours=_field("bob"),
        theirs=_field("otto"),
        method="post",
        data={"reason": "回访投诉"},
    ),
    Row("people:deactivate", "people.manage", **PERSON, **POSTED),
    Row("people:reactivate", "people.manage", **PERSON, **POSTED),
    Row("people:unlock", "people.manage", **PERSON, **POSTED),
    Row("people:issue_code", "people.manage", **PERSON, method="post"),
    Row("people:remove_factors", "people.manage", **PERSON, **POSTED),
    Row("people:places", "people.view"),
    Row("people:region_create", "people.manage"),
    Row("people:region", "people.manage", ours=_region("ours")),
    Row("people:team_create", "people.manage"),
    Row("people:team", "people.manage", ours=_team("ours")),
    Row("people:audit", "audit.view"),
    Row("people:audit_looks", "audit.view"),
    Row("people:audit_sign_ins", "audit.view"),
    Row("people:audit_work", "audit.view"),
    Row("people:audit_export", "audit.view", ours=lambda cast: {"book": "changes"}),
]

OWN = "own.security"
SIGNED_IN = [
    Row("my_security", OWN),
    Row("end_sign_ins", OWN, **POSTED),
    Row("end_sign_in", OWN, ours=lambda cast: {"sign_in": NOWHERE}, **POSTED),
    Row("account_change_password", OWN),
    Row("account_set_password", OWN),
    Row("account_reauthenticate", OWN),
    Row("first_password", OWN, answers=frozenset({404})),
    Row("mfa_index", OWN, answers=MOVED),
    Row("mfa_list_webauthn", OWN, answers=MOVED),
    Row("mfa_activate_totp", OWN, answers=MOVED),
    Row("mfa_deactivate_totp", OWN, answers=frozenset({302, 404})),
    Row("mfa_view_recovery_codes", OWN, answers=frozenset({404})),
    Row("mfa_generate_recovery_codes", OWN, answers=MOVED),
    Row("mfa_download_recovery_codes", OWN, answers=frozenset({404})),
    Row("mfa_add_webauthn", OWN, answers=MOVED),
    Row("mfa_reauthenticate", OWN, answers=MOVED),
    Row("mfa_reauthenticate_webauthn", OWN, answers=MOVED),
    Row("mfa_edit_webauthn", OWN, ours=lambda cast: {"pk": 7391}, answers=MOVED),
    Row("mfa_remove_webauthn", OWN, ours=lambda cast: {"pk": 7391}, answers=MOVED),
]


def _account(key: str, **more: Any) -> Arguments:
    return lambda cast: {"code": cast.accounts[key].code, **more}


def _contact(key: str) -> Arguments:
    return lambda cast: {
        "code": cast.accounts[key].code,
        "contact_id": cast.accounts[key].contact_set.get(code="P1").pk,
        "field": "mobile",
    }


def _place(key: str) -> Arguments:
    return lambda cast: {
        "code": cast.accounts[key].code,
        "membership_id": cast.accounts[key].team_memberships.get().pk,
    }


def _row_of_contacts(key: str) -> Arguments:
    return lambda cast: {
        "code": cast.accounts[key].code,
        "kind": "contacts",
        "row_id": cast.accounts[key].contact_set.get(code="P1").pk,
    }


def account_row(name: str, permission: str, **more: Any) -> Row:
    """Return the row of an address of one account: another region's account exists for the analyst only."""
    arguments = more.pop("arguments", {})
    return Row(
        name,
        permission,
        ours=_account("ours", **arguments),
        theirs=_account("theirs", **arguments),
        everywhere=frozenset({"emil"}),
        **more,
    )


def _work(key: str) -> Arguments:
    """Return the arguments of an item of the worklist."""

    def arguments(cast: Cast) -> dict[str, Any]:
        from zhike.core.actor import system_actor
        from zhike.worklist.actions import Incoming, push
        from zhike.worklist.models import WorkItem

        account = cast.accounts[key]
        told = {"name": CANARY} if key == "theirs" else {}
        row = Incoming(
            account.pk, "bill_fall", "table", "alert", date(2026, 11, 23), evidence=told, expected_fen=10_000
        )
        push(system_actor("table"), "table", [row], account_ids=[account.pk])
        rows = WorkItem.objects.unscoped(reason="the table names items of both sides")
        return {"item_id": rows.get(account=account, source="table").pk}

    return arguments


def _scored(key: str) -> Arguments:
    """Return the arguments of why an account has its score, in a cycle that is shown."""

    def arguments(cast: Cast) -> dict[str, Any]:
        from tests.results import give_scores, new_cycle
        from zhike.insights.models import Cycle

        cycle = Cycle.objects.filter(state=Cycle.State.CURRENT).first() or new_cycle()
        account = cast.accounts[key]
        give_scores(cycle, account)
        return {"code": account.code, "score": "value"}

    return arguments


ACCOUNTS = [
    Row("workbench:today", OWN, answers=frozenset({200, 302})),  # whoever has no worklist is led on
    Row("workbench:today_export", "worklist.view"),
    *(
        Row(f"workbench:work_{step}", "worklist.act", ours=_work("ours"), theirs=_work("theirs"), **POSTED)
        for step in ("finish", "postpone", "dismiss", "reopen")
    ),
    Row("workbench:portfolio", "accounts.view"),
    Row("workbench:accounts", "accounts.view"),
    Row("workbench:accounts_export", "accounts.export"),
    Row("workbench:accounts_columns", "accounts.view", **POSTED),
    Row("workbench:accounts_views", "accounts.view", **POSTED),
    account_row("workbench:account", "accounts.view"),
    Row(
        "workbench:account_why",
        "accounts.view",
        ours=_scored("ours"),
        theirs=_scored("theirs"),
        everywhere=frozenset({"emil"}),
    ),
    account_row("workbench:account_month", "accounts.view", arguments={"period": 202610}),
    account_row("workbench:account_next", "worklist.view"),
    account_row("workbench:account_tab", "accounts.view", arguments={"tab": "people"}),
    Row("customers:create", "accounts.create"),
    account_row("customers:edit", "accounts.edit"),
    account_row("customers:assign", "accounts.assign", arguments={"duty": "backup"}),
    Row("customers:assign_many", "accounts.assign", answers=MOVED),  # nothing is ticked
    Row("customers:release", "accounts.assign", ours=_place("ours"), theirs=_place("theirs"), **POSTED),
    Row(
        "customers:handover",
        "accounts.handover",
        ours=_person("bob"),
        theirs=_person("otto"),
        everywhere=frozenset({"ivan"}),
    ),
    Row("customers:erase", "personal.erase", ours=_row_of_contacts("ours"), theirs=_row_of_contacts("theirs")),
    account_row("customers:lifecycle", "accounts.edit", arguments={"step": "close"}),
    account_row("customers:row_add", "accounts.edit", arguments={"kind": "contacts"}),
    Row("customers:row", "accounts.edit", ours=_row_of_contacts("ours"), theirs=_row_of_contacts("theirs")),
    Row("customers:row_remove", "accounts.edit", ours=_row_of_contacts("ours"), theirs=_row_of_contacts("theirs")),
    Row(
        "customers:show_personal",
        "personal.show",
        ours=_contact("ours"),
        theirs=_contact("theirs"),
        method="post",
        data={"reason": "回访投诉"},
    ),
]


def _import(cast: Cast) -> dict[str, Any]:
    """Return the arguments of an import that waits for somebody to confirm it."""
    from zhike.core.models import RunState
    from zhike.core.runs import open_run
    from zhike.facts.models import Import

    run = open_run(cast.actor("emil"), "import")
    run.state = RunState.DONE
    run.save()
    return {"import_id": Import.objects.create(run=run, table="accounts", phase=Import.Phase.CHECKED).pk}


def _cycle(cast: Cast) -> dict[str, Any]:
    """Return the arguments of a cycle that failed: nothing of it is of one region."""
    from zhike.core.models import RunState
    from zhike.core.runs import open_run
    from zhike.insights.models import Cycle

    run = open_run(cast.actor("emil"), "cycle")
    run.state = RunState.FAILED
    run.save()
    return {"cycle_id": Cycle.objects.create(run=run, as_of=date(2026, 11, 23), state=Cycle.State.FAILED).pk}


CYCLES = [
    Row("cycles:list", "cycles.view"),
    Row("cycles:start", "cycles.run", **POSTED),
    Row("cycles:one", "cycles.view", ours=_cycle),
    Row("cycles:state", "cycles.view", ours=_cycle),
    Row("cycles:cancel", "cycles.run", ours=_cycle, **POSTED),
]


def _draft(cast: Cast) -> dict[str, Any]:
    """Return the arguments of a draft that waits for approval; the analyst wrote it."""
    from zhike.core import policies_drafts
    from zhike.core.policies import family_called

    family = family_called("completeness")
    assert family is not None
    body = family.seed_versions()[-1][1].model_copy(update={"network": 31})
    draft = policies_drafts.start_draft(cast.actor("emil"), family, body=body, valid_from=date(2098, 1, 1))
    return {"draft_id": policies_drafts.propose(cast.actor("emil"), draft.pk, edition=draft.edition).pk}


def _version(cast: Cast) -> dict[str, Any]:
    from zhike.core.actor import system_actor
    from zhike.core.policies import family_called, plant_seeds, policy_book

    plant_seeds(system_actor("table"))
    family = family_called("tiers")
    assert family is not None
    return {"family": "tiers", "version_id": policy_book().rows(family)[0].pk}


def _family(cast: Cast) -> dict[str, Any]:
    return {"family": "tiers"}


POLICIES = [
    Row("policies:list", "policies.view"),
    Row("policies:family", "policies.view", ours=_family),
    Row("policies:new", "policies.draft", ours=_family),
    Row("policies:compare", "policies.view", ours=_family),
    Row("policies:version", "policies.view", ours=_version),
    Row("policies:draft", "policies.view", ours=_draft),
    Row("policies:edit", "policies.draft", ours=_draft),
    Row("policies:preview", "policies.view", ours=_draft),
    Row(
        "policies:step",
        "policies.view",
        ours=lambda cast: {**_draft(cast), "verb": "propose"},
        method="post",
        answers=frozenset({302, 404, 422}),  # whoever only reads may take no step; others are told what is old
    ),
]

IMPORTS = [
    Row("facts:imports", "imports.view"),
    Row("facts:new", "imports.run"),
    Row("facts:import", "imports.view", ours=_import),
    Row("facts:state", "imports.view", ours=_import),
    Row("facts:confirm", "imports.run", ours=_import, **POSTED),
    Row("facts:cancel", "imports.run", ours=_import, **POSTED),
    Row("facts:retry", "imports.run", ours=_import, **POSTED),
    Row("facts:rejects", "imports.run", ours=_import, answers=frozenset({404})),
    Row("facts:tables", "imports.view"),
    Row("facts:table", "imports.view", ours=lambda cast: {"name": "usage_month"}),
    Row("facts:template", "imports.view", ours=lambda cast: {"name": "usage_month"}),
]


def _request(key: str, **more: Any) -> Arguments:
    """Return the arguments of a request that nobody owns, of an account of one side, with the canary on the other."""

    def arguments(cast: Cast) -> dict[str, Any]:
        from zhike.core.actor import system_actor
        from zhike.service.actions import take_in

        words = CANARY if key == "theirs" else "专线丢包"
        taken = take_in(
            system_actor("table"), channel="portal", kind="fault", text=words, account_code=cast.accounts[key].code
        )
        return {"number": taken.request.number, **more}

    return arguments


def request_row(name: str, permission: str, **more: Any) -> Row:
    """Return the row of an address of one request: another region's request exists for the analyst only."""
    extra = more.pop("arguments", {})
    return Row(
        name,
        permission,
        ours=_request("ours", **extra),
        theirs=_request("theirs", **extra),
        everywhere=frozenset({"emil"}) if permission == "requests.view" else frozenset(),
        **more,
    )


def _event(key: str) -> Arguments:
    """Return the arguments of a special event of one side."""

    def arguments(cast: Cast) -> dict[str, Any]:
        from zhike.core.actor import system_actor
        from zhike.service.actions_many import declare

        found = _request(key)(cast)
        declare(system_actor("table"), number=found["number"], special="crisis", words="多家受影响")
        return found

    return arguments


def _sample(key: str) -> Arguments:
    """Return the arguments of a closed request of one side that was drawn for inspection."""

    def arguments(cast: Cast) -> dict[str, Any]:
        from django.utils import timezone

        from zhike.service.models import QualitySample, Request

        found = _request(key)(cast)
        pk = Request.plain.get(number=found["number"]).pk
        QualitySample.plain.create(request_id=pk, drawn_at=timezone.now(), drawn_by_name="table")
        return found

    return arguments


REQUESTS = [
    Row("service:quality", "requests.view"),
    Row("service:quality_draw", "requests.quality", **POSTED),
    Row("service:quality_export", "requests.quality"),
    Row("service:quality_score", "requests.quality", ours=_sample("ours"), theirs=_sample("theirs")),
    Row("service:crises", "requests.view"),
    Row(
        "service:crisis",
        "requests.view",
        ours=_event("ours"),
        theirs=_event("theirs"),
        everywhere=frozenset({"emil"}),
    ),
    Row("service:crisis_link", "requests.supervise", ours=_event("ours"), theirs=_event("theirs"), **POSTED),
    Row(
        "service:crisis_tell",
        "requests.supervise",
        ours=_event("ours"),
        theirs=_event("theirs"),
        data={"words": "正在抢修"},
        **POSTED,
    ),
    Row("service:inbox", "requests.view"),
    Row("service:rows", "requests.view"),
    Row("service:own_next", "requests.take", **POSTED),
    Row("service:new", "requests.take"),
    Row("service:new_known", "requests.take", method="post", data={"number": "G1"}),
    Row("service:export", "accounts.export"),
    Row("service:many_take", "requests.take", ours=lambda cast: {"step": "own"}, answers=MOVED),
    Row("service:many_handle", "requests.handle", ours=lambda cast: {"step": "hand"}, answers=MOVED),
    Row("service:many_supervise", "requests.supervise", ours=lambda cast: {"step": "supervise"}, answers=MOVED),
    request_row("service:request", "requests.view"),
    request_row("service:own", "requests.take", **POSTED),
    request_row("service:say", "requests.handle", method="post", data={"words": "已联系"}, answers=MOVED),
    request_row("service:take", "requests.take", arguments={"step": "escalate"}),
    request_row("service:handle", "requests.handle", arguments={"step": "contact"}),
    request_row("service:call_back", "requests.call_back", arguments={"step": "verdict"}),
    request_row("service:supervise", "requests.supervise", arguments={"step": "supervise"}),
    request_row("service:file", "requests.view", arguments={"pk": 1}, answers=frozenset({404})),
    request_row(
        "service:show",
        "personal.show",
        arguments={"field": "caller_phone"},
        method="post",
        data={"reason": "回访客户用"},
    ),
]

ROWS: list[Row] = [*PEOPLE, *SIGNED_IN, *ACCOUNTS, *CYCLES, *POLICIES, *IMPORTS, *REQUESTS]

COMPANY = {"provider_id": "company"}
PUBLIC: list[PublicRow] = [
    PublicRow("account_login", 200, "the way in"),
    PublicRow("account_logout", 302, "leads to the way in"),
    PublicRow("account_inactive", 200, "says why somebody cannot sign in; shows nothing of them"),
    PublicRow("mfa_authenticate", 302, "the second step; without a first one it leads to the way in"),
    PublicRow("mfa_login_webauthn", 302, "signing in by passkey"),
    PublicRow("socialaccount_login_cancelled", 200, "says that the company sign-on was cancelled"),
    PublicRow("socialaccount_login_error", 401, "says that the company sign-on failed"),
    PublicRow("openid_connect_login", 404, "begins the company sign-on; no company is set up here", COMPANY),
    PublicRow("openid_connect_callback", 404, "ends the company sign-on; no company is set up here", COMPANY),
    PublicRow("set_language", 302, "changes the language of the page one is on"),
    PublicRow("core:health", 200, "tells the load balancer that the process answers"),
    PublicRow("core:kit", 404, "exists in development only"),
]
