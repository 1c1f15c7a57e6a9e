"""S1.6: executors of 2 cores and 3 GB, made smaller on smaller machines, aloud."""

from __future__ import annotations

import pytest

from contract import Settings
from contract.errors import SettingError
from contract.settings import Spark
from provision.services import sizes
from provision.size import Size
from tests.provision.sites import DOCUMENTED


def small(cores: int, memory_mib: int) -> Size:
    return Size(cores=cores, memory_mib=memory_mib, disk_free_mib=10_000, shm_mib=memory_mib // 2)


def test_the_documented_executor_fits_the_documented_machine() -> None:
    executor = sizes.executor(Spark(), {"worker": DOCUMENTED})
    assert executor == sizes.Executor(2, 3072, ())


def test_on_a_smaller_machine_it_is_smaller_and_says_so() -> None:
    executor = sizes.executor(Spark(), {"worker": DOCUMENTED, "worker-2": small(1, 3584)})
    assert (executor.cores, executor.memory_mib) == (1, 2048)
    assert executor.scaled == (
        "spark.executor_cores 2 → 1 cores: worker-2 has no more",
        "spark.executor_memory_mib 3072 → 2048 MiB: worker-2 has no more",
    )


@pytest.mark.parametrize(("key", "value"), [("executor_cores", 4), ("executor_memory_mib", 100_000)])
def test_a_size_that_someone_chose_is_refused_where_it_does_not_fit(key: str, value: int) -> None:
    with pytest.raises(SettingError, match=f"clusterbed:spark.{key} is {value}, but worker has") as caught:
        sizes.executor(Spark.parse({key: value}, path="clusterbed:spark"), {"worker": DOCUMENTED})
    assert caught.value.exit_code == 2


def test_the_object_store_leaves_the_rest_of_the_memory_alone() -> None:
    settings = Settings()
    assert sizes.object_store_mib(settings, DOCUMENTED) == settings.ray.object_store_mib
    assert sizes.object_store_mib(settings, small(1, 1000)) == 300
