"""The same on every node at once; each node's result or error is had before any is raised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from contract.cluster import Node
from contract.errors import ClusterbedError, MachineError
from provision.connection import Connection, Result
from provision.machine import ConnectionLostError
from provision.session import Session

Answer = TypeVar("Answer")


def everywhere(at_hand: Session, action: Callable[[Connection], Answer]) -> dict[str, Answer]:
    """What `action` returned, by node name.

    Raises:
        MachineError: it failed on some nodes; names each.
    """
    answers, errors = attempt(at_hand, action)
    if len(errors) == 1:
        raise next(iter(errors.values()))
    if errors:
        what = "\n".join(error.what for error in errors.values())
        way_out = next(iter(errors.values())).way_out
        raise MachineError(
            f"{len(errors)} of {len(at_hand.cluster.nodes)} nodes failed:\n{what}", way_out=way_out
        )
    return answers


def attempt(
    at_hand: Session, action: Callable[[Connection], Answer]
) -> tuple[dict[str, Answer], dict[str, ClusterbedError]]:
    """What `action` returned, and what went wrong, by node name."""

    def one(node: Node) -> Answer | ClusterbedError:
        try:
            return action(at_hand.to(node))
        except ConnectionLostError as error:
            return MachineError(f"{node.name}: {error}", way_out="See that it runs, then try again.")
        except ClusterbedError as error:
            return error

    nodes = at_hand.cluster.nodes
    with ThreadPoolExecutor(len(nodes), thread_name_prefix="everywhere") as pool:
        found = dict(zip([node.name for node in nodes], pool.map(one, nodes), strict=True))
    errors = {name: one for name, one in found.items() if isinstance(one, ClusterbedError)}
    answers = {name: one for name, one in found.items() if not isinstance(one, ClusterbedError)}
    return answers, errors


def run_on_all(at_hand: Session, command: str, *, deadline_s: float = 60.0) -> Mapping[str, Result]:
    """Run a shell command on every node; a command that fails is a result, not an error."""
    return everywhere(at_hand, lambda connection: connection.run(command, deadline_s=deadline_s))
