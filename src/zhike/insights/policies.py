"""Families of rules that the cycle reads, as the library declares them. Refuses to change any."""

from __future__ import annotations

from datetime import date
from typing import Any

from zhike.core.policies import Family, NoPolicy, body_hash, policy_at, register
from zhike_analytics.contracts.policies import seed_path
from zhike_analytics.contracts.policies_decisions import FAMILIES, CyclePolicies

CYCLE_FAMILIES: dict[str, Family[Any]] = {
    name: register(Family(name, schema, seed_path(name), second_person=True)) for name, schema in FAMILIES.items()
}


def policies_on(day: date) -> tuple[CyclePolicies, dict[str, dict[str, Any]]]:
    """Return the rules that hold on a day, and how results cite them: hash, since when, which revision.

    An installation whose rules begin later (or that has none yet) is judged by the seeds.
    """
    bodies: dict[str, Any] = {}
    cited: dict[str, dict[str, Any]] = {}
    for name, family in CYCLE_FAMILIES.items():
        try:
            version = policy_at(family, day)
        except NoPolicy:
            holding = [one for one in family.seed_versions() if one[0] <= day] or family.seed_versions()[:1]
            since, body = holding[-1]
            bodies[name] = body
            cited[name] = {"hash": body_hash(body), "valid_from": since.isoformat(), "revision": 0}
        else:
            bodies[name] = version.body
            cited[name] = {
                "hash": version.body_hash, "valid_from": version.valid_from.isoformat(), "revision": version.revision,
            }  # fmt: skip
    return CyclePolicies(**bodies), cited
