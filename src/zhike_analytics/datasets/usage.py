"""How much of each service the accounts use in each month, and records of single calls of a few. Refuses prices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from zhike_analytics.datasets import mix, seasons
from zhike_analytics.datasets.holdings import Holdings
from zhike_analytics.datasets.population import account_codes, account_numbers
from zhike_analytics.datasets.randomness import Floats, Integers, Stream, cells
from zhike_analytics.datasets.schema import Writers, decimals
from zhike_analytics.datasets.seeds_reader import cities, kinds
from zhike_analytics.datasets.spec import OperatorSpec, moment, yyyymmdd
from zhike_analytics.datasets.text import digits, join, laid_out, numbers, pick, repeated, where

# Rows of a month: service and direction.
SERVICES = (
    ("voice_local", "out"), ("voice_local", "in"), ("voice_domestic", "out"), ("voice_international", "out"),
    ("data", "none"), ("message", "out"), ("iot", "none"), ("line", "none"),
)  # fmt: skip
LOCAL_OUT, LOCAL_IN, DOMESTIC, INTERNATIONAL, DATA, MESSAGE, IOT, LINE = range(8)
_VOICE = 4
# What one unit of a family uses in an ordinary month, our defaults: minutes, GB, messages, GB of things, GB on lines.
_MINUTES = {
    "office-phone": 190, "analog-trunk": 520, "digital-trunk": 8_000, "outbound-phone": 2_600, "sip-trunk": 620,
    "mobile": 240, "vnet": 45, "mobile-pbx": 160, "one-number": 60, "400": 900, "work-number": 320,
    "private-number": 260, "cloud-callcentre": 2_200,
}  # fmt: skip
_GIGABYTES = {
    "mobile": 9.0,
    "data-pool": 1.0,
    "broadband": 260.0,
    "ftto": 420.0,
    "poc-radio": 0.4,
    "video-meeting": 6.0,
}
_MESSAGES = {"sms": 1000.0, "mms": 1000.0, "400": 30.0, "vnet": 2.0}
_THINGS = {"iot": 0.03, "iot-pool": 1.0, "vehicle": 0.12, "video-surveillance": 0.0}
_LINES = {"dia": 900.0, "mstp": 240.0, "mpls-vpn": 160.0, "sdwan": 120.0, "dark-fibre": 400.0, "idc-bandwidth": 5_000.0}
EVENT_DAYS = 7
EVENT_ACCOUNTS = 2000
_EVENTS_A_DAY = 9.0


def sampled(spec: OperatorSpec) -> float:
    """Return the share of accounts of which single records are kept: one in twenty, at most about two thousand."""
    return min(0.05, EVENT_ACCOUNTS / spec.accounts)


def _weights(table: dict[str, float] | dict[str, int]) -> Floats:
    names = mix.families().names
    return np.array([float(table.get(name, 0.0)) for name in names])


def _levels(held: Holdings) -> Floats:
    """Return the ordinary month of each account, account × service: minutes, GB or messages; 0 where it has none."""
    population, rows = held.population, held.rows
    stream = population.spec.stream("usage.levels")
    count = np.bincount
    size = len(rows)

    def total(table: dict[str, float] | dict[str, int]) -> Floats:
        return np.asarray(count(held.row, held.quantity * _weights(table)[held.family], size))

    minutes = total(_MINUTES) * np.exp(0.5 * stream.noise(rows))
    far = 0.08 + 0.25 * stream.uniform(rows, 1)
    abroad = np.where(stream.chance(rows, 0.04 + 0.10 * (population.tier[rows] <= 2), 2), 0.015, 0.0)
    incoming = 0.5 + 0.7 * stream.uniform(rows, 3)
    far = np.where((population.tier[rows] < 5) | stream.chance(rows, 0.5, 4), far, 0.0)
    levels = np.stack(
        [
            minutes * (1 - far - abroad), minutes * incoming, minutes * far, minutes * abroad,
            total(_GIGABYTES) * np.exp(0.5 * stream.noise(rows, 5)),
            total(_MESSAGES) * np.exp(0.4 * stream.noise(rows, 6)),
            total(_THINGS) * np.exp(0.4 * stream.noise(rows, 7)), total(_LINES) * np.exp(0.5 * stream.noise(rows, 8)),
        ],
        axis=1,
    )  # fmt: skip
    return np.asarray(levels)


def _held_share(held: Holdings) -> Floats:
    """Return which part of what an account ever holds it holds in each month, account × month, by fee."""
    size = len(held.rows)
    fee = np.where(held.used, held.fee[:, None], 0).astype(np.float64)
    sums = np.zeros((size, held.population.spec.months))
    whole = np.bincount(held.row, held.fee, size)
    if len(held.row):
        starts = np.flatnonzero(np.concatenate(([True], held.row[1:] != held.row[:-1])))
        sums[held.row[starts]] = np.add.reduceat(fee, starts, axis=0)
    return np.asarray(sums / np.maximum(whole, 1)[:, None])


def _pace(held: Holdings) -> Floats:
    """Return how busy each account is in each month against an ordinary month, account × month."""
    population = held.population
    spec = population.spec
    profile = np.array([seasons.PROFILES.index(one.profile) for one in kinds()])[population.kind[held.rows]]
    month = np.arange(spec.months)
    grown = (1 + population.growth[held.rows])[:, None] ** ((month - (spec.months - 1)) / 12.0)
    share = _held_share(held)
    return np.asarray(seasons.factors(spec.periods)[profile] * grown * held.activity * share**0.5 * (share > 0))


def write_months(held: Holdings, writers: Writers) -> None:
    """Write the rows of usage of all months; a service that is not used in a month has no row."""
    population, spec = held.population, held.population.spec
    stream = spec.stream("usage")
    levels, pace = _levels(held), _pace(held)
    account, month, service = np.nonzero((levels[:, None, :] * pace[:, :, None]) > 0.004)
    index = cells(held.rows, 256, 1024)[account, month * 8 + service]
    amount = levels[account, service] * pace[account, month] * (1 + 0.08 * stream.noise(index))
    voice, rows = service < _VOICE, held.rows[account]
    length = 60.0 + 75.0 * stream.uniform(held.rows, 1)  # seconds a call, by account
    seconds = np.where(voice, np.rint(amount * 60), 0).astype(np.int64)
    calls = np.ceil(seconds / length[account]).astype(np.int64)
    events = np.where(voice, calls, np.where(service == MESSAGE, np.rint(amount), 0)).astype(np.int64)
    missed = np.where(service == LOCAL_IN, np.rint(calls * (0.03 + 0.12 * stream.uniform(held.rows, 2))[account]), 0)
    megabytes = np.where((service == DATA) | (service >= IOT), np.rint(amount * 102_400), 0).astype(np.int64)
    periods = np.array(spec.periods, dtype=np.int64)
    calm = pace[account, month] * levels[account, service]
    columns: dict[str, Any] = {
        "account_code": repeated(account_codes(held.rows), account),
        "period": periods[month],
        "service": repeated(pa.array([one for one, _ in SERVICES]), service),
        "direction": repeated(pa.array([one for _, one in SERVICES]), service),
        "events": events,
        "missed": missed.astype(np.int64),
        "seconds": seconds,
        "megabytes": decimals(megabytes, 2),
        "active_days": _active_days(
            spec, population.kind[rows], month, np.where(voice, events, calm * 30), index, stream
        ),
        "active_lines": _active_lines(held)[account, service],
    }
    writers.write("usage_month", columns, periods[month])


def _active_days(
    spec: OperatorSpec, kind: Integers, month: Integers, events: Floats, index: Integers, stream: Stream
) -> Integers:
    """Return on how many days a service was used: the days the business works, fewer when little is used."""
    works = np.array(
        [1 if "small" in one.tags or one.profile in {"hotel", "retail", "hospital"} else 0 for one in kinds()]
    )
    days = np.diff(spec.month_days)[: spec.months]
    office = np.rint(days * np.array([seasons.working_share(one) for one in spec.periods])).astype(np.int64)
    possible = np.where(works[kind] == 1, days[month], office[month])
    reached = np.rint(possible * (0.9 + 0.2 * stream.uniform(index, 3)) * -np.expm1(-0.08 * events))
    return np.clip(reached.astype(np.int64), 1, days[month])


def _active_lines(held: Holdings) -> Integers:
    """Return how many lines, cards or channels stand behind each service, account × service."""
    size = len(held.rows)
    result = np.zeros((size, len(SERVICES)), dtype=np.int64)
    for columns, table in (
        (range(_VOICE), _MINUTES), ((DATA,), _GIGABYTES), ((MESSAGE,), _MESSAGES), ((IOT,), _THINGS), ((LINE,), _LINES),
    ):  # fmt: skip
        count = np.bincount(held.row, held.quantity * (_weights(table)[held.family] > 0), size).astype(np.int64)
        for column in columns:
            result[:, column] = count
    return result


def write_events(held: Holdings, writers: Writers) -> None:
    """Write single calls, sessions and messages of the days before today, of a sample of the accounts."""
    spec = held.population.spec
    stream = spec.stream("usage.events")
    chosen = stream.chance(held.rows, sampled(spec)) & (held.history.left[held.rows] >= spec.months)
    levels = _levels(held) * (held.activity[:, -1] * _held_share(held)[:, -1])[:, None] * chosen[:, None]
    per_day = np.concatenate([levels[:, :_VOICE] / 1.6 / 22, (levels[:, DATA : DATA + 1] > 0) * 3.0], axis=1)
    per_day = np.minimum(per_day, _EVENTS_A_DAY)
    days = np.arange(EVENT_DAYS)
    slots = cells(held.rows, EVENT_DAYS * 8, 64).reshape(len(held.rows), EVENT_DAYS, 8)[:, :, :5]
    count = np.floor(per_day[:, None, :] + stream.uniform(slots, 1)).astype(np.int64)
    row, day, kind = (np.repeat(one, count.reshape(-1)) for one in _positions(count.shape))
    total = len(row)
    ends = np.cumsum(count.reshape(-1))
    place = np.arange(total) - np.repeat(ends - count.reshape(-1), count.reshape(-1))
    index = ((held.rows[row] * 8 + days[day]) * 8 + kind) * 64 + place
    stamp = spec.today_day - EVENT_DAYS + day
    order = np.lexsort((index, stamp, row))
    row, kind, index, stamp, day = row[order], kind[order], index[order], stamp[order], day[order]
    starts = np.searchsorted(row, np.arange(len(held.rows)))
    number = np.arange(total) - starts[row]
    voice = kind < _VOICE
    length = np.rint(-np.log(1 - stream.uniform(index, 2)) * 95 + 4).astype(np.int64)
    when = np.clip(np.rint(13.5 * 3600 + 3.0 * 3600 * stream.noise(index, 3)), 0, 86_399).astype(np.int64)
    data = (np.rint(levels[row, DATA] * 1024 * 100 / 90 * stream.uniform(index, 4)) * ~voice).astype(np.int64)
    other = stream.integers(index, 0, 10**8, 5)
    own = stream.integers(held.rows[row], 0, 10**7, 6)
    dialling = pick([one.dialling for one in cities()], held.population.city[held.rows[row]])
    fixed_line, mobile_line = join(dialling, "8", numbers(own, 7)), join("1388", numbers(own, 7))
    columns: dict[str, Any] = {
        "account_code": repeated(account_codes(held.rows), row),
        "event_code": laid_out(
            "C", digits(yyyymmdd(stamp), 8), "-", digits(account_numbers(held.rows), 8)[row], "-", digits(number, 5)
        ),
        "happened_at": moment(stamp, when),
        "service": repeated(pa.array([one for one, _ in SERVICES]), kind),
        "direction": repeated(pa.array([one for _, one in SERVICES]), kind),
        "number": where(voice, fixed_line, mobile_line),
        "counterpart": where(voice, laid_out("139", digits(other, 8))),
        "events": np.ones(total, dtype=np.int64),
        "seconds": np.where(voice, length, 0),
        "megabytes": decimals(data, 2),
    }
    writers.write("usage_events", columns)


def _positions(shape: tuple[int, ...]) -> list[Integers]:
    """Return for every cell of a table of `shape`, flattened, where it stands along each axis."""
    return [one.reshape(-1) for one in np.indices(shape)]
