"""E1.1: the rows, as NumPy computes them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusterbed_workloads.employees import model
from clusterbed_workloads.employees.model import Population
from clusterbed_workloads.employees.pandas_rows import chunks
from clusterbed_workloads.employees.rows import employees

MANY = 200_000


@pytest.fixture(scope="module")
def many() -> pd.DataFrame:
    return employees(42, np.arange(MANY))


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**63 - 1), cuts=st.lists(st.integers(1, 199), max_size=6))
def test_a_row_depends_on_seed_and_id_alone(seed: int, cuts: list[int]) -> None:
    whole = employees(seed, np.arange(200))
    parts = [employees(seed, ids) for ids in np.split(np.arange(200), sorted(set(cuts)))]
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), whole)


def test_equals_what_spark_wrote_for_seed_42() -> None:
    first = employees(42, np.arange(3)).drop(columns="signup_date")
    assert first.to_numpy().tolist() == [
        [0, "Bob", 73, 95219.72, True],
        [1, "Alice", 20, 42791.99, True],
        [2, "Eve", 54, 99990.24, True],
    ]


def test_another_seed_gives_other_rows() -> None:
    assert not employees(1, np.arange(100)).equals(employees(2, np.arange(100)))


def test_columns_of_the_document(many: pd.DataFrame) -> None:
    assert list(many) == list(model.COLUMNS) == ["id", "name", "age", "salary", "signup_date", "is_active"]
    assert many["age"].min() == 18
    assert many["age"].max() == 80
    assert set(many["name"]) == set(model.NAMES)
    assert (many["signup_date"].dt.normalize() == many["signup_date"]).all()
    assert set(many["signup_date"].dt.year) == set(range(2020, 2030))
    assert (many["salary"] >= 0).all()


def test_published_error_is_what_a_mean_by_age_leaves(many: pd.DataFrame) -> None:
    """The document's error, 673,131,597 on 2,000 test rows, lies well within its own sampling error."""
    residual = many["salary"] - many.groupby("age")["salary"].transform("mean")
    published, sampling_error = 673_131_597.39, 673_131_597.39 * np.sqrt(2 / 2000)
    assert abs(float((residual**2).mean()) - published) < 0.5 * sampling_error


def test_future_dates_are_as_many_as_the_window_says(many: pd.DataFrame) -> None:
    future = many["signup_date"].dt.tz_localize(None) >= pd.Timestamp(model.PUBLISHED) + pd.Timedelta(days=1)
    assert abs(future.mean() - model.FUTURE_SHARE) < 0.005


def test_the_columns_are_independent_of_each_other(many: pd.DataFrame) -> None:
    codes = many.assign(
        name=many["name"].astype("category").cat.codes, day=many["signup_date"].astype("int64")
    )
    correlations = codes[["name", "age", "day", "is_active"]].astype(float).corr().to_numpy()
    assert np.abs(correlations - np.eye(4)).max() < 0.01


def test_literal_chunks_cover_every_id_once() -> None:
    parts = list(chunks(Population(seed=1, rows=2500), chunk_rows=1000))
    assert [len(part) for part in parts] == [1000, 1000, 500]
    assert pd.concat(parts)["id"].tolist() == list(range(2500))
    assert list(parts[0]) == list(model.COLUMNS)
