"""deploy, and the services' journals."""

from __future__ import annotations

import shlex
import time
from typing import Any

from console import Progress, write
from contract import Event, State
from contract.errors import SettingError
from contract.events import silent
from provision.deploy import deploy as deploy_services
from provision.everywhere import attempt
from tasks.cluster import current
from tasks.workspace import Workspace

JOURNAL_LINES = 200
"""The last lines of each unit that `fab logs --service` shows."""


def deploy(workspace: Workspace) -> None:
    """Install and start the setup's services on every node; a second time changes nothing, and says so."""
    began = time.monotonic()
    with Progress("deploy") as progress:
        found = current(workspace, progress.sink)
        with found.connected(progress.sink) as session:
            deployment = deploy_services(session)
            session.ssh_config()
        text = f"{deployment.changed} steps changed" if deployment.changed else "nothing changed"
        progress.sink(Event(found.cluster.name, f"healthy, {text}", State.OK))
    write.lines(f"scaled: {text}" for text in deployment.scaled)
    update: dict[str, Any] = {"scaled": deployment.scaled}
    if deployment.changed or found.selection.deploy_s is None:
        # What a later deploy takes to find nothing to do is not what provisioning took.
        update["deploy_s"] = round(time.monotonic() - began, 3)
    if deployment.executor is not None:
        update["executor_cores"] = deployment.executor.cores
        update["executor_memory_mib"] = deployment.executor.memory_mib
    workspace.remember(found.selection.model_copy(update=update))


def journal(workspace: Workspace, service: str, node: str) -> None:
    """Show the journal of a service's units, on one node or on all that have it.

    Raises:
        SettingError: no such service in this setup, or no such node.
    """
    found = current(workspace)
    names = [str(one) for one in found.settings.services]
    if service not in names:
        raise SettingError(f"there is no service '{service}'", way_out=f"There are: {', '.join(names)}.")
    nodes = [found.cluster.node(node).name] if node else [one.name for one in found.cluster.nodes]
    units = shlex.quote(f"clusterbed-{service}*")
    command = f"sudo -n journalctl --no-pager --output=short-iso --lines={JOURNAL_LINES} --unit={units}"
    with found.connected(silent) as session:
        answers, errors = attempt(session, lambda connection: connection.run(command))
    for name in nodes:
        text = answers[name].output if name in answers else f"not reached: {errors[name].what}"
        write.lines(f"{name}  {line}" for line in text.splitlines())
