"""Clusters: giving them to a million accounts against reading the same columns, and both against hidden truth."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from benchmarks.child import Run, run
from benchmarks.figures import Figure, Settings, benchmark, median

ACCOUNTS, QUICK_ACCOUNTS = 1_000_000, 50_000
TRUTH_ACCOUNTS, QUICK_TRUTH_ACCOUNTS = 20_000, 3_000
QUANTITIES, CATEGORIES, LEVELS = 46, 12, 12
CLUSTERS = 8
THREE_MONTHS_AGO, NOW = date(2026, 8, 1), date(2026, 11, 1)


def build(accounts: int, folder: str, seed: int) -> Iterator[int]:
    """Write a table of 46 quantities (a tenth unknown) and 12 categories, and a model fitted on a sample of it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from zhike_analytics.contracts.segments import Attribute
    from zhike_analytics.segments import fit

    yield 0
    draw = np.random.default_rng(seed)
    kind = draw.integers(0, CLUSTERS, accounts)
    columns: dict[str, pa.Array] = {"account_code": pa.array([f"G{one:08d}" for one in range(accounts)])}
    attributes = []
    groups = ("background", "behaviour", "billing", "extended")
    for k in range(QUANTITIES):
        amount = np.exp(6.0 + draw.normal(0, 1, CLUSTERS)[kind] + 0.6 * draw.standard_normal(accounts))
        columns[f"q{k}"] = pa.array(np.rint(amount).astype(np.int64), mask=draw.random(accounts) < 0.1)
        attributes.append(Attribute(f"q{k}", groups[k % 4], "amount" if k % 2 else "number"))  # type: ignore[arg-type]
    words = pa.array([f"level-{one}" for one in range(LEVELS)])
    for k in range(CATEGORIES):
        place = np.where(draw.random(accounts) < 0.5, kind, draw.integers(0, LEVELS, accounts))
        columns[f"c{k}"] = words.take(pa.array(place))
        attributes.append(Attribute(f"c{k}", groups[k % 4], "category"))  # type: ignore[arg-type]
    table = pa.table(columns)
    pq.write_table(table, f"{folder}/accounts.parquet", compression="zstd", row_group_size=65_536)
    fit(table, attributes, clusters=CLUSTERS, choices=[CLUSTERS]).save(Path(folder) / "model.json")
    yield len(attributes)


def scan(folder: str) -> Iterator[int]:
    """Read every value of every column: the yardstick."""
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    source = f"read_parquet('{folder}/accounts.parquet')"
    columns = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
    touched = " + ".join(f'("{column}" IS NULL)::INTEGER' for column in columns)
    yield 0
    found = connection.execute(f"SELECT count(*), sum({touched}) FROM {source}").fetchone()
    yield found[0] if found else 0


def assign(folder: str, reading: bool) -> Iterator[list[int]]:
    """Give every account its cluster and the second nearest, batch by batch; `reading` times the file's reading too."""
    import pyarrow.parquet as pq

    from zhike_analytics.segments import ClusterModel

    model = ClusterModel.load(Path(folder) / "model.json")
    categories = [one.name for one in model.treatment.categories]

    def batches() -> Iterator[Any]:
        with pq.ParquetFile(f"{folder}/accounts.parquet", read_dictionary=categories) as file:
            yield from file.iter_batches(8_192, columns=model.treatment.inputs)

    held = None if reading else list(batches())
    yield []
    counts = np.zeros(max(model.labels) + 1, dtype=np.int64)
    for batch in batches() if held is None else held:
        counts += np.bincount(model.assign(batch).label, minlength=len(counts))
    yield counts.tolist()


@benchmark("segments")
def segments(settings: Settings) -> Iterator[Figure]:
    """Measure the kernel against a scan in turn, then clusters and suggestions against what the operator hides."""
    accounts = QUICK_ACCOUNTS if settings.quick else ACCOUNTS
    folder = settings.folder / "segments"
    folder.mkdir()
    run("benchmarks.segments:build", accounts=accounts, folder=str(folder), seed=settings.seed)
    bare: list[Run] = []
    ours: list[Run] = []
    whole: list[Run] = []
    for _ in range(settings.repeats):
        bare.append(run("benchmarks.segments:scan", folder=str(folder)))
        ours.append(run("benchmarks.segments:assign", folder=str(folder), reading=False))
        whole.append(run("benchmarks.segments:assign", folder=str(folder), reading=True))
    shutil.rmtree(folder)
    for words, runs, most in (
        ("clusters given to", ours, 1.0),
        ("the same with reading the file, of", whole, None),
    ):
        yield Figure(
            f"{words} {accounts:,} accounts × {QUANTITIES + CATEGORIES} columns : full scan, CPU",
            median([one.processor_seconds / two.processor_seconds for one, two in zip(runs, bare, strict=True)]),
            most=most,
            detail={
                "processor_seconds": [round(one.processor_seconds, 2) for one in runs],
                "yardstick_processor_seconds": [round(one.processor_seconds, 2) for one in bare],
                "peak_megabytes": max(one.peak_bytes for one in runs) >> 20,
            },
        )
    yield from _truth(settings)


def _truth(settings: Settings) -> Iterator[Figure]:
    """Compare with what the demonstration operator hides."""
    size = QUICK_TRUTH_ACCOUNTS if settings.quick else TRUTH_ACCOUNTS
    found = run("benchmarks.segments:judged", accounts=size, folder=str(settings.folder / "hidden"), seed=settings.seed)
    for name, value, detail in found.value:
        yield Figure(name, value, "ARI" if "agree" in name else "share", detail=detail)


def judged(accounts: int, folder: str, seed: int) -> Iterator[list[Any]]:
    """Cluster an operator as it stood three months ago; agree with its hidden kinds; foretell what was taken up."""
    import pyarrow.parquet as pq
    from sklearn.metrics import adjusted_rand_score as agreement

    from zhike_analytics.datasets import mix, population
    from zhike_analytics.datasets.operator import build_operator
    from zhike_analytics.datasets.seeds_reader import styles
    from zhike_analytics.datasets.spec import OperatorSpec
    from zhike_analytics.engines.cluster_rows import products_begun
    from zhike_analytics.engines.frames import DuckRows, open_engine
    from zhike_analytics.features import CycleInputs, build_features
    from zhike_analytics.segments import Adoption, attributes_of, build_attributes, fit
    from zhike_analytics.segments.attributes import families_of_seed, used_families
    from zhike_analytics.segments.peers import judge, most_popular
    from zhike_analytics.segments.tests.mixed import ATTRIBUTES, planted

    yield []
    told: list[Any] = []
    mixed, kinds_planted = planted(seed=seed)
    model = fit(mixed, ATTRIBUTES)
    value = agreement(kinds_planted, model.assign(mixed).label)
    told.append(("clusters agree with planted kinds of mixed columns", value, {"clusters": len(model.labels)}))

    spec, target = OperatorSpec(accounts=accounts, seed=seed), Path(folder)
    build_operator(spec, target)
    inputs = CycleInputs.from_folder(target)
    features = build_features(inputs, THREE_MONTHS_AGO, target / "features.parquet", target / "work")
    build_attributes(inputs, features.window, features.path, target / "attributes.parquet", target / "work")
    table = pq.read_table(target / "attributes.parquet")
    table = table.filter(table.column("customer"))
    codes = table.column("account_code").to_pylist()
    model = fit(table, attributes_of(table.schema))
    clusters = model.assign(table).label
    evidence = {f"k={one.clusters}": [one.stability, one.silhouette] for one in model.evidence}

    everyone = population.build(spec)
    place = {code: n for n, code in enumerate(population.account_codes(np.arange(accounts)).to_pylist())}
    rows = np.array([place[code] for code in codes])
    names, used = used_families(table)
    seeds = mix.families()
    order = [names.index(one) for one in seeds.names]
    # The best any method could do about the hidden way of working: the true likelihoods, known to nobody.
    base = mix.likelihood(everyone, rows) / seeds.style[everyone.style[rows]]
    likely = []
    for number, style in enumerate(styles()):
        chance = np.clip(base * seeds.style[number], 1e-4, 0.985)
        told_by = np.where(used[:, order], np.log(chance), np.log1p(-chance)).sum(axis=1)
        likely.append(told_by + np.log(style.weight))
    oracle = np.array(likely).argmax(axis=0)
    for name, truth in (("tier", everyone.tier), ("kind", everyone.kind), ("way of working", everyone.style)):
        detail = {"clusters": len(model.labels), **evidence}
        told.append((f"clusters agree with the operator's hidden {name}", agreement(truth[rows], clusters), detail))
    best = agreement(everyone.style[rows], oracle)
    told.append(("who knows all likelihoods would agree with the hidden way of working", best, {}))

    with open_engine(target / "work") as connection:
        begun = products_begun(DuckRows(connection), inputs.archive, THREE_MONTHS_AGO, NOW)
    taken, row_of, family_of = np.zeros_like(used), {code: n for n, code in enumerate(codes)}, families_of_seed()
    for code, product in zip(*(begun.column(one).to_pylist() for one in begun.column_names), strict=True):
        if code in row_of and family_of.get(product) in names:
            taken[row_of[code], names.index(family_of[product])] = True
    taken &= ~used
    adoption = Adoption.of(table, clusters, model.labels)
    perfect = np.empty(used.shape)
    perfect[:, order] = np.log(mix.likelihood(everyone, rows))
    perfect[used] = -np.inf
    rankings = {
        "what peers use": adoption.scores(table, clusters),
        "what is most popular": most_popular(used, adoption.support[-1]),
        "the true likelihoods": perfect,
    }
    scored = {name: judge(ranking, taken) for name, ranking in rankings.items()}
    for name, one in scored.items():
        told.append(
            (
                f"of what was taken up in the next quarter, among the first three by {name}",
                one.recall,
                {"taken_up": one.taken_up, "mean_reciprocal_rank": round(one.rank, 4)},
            )
        )
    told.append(("the same, by what peers use less by what is most popular", *_gain(rankings, taken, seed)))
    yield told


def _gain(rankings: dict[str, Any], taken: Any, seed: int) -> tuple[float, dict[str, Any]]:
    """Return the gain in recall with its 95 % interval, accounts drawn again 1,000 times."""
    hit = {}
    for name in ("what peers use", "what is most popular"):
        order = np.argsort(np.argsort(-rankings[name], axis=1, kind="stable"), axis=1)
        hit[name] = (taken & (order < 3)).sum(axis=1)
    number = taken.sum(axis=1)
    concerned = np.flatnonzero(number)
    number = number[concerned]
    gain = (hit["what peers use"] - hit["what is most popular"])[concerned]
    draw = np.random.default_rng(seed)
    again = draw.integers(0, len(number), (1000, len(number)))
    shares = gain[again].sum(axis=1) / number[again].sum(axis=1)
    low, high = np.quantile(shares, (0.025, 0.975))
    return float(gain.sum() / number.sum()), {"interval_95": [round(float(low), 4), round(float(high), 4)]}
