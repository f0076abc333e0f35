"""Rules as data: what an operator may and may not write."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from zhike_analytics.contracts.ahp import weights_of
from zhike_analytics.contracts.policies import ValuePolicy
from zhike_analytics.contracts.policies_decisions import AlertPolicy, TierPolicy, default_policies

RATIOS = st.floats(min_value=1 / 9, max_value=9)


def changed(name: str, path: str, value: Any) -> dict[str, Any]:
    """Return the default body of a family with one value changed."""
    body = getattr(default_policies(), name).model_dump(mode="json")
    place = body
    *way, last = path.split(".")
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place[int(last) if isinstance(place, list) else last] = value
    return body


def test_default_weights_are_those_of_the_comparisons() -> None:
    found = default_policies().value.ahp
    assert [round(one, 2) for one in found.weights.values()] == [0.54, 0.30, 0.16]
    assert found.consistency_ratio == pytest.approx(0.008, abs=0.001)


@given(RATIOS, RATIOS, RATIOS)
def test_weights_are_positive_and_sum_to_one(ab: float, ac: float, bc: float) -> None:
    found = weights_of("abc", {("a", "b"): ab, ("a", "c"): ac, ("b", "c"): bc})
    assert sum(found.weights.values()) == pytest.approx(1)
    assert min(found.weights.values()) > 0


@given(st.lists(st.floats(min_value=1, max_value=3), min_size=3, max_size=3))
def test_comparisons_that_agree_give_back_their_weights(raw: list[float]) -> None:
    whole = sum(raw)
    names = ("a", "b", "c")
    weight = dict(zip(names, raw, strict=True))
    pairs = {(x, y): weight[x] / weight[y] for x, y in (("a", "b"), ("a", "c"), ("b", "c"))}
    found = weights_of(names, pairs)
    assert found.consistency_ratio == pytest.approx(0, abs=1e-6)
    for name in names:
        assert found.weights[name] == pytest.approx(weight[name] / whole)


def test_comparisons_that_contradict_one_another_are_refused_with_their_ratio() -> None:
    with pytest.raises(ValidationError, match="consistency ratio"):
        ValuePolicy.model_validate(changed("value", "comparisons.1.ratio", 1 / 9))


def test_ability_to_pay_may_not_outweigh_social_standing() -> None:
    body = changed("value", "comparisons.2", {"more": "standing", "less": "ability", "ratio": 0.5})
    body["comparisons"][1] = {"more": "contribution", "less": "ability", "ratio": 1.0}
    with pytest.raises(ValidationError, match="must outweigh"):
        ValuePolicy.model_validate(body)


@pytest.mark.parametrize(
    ("family", "path", "value", "said"),
    [
        (AlertPolicy, "rules.overdue.unit", "%", "unit of overdue must be days"),
        (AlertPolicy, "rules.bill_fall.red", 5, "worse than yellow"),
        (AlertPolicy, "rules.bill_fall.red", 3000, "must lie within"),
        (AlertPolicy, "rules.contract_end.red", 120, "worse than yellow"),
        (TierPolicy, "tiers.5.score_from", 10, "no gaps"),
        (TierPolicy, "tiers.1.score_from", 90, "not below"),
        (TierPolicy, "tiers.1.bill_from_fen", 20_000_000, "not below"),
        (TierPolicy, "tiers.0.service_level", "platinum", "service"),
        (ValuePolicy, "standing.shares.size", 0.5, "sum to 1"),
        (ValuePolicy, "curves.rate.points", [0, 50, 40, 70, 85, 100], "not fall"),
        (ValuePolicy, "levels.credit", {"A": 1}, "every code"),
        (ValuePolicy, "comparisons", [], "no comparison"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_in_words(family: Any, path: str, value: Any, said: str) -> None:
    name = {AlertPolicy: "alerts", TierPolicy: "tiers", ValuePolicy: "value"}[family]
    with pytest.raises(ValidationError, match=said):
        family.model_validate(changed(name, path, value))


def test_a_changed_rule_has_another_fingerprint() -> None:
    before = default_policies().alerts
    after = AlertPolicy.model_validate(changed("alerts", "rules.overdue.yellow", 16))
    assert before.fingerprint != after.fingerprint
    assert before.fingerprint == AlertPolicy.model_validate(before.model_dump(mode="json")).fingerprint
