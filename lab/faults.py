"""Breaking the lab on purpose, as the real world does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from contract.errors import ClusterbedError
from lab import network, podman
from lab.channel import ask
from lab.fleet import Fleet, Member
from lab.identity.action import Call
from lab.netns import Namespace


class Faults:
    """The laptop's end: each method breaks something, or mends it again."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def kill(self, instance_id: str) -> None:
        """Pull a node's plug. The API goes on calling it running."""
        ask(self._socket, "kill", instance_id=instance_id)

    def power_on(self, instance_id: str) -> None:
        """Switch a killed node on again."""
        ask(self._socket, "power_on", instance_id=instance_id)

    def freeze(self, instance_id: str) -> None:
        """Stop all processes of a node where they are; its connections stay open, unanswered."""
        ask(self._socket, "freeze", instance_id=instance_id)

    def thaw(self, instance_id: str) -> None:
        """Let a frozen node go on."""
        ask(self._socket, "thaw", instance_id=instance_id)

    def cut_off(self, instance_id: str) -> None:
        """Drop every packet from and to a node."""
        ask(self._socket, "cut_off", instance_id=instance_id)

    def rejoin(self, instance_id: str) -> None:
        """Let a cut-off node's packets through again."""
        ask(self._socket, "rejoin", instance_id=instance_id)

    def drop_ssh(self, instance_id: str) -> int:
        """Break the laptop's open SSH connections to a node; returns how many."""
        return int(ask(self._socket, "drop_ssh", instance_id=instance_id))

    def slow(self, instance_id: str, *, kbit_s: int) -> None:
        """Let a node receive no faster than that."""
        ask(self._socket, "slow", instance_id=instance_id, kbit_s=kbit_s)

    def full_speed(self, instance_id: str) -> None:
        """Take that limit away."""
        ask(self._socket, "full_speed", instance_id=instance_id)

    def refuse(self, action: str, *, times: int = 1, code: str = "InternalError") -> None:
        """Refuse the next calls of an API action, such as `ec2:RunInstances` or `s3:PutObject`."""
        ask(self._socket, "refuse", action=action, times=times, code=code)


class Disorder:
    """The lab's end: the faults that are in force."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._lock = threading.Lock()
        self._refusals: dict[str, tuple[int, str]] = {}

    def handlers(self) -> dict[str, Callable[..., Any]]:
        """What the laptop's end asks for, by name."""
        return {
            "kill": self._fleet.power_off,
            "power_on": self._fleet.power_on,
            "freeze": lambda instance_id: podman.pause(self._member(instance_id).machine.name),
            "thaw": lambda instance_id: podman.unpause(self._member(instance_id).machine.name),
            "cut_off": lambda instance_id: self._traffic(instance_id, "add"),
            "rejoin": lambda instance_id: self._traffic(instance_id, "delete"),
            "drop_ssh": self._drop_ssh,
            "slow": self._slow,
            "full_speed": self._full_speed,
            "refuse": self._refuse,
        }

    def refusal(self, call: Call, actions: list[str]) -> str | None:
        """The error code to answer this call with, if one is due; it counts as one of the times."""
        del call
        with self._lock:
            for action in actions:
                left, code = self._refusals.get(action, (0, ""))
                if left > 0:
                    self._refusals[action] = (left - 1, code)
                    return code
        return None

    def _refuse(self, action: str, times: int, code: str) -> None:
        with self._lock:
            self._refusals[action] = (times, code)

    def _traffic(self, instance_id: str, verb: str) -> None:
        """A table of its own, so that changes of the security groups leave it alone."""
        router, port = self._port(instance_id)
        table = f"cut_{port}"
        if verb == "delete":
            router.nft(f"delete table inet {table}\n")
            return
        drop = f'iifname "{port}" drop; oifname "{port}" drop;'
        hooks = "\n".join(
            f"  chain {hook} {{ type filter hook {hook} priority -400; policy accept; {drop} }}"
            for hook in ("forward",)
        )
        # What the router itself says to the node (SSH from the laptop, metadata) stops as well.
        hooks += (
            f'\n  chain input {{ type filter hook input priority -400; iifname "{port}" drop; }}'
            f'\n  chain output {{ type filter hook output priority -400; oifname "{port}" drop; }}'
        )
        router.nft(f"table inet {table} {{\n{hooks}\n}}\n")

    def _slow(self, instance_id: str, kbit_s: int) -> None:
        router, port = self._port(instance_id)
        shape = ("rate", f"{kbit_s}kbit", "burst", "32kbit", "latency", "400ms")
        router.tc("qdisc", "replace", "dev", port, "root", "tbf", *shape)

    def _full_speed(self, instance_id: str) -> None:
        router, port = self._port(instance_id)
        router.tc("qdisc", "delete", "dev", port, "root")

    def _drop_ssh(self, instance_id: str) -> int:
        site = self._fleet.site(self._member(instance_id).machine.instance.vpc_id)
        return site.drop_ssh(instance_id) if site is not None else 0

    def _port(self, instance_id: str) -> tuple[Namespace, str]:
        site = self._fleet.site(self._member(instance_id).machine.instance.vpc_id)
        if site is None:
            raise ClusterbedError(f"instance {instance_id} has no network")
        return site.router.namespace, network.port(instance_id)

    def _member(self, instance_id: str) -> Member:
        member = self._fleet.member(instance_id)
        if member is None:
            raise ClusterbedError(f"the lab has no machine {instance_id}")
        return member
