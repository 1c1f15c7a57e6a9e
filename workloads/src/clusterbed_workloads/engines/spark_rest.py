"""Spark's REST interface: executors, and what the stages of a job group cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import requests

from clusterbed_workloads.errors import EngineLost
from clusterbed_workloads.record import Missing

_TIMEOUT_S: Final = 10.0
_SUMMED: Final = {
    "inputBytes": ("spark_input_bytes", 1),
    "inputRecords": ("spark_input_rows", 1),
    "outputBytes": ("spark_output_bytes", 1),
    "outputRecords": ("spark_output_rows", 1),
    "shuffleReadBytes": ("spark_shuffle_read_bytes", 1),
    "shuffleWriteBytes": ("spark_shuffle_write_bytes", 1),
    "memoryBytesSpilled": ("spark_memory_spilled_bytes", 1),
    "diskBytesSpilled": ("spark_disk_spilled_bytes", 1),
    "executorRunTime": ("spark_task_s", 1e-3),
    "executorCpuTime": ("spark_task_cpu_s", 1e-9),
    "jvmGcTime": ("spark_gc_s", 1e-3),
    "numCompleteTasks": ("spark_tasks", 1),
    "numFailedTasks": ("spark_failed_tasks", 1),
}
"""Field of a stage → name in a record and factor to its unit (Spark gives ms, and ns of CPU)."""

_PEAK: Final = "peakExecutionMemory"


@dataclass(frozen=True, slots=True)
class Executor:
    """One executor, or the driver."""

    identity: str
    host: str
    active: bool
    cores: int
    peak_heap_bytes: int

    @property
    def driver(self) -> bool:
        """Whether it is the driver, which Spark lists as well."""
        return self.identity == "driver"


class SparkRest:
    """One application's REST interface, served by its driver."""

    def __init__(self, ui_url: str, application: str, session: requests.Session) -> None:
        session.trust_env = False  # the driver's own address never goes through a proxy
        self._session = session
        self._root = f"{ui_url}/api/v1/applications/{application}"

    def _get(self, path: str) -> Any:
        try:
            response = self._session.get(f"{self._root}/{path}", timeout=_TIMEOUT_S)
            response.raise_for_status()
            return response.json()
        except (requests.RequestException, ValueError) as error:
            raise EngineLost(f"Spark's driver does not answer ({path}): {error}.") from error

    def executors(self) -> tuple[Executor, ...]:
        """All that are or were, the driver among them."""
        return tuple(
            Executor(
                identity=str(entry["id"]),
                host=str(entry["hostPort"]).rsplit(":", 1)[0],
                active=bool(entry["isActive"]),
                cores=int(entry["totalCores"]),
                peak_heap_bytes=int(entry.get("peakMemoryMetrics", {}).get("JVMHeapMemory", 0)),
            )
            for entry in self._get("allexecutors")
        )

    def jobs(self, group: str) -> list[dict[str, Any]]:
        """The jobs of a group."""
        return [job for job in self._get("jobs") if job.get("jobGroup") == group]

    def cost(self, group: str) -> dict[str, float | int | str | Missing]:
        """What the jobs of a group read, wrote, moved, spilled and used, all stages and attempts summed."""
        jobs = self.jobs(group)
        wanted = {stage for job in jobs for stage in job["stageIds"]}
        stages = [stage for stage in self._get("stages") if stage["stageId"] in wanted]
        found = summed(stages)
        found["spark_jobs"] = len(jobs)
        heaps = [executor.peak_heap_bytes for executor in self.executors() if not executor.driver]
        found["spark_executor_peak_heap_bytes"] = (
            max(heaps) if any(heaps) else Missing(missing="no executor of its own reported its heap yet")
        )
        return found


def summed(stages: Iterable[dict[str, Any]]) -> dict[str, float | int | str | Missing]:
    """Sums over stages, as `_SUMMED` names them, and the largest execution memory of one."""
    ran = [stage for stage in stages if stage["status"] in ("COMPLETE", "FAILED")]
    found: dict[str, float | int | str | Missing] = {
        name: sum(stage[field] for stage in ran) * factor for field, (name, factor) in _SUMMED.items()
    }
    found["spark_stages"] = len(ran)
    found["spark_peak_execution_memory_bytes"] = max((int(stage.get(_PEAK, 0)) for stage in ran), default=0)
    return found
