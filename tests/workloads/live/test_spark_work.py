"""The Spark work of E1.1-E1.5 on small tables, against NumPy and against the document's own way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyspark.sql import SparkSession

from clusterbed_workloads.cases.ages import extremes, extremes_by_sorting
from clusterbed_workloads.cases.cleaning import clean
from clusterbed_workloads.cases.earners import top_earners, top_earners_of_all
from clusterbed_workloads.cases.training import ARROW, rows_by_id, rows_by_limit
from clusterbed_workloads.employees import judgement, spark_rows
from clusterbed_workloads.employees.model import Population

pytestmark = pytest.mark.engines


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.mark.parametrize("partitions", [1, 3, 8])
def test_e1_1_rows_are_the_same_for_any_number_of_partitions(
    spark: Any, tmp_path: Path, partitions: int
) -> None:
    population = Population(seed=2**62 + 1, rows=30_001)
    spark_rows.employees(spark, population, partitions).write.parquet(str(tmp_path / "rows"))
    files = sorted((tmp_path / "rows").glob("part-*"))
    assert len(files) == partitions
    for check in (judgement.rows_check(files, population), judgement.schema_check(files)):
        assert check.passed, check


@pytest.fixture
def employees(spark: Any) -> Any:
    """Twelve employees, and the three best paid of them sixty times over."""
    day = datetime(2024, 1, 1)
    rows = [(n, f"name {n}", 18 + n % 3, 1000.0 * (n % 7), day, n % 4 != 0) for n in range(12)]
    best = sorted(rows, key=lambda row: -row[3])[:3]
    schema = "id bigint, name string, age int, salary double, signup_date timestamp, is_active boolean"
    return spark.createDataFrame(rows + best * 60, schema).repartition(5)


def test_e1_3_removes_duplicates_however_many_stand_at_the_top(employees: Any) -> None:
    expert, literal = top_earners(employees, 5), top_earners_of_all(employees, 5)
    assert expert.to_pylist() == literal.to_pylist()
    assert len(set(expert.column("id").to_pylist())) == 5


def test_e1_3_asked_for_more_than_there_are_gives_all(employees: Any) -> None:
    assert top_earners(employees, 50).num_rows == 12


def test_e1_4_youngest_and_oldest_are_those_of_sorting(employees: Any) -> None:
    distinct = employees.distinct()
    order = [("group", "ascending"), ("id", "ascending")]
    expert = extremes(distinct, 5).sort_by(order)
    assert expert.to_pylist() == extremes_by_sorting(distinct, 5).sort_by(order).to_pylist()
    assert expert.column("group").to_pylist() == ["oldest"] * 5 + ["youngest"] * 5
    assert all(expert.column("is_active").to_pylist())


def test_e1_2_makes_names_and_dates_consistent(spark: Any, tmp_path: Path) -> None:
    rows = spark.createDataFrame([(1, datetime(2028, 8, 21))], "`Id ` bigint, `Signup-Date` timestamp")
    rows.write.parquet(str(tmp_path / "raw"))
    assert clean(spark, str(tmp_path / "raw"), str(tmp_path / "clean")) == 1
    cleaned = spark.read.parquet(str(tmp_path / "clean"))
    assert cleaned.dtypes == [("id", "bigint"), ("signup_date", "date")]
    assert cleaned.first().signup_date == date(2028, 8, 21)


def test_e1_5_arrow_and_no_arrow_bring_home_the_same_rows(spark: Any, tmp_path: Path) -> None:
    source = str(tmp_path / "rows")
    spark_rows.employees(spark, Population(seed=1, rows=5000), 1).write.parquet(source)
    expert, literal = rows_by_id(spark, source, 1000), rows_by_limit(spark, source, 1000)
    np.testing.assert_array_equal(expert.to_numpy(), literal.sort_values("id").to_numpy())
    assert spark.conf.get(ARROW) == "true"
