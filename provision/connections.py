"""The connections to a cluster's nodes: one a node, verified from the first, reused for everything.

Nodes without an address of their own are reached through the head, as `ssh -J` does.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

import paramiko
from paramiko.pkey import UnknownKeyType

from contract.cluster import Cluster, Node, Role
from contract.errors import HostKeyError, MachineError, WorkstationError
from contract.events import Event, Sink, State
from contract.ports import SSH
from provision.connection import Connection
from provision.hostkeys import HostKeys
from provision.machine import ConnectionLostError
from provision.polling import CancelledError, DeadlineError, NotYet, poll

ANSWER_S = 180.0
"""How long a node may take to answer SSH after it published its keys."""

REFUSALS_S = 30.0
"""How long a node may refuse the cluster's key: while it boots, the user may not be there yet."""

ATTEMPT_S = 10.0


class Connections:
    """The connections to a cluster's nodes, each opened when first asked for and kept."""

    def __init__(
        self,
        cluster: Cluster,
        host_keys: HostKeys,
        sink: Sink,
        *,
        answer_s: float = ANSWER_S,
        cancelled: threading.Event | None = None,
    ) -> None:
        self.answer_s = answer_s
        self.refusals_s = REFUSALS_S
        self._cancelled = cancelled or threading.Event()
        self._cluster = cluster
        self._host_keys = host_keys
        self._sink = sink
        self._open: dict[str, Connection] = {}
        self._locks = {node.name: threading.Lock() for node in cluster.nodes}
        self._key = read_key(cluster.ssh_key)

    def __enter__(self) -> Connections:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def to(self, node: Node) -> Connection:
        """The connection to a node; a broken one is opened again.

        Raises:
            ConnectionLostError: all connections were closed meanwhile.
            HostKeyError: it shows a key it did not publish.
            MachineError: it does not answer, or refuses the cluster's key.
        """
        with self._locks[node.name]:
            connection = self._open.get(node.name)
            if connection is None or not connection.open:
                connection = self._connect(node)
                self._open[node.name] = connection
            return connection

    def close(self) -> None:
        """Close all of them, and wait for none any more."""
        self._cancelled.set()
        for connection in list(self._open.values()):
            connection.close()

    def _connect(self, node: Node) -> Connection:
        refusals: list[float] = []

        def attempt() -> Connection:
            try:
                return self._attempt(node, expected)
            except paramiko.AuthenticationException as error:
                # The first ones may come of a boot that has not yet made the user.
                refusals.append(time.monotonic())
                if refusals[-1] - refusals[0] < self.refusals_s:
                    raise NotYet(str(error)) from error
                raise MachineError(
                    f"{node.name} ({_address(node)}) refuses the cluster's SSH key {self._cluster.ssh_key}",
                    way_out="It was made with another key; with that one lost: `fab destroy`, then `fab up`.",
                ) from error

        try:
            expected = self._host_keys.of(node)
            self._sink(Event(node.name, "connecting"))
            return poll(
                attempt,
                what="an answer to SSH",
                deadline_s=self.answer_s,
                cancelled=self._cancelled,
                waiting=lambda text: self._sink(Event(node.name, text, State.WAITING)),
            )
        except CancelledError as error:
            raise ConnectionLostError(str(error)) from error
        except DeadlineError as error:
            raise MachineError(
                f"{node.name} ({_address(node)}) cannot be reached by SSH: {error}",
                way_out="See that it runs and that the firewall lets this machine's address in "
                "(`fab doctor`, `network.caller_cidr`), then run the task again.",
            ) from error

    def _attempt(self, node: Node, expected: tuple[paramiko.PKey, ...]) -> Connection:
        client = paramiko.SSHClient()
        host, port = (node.ssh_host, node.ssh_port) if node.ssh_host else (str(node.private_ip), 22)
        for key in expected:
            client.get_host_keys().add(host if port == SSH else f"[{host}]:{port}", key.get_name(), key)
        client.set_missing_host_key_policy(_Refuse(node, expected))
        try:
            jump = None
            if not node.ssh_host:
                if node.role is Role.HEAD:
                    raise NotYet("the head has no address to reach it at")
                head = self.to(self._cluster.head)
                jump = head.transport.open_channel(
                    "direct-tcpip", (host, port), ("127.0.0.1", 0), timeout=ATTEMPT_S
                )
            client.connect(
                host,
                port,
                username=self._cluster.ssh_user,
                pkey=self._key,
                sock=jump,
                allow_agent=False,
                look_for_keys=False,
                timeout=ATTEMPT_S,
                banner_timeout=ATTEMPT_S,
                auth_timeout=ATTEMPT_S,
            )
            transport = client.get_transport()
            if transport is not None:
                transport.set_keepalive(int(ATTEMPT_S))
        except paramiko.BadHostKeyException as error:
            client.close()
            raise unexpected(node, error.key, expected) from error
        except (HostKeyError, paramiko.AuthenticationException):
            client.close()
            raise
        except (paramiko.SSHException, OSError, EOFError, ConnectionLostError) as error:
            client.close()
            raise NotYet(str(error) or type(error).__name__) from error
        return Connection(node, client)


class _Refuse(paramiko.MissingHostKeyPolicy):
    """A key of a kind that the node did not publish."""

    def __init__(self, node: Node, expected: tuple[paramiko.PKey, ...]) -> None:
        self._node = node
        self._expected = expected

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:  # noqa: ARG002
        raise unexpected(self._node, key, self._expected)


def unexpected(node: Node, shown: paramiko.PKey, expected: tuple[paramiko.PKey, ...]) -> HostKeyError:
    """The refusal of a host key."""
    published = ", ".join(f"{key.get_name()} {key.fingerprint}" for key in expected)
    return HostKeyError(
        f"{node.name} ({_address(node)}) shows the SSH host key {shown.get_name()} {shown.fingerprint}, "
        f"but it published {published} when it was made",
        way_out="Someone may be in between, or the machine was replaced: do not go on; "
        "`fab destroy`, then `fab up` makes machines with keys that are known.",
    )


def read_key(path: Path) -> paramiko.PKey:
    """The cluster's private key.

    Raises:
        WorkstationError: it is absent, unreadable or no key.
    """
    way_out = (
        "It is made by `fab up`; without it this cluster cannot be reached: `fab destroy`, then `fab up`."
    )
    try:
        return paramiko.PKey.from_path(path)
    except FileNotFoundError:
        raise WorkstationError(f"the cluster's SSH key {path} is not there", way_out=way_out) from None
    except OSError as error:
        raise WorkstationError(
            f"the cluster's SSH key {path} cannot be read: {error.strerror}",
            way_out=f"Make it readable by you alone: chmod 600 {path}",
        ) from error
    except (UnknownKeyType, paramiko.SSHException, ValueError) as error:
        raise WorkstationError(f"{path} is not an SSH private key: {error}", way_out=way_out) from error


def _address(node: Node) -> str:
    return f"{node.ssh_host}:{node.ssh_port}" if node.ssh_host else f"{node.private_ip} through the head"
