"""E1.5's verification: a right training passes, and each kind of cheating is seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.preprocessing import StandardScaler

from clusterbed_workloads.bench import EMPLOYEES, Bench
from clusterbed_workloads.cases.training_judgement import judged
from clusterbed_workloads.employees.rows import employees
from clusterbed_workloads.models import files
from clusterbed_workloads.models.files import SalaryModel
from clusterbed_workloads.models.fits import Fit
from clusterbed_workloads.models.grid import CANDIDATES, FITS, FOLDS, TEST_SHARE
from clusterbed_workloads.models.trained import Trained
from tests.workloads.benches import bench, write

ROWS = 2000


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bench, Trained]:
    where = bench(tmp_path_factory.mktemp("bench"), "E1.5", rows=ROWS, training_rows=ROWS)
    write(where, EMPLOYEES, where.population)
    train, test = train_test_split(employees(42, np.arange(ROWS)), test_size=TEST_SHARE, random_state=42)
    scaler = StandardScaler()
    ages = scaler.fit_transform(train[["age"]].to_numpy(dtype=float))
    forest = RandomForestRegressor(**CANDIDATES[0], random_state=42)
    scores = cross_val_score(forest, ages, train["salary"], cv=FOLDS, scoring="neg_mean_squared_error")
    fits = tuple(
        Fit(candidate, fold, -float(scores[fold]) + candidate, 0.1, "master")
        for candidate in range(len(CANDIDATES))
        for fold in range(FOLDS)
    )
    model = SalaryModel(forest.fit(ages, train["salary"].to_numpy()), scaler)
    model.save(where.artifacts("expert"))
    mse = float(np.mean((test["salary"] - model.predict(test["age"].to_numpy())) ** 2))
    return where, Trained(train, test, fits, CANDIDATES[0], mse)


def failing(where: Bench, answer: Trained) -> list[str]:
    checks, _ = judged(where, "expert", answer)
    return [check.name for check in checks if not check.passed]


def test_a_right_training_passes(trained: tuple[Bench, Trained]) -> None:
    checks, quality = judged(trained[0], "expert", trained[1])
    assert [check for check in checks if not check.passed] == []
    assert len(trained[1].fits) == FITS == 24
    assert quality["mse"] == trained[1].mse


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        (lambda answer: replace(answer, mse=answer.mse * 0.99), "mean squared error of the saved files"),
        (lambda answer: replace(answer, fits=answer.fits[:-1]), "fits"),
        (lambda answer: replace(answer, fits=(*answer.fits[:-1], answer.fits[0])), "fits"),
        (
            lambda answer: replace(answer, test=answer.test.iloc[1:]),
            "rows split 80/20, all from the data set",
        ),
        (
            lambda answer: replace(answer, train=answer.train.assign(salary=0.0)),
            "rows split 80/20, all from the data set",
        ),
        (
            lambda answer: replace(answer, fits=tuple(replace(fit, mse=1.0) for fit in answer.fits)),
            "error over the folds, by scikit-learn",
        ),
    ],
)
def test_what_is_not_right_is_seen(
    trained: tuple[Bench, Trained], change: Callable[[Trained], Trained], seen: str
) -> None:
    assert seen in failing(trained[0], change(trained[1]))


def test_a_model_that_learned_nothing_is_seen(trained: tuple[Bench, Trained], tmp_path: Path) -> None:
    where, answer = trained
    kept = files.load(where.artifacts("expert"))
    forest = RandomForestRegressor(n_estimators=1, max_depth=1).fit([[0.0], [1.0]], [0.0, 1.0])
    worst = SalaryModel(forest, kept.scaler)
    worst.save(where.artifacts("expert"))
    try:
        error = float(np.mean((answer.test["salary"] - worst.predict(answer.test["age"].to_numpy())) ** 2))
        seen = failing(where, replace(answer, mse=error))
    finally:
        kept.save(where.artifacts("expert"))
    assert seen == ["mean squared error beside that of means by age"]
