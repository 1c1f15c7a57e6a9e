"""A bench on a directory, with data sets that NumPy wrote; for tests that need no engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from clusterbed_workloads.bench import Bench
from clusterbed_workloads.employees.model import Population
from clusterbed_workloads.employees.rows import employees
from clusterbed_workloads.storage import open_storage
from tests.workloads.plans import small_plan


def bench(directory: Path, experiment: str, **changes: Any) -> Bench:
    plan = small_plan(directory, **changes)
    none = cast("Any", None)
    return Bench(
        plan=plan,
        experiment=experiment,
        run_dir=directory / "run",
        storage=open_storage(plan.engines, user="nobody"),
        spark_engine=none,
        ray_engine=none,
    )


def write(bench: Bench, path: str, population: Population) -> None:
    rows = pa.Table.from_pandas(employees(population.seed, np.arange(population.rows)), preserve_index=False)
    file = Path(bench.storage.url(path).removeprefix("file://")) / "part-0.parquet"
    file.parent.mkdir(parents=True)
    pq.write_table(rows, file)
