"""Suggests steps from the latest figures and alerts, and pushes them into the worklist. Refuses to decide anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from zhike.core.actor import Actor
from zhike.core.policies import NoPolicy, body_hash, policy_at
from zhike.insights.queries import current
from zhike.playbooks.jobs import suggest as suggest_job
from zhike.playbooks.rules import FAMILY, KIND_OF, PlaybookPolicy
from zhike.playbooks.situations import decisions, situations
from zhike.playbooks.suggesting import Chooser, Situation, Suggestion
from zhike.worklist.actions import Busy, Incoming, Pushed, push

SOURCE = "playbooks"
MOST_AT_ONCE = 200
"""Accounts whose steps are looked at again in the transaction that changed them; more wait for the job."""


def policy_on(day: date) -> tuple[PlaybookPolicy, str]:
    """Return the playbooks that hold on a day, with the hash by which items cite them."""
    try:
        version = policy_at(FAMILY, day)
    except NoPolicy:
        body = FAMILY.seed_versions()[-1][1]
        return body, body_hash(body)
    return version.body, version.body_hash


def suggest(actor: Actor, *, today: date | None = None, ids: Sequence[int] | None = None, wait: bool = True) -> Pushed:
    """Push the steps that all accounts need now (or some of them); what no longer asks for a step is over.

    Raises
    ------
    Busy
        When all accounts are being looked at just now and `wait` is false.
    """
    today = today or timezone.localdate()
    return push(actor, SOURCE, _rows(today, ids), today=today, account_ids=ids, wait=wait)


def _rows(today: date, ids: Sequence[int] | None) -> Iterator[Incoming]:
    """Yield rows for the worklist; read within the transaction of the push, so that they are of one moment."""
    published = current()
    if published is None:
        return
    policy, cited = policy_on(today)
    chooser = Chooser(policy)
    earlier = decisions(SOURCE, today=today, ids=ids)
    for account in situations(
        policy.thresholds, publication=published.pk, cycle=published.cycle_id, today=today, ids=ids
    ):
        if account.signals:
            for one in chooser.suggestions(account, earlier.get(account.account_id, ()), today=today):
                yield _row(account, one, cited)


def _row(account: Situation, one: Suggestion, cited: str) -> Incoming:
    playbook = one.playbook
    return Incoming(
        account.account_id,
        rule=one.signal.name,
        episode=one.signal.episode,
        kind=KIND_OF.get(one.signal.name, "alert"),
        due_on=one.due_on,
        level=one.signal.level,
        verb=playbook.verb,
        advice={
            "zh": playbook.say.zh, "en": playbook.say.en, "label_zh": playbook.label.zh, "label_en": playbook.label.en,
        },
        evidence={
            **one.signal.evidence,
            "income_fen": account.income_fen,
            "gain": playbook.gain,
            "playbook": playbook.code,
            "policy": cited,
            "helps": playbook.helps,
            "saves": playbook.saves,
            "urgency": one.urgency,
        },
        stake_fen=one.stake_fen,
        expected_fen=one.expected_fen,
    )  # fmt: skip


# -- following what is published and what people change --------------------------------------------------------------


def published(*, actor: Actor, **_facts: Any) -> None:
    """Suggest anew once the figures are shown: in a job, so that the swap stays short and never fails for it."""
    suggest_job.enqueue(actor, lock="playbooks.suggest")


def policy_published(*, actor: Actor, family: str, valid_from: date, **_facts: Any) -> None:
    """Suggest anew by changed playbooks that hold already; later ones are taken up by the night before them."""
    if family == FAMILY.name and not actor.is_system and valid_from <= timezone.localdate():
        suggest_job.enqueue(actor, lock="playbooks.suggest")


def accounts_changed(*, actor: Actor, account_ids: Iterable[int], **_facts: Any) -> None:
    """Suggest anew for accounts that people changed: a gap that was filled is no longer asked for.

    While all accounts are being looked at, nobody waits for that: these follow after it.
    """
    ids = sorted(set(account_ids))
    if len(ids) > MOST_AT_ONCE:
        suggest_job.enqueue(actor, lock="playbooks.suggest")
    elif ids:
        try:
            suggest(actor, ids=ids, wait=False)
        except Busy:
            suggest_job.enqueue(actor, lock="playbooks.suggest", ids=ids)
