"""What the process of a case does: load the case, measure it, tell the run."""

from __future__ import annotations

import getpass
import logging
import os
import shutil
from pathlib import Path

from clusterbed_workloads.bench import Bench
from clusterbed_workloads.catalogue import CATALOGUE
from clusterbed_workloads.draft import Draft
from clusterbed_workloads.facts import Facts
from clusterbed_workloads.messages import Ended, Message
from clusterbed_workloads.plan import Plan
from clusterbed_workloads.storage import open_storage


def measure(
    *, plan: Plan, facts: Facts, experiment: str, lost: set[str], first: int, run_dir: Path, fd: int
) -> None:
    """Measure one experiment from turn `first` on, without the variants that are lost.

    Every message is one line to the file descriptor `fd`.
    """
    from clusterbed_workloads.engines.ray_session import RayEngine  # noqa: PLC0415 - loading takes seconds
    from clusterbed_workloads.engines.spark_session import SparkEngine  # noqa: PLC0415 - the same
    from clusterbed_workloads.harness import Harness  # noqa: PLC0415 - the same

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    entry = CATALOGUE[experiment]
    bench = Bench(
        plan=plan,
        experiment=experiment,
        run_dir=run_dir,
        storage=open_storage(plan.engines, user=os.environ.get("HADOOP_USER_NAME") or getpass.getuser()),
        spark_engine=SparkEngine(plan, f"{plan.run} {experiment}"),
        ray_engine=RayEngine(plan),
    )
    with os.fdopen(fd, "w", encoding="utf-8") as pipe:

        def send(message: Message) -> None:
            pipe.write(message.model_dump_json() + "\n")
            pipe.flush()

        try:
            harness = Harness(
                entry=entry, case=entry.load(), bench=bench, draft=Draft(plan, entry, facts), send=send
            )
            harness.measure(lost, first)
        finally:
            bench.spark_engine.stop()
            bench.ray_engine.stop()
            shutil.rmtree(bench.scratch, ignore_errors=True)
        send(Ended())
