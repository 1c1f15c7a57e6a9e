"""Install and start everything a setup asks for, on all nodes at once.

    with session(cluster, settings, home=home, sink=sink) as at_hand:
        deployment = deploy(at_hand)

No node waits for another except where a step needs something of it. What one node suffers does not hide
what became of the others. A second deploy changes nothing; an interrupted one goes on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from contract.cluster import Node
from contract.errors import ClusterbedError, MachineError
from contract.events import Event, State
from provision import services
from provision.census import Census
from provision.exchange import Exchange
from provision.health import Health, until_healthy
from provision.machine import ConnectionLostError
from provision.runner import Outcome, StepError, run_steps
from provision.services import sizes
from provision.session import Session
from provision.size import Size
from provision.step import Step

RECONNECTS = 3
"""How often a node's broken connection is made again before the deploy gives the node up."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a deploy did. `scaled` says what of the settings was made smaller for these machines."""

    outcomes: tuple[Outcome, ...]
    health: tuple[Health, ...]
    executor: sizes.Executor | None
    wall_s: float

    @property
    def changed(self) -> int:
        """How many steps changed something, on all nodes; 0 when nothing was left to do."""
        return sum(len(outcome.changed) for outcome in self.outcomes)

    @property
    def scaled(self) -> tuple[str, ...]:
        """In words, for the run's plan."""
        return self.executor.scaled if self.executor else ()


def deploy(at_hand: Session) -> Deployment:
    """Bring every node to what the settings say, then wait until the services say they are well.

    Raises:
        MachineError: nodes that could not be brought there; names each with its step and last lines.
        SettingError: an executor was asked for that fits on no worker.
        ServiceError: a service is not healthy.
    """
    started = time.monotonic()
    work = _Deploy(at_hand)
    outcomes = work.everywhere()
    health = until_healthy(at_hand.site, at_hand.head, at_hand.sink)
    return Deployment(outcomes, health, work.census.executor, time.monotonic() - started)


class _Deploy:
    """One deploy: a thread a node, and the facts between them."""

    def __init__(self, at_hand: Session) -> None:
        self._at_hand = at_hand
        self._exchange = Exchange()
        self._cancelled = threading.Event()
        self.census = Census(at_hand.cluster, at_hand.settings, self._exchange, at_hand.sink)

    def everywhere(self) -> tuple[Outcome, ...]:
        """What became of every node; errors are raised when all have ended."""
        nodes = self._at_hand.cluster.nodes
        pool = ThreadPoolExecutor(len(nodes), thread_name_prefix="deploy")
        try:
            futures = {pool.submit(self._node, node): node for node in nodes}
            pending: set[Future[Outcome]] = set(futures)
            while pending:
                # A bounded wait, so that Ctrl-C is heard.
                done, pending = wait(pending, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in done:
                    if (error := future.exception()) is not None:
                        self._at_hand.sink(_failed(futures[future], error))
                        self.census.lose(futures[future])
        except BaseException:
            self._cancelled.set()
            self._at_hand.close()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        errors = [error for future in futures if (error := future.exception()) is not None]
        if self.census.misfit is not None:
            raise self.census.misfit
        if errors:
            raise combined(errors, total=len(nodes))
        return tuple(future.result() for future in futures)

    def _node(self, node: Node) -> Outcome:
        lost = ConnectionLostError("")
        for attempt in range(1 + RECONNECTS):
            if self._cancelled.is_set():
                break
            try:
                self.census.recognise(node, self._at_hand.published(node))
                connection = self._at_hand.to(node)
                if attempt == 0:
                    self._at_hand.sink(Event(node.name, "connected"))
                outcome = run_steps(
                    connection,
                    lambda size: self._steps(node, size),
                    self._exchange,
                    self._at_hand.sink,
                )
            except ConnectionLostError as error:
                lost = error
                self._at_hand.sink(Event(node.name, f"{error}; connecting again", State.WAITING))
            else:
                text = f"{len(outcome.changed)} steps changed, {outcome.unchanged} unchanged"
                state = State.CHANGED if outcome.changed else State.UNCHANGED
                self._at_hand.sink(Event(node.name, text, state))
                return outcome
        raise MachineError(
            f"{node.name}: {lost}, {1 + RECONNECTS} times",
            way_out="See that the machine runs and the network is well, then `fab deploy` goes on.",
        )

    def _steps(self, node: Node, size: Size) -> Sequence[Step]:
        self.census.note(node, size)
        return services.steps(self._at_hand.site, node, size)


def _failed(node: Node, error: BaseException) -> Event:
    what = error.what if isinstance(error, ClusterbedError) else repr(error)
    return Event(node.name, what.splitlines()[0], State.FAILED)


def combined(errors: Sequence[BaseException], *, total: int) -> BaseException:
    """One error for what went wrong on several nodes; what only followed from another's failure comes last.

    An error that is none of ours is raised as it is: it is a mistake in this program.
    """
    foreign = [error for error in errors if not isinstance(error, ClusterbedError)]
    if foreign:
        return foreign[0]
    ours = [error for error in errors if isinstance(error, ClusterbedError)]
    ours.sort(key=lambda error: isinstance(error, StepError) and error.follows)
    if len(ours) == 1:
        return ours[0]
    first = ours[0]
    what = "\n".join(error.what for error in ours)
    kind = type(first) if type(first) is not StepError else MachineError
    return kind(f"{len(ours)} of {total} nodes failed:\n{what}", way_out=first.way_out)
