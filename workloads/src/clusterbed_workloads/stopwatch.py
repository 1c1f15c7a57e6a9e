"""The parts of a measured stretch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from clusterbed_workloads.record import Missing

NOT_APART = Missing(missing="reading and processing run as one pipeline and cannot be told apart")


class Stopwatch:
    """A case marks which of its time is loading and which is processing; what it does not mark is missing."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self.load_s: float | Missing = NOT_APART
        self.processing_s: float | Missing = NOT_APART

    @contextmanager
    def load(self) -> Iterator[None]:
        """Time of bringing the input to where it is processed; several stretches add up."""
        start = self._clock()
        yield
        spent = self._clock() - start
        self.load_s = spent + (self.load_s if isinstance(self.load_s, float) else 0.0)

    @contextmanager
    def processing(self) -> Iterator[None]:
        """Time of the work itself; several stretches add up."""
        start = self._clock()
        yield
        spent = self._clock() - start
        self.processing_s = spent + (self.processing_s if isinstance(self.processing_s, float) else 0.0)
