"""Prediction on Ray: Parquet from HDFS streams through one predictor a core, batch by batch."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import ray
import ray.data
from pyarrow.fs import FileSystem

from clusterbed_workloads.models.files import SalaryModel

INPUT = ("id", "name", "age")
OUTPUT = ("id", "name", "prediction")


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch: rows, seconds of scaling and predicting, and the address of the node it ran on."""

    rows: int
    seconds: float
    node: str


class Ledger:
    """Collects what each predictor did; an actor, so that predictors on any node reach it."""

    def __init__(self) -> None:
        self._batches: list[Batch] = []

    def add(self, batch: Batch) -> None:
        """Note a batch."""
        self._batches.append(batch)

    def batches(self) -> list[Batch]:
        """All batches so far."""
        return self._batches


class Predictor:
    """Holds the model for as long as its process lives, so that it travels once a core, not once a batch."""

    def __init__(self, model: SalaryModel, ledger: Any) -> None:
        self._model = model
        self._ledger = ledger

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Predict one batch."""
        start = time.perf_counter()
        predicted = self._model.predict(batch["age"])
        spent = time.perf_counter() - start
        node = ray.util.get_node_ip_address()
        ray.get(self._ledger.add.remote(Batch(len(predicted), spent, node)))
        return {"id": batch["id"], "name": batch["name"], "prediction": predicted}


def predictions(
    paths: Sequence[str], files: FileSystem, model: SalaryModel, batch_rows: int, ledger: Any
) -> Iterator[pa.Table]:
    """Tables of `OUTPUT`, in the order of the files.

    Raises:
        ray.exceptions.RayError: a node died, and its work could not be done elsewhere.
    """
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.execution_options.preserve_order = True
    cores = max(1, int(ray.cluster_resources().get("CPU", 1)) - 1)
    dataset = ray.data.read_parquet(list(paths), filesystem=files, columns=list(INPUT)).map_batches(
        Predictor,
        fn_constructor_args=(model, ledger),
        batch_size=batch_rows,
        batch_format="numpy",
        num_cpus=1,
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=cores),
    )
    for table in dataset.iter_batches(batch_size=batch_rows, batch_format="pyarrow"):
        yield table.select(list(OUTPUT))


