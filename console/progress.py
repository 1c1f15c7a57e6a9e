"""Progress as it happens: a line a subject on a terminal, a line an event where there is none.

A subject is a node, a resource or a case. It is done with `State.OK` or `State.FAILED`; its last
line then stays on the screen, above those that are still at work.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from contract.events import Event, State

_MARKS = {
    State.RUNNING: ("›", "cyan"),
    State.WAITING: ("…", "yellow"),
    State.UNCHANGED: ("=", "dim"),
    State.CHANGED: ("+", "green"),
    State.OK: ("✓", "green"),
    State.FAILED: ("✗", "red"),
}
_DONE = frozenset({State.OK, State.FAILED})


class _Subject:
    def __init__(self, event: Event, now: float) -> None:
        self.started = now
        self.event = event


class Progress:
    """A sink with a screen.

    Use it as a context manager and pass `progress.sink` to what takes long. Thread-safe.
    `clock` returns seconds from any origin.
    """

    def __init__(
        self,
        title: str,
        *,
        console: Console | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._title = title
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._clock = clock
        self._lock = threading.Lock()
        self._subjects: dict[str, _Subject] = {}
        self._started = clock()
        self._live: Live | None = None

    def __enter__(self) -> Self:
        self._started = self._clock()
        self._console.print(Text(self._title, style="bold"))
        if self._console.is_terminal:
            self._live = Live(
                get_renderable=self._table, console=self._console, refresh_per_second=8, transient=True
            )
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
        outcome = "done" if error is None else "stopped"
        self._console.print(Text(f"  {outcome} in {_elapsed(self.elapsed_s)}", style="dim"))

    @property
    def elapsed_s(self) -> float:
        """Seconds since the progress began."""
        return self._clock() - self._started

    def sink(self, event: Event) -> None:
        """Take an event. May be called from any thread."""
        now = self._clock()
        with self._lock:
            subject = self._subjects.setdefault(event.subject, _Subject(event, now))
            subject.event = event
            finished = event.state in _DONE
            if finished:
                del self._subjects[event.subject]
        if self._live is None:
            self._console.print(self._line(event, now - self._started))
        elif finished:
            self._live.console.print(self._line(event, now - subject.started))

    def line(self, text: str) -> None:
        """Print a line as it is, above what is going on. May be called from any thread."""
        console = self._live.console if self._live is not None else self._console
        console.print(Text(text, style="dim"))

    def _line(self, event: Event, elapsed_s: float) -> Text:
        mark, style = _MARKS[event.state]
        line = Text()
        line.append(f"  {_elapsed(elapsed_s):>8}  ", style="dim")
        line.append(f"{mark} {event.subject:<16} ", style=style)
        line.append(event.text)
        return line

    def _table(self) -> Table:
        now = self._clock()
        with self._lock:
            subjects = list(self._subjects.values())
        table = Table.grid(padding=(0, 1))
        # A screen shows no more lines than it has; the oldest are the ones worth watching.
        room = max(self._console.height - 4, 3)
        for subject in subjects[:room]:
            table.add_row(self._line(subject.event, now - subject.started))
        if len(subjects) > room:
            table.add_row(Text(f"            and {len(subjects) - room} more", style="dim"))
        return table


def _elapsed(seconds: float) -> str:
    """`7.3 s`, `2:07`, `1:02:07`."""
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
