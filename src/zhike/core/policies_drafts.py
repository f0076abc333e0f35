"""Drafts of rules: written, proposed, sent back, withdrawn, published. Refuses to decide on what was not looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.core.cache import cache
from django.utils import timezone
from pydantic import BaseModel, ValidationError

from zhike.core.actor import Actor, NotAllowed, require
from zhike.core.audit import audited
from zhike.core.models import PolicyDraft, PolicyVersion, Run
from zhike.core.policies import (
    Family,
    NoPolicy,
    PolicyRefused,
    Version,
    body_hash,
    family_called,
    lock_publishing,
    policy_book,
    publish,
)

VIEW, WRITE, PUBLISH = "policies.view", "policies.draft", "policies.publish"
State = PolicyDraft.State
OPEN = (State.DRAFT, State.PROPOSED)
BADGE_SECONDS = 30


# -- reading -------------------------------------------------------------------------------------------------------


def open_drafts(actor: Actor, family: Family[Any] | None = None) -> list[PolicyDraft]:
    """Return the drafts that are still to be decided, newest first: proposed ones, and one's own."""
    require(actor, VIEW)
    rows = PolicyDraft.objects.filter(state__in=OPEN).select_related("base")
    if family is not None:
        rows = rows.filter(family=family.name)
    return [row for row in rows.order_by("-pk") if row.state == State.PROPOSED or is_author(actor, row)]


def draft_of(actor: Actor, pk: int) -> PolicyDraft | None:
    """Return a draft; one that was not proposed yet is its author's alone."""
    require(actor, VIEW)
    row = PolicyDraft.objects.select_related("base", "version", "preview").filter(pk=pk).first()
    return row if row is not None and (row.state != State.DRAFT or is_author(actor, row)) else None


def waiting_for(actor: Actor) -> int:
    """Return how many proposed drafts wait for the actor's decision."""
    if not actor.may(PUBLISH):
        return 0
    return PolicyDraft.objects.filter(state=State.PROPOSED).exclude(author_id=actor.staff_id).count()


def waiting_badge(actor: Actor) -> int:
    """Return the same for the menu, which every page shows: at most half a minute old, so that pages do not ask."""
    return int(cache.get_or_set(f"policies.waiting.{actor.staff_id}", lambda: waiting_for(actor), BADGE_SECONDS) or 0)


def is_author(actor: Actor, draft: PolicyDraft) -> bool:
    """Return whether the actor wrote the draft."""
    return draft.author_id is not None and draft.author_id == actor.staff_id


def may_publish(actor: Actor, draft: PolicyDraft) -> bool:
    """Return whether the actor may publish this draft as it stands now."""
    if not actor.may(PUBLISH) or draft.state not in OPEN:
        return False
    if family_of(draft).second_person:
        return draft.state == State.PROPOSED and not is_author(actor, draft)
    return draft.state == State.PROPOSED or is_author(actor, draft)


def family_of(draft: PolicyDraft) -> Family[Any]:
    """Return the family of a draft."""
    family = family_called(draft.family)
    assert family is not None, draft.family
    return family


def day_of(draft: PolicyDraft) -> date:
    """Return the day from which the draft would hold if it were published now.

    A day that passed while the draft waited becomes today; only the correction of a version keeps its day.
    """
    begun = {row.valid_from for row in policy_book().rows(family_of(draft))}
    return draft.valid_from if not begun or draft.valid_from in begun else max(draft.valid_from, timezone.localdate())


def holding(family: Family[Any], day: date) -> Version[Any] | None:
    """Return the version that holds on a day, if any."""
    try:
        return policy_book().at(family, day)
    except NoPolicy:
        return None


def moved_on(draft: PolicyDraft) -> Version[Any] | None:
    """Return the version that replaced the one the draft is based on, or nothing where it still holds."""
    now = holding(family_of(draft), day_of(draft))
    return now if now is not None and now.pk != draft.base_id else None


# -- writing -------------------------------------------------------------------------------------------------------


def start_draft(actor: Actor, family: Family[Any], *, body: BaseModel, valid_from: date, note: str = "") -> PolicyDraft:
    """Write a new draft on the version that holds on the day.

    Raises
    ------
    PolicyRefused
        ``past``, ``unchanged``.
    """
    require(actor, WRITE)
    base = _base(family, valid_from)
    _check(family, valid_from, body, base)
    with audited(actor, "policies.draft"):
        return PolicyDraft.objects.create(
            family=family.name, body=body.model_dump(mode="json"), valid_from=valid_from, note=note[:300],
            base_id=base.pk if base else None, base_hash=base.body_hash if base else "",
            author=actor.name, author_id=actor.staff_id, second_person=family.second_person,
        )  # fmt: skip


def change_draft(
    actor: Actor, pk: int, *, edition: int, body: BaseModel, valid_from: date, note: str = ""
) -> PolicyDraft:
    """Replace what a draft says; one that was proposed is a draft again.

    Raises
    ------
    PolicyRefused
        ``over``, ``edition`` (somebody changed it meanwhile), ``past``, ``unchanged``, ``moved``.
    """
    require(actor, WRITE)
    with _held(actor, pk, "policies.draft", edition=edition, of_author=True) as draft:
        family = family_of(draft)
        base = _base(family, valid_from)
        if valid_from == draft.valid_from and base is not None and base.pk != draft.base_id:
            raise PolicyRefused("moved")
        _check(family, valid_from, body, base)
        draft.body, draft.valid_from, draft.note = body.model_dump(mode="json"), valid_from, note[:300]
        draft.base_id, draft.base_hash = (base.pk, base.body_hash) if base else (None, "")
        draft.state = State.DRAFT
        return draft


def propose(actor: Actor, pk: int, *, edition: int) -> PolicyDraft:
    """Lay a draft before whoever may publish it."""
    require(actor, WRITE)
    with _held(actor, pk, "policies.propose", edition=edition, of_author=True) as draft:
        if moved_on(draft):
            raise PolicyRefused("moved")
        draft.state, draft.remark = State.PROPOSED, ""
        return draft


def send_back(actor: Actor, pk: int, *, edition: int, remark: str) -> PolicyDraft:
    """Return a proposed draft to its author, with what is to be changed."""
    require(actor, PUBLISH)
    if not remark.strip():
        raise PolicyRefused("remark")
    with _held(actor, pk, "policies.send_back", edition=edition, reason=remark) as draft:
        if draft.state != State.PROPOSED or is_author(actor, draft):
            raise PolicyRefused("over")
        draft.state, draft.remark = State.DRAFT, remark.strip()[:300]
        draft.decided_by, draft.decided_by_id = actor.name, actor.staff_id
        return draft


def withdraw(actor: Actor, pk: int, *, edition: int) -> PolicyDraft:
    """Give a draft up; it stays readable."""
    require(actor, WRITE)
    with _held(actor, pk, "policies.withdraw", edition=edition, of_author=True) as draft:
        draft.state = State.WITHDRAWN
        return draft


def take_over_changes(actor: Actor, pk: int, *, edition: int) -> PolicyDraft:
    """Put a draft on the version that holds now: what the author did not change follows that version.

    Raises
    ------
    PolicyRefused
        ``unfit`` when both together contradict the schema: the author has to write it anew.
    """
    require(actor, WRITE)
    with _held(actor, pk, "policies.draft", edition=edition, of_author=True) as draft:
        family, now = family_of(draft), moved_on(draft)
        if now is None:
            raise PolicyRefused("over")
        base = PolicyVersion.objects.get(pk=draft.base_id).body if draft.base_id else {}
        joined = merged(base, draft.body, now.body.model_dump(mode="json"))
        try:
            body = family.schema.model_validate(joined)
        except ValidationError as failure:
            raise PolicyRefused("unfit") from failure
        draft.body = body.model_dump(mode="json")
        draft.base_id, draft.base_hash, draft.state = now.pk, now.body_hash, State.DRAFT
        return draft


def publish_draft(actor: Actor, pk: int, *, edition: int) -> PolicyVersion:
    """Make a draft a version, from its day on (or today, where that has passed).

    Raises
    ------
    PolicyRefused
        ``over``, ``edition``, ``second_person``, ``moved``, and what :func:`publish` refuses.
    """
    require(actor, PUBLISH)
    with _held(actor, pk, "policies.publish", edition=edition) as draft:
        family = family_of(draft)
        if draft.state == State.DRAFT and not is_author(actor, draft):
            raise NotAllowed(PUBLISH)
        if not may_publish(actor, draft):
            raise PolicyRefused("second_person")
        lock_publishing()
        if moved_on(draft):
            raise PolicyRefused("moved")
        version = publish(
            actor, family, valid_from=day_of(draft), body=family.schema.model_validate(draft.body), note=draft.note,
            author=None if is_author(actor, draft) else (draft.author_id, draft.author),
        )  # fmt: skip
        draft.state, draft.version, draft.second_person = State.PUBLISHED, version, family.second_person
        draft.decided_by, draft.decided_by_id = actor.name, actor.staff_id
        return version


def hold_preview(actor: Actor, draft: PolicyDraft, run: Run) -> None:
    """Remember the run that shows what a draft, as it stands, would change."""
    if not (actor.may(WRITE) or actor.may(PUBLISH)):
        raise NotAllowed(PUBLISH)
    with audited(actor, "policies.preview"):
        found = PolicyDraft.objects.filter(pk=draft.pk, edition=draft.edition, state__in=OPEN)
        if not found.update(preview=run, previewed_edition=draft.edition):
            raise PolicyRefused("edition")


def merged(base: Any, mine: Any, theirs: Any) -> Any:
    """Return theirs with what mine changed of the base; lists count as a whole unless all three are of one length.

    >>> merged({"a": 1, "b": [1, 2]}, {"a": 5, "b": [1, 2]}, {"a": 1, "b": [1, 9]})
    {'a': 5, 'b': [1, 9]}
    """
    if mine == base:
        return theirs
    if theirs == base:
        return mine
    if isinstance(base, dict) and isinstance(mine, dict) and isinstance(theirs, dict):
        absent = object()
        joined = {
            name: merged(base.get(name, absent), mine.get(name, absent), theirs.get(name, absent))
            for name in [*theirs, *(name for name in mine if name not in theirs)]
        }
        return {name: value for name, value in joined.items() if value is not absent}
    if (
        isinstance(base, list)
        and isinstance(mine, list)
        and isinstance(theirs, list)
        and len(base) == len(mine) == len(theirs)
    ):
        return [merged(*three) for three in zip(base, mine, theirs, strict=True)]
    return mine


@contextmanager
def _held(
    actor: Actor, pk: int, action: str, *, edition: int, reason: str = "", of_author: bool = False
) -> Iterator[PolicyDraft]:
    """Hold an open draft for a change and write it afterwards; what was decided on must be what is stored."""
    with audited(actor, action, reason=reason):
        draft = PolicyDraft.objects.select_for_update().filter(pk=pk).first()
        if draft is None or (of_author and not is_author(actor, draft)):
            raise NotAllowed(WRITE)
        if draft.state not in OPEN:
            raise PolicyRefused("over")
        if draft.edition != edition:
            raise PolicyRefused("edition")
        said, previewed = (draft.body, draft.valid_from), draft.previewed_edition == draft.edition
        yield draft
        draft.edition += 1
        if previewed and said == (draft.body, draft.valid_from):
            draft.previewed_edition = draft.edition  # what was tried is still what it says
        draft.save()


def _base(family: Family[Any], valid_from: date) -> Version[Any] | None:
    return holding(family, valid_from)


def _check(family: Family[Any], valid_from: date, body: BaseModel, base: Version[Any] | None) -> None:
    """Refuse early what could never be published."""
    begun = {row.valid_from for row in policy_book().rows(family)}
    if begun and valid_from < timezone.localdate() and valid_from not in begun:
        raise PolicyRefused("past", days=sorted(begun))
    if base is not None and body_hash(body) == base.body_hash:
        raise PolicyRefused("unchanged")
