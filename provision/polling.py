"""The one way to wait: ask until an answer comes, bounded by a deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


class DeadlineError(Exception):
    """What was waited for did not come. The text says for what, for how long, and what was last seen."""


class CancelledError(Exception):
    """Nobody waits any more."""


class NotYet(Exception):  # noqa: N818 - an answer, not an error
    """Raised by a probe: what it sees instead of what is waited for."""


def poll(
    probe: Callable[[], Answer],
    *,
    what: str,
    deadline_s: float,
    interval_s: float = 1.0,
    waiting: Callable[[str], None] | None = None,
    cancelled: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Answer:
    """Call `probe` until it returns instead of raising NotYet; `waiting` is told each new sight.

    Raises:
        DeadlineError: `deadline_s` seconds went by.
        CancelledError: `cancelled` was set meanwhile.
    """
    asleep = cancelled or threading.Event()
    end = clock() + deadline_s
    seen = ""
    while True:
        try:
            return probe()
        except NotYet as not_yet:
            if str(not_yet) != seen and waiting is not None:
                waiting(f"waiting for {what} ({not_yet})")
            seen = str(not_yet)
        left = end - clock()
        if left <= 0:
            raise DeadlineError(f"waited {deadline_s:.0f} s for {what}; last seen: {seen}")
        if asleep.wait(min(interval_s, left)):
            raise CancelledError(f"no longer waiting for {what}")
