"""One engine a stack at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contract.errors import ClusterbedError


@contextmanager
def locked(state: Path) -> Iterator[None]:
    """Hold the stack whose state file this is.

    The kernel gives the lock up when its process dies, however it dies, so a stale one cannot exist.

    Raises:
        ClusterbedError: another process works on the stack.
    """
    path = state.with_suffix(".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = file.read().strip() or "unknown"
            raise ClusterbedError(
                f"stack {state.stem} is being worked on by process {holder}",
                way_out="Wait until it ends, or end it; then repeat the command.",
            ) from None
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield
