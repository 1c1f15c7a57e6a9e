"""Clusters for distributed data engines, from documents to results, on AWS or on a lab of your own.

The usual way: up, deploy, run-bench, report, destroy. The cluster that `up` made (or `use` chose) is
the current one; later tasks need no name. `fab --help TASK` explains a task and its options.
"""

from __future__ import annotations

from collections.abc import Callable

from fabric import task
from invoke.context import Context

from console import run_task
from tasks import bench, build, results, services, watch
from tasks.workspace import Workspace, given

_SET = "a setting over the setup's own, such as experiments.rows=1000000; may be given again"


def _within(action: Callable[[Workspace], object]) -> None:
    """Run `action` in this checkout's workspace; an error ends the process with its own exit code."""
    run_task(lambda: action(Workspace.here()))


@task(
    iterable=["set"],
    help={
        "setup": "a documented setup: the NAME of a file Pulumi.NAME.yaml",
        "lab": "in the lab on this machine instead of on AWS",
        "workers": "how many workers there are besides the head",
        "set": _SET,
    },
)
def up(
    _: Context, setup: str = "", lab: bool = False, workers: str = "", set: list[str] | None = None
) -> None:
    """Build the machines and the network of a cluster, or bring them up to date."""
    named = {"machines.workers": workers}
    _within(lambda here: build.up(here, build.select(here, setup, lab=lab, given=given(set, named))))


@task(
    iterable=["set"],
    help={"setup": "a setup; the current cluster when absent", "lab": "in the lab", "set": _SET},
)
def preview(_: Context, setup: str = "", lab: bool = False, set: list[str] | None = None) -> None:
    """Show what `up` would change in the cloud, and change nothing."""
    _within(lambda here: build.preview(here, build.select(here, setup, lab=lab, given=given(set))))


@task(help={"setup": "the stack's name", "lab": "it is in the lab"})
def use(_: Context, setup: str, lab: bool = False) -> None:
    """Choose the current cluster, for instance one that `pulumi up` built."""
    _within(lambda here: build.use(here, build.select(here, setup, lab=lab, given={})))


@task
def deploy(_: Context) -> None:
    """Install the setup's services and start them; a second time changes nothing."""
    _within(services.deploy)


@task(
    iterable=["set"],
    help={
        "rows": "rows of the data set",
        "repeats": "measured repeats of each case",
        "only": "experiments, separated by commas: E1.2,E1.3",
        "set": _SET,
        "detach": "start it and come back at once; `fab logs` finds it again",
    },
)
def run_bench(
    _: Context,
    rows: str = "",
    repeats: str = "",
    only: str = "",
    set: list[str] | None = None,
    detach: bool = False,
) -> None:
    """Run the setup's experiments on the nodes and bring the results to results/RUN/."""
    named = {"experiments.rows": rows, "experiments.repeats": repeats, "experiments.ids": only}
    _within(lambda here: bench.bench(here, given(set, named), detach=detach))


@task
def status(_: Context) -> None:
    """Show the machines, the services' health as they tell it themselves, the run, and the deadline."""
    _within(watch.status)


@task(help={"node": "the node's name; the head when absent", "command": "run this instead of a shell"})
def ssh(_: Context, node: str = "", command: str = "") -> None:
    """Open a shell on a node, its host key verified."""
    _within(lambda here: watch.ssh(here, node, command))


@task(
    help={
        "run": "the run's name; the latest when absent",
        "service": "a service's journal instead of a run's: hdfs, spark, ray …",
        "node": "whose journal, with --service; all nodes' when absent",
    }
)
def logs(_: Context, run: str = "", service: str = "", node: str = "") -> None:
    """Follow the latest run, from its beginning; or show a service's journal."""
    _within(lambda here: bench.logs(here, run) if not service else services.journal(here, service, node))


@task
def stop_run(_: Context) -> None:
    """End the run that is going on; what it has measured so far is kept."""
    _within(bench.stop_run)


@task(help={"run": "the run's name; all runs when absent"})
def pull(_: Context, run: str = "") -> None:
    """Bring results from the bucket to results/RUN/, each file checked by its digest."""
    _within(lambda here: results.pull_runs(here, run))


@task(help={"run": "the run's name; the latest when absent"})
def report(_: Context, run: str = "") -> None:
    """Write results/RUN/report.html and print the figures beside the published ones."""
    _within(lambda here: results.report(here, run))


@task(help={"drop-results": "also drop results in the bucket that were not pulled"})
def destroy(_: Context, drop_results: bool = False) -> None:
    """Delete the cluster, then list what the cloud still holds of it; exit 0 only if that is nothing."""
    _within(lambda here: build.destroy(here, here.current(), drop_results=drop_results))


@task
def lab_stop(_: Context) -> None:
    """Stop the lab whatever it holds: machines, networks, rules and routes of this machine are removed."""
    _within(build.stop_lab)
