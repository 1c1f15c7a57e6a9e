"""S1.7: Ray, its head on the master; every worker joins."""

from __future__ import annotations

from typing import Any

from contract import ports
from contract.cluster import Node
from provision.services import sizes
from provision.services.roll_call import roll_call
from provision.services.site import ACCOUNT, CONFIGURATION, ENVIRONMENT, PREFIX, PYTHON, STATE, Site
from provision.services.unit import daemon
from provision.size import Size
from provision.step import File, Port, Step
from provision.templates import render

VARIABLES = f"{CONFIGURATION}/ray.env"
SCRATCH = f"{STATE}/ray"
"""Ray's sockets lie 60 characters below it, and a socket's path ends at 107."""

HEAD_WITHIN_S = 1800.0
"""The head may be building the software image first."""


def address(site: Site) -> str:
    """What drivers and workers connect to."""
    return f"{site.head}:{site.settings.ray.port}"


def steps(site: Site, node: Node, size: Size) -> list[Step]:
    """The node's Ray daemon."""
    ray = site.settings.ray
    arguments = [
        f"--node-ip-address={node.private_ip}",
        f"--node-name={node.name}",
        f"--object-store-memory={sizes.object_store_mib(site.settings, size) * 1024**2}",
        f"--node-manager-port={ports.RAY_NODE_MANAGER}",
        f"--object-manager-port={ports.RAY_OBJECT_MANAGER}",
        f"--runtime-env-agent-port={ports.RAY_RUNTIME_ENV_AGENT}",
        f"--dashboard-agent-grpc-port={ports.RAY_DASHBOARD_AGENT_GRPC}",
        f"--dashboard-agent-listen-port={ports.RAY_DASHBOARD_AGENT_HTTP}",
        f"--metrics-export-port={ports.RAY_METRICS}",
        f"--min-worker-port={ports.RAY_WORKERS.first}",
        f"--max-worker-port={ports.RAY_WORKERS.last}",
    ]
    waits: tuple[Port, ...] = ()
    if site.is_head(node):
        arguments += [
            "--head",
            f"--port={ray.port}",
            f"--ray-client-server-port={ports.RAY_CLIENT}",
            f"--dashboard-host={node.private_ip}",
            f"--dashboard-port={ray.dashboard_port}",
            f"--temp-dir={SCRATCH}",
        ]
    else:
        arguments.append(f"--address={site.cluster.head.private_ip}:{ray.port}")
        waits = (Port("Ray's head", site.head, ray.port, HEAD_WITHIN_S),)
    content = render(
        "ray.service",
        description="Ray",
        prefix=PREFIX,
        account=ACCOUNT,
        common=ENVIRONMENT,
        variables=VARIABLES,
        python=PYTHON,
        arguments=" ".join(arguments),
    )
    return [
        daemon(
            "clusterbed-ray.service",
            "Ray",
            content,
            files=(File(VARIABLES, render("ray.env")),),
            directories=(SCRATCH,),
            waits=waits,
        )
    ]


def question(site: Site) -> str:
    """Ray's own list of nodes, from its dashboard."""
    return f"http://{site.cluster.head.private_ip}:{site.settings.ray.dashboard_port}/nodes?view=summary"


def judge(site: Site, answer: Any) -> tuple[bool, str]:
    """Every node of the cluster, the head included, is alive in it."""
    alive = {
        node["raylet"]["nodeName"]
        for node in answer["data"]["summary"]
        if node.get("raylet", {}).get("state") == "ALIVE"
    }
    missing, text = roll_call(site.cluster.nodes, alive, "Ray nodes alive")
    return not missing, text
