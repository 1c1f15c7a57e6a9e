"""An SSH server on loopback: paramiko's, with bash behind it."""

from __future__ import annotations

import socket
import subprocess
import threading
from types import TracebackType

import paramiko


class Login(paramiko.ServerInterface):
    """Lets one key in, and runs what it asks for."""

    def __init__(self, key: paramiko.PKey) -> None:
        self._key = key

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        same = key.asbytes() == self._key.asbytes() and username == "ubuntu"
        return paramiko.AUTH_SUCCESSFUL if same else paramiko.AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        threading.Thread(target=execute, args=(channel, command.decode()), daemon=True).start()
        return True


def execute(channel: paramiko.Channel, command: str) -> None:
    process = subprocess.Popen(
        ["bash", "-c", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None

    def feed() -> None:
        assert process.stdin is not None
        while data := channel.recv(65536):
            process.stdin.write(data)
            process.stdin.flush()
        process.stdin.close()

    threading.Thread(target=feed, daemon=True).start()
    while data := process.stdout.read1(65536):  # type: ignore[attr-defined]
        channel.sendall(data)
    channel.sendall_stderr(process.stderr.read())
    channel.send_exit_status(process.wait())
    channel.close()


class SshServer:
    """Serves until it is left."""

    def __init__(self, host_key: paramiko.PKey, client_key: paramiko.PKey) -> None:
        self._host_key = host_key
        self._client_key = client_key
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.transports: list[paramiko.Transport] = []

    def __enter__(self) -> SshServer:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
        self.cut()

    def cut(self) -> None:
        """Break every connection."""
        for transport in self.transports:
            transport.close()

    def _serve(self) -> None:
        while True:
            try:
                accepted, _ = self._socket.accept()
            except OSError:
                return
            transport = paramiko.Transport(accepted)
            transport.add_server_key(self._host_key)
            self.transports.append(transport)
            try:
                transport.start_server(server=Login(self._client_key))
            except (paramiko.SSHException, EOFError):
                continue
