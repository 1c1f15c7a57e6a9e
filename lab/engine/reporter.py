"""What an operation did so far, told to the sink as it happens."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from contract.events import Event, Sink, State
from lab.engine.changes import Change, Changes, Op, PropertyDiff
from lab.engine.resource import PROVIDER, name_of, type_of


class Reporter:
    """Collects changes and sends events, one at a time, from any thread."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._lock = threading.Lock()
        self._changes: list[Change] = []

    @property
    def changes(self) -> Changes:
        """All changes so far."""
        with self._lock:
            return Changes.of(self._changes)

    def changed(self, op: Op, urn: str, diffs: tuple[PropertyDiff, ...] = ()) -> None:
        """Record what happened, or would happen, to a resource."""
        if type_of(urn) == PROVIDER:
            return  # the engine's own, no program wrote it
        with self._lock:
            self._changes.append(Change(op, urn, diffs))

    def say(self, urn: str, text: str, state: State = State.RUNNING) -> None:
        """Send an event about a resource."""
        with self._lock:
            self._sink(Event(name_of(urn), f"{text} {type_of(urn).rpartition(':')[2]}", state))

    @contextmanager
    def failures(self, urn: str) -> Iterator[None]:
        """Tell that a resource failed when what is within raises."""
        try:
            yield
        except Exception:
            self.say(urn, "failed:", State.FAILED)
            raise

    def note(self, text: str, state: State = State.RUNNING) -> None:
        """Send an event about the stack as a whole."""
        with self._lock:
            self._sink(Event("stack", text, state))
