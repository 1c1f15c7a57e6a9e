"""A Spark session with the plan's settings, and what it effectively is."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, Final

import requests
from pyspark.sql import SparkSession

from clusterbed_workloads.engines.spark_rest import SparkRest
from clusterbed_workloads.errors import WaitedTooLong
from clusterbed_workloads.polling import until

if TYPE_CHECKING:
    from clusterbed_workloads.plan import Plan

REPORTED: Final = (
    "spark.master",
    "spark.app.id",
    "spark.executor.cores",
    "spark.executor.memory",
    "spark.driver.memory",
    "spark.default.parallelism",
)
"""What of the context's configuration goes into a record."""

REPORTED_SQL: Final = (
    "spark.sql.adaptive.enabled",
    "spark.sql.ansi.enabled",
    "spark.sql.execution.arrow.pyspark.enabled",
    "spark.sql.parquet.compression.codec",
    "spark.sql.parquet.outputTimestampType",
    "spark.sql.session.timeZone",
    "spark.sql.shuffle.partitions",
)

FULL_STRENGTH_S: Final = 30.0
"""How long to wait for the executors of all workers, once one is there."""


class SparkEngine:
    """Connects when first asked; after `stop`, the next call connects anew."""

    def __init__(self, plan: Plan, application: str) -> None:
        self._plan = plan
        self._application = application
        self._session: SparkSession | None = None

    @property
    def session(self) -> SparkSession:
        """The session; starting one takes 3-6 s of JVM."""
        if self._session is None:
            os.environ["PYSPARK_PYTHON"] = sys.executable
            builder = SparkSession.builder.master(self._plan.engines.spark_master).appName(self._application)
            for key, value in configuration(self._plan).items():
                builder = builder.config(key, value)
            self._session = builder.getOrCreate()
            self._session.sparkContext.setLogLevel("WARN")
        return self._session

    @property
    def started(self) -> bool:
        """Whether there is a session."""
        return self._session is not None

    @property
    def rest(self) -> SparkRest:
        """The session's own REST interface."""
        context = self.session.sparkContext
        return SparkRest(str(context.uiWebUrl), context.applicationId, requests.Session())

    @property
    def on_cluster(self) -> bool:
        """Whether executors are processes of their own."""
        return not self._plan.engines.spark_master.startswith("local")

    def ready(self, within_s: float) -> None:
        """Return when executors are there: of every worker, or after half a minute of those there are.

        Raises:
            WaitedTooLong: no executor came within `within_s` seconds.
        """
        if not self.on_cluster:
            _ = self.session
            return
        rest = self.rest
        wanted = sum(1 for node in self._plan.where.nodes if node.role == "worker")
        until("a Spark executor", lambda: _enough(rest, 1), within_s=within_s)
        try:
            until("an executor on every worker", lambda: _enough(rest, wanted), within_s=FULL_STRENGTH_S)
        except WaitedTooLong:
            return

    def effective(self) -> dict[str, str]:
        """The settings as Spark itself reports them."""
        configured = dict(self.session.sparkContext.getConf().getAll())
        found = {key: configured[key] for key in REPORTED if key in configured}
        found |= {key: str(self.session.conf.get(key)) for key in REPORTED_SQL}
        executors = [
            executor
            for executor in self.rest.executors()
            if executor.active and not (executor.driver and self.on_cluster)
        ]
        found["spark.executors.alive"] = str(len(executors))
        found["spark.executors.cores"] = str(sum(executor.cores for executor in executors))
        return found

    def software(self) -> dict[str, str]:
        """Versions inside the JVM."""
        jvm = self.session.sparkContext._jvm
        if jvm is None:
            return {}
        return {
            "spark": self.session.version,
            "java": str(jvm.java.lang.System.getProperty("java.version")),
            "hadoop": str(jvm.org.apache.hadoop.util.VersionInfo.getVersion()),
        }

    def stop(self) -> None:
        """End the session and its JVM, whatever state they are in."""
        from pyspark import SparkContext  # noqa: PLC0415 - its class state changes with every session

        session, self._session = self._session, None
        if session is None:
            return
        gateway = SparkContext._gateway  # stop() leaves the JVM running; a broken one must go
        with contextlib.suppress(Exception):  # a dead JVM cannot be stopped in order
            session.stop()
        if gateway is not None:
            process = gateway.proc
            gateway.shutdown()
            process.kill()
            process.wait()
        SparkContext._gateway = SparkContext._jvm = SparkContext._active_spark_context = None
        SparkSession._instantiatedSession = None


def _enough(rest: SparkRest, wanted: int) -> tuple[bool | None, str]:
    alive = [executor.host for executor in rest.executors() if executor.active and not executor.driver]
    return True if len(alive) >= wanted else None, f"executors on {', '.join(sorted(alive)) or 'no machine'}"


def configuration(plan: Plan) -> dict[str, str]:
    """Spark's configuration for a plan (S1.6), as the driver passes it on."""
    engines = plan.engines
    settings = {
        "spark.driver.memory": f"{engines.spark_driver_memory_mib}m",
        "spark.driver.maxResultSize": f"{max(64, engines.spark_driver_memory_mib // 4)}m",
        "spark.executor.cores": str(engines.spark_executor_cores),
        "spark.executor.memory": f"{engines.spark_executor_memory_mib}m",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.ui.showConsoleProgress": "false",
        "spark.ui.retainedTasks": "20000",
    }
    if engines.spark_master.startswith("local"):
        return settings | {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    head = next(node for node in plan.where.nodes if node.role == "head")
    return settings | {
        "spark.driver.host": head.private_ip,
        "spark.driver.bindAddress": head.private_ip,
        "spark.hadoop.fs.defaultFS": engines.hdfs_url,
        "spark.hadoop.dfs.blocksize": str(engines.hdfs_block_mib << 20),
        "spark.hadoop.dfs.replication": str(engines.hdfs_replication),
        # A dead DataNode shows in seconds instead of minutes (defaults: 60 s, 45 retries).
        "spark.hadoop.dfs.client.socket-timeout": "20000",
        "spark.hadoop.ipc.client.connect.max.retries.on.timeouts": "3",
    }
