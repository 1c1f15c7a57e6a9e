"""One module a service: the steps that install it on a node, and what it says of its own health."""

from __future__ import annotations

from contract.cluster import Node
from contract.settings import Service
from provision.services import account, deadline, hdfs, hosts, journal, nat, ray, software, spark, ssh_trust
from provision.services.site import Site
from provision.size import Size
from provision.step import Step


def steps(site: Site, node: Node, size: Size) -> list[Step]:
    """All steps of a node, in the order they are executed.

    What others wait for comes first (NAT, the master's key, the image); what waits for others, last.
    """
    wanted = site.settings.services
    return [
        *deadline.steps(site),
        *(nat.steps() if site.is_head(node) else []),
        *hosts.steps(site, node),
        *journal.steps(),
        *account.steps(),
        *ssh_trust.key_steps(site, node),
        *software.steps(site, node),
        *(hdfs.steps(site, node) if Service.HDFS in wanted else []),
        *(spark.steps(site, node, size) if Service.SPARK in wanted else []),
        *(ray.steps(site, node, size) if Service.RAY in wanted else []),
        *(spark.driver_steps(site, node) if Service.SPARK in wanted else []),
        *ssh_trust.trust_steps(site),
    ]
