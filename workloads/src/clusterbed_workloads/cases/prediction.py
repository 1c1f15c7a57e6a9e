"""E1.6: the saved model on new data in HDFS, in batches; predictions.csv and prediction.log."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa
from pyarrow import csv
from sklearn.ensemble import RandomForestRegressor
from sklearn.preprocessing import StandardScaler

from clusterbed_workloads.bench import EMPLOYEES
from clusterbed_workloads.case import Verdict
from clusterbed_workloads.cases import dataset
from clusterbed_workloads.cases.prediction_judgement import judged
from clusterbed_workloads.cases.training import rows_by_id
from clusterbed_workloads.catalogue import EXPERT
from clusterbed_workloads.employees.model import Population
from clusterbed_workloads.models import files, prediction, prediction_in_batches
from clusterbed_workloads.models.batch import Batch
from clusterbed_workloads.models.logbook import logbook

if TYPE_CHECKING:
    from clusterbed_workloads.bench import Bench
    from clusterbed_workloads.stopwatch import Stopwatch

NEW_EMPLOYEES: Final = "/datasets/new_employees"
PREDICTIONS: Final = "predictions.csv"
BATCH_ROWS: Final = 100_000
"""The document does not say how large its batches were."""


@dataclass(frozen=True, slots=True)
class Predicted:
    """Where the predictions are, and what each batch took."""

    file: Path
    batches: tuple[Batch, ...]


def newcomers(bench: Bench) -> Population:
    """The new data: the same distributions, another seed."""
    return Population(seed=bench.plan.seed + 1, rows=bench.plan.prediction_rows)


def write_csv(tables: Iterable[pa.Table], file: Path) -> int:
    """Write the tables one after the other, under one header. Returns the number of rows."""
    rows, writer = 0, None
    try:
        for table in tables:
            writer = writer or csv.CSVWriter(file, table.schema)
            writer.write_table(table)
            rows += table.num_rows
    finally:
        if writer is not None:
            writer.close()
    return rows


class Prediction:
    """The published figure: 20 s per batch."""

    def __init__(self) -> None:
        self._model_from = "E1.5"

    def prepare(self, bench: Bench) -> None:
        """Have new data, and the model of E1.5; without one, train the default forest here."""
        dataset.ensure(bench, NEW_EMPLOYEES, newcomers(bench))
        models = self._models(bench)
        if not files.saved(models):
            dataset.ensure(bench)
            bench.spark_engine.ready(within_s=300.0)
            rows = rows_by_id(bench.spark, bench.storage.url(EMPLOYEES), bench.plan.training_rows)
            scaler = StandardScaler()
            ages = scaler.fit_transform(rows[["age"]].to_numpy(dtype=float))
            forest = RandomForestRegressor(random_state=bench.plan.seed).fit(ages, rows["salary"].to_numpy())
            files.SalaryModel(forest, scaler).save(models)
            self._model_from = "a default forest, trained beforehand: E1.5 had left none"
        bench.spark_engine.stop()  # its executors' memory is for Ray now

    @staticmethod
    def _models(bench: Bench) -> Path:
        return bench.artifacts(EXPERT, "E1.5")

    def run(self, variant: str, bench: Bench, watch: Stopwatch) -> Predicted:  # noqa: ARG002 - one pipeline
        """Write predictions.csv and prediction.log."""
        directory = bench.artifacts(variant)
        file = directory / PREDICTIONS
        paths = [stored.path for stored in bench.storage.files(NEW_EMPLOYEES)]
        with logbook(directory / "prediction.log") as log:
            model = files.load(self._models(bench))
            log.info("Model loaded; %d Parquet files in HDFS '%s'", len(paths), NEW_EMPLOYEES)
            work = prediction if variant == EXPERT else prediction_in_batches
            batches: list[Batch] = []
            rows = write_csv(work.predictions(paths, bench.storage, model, BATCH_ROWS, batches), file)
            for number, batch in enumerate(batches, start=1):
                log.info("Batch %d: %d rows in %.3f s on %s", number, batch.rows, batch.seconds, batch.node)
            log.info("%d predictions saved in '%s'", rows, PREDICTIONS)
        return Predicted(file, tuple(batches))

    def verify(self, variant: str, answer: Predicted, bench: Bench) -> Verdict:  # noqa: ARG002 - one answer
        """Every prediction against the model's own answer for that row's age; see `prediction_judgement`."""
        model = files.load(self._models(bench))
        checks, quality = judged(bench, answer.file, bench.fetched(NEW_EMPLOYEES), model, newcomers(bench))
        seconds = [batch.seconds for batch in answer.batches]
        nodes = Counter(bench.ray_engine.name_of(batch.node) for batch in answer.batches)
        return Verdict(
            checks=checks,
            data_fingerprint=newcomers(bench).fingerprint,
            quality=quality,
            metrics={
                "batches": len(seconds),
                "batch_rows": BATCH_ROWS,
                "batch_mean_s": statistics.fmean(seconds),
                "batch_max_s": max(seconds),
                **{f"batches_on_{node}": count for node, count in sorted(nodes.items())},
            },
            notes=() if self._model_from == "E1.5" else (f"model: {self._model_from}",),
        )
