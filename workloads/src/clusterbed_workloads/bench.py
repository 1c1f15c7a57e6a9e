"""What a case works with: plan, storage, engines, places for its files, and its log."""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from clusterbed_workloads.employees.model import Population
from clusterbed_workloads.storage import Storage

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from clusterbed_workloads.engines.ray_session import RayEngine
    from clusterbed_workloads.engines.spark_session import SparkEngine
    from clusterbed_workloads.plan import Plan

EMPLOYEES: Final = "/datasets/parquet_chunks"
"""Where the document keeps its data set (S1.8)."""

RECOVERY_S: Final = 300.0
"""How long a case waits for engines and HDFS to come (back): a machine boots within it."""


@dataclass(frozen=True)
class Bench:
    """One case's workplace.

    `run_dir` is the run's directory on the head; `scratch` is emptied when the case ends.
    """

    plan: Plan
    experiment: str
    run_dir: Path
    storage: Storage
    spark_engine: SparkEngine
    ray_engine: RayEngine
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("clusterbed_workloads"))

    @property
    def spark(self) -> SparkSession:
        """The Spark session."""
        return self.spark_engine.session

    @property
    def population(self) -> Population:
        """The data set of the plan (E1.1)."""
        return Population(seed=self.plan.seed, rows=self.plan.rows)

    @property
    def scratch(self) -> Path:
        """A directory for files that nobody keeps."""
        path = self.run_dir / "scratch" / self.experiment
        path.mkdir(parents=True, exist_ok=True)
        return path

    def artifacts(self, variant: str, experiment: str | None = None) -> Path:
        """The directory whose files become a record's artifacts; another experiment's, to read from."""
        path = self.run_dir / "artifacts" / (experiment or self.experiment) / variant
        path.mkdir(parents=True, exist_ok=True)
        return path

    def fetched(self, path: str) -> tuple[Path, ...]:
        """The data files of a directory of the storage on this machine's disk.

        Copied again only when the listing there changed.
        """
        listing = repr(self.storage.files(path))
        copy = self._copy(path)
        stamp = copy.with_suffix(".listing")
        if stamp.exists() and stamp.read_text() == listing:
            return tuple(sorted(copy.iterdir()))
        stamp.unlink(missing_ok=True)
        files = self.storage.fetch(path, copy)
        if files and files[0].is_relative_to(copy):
            stamp.write_text(listing)
        return files

    def forget(self, path: str) -> None:
        """Remove this machine's copy of a directory of the storage."""
        copy = self._copy(path)
        copy.with_suffix(".listing").unlink(missing_ok=True)
        shutil.rmtree(copy, ignore_errors=True)

    def _copy(self, path: str) -> Path:
        return self.run_dir / "scratch" / "copies" / path.strip("/").replace("/", "-")
