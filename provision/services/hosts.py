"""S1.3: host names, and every node's name in /etc/hosts of every node."""

from __future__ import annotations

from contract.cluster import Node
from provision.services.site import Site
from provision.step import Step
from provision.templates import script


def steps(site: Site, node: Node) -> list[Step]:
    """The node's own name, and a block of all names."""
    nodes = site.cluster.nodes
    lines = [f"{one.private_ip} {one.name}" for one in nodes]
    block = "\n".join(["# clusterbed begin", *lines, "# clusterbed end"])
    names = " ".join(one.name for one in nodes)
    return [
        Step(
            "hosts",
            "host name and names of all nodes",
            apply=script("hosts.sh", name=node.name, names=names, block=block),
            check=script("hosts_check.sh", name=node.name, block=block),
        )
    ]
