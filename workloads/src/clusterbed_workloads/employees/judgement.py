"""Whether Parquet files hold the population they should: exactly, row by row, and in distribution."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from clusterbed_workloads.employees import model
from clusterbed_workloads.employees.model import Population
from clusterbed_workloads.employees.rows import employees
from clusterbed_workloads.record import Check
from clusterbed_workloads.reference import Reference

STANDARD_ERRORS = 5.0
"""How far a sampled share or slope may lie from its expectation: wrong once in 1.7 million runs."""

_CENT = 0.01
"""Logarithm and cosine of Java and of NumPy differ in the last bit; rounding can make a cent of it."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """What DuckDB says about the files as a whole."""

    rows: int
    age_min: int
    age_max: int
    names: tuple[str, ...]
    future_share: float
    active_share: float
    not_midnight: int
    slope: float
    residual_variance: float


_NAMES: Final = "select distinct name from employees order by name"
_FIGURES: Final = """
    select count(*), min(age), max(age),
           avg((signup_date::timestamp >= ?::timestamp + interval 1 day)::int),
           avg(is_active::int),
           count(*) filter (signup_date::timestamp <> date_trunc('day', signup_date::timestamp)),
           regr_slope(salary, age),
           var_pop(salary) * (1 - coalesce(regr_r2(salary, age), 0))
    from employees"""


def distribution(reference: Reference) -> Distribution:
    """Measure the figures that the document's text gives or implies, of the view `employees`."""
    names = reference.rows(_NAMES)
    figures = reference.row(_FIGURES, [model.PUBLISHED])
    rows, age_min, age_max, future, active, not_midnight, slope, residual = figures
    return Distribution(
        rows, age_min, age_max, tuple(str(name) for (name,) in names), float(future), float(active),
        not_midnight, float(slope) if slope is not None else math.nan, float(residual),
    )  # fmt: skip


def distribution_checks(found: Distribution, population: Population) -> tuple[Check, ...]:
    """The published properties: row count, ages, names, future dates, activity, salary over age."""
    age_variance = ((model.AGE_MAX - model.AGE_MIN + 1) ** 2 - 1) / 12.0
    slope_error = model.SALARY_SD / math.sqrt(age_variance * population.rows)
    return (
        Check(
            name="rows",
            passed=found.rows == population.rows,
            expected=str(population.rows),
            got=str(found.rows),
        ),
        Check(
            name="ages",
            passed=found.age_min >= model.AGE_MIN and found.age_max <= model.AGE_MAX,
            expected=f"{model.AGE_MIN} to {model.AGE_MAX}",
            got=f"{found.age_min} to {found.age_max}",
        ),
        Check(
            name="names",
            passed=set(found.names) <= set(model.NAMES),
            expected=f"from {', '.join(model.NAMES)}",
            got=", ".join(found.names),
        ),
        Check(
            name="signup dates at midnight",
            passed=found.not_midnight == 0,
            expected="0 others",
            got=f"{found.not_midnight} others",
        ),
        _near("share of future signup dates", found.future_share, model.FUTURE_SHARE,
              _share_error(model.FUTURE_SHARE, population.rows)),
        _near("share of active employees", found.active_share, model.ACTIVE_SHARE,
              _share_error(model.ACTIVE_SHARE, population.rows)),
        _near("salary per year of age", found.slope, model.SALARY_PER_YEAR, slope_error),
    )  # fmt: skip


def _share_error(share: float, rows: int) -> float:
    return math.sqrt(share * (1.0 - share) / rows)


def _near(name: str, got: float, expected: float, standard_error: float) -> Check:
    allowed = STANDARD_ERRORS * standard_error
    return Check(
        name=name,
        passed=abs(got - expected) <= allowed,
        expected=f"{expected:.4f} ± {allowed:.4f}",
        got=f"{got:.4f}",
    )


def schema_check(files: Sequence[Path]) -> Check:
    """Every file has the document's columns, in its order, with the types of `model.COLUMNS`."""
    expected = ", ".join(f"{name} {kind}" for name, kind in model.COLUMNS.items())
    seen = {", ".join(f"{field.name} {field.type}" for field in pq.read_schema(file)) for file in files} or {
        "no file"
    }
    return Check(
        name="column types", passed=seen == {expected}, expected=expected, got=" | ".join(sorted(seen))
    )


def rows_check(files: Sequence[Path], population: Population) -> Check:
    """Every row is what NumPy computes for its id, and every id is there once."""
    seen = np.zeros(population.rows, dtype=bool)
    wrong = strange = 0
    for file in files:
        with pq.ParquetFile(file) as parquet:
            for batch in parquet.iter_batches(batch_size=1 << 19):
                ids = np.asarray(batch.column("id"))
                known = (ids >= 0) & (ids < population.rows)
                strange += int(np.count_nonzero(~known)) + len(ids[known]) - len(np.unique(ids[known]))
                strange += int(np.count_nonzero(seen[ids[known]]))
                seen[ids[known]] = True
                wrong += int(np.count_nonzero(~_equal(batch, population.seed, ids)))
    absent = population.rows - int(np.count_nonzero(seen))
    return Check(
        name="every row as NumPy computes it",
        passed=not (wrong or strange or absent),
        expected="0 rows differ, 0 ids absent, 0 repeated or unknown",
        got=f"{wrong} rows differ, {absent} ids absent, {strange} repeated or unknown",
    )


def _equal(batch: pa.RecordBatch, seed: int, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
    expected = employees(seed, ids)
    signup = batch.column("signup_date").cast(pa.int64()).to_numpy(zero_copy_only=False)
    same = np.array(batch.column("name").to_pandas() == expected["name"])
    same &= np.asarray(batch.column("age")) == expected["age"].to_numpy()
    same &= np.abs(np.asarray(batch.column("salary")) - expected["salary"].to_numpy()) < 1.5 * _CENT
    same &= signup == expected["signup_date"].dt.as_unit("us").astype("int64").to_numpy()
    same &= batch.column("is_active").to_numpy(zero_copy_only=False) == expected["is_active"].to_numpy()
    return same
