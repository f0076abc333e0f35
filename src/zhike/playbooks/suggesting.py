"""Which steps an account needs now, what each is worth, and how much the account is spared. Plain values in and out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from zhike.playbooks.rules import LEVELS, Playbook, PlaybookPolicy

DECIDED = ("done", "dismissed")


@dataclass(frozen=True, slots=True)
class Signal:
    """Something about an account that may ask for a step. `episode` tells this time from another."""

    name: str
    level: str
    episode: str
    stake_fen: int | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    latest: date | None = None  # after this day the step comes too late


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of an account, as far as conditions ask; unknown money is nothing. A year is twelve last months."""

    account_id: int
    tier: str = ""
    size: str = ""
    ownership: str = ""
    lifecycle: str = ""
    bill_fen: int | None = None
    rival_fen: int = 0
    share_permille: int | None = None
    signals: Sequence[Signal] = ()

    @property
    def income_fen(self) -> int:
        """Twelve months of the last bill."""
        return 12 * max(self.bill_fen or 0, 0)


@dataclass(frozen=True, slots=True)
class Decided:
    """What people did with an earlier item of the account."""

    rule: str
    episode: str
    state: str
    level: str
    on: date


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One step: by which playbook, on which signal, with what at stake and what acting now is worth."""

    playbook: Playbook
    signal: Signal
    stake_fen: int
    expected_fen: int
    urgency: float
    due_on: date


class Chooser:
    """The playbooks of one policy, ordered by signal."""

    def __init__(self, policy: PlaybookPolicy) -> None:
        self.policy = policy
        self._of: dict[str, list[Playbook]] = {}
        for one in sorted(policy.playbooks, key=lambda one: -one.priority):
            self._of.setdefault(one.signal, []).append(one)

    def suggestions(self, account: Situation, earlier: Sequence[Decided], *, today: date) -> list[Suggestion]:
        """Return the steps for an account: what is put off stays, of the rest no more than the limits allow."""
        found = [one for signal in account.signals if (one := self._step(account, signal, today)) is not None]
        found.sort(key=lambda one: (-one.playbook.priority, -one.expected_fen, one.signal.name))
        states = {(one.rule, one.episode): one.state for one in earlier}
        limits = self.policy.limits
        since = today - timedelta(days=limits.touch_days)
        touched = sum(1 for one in earlier if one.state == "done" and one.on > since) >= limits.touches
        kept: list[Suggestion] = []
        shown = 0
        for one in found:
            state = states.get((one.signal.name, one.signal.episode))
            if state == "postponed":
                kept.append(one)
            elif state is None and shown < limits.open_items and not self._spared(one, earlier, touched, today):
                kept.append(one)
                shown += 1
        return kept

    def _step(self, account: Situation, signal: Signal, today: date) -> Suggestion | None:
        for playbook in self._of.get(signal.name, ()):
            if _fits(playbook, account, signal):
                break
        else:
            return None
        stake = {"income": account.income_fen, "rival": 12 * account.rival_fen}.get(playbook.stake)
        if stake is None:
            stake = max(account.income_fen if signal.stake_fen is None else signal.stake_fen, 0)
        urgency = self.policy.urgency[signal.level]
        expected = round(stake * playbook.helps * playbook.saves * urgency)
        if expected < self.policy.least_expected_fen:
            return None
        due = today + timedelta(days=playbook.due_days[signal.level])
        due = due if signal.latest is None else max(min(due, signal.latest), today)
        return Suggestion(playbook, signal, stake, expected, urgency, due)

    def _spared(self, one: Suggestion, earlier: Iterable[Decided], touched: bool, today: date) -> bool:
        """Tell whether the account is left in peace: touched often lately, or this very signal was dealt with."""
        red = one.signal.level == "red"
        if touched and not red:
            return True
        since = today - timedelta(days=self.policy.limits.rest_days)
        return any(
            before.rule == one.signal.name
            and before.state in DECIDED
            and before.on > since
            and not (red and before.level != "red")
            for before in earlier
        )


def _fits(playbook: Playbook, account: Situation, signal: Signal) -> bool:
    when = playbook.when
    return (
        (not when.tiers or account.tier in when.tiers)
        and (not when.sizes or account.size in when.sizes)
        and (not when.ownership or account.ownership in when.ownership)
        and (not when.lifecycles or account.lifecycle in when.lifecycles)
        and (not when.levels or signal.level in when.levels)
        and (when.bill_from_fen is None or (account.bill_fen or 0) >= when.bill_from_fen)
    )


def level_of(name: str) -> str:
    """Return a level as playbooks know it.

    >>> level_of("red"), level_of("")
    ('red', 'plain')
    """
    return name if name in LEVELS else "plain"
