"""E1.3: Query_1. Remove duplicates, sort by salary, store the top earners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pyspark.sql import functions as F  # noqa: N812 - the name every Spark user knows

from clusterbed_workloads.bench import EMPLOYEES
from clusterbed_workloads.case import Verdict
from clusterbed_workloads.cases import dataset
from clusterbed_workloads.catalogue import EXPERT
from clusterbed_workloads.record import Check
from clusterbed_workloads.reference import reference

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

    from clusterbed_workloads.bench import Bench
    from clusterbed_workloads.stopwatch import Stopwatch

OUTPUT: Final = "/datasets/top_earners"
TOP: Final = 10
"""The document does not say how many."""

_SLACK: Final = 4
_FLOOR: Final = "select min(salary) from (select distinct salary from employees order by salary desc limit ?)"
_EXPECTED: Final = """select distinct id, name, age, salary, signup_date::timestamp, is_active
                      from employees where salary >= ? order by salary desc, id limit ?"""
_GOT: Final = """select id, name, age, salary, signup_date::timestamp, is_active
                 from answer order by salary desc, id"""


def top_earners(employees: DataFrame, top: int) -> pa.Table:
    """The `top` best paid of all distinct rows, without moving the rest of the rows.

    Duplicates are equal in every column, so in a total order they are neighbours: the first `width` rows
    hold the answer as soon as `top` of them are distinct, and `width` grows until they are.
    """
    order = [F.col("salary").desc(), *[F.col(name) for name in employees.columns if name != "salary"]]
    width = top * _SLACK
    while True:
        best = employees.orderBy(*order).limit(width).toArrow()
        distinct = best.group_by(best.column_names, use_threads=False).aggregate([])
        if distinct.num_rows >= top or best.num_rows < width:
            return distinct.slice(0, top)
        width *= _SLACK


def top_earners_of_all(employees: DataFrame, top: int) -> pa.Table:
    """The document's way: remove duplicates everywhere, sort everything, take the first."""
    return employees.dropDuplicates().orderBy(F.col("salary").desc(), F.col("id")).limit(top).toArrow()


class Earners:
    """Who are the highest-paid employees in the dataset?"""

    def prepare(self, bench: Bench) -> None:
        """Have the data set."""
        dataset.ensure(bench)

    def run(self, variant: str, bench: Bench, watch: Stopwatch) -> str:  # noqa: ARG002 - one pipeline
        """Returns where the answer lies."""
        employees = bench.spark.read.parquet(bench.storage.url(EMPLOYEES))
        work = top_earners if variant == EXPERT else top_earners_of_all
        target = f"{OUTPUT}/{variant}"
        found = bench.spark.createDataFrame(work(employees, TOP)).coalesce(1)
        found.write.mode("overwrite").parquet(bench.storage.url(target))
        return target

    def verify(self, variant: str, answer: str, bench: Bench) -> Verdict:  # noqa: ARG002 - one answer
        """DuckDB finds the same rows. Only salaries that can be among the top are made distinct."""
        with reference(bench.scratch) as duck:
            duck.view("employees", bench.fetched(EMPLOYEES))
            duck.view("answer", bench.fetched(answer))
            (floor,) = duck.row(_FLOOR, [TOP])
            expected = duck.rows(_EXPECTED, [floor, TOP])
            got = duck.rows(_GOT)
        bench.forget(answer)
        return Verdict(
            checks=(
                Check(name="top earners", passed=expected == got, expected=_text(expected), got=_text(got)),
            ),
            data_fingerprint=bench.population.fingerprint,
            quality={"highest_salary": float(got[0][3]) if got else -1.0, "top": len(got)},
        )


def _text(rows: list[tuple[Any, ...]]) -> str:
    return "; ".join(f"{row[0]} {row[1]} {row[3]:.2f}" for row in rows)
