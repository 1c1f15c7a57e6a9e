"""Prediction the document's way: one process, pandas, batch after batch."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from clusterbed_workloads.models.batch import OUTPUT, Batch
from clusterbed_workloads.models.files import SalaryModel
from clusterbed_workloads.storage import Storage


def predictions(
    paths: Sequence[str], storage: Storage, model: SalaryModel, batch_rows: int, done: list[Batch]
) -> Iterator[pa.Table]:
    """Tables of `OUTPUT`, in the order of the files. Every file is read whole, with all its columns."""
    files, prefix = storage.arrow()
    for path in paths:
        rows: pd.DataFrame = pq.read_table(f"{prefix}{path}", filesystem=files).to_pandas()
        for first in range(0, len(rows), batch_rows):
            batch = rows.iloc[first : first + batch_rows].copy()
            start = time.perf_counter()
            batch["prediction"] = model.predict(batch["age"].to_numpy())
            done.append(Batch(len(batch), time.perf_counter() - start, socket.gethostname()))
            yield pa.Table.from_pandas(batch[list(OUTPUT)], preserve_index=False)
