"""The model of leaving: fitted, calibrated, explained, saved without code. Refuses strange tables and files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pyarrow as pa

from zhike_analytics.churn.calibration import Calibration, choose
from zhike_analytics.churn.columns import Encoding
from zhike_analytics.churn.guard import refuse_leaks
from zhike_analytics.churn.measures import Bools, Floats
from zhike_analytics.contracts.churn import ChurnError, Reason, Signal

SCHEMA = 1
"""Form of saved models; another is refused."""
ROUNDS = 250
FEWEST_ACCOUNTS = 50
FEWEST_LEAVERS = 10
FOLDS = 5
SETTINGS: dict[str, Any] = {
    "objective": "binary", "learning_rate": 0.03, "num_leaves": 8, "min_data_in_leaf": 30, "lambda_l2": 5.0,
    "bagging_fraction": 0.8, "bagging_freq": 1, "feature_fraction": 0.6, "deterministic": True,
    "force_row_wise": True, "num_threads": 1, "verbosity": -1, "cat_smooth": 20.0, "max_cat_to_onehot": 6,
}  # fmt: skip
"""Small trees slowly added: tables of accounts are small and their signals additive (docs/adr/0012-churn.md).
One thread: more only wait busily for one another where others compute too."""


@dataclass(frozen=True)
class ChurnModel:
    """A fitted model: equal inputs give equal chances on every machine.

    Attributes
    ----------
    mode
        ``time``: learned from earlier days than judged on; ``cross_section``: the tables hold no time, so what it says
        is who resembles those who left, not who will leave.
    about
        Evidence as plain values: rows, leavers, both calibrations' Brier scores.
    """

    booster: lightgbm.Booster
    encoding: Encoding
    calibration: Calibration
    mode: str
    about: dict[str, Any] = field(default_factory=dict)

    def score(self, table: pa.Table) -> Floats:
        """Return log odds, not calibrated."""
        if not table.num_rows:
            return np.empty(0)
        return np.asarray(self.booster.predict(self.encoding.matrix(table), raw_score=True), dtype=np.float64)

    def chance(self, table: pa.Table) -> Floats:
        """Return each account's chance of leaving within the horizon."""
        return self.calibration(self.score(table))

    def reasons(self, table: pa.Table, most: int = 3) -> list[tuple[Reason, ...]]:
        """Return per account what moved its chance most, largest first, either way."""
        if not table.num_rows:
            return []
        matrix = self.encoding.matrix(table)
        moved = np.asarray(self.booster.predict(matrix, pred_contrib=True))[:, :-1]
        order = np.argsort(-np.abs(moved), axis=1, kind="stable")[:, :most]
        return [
            tuple(self._reason(number, matrix[row, number], moved[row, number]) for number in order[row])
            for row in range(len(order))
        ]

    def _reason(self, number: int, value: float, log_odds: float) -> Reason:
        signal = self.encoding.signals[number]
        shown: float | str | None = None if np.isnan(value) else float(value)
        if shown is not None and signal.kind == "category":
            levels = (*self.encoding.levels[signal.name], "other")
            shown = levels[int(value)]
        return Reason(signal.name, shown, float(log_odds))

    @property
    def fingerprint(self) -> str:
        """Digest of trees, columns and curve."""
        return _digest(self._body())

    def _body(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA, "trees": self.booster.model_to_string(num_iteration=-1), "mode": self.mode,
            "encoding": self.encoding.as_json(), "calibration": self.calibration.as_json(), "about": self.about,
        }  # fmt: skip

    def save(self, path: Path) -> None:
        """Write the model as JSON with LightGBM's text in it: nothing that could run when read."""
        body = self._body()
        text = json.dumps({**body, "fingerprint": _digest(body)}, ensure_ascii=False)
        unfinished = path.with_name(path.name + ".part")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)

    @classmethod
    def load(cls, path: Path) -> ChurnModel:
        """Return a saved model.

        Raises
        ------
        ChurnError
            When the file is no model, of another form, or not as it was written.
        """
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
            said = body.pop("fingerprint")
            schema = body["schema"]
        except (ValueError, KeyError, TypeError, AttributeError) as wrong:
            raise ChurnError(f"{path.name} 不是流失模型文件 / {path.name} is no churn model") from wrong
        if schema != SCHEMA:
            raise ChurnError(
                f"{path.name} 的格式为 {schema}，本版本只认 {SCHEMA}，请重新训练"
                f" / {path.name} has form {schema}, this release reads {SCHEMA}: fit it again"
            )
        if _digest(body) != said:
            raise ChurnError(
                f"{path.name} 的指纹不符，文件已被改动或损坏，请重新训练"
                f" / the fingerprint of {path.name} differs: it was changed or damaged, fit it again"
            )
        return cls(
            lightgbm.Booster(model_str=body["trees"]), Encoding.from_json(body["encoding"]),
            Calibration.from_json(body["calibration"]), body["mode"], body["about"],
        )  # fmt: skip


def fit(
    table: pa.Table,
    left: Bools,
    signals: Sequence[Signal],
    *,
    mode: str,
    groups: np.ndarray[Any, Any] | None = None,
    seed: int = 20_261_123,
) -> ChurnModel:
    """Return a calibrated model of who left.

    Parameters
    ----------
    groups
        What must not be torn apart between folds: one number per row, the same for all rows of an account.

    Raises
    ------
    ChurnError
        When there are too few accounts or leavers, all or none left, or a column gives the outcome away.
    """
    _refuse_hopeless(table, left, mode)
    refuse_leaks(table, left, signals)
    encoding = Encoding.learn(table, signals)
    if not encoding.signals:
        raise ChurnError("没有可用的列：全部为常数或未知 / no usable column: all are constant or unknown")
    matrix = encoding.matrix(table)
    fold = _folds(left, groups, seed)
    held_out = np.empty(len(left))
    for number in range(FOLDS):
        here = fold == number
        booster = _train(matrix[~here], left[~here], encoding, seed)
        held_out[here] = booster.predict(matrix[here], raw_score=True)
    calibration, evidence = choose(held_out, left, seed)
    about = {"rows": len(left), "leavers": int(left.sum()), "brier": evidence}
    return ChurnModel(_train(matrix, left, encoding, seed), encoding, calibration, mode, about)


def _refuse_hopeless(table: pa.Table, left: Bools, mode: str) -> None:
    if mode not in ("time", "cross_section"):
        raise ChurnError(f"未知方式 {mode} / unknown mode {mode}")
    rows, gone = len(left), int(left.sum())
    if rows != table.num_rows:
        raise ChurnError(f"结果 {rows} 行，表 {table.num_rows} 行 / {rows} outcomes for {table.num_rows} rows")
    if rows < FEWEST_ACCOUNTS:
        raise ChurnError(
            f"只有 {rows} 个客户，至少需要 {FEWEST_ACCOUNTS} 个 / only {rows} accounts, {FEWEST_ACCOUNTS} are needed"
        )
    if gone in (0, rows):
        zh, en = ("全部客户都已离网", "all accounts left") if gone else ("没有客户离网", "no account left")
        raise ChurnError(f"{zh}，无从学习差别 / {en}: there is no difference to learn")
    if min(gone, rows - gone) < FEWEST_LEAVERS:
        raise ChurnError(
            f"离网 {gone} 个、在网 {rows - gone} 个，两类都至少需要 {FEWEST_LEAVERS} 个"
            f" / {gone} left and {rows - gone} stayed, {FEWEST_LEAVERS} of each are needed"
        )


def _train(matrix: Floats, left: Bools, encoding: Encoding, seed: int) -> lightgbm.Booster:
    categories = [number for number, one in enumerate(encoding.signals) if one.kind == "category"]
    settings = {**SETTINGS, "seed": seed, "monotone_constraints": [-one.deepens for one in encoding.signals]}
    settings["min_data_in_leaf"] = min(SETTINGS["min_data_in_leaf"], max(len(left) // 20, 2))
    names = [f"c{number}" for number in range(len(encoding.signals))]
    data = lightgbm.Dataset(
        matrix, left.astype(float), feature_name=names, categorical_feature=categories, params={"verbosity": -1}
    )
    return lightgbm.train(settings, data, ROUNDS)


def _folds(left: Bools, groups: np.ndarray[Any, Any] | None, seed: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return a fold per row: leavers spread evenly, rows of one group together."""
    draw = np.random.default_rng(seed)
    if groups is not None:
        names, place = np.unique(groups, return_inverse=True)
        ever = np.bincount(place, left.astype(float), minlength=len(names)) > 0
        return _folds(ever, None, seed)[place]
    fold = np.empty(len(left), dtype=np.int64)
    for kind in (True, False):
        rows = draw.permutation(np.flatnonzero(left == kind))
        fold[rows] = np.arange(len(rows)) % FOLDS
    return fold


def _digest(body: dict[str, Any]) -> str:
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
