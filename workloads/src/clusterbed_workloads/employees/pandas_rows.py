"""The rows as the document made them: pandas and NumPy in one process, chunk after chunk."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from clusterbed_workloads.employees import model
from clusterbed_workloads.employees.model import Population

CHUNK_ROWS = 500_000
"""Fits the driver's 512 MB (S1.6) with room for what Spark keeps of a chunk while it writes it."""


def chunks(population: Population, chunk_rows: int = CHUNK_ROWS) -> Iterator[pd.DataFrame]:
    """The population in chunks of `chunk_rows`; other draws than `rows.employees`, the same distributions."""
    random = np.random.default_rng(population.seed)
    for first in range(0, population.rows, chunk_rows):
        ids = np.arange(first, min(first + chunk_rows, population.rows), dtype=np.int64)
        ages = random.integers(model.AGE_MIN, model.AGE_MAX, size=len(ids), endpoint=True)
        salary = random.normal(model.SALARY_AT_ZERO + model.SALARY_PER_YEAR * ages, model.SALARY_SD)
        days = random.integers(0, model.SIGNUP_DAYS, size=len(ids))
        yield pd.DataFrame(
            {
                "id": ids,
                "name": random.choice(model.NAMES, size=len(ids)),
                "age": ages.astype(np.int32),
                "salary": np.abs(salary).round(2),
                "signup_date": pd.Timestamp(model.SIGNUP_FIRST, tz="UTC") + pd.to_timedelta(days, unit="D"),
                "is_active": random.random(len(ids)) < model.ACTIVE_SHARE,
            }
        )
