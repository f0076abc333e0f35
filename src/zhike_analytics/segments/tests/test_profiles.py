"""What clusters are said to be like and to use, and whether that foretells what is taken up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zhike_analytics.datasets.operator import build_operator
from zhike_analytics.datasets.spec import OperatorSpec
from zhike_analytics.features import CycleInputs, build_features
from zhike_analytics.segments import Adoption, attributes_of, build_attributes, fit, profiles, write_clusters
from zhike_analytics.segments.attributes import used_families
from zhike_analytics.segments.peers import judge, most_popular
from zhike_analytics.segments.tests.mixed import ATTRIBUTES, planted

OPERATOR = OperatorSpec(accounts=1500, seed=11)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the attributes of a synthetic operator."""
    folder = tmp_path_factory.mktemp("operator")
    build_operator(OPERATOR, folder)
    inputs = CycleInputs.from_folder(folder)
    run = build_features(inputs, OPERATOR.today, folder / "features.parquet", folder / "work")
    build_attributes(inputs, run.window, run.path, folder / "attributes.parquet", folder / "work")
    return folder / "attributes.parquet"


def test_profiles_tell_what_was_planted() -> None:
    table, kind = planted()
    model = fit(table, ATTRIBUTES)
    labels = model.assign(table).label
    shop = int(np.bincount(labels[kind == 2]).argmax())
    found = {one.label: one for one in profiles(model, table, labels)}
    traits = {(one.attribute, one.level): one for one in found[shop].traits}
    assert traits["industry", "shop"].effect > 0.8
    assert traits["bill_mean3_fen", ""].effect < -0.8
    assert traits["bill_mean3_fen", ""].here < traits["bill_mean3_fen", ""].overall
    assert traits["uses_cloud", ""].here == pytest.approx(0.05, abs=0.03)
    assert sum(one.accounts for one in found.values()) == table.num_rows
    assert sum(one.income_12_fen for one in found.values()) == sum(table.column("income_12_fen").to_pylist())
    fallen = sum(one == -300 for one in table.column("bill_change_permille").to_pylist())
    assert sum(one.at_risk for one in found.values()) == fallen
    effects = [abs(one.effect) for one in found[shop].traits]
    assert effects == sorted(effects, reverse=True)


def test_a_better_measure_of_risk_is_taken_where_it_is_given() -> None:
    table, _ = planted(500)
    model = fit(table, ATTRIBUTES, clusters=4, choices=[4])
    nobody = profiles(model, table, model.assign(table).label, at_risk=np.zeros(500, dtype=bool))
    assert {(one.at_risk, one.at_risk_fen) for one in nobody} == {(0, 0)}


def test_peers_use_and_the_account_lacks() -> None:
    clusters = np.repeat([1, 2], 500)
    draw = np.random.default_rng(3)
    table = pa.table(
        {
            "industry": ["factory"] * 1000,
            "uses_cloud": np.where(clusters == 1, draw.random(1000) < 0.8, draw.random(1000) < 0.05),
            "uses_phone": draw.random(1000) < 0.9,
        }
    )
    adoption = Adoption.of(table, clusters, [1, 2])
    (cloud,) = adoption.opportunities(1)
    assert cloud.family == "cloud"
    assert cloud.support == pytest.approx(0.8, abs=0.05)
    assert cloud.lift == pytest.approx(0.8 / 0.425, abs=0.15)
    assert cloud.lacking == 500 - sum(table.column("uses_cloud").to_pylist()[:500])
    assert adoption.opportunities(2) == ()
    suggested = adoption.suggest(table, clusters)
    for row, families in enumerate(suggested):
        lacks = {one for one in ("cloud", "phone") if not table.column(f"uses_{one}")[row].as_py()}
        assert {one.family for one in families} == lacks


def test_a_ranking_by_cluster_foretells_better_than_what_is_popular() -> None:
    draw = np.random.default_rng(8)
    clusters = draw.integers(0, 3, 6000)
    likely = np.array([[0.6, 0.1, 0.1, 0.5], [0.1, 0.6, 0.1, 0.5], [0.1, 0.1, 0.6, 0.5]])[clusters]
    uses = draw.random((6000, 4)) < likely
    later = ~uses & (draw.random((6000, 4)) < 0.3 * likely)
    table = pa.table({f"uses_{name}": uses[:, k] for k, name in enumerate("abcd")})
    adoption = Adoption.of(table, clusters, [0, 1, 2])
    ours = judge(adoption.scores(table, clusters), later, most=1)
    popular = judge(most_popular(uses, adoption.support[-1]), later, most=1)
    assert ours.taken_up == popular.taken_up == later.sum()
    assert ours.recall > popular.recall + 0.1


def test_every_customer_of_an_operator_gets_a_cluster_from_a_file(file: Path, tmp_path: Path) -> None:
    table = pq.read_table(file)
    customers = table.filter(table.column("customer"))
    model = fit(customers, attributes_of(table.schema), choices=(3, 4, 5))
    counts = write_clusters(model, file, tmp_path / "clusters.parquet")
    written = pq.read_table(tmp_path / "clusters.parquet")
    assert written.column("account_code").equals(customers.column("account_code"))
    assert sum(counts.values()) == customers.num_rows
    assert set(counts) == set(model.labels)
    assert written.schema.metadata[b"model"].decode() == model.fingerprint


def test_attributes_are_whole_and_in_all_four_groups(file: Path) -> None:
    table = pq.read_table(file)
    names = [one.name for one in attributes_of(table.schema)]
    assert set(names) <= set(table.column_names)
    assert {one.group for one in attributes_of(table.schema)} == {"background", "behaviour", "billing", "extended"}
    families, used = used_families(table)
    assert "cloud" in families
    customers = np.array(table.column("customer").to_pylist())
    assert used[customers].any(axis=1).mean() > 0.9
    minutes = np.array(table.column("voice_minutes").to_pylist(), dtype=float)
    calls = np.array(table.column("calls").to_pylist(), dtype=float)
    assert ((minutes > 0) == (calls > 0)).all()
    share = [one for one in table.column("domestic_permille").to_pylist() if one is not None]
    assert 0 <= min(share) <= max(share) <= 1000
