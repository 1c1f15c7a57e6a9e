"""A network namespace: a network stack of its own, with its interfaces, routes and packet filter."""

from __future__ import annotations

import ctypes
import os
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.command import CommandError, run

CLONE_NEWNET = 0x40000000
"""From Linux's sched.h: what setns(2) is to change."""

_DIRECTORY = Path("/run/netns")


class Namespace:
    """A named network namespace, as `ip netns` keeps it. It outlives the processes inside."""

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def path(self) -> Path:
        """What podman and setns(2) open to enter it."""
        return _DIRECTORY / self.name

    def create(self) -> None:
        """Make it, with no way out yet: only its loopback interface is up."""
        run("ip", "netns", "add", self.name)
        self.ip("link set lo up")
        # A new namespace inherits the host's values; a new machine has these (S1.2: forwarding is
        # something the head switches on).
        self.sysctl({"net.ipv4.ip_forward": "0", "net.ipv6.conf.all.disable_ipv6": "1"})

    def delete(self) -> None:
        """Remove it with everything inside. One that is not there is no error."""
        if self.path.exists():
            run("ip", "netns", "delete", self.name)

    def ip(self, *lines: str) -> None:
        """Run lines of `ip`, in order, in one process."""
        if lines:
            run("ip", "-n", self.name, "-batch", "-", stdin="\n".join(lines) + "\n")

    def nft(self, ruleset: str) -> None:
        """Apply a ruleset in one transaction: all of it or, on an error, nothing."""
        run("ip", "netns", "exec", self.name, "nft", "-f", "-", stdin=ruleset)

    def tc(self, *words: str) -> None:
        """Run `tc` inside."""
        run("tc", "-n", self.name, *words)

    def sysctl(self, values: dict[str, str]) -> None:
        """Set kernel settings of this network stack. One that this kernel lacks is left out."""
        settings = [f"{key}={value}" for key, value in values.items()]
        run("ip", "netns", "exec", self.name, "sysctl", "-q", "-e", "-w", *settings)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """The calling thread's network stack is this one, for the duration."""
        libc = ctypes.CDLL(None, use_errno=True)
        with Path("/proc/thread-self/ns/net").open("rb") as home, self.path.open("rb") as inside:
            _setns(libc, inside.fileno())
            try:
                yield
            finally:
                _setns(libc, home.fileno())

    def listen(self, address: str, port: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> socket.socket:
        """A socket inside, bound (and listening, for a stream); usable from any thread."""
        with self.entered():
            bound = socket.socket(socket.AF_INET, kind)
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind((address, port))
            if kind == socket.SOCK_STREAM:
                bound.listen(128)
            return bound

    def stream(self, source: str) -> socket.socket:
        """An unconnected stream socket inside, whose address will be `source`."""
        with self.entered():
            made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            made.bind((source, 0))
            return made


def _setns(libc: ctypes.CDLL, descriptor: int) -> None:
    if libc.setns(descriptor, CLONE_NEWNET) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def named(prefix: str) -> list[Namespace]:
    """All namespaces whose name begins with `prefix`."""
    if not _DIRECTORY.is_dir():
        return []
    return [Namespace(path.name) for path in sorted(_DIRECTORY.iterdir()) if path.name.startswith(prefix)]


def host_ip(*lines: str) -> None:
    """Run lines of `ip` in the host's own network stack."""
    run("ip", "-batch", "-", stdin="\n".join(lines) + "\n")


def attempt(action: Callable[[str], object], lines: Iterable[str]) -> None:
    """Do each, going on where one was already undone."""
    for line in lines:
        try:
            action(line)
        except CommandError:
            continue
