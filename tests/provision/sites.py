"""Clusters, sites and a listening sink for the tests of this room."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from contract import Cloud, Cluster, Event, Node, Role, Settings
from provision.services.site import Site
from provision.size import Size

DOCUMENTED = Size(cores=2, memory_mib=7950, disk_free_mib=14000, shm_mib=3975)
"""A t2.large as it reports itself (S1.1)."""


def make_cluster(workers: int = 1) -> Cluster:
    head = Node(
        name="master",
        role=Role.HEAD,
        instance_id="i-head",
        instance_type="t2.large",
        private_ip="10.0.1.10",
        public_ip="198.51.100.7",
        ssh_host="198.51.100.7",
    )
    others = [
        Node(
            name="worker" if number == 1 else f"worker-{number}",
            role=Role.WORKER,
            instance_id=f"i-worker{number}",
            instance_type="t2.large",
            private_ip=f"10.0.2.{10 + number}",
        )
        for number in range(1, workers + 1)
    ]
    return Cluster(
        name="spark-ray",
        setup="spark-ray",
        cloud=Cloud.AWS,
        region="us-east-1",
        nodes=(head, *others),
        bucket="results",
        ssh_key=Path("/nowhere/key"),
        vpc_cidr="10.0.0.0/16",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        deadline=datetime(2026, 1, 2, tzinfo=UTC),
        version="0.1.0",
    )


def make_site(workers: int = 1, **sections: object) -> Site:
    settings = Settings.parse({"machines": {"workers": workers}, **sections}, path="clusterbed")
    return Site(make_cluster(workers), settings)


class Heard:
    """A sink that keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    def states(self) -> list[tuple[str, str]]:
        return [(event.text.split(":")[0], str(event.state)) for event in self.events]
