"""The ports that services listen on: what the firewall opens is what provisioning configures.

Ports that a setup may choose (`spark.master_port`, `ray.port`, `ray.dashboard_port`) are settings.
Engines that pick random ports by default are pinned to the ranges below, so that a security group
can name them.
"""

from __future__ import annotations

from dataclasses import dataclass

HIGHEST = 65535


@dataclass(frozen=True, slots=True)
class PortRange:
    """Consecutive ports, both ends included."""

    first: int
    last: int

    def __post_init__(self) -> None:
        if not 1 <= self.first <= self.last <= HIGHEST:
            raise ValueError(f"{self.first}-{self.last} is no range of ports")

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


SSH = 22

# HDFS: the defaults of Hadoop 3; 9820 is the NameNode's RPC port from the time it was the default.
NAMENODE_RPC = 9820
NAMENODE_WEB = 9870
DATANODE_WEB = 9864
DATANODE_DATA = 9866
DATANODE_IPC = 9867

# Spark standalone: the web ports are its defaults; the others it would pick at random.
SPARK_MASTER_WEB = 8080
SPARK_WORKER_RPC = 7078
SPARK_WORKER_WEB = 8081
SPARK_UI = PortRange(4040, 4055)
SPARK_DRIVER = PortRange(7100, 7115)
"""`spark.driver.port` is the first; a driver that finds it taken tries the next, SPARK_PORT_RETRIES times."""
SPARK_BLOCK_MANAGER = PortRange(7200, 7215)
"""`spark.blockManager.port` is the first, for drivers and executors alike."""
SPARK_PORT_RETRIES = len(SPARK_DRIVER) - 1
"""`spark.port.maxRetries`."""

# Ray: node manager to metrics are random by default, as are the workers' ports.
RAY_CLIENT = 10001
RAY_NODE_MANAGER = 6380
RAY_OBJECT_MANAGER = 6381
RAY_RUNTIME_ENV_AGENT = 6382
RAY_DASHBOARD_AGENT_GRPC = 6383
RAY_DASHBOARD_AGENT_HTTP = 6384
RAY_METRICS = 6385
RAY_NODE = PortRange(RAY_NODE_MANAGER, RAY_METRICS)
RAY_WORKERS = PortRange(10002, 10199)
"""`--min-worker-port` and `--max-worker-port`: one port a worker process."""

SOFTWARE = 8099
"""The head serves the software image to the workers."""
