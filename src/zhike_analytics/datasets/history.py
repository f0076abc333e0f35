"""What happens to the accounts month by month: complaints, leaving, shrinking. Owns the hidden causes; refuses rows.

Leaving is a monthly hazard: the yearly loss of the tier (domain §4) times a relative risk that follows hidden traits
and events, scaled so that each tier loses what it should. It runs some months past the present, so that the truth
knows who is about to leave.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhike_analytics.datasets import mix
from zhike_analytics.datasets.clusters import Clusters
from zhike_analytics.datasets.planted import Planted, planted
from zhike_analytics.datasets.population import Bools, Population, level
from zhike_analytics.datasets.randomness import Floats, Integers
from zhike_analytics.datasets.seeds_reader import districts
from zhike_analytics.datasets.spec import HORIZON, logistic
from zhike_analytics.datasets.staffing import Staffing

NEVER = 9999
YEARLY_LOSS = np.array([0.02, 0.02, 0.04, 0.04, 0.08, 0.15])
_COMPLAINTS_A_YEAR = np.array([3.2, 1.9, 1.0, 0.55, 0.20, 0.06])
CAUSES = (
    "response",
    "quality",
    "convenience",
    "transparency",
    "promise",
    "personalisation",
    "price",
    "closure",
    "neighbour",
)


@dataclass(frozen=True)
class Breadth:
    """What the simulation must know of the products an account uses."""

    products: Integers
    classes: Integers
    has_line: Bools
    has_mobile: Bools


@dataclass(frozen=True)
class History:
    """One element (or row of months) an account."""

    left: Integers  # month number of leaving; NEVER when not before the end of the simulation
    cause: Integers  # position in CAUSES, −1
    decline_months: Integers  # how long use falls before leaving
    decline_depth: Floats
    silent_months: Integers  # how many last months have no use at all
    dormant_from: Integers  # month from which a customer who stays stops using
    shrunk: Integers  # month in which a competitor takes the largest service
    contract_term: Integers  # months of the main contract
    contract_phase: Integers  # month numbers ≡ phase (mod term) are last months of a contract
    contract_ahead: Integers  # how many months before the end the account signs again; 0: when it has ended
    contract_lapsed: Bools  # whether the last contract ran out unsigned, and use goes on from month to month
    complaints: np.ndarray[
        tuple[int, int, int], np.dtype[np.uint8]
    ]  # account × month × cause (0 ordinary, then planted)


def breadth_of(population: Population) -> Breadth:
    """Return the breadth of use of all accounts, worked out in batches."""
    size = len(population)
    products, classes = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    line, mobile = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    base = mix.families()
    for start in range(0, size, population.spec.batch):
        rows = np.arange(start, min(size, start + population.spec.batch), dtype=np.int64)
        table = mix.usage_table(mix.build(population, rows), len(rows)) > 0
        products[rows] = table.sum(axis=1)
        classes[rows] = sum(table[:, base.class_number == number].any(axis=1).astype(np.int64) for number in range(3))
        line[rows], mobile[rows] = table[:, base.number("dia")], table[:, base.number("mobile")]
    return Breadth(products, classes, line, mobile)


def simulate(population: Population, staffing: Staffing, clusters: Clusters) -> History:
    """Run the months."""
    spec = population.spec
    stream = spec.stream("history")
    rows = np.arange(len(population), dtype=np.int64)
    breadth = breadth_of(population)
    causes = planted(spec)
    concerned = np.stack([_concerned(population, breadth, one) for one in causes], axis=1)
    term = np.array([12, 24, 36])[stream.choice_by(rows, _TERMS[population.tier] * commitment(population, rows), 0)]
    phase = np.floor(stream.uniform(rows, 1) * term).astype(np.int64)
    # Who means to stay signs again well before the end; who looks around lets the contract run out.
    eager = np.rint(1.4 + 1.5 * population.loyalty + stream.noise(rows, 9))
    ahead = np.clip(eager, 0, np.where(population.tier <= 3, 6, 4)).astype(np.int64)
    drifts = logistic(
        np.where(population.tier <= 3, -2.4, -1.7) - 1.6 * population.loyalty + 0.3 * population.price_sensitivity
    )
    lapsed = stream.chance(rows, drifts, 10)
    changed = np.where(staffing.manager >= 0, staffing.changed_month[staffing.manager], -1)
    left = np.full(len(rows), NEVER, dtype=np.int64)
    shrunk = left.copy()
    cause = np.full(len(rows), -1, dtype=np.int64)
    counts = np.zeros((len(rows), spec.months + 1, 1 + len(causes)), dtype=np.uint8)
    grief = np.zeros(len(rows))
    # Who is looked after stays longer, the more so the better that account responds to care.
    cared = 2.4 * (population.diligence - 0.5) * level(population.care_response)
    rate = 1 - (1 - YEARLY_LOSS) ** (1 / 12)
    for month in range(spec.months + HORIZON + 1):
        here = (population.joined <= month) & (left > month)
        if month <= spec.months:
            # The current month is 22 days old.
            counts[:, month] = (
                _complaints(population, causes, concerned, here, month)
                if month < spec.months
                else (_complaints(population, causes, concerned, here, month, 22 / 30))
            )
        grief = 0.6 * grief + counts[:, min(month, spec.months)].sum(axis=1)
        ending = ((phase - month) % term <= 1) & (ahead < 2)
        fresh_manager = (changed >= 0) & (month - changed >= 0) & (month - changed <= 4)
        buyer_gone = (
            (clusters.main_buyer >= 0) & (left[clusters.main_buyer] <= month) & (month - left[clusters.main_buyer] <= 8)
        )
        risk = np.exp(
            0.95 * population.attraction - 0.85 * population.loyalty + 0.30 * population.price_sensitivity
            - 0.35 * population.payment_morale - 0.30 * breadth.classes
            + np.minimum(grief, 4.0) * np.clip(0.55 + 0.25 * population.irritability, 0.1, 1.2)
            + ending * np.clip(0.9 + 0.5 * population.price_sensitivity, 0, 2.5) + 0.3 * lapsed
            + 0.75 * fresh_manager + 1.4 * buyer_gone - 1.2 * population.growth - cared
        )  # fmt: skip
        young = month - population.joined < 5
        risk *= np.where(young, 0.15, 1.0)
        hazard = _scaled(risk, here, population.tier, rate)
        leaves = here & (stream.uniform(rows, 1000 + month) < hazard)
        left[leaves] = month
        cause[leaves] = _causes(
            population, rows[leaves], grief[leaves], ending[leaves], fresh_manager[leaves], concerned[leaves],
            buyer_gone[leaves], month,
        )  # fmt: skip
        shrinks = here & ~leaves & (shrunk == NEVER) & (breadth.products >= 3)
        shrinks &= stream.uniform(rows, 2000 + month) < 0.55 * hazard
        shrunk[shrinks] = month
    decline = stream.integers(rows, 2, 5, 3)
    silent = np.where(stream.chance(rows, 0.55, 4), stream.integers(rows, 1, 4, 5), 0)
    dormant = np.where(
        stream.chance(rows, np.array([0, 0, 0.002, 0.005, 0.012, 0.03])[population.tier], 6),
        stream.integers(rows, spec.months // 2, spec.months - 2, 7),
        NEVER,
    )
    return History(
        left=left, cause=cause, decline_months=decline,
        decline_depth=0.35 + 0.5 * stream.uniform(rows, 8), silent_months=np.minimum(silent, decline),
        dormant_from=np.where((left == NEVER) & (population.joined < dormant - 3), dormant, NEVER), shrunk=shrunk,
        contract_term=term, contract_phase=phase, contract_ahead=ahead, contract_lapsed=lapsed, complaints=counts,
    )  # fmt: skip


_TERMS = np.array(
    [[0.15, 0.35, 0.5], [0.2, 0.4, 0.4], [0.3, 0.45, 0.25], [0.4, 0.45, 0.15], [0.55, 0.38, 0.07], [0.66, 0.29, 0.05]]
)


def commitment(population: Population, rows: Integers) -> Floats:
    """Return how much likelier each of `rows` signs for one, two and three years: who means to stay binds longer."""
    return np.asarray(np.exp(1.3 * population.loyalty[rows][:, None] * np.array([-1.0, 0.0, 1.0])))


def _concerned(population: Population, breadth: Breadth, one: Planted) -> Bools:
    """Return which accounts a planted cause can reach."""
    codes = np.array([district.code for district in districts()])[population.district]
    reached = np.char.startswith(codes, one.region_code) & ~population.prospect
    if one.family == "dia":
        reached &= breadth.has_line
    if one.family == "mobile":
        reached &= breadth.has_mobile
    return np.asarray(reached)


def _complaints(
    population: Population, causes: tuple[Planted, ...], concerned: Bools, here: Bools, month: int, part: float = 1.0
) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """Return complaints of one month by cause."""
    stream = population.spec.stream("complaints")
    rows = np.arange(len(population), dtype=np.int64)
    temper = np.exp(0.55 * population.irritability + 0.45 * population.proneness - 0.25)
    quality = np.exp(0.25 * stream.normal(population.district + 1_000_000, 1))  # some districts' networks are worse
    result = np.zeros((len(rows), 1 + len(causes)), dtype=np.uint8)
    ordinary = _COMPLAINTS_A_YEAR[population.tier] / 12 * temper * quality * part * here
    result[:, 0] = stream.poisson(rows, ordinary, 100 + month, limit=6)
    for number, one in enumerate(causes):
        if one.since <= month <= one.until:
            rate = one.rate * np.sqrt(temper) * part * (here & concerned[:, number])
            if one.code == "billing_wave":
                rate = rate * (1.0, 1.0, 0.5)[month - one.since]
            rate = rate * np.where(population.tier >= 4, 0.45, 1.0)
            result[:, 1 + number] = stream.poisson(rows, rate, 300 + 100 * number + month, limit=4)
    return result


def _scaled(risk: Floats, here: Bools, tier: Integers, rate: Floats) -> Floats:
    """Return hazards whose mean over the customers of each tier is the tier's rate."""
    total = np.bincount(tier, risk * here, len(rate))
    count = np.bincount(tier, here, len(rate))
    mean = np.where(total > 0, total / np.maximum(count, 1), 1.0)
    return np.minimum(risk / mean[tier] * rate[tier], 0.6)


def _causes(
    population: Population,
    rows: Integers,
    grief: Floats,
    ending: Bools,
    fresh: Bools,
    concerned: Bools,
    buyer_gone: Bools,
    month: int,
) -> Integers:
    """Return why `rows` leave, drawn by what weighed on them."""
    stream = population.spec.stream("causes")
    sensitive = population.price_sensitivity[rows]
    causes = planted(population.spec)
    active = np.array([one.since <= month <= one.until + 4 for one in causes])
    hurt = concerned & active
    weights = np.stack(
        [
            0.15 + 1.2 * grief,  # response
            0.2 + 0.7 * grief + 2.0 * hurt[:, 0],  # quality
            np.full(len(rows), 0.35),  # convenience
            0.2 + 1.6 * hurt[:, 1],  # transparency
            0.15 + 0.6 * grief + 1.5 * hurt[:, 2],  # promise
            0.35 + 2.0 * fresh + 0.2 * (population.rank[rows] > 0.85),  # personalisation
            np.exp(0.7 * sensitive) * np.where(ending, 2.2, 1.1),  # price
            np.where(population.tier[rows] >= 4, 0.7, 0.05),  # closure
            np.where(buyer_gone, 6.0, 0.0),  # neighbour
        ],
        axis=1,
    )
    return stream.choice_by(rows * 64 + month, weights)


def activity(history: History, rows: Integers, months: int) -> Floats:
    """Return how much of its normal use each of `rows` still has in each month: falling before leaving, 0 when silent.

    The current month is not counted; months before joining are not either (nothing is held then).
    """
    month = np.arange(months)[None, :]
    left = history.left[rows][:, None]
    length = history.decline_months[rows][:, None]
    step = np.clip((month - (left - length)) / length, 0.0, 1.0)
    factor = 1.0 - history.decline_depth[rows][:, None] * step
    factor = np.where(month > left - history.silent_months[rows][:, None], 0.0, factor)
    factor = np.where(month > left, 0.0, factor)
    since = month - history.dormant_from[rows][:, None]
    return np.where(since >= 0, 0.01, np.where(since >= -3, factor * (1.0 - 0.2 * (since + 4)), factor))
