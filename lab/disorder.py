"""The faults in force: what the lab does when it is asked to break something."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from contract.errors import ClusterbedError
from lab import network, podman
from lab.fleet import Fleet, Member
from lab.netns import Namespace


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

    def refusal(self, actions: list[str]) -> str | None:
        """The error code to answer a call of these actions with, if one is due; it is then used up."""
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
        # Declared first, so that deleting it is right whether it stood or not.
        clean = f"table inet {table}\ndelete table inet {table}\n"
        chains = "\n".join(
            f"  chain {hook} {{ type filter hook {hook} priority -400; {rules} }}"
            for hook, rules in {
                "forward": f'iifname "{port}" drop; oifname "{port}" drop;',
                # The router's own words to the node: SSH from the laptop, metadata, names.
                "input": f'iifname "{port}" drop;',
                "output": f'oifname "{port}" drop;',
            }.items()
        )
        router.nft(clean if verb == "delete" else f"{clean}table inet {table} {{\n{chains}\n}}\n")

    def _slow(self, instance_id: str, kbit_s: int) -> None:
        router, port = self._port(instance_id)
        shape = ("rate", f"{kbit_s}kbit", "burst", "32kbit", "latency", "400ms")
        router.tc("qdisc", "replace", "dev", port, "root", "tbf", *shape)

    def _full_speed(self, instance_id: str) -> None:
        router, port = self._port(instance_id)
        # Putting the kernel's own queue back is right whether a limit stood or not.
        router.tc("qdisc", "replace", "dev", port, "root", "pfifo_fast")

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
