"""What the runner needs of a node: start a program there, talk to it, end it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol


class ConnectionLostError(Exception):
    """The connection to a node broke while a program ran there."""


class Process(Protocol):
    """A program that runs on a node."""

    def write(self, text: str) -> None:
        """Send it text. Raises ConnectionLostError."""

    def lines(self) -> Iterator[str]:
        """Its output line by line, until it ends. Raises ConnectionLostError."""

    def wait(self) -> tuple[int, str]:
        """Its exit code, and what it wrote to standard error."""

    def close(self) -> None:
        """End the conversation; the program sees the end of its input."""


class Machine(Protocol):
    """A node that runs programs."""

    @property
    def name(self) -> str:
        """Its host name."""

    def start(self, command: str) -> Process:
        """Start a shell command. Raises MachineError, ConnectionLostError."""
