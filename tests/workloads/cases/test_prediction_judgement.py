"""E1.6's verification: predictions.csv row by row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import StandardScaler

from clusterbed_workloads.bench import Bench
from clusterbed_workloads.cases.prediction_judgement import judged
from clusterbed_workloads.employees.model import Population
from clusterbed_workloads.employees.rows import employees
from clusterbed_workloads.models.files import SalaryModel
from tests.workloads.benches import bench, write

NEW = Population(seed=43, rows=500)
PATH = "/datasets/new_employees"


@pytest.fixture
def model() -> SalaryModel:
    scaler = StandardScaler().fit([[18.0], [80.0]])
    return SalaryModel(LinearRegression().fit([[-1.0], [1.0]], [74_300.0, 80_500.0]), scaler)


@pytest.fixture
def rows(model: SalaryModel) -> pd.DataFrame:
    rows = employees(NEW.seed, np.arange(NEW.rows))
    return rows.assign(prediction=model.predict(rows["age"].to_numpy()))[["id", "name", "prediction"]]


@pytest.fixture
def where(tmp_path: Path) -> Bench:
    where = bench(tmp_path, "E1.6")
    write(where, PATH, NEW)
    return where


def failing(where: Bench, rows: pd.DataFrame, model: SalaryModel) -> list[str]:
    file = where.artifacts("expert") / "predictions.csv"
    rows.to_csv(file, index=False)
    checks, _ = judged(where, file, where.fetched(PATH), model, NEW)
    return [check.name for check in checks if not check.passed]


def test_right_predictions_pass(where: Bench, rows: pd.DataFrame, model: SalaryModel) -> None:
    assert failing(where, rows, model) == []


def test_a_missing_and_a_repeated_row_are_seen(where: Bench, rows: pd.DataFrame, model: SalaryModel) -> None:
    assert failing(where, rows.iloc[1:], model) == ["one prediction for each row"]
    assert failing(where, pd.concat([rows, rows.iloc[:1]]), model) == ["one prediction for each row"]


def test_one_wrong_prediction_is_seen(where: Bench, rows: pd.DataFrame, model: SalaryModel) -> None:
    rows.loc[7, "prediction"] += 0.01
    assert failing(where, rows, model) == ["predictions as the model makes them"]


def test_another_name_is_seen(where: Bench, rows: pd.DataFrame, model: SalaryModel) -> None:
    rows.loc[7, "name"] = "Mallory"
    assert failing(where, rows, model) == ["predictions as the model makes them"]


def test_a_prediction_that_is_no_number_is_seen(where: Bench, rows: pd.DataFrame, model: SalaryModel) -> None:
    rows.loc[7, "prediction"] = np.nan
    assert failing(where, rows, model) == ["predictions as the model makes them"]
