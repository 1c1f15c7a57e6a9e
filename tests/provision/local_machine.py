"""This machine as a node: how steps and agent are tried without one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

from provision.machine import ConnectionLostError


class LocalProcess:
    """A program on this machine."""

    def __init__(self, command: str) -> None:
        self._process = subprocess.Popen(
            ["bash", "-c", command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def write(self, text: str) -> None:
        """Send it text."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(text)
            self._process.stdin.flush()
        except OSError as error:
            raise ConnectionLostError(str(error)) from error

    def lines(self) -> Iterator[str]:
        """Its output, line by line."""
        assert self._process.stdout is not None
        yield from self._process.stdout

    def wait(self) -> tuple[int, str]:
        """Its exit code and standard error."""
        assert self._process.stderr is not None
        return self._process.wait(), self._process.stderr.read()

    def close(self) -> None:
        """Close its input."""
        assert self._process.stdin is not None
        self._process.stdin.close()


class LocalMachine:
    """This machine as a node: how the steps and the agent are tried without one."""

    name = "here"

    def start(self, command: str) -> LocalProcess:
        """Start a shell command here."""
        return LocalProcess(command)
