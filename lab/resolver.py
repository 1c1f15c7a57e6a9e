"""A VPC's name server: it passes questions on to the machine's own, from where that is reachable."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address
from pathlib import Path

from lab.addresses import RESOLVER
from lab.netns import Namespace

_WAIT_S = 5.0
_A_RECORD = 1


def upstreams(resolv_conf: Path = Path("/etc/resolv.conf")) -> list[str]:
    """The name servers this machine asks, in its order."""
    lines = resolv_conf.read_text().splitlines() if resolv_conf.exists() else []
    words = [line.split() for line in lines if line.startswith("nameserver")]
    return [one[1] for one in words if len(one) > 1 and ":" not in one[1]]


def known_hosts(hosts: Path = Path("/etc/hosts")) -> dict[str, IPv4Address]:
    """The names in this machine's hosts file that mean other machines: nodes reach those too."""
    found: dict[str, IPv4Address] = {}
    for line in hosts.read_text().splitlines() if hosts.exists() else []:
        address, *names = line.partition("#")[0].split() or [""]
        with contextlib.suppress(ValueError):
            parsed = IPv4Address(address)
            if not parsed.is_loopback:
                found.update({name.lower(): parsed for name in names})
    return found


Names = Callable[[], Mapping[str, IPv4Address]]
"""The names that are answered here."""


class Resolver:
    """The name server of one VPC, over UDP and TCP."""

    def __init__(self, namespace: Namespace, servers: list[str], names: Names) -> None:
        self._servers = servers
        self._names = names
        self._datagrams = namespace.listen(str(RESOLVER), 53, socket.SOCK_DGRAM)
        self._streams = namespace.listen(str(RESOLVER), 53)
        self._pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="resolver")

    def start(self) -> None:
        """Answer from now on."""
        threading.Thread(target=self._serve_datagrams, name="resolver udp", daemon=True).start()
        threading.Thread(target=self._serve_streams, name="resolver tcp", daemon=True).start()

    def stop(self) -> None:
        """Answer no more."""
        for listener in (self._datagrams, self._streams):
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _serve_datagrams(self) -> None:
        with contextlib.suppress(OSError, RuntimeError):
            while True:
                question, client = self._datagrams.recvfrom(4096)
                self._pool.submit(self._answer_datagram, question, client)

    def _serve_streams(self) -> None:
        with contextlib.suppress(OSError, RuntimeError):
            while True:
                connection, _ = self._streams.accept()
                self._pool.submit(self._answer_stream, connection)

    def _answer_datagram(self, question: bytes, client: tuple[str, int]) -> None:
        reply = local_answer(question, self._names()) or self._ask(question, socket.SOCK_DGRAM)
        with contextlib.suppress(OSError):
            self._datagrams.sendto(reply or failure(question), client)

    def _answer_stream(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError, struct.error):
            connection.settimeout(_WAIT_S)
            (length,) = struct.unpack("!H", _exactly(connection, 2))
            question = _exactly(connection, length)
            reply = local_answer(question, self._names()) or self._ask(question, socket.SOCK_STREAM)
            reply = reply or failure(question)
            connection.sendall(struct.pack("!H", len(reply)) + reply)

    def _ask(self, question: bytes, kind: socket.SocketKind) -> bytes | None:
        for server in self._servers:
            with contextlib.suppress(OSError, struct.error), socket.socket(socket.AF_INET, kind) as upstream:
                upstream.settimeout(_WAIT_S)
                upstream.connect((server, 53))
                if kind == socket.SOCK_DGRAM:
                    upstream.send(question)
                    return upstream.recv(65535)
                upstream.sendall(struct.pack("!H", len(question)) + question)
                (length,) = struct.unpack("!H", _exactly(upstream, 2))
                return _exactly(upstream, length)
        return None


def local_answer(question: bytes, names: Mapping[str, IPv4Address]) -> bytes | None:
    """The reply to an address question that this machine's hosts file answers (RFC 1035)."""
    labels, position = [], 12
    try:
        while question[position]:
            length = question[position]
            labels.append(question[position + 1 : position + 1 + length].decode("ascii"))
            position += 1 + length
        (kind,) = struct.unpack("!H", question[position + 1 : position + 3])
    except (IndexError, UnicodeDecodeError, struct.error):
        return None
    address = names.get(".".join(labels).lower())
    if address is None:
        return None
    end = position + 5
    answers = 1 if kind == _A_RECORD else 0
    header = question[:2] + struct.pack("!HHHHH", 0x8580, 1, answers, 0, 0)
    # A pointer to the question's name, type A, class IN, 60 s, 4 bytes of address.
    record = struct.pack("!HHHIH", 0xC00C, _A_RECORD, 1, 60, 4) + address.packed
    return header + question[12:end] + (record if answers else b"")


def failure(question: bytes) -> bytes:
    """The reply "server failure" to that question."""
    return question[:2] + struct.pack("!H", 0x8182) + question[4:]


def _exactly(connection: socket.socket, length: int) -> bytes:
    received = b""
    while len(received) < length:
        part = connection.recv(length - len(received))
        if not part:
            raise OSError("the connection ended early")
        received += part
    return received
