import threading

from clusterbed_workloads.engines.spark_rest import Executor
from clusterbed_workloads.engines.spark_watch import SparkWatch


class Workers:
    """Executors that can be lost."""

    def __init__(self, *, active: bool) -> None:
        self.active = active

    def executors(self) -> tuple[Executor, ...]:
        driver = Executor("driver", "master", active=True, cores=0, peak_heap_bytes=0)
        return driver, Executor("0", "worker", active=self.active, cores=2, peak_heap_bytes=1)


def test_a_job_without_executors_is_cancelled_and_says_where_the_last_ones_ran() -> None:
    cancelled = threading.Event()
    with SparkWatch(Workers(active=False), cancelled.set, patience_s=0.05, look_every_s=0.01) as watch:
        assert cancelled.wait(5)
    assert watch.loss is not None
    assert "the last ones ran on worker" in str(watch.loss)


def test_a_job_with_executors_is_left_alone() -> None:
    cancelled = threading.Event()
    with SparkWatch(Workers(active=True), cancelled.set, patience_s=0.05, look_every_s=0.01) as watch:
        assert not cancelled.wait(0.3)
    assert watch.loss is None


def test_executors_that_come_back_in_time_end_the_countdown() -> None:
    cancelled, workers = threading.Event(), Workers(active=False)
    with SparkWatch(workers, cancelled.set, patience_s=0.3, look_every_s=0.01):
        threading.Event().wait(0.1)
        workers.active = True
        assert not cancelled.wait(0.5)
