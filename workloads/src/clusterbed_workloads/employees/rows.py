"""The rows of some ids, computed with NumPy alone: the yardstick for what Spark wrote."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clusterbed_workloads.employees import model
from clusterbed_workloads.employees.hashing import Words, spark_xxhash64
from clusterbed_workloads.employees.streams import Stream

_UNIT = 2.0**-53
_DAY_S = 86_400


def _draws(seed: int, stream: Stream, ids: Words) -> Words:
    """53 random bits for each id."""
    return spark_xxhash64(np.full_like(ids, seed), np.full_like(ids, stream), ids) >> np.uint64(11)


def _uniform(seed: int, stream: Stream, ids: Words) -> NDArray[np.float64]:
    return _draws(seed, stream, ids).astype(np.float64) * _UNIT


def _below(seed: int, stream: Stream, ids: Words, bound: int) -> NDArray[np.int64]:
    return (_draws(seed, stream, ids) % np.uint64(bound)).astype(np.int64)


def _normal(seed: int, ids: Words) -> NDArray[np.float64]:
    """Box and Muller's cosine; the radius is drawn from (0, 1], so that its logarithm is finite."""
    radius = (_draws(seed, Stream.SALARY_RADIUS, ids) + np.uint64(1)).astype(np.float64) * _UNIT
    angle = _uniform(seed, Stream.SALARY_ANGLE, ids)
    return np.asarray(np.sqrt(-2.0 * np.log(radius)) * np.cos(2.0 * np.pi * angle), dtype=np.float64)


def employees(seed: int, ids: NDArray[np.int64]) -> pd.DataFrame:
    """The rows of `ids`, in that order, with the columns of `model.COLUMNS`."""
    words = ids.astype(np.uint64)
    ages = model.AGE_MIN + _below(seed, Stream.AGE, words, model.AGE_MAX - model.AGE_MIN + 1)
    mean = model.SALARY_AT_ZERO + model.SALARY_PER_YEAR * ages
    salary = np.abs(mean + model.SALARY_SD * _normal(seed, words))
    first_s = int(np.datetime64(model.SIGNUP_FIRST, "s").astype(np.int64))
    signup_s = first_s + _DAY_S * _below(seed, Stream.SIGNUP, words, model.SIGNUP_DAYS)
    return pd.DataFrame(
        {
            "id": ids,
            "name": np.asarray(model.NAMES)[_below(seed, Stream.NAME, words, len(model.NAMES))],
            "age": ages.astype(np.int32),
            "salary": np.rint(salary * 100.0) / 100.0,
            "signup_date": pd.to_datetime(signup_s * 1_000_000, unit="us", utc=True),
            "is_active": _uniform(seed, Stream.ACTIVE, words) < model.ACTIVE_SHARE,
        }
    )
