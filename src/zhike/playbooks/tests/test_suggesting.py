"""Which step is suggested, what it is worth, and how an account is spared; rules that make no sense are refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from zhike.playbooks.rules import FAMILY, PlaybookPolicy
from zhike.playbooks.suggesting import Chooser, Decided, Signal, Situation, Suggestion

TODAY = date(2026, 11, 23)
SEED = FAMILY.seed_versions()[-1][1]
LARGE = Situation(1, tier="A1", bill_fen=8_000_000)
SMALL = Situation(2, tier="C", bill_fen=200_000)


def contract(level: str = "red", days: int = 20) -> Signal:
    """Return the signal of a contract that ends."""
    end = TODAY + timedelta(days)
    return Signal("contract_end", level, f"{end}", None, {"ends_on": f"{end}"}, end)


def steps(
    account: Situation, *signals: Signal, earlier: list[Decided] | None = None, policy: PlaybookPolicy = SEED
) -> list[Suggestion]:
    """Return what is suggested for an account with these signals."""
    return Chooser(policy).suggestions(replace(account, signals=signals), earlier or [], today=TODAY)


def decided(rule: str, episode: str, state: str = "done", level: str = "yellow", days_ago: int = 3) -> Decided:
    """Return an earlier decision."""
    return Decided(rule, episode, state, level, TODAY - timedelta(days_ago))


@pytest.mark.parametrize("signal", ["contract_end", "bill_fall", "competitor_seen", "usage_fall", "rival_share"])
def test_large_accounts_hear_of_solutions_and_small_ones_of_price(signal: str) -> None:
    known = Signal(signal, "red", "x", 50_000_000)
    (large,) = steps(replace(LARGE, rival_fen=9_000_000), known)
    (small,) = steps(replace(SMALL, rival_fen=9_000_000), known)
    assert large.playbook.code != small.playbook.code
    assert not set("价折惠") & set(large.playbook.say.zh.replace("不先谈价", "")), large.playbook.say.zh
    assert set("价折惠让套") & set(small.playbook.say.zh), small.playbook.say.zh


def test_worth_is_stake_times_help_times_share_times_urgency() -> None:
    (one,) = steps(LARGE, contract("yellow", 60))
    book = one.playbook
    assert one.stake_fen == 12 * 8_000_000
    assert one.expected_fen == round(one.stake_fen * book.helps * book.saves * SEED.urgency["yellow"])


def test_the_alerts_own_money_is_the_stake_where_it_is_known() -> None:
    (one,) = steps(LARGE, Signal("bill_fall", "red", "x", 3_000_000))
    assert one.stake_fen == 3_000_000


def test_what_is_worth_next_to_nothing_is_not_told() -> None:
    assert steps(replace(SMALL, bill_fen=100), contract()) == []
    assert steps(replace(SMALL, bill_fen=None), contract()) == []


def test_nobody_is_asked_to_act_after_the_contract_has_ended() -> None:
    (one,) = steps(LARGE, contract(days=1))
    assert one.due_on == TODAY + timedelta(1)
    (past,) = steps(LARGE, contract(days=-5))
    assert past.due_on == TODAY


def test_no_more_items_stand_at_an_account_than_the_limit() -> None:
    signals = [Signal(name, "yellow", "x", 90_000_000) for name in ("bill_fall", "usage_fall", "complaints", "silent")]
    found = steps(LARGE, *signals)
    assert len(found) == SEED.limits.open_items == 3
    assert [one.playbook.priority for one in found] == sorted((one.playbook.priority for one in found), reverse=True)


def test_finishing_one_makes_room_for_the_next() -> None:
    signals = [Signal(name, "yellow", "x", 90_000_000) for name in ("bill_fall", "usage_fall", "complaints", "silent")]
    first = {one.signal.name for one in steps(LARGE, *signals)}
    then = {one.signal.name for one in steps(LARGE, *signals, earlier=[decided("complaints", "x")])}
    assert then - first == {"usage_fall"}
    assert "complaints" not in then


def test_what_is_put_off_stays_and_takes_nobodys_place() -> None:
    signals = [Signal(name, "yellow", "x", 90_000_000) for name in ("bill_fall", "usage_fall", "complaints", "silent")]
    found = steps(LARGE, *signals, earlier=[decided("complaints", "x", "postponed")])
    assert {one.signal.name for one in found} == {"bill_fall", "usage_fall", "complaints", "silent"}


def test_a_signal_that_was_dealt_with_rests_even_in_a_new_episode() -> None:
    assert steps(LARGE, contract("yellow"), earlier=[decided("contract_end", "other")]) == []
    assert steps(LARGE, contract("yellow"), earlier=[decided("contract_end", "other", days_ago=15)]) != []


def test_what_reddens_after_it_was_dealt_with_is_told_again() -> None:
    assert steps(LARGE, contract("red"), earlier=[decided("contract_end", "other", level="yellow")]) != []
    assert steps(LARGE, contract("red"), earlier=[decided("contract_end", "other", level="red")]) == []


def test_an_account_touched_often_hears_of_red_signals_only() -> None:
    touches = [decided(f"r{number}", "x") for number in range(SEED.limits.touches)]
    assert steps(LARGE, contract("yellow"), earlier=touches) == []
    assert steps(LARGE, contract("red"), earlier=touches) != []
    assert steps(LARGE, contract("yellow"), earlier=touches[1:]) != []


def test_dismissing_is_no_touch() -> None:
    refused = [decided(f"r{number}", "x", "dismissed") for number in range(20)]
    assert steps(LARGE, contract("yellow"), earlier=refused) != []


def test_conditions_say_which_accounts_a_playbook_is_for() -> None:
    body = SEED.model_dump()
    book = next(one for one in body["playbooks"] if one["code"] == "escalated")
    book["when"] = {
        "sizes": ["huge"],
        "ownership": ["government"],
        "lifecycles": ["active"],
        "levels": ["red"],
        "bill_from_fen": 5,
    }
    body["playbooks"] = [book]
    policy = PlaybookPolicy.model_validate(body)
    fits = replace(LARGE, size="huge", ownership="government", lifecycle="active")
    told = Signal("escalated", "red", "x", 90_000_000)
    assert len(steps(fits, told, policy=policy)) == 1
    for other in (
        {"size": "small"}, {"ownership": "military"}, {"lifecycle": "silent"}, {"bill_fen": 4}, {"bill_fen": None},
    ):  # fmt: skip
        assert steps(replace(fits, **other), told, policy=policy) == [], other
    assert steps(fits, replace(told, level="yellow"), policy=policy) == []


def spoilt(**changes: Any) -> dict[str, Any]:
    """Return the seed with something wrong in its first playbook, or beside them."""
    body = SEED.model_dump()
    for name, value in changes.items():
        if name in body:
            body[name] = value
        else:
            body["playbooks"][0][name] = value
    return body


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"signal": "weather"}, "no such signal"),
        ({"verb": "teleport"}, "no such verb"),
        ({"helps": 1.5}, "less than or equal to 1"),
        ({"due_days": {"red": 1}}, "every level"),
        ({"when": {"tiers": ["Z9"]}}, "unknown codes"),
        ({"code": "renew_small"}, "used twice"),
        ({"urgency": {"red": 0.1, "yellow": 0.5, "plain": 0.2}}, "less urgent"),
        ({"urgency": {"red": 1}}, "urgency needs"),
        ({"playbooks": []}, "at least 1"),
        ({"words": "extra"}, "Extra inputs"),
    ],
)
def test_rules_that_make_no_sense_are_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        PlaybookPolicy.model_validate(spoilt(**changes))


def test_a_playbook_that_could_never_speak_is_refused() -> None:
    body = SEED.model_dump()
    small = next(one for one in body["playbooks"] if one["code"] == "renew_small")
    small["priority"] = 99
    with pytest.raises(ValidationError, match=r"renew_large.*never applies"):
        PlaybookPolicy.model_validate(body)


NAMES = sorted({one.signal for one in SEED.playbooks})


@given(
    st.lists(
        st.builds(
            Signal, st.sampled_from(NAMES), st.sampled_from(["red", "yellow", "plain"]), st.sampled_from(["a", "b"]),
            st.none() | st.integers(-(10**12), 10**15),
        ),
        max_size=12, unique_by=lambda one: (one.name, one.episode),
    ),
    st.lists(
        st.builds(
            Decided, st.sampled_from(NAMES), st.sampled_from(["a", "b"]),
            st.sampled_from(["done", "dismissed", "postponed"]), st.sampled_from(["red", "yellow"]),
            st.dates(TODAY - timedelta(60), TODAY),
        ),
        max_size=10,
    ),
    st.sampled_from(["A1", "B2", "D", ""]), st.none() | st.integers(-(10**9), 10**12),
)  # fmt: skip
def test_whatever_comes_the_limits_hold(
    signals: list[Signal], earlier: list[Decided], tier: str, bill: int | None
) -> None:
    found = steps(Situation(1, tier=tier, bill_fen=bill), *signals, earlier=earlier)
    states = {(one.rule, one.episode): one.state for one in earlier}
    put_off = [one for one in found if states.get((one.signal.name, one.signal.episode)) == "postponed"]
    assert len(found) - len(put_off) <= SEED.limits.open_items
    for one in found:
        assert states.get((one.signal.name, one.signal.episode)) not in {"done", "dismissed"}
        assert SEED.least_expected_fen <= one.expected_fen <= one.stake_fen
        assert one.due_on >= TODAY
