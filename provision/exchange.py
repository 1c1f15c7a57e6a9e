"""Facts on their way between nodes: what a step of one publishes and steps of others need.

They travel over the verified SSH connections, through the laptop: a public key or a digest that came
this way needs no further proof.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

Listener = Callable[[dict[str, str]], None]


class Exchange:
    """Keeps what was published, and passes it on to who listens, earlier news included."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._news: dict[str, dict[str, str]] = {}
        self._listeners: list[Listener] = []

    def publish(self, name: str, value: str) -> None:
        """A fact is known."""
        self._tell(name, {"fact": name, "value": value})

    def lose(self, name: str, why: str) -> None:
        """A fact will never be known, unless it already is."""
        with self._lock:
            known = name in self._news
        if not known:
            self._tell(name, {"lost": name, "why": why})

    def listen(self, listener: Listener) -> None:
        """Pass everything on to `listener`, from the first fact on."""
        with self._lock:
            earlier = list(self._news.values())
            self._listeners.append(listener)
        for message in earlier:
            listener(message)

    def forget(self, listener: Listener) -> None:
        """Stop passing on to `listener`."""
        with self._lock:
            self._listeners.remove(listener)

    def _tell(self, name: str, message: dict[str, str]) -> None:
        with self._lock:
            self._news[name] = message
            listeners = list(self._listeners)
        for listener in listeners:
            listener(message)
