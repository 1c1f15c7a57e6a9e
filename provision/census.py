"""What is known when every node, or every worker, has spoken: published as facts when the last one has."""

from __future__ import annotations

import threading

from contract.cluster import Cluster, Node
from contract.errors import SettingError
from contract.events import Event, Sink, State
from contract.settings import Service, Settings
from provision.exchange import Exchange
from provision.services import sizes, software, spark, ssh_trust
from provision.size import Size


class Census:
    """Sizes and host keys of a cluster's nodes, as they come in from several threads."""

    def __init__(self, cluster: Cluster, settings: Settings, exchange: Exchange, sink: Sink) -> None:
        self._cluster = cluster
        self._settings = settings
        self._exchange = exchange
        self._sink = sink
        self._lock = threading.Lock()
        self._sizes: dict[str, Size] = {}
        self._keys: dict[str, tuple[str, ...]] = {}
        self.executor: sizes.Executor | None = None
        self.misfit: SettingError | None = None

    def recognise(self, node: Node, host_keys: tuple[str, ...]) -> None:
        """A node has published its host keys; it need not be reached for that."""
        with self._lock:
            self._keys[node.name] = host_keys
            if len(self._keys) == len(self._cluster.nodes):
                text = ssh_trust.known_hosts(self._cluster, self._keys)
                self._exchange.publish(ssh_trust.KNOWN_HOSTS, text)

    def note(self, node: Node, size: Size) -> None:
        """A node has said how large it is."""
        with self._lock:
            self._sizes[node.name] = size
            workers = {one.name for one in self._cluster.workers}
            if workers <= self._sizes.keys() and Service.SPARK in self._settings.services:
                self._settle({name: self._sizes[name] for name in workers})

    def lose(self, node: Node) -> None:
        """A node failed: what only it could have told will not come."""
        why = f"{node.name} failed"
        if node.name == self._cluster.head.name:
            self._exchange.lose(ssh_trust.KEY, why)
            self._exchange.lose(software.DIGEST, why)
        with self._lock:
            known, spoke = node.name in self._keys, node.name in self._sizes
        if not known:
            self._exchange.lose(ssh_trust.KNOWN_HOSTS, why)
        if not spoke and node.name != self._cluster.head.name:
            self._exchange.lose(spark.EXECUTOR, why)

    def _settle(self, workers: dict[str, Size]) -> None:
        if self.executor is not None or self.misfit is not None:
            return
        try:
            self.executor = sizes.executor(self._settings.spark, workers)
        except SettingError as error:
            self.misfit = error
            self._exchange.lose(spark.EXECUTOR, error.what)
            return
        for text in self.executor.scaled:
            self._sink(Event("spark", f"made smaller: {text}", State.CHANGED))
        self._exchange.publish(spark.EXECUTOR, f"{self.executor.cores} {self.executor.memory_mib}")
