"""Runs that came home: pulled from the bucket, set beside the published figures."""

from __future__ import annotations

from pathlib import Path

from clusterbed_workloads.record import Outcome, parse
from console import Progress, write
from contract.errors import SettingError, WorkloadError
from report import build, pull, summary_lines, unpulled
from tasks.cluster import Current, current
from tasks.workspace import Workspace


def pull_runs(workspace: Workspace, run: str) -> None:
    """Bring one run home, or all that are not here yet."""
    with Progress("pull") as progress:
        found = current(workspace, progress.sink)
        session = found.stack.session()
        bucket = found.cluster.bucket
        runs = [run] if run else [item.run for item in unpulled(session, bucket, workspace.results)]
        for name in runs:
            pull(session, bucket, name, workspace.results, sink=progress.sink)
            build(workspace.results / name)
    write.lines([f"{workspace.results / name}" for name in runs] or ["nothing to pull: all runs are here"])


def bring_home(found: Current, run: str) -> Path:
    """Pull a run, write its page, print its figures; the folder it came to."""
    with Progress(f"pull: {run}") as progress:
        pull(found.stack.session(), found.cluster.bucket, run, found.workspace.results, sink=progress.sink)
    report(found.workspace, run)
    return found.workspace.results / run


def report(workspace: Workspace, run: str) -> None:
    """Write the page of a run that is here, and print its figures."""
    home = workspace.results / (run or latest(workspace.results))
    page = build(home)
    write.lines([*summary_lines(home), "", f"report: {page}"])


def latest(results: Path) -> str:
    """The name of the last run that is here; names sort by time.

    Raises:
        SettingError: there is none.
    """
    runs = sorted(path.parent.name for path in results.glob("*/run.json"))
    if not runs:
        raise SettingError(
            f"{results} holds no run", way_out="Make one: fab run-bench; or fetch one: fab pull."
        )
    return runs[-1]


def check_verified(home: Path) -> None:
    """Pass when every case of a run ended well and its answer verified.

    Raises:
        WorkloadError: names those that did not.
    """
    records = [parse(line) for line in (home / "records.jsonl").read_text().splitlines() if line]
    bad = sorted({f"{record.experiment}/{record.variant} {record.outcome}" for record in records
                  if record.outcome is not Outcome.OK})  # fmt: skip
    if bad or not records:
        raise WorkloadError(
            f"run {home.name}: {', '.join(bad) or 'no case left a record'}",
            way_out=f"See {home / 'report.html'} and the logs beside it.",
        )
