"""Scores and alerts against what the synthetic operator hides: how close, with which tables. Refuses to tune them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, Settings, benchmark
from zhike_analytics.contracts import periods
from zhike_analytics.contracts.policies_decisions import RULES, default_policies
from zhike_analytics.datasets.judge import correlation, lead_of, mean_confidence, rewound, warnings_judged
from zhike_analytics.datasets.operator import build_operator
from zhike_analytics.datasets.spec import OperatorSpec
from zhike_analytics.features import CycleInputs
from zhike_analytics.scoring import run_cycle

ACCOUNTS, QUICK_ACCOUNTS = 20_000, 3_000
SIZES, QUICK_SIZES = (5_000, 50_000), (2_000, 3_000)
MONTHS_BACK = 6
MOVING = ("bill_fall", "usage_fall", "declining", "silent")
"""Rules that watch what an account does. Only these can be judged month by month: facts are dated, the rest of the
archive is kept as it is today."""
TAKEN_AWAY: tuple[tuple[str, ...], ...] = (
    (),
    ("costs",),
    ("payments",),
    ("bills", "costs", "payments"),
    ("bills", "costs", "payments", "usage_month"),
    ("member_lines",),
    ("competitor_holdings",),
    ("contacts",),
    ("contracts",),
    ("subscriptions",),
    ("contacts", "member_lines"),
    ("contracts", "subscriptions"),
)
LEVELS: tuple[tuple[str, ...], ...] = (("red",), ("red", "yellow"))


@benchmark("truth")
def scores_beside_the_truth(settings: Settings) -> Iterator[Figure]:
    """Compare scores and alerts with what the synthetic operator hides, with tables taken away one after the other."""
    yield from _at_each_size(settings)
    spec = OperatorSpec(accounts=QUICK_ACCOUNTS if settings.quick else ACCOUNTS, seed=settings.seed)
    operator = settings.folder / "operator-truth"
    build_operator(spec, operator)
    everything = operator.parent / "truth-0"
    for number, lacking in enumerate(TAKEN_AWAY):
        tables = _without(operator, operator.parent / f"truth-tables-{number}", lacking)
        found = run_cycle(
            CycleInputs.from_folder(tables), default_policies(), spec.today, operator.parent / f"truth-{number}"
        ).path("scores")
        words = f"without {', '.join(lacking)}" if lacking else "with all tables"
        for name in ("value", "loyalty"):
            yield Figure(
                f"{name} : hidden {name}, {words}",
                correlation(found, operator, name),
                "Spearman",
                least=None if lacking else 0.8,
                detail={"mean_confidence_percent": round(mean_confidence(found, name))},
            )
    yield from _warned(everything, operator, spec)
    yield from _led(operator, spec)


def _at_each_size(settings: Settings) -> Iterator[Figure]:
    """Compare with the seed and the sizes of the demonstration."""
    for accounts in QUICK_SIZES if settings.quick else SIZES:
        spec = OperatorSpec(accounts=accounts)
        folder = settings.folder / f"operator-truth-{accounts}"
        build_operator(spec, folder)
        found = run_cycle(
            CycleInputs.from_folder(folder), default_policies(), spec.today, settings.folder / f"truth-of-{accounts}"
        ).path("scores")
        for name in ("value", "loyalty"):
            words = f"{name} : hidden {name}, demonstration of {accounts:,}"
            yield Figure(words, correlation(found, folder, name), "Spearman", least=0.8)


def _without(operator: Path, target: Path, lacking: tuple[str, ...]) -> Path:
    """Return a folder with the operator's tables but some."""
    target.mkdir()
    for path in operator.iterdir():
        if path.name.partition(".")[0] not in lacking:
            (target / path.name).symlink_to(path)
    return target


def _warned(results: Path, operator: Path, spec: OperatorSpec) -> Iterator[Figure]:
    """Judge each rule alone, those that watch what an account does together, and all."""
    groups: dict[str, tuple[tuple[str, ...], int]] = {
        **{name: ((name,), 1) for name in RULES},
        "falling bills or use": (MOVING, 1),
        "any rule": ((), 1),
        "two rules at once": ((), 2),
        "three rules at once": ((), 3),
    }
    for words, (rules, least) in groups.items():
        for levels in LEVELS:
            judged = warnings_judged(
                results, operator, spec.current_period, levels=levels, rules=rules, least_rules=least
            )
            if judged.warned:
                yield Figure(
                    f"who is warned of leaves within six months: {words}, {' or '.join(levels)}",
                    judged.lift,
                    "× usual",
                    detail={
                        "precision": round(judged.precision, 3), "recall": round(judged.recall, 3),
                        "warned": judged.warned, "caught": judged.caught, "leaving": judged.leaving,
                        "customers": judged.customers, "months_ahead": judged.lead_months,
                    },
                )  # fmt: skip


def _led(operator: Path, spec: OperatorSpec) -> Iterator[Figure]:
    """Judge how early those who left were warned of, month by month."""
    cycles = {}
    for back in range(MONTHS_BACK, 0, -1):
        month = periods.shift(spec.current_period, -back)
        inputs = CycleInputs.from_folder(rewound(operator, month, operator.parent / f"rewound-{month}"))
        target = operator.parent / f"cycle-{month}"
        cycles[month] = run_cycle(inputs, default_policies(), periods.first_day(month), target).folder
    for rules in (MOVING, *((one,) for one in MOVING)):
        for levels in LEVELS:
            share, lead = lead_of(cycles, operator, levels=levels, rules=rules)
            words = "falling bills or use" if rules == MOVING else rules[0]
            if not share:
                continue
            yield Figure(
                f"median months from the first warning to leaving: {words}, {' or '.join(levels)}",
                lead,
                "months",
                detail={"share_of_leavers_warned_of": round(share, 3)},
            )
