"""The one way to wait: look, pause, look again, until a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from clusterbed_workloads.errors import WaitedTooLong

T = TypeVar("T")

Look = Callable[[], tuple[T | None, str]]
"""Returns what is waited for, or None, and in words what was seen."""


def until(
    what: str,
    look: Look[T],
    *,
    within_s: float,
    pause_s: float = 0.5,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Wait for `what`.

    Raises:
        WaitedTooLong: `within_s` seconds went by; the message says what was seen last.
    """
    deadline = clock() + within_s
    while True:
        found, seen = look()
        if found is not None:
            return found
        if clock() >= deadline:
            raise WaitedTooLong(f"waited {within_s:.0f} s for {what}; last saw: {seen}.")
        sleep(pause_s)
