"""S1.4: the master logs in on every node without a password, and knows each by its host key."""

from __future__ import annotations

from collections.abc import Mapping

from contract.cluster import Cluster, Node
from provision.services.site import STATE, Site
from provision.step import Step
from provision.templates import script

KEY = "head_ssh_key"
"""The fact that carries the master's public key."""


KNOWN_HOSTS = "known_hosts"
"""The fact that carries every node's host keys."""


def key_steps(site: Site, node: Node) -> list[Step]:
    """The key pair on the head."""
    if not site.is_head(node):
        return []
    published = f"{STATE}/{KEY}.pub"
    login = site.cluster.ssh_user
    return [
        Step(
            "ssh_key",
            "the master's RSA key pair",
            apply=script("ssh_key.sh", login=login, name=node.name, published=published),
            check=script("ssh_key_check.sh", login=login, published=published),
            publishes={KEY: published},
        )
    ]


def trust_steps(site: Site) -> list[Step]:
    """The master's public key and everyone's host keys, on every node."""
    login = site.cluster.ssh_user
    return [
        Step(
            "ssh_trust",
            "the master's key and all host keys",
            apply=script("ssh_trust.sh", login=login),
            check=script("ssh_trust_check.sh", login=login),
            facts=(KEY, KNOWN_HOSTS),
        )
    ]


def known_hosts(cluster: Cluster, host_keys: Mapping[str, tuple[str, ...]]) -> str:
    """Every node's host keys under its name and address; `host_keys` are by node name."""
    return "\n".join(
        f"{node.name},{node.private_ip} {key}" for node in cluster.nodes for key in host_keys[node.name]
    )
