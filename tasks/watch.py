"""status and ssh: looking at the current cluster."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime

from console import Progress, write
from contract.errors import ServiceError, WorkstationError
from contract.events import silent
from provision.health import health
from tasks.cluster import current
from tasks.workspace import Workspace


def status(workspace: Workspace) -> None:
    """Machines, what the services say, and how long there is left.

    Raises:
        ServiceError: a service is not healthy.
    """
    with Progress("status") as progress:
        found = current(workspace, progress.sink)
        with found.connected(progress.sink) as session:
            services = health(session.site, session.head)
    write.cluster(found.cluster)
    left_h = (found.cluster.deadline - datetime.now(UTC)).total_seconds() / 3600
    write.lines(
        [
            f"{left_h:.1f} hours left",
            *(f"{'well' if one.healthy else 'ILL '}  {one.service:<6}  {one.text}" for one in services),
        ]
    )
    ill = [one.text for one in services if not one.healthy]
    if ill:
        raise ServiceError(
            f"not healthy: {'; '.join(ill)}",
            way_out="`fab deploy` starts what should run; `fab logs --service`.",
        )


def ssh(workspace: Workspace, node: str, command: str) -> None:
    """Become an `ssh` to a node, with the keys that the nodes published at boot."""
    program = shutil.which("ssh")
    if program is None:
        raise WorkstationError("there is no `ssh` on this machine", way_out="Install openssh-client.")
    found = current(workspace)
    name = (found.cluster.node(node) if node else found.cluster.head).name
    with found.connected(silent) as session:
        config = session.ssh_config()
    arguments = [program, "-F", str(config), name, *([command] if command else [])]
    os.execv(program, arguments)  # noqa: S606 - a list, no shell
