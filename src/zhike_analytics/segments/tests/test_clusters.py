"""Clusters of accounts whose kinds are known: found again, chosen by evidence, told why, stable, clear on bad input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import adjusted_rand_score

from zhike_analytics.contracts.segments import Attribute, Evidence, LeftOut, SegmentError
from zhike_analytics.segments.evidence import choose
from zhike_analytics.segments.labels import stable_labels
from zhike_analytics.segments.model import ClusterModel, fit
from zhike_analytics.segments.tests.mixed import ATTRIBUTES, planted
from zhike_analytics.segments.treatment import dense, learn


@pytest.fixture(scope="module")
def known() -> tuple[pa.Table, np.ndarray, ClusterModel]:
    table, kind = planted()
    return table, kind, fit(table, ATTRIBUTES)


def test_planted_kinds_of_mixed_columns_are_found_again(known: tuple[pa.Table, np.ndarray, ClusterModel]) -> None:
    table, kind, model = known
    assert len(model.labels) == 4
    assert adjusted_rand_score(kind, model.assign(table).label) >= 0.95
    chosen = next(one for one in model.evidence if one.clusters == 4)
    assert chosen.stability >= 0.95
    assert chosen.silhouette == max(one.silhouette for one in model.evidence)


def test_the_kernel_gives_the_clusters_that_full_distances_give(
    known: tuple[pa.Table, np.ndarray, ClusterModel],
) -> None:
    table, _, model = known
    points = dense(model.treatment, table)
    distance = np.sqrt(np.square(points[:, None, :] - model.centres[None]).sum(axis=2))
    found = model.assign(table)
    order = np.argsort(distance, axis=1)
    labels = np.array(model.labels)
    assert (found.label == labels[order[:, 0]]).all()
    assert (found.second == labels[order[:, 1]]).all()
    assert np.allclose(found.distance, np.sort(distance, axis=1)[:, 0], atol=1e-3)
    assert np.allclose(found.second_distance, np.sort(distance, axis=1)[:, 1], atol=1e-3)


def test_batches_of_any_size_give_the_same_clusters(known: tuple[pa.Table, np.ndarray, ClusterModel]) -> None:
    table, _, model = known
    pieces = [model.assign(batch).label for batch in table.to_batches(max_chunksize=7)[:100]]
    assert (np.concatenate(pieces) == model.assign(table).label[: sum(map(len, pieces))]).all()


def test_an_account_is_told_what_sets_its_cluster_apart(known: tuple[pa.Table, np.ndarray, ClusterModel]) -> None:
    table, kind, model = known
    shops = table.filter(pa.array((kind == 2) & table.column("industry").is_valid().to_numpy()))
    reasons = model.explain(shops.slice(0, 200))
    assert all(1 <= len(one) <= 3 and all(0 <= reason.percent <= 100 for reason in one) for one in reasons)
    said = [reason for one in reasons for reason in one if reason.attribute == "industry"]
    assert sum(reason.level == "shop" for reason in said) >= 0.9 * len(said) > 0


def test_the_same_accounts_give_the_same_model_and_a_saved_one_is_the_same(
    known: tuple[pa.Table, np.ndarray, ClusterModel], tmp_path: Path
) -> None:
    table, _, model = known
    assert fit(table, ATTRIBUTES).fingerprint == model.fingerprint
    model.save(tmp_path / "model.json")
    again = ClusterModel.load(tmp_path / "model.json")
    assert again.fingerprint == model.fingerprint
    assert (again.assign(table).label == model.assign(table).label).all()


def test_a_changed_model_is_refused(known: tuple[pa.Table, np.ndarray, ClusterModel], tmp_path: Path) -> None:
    file = tmp_path / "model.json"
    known[2].save(file)
    file.write_text(file.read_text().replace('"clusters": 4', '"clusters": 5'))
    with pytest.raises(SegmentError, match="was changed"):
        ClusterModel.load(file)


def test_other_columns_are_refused(known: tuple[pa.Table, np.ndarray, ClusterModel]) -> None:
    table, _, model = known
    with pytest.raises(SegmentError, match="employees"):
        model.assign(table.drop_columns(["employees"]))


def test_labels_stay_when_the_months_accounts_are_others(known: tuple[pa.Table, np.ndarray, ClusterModel]) -> None:
    table, _, model = known
    before = dict(zip(table.column("account_code").to_pylist(), model.assign(table).label.tolist(), strict=True))
    later, _ = planted(seed=5)
    shuffled = later.take(pa.array(np.random.default_rng(1).permutation(later.num_rows)[:2400]))
    second = fit(shuffled, ATTRIBUTES, before=before, used=model.used, seed=9)
    now = second.assign(table).label
    assert set(second.labels) == set(model.labels)
    assert (now == model.assign(table).label).mean() >= 0.98


def test_a_cluster_that_shares_nothing_gets_a_number_never_used() -> None:
    places = np.repeat([0, 1, 2], 50)
    before = np.concatenate([np.full(50, 7), np.full(50, 3), np.full(50, -1)])
    assert stable_labels(places, before, 3, used=9).tolist() == [7, 3, 10]


def test_the_number_of_last_month_stays_while_no_other_is_clearly_better() -> None:
    weighed = [Evidence(4, 0.9, 0.30, 0.1), Evidence(5, 0.9, 0.31, 0.1), Evidence(6, 0.3, 0.50, 0.1)]
    assert choose(weighed).clusters == 5
    assert choose(weighed, before=4).clusters == 4
    assert choose([*weighed, Evidence(7, 0.9, 0.40, 0.1)], before=4).clusters == 7


def test_a_cluster_of_almost_nobody_is_no_segment() -> None:
    assert choose([Evidence(3, 0.9, 0.20, 0.1), Evidence(4, 0.9, 0.60, 0.001)]).clusters == 3


@pytest.mark.parametrize(
    ("values", "kind", "reason"),
    [
        ([5] * 400, "number", "constant"),
        (["same"] * 400, "category", "constant"),
        ([None] * 390 + [1] * 10, "amount", "mostly_unknown"),
        ([f"level {n}" for n in range(400)], "category", "too_many_levels"),
    ],
)
def test_a_column_that_says_nothing_is_left_out_and_named(values: list[object], kind: str, reason: str) -> None:
    table, _ = planted(400)
    table = table.append_column("odd", pa.array(values))
    treatment = learn(table, (*ATTRIBUTES, Attribute("odd", "extended", kind)))  # type: ignore[arg-type]
    assert [(one.name, one.reason) for one in treatment.left_out] == [("odd", reason)]
    assert "odd" not in treatment.inputs


def test_ten_thousand_levels_of_which_some_are_frequent_become_a_few() -> None:
    table, _ = planted(20_000)
    levels = [f"rare {n}" if n % 2 else f"often {n % 6}" for n in range(20_000)]
    table = table.append_column("town", pa.array(levels))
    treatment = learn(table, (*ATTRIBUTES, Attribute("town", "background", "category")))
    town = next(one for one in treatment.categories if one.name == "town")
    assert town.levels == ("often 0", "often 2", "often 4", "*")
    assert not treatment.left_out


def test_a_column_that_is_not_there_is_named() -> None:
    table, _ = planted(400)
    treatment = learn(table.drop_columns(["calls"]), ATTRIBUTES)
    assert treatment.left_out == (LeftOut("calls", "absent", 0),)


@pytest.mark.parametrize("accounts", [0, 1, 5])
def test_too_few_accounts_are_told(accounts: int) -> None:
    table, _ = planted(40)
    with pytest.raises(SegmentError, match=r"客户"):
        fit(table.slice(0, accounts), ATTRIBUTES)


def test_accounts_that_are_all_alike_are_told() -> None:
    table, _ = planted(40, unknown=0.0)
    same = table.take(pa.array([3] * 40))
    with pytest.raises(SegmentError, match="tells accounts apart"):
        fit(same, ATTRIBUTES)


def test_a_group_that_weighs_nothing_takes_no_part() -> None:
    table, _ = planted(1000)
    treatment = learn(table, ATTRIBUTES, {"background": 0.0})
    assert {"industry", "employees"}.isdisjoint(treatment.inputs)
    with pytest.raises(SegmentError, match="not valid"):
        learn(table, ATTRIBUTES, {"colour": 1.0})
