"""What services know when they make their steps, and the places they agree on."""

from __future__ import annotations

from dataclasses import dataclass

from contract.cluster import Cluster, Node
from contract.settings import Settings

ACCOUNT = "clusterbed"
"""Daemons and runs are this user's."""

STATE = "/var/lib/clusterbed"
CONFIGURATION = "/etc/clusterbed"
PREFIX = "/opt/clusterbed/software"
"""Where the software image is mounted."""

WORKLOADS = "/opt/clusterbed/workloads"
CACHE = "/var/cache/clusterbed"
HOME = f"{STATE}/home"
PYTHON = f"{PREFIX}/python/bin/python3.12"
JAVA = f"{PREFIX}/java/bin/java"
SPARK_HOME = f"{PREFIX}/python/lib/python3.12/site-packages/pyspark"
ENVIRONMENT = f"{CONFIGURATION}/environment"
"""Variables of every daemon and run: systemd reads it, a shell can."""


@dataclass(frozen=True, slots=True)
class Site:
    """A cluster and its settings."""

    cluster: Cluster
    settings: Settings

    @property
    def head(self) -> str:
        """The head's host name."""
        return self.cluster.head.name

    def is_head(self, node: Node) -> bool:
        """Whether that node is the head."""
        return node.name == self.head
