"""The rows as Spark expressions: made on the executors, without Python there, and the same for any cut.

Each value is a function of (seed, id) alone, so neither the number of partitions nor a retried task
changes a row.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from pyspark.sql import functions as F  # noqa: N812 - the name every Spark user knows

from clusterbed_workloads.employees import model
from clusterbed_workloads.employees.streams import Stream

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

    from clusterbed_workloads.employees.model import Population

_UNIT = 2.0**-53
_DAY_S = 86_400

ROWS_PER_FILE = 2_500_000
"""About 20 MB of Parquet: large enough to read fast, small enough to keep every core busy."""

ROWS_WORTH_A_TASK = 50_000
"""They take about 20 ms to make; opening, closing and renaming a file in HDFS takes longer."""


def _draws(seed: int, stream: Stream) -> Column:
    key = (F.lit(value).cast("bigint") for value in (seed, stream.value))
    return F.shiftrightunsigned(F.xxhash64(*key, F.col("id")), 11)


def _uniform(seed: int, stream: Stream) -> Column:
    return _draws(seed, stream).cast("double") * F.lit(_UNIT)


def _below(seed: int, stream: Stream, bound: int) -> Column:
    return _draws(seed, stream) % F.lit(bound)


def _normal(seed: int) -> Column:
    radius = (_draws(seed, Stream.SALARY_RADIUS) + F.lit(1)).cast("double") * F.lit(_UNIT)
    angle = _uniform(seed, Stream.SALARY_ANGLE)
    return F.sqrt(F.lit(-2.0) * F.log(radius)) * F.cos(F.lit(2.0 * math.pi) * angle)


def files_for(rows: int, cores: int) -> int:
    """How many files: two for each core if they are worth a task, none of more than `ROWS_PER_FILE` rows."""
    return max(math.ceil(rows / ROWS_PER_FILE), min(2 * cores, math.ceil(rows / ROWS_WORTH_A_TASK)))


def employees(spark: SparkSession, population: Population, partitions: int) -> DataFrame:
    """The population, in `partitions` partitions, ordered by id."""
    seed = population.seed
    name = F.element_at(
        F.array(*[F.lit(name) for name in model.NAMES]),
        (_below(seed, Stream.NAME, len(model.NAMES)) + F.lit(1)).cast("int"),
    )
    age = (F.lit(model.AGE_MIN) + _below(seed, Stream.AGE, model.AGE_MAX - model.AGE_MIN + 1)).cast("int")
    first_s = int(datetime.combine(model.SIGNUP_FIRST, time(), UTC).timestamp())
    signup_s = F.lit(first_s) + F.lit(_DAY_S) * _below(seed, Stream.SIGNUP, model.SIGNUP_DAYS)
    mean = F.lit(model.SALARY_AT_ZERO) + F.lit(model.SALARY_PER_YEAR) * F.col("age")
    salary = F.abs(mean + F.lit(model.SALARY_SD) * _normal(seed))
    return (
        spark.range(0, population.rows, 1, partitions)
        .withColumns({"name": name, "age": age, "signup_date": F.timestamp_seconds(signup_s)})
        .withColumn("salary", F.rint(salary * F.lit(100.0)) / F.lit(100.0))
        .withColumn("is_active", _uniform(seed, Stream.ACTIVE) < F.lit(model.ACTIVE_SHARE))
        .select(*model.COLUMNS)
    )
