"""Whether a trained model is right: its rows, its fits, its error, computed again by other means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import cross_val_score

from clusterbed_workloads.bench import EMPLOYEES
from clusterbed_workloads.models import files
from clusterbed_workloads.models.fits import best_candidate
from clusterbed_workloads.models.grid import FITS, FOLDS
from clusterbed_workloads.record import Check
from clusterbed_workloads.reference import reference

if TYPE_CHECKING:
    import pandas as pd

    from clusterbed_workloads.bench import Bench
    from clusterbed_workloads.case import Figures
    from clusterbed_workloads.models.trained import Trained

SAME: Final = 1e-9
"""Relative difference of two computations of the same sum."""

AGE_MEANS: Final = 0.03
"""A forest on the age alone is a smoothed table of means by age. Its bootstrap and its depth limit move
the error on 2,000 test rows by less than 1 %; on a few hundred rows by up to 3 %."""

_ROWS: Final = "select id, age, salary from employees where id in (select unnest(?))"
_TABLE_MSE: Final = """
    with train as (select age, salary from employees where id in (select unnest($1))),
         test as (select age, salary from employees where id in (select unnest($2))),
         means as (select age, avg(salary) mean from train group by age),
         every as (select avg(salary) mean from train)
    select avg(power(salary - coalesce(means.mean, every.mean), 2))
    from test left join means using (age), every"""
"""The error of the simplest predictor there is: the training rows' mean salary of the same age."""


def judged(bench: Bench, variant: str, answer: Trained) -> tuple[tuple[Check, ...], Figures]:
    """The checks, and the figures of the model's quality."""
    train, test = answer.train, answer.test
    with reference(bench.scratch) as duck:
        duck.view("employees", bench.fetched(EMPLOYEES))
        source = {row[0]: row[1:] for row in duck.rows(_ROWS, [_ids(train) + _ids(test)])}
        table_mse = duck.row(_TABLE_MSE, [_ids(train), _ids(test)])[0]
    truth = np.array([source[row] for row in test["id"]], dtype=np.float64)
    saved = files.load(bench.artifacts(variant))
    again = float(np.mean((truth[:, 1] - saved.predict(truth[:, 0])) ** 2))
    _, fold_mse = best_candidate(answer.fits)
    checks = (
        _rows_check(bench, answer, source),
        Check(
            name="fits",
            passed=len(answer.fits) == FITS == len({(one.candidate, one.fold) for one in answer.fits}),
            expected=f"{FITS} different ones",
            got=str(len({(one.candidate, one.fold) for one in answer.fits})),
        ),
        _close("mean squared error of the saved files", answer.mse, again, SAME),
        _close(
            "error over the folds, by scikit-learn", fold_mse, _cross_validated(bench, saved, answer), SAME
        ),
        _close("mean squared error beside that of means by age", answer.mse, float(table_mse), AGE_MEANS),
    )
    return checks, {
        "mse": answer.mse,
        "mse_of_means_by_age": float(table_mse),
        "mse_over_folds": fold_mse,
        "n_estimators": answer.chosen["n_estimators"],
        "max_depth": answer.chosen["max_depth"] or "unlimited",
        "min_samples_split": answer.chosen["min_samples_split"],
    }


def _ids(rows: pd.DataFrame) -> list[int]:
    return [int(row) for row in rows["id"]]


def _rows_check(bench: Bench, answer: Trained, source: dict[int, tuple[int, float]]) -> Check:
    """Training and test rows are apart, together as many as the plan says, and stand in the data set."""
    wanted = min(bench.plan.training_rows, bench.plan.rows)
    frames = (answer.train, answer.test)
    used = {
        row
        for frame in frames
        for row in zip(frame["id"].tolist(), frame["age"].tolist(), frame["salary"].tolist(), strict=True)
    }
    real = {(row, *values) for row, values in source.items()}
    share = len(answer.test) / max(1, len(answer.train) + len(answer.test))
    return Check(
        name="rows split 80/20, all from the data set",
        passed=used == real and len(used) == wanted == sum(map(len, frames)),
        expected=f"{wanted} rows of the data set, 20.0 % for the test",
        got=f"{len(used & real)} rows of the data set, {share:.1%} for the test",
    )


def _cross_validated(bench: Bench, saved: files.SalaryModel, answer: Trained) -> float:
    forest = RandomForestRegressor(**answer.chosen, random_state=bench.plan.seed)
    ages = saved.scaler.transform(answer.train[["age"]].to_numpy(dtype=np.float64))
    scores = cross_val_score(
        forest, ages, answer.train["salary"].to_numpy(), cv=FOLDS, scoring="neg_mean_squared_error"
    )
    return float(-np.mean(scores))


def _close(name: str, got: float, expected: float, allowed: float) -> Check:
    return Check(
        name=name,
        passed=bool(np.isfinite(got)) and abs(got - expected) <= allowed * abs(expected),
        expected=f"{expected:.2f} ± {allowed:.2g} of it",
        got=f"{got:.2f}",
    )
