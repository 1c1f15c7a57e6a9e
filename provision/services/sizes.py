"""How large things are on the machines there really are (S1.6 was written for 2 cores and 8 GB)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contract.errors import SettingError
from contract.settings import Settings, Spark
from provision.size import Size

SYSTEM_MIB = 1536
"""Of each worker's memory, left to the system, the DataNode, the Spark worker and Ray's agents."""

LEAST_EXECUTOR_MIB = 512
"""Spark refuses less than 1.5 times its 300 MiB of reserved memory."""

STORE_SHARE = 0.3
"""Of a node's memory, at most, for Ray's object store: Ray's own default."""


@dataclass(frozen=True, slots=True)
class Executor:
    """What one executor gets; `scaled` says in words what was made smaller, and why."""

    cores: int
    memory_mib: int
    scaled: tuple[str, ...] = ()


def worker_memory_mib(size: Size) -> int:
    """What a Spark worker offers to executors."""
    return max(LEAST_EXECUTOR_MIB, size.memory_mib - SYSTEM_MIB)


def object_store_mib(settings: Settings, size: Size) -> int:
    """What Ray's object store gets on a node of that size."""
    return min(settings.ray.object_store_mib, int(size.memory_mib * STORE_SHARE))


def executor(spark: Spark, workers: Mapping[str, Size]) -> Executor:
    """The executor that fits on every one of `workers` (by name).

    The documented size (S1.6, the settings' defaults) is made smaller where a machine is smaller.

    Raises:
        SettingError: a size someone chose does not fit.
    """
    scaled = []
    small = min(workers, key=lambda name: workers[name].cores)
    cores = workers[small].cores
    if spark.executor_cores > cores:
        scaled.append(_smaller("executor_cores", spark.executor_cores, cores, "cores", small))
    tight = min(workers, key=lambda name: workers[name].memory_mib)
    memory_mib = worker_memory_mib(workers[tight])
    if spark.executor_memory_mib > memory_mib:
        scaled.append(_smaller("executor_memory_mib", spark.executor_memory_mib, memory_mib, "MiB", tight))
    return Executor(
        min(spark.executor_cores, cores), min(spark.executor_memory_mib, memory_mib), tuple(scaled)
    )


def _smaller(key: str, wanted: int, there: int, unit: str, node: str) -> str:
    documented = Spark.model_fields[key].default
    if wanted != documented:
        raise SettingError(
            f"clusterbed:spark.{key} is {wanted}, but {node} has {there} {unit} for an executor",
            way_out=f"Set it to {there} or less, or choose a larger machines.worker_type.",
        )
    return f"spark.{key} {wanted} → {there} {unit}: {node} has no more"
