"""A connection to the Ray cluster, and what it effectively is."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING, Any, Final

import ray

import clusterbed_workloads
from clusterbed_workloads.errors import EngineLost, WaitedTooLong
from clusterbed_workloads.polling import until

if TYPE_CHECKING:
    from clusterbed_workloads.plan import Plan

FULL_STRENGTH_S: Final = 30.0
"""How long to wait for all nodes, once a worker is there."""


class RayEngine:
    """Connects when first asked; after `stop`, the next call connects anew."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def ready(self, within_s: float) -> None:
        """Connect, and return when all nodes are there, or after half a minute of those that are.

        Raises:
            EngineLost: the head does not answer.
            WaitedTooLong: no worker joined within `within_s` seconds.
        """
        if not ray.is_initialized():
            self._connect()
        if not self._on_cluster:
            return
        wanted = len(self._plan.where.nodes)
        until("a Ray worker beside the head", lambda: self._enough(min(2, wanted)), within_s=within_s)
        with contextlib.suppress(WaitedTooLong):
            until(f"all {wanted} Ray nodes", lambda: self._enough(wanted), within_s=FULL_STRENGTH_S)

    @property
    def _on_cluster(self) -> bool:
        return self._plan.engines.ray_address != "local"

    def _connect(self) -> None:
        # Tasks carry this package with them: the workers need not have it installed.
        ray.cloudpickle.register_pickle_by_value(clusterbed_workloads)
        options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.WARNING}
        address = self._plan.engines.ray_address
        if not self._on_cluster:
            options |= {"num_cpus": 2, "include_dashboard": False, "object_store_memory": 256 << 20}
        try:
            ray.init(address=address, **options)
        except (ConnectionError, RuntimeError, TimeoutError) as error:
            raise EngineLost(
                f"Ray at {address} does not answer: {error}", way_out="Look at the ray-head service."
            ) from error

    def _enough(self, wanted: int) -> tuple[bool | None, str]:
        alive = self.nodes()
        return True if len(alive) >= wanted else None, f"{len(alive)} nodes ({', '.join(sorted(alive))})"

    def nodes(self) -> dict[str, str]:
        """Address → node id of the nodes that are alive."""
        return {str(node["NodeManagerAddress"]): str(node["NodeID"]) for node in ray.nodes() if node["Alive"]}

    def name_of(self, address: str) -> str:
        """The host name that the plan gives the node of that address; the address itself if it has none."""
        if not self._on_cluster:
            return self._plan.where.nodes[0].name
        names = {node.private_ip: node.name for node in self._plan.where.nodes}
        return names.get(address, address)

    def effective(self) -> dict[str, str]:
        """What Ray itself reports: its nodes and the resources of all of them."""
        resources = ray.cluster_resources()
        return {
            "ray.address": self._plan.engines.ray_address,
            "ray.nodes.alive": str(len(self.nodes())),
            "ray.cpus": str(resources.get("CPU", 0)),
            "ray.memory_bytes": str(int(resources.get("memory", 0))),
            "ray.object_store_bytes": str(int(resources.get("object_store_memory", 0))),
        }

    def stop(self) -> None:
        """Leave the cluster."""
        if ray.is_initialized():
            ray.shutdown()
