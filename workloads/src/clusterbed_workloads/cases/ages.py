"""E1.4: Query_2. The five youngest and the five oldest active employees, logged and stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pyspark.sql import functions as F  # noqa: N812 - the name every Spark user knows

from clusterbed_workloads.bench import EMPLOYEES
from clusterbed_workloads.case import Verdict
from clusterbed_workloads.cases import dataset
from clusterbed_workloads.catalogue import EXPERT
from clusterbed_workloads.record import Check
from clusterbed_workloads.reference import Reference, reference

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

    from clusterbed_workloads.bench import Bench
    from clusterbed_workloads.stopwatch import Stopwatch

OUTPUT: Final = "/datasets/age_extremes"
FIVE: Final = 5
GROUPS: Final = {"youngest": "age, id", "oldest": "age desc, id"}
"""Group → its order. Among equals the lower id comes first, so that there is one answer."""


def extremes(employees: DataFrame, count: int) -> pa.Table:
    """Who it is, from the two columns that decide it, both ends in one job; then those rows alone.

    `orderBy` with `limit` sorts nothing: each partition keeps its first `count`. The ids are pushed down to
    Parquet, whose statistics leave out the row groups without them. One pass with `min_by` over whole rows
    took twice as long as this on 5 M rows.
    """
    keys = employees.where("is_active").select("age", "id")
    ends = [keys.orderBy(*order).limit(count) for order in (("age", "id"), (F.desc("age"), "id"))]
    parts = [end.select(F.lit(group).alias("group"), "id") for group, end in zip(GROUPS, ends, strict=True)]
    found = parts[0].unionByName(parts[1]).toArrow()
    rows = employees.where(F.col("id").isin(found.column("id").to_pylist())).toArrow()
    return found.join(rows, keys="id", join_type="inner").select(["group", *employees.columns])


def extremes_by_sorting(employees: DataFrame, count: int) -> pa.Table:
    """The document's way: sort the active employees once up and once down."""
    active = employees.where("is_active")
    youngest = active.orderBy("age", "id").limit(count)
    oldest = active.orderBy(F.col("age").desc(), F.col("id")).limit(count)
    parts = [
        part.select(F.lit(group).alias("group"), "*")
        for group, part in zip(GROUPS, (youngest, oldest), strict=True)
    ]
    return parts[0].unionByName(parts[1]).toArrow()


class Ages:
    """Who are the youngest and the oldest employees in the organisation?"""

    def prepare(self, bench: Bench) -> None:
        """Have the data set."""
        dataset.ensure(bench)

    def run(self, variant: str, bench: Bench, watch: Stopwatch) -> str:  # noqa: ARG002 - one pipeline
        """Returns where the answer lies."""
        employees = bench.spark.read.parquet(bench.storage.url(EMPLOYEES))
        work = extremes if variant == EXPERT else extremes_by_sorting
        found = work(employees, FIVE)
        lines = [f"{row['group']}: {row['name']} (id {row['id']}), {row['age']}" for row in found.to_pylist()]
        log = bench.artifacts(variant) / "etl_query_2.log"
        log.write_text("\n".join(lines) + "\n", encoding="utf-8")
        target = f"{OUTPUT}/{variant}"
        stored = bench.spark.createDataFrame(found).coalesce(1)
        stored.write.mode("overwrite").parquet(bench.storage.url(target))
        return target

    def verify(self, variant: str, answer: str, bench: Bench) -> Verdict:  # noqa: ARG002 - one answer
        """DuckDB finds the same rows."""
        with reference(bench.scratch) as duck:
            duck.view("employees", bench.fetched(EMPLOYEES))
            duck.view("answer", bench.fetched(answer))
            checks = tuple(_check(duck, group, order) for group, order in GROUPS.items())
            youngest, oldest = duck.row("select min(age), max(age) from answer")
        bench.forget(answer)
        return Verdict(
            checks=checks,
            data_fingerprint=bench.population.fingerprint,
            quality={"youngest_age": youngest, "oldest_age": oldest},
        )


def _check(duck: Reference, group: str, order: str) -> Check:
    columns = "id, name, age, salary, signup_date::timestamp, is_active"
    expected = duck.rows(
        f"select {columns} from employees where is_active order by {order} limit {FIVE}"  # noqa: S608 - own text
    )
    got = duck.rows(f'select {columns} from answer where "group" = ? order by {order}', [group])  # noqa: S608 - own text
    return Check(name=group, passed=expected == got, expected=_text(expected), got=_text(got))


def _text(rows: list[tuple[Any, ...]]) -> str:
    return "; ".join(f"{row[0]} {row[1]} {row[2]}" for row in rows)
