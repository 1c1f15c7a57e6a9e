"""E1.1: generate the data set into HDFS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clusterbed_workloads.bench import EMPLOYEES
from clusterbed_workloads.case import Verdict
from clusterbed_workloads.cases import dataset
from clusterbed_workloads.catalogue import EXPERT
from clusterbed_workloads.employees import judgement, pandas_rows
from clusterbed_workloads.reference import reference

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from clusterbed_workloads.bench import Bench
    from clusterbed_workloads.employees.model import Population
    from clusterbed_workloads.stopwatch import Stopwatch

LITERAL_PATH = "/datasets/literal/parquet_chunks"

_SPARK_SCHEMA = "id bigint, name string, age int, salary double, signup_date timestamp, is_active boolean"


def write_chunks(spark: SparkSession, population: Population, url: str) -> None:
    """The document's way: pandas makes a chunk on the driver, Spark appends it as Parquet."""
    for number, chunk in enumerate(pandas_rows.chunks(population)):
        frame = spark.createDataFrame(chunk, schema=_SPARK_SCHEMA)
        frame.write.mode("append" if number else "overwrite").parquet(url)


class Generation:
    """The expert version makes every row on the executors; the literal one all of them on the driver."""

    def prepare(self, bench: Bench) -> None:
        """Start from nothing."""
        bench.storage.delete(EMPLOYEES)
        bench.storage.delete(LITERAL_PATH)

    def run(self, variant: str, bench: Bench, watch: Stopwatch) -> str:
        """Returns where the data set lies."""
        if variant == EXPERT:
            with watch.processing():
                dataset.generate(bench, EMPLOYEES, bench.population)
            return EMPLOYEES
        with watch.processing():
            write_chunks(bench.spark, bench.population, bench.storage.url(LITERAL_PATH))
        return LITERAL_PATH

    def verify(self, variant: str, answer: str, bench: Bench) -> Verdict:
        """Types and distribution by DuckDB; the expert's every row by NumPy."""
        files = bench.fetched(answer)
        population = bench.population
        with reference(bench.scratch) as duck:
            duck.view("employees", files)
            found = judgement.distribution(duck)
        sizes = [file.stat().st_size for file in files]
        checks = [judgement.schema_check(files), *judgement.distribution_checks(found, population)]
        expert = variant == EXPERT
        if expert:
            checks.append(judgement.rows_check(files, population))
        else:
            bench.forget(answer)
            bench.storage.delete(answer)
        return Verdict(
            checks=tuple(checks),
            data_fingerprint=population.fingerprint if expert else f"pandas-{population.fingerprint}",
            quality={
                "future_share": found.future_share,
                "active_share": found.active_share,
                "salary_per_year": found.slope,
                "residual_variance": found.residual_variance,
            },
            metrics={"files": len(sizes), "file_bytes": sum(sizes)},
        )
