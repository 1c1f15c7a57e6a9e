"""The current cluster at hand: found, its settings read, its connections open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from contract import Cluster, Settings, Sink
from contract.errors import SettingError
from contract.events import silent
from provision.session import Session, session
from tasks.clouds import Stack, stack_of
from tasks.workspace import Selection, Workspace, overlay


@dataclass(frozen=True)
class Current:
    """The current cluster, with what the command line gave laid over its settings."""

    workspace: Workspace
    selection: Selection
    settings: Settings
    stack: Stack
    cluster: Cluster

    @contextmanager
    def connected(self, sink: Sink) -> Iterator[Session]:
        """Connections to its nodes, opened when used."""
        s3 = self.stack.session().client("s3")
        with session(self.cluster, self.settings, home=self.workspace.home, sink=sink, s3=s3) as opened:
            yield opened


def current(workspace: Workspace, sink: Sink = silent, given: dict[str, Any] | None = None) -> Current:
    """The cluster that `up` built or `use` chose.

    Raises:
        SettingError: there is none, it is not up, or a given setting is wrong.
    """
    selection = workspace.current()
    if given:
        selection = selection.model_copy(update={"overrides": overlay(selection.overrides, given)})
    settings = workspace.settings(selection)
    stack = stack_of(workspace, selection, sink)
    cluster = stack.cluster()
    if cluster is None:
        raise SettingError(
            f"the cluster {selection.stack} is not up", way_out="Build it: fab up. Or forget it: fab destroy."
        )
    return Current(workspace, selection, settings, stack, cluster)
