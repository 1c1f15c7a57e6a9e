"""A cluster at hand: its settings, its open connections, and what they are told on the way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import boto3

from contract.cluster import Cluster, Node
from contract.events import Sink
from contract.settings import Settings
from provision import hostkeys, openssh
from provision.connection import Connection
from provision.connections import Connections
from provision.hostkeys import HostKeys
from provision.services.site import Site

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Session:
    """Connections to a cluster's nodes, opened when needed; close it when done (or use `session`)."""

    def __init__(self, cluster: Cluster, settings: Settings, *, home: Path, sink: Sink, s3: S3Client) -> None:
        self.cluster = cluster
        self.settings = settings
        self.sink = sink
        self._folder = home / "ssh" / cluster.name
        cancelled = threading.Event()
        self.host_keys = HostKeys(s3, cluster.bucket, self._folder / "hostkeys", sink, cancelled=cancelled)
        self.connections = Connections(cluster, self.host_keys, sink, cancelled=cancelled)

    def to(self, node: Node) -> Connection:
        """The open connection to a node."""
        return self.connections.to(node)

    @property
    def head(self) -> Connection:
        """The open connection to the head."""
        return self.to(self.cluster.head)

    @property
    def site(self) -> Site:
        """What services know."""
        return Site(self.cluster, self.settings)

    def published(self, node: Node) -> tuple[str, ...]:
        """A node's host keys as lines of text."""
        return tuple(hostkeys.line(key) for key in self.host_keys.of(node))

    def ssh_config(self) -> Path:
        """A file for `ssh -F`, which then knows the nodes by name."""
        keys = {node.name: self.published(node) for node in self.cluster.nodes}
        return openssh.write(self.cluster, keys, self._folder)

    def close(self) -> None:
        """Close all connections; what runs on the nodes on their behalf ends."""
        self.connections.close()


@contextmanager
def session(
    cluster: Cluster, settings: Settings, *, home: Path, sink: Sink, s3: S3Client | None = None
) -> Iterator[Session]:
    """A Session that closes. `home` is the folder of local state.

    Raises:
        WorkstationError: the cluster's key cannot be read.
    """
    client = s3 if s3 is not None else boto3.client("s3", region_name=cluster.region)
    opened = Session(cluster, settings, home=home, sink=sink, s3=client)
    try:
        yield opened
    finally:
        opened.close()
