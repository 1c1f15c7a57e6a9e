"""The process of one case, as the run sees it: what it says, and its end, by itself or by force."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from clusterbed_workloads.messages import Message, parse

CASE_PROGRAM: Final = (sys.executable, "-m", "clusterbed_workloads", "case")
"""What runs one case."""

_LOOK_EVERY_S: Final = 0.5
_GRACE_S: Final = 5.0


class CaseProcess:
    """Starts `program` (see `CASE_PROGRAM`) with its arguments in a process group of its own.

    Its messages come through a pipe, so that whatever an engine prints ends in the log and nowhere else.
    """

    def __init__(self, program: Sequence[str], arguments: Sequence[str], log: Path) -> None:
        reading, writing = os.pipe()
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as sink:
            self._process = subprocess.Popen(
                [*program, "--messages", str(writing), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                pass_fds=(writing,),
                start_new_session=True,
            )
        os.close(writing)
        self._pipe = reading
        self._selector = selectors.DefaultSelector()
        self._selector.register(reading, selectors.EVENT_READ)

    def messages(self) -> Iterator[Message | None]:
        """Messages as they come, None every half second without one, until the process closes its pipe."""
        pending = b""
        while True:
            if not self._selector.select(_LOOK_EVERY_S):
                yield None
                continue
            data = os.read(self._pipe, 1 << 16)
            if not data:
                return
            *lines, pending = (pending + data).split(b"\n")
            for line in lines:
                yield parse(line)

    def ended(self) -> int:
        """The exit code, negative for a signal; what is still running after a short grace is killed."""
        try:
            code = self._process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            code = -signal.SIGKILL
        self.kill()
        return code

    def kill(self) -> None:
        """End the process and everything it started, the engine's JVM among it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        """Release the pipe."""
        self._selector.close()
        os.close(self._pipe)


class Deadline:
    """How long the case may still take over what it said it was doing."""

    def __init__(self) -> None:
        self._until: float | None = None

    def set(self, limit_s: float) -> None:
        """Start counting."""
        self._until = time.monotonic() + limit_s

    @property
    def passed(self) -> bool:
        """Whether time is up."""
        return self._until is not None and time.monotonic() > self._until
