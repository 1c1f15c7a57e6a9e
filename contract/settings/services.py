"""What is installed, and how it is set."""

from __future__ import annotations

import enum

from pydantic import Field

from contract.settings.section import Section


class Service(enum.StrEnum):
    """A service that a setup can ask for."""

    HDFS = "hdfs"
    SPARK = "spark"
    RAY = "ray"


class Hdfs(Section):
    """S1.8: NameNode on the head, a DataNode on every worker."""

    replication: int = Field(default=1, ge=1, le=512)
    block_mib: int = Field(default=128, ge=1, le=4096)
    namenode_heap_mib: int = Field(default=512, ge=64)
    datanode_heap_mib: int = Field(default=256, ge=64)


class Spark(Section):
    """S1.6: standalone; executors of 2 cores and 3 GB, a driver of 512 MB, master on 7077."""

    master_port: int = Field(default=7077, ge=1024, le=65535)
    executor_cores: int = Field(default=2, ge=1)
    executor_memory_mib: int = Field(default=3072, ge=512)
    driver_memory_mib: int = Field(default=512, ge=512)
    daemon_memory_mib: int = Field(default=256, ge=128)


class Ray(Section):
    """S1.7: head on the master, every worker joins."""

    port: int = Field(default=6379, ge=1024, le=65535)
    dashboard_port: int = Field(default=8265, ge=1024, le=65535)
    object_store_mib: int = Field(default=512, ge=80)
