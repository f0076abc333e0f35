"""Who speaks for an account, how much their word weighs, and our tie to them. Refuses our own staff (see roster)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from zhike_analytics.datasets.holdings import Holdings
from zhike_analytics.datasets.names import Names, people
from zhike_analytics.datasets.population import Population, account_codes
from zhike_analytics.datasets.randomness import Integers
from zhike_analytics.datasets.schema import Writers
from zhike_analytics.datasets.seeds_reader import cities, kinds, seed
from zhike_analytics.datasets.spec import dates
from zhike_analytics.datasets.staffing import Staffing, position_codes
from zhike_analytics.datasets.text import digits, join, laid_out, numbers, pick, where

COUNT = np.array([6, 5, 4, 3, 2, 1])
"""People known of an account, by tier."""
_TITLE_SETS = ("enterprise", "small", "public")
_MET_DAYS = np.array([18, 30, 60, 90, 150, 300])


def person_index(account: Integers, number: Integers) -> Integers:
    """Return by which number a contact draws name and birthday."""
    return np.asarray(account * 8 + number)


def known(population: Population, rows: Integers) -> Integers:
    """Return how many contacts of each of `rows` we know: fewer where archives are kept badly."""
    kept = 0.55 + 0.6 * population.diligence[rows]
    most = COUNT[population.tier[rows]]
    return np.asarray(np.clip(np.rint(most * kept), 1, most).astype(np.int64))


def contact_codes(number: Integers) -> pa.Array:
    """Return codes of contacts from their numbers."""
    return laid_out("P", digits(number + 1, 3))


def write_contacts(held: Holdings, names: Names, staffing: Staffing, writers: Writers) -> None:
    """Write the contacts of the chunk's accounts."""
    population, rows = held.population, held.rows
    spec, stream = population.spec, population.spec.stream("contacts")
    count = known(population, rows)
    row = np.repeat(np.arange(len(rows)), count)
    number = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    account = rows[row]
    # A second entry of an account names the same people.
    source = np.where(population.duplicate_of[account] >= 0, population.duplicate_of[account], account)
    index = person_index(source, number)
    name, box, _ = people(stream, index)
    title, department, role = _titles(population, account, number)
    decides = np.asarray(role == 0)
    manager = staffing.manager[account]
    warmth = 0.65 * population.loyalty[account] + 0.5 * population.diligence[account] + 0.55 * stream.noise(index, 40)
    tied = (manager >= 0) & ~population.prospect[account] & (warmth > np.where(decides, 0.15, -0.55))
    strength = np.where(tied, np.clip(np.rint(2.6 + 1.3 * warmth), 1, 5), 0).astype(np.int64)
    ago = 2 + np.floor(2 * _MET_DAYS[population.tier[account]] * stream.uniform(index, 41)).astype(np.int64)
    met = tied & (spec.today_day - ago > population.since_day[account])
    born = (stream.integers(index, 1962, 2000, 42) - 1970) * 365 + stream.integers(index, 0, 365, 43)
    mail = join(box, numbers(number + 1), "@", names.domains(account), ".example")
    columns: dict[str, Any] = {
        "account_code": account_codes(account),
        "contact_code": contact_codes(number),
        "name": name,
        "title": title,
        "department": department,
        "decision_role": pick(("decides", "influences", "uses", "handles"), role),
        "mobile": where(
            stream.chance(index, np.where(decides, 0.75, 0.95), 44),
            join(pick(("138", "139", "136", "159", "188"), stream.integers(index, 0, 5, 45)),
                 numbers(stream.integers(index, 0, 10**8, 46), 8)),
        ),
        "phone": where(
            stream.chance(index, 0.5, 47),
            join(pick([one.dialling for one in cities()], population.city[account]), "-8",
                 numbers(stream.integers(index, 0, 10**7, 48), 7)),
        ),
        "email": where(stream.chance(index, np.where(population.tier[account] < 4, 0.75, 0.35), 49), mail),
        "wechat": where(tied & stream.chance(index, 0.6, 50), join(box, "_", numbers(index % 997))),
        "reports_to": where(number > 0, pick(("P001", "P002"), np.where((number == 2) & ~decides, 1, 0))),
        "traits": where(
            stream.chance(index, population.diligence[account], 51),
            pick(seed("sentences")["traits"], stream.integers(index, 0, len(seed("sentences")["traits"]), 52)),
        ),
        "birthday": dates(born, (population.tier[account] <= 3) & stream.chance(index, 0.5, 53)),
        "tie_staff_code": where(tied, position_codes(staffing).take(pa.array(np.maximum(manager, 0)))),
        "tie_strength": strength,
        "last_met": dates(spec.today_day - ago, met),
        "consent": stream.chance(index, 0.78, 54),
    }  # fmt: skip
    writers.write("contacts", columns)


def _titles(population: Population, account: Integers, number: Integers) -> tuple[pa.Array, pa.Array, Integers]:
    """Return titles, departments and roles (0 decides, 1 influences, 2 uses, 3 handles)."""
    sets = seed("sentences")["titles"]
    public = np.array([one.ownership in {"government", "military", "institution"} for one in kinds()])
    small = population.tier[account] >= 4
    which = np.where(public[population.kind[account]], 2, np.where(small, 1, 0)) * 6 + number
    flat = [title for name in _TITLE_SETS for title in sets[name]]
    roles = np.array([("decides", "influences", "uses", "handles").index(one[2]) for one in flat])
    departments = pick([one[1] for one in flat], which)
    return (
        pick([one[0] for one in flat], which),
        where(np.array([one[1] != "" for one in flat])[which], departments),
        roles[which],
    )
