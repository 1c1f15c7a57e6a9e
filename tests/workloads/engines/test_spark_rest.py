from clusterbed_workloads.engines.spark_rest import summed

STAGE = {
    "status": "COMPLETE", "inputBytes": 100, "inputRecords": 10, "outputBytes": 50, "outputRecords": 5,
    "shuffleReadBytes": 1, "shuffleWriteBytes": 2, "memoryBytesSpilled": 3, "diskBytesSpilled": 4,
    "executorRunTime": 1500, "executorCpuTime": 2_000_000_000, "jvmGcTime": 250, "numCompleteTasks": 4,
    "numFailedTasks": 1, "peakExecutionMemory": 77,
}  # fmt: skip


def test_stages_add_up_in_the_units_of_their_names() -> None:
    found = summed([STAGE, STAGE | {"peakExecutionMemory": 99}])
    assert found["spark_input_bytes"] == 200
    assert found["spark_task_s"] == 3.0
    assert found["spark_task_cpu_s"] == 4.0
    assert found["spark_gc_s"] == 0.5
    assert found["spark_peak_execution_memory_bytes"] == 99
    assert found["spark_stages"] == 2


def test_skipped_stages_cost_nothing() -> None:
    assert summed([STAGE, STAGE | {"status": "SKIPPED"}])["spark_stages"] == 1
