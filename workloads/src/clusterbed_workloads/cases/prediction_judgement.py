"""Whether predictions.csv is right: one prediction a row, and each what the model says of that age."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from clusterbed_workloads.employees import model as employees
from clusterbed_workloads.record import Check
from clusterbed_workloads.reference import reference

if TYPE_CHECKING:
    from clusterbed_workloads.bench import Bench
    from clusterbed_workloads.case import Figures
    from clusterbed_workloads.employees.model import Population
    from clusterbed_workloads.models.files import SalaryModel

TOLERANCE: Final = 1e-6
"""Of a currency unit: a CSV file holds every digit of a double."""


def judged(
    bench: Bench, predictions: Path, data: Sequence[Path], model: SalaryModel, population: Population
) -> tuple[tuple[Check, ...], Figures]:
    """DuckDB joins the predictions with the data by id, and both with the model's answer for every age."""
    ages = np.arange(employees.AGE_MIN, employees.AGE_MAX + 1)
    answers = bench.scratch / "answers.parquet"
    pq.write_table(pa.table({"age": ages, "expected": model.predict(ages)}), answers)
    with reference(bench.scratch) as duck:
        duck.view("answers", [answers])
        duck.view("employees", data)
        rows, ids, differ, low, high, mse = duck.row(
            """select count(*), count(distinct predicted.id),
                      count(*) filter (name is distinct from predicted_name
                                       or not coalesce(abs(prediction - expected) <= ?, false)),
                      min(prediction), max(prediction), avg(power(salary - prediction, 2))
               from (select id, name as predicted_name, prediction from read_csv(?, header = true)) predicted
               left join employees using (id) left join answers using (age)""",
            [TOLERANCE, str(predictions)],
        )
    wanted = population.rows
    return (
        Check(
            name="one prediction for each row",
            passed=rows == ids == wanted,
            expected=str(wanted),
            got=f"{rows} for {ids} ids",
        ),
        Check(
            name="predictions as the model makes them",
            passed=differ == 0,
            expected="0 differ",
            got=f"{differ} differ",
        ),
    ), {"lowest_prediction": low, "highest_prediction": high, "mse_on_new_data": mse}
