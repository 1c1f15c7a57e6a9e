"""An open SSH connection to a node, and the programs that run over it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import paramiko

from contract.cluster import Node
from contract.errors import MachineError
from provision.machine import ConnectionLostError

CHANNEL_S = 10.0
"""How long the other side may take to open a channel."""

NO_STATUS = -1
"""What paramiko gives as exit code of a program whose channel closed before it told one."""

SILENCE_S = 30.0
"""A program that streams says something every 5 s; six times that without a word, and it is gone."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a command left."""

    exit_code: int
    output: str
    errors: str


class RemoteProcess:
    """A program on a node, at the other end of a channel."""

    def __init__(self, channel: paramiko.Channel, connection: Connection) -> None:
        self._channel = channel
        self._connection = connection
        self._node = connection.name

    def write(self, text: str) -> None:
        """Send it text."""
        self.write_bytes(text.encode())

    def write_bytes(self, data: bytes) -> None:
        """Send it bytes."""
        try:
            self._channel.sendall(data)
        except (OSError, EOFError) as error:
            raise ConnectionLostError(f"connection to {self._node} lost: {error}") from error

    def lines(self) -> Iterator[str]:
        """Its output line by line.

        Raises:
            ConnectionLostError: SILENCE_S went by without any, or it ended without an exit code.
        """
        self._channel.settimeout(SILENCE_S)
        rest = b""
        while block := self._receive():
            *whole, rest = (rest + block).split(b"\n")
            for line in whole:
                yield line.decode(errors="replace")
        if rest:
            yield rest.decode(errors="replace")
        if self._channel.recv_exit_status() == NO_STATUS:
            raise ConnectionLostError(f"connection to {self._node} lost")

    def wait(self) -> tuple[int, str]:
        """Its exit code (NO_STATUS when the connection went first) and standard error."""
        errors = b""
        with suppress(OSError):
            while block := self._channel.recv_stderr(65536):
                errors += block
        return self._channel.recv_exit_status(), errors.decode(errors="replace")

    def close(self) -> None:
        """Close the channel: the program's input ends."""
        self._channel.close()

    def end_input(self) -> None:
        """Say that no more input comes."""
        self._channel.shutdown_write()

    def _receive(self) -> bytes:
        try:
            return self._channel.recv(65536)
        except TimeoutError as error:
            # A frozen machine keeps its connection open: only a new one tells whether it is back.
            self._connection.close()
            raise ConnectionLostError(f"{self._node} has been silent for {SILENCE_S:.0f} s") from error
        except OSError as error:
            raise ConnectionLostError(f"connection to {self._node} lost: {error}") from error


class Connection:
    """An open connection to a node."""

    def __init__(self, node: Node, client: paramiko.SSHClient) -> None:
        self.node = node
        self._client = client

    @property
    def name(self) -> str:
        """The node's host name."""
        return self.node.name

    @property
    def transport(self) -> paramiko.Transport:
        """What channels are opened on. Raises ConnectionLostError."""
        transport = self._client.get_transport()
        if transport is None or not transport.is_active():
            raise ConnectionLostError(f"connection to {self.name} lost")
        return transport

    @property
    def open(self) -> bool:
        """Whether it still stands, as far as this side knows."""
        transport = self._client.get_transport()
        return transport is not None and transport.is_active()

    def start(self, command: str) -> RemoteProcess:
        """Start a shell command, and converse with it."""
        try:
            channel = self.transport.open_session(timeout=CHANNEL_S)
            channel.exec_command(command)
        except (paramiko.SSHException, OSError, EOFError) as error:
            self.close()
            raise ConnectionLostError(f"connection to {self.name} lost: {error}") from error
        return RemoteProcess(channel, self)

    def run(self, command: str, *, stdin: str = "", deadline_s: float = SILENCE_S) -> Result:
        """Run a shell command to its end.

        Raises:
            ConnectionLostError: the connection broke.
            MachineError: the command did not end within `deadline_s`.
        """
        process = self.start(command)
        late = threading.Event()

        def end() -> None:
            late.set()
            process.close()

        timer = threading.Timer(deadline_s, end)
        timer.start()
        try:
            if stdin:
                process.write(stdin)
            process.end_input()
            output = "\n".join(process.lines())
            code, errors = process.wait()
        except ConnectionLostError:
            if not late.is_set():
                raise
            raise MachineError(
                f"{self.name}: `{command[:60]}` did not end within {deadline_s:.0f} s",
                way_out=f"The machine is overloaded or stuck: look at it (`fab ssh --node {self.name}`).",
            ) from None
        finally:
            timer.cancel()
            process.close()
        return Result(code, output, errors)

    def send(self, path: Path, command: str) -> Result:
        """Run a shell command with a file's bytes as its input."""
        process = self.start(command)
        try:
            process.write_bytes(path.read_bytes())
            process.end_input()
            output = "\n".join(process.lines())
            code, errors = process.wait()
        finally:
            process.close()
        return Result(code, output, errors)

    def close(self) -> None:
        """Close it, and every program's channel with it."""
        self._client.close()
