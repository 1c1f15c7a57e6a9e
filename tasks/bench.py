"""run-bench, logs, stop-run: a run from its plan to its report."""

from __future__ import annotations

from typing import Any

from console import Progress, write
from contract.errors import MachineError, SettingError
from provision import run as runs
from provision.run import RunState, RunStatus
from provision.session import Session
from tasks import results
from tasks.cluster import Current, current
from tasks.plan import build_wheel, new_run, plan, source_fingerprint
from tasks.workspace import Workspace


def bench(workspace: Workspace, given: dict[str, Any], *, detach: bool) -> None:
    """Run the experiments on the nodes; without `detach`, watch, pull and report.

    Raises:
        WorkloadError: a case failed or its answer did not verify. Its results are home all the same.
    """
    wheel = build_wheel(workspace)
    run = new_run()
    with Progress(f"run-bench: {run}") as progress:
        found = current(workspace, progress.sink, given)
        to_do = plan(run, found.cluster, found.settings, found.selection, workspace)
        with found.connected(progress.sink) as session:
            runs.ship(session, wheel, source_fingerprint(workspace.project))
            runs.start(session, run, to_do.model_dump_json())
            ended = None if detach else runs.follow(session, run, log=_unheard)
    if ended is None:
        write.lines([f"{run} goes on without this machine: fab logs"])
    else:
        _finish(found, ended)


def logs(workspace: Workspace, run: str) -> None:
    """Watch a run from its beginning, every line of it; then bring its results home."""
    with Progress("logs") as progress:
        found = current(workspace, progress.sink)
        with found.connected(progress.sink) as session:
            name = run or _latest(session)
            ended = runs.follow(session, name, log=progress.line)
    _finish(found, ended)


def stop_run(workspace: Workspace) -> None:
    """End the run that is going on; what it has measured so far is kept."""
    with Progress("stop-run") as progress:
        found = current(workspace, progress.sink)
        with found.connected(progress.sink) as session:
            latest = runs.status(session)
            if latest.state is RunState.RUNNING:
                runs.stop(session, latest.run)
    stopped = latest.state is RunState.RUNNING
    write.lines([f"{latest.run} stopped; `fab pull` brings what it has" if stopped else "no run is going on"])


def _unheard(line: str) -> None:
    """The run's log comes home with its results."""


def _latest(session: Session) -> str:
    status = runs.status(session)
    if status.state is RunState.ABSENT:
        raise SettingError("no run was started on this cluster", way_out="Start one: fab run-bench.")
    return status.run


def _finish(found: Current, ended: RunStatus) -> None:
    results.check_verified(results.bring_home(found, ended.run))
    if ended.state is RunState.FAILED:
        raise MachineError(
            f"run {ended.run} ended early: {ended.text}",
            way_out="`fab logs` shows its last lines; `fab run-bench` starts another.",
        )
