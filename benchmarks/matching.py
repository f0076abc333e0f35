"""Duplicates among a million accounts: time, memory, and how many of those planted are found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.child import run
from benchmarks.figures import Figure, Settings, benchmark, median

SMALL, LARGE = 250_000, 1_000_000
QUICK_SMALL, QUICK_LARGE = 5_000, 20_000


def search(accounts: int, seed: int) -> Iterator[dict[str, Any]]:
    """Look for duplicates in a list with three in a hundred planted."""
    from zhike_analytics.matching import find_duplicates
    from zhike_analytics.matching.tests.planted import VARIANTS, listed

    table, phones, truth = listed(accounts, seed)
    yield {}
    found, how = find_duplicates(table, phones)
    pairs = set(zip(found.column("account_code").to_pylist(), found.column("other_code").to_pylist(), strict=True))
    hit = pairs & truth.keys()
    by_variant = {
        one: round(sum(truth[pair] == one for pair in hit) / max(sum(v == one for v in truth.values()), 1), 3)
        for one in VARIANTS
    }
    yield {
        "accounts": how.accounts, "compared": how.compared, "told": how.kept, "planted": len(truth),
        "precision": len(hit) / max(len(pairs), 1), "recall": len(hit) / max(len(truth), 1), "by_variant": by_variant,
    }  # fmt: skip


@benchmark("matching")
def matching(settings: Settings) -> Iterator[Figure]:
    """Measure at two sizes: an account costs more in the longer list since more others are called almost as it is."""
    small, large = (QUICK_SMALL, QUICK_LARGE) if settings.quick else (SMALL, LARGE)
    runs: dict[int, list[Any]] = {small: [], large: []}
    for _ in range(min(settings.repeats, 3)):
        for size, done in runs.items():
            done.append(run("benchmarks.matching:search", accounts=size, seed=settings.seed))
    last = runs[large][-1]
    yield Figure(
        f"duplicates among {large:,} accounts",
        median([one.seconds for one in runs[large]]),
        "seconds",
        most=300.0,
        detail={"processor_seconds": [round(one.processor_seconds, 1) for one in runs[large]], **last.value},
    )
    yield Figure(
        f"that, by account : among {small:,}, CPU",
        median(
            [
                (big.processor_seconds / big.value["accounts"]) / (little.processor_seconds / little.value["accounts"])
                for big, little in zip(runs[large], runs[small], strict=True)
            ]
        ),
        detail={f"compared_of_{size}": done[-1].value["compared"] for size, done in runs.items()},
    )
    yield Figure("peak memory of that", max(one.peak_bytes for one in runs[large]) / 2**30, "GiB", most=3.0)
    yield Figure("of the pairs told, planted", last.value["precision"], "share", least=0.98)
    yield Figure("of the pairs planted, told", last.value["recall"], "share", least=0.85)
