"""What a run needs: its name, the plan that the head follows, and the wheel it runs."""

from __future__ import annotations

import hashlib
import secrets
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from clusterbed_workloads.plan import Engines, Place, Plan, Results, Where
from contract import Cluster, Settings, ports
from contract.errors import WorkstationError
from tasks.workspace import Selection, Workspace


def new_run() -> str:
    """A run's name: when it began (UTC), and four characters that tell two of one second apart."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


def source_fingerprint(project: Path) -> str:
    """SHA-256 over the names and contents of the workloads' sources, first 16 hex digits."""
    digest = hashlib.sha256()
    for file in sorted((project / "workloads" / "src").rglob("*.py")):
        digest.update(file.relative_to(project).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def build_wheel(workspace: Workspace) -> Path:
    """The workloads' wheel, built once per content of its sources.

    Raises:
        WorkstationError: the build failed; its last lines are shown.
    """
    target = workspace.home / "wheels" / source_fingerprint(workspace.project)
    built = sorted(target.glob("*.whl"))
    if built:
        return built[0]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "uv", "build", "--wheel", "--no-build-isolation", "--quiet"),
            *("--python", sys.executable, "--out-dir", str(target), str(workspace.project / "workloads")),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    built = sorted(target.glob("*.whl"))
    if done.returncode != 0 or not built:
        raise WorkstationError(
            f"the workloads' wheel could not be built: {done.stderr.strip()[-800:]}",
            way_out="Run ./scripts/setup again; is the disk full?",
        )
    return built[0]


def plan(run: str, cluster: Cluster, settings: Settings, selection: Selection, workspace: Workspace) -> Plan:
    """What the head is to do, from what stands and what is set."""
    experiments = settings.experiments
    head = cluster.head.name
    fingerprint = hashlib.sha256(settings.model_dump_json().encode()).hexdigest()[:16]
    provision_s = (
        selection.up_s + selection.deploy_s
        if selection.up_s is not None and selection.deploy_s is not None
        else None
    )
    return Plan(
        run=run,
        where=Where(
            name=cluster.name,
            setup=cluster.setup,
            cloud=cluster.cloud,
            region=cluster.region,
            nodes=tuple(
                Place(
                    name=node.name,
                    role=node.role,
                    instance_type=node.instance_type,
                    private_ip=str(node.private_ip),
                )
                for node in cluster.nodes
            ),
        ),
        results=Results(bucket=cluster.bucket, prefix=f"runs/{run}/", region=cluster.region),
        engines=Engines(
            hdfs_url=f"hdfs://{head}:{ports.NAMENODE_RPC}",
            webhdfs_url=f"http://{head}:{ports.NAMENODE_WEB}",
            hdfs_block_mib=settings.hdfs.block_mib,
            hdfs_replication=settings.hdfs.replication,
            spark_master=f"spark://{head}:{settings.spark.master_port}",
            spark_executor_cores=selection.executor_cores or settings.spark.executor_cores,
            spark_executor_memory_mib=selection.executor_memory_mib or settings.spark.executor_memory_mib,
            spark_driver_memory_mib=settings.spark.driver_memory_mib,
            ray_address=f"{head}:{settings.ray.port}",
        ),
        experiments=experiments.ids,
        rows=experiments.rows,
        training_rows=experiments.training_rows,
        prediction_rows=experiments.prediction_rows,
        repeats=experiments.repeats,
        seed=experiments.seed,
        scaled=selection.scaled,
        provision_s=provision_s,
        deadline=cluster.deadline,
        settings_fingerprint=fingerprint,
        code_fingerprint=source_fingerprint(workspace.project),
    )
