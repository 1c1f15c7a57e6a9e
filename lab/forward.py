"""The laptop's ways to SSH: a port of 127.0.0.1 for each node with a public address."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from ipaddress import IPv4Address

from lab.addresses import LAPTOP
from lab.netns import Namespace

SSH_PORT = 22
_CONNECT_S = 10.0
_CHUNK_BYTES = 256 * 1024


class Forward:
    """Carries connections from a local port to one node, through its VPC's router.

    The node sees the lab's laptop as the caller, so that its security groups count.
    """

    def __init__(self, namespace: Namespace, node: IPv4Address) -> None:
        self._namespace = namespace
        self._node = node
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    @property
    def port(self) -> int:
        """The local port."""
        return int(self._listener.getsockname()[1])

    def start(self) -> None:
        """Accept connections from now on."""
        threading.Thread(target=self._accept, name=f"ssh {self._node}", daemon=True).start()

    def stop(self) -> None:
        """Accept no more, and end those that are open."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop()

    def drop(self) -> int:
        """Break all open connections in the middle, as a failing network does; returns how many."""
        with self._lock:
            broken = list(self._open)
        for one in broken:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        return len(broken) // 2

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError), self._namespace.stream(str(LAPTOP)) as node:
            node.settimeout(_CONNECT_S)
            node.connect((str(self._node), SSH_PORT))
            node.settimeout(None)
            for one in (client, node):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._open |= {client, node}
            try:
                _pump(client, node)
            finally:
                with self._lock:
                    self._open -= {client, node}


def _pump(one: socket.socket, other: socket.socket) -> None:
    """Copy both ways until either side ends."""
    peers = {one: other, other: one}
    while True:
        readable, _, _ = select.select(list(peers), [], [])
        for side in readable:
            data = side.recv(_CHUNK_BYTES)
            if not data:
                return
            peers[side].sendall(data)
