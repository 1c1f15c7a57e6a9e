"""What a run is to do, written on the laptop and read on the head."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Place(_Part):
    """One machine of the cluster, as records name it."""

    name: str
    role: str
    instance_type: str
    private_ip: str


class Where(_Part):
    """The cluster a run ran on. `cloud` is `aws`, `lab`, or `local`: one machine without a cluster."""

    name: str
    setup: str
    cloud: str
    region: str
    nodes: tuple[Place, ...]


class Results(_Part):
    """Where records and artifacts go: `s3://bucket/prefix`, prefix `runs/<run>/`."""

    bucket: str
    prefix: str = Field(pattern=r"^runs/[A-Za-z0-9-]+/$")
    region: str


class Engines(_Part):
    """Addresses and effective settings of the engines; memory in MiB.

    `hdfs_url` is `hdfs://master:9820`, `webhdfs_url` `http://master:9870`. On one machine without a
    cluster they are `file:///a/directory` and empty, `spark_master` is `local[…]`, `ray_address` `local`.
    """

    hdfs_url: str
    webhdfs_url: str
    hdfs_block_mib: int
    hdfs_replication: int = 1
    spark_master: str
    spark_executor_cores: int
    spark_executor_memory_mib: int
    spark_driver_memory_mib: int
    ray_address: str


class Plan(_Part):
    """A run: which experiments, at which size, how often, on which cluster.

    `scaled` says in words what of the documented settings was made smaller for these machines.
    `provision_s` is how long the cluster took from nothing to healthy, where the caller measured it.
    `deadline` is when the machines end themselves (UTC).
    """

    run: str = Field(pattern=r"^[A-Za-z0-9-]+$")
    where: Where
    results: Results
    engines: Engines
    experiments: tuple[str, ...]
    rows: int = Field(ge=1)
    training_rows: int = Field(ge=100)
    prediction_rows: int = Field(ge=1)
    repeats: int = Field(ge=1)
    seed: int = Field(ge=0)
    scaled: tuple[str, ...] = ()
    provision_s: float | None = None
    deadline: datetime | None = None
    settings_fingerprint: str
    code_fingerprint: str
