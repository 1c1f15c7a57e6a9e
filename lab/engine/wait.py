"""The one way the engine waits."""

from __future__ import annotations

import time
from collections.abc import Callable

from contract.errors import CloudError

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 3.0


def wait_until(
    look: Callable[[], tuple[bool, str]],
    *,
    what: str,
    wait_s: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Look again and again, at growing pauses, until `look` answers (True, …).

    Its second answer is what was seen, for the message.

    Raises:
        CloudError: `wait_s` seconds passed.
    """
    deadline = clock() + wait_s
    pause_s = FIRST_PAUSE_S
    while True:
        done, seen = look()
        if done:
            return
        if clock() + pause_s > deadline:
            raise CloudError(
                f"waited {wait_s:.0f} s for {what}; last seen: {seen}",
                way_out="Repeating the command goes on from here.",
            )
        sleep(pause_s)
        pause_s = min(pause_s * 1.6, LONGEST_PAUSE_S)
