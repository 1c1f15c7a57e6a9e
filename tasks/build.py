"""up, preview, destroy: the cloud side of a cluster."""

from __future__ import annotations

import time
from typing import Any

from console import Progress, write
from contract import Cloud, Event, State
from contract.errors import SettingError
from lab import Lab
from lab.engine import Changes, Op
from tasks import teardown
from tasks.clouds import LabStack, stack_of
from tasks.workspace import Selection, Workspace, overlay


def select(workspace: Workspace, setup: str, *, lab: bool, given: dict[str, Any]) -> Selection:
    """The cluster meant: `setup` when it is named, else the current one, with `given` over its settings.

    Raises:
        SettingError: no such setup, a wrong setting, or nothing named and nothing current.
    """
    if setup:
        selection = Selection(stack=setup, cloud=Cloud.LAB if lab else Cloud.AWS)
        current = workspace.current_or_none()
        if current is not None and (current.stack, current.cloud) == (selection.stack, selection.cloud):
            selection = current
        elif lab and current is not None and current.cloud is Cloud.LAB:
            raise SettingError(
                f"the lab holds {current.stack} already, and it holds one cluster at a time",
                way_out="End it first: fab destroy.",
            )
    else:
        selection = workspace.current()
        if lab and selection.cloud is not Cloud.LAB:
            raise SettingError(
                f"--lab was given, but the current cluster {selection.stack} is on AWS",
                way_out="Name the setup too: --setup NAME --lab.",
            )
    selection = selection.model_copy(update={"overrides": overlay(selection.overrides, given)})
    workspace.settings(selection)  # refuses a wrong setting before anything is touched
    workspace.region(selection)
    return selection


def up(workspace: Workspace, selection: Selection) -> None:
    """Bring the cloud side up and remember the cluster; goes on where an interrupted one stopped."""
    began = time.monotonic()
    where = "the lab" if selection.cloud is Cloud.LAB else "AWS"
    # Remembered before it exists: an interrupted up can be gone on with, or destroyed.
    workspace.remember(selection)
    with Progress(f"up: {selection.stack} on {where}") as progress:
        stack = stack_of(workspace, selection, progress.sink)
        stack.up()
        cluster = stack.cluster()
        if isinstance(stack, LabStack) and cluster is not None:
            stack.lab.wait_ready([node.instance_id for node in cluster.nodes])
        progress.sink(Event(selection.stack, "up", State.OK))
    workspace.remember(selection.model_copy(update={"up_s": round(time.monotonic() - began, 3)}))
    if cluster is not None:
        write.cluster(cluster)


def preview(workspace: Workspace, selection: Selection) -> None:
    """Show what `up` would change."""
    with Progress(f"preview: {selection.stack}") as progress:
        changes = stack_of(workspace, selection, progress.sink).preview()
    if changes is not None:
        write.lines(_told(changes))


def destroy(workspace: Workspace, selection: Selection, *, drop_results: bool) -> None:
    """Delete the cluster, prove it gone, and forget it. A lab that holds nothing more is stopped."""
    with Progress(f"destroy: {selection.stack}") as progress:
        stack = stack_of(workspace, selection, progress.sink)
        name = workspace.settings(selection).name or selection.stack
        if isinstance(stack, LabStack) and not stack.lab.running:
            # Nothing outlives the lab's API; its machines and networks may, after a crash.
            left: tuple[object, ...] = ()
        else:
            left = teardown.destroy(stack, workspace, name, progress.sink, drop_results=drop_results)
        if isinstance(stack, LabStack):
            stack.lab.stop()
    workspace.forget()
    write.gone(name, left)


def use(workspace: Workspace, selection: Selection) -> None:
    """Make a cluster that stands the current one."""
    with Progress(f"use: {selection.stack}") as progress:
        cluster = stack_of(workspace, selection, progress.sink).cluster()
    if cluster is None:
        raise SettingError(
            f"the stack {selection.stack} holds no cluster", way_out="Build it first: fab up, or pulumi up."
        )
    workspace.remember(selection)
    write.cluster(cluster)


def stop_lab(workspace: Workspace) -> None:
    """Stop the lab and forget what it held."""
    with Progress("lab: stop") as progress:
        Lab(workspace.home, progress.sink).stop()
    current = workspace.current_or_none()
    if current is not None and current.cloud is Cloud.LAB:
        (workspace.home / "lab" / "stacks" / f"{current.stack}.json").unlink(missing_ok=True)
        workspace.forget()


def _told(changes: Changes) -> list[str]:
    """A line a resource, and one a property that differs."""
    if changes.empty:
        return ["nothing would change"]
    lines = []
    for change in changes.listed:
        lines.append(f"{change.op:<8} {change.urn.rpartition('$')[2].replace('::', ' ')}")
        lines += [
            f"         {diff.path}: {diff.old} → {diff.new}{' (replaces)' if diff.replaces else ''}"
            for diff in change.diffs
        ]
    counts = ", ".join(f"{count} to {op}" for op, count in changes.counts.items() if op != Op.SAME)
    return [*lines, counts]
