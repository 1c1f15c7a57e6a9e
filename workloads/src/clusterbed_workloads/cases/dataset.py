"""That the data set of E1.1 is there, for a case that reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clusterbed_workloads.bench import EMPLOYEES
from clusterbed_workloads.employees import spark_rows

if TYPE_CHECKING:
    from clusterbed_workloads.bench import Bench
    from clusterbed_workloads.employees.model import Population

MARKER = "_population"
"""A file beside the data that names the population; Spark leaves out names that start with `_`."""

CODEC = "zstd"
"""A third smaller than Snappy, Spark's default, and no slower to write (docs/decisions/generator.md)."""


def holds(bench: Bench, path: str, population: Population) -> bool:
    """Whether the directory was written in full, from that population."""
    marker = f"{path}/{MARKER}"
    return bench.storage.exists(marker) and bench.storage.read(marker).decode() == population.fingerprint


def generate(bench: Bench, path: str, population: Population) -> None:
    """Write the population as Parquet, each partition a file, and mark it once it is complete."""
    spark = bench.spark
    files = spark_rows.files_for(population.rows, spark.sparkContext.defaultParallelism)
    rows = spark_rows.employees(spark, population, files)
    rows.write.mode("overwrite").option("compression", CODEC).parquet(bench.storage.url(path))
    bench.storage.write(f"{path}/{MARKER}", population.fingerprint.encode())


def ensure(bench: Bench, path: str = EMPLOYEES, population: Population | None = None) -> None:
    """Generate the data set unless it is there: a case must not depend on another one's success."""
    wanted = population or bench.population
    if not holds(bench, path, wanted):
        bench.log.info("%s does not hold %s: generating it", path, wanted.fingerprint)
        bench.spark_engine.ready(within_s=300.0)
        generate(bench, path, wanted)
