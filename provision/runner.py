"""Send a node its steps, and follow what becomes of them."""

from __future__ import annotations

import json
import shlex
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import resources
from typing import Any

from contract.errors import MachineError
from contract.events import Event, Sink, State
from provision.exchange import Exchange
from provision.machine import ConnectionLostError, Machine, Process
from provision.size import Size
from provision.step import Step

STATE = "/var/lib/clusterbed"
"""Where a node keeps what was done, its data and its runs."""

ALONE = 75
"""The agent's exit code when it hears nothing more from here."""

BEAT_S = 5.0
"""A sixth of the agent's lease: a few beats may be late."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a deploy did on a node: names of the steps that changed something, number of the others."""

    node: str
    changed: tuple[str, ...]
    unchanged: int


class StepError(MachineError):
    """A step failed on a node. `follows` another node's failure when what it needed was lost by that."""

    def __init__(self, what: str, *, way_out: str, follows: bool = False) -> None:
        super().__init__(what, way_out=way_out)
        self.follows = follows


def run_steps(
    machine: Machine,
    steps_for: Callable[[Size], Sequence[Step]],
    exchange: Exchange,
    sink: Sink,
    *,
    state: str = STATE,
    sudo: bool = True,
) -> Outcome:
    """Execute steps on a node; those already done change nothing.

    `steps_for` makes the steps when the node has said how large it is.

    Raises:
        StepError: a step failed; names node, step, exit code and the last lines it wrote.
        ConnectionLostError: the connection broke; running it again goes on where it stopped.
    """
    process = machine.start(_command(state, sudo=sudo))
    conversation = _Conversation(machine.name, process, exchange, sink)
    try:
        return conversation.hold(steps_for)
    finally:
        process.close()


def _command(state: str, *, sudo: bool) -> str:
    """Start Python with a first line of code that reads the agent from its input."""
    code = f"import sys; exec(compile(sys.stdin.buffer.read({len(_agent())}), 'agent.py', 'exec'))"
    prefix = "sudo -n " if sudo else ""
    return f"{prefix}python3 -u -c {shlex.quote(code)} {shlex.quote(state)}"


def _agent() -> bytes:
    return resources.files("provision").joinpath("agent.py").read_bytes()


class _Conversation:
    """One exchange of lines with the agent of a node."""

    def __init__(self, node: str, process: Process, exchange: Exchange, sink: Sink) -> None:
        self._node = node
        self._process = process
        self._exchange = exchange
        self._sink = sink
        self._sending = threading.Lock()
        self._over = threading.Event()

    def hold(self, steps_for: Callable[[Size], Sequence[Step]]) -> Outcome:
        """From the agent's text to its last word."""
        self._process.write(_agent().decode())
        beats = threading.Thread(target=self._beat, daemon=True)
        try:
            for line in self._process.lines():
                message = _parse(line)
                if "hello" in message:
                    steps = [step.message() for step in steps_for(Size(**message["hello"]))]
                    self._send({"steps": steps})
                    self._exchange.listen(self._send)
                    beats.start()
                elif "step" in message:
                    text = f"{message['step']}: {message['text']}"
                    self._sink(Event(self._node, text, State(message["state"])))
                elif "fact" in message:
                    self._exchange.publish(message["fact"], message["value"])
                elif "failed" in message:
                    raise self._failure(message)
                elif "done" in message:
                    done = message["done"]
                    return Outcome(self._node, tuple(done["changed"]), done["unchanged"])
        finally:
            self._over.set()
            with suppress(ValueError):
                self._exchange.forget(self._send)
        code, errors = self._process.wait()
        last = errors.strip().splitlines()[-1:] or ["it said nothing"]
        if code == ALONE:
            raise ConnectionLostError(f"the agent on {self._node} was left alone")
        raise MachineError(
            f"{self._node}: the deploy's program ended with exit code {code}: {last[0]}",
            way_out=f"Look at the machine (`fab ssh --node {self._node}`), then `fab deploy` again.",
        )

    def _send(self, message: dict[str, Any]) -> None:
        with self._sending, suppress(ConnectionLostError):
            self._process.write(json.dumps(message) + "\n")

    def _beat(self) -> None:
        while not self._over.wait(BEAT_S):
            self._send({"beat": 1})

    def _failure(self, message: dict[str, Any]) -> StepError:
        step, why, code = message["failed"], message["why"], message["exit_code"]
        ended = f" (exit code {code})" if code is not None else ""
        lines = "".join(f"\n    | {line}" for line in message["lines"])
        self._sink(Event(self._node, f"{step}: {why}{ended}", State.FAILED))
        return StepError(
            f"{self._node}: step {step} failed: {why}{ended}{lines}",
            way_out=f"Mend the cause (`fab ssh --node {self._node}`), then `fab deploy` goes on from here.",
            follows="which will not come" in why,
        )


def _parse(line: str) -> dict[str, Any]:
    """A line of the agent; anything else (a login banner) is nothing."""
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}
