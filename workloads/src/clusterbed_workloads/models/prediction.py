"""Prediction on Ray: one task a file, on whichever node has a free core, read there and then from HDFS.

Plain tasks and not Ray Data: its operators start processes of their own for every data set, which took
16-26 s on two cores, where tasks find their process warm (docs/decisions/measuring.md).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import ray

from clusterbed_workloads.engines.ray_placement import placements
from clusterbed_workloads.models.batch import OUTPUT, Batch
from clusterbed_workloads.models.files import SalaryModel
from clusterbed_workloads.storage import Storage

INPUT: Final = ("id", "name", "age")

FILE_S: Final = 240.0
"""Deadline of one file: 2.5 M rows take 5-10 s."""


def predict_file(
    path: str, storage: Storage, model: SalaryModel, batch_rows: int
) -> tuple[pa.Table, tuple[Batch, ...]]:
    """The predictions of one Parquet file, and what each of its batches took."""
    node = ray.util.get_node_ip_address()
    parts: list[pa.Table] = []
    done: list[Batch] = []
    files, prefix = storage.arrow()
    with pq.ParquetFile(f"{prefix}{path}", filesystem=files) as parquet:
        for batch in parquet.iter_batches(batch_size=batch_rows, columns=list(INPUT)):
            start = time.perf_counter()
            predicted = pa.array(model.predict(batch.column("age").to_numpy()))
            done.append(Batch(batch.num_rows, time.perf_counter() - start, node))
            columns = [batch.column("id"), batch.column("name"), predicted]
            parts.append(pa.Table.from_arrays(columns, names=list(OUTPUT)))
    return pa.concat_tables(parts), tuple(done)


def predictions(
    paths: Sequence[str], storage: Storage, model: SalaryModel, batch_rows: int, done: list[Batch]
) -> Iterator[pa.Table]:
    """Tables of `OUTPUT`, in the order of the files; no more files are under way than there are cores.

    Raises:
        ray.exceptions.RayError: a node died, and its work could not be done elsewhere; or a deadline passed.
    """
    task = ray.remote(num_cpus=1, max_retries=2)(predict_file)
    stored = ray.put(model)
    cores = max(1, int(ray.cluster_resources().get("CPU", 1)))
    places = placements()
    waiting = deque(paths)
    running: deque[Any] = deque()
    while waiting or running:
        while waiting and len(running) < cores:
            placed = task.options(scheduling_strategy=next(places))
            running.append(placed.remote(waiting.popleft(), storage, stored, batch_rows))
        table, batches = ray.get(running.popleft(), timeout=FILE_S)
        done.extend(batches)
        yield table
