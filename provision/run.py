"""A run of the workloads: shipped to all nodes, started on the head, followed from anywhere, found again.

A run is a transient systemd unit on the head. It needs no laptop: `follow` only watches, and whoever
follows later reads the same lines from the journal.
"""

from __future__ import annotations

import enum
import json
import shlex
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from contract.errors import HostKeyError, MachineError, SettingError, WorkloadError
from contract.events import Event, Sink, State
from provision.connection import Connection, Result
from provision.everywhere import everywhere
from provision.machine import ConnectionLostError
from provision.services.site import ACCOUNT, ENVIRONMENT, PYTHON, STATE, WORKLOADS
from provision.session import Session
from provision.templates import script

RUNS = f"{STATE}/runs"
MARK = "@clusterbed "
"""A line of a run that begins with this is progress: a JSON object of subject, text and state."""

UNREACHABLE_S = 600.0
"""How long `follow` tries to come back to a head it has lost; the run goes on meanwhile."""

BUSY = 3
"""Exit code of run_start.sh: another run is going on."""


class RunState(enum.StrEnum):
    """How a run stands."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class RunStatus:
    """A run and how it stands; `text` says more where it failed."""

    run: str
    state: RunState
    text: str = ""


def ship(at_hand: Session, wheel: Path, fingerprint: str) -> None:
    """Put the workloads on every node, where this fingerprint of them is not there yet.

    Raises:
        MachineError: a node could not take them.
    """
    command = _root(script("ship.sh", root=WORKLOADS, fingerprint=fingerprint, python=PYTHON))

    def one(connection: Connection) -> None:
        done = connection.send(wheel, command)
        if done.exit_code:
            raise MachineError(
                f"{connection.name}: the workloads could not be unpacked: {done.errors.strip()[-500:]}",
                way_out="`fab deploy` first; is the disk full?",
            )

    everywhere(at_hand, one)


def start(at_hand: Session, run: str, plan: str) -> None:
    """Start a run of `plan` (JSON) on the head; it goes on without this machine.

    Raises:
        WorkloadError: another run is going on.
        MachineError: it could not be started.
    """
    text = script(
        "run_start.sh",
        run=run,
        runs=RUNS,
        account=ACCOUNT,
        environment=ENVIRONMENT,
        workloads=f"{WORKLOADS}/current",
        python=PYTHON,
    )
    done = _head(at_hand, text, stdin=plan)
    if done.exit_code == BUSY:
        other = done.output.strip().removeprefix("clusterbed-run-").removesuffix(".service")
        raise WorkloadError(
            f"run {other} is going on; two at once would measure each other",
            way_out="Watch it (`fab logs`), or end it (`fab stop-run`).",
        )
    if done.exit_code:
        raise MachineError(
            f"{at_hand.cluster.head.name}: run {run} could not be started: {done.errors.strip()[-500:]}",
            way_out="`fab deploy`, then try again.",
        )


def status(at_hand: Session, run: str | None = None) -> RunStatus:
    """How that run stands, or the latest one there is."""
    done = _head(at_hand, script("run_status.sh", run=run or "", runs=RUNS))
    name, _, rest = done.output.strip().partition(" ")
    if not name:
        return RunStatus(run or "", RunState.ABSENT)
    unit, _, ended = rest.partition(" ")
    if unit in {"active", "activating", "deactivating", "reloading"}:
        return RunStatus(name, RunState.RUNNING)
    return _ended(name, ended)


def follow(
    at_hand: Session,
    run: str,
    *,
    log: Callable[[str], None],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> RunStatus:
    """Watch a run to its end: its progress goes to the session's sink, its other lines to `log`.

    A lost connection is made again, and goes on with the line after the last one seen.

    Raises:
        SettingError: there is no such run.
        MachineError: the head cannot be reached any more.
    """
    if status(at_hand, run).state is RunState.ABSENT:
        raise SettingError(
            f"there is no run {run} on this cluster", way_out="`fab logs` shows the latest one."
        )
    cursor, seen = "", clock()
    while True:
        try:
            for message in _messages(at_hand, run, cursor):
                seen = clock()
                if "message" in message:
                    cursor = str(message["cursor"])
                    _tell(str(message["message"]), at_hand.sink, log)
                elif "ended" in message:
                    return _ended(run, str(message["ended"]))
            error: Exception = ConnectionLostError("the head stopped telling of the run")
        except HostKeyError:
            raise
        except (ConnectionLostError, MachineError) as lost:
            error = lost
        if clock() - seen > UNREACHABLE_S:
            raise MachineError(
                f"the head has been out of reach for {clock() - seen:.0f} s: {error}",
                way_out="The run goes on if the head does; `fab logs` finds it again.",
            ) from error
        at_hand.sink(Event("run", f"{error}; going on when it is back", State.WAITING))
        sleep(1.0)


def stop(at_hand: Session, run: str) -> None:
    """End a run; what it has done so far is kept.

    Raises:
        MachineError: it could not be stopped.
    """
    done = _head(at_hand, script("run_stop.sh", run=run), deadline_s=90.0)
    if done.exit_code:
        raise MachineError(
            f"run {run} could not be stopped: {done.errors.strip()[-300:]}", way_out="See `fab logs`."
        )


def _root(text: str) -> str:
    return f"sudo -n bash -euo pipefail -c {shlex.quote(text)}"


def _head(at_hand: Session, text: str, *, stdin: str = "", deadline_s: float = 60.0) -> Result:
    try:
        return at_hand.head.run(_root(text), stdin=stdin, deadline_s=deadline_s)
    except ConnectionLostError as error:
        raise MachineError(str(error), way_out="See that the head runs, then try again.") from error


def _messages(at_hand: Session, run: str, cursor: str) -> Iterator[dict[str, object]]:
    code = resources.files("provision").joinpath("follow.py").read_text(encoding="utf-8")
    arguments = shlex.join([f"clusterbed-run-{run}.service", f"{RUNS}/{run}/ended", cursor])
    process = at_hand.head.start(f"sudo -n python3 -u -c {shlex.quote(code)} {arguments}")
    try:
        for line in process.lines():
            message = json.loads(line)
            yield message
    finally:
        process.close()


def _tell(line: str, sink: Sink, log: Callable[[str], None]) -> None:
    if line.startswith(MARK):
        try:
            told = json.loads(line.removeprefix(MARK))
            sink(Event(told["subject"], told["text"], State(told["state"])))
        except (ValueError, KeyError, TypeError):
            log(line)
    else:
        log(line)


def _ended(run: str, ended: str) -> RunStatus:
    """`ended` is systemd's "result exit-status", or nothing when the machine went down under the run."""
    if ended == "success 0":
        return RunStatus(run, RunState.SUCCEEDED)
    if not ended:
        return RunStatus(run, RunState.FAILED, "the head stopped while it ran")
    result, _, code = ended.partition(" ")
    if result == "success":  # what systemd calls a unit that was told to end, and did
        return RunStatus(run, RunState.FAILED, f"ended by SIG{code}")
    return RunStatus(run, RunState.FAILED, f"{result}, exit status {code}")
