"""A plan for this machine alone: directories for HDFS, Spark and Ray in this machine's cores."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from pathlib import Path

from clusterbed_workloads import __version__
from clusterbed_workloads.plan import Engines, Place, Plan, Results, Where

DRIVER_MIB = 1024
"""The driver runs the tasks as well, so it gets more than the document's 512 MB."""


def local_plan(
    directory: Path,
    *,
    experiments: tuple[str, ...],
    rows: int,
    training_rows: int,
    prediction_rows: int,
    repeats: int,
    seed: int,
    cores: int = 2,
) -> Plan:
    """The plan; data sets go below `directory`/storage."""
    run = f"local-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    host = socket.gethostname()
    return Plan(
        run=run,
        where=Where(
            name="local",
            setup="local",
            cloud="local",
            region="none",
            nodes=(Place(name=host, role="head", instance_type="none", private_ip="127.0.0.1"),),
        ),
        results=Results(bucket="none", prefix=f"runs/{run}/", region="none"),
        engines=Engines(
            hdfs_url=(directory / "storage").resolve().as_uri(),
            webhdfs_url="",
            hdfs_block_mib=128,
            spark_master=f"local[{cores}]",
            spark_executor_cores=cores,
            spark_executor_memory_mib=DRIVER_MIB,
            spark_driver_memory_mib=DRIVER_MIB,
            ray_address="local",
        ),
        experiments=experiments,
        rows=rows,
        training_rows=training_rows,
        prediction_rows=prediction_rows,
        repeats=repeats,
        seed=seed,
        scaled=("one machine without a cluster",),
        settings_fingerprint="local",
        code_fingerprint=f"workloads-{__version__}",
    )
