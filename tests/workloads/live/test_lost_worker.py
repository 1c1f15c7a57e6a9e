"""The only Spark worker dies in the middle of a case, and comes back for the next."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pyspark
import pytest

from clusterbed_workloads.plan import Place
from tests.workloads.live.command import Command
from tests.workloads.plans import small_plan

pytestmark = pytest.mark.engines


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Standalone:
    """A Spark master, and one worker that can be killed and started again."""

    def __init__(self, directory: Path) -> None:
        self.url = f"spark://127.0.0.1:{free_port()}"
        self._spark = Path(pyspark.__file__).parent
        self._directory = directory
        port = self.url.rsplit(":", 1)[1]
        self.master = self._start("master.Master", "--host", "127.0.0.1", "--port", port, "--webui-port", "0")
        self.worker = self.start_worker()

    def _start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        # Executors stand in the worker's process group: killing the group is what a dead machine looks like.
        with (self._directory / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [self._spark / "bin/spark-class", f"org.apache.spark.deploy.{name}", *arguments],
                env=os.environ | {"SPARK_DAEMON_MEMORY": "256m", "SPARK_LOCAL_IP": "127.0.0.1"},
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def start_worker(self) -> subprocess.Popen[bytes]:
        self.worker = self._start(
            "worker.Worker", "--cores", "2", "--memory", "1g", "--webui-port", "0",
            "--work-dir", str(self._directory / "work"), self.url,
        )  # fmt: skip
        return self.worker

    def kill_worker(self) -> None:
        os.killpg(self.worker.pid, 9)
        self.worker.wait()


@pytest.fixture
def standalone(tmp_path: Path) -> Iterator[Standalone]:
    spark = Standalone(tmp_path)
    yield spark
    for process in (spark.worker, spark.master):
        if process.poll() is None:
            os.killpg(process.pid, 9)
            process.wait()


def test_the_case_fails_in_bounded_time_and_the_next_goes_on_once_the_worker_is_back(
    tmp_path: Path, standalone: Standalone
) -> None:
    plan = small_plan(tmp_path, rows=8_000_000, repeats=1)
    nodes = (
        Place(name="master", role="head", instance_type="none", private_ip="127.0.0.1"),
        Place(name="worker", role="worker", instance_type="none", private_ip="127.0.0.1"),
    )
    engines = plan.engines.model_copy(
        update={"spark_master": standalone.url, "spark_executor_memory_mib": 1024,
                "spark_driver_memory_mib": 512}
    )  # fmt: skip
    where = plan.where.model_copy(update={"nodes": nodes})
    plan = plan.model_copy(update={"engines": engines, "where": where})
    file = tmp_path / "plan.json"
    file.write_text(plan.model_dump_json())
    run = Command(tmp_path / "runs", "--plan", str(file), "--runs", str(tmp_path / "runs"))
    run.until("E1.2/expert", "cold 1")
    standalone.kill_worker()
    run.until("E1.2/expert", "Spark had no executor for 45 s; the last ones ran on 127.0.0.1.")
    standalone.start_worker()
    assert run.ended() == 7
    assert run.done.cases == {"E1.2": "failed", "E1.3": "ok"}
    assert [record.outcome for record in run.records("E1.2")] == ["failed", "ok", "ok", "ok"]
