"""Progress: what a subject (a node, a resource, a case) is doing, as it happens.

Rooms that take long receive a `Sink` and call it; `console` renders, tests collect.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass


class State(enum.StrEnum):
    """How the subject's current activity stands."""

    RUNNING = "running"
    WAITING = "waiting"
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    OK = "ok"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of progress.

    `subject` is the node, resource or case ("worker-2", "bucket", "E1.2/expert");
    `text` what it is doing, in a few words.
    """

    subject: str
    text: str
    state: State = State.RUNNING


Sink = Callable[[Event], None]


def silent(event: Event) -> None:
    """A sink that shows nothing."""
