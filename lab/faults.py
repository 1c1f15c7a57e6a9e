"""Breaking the lab on purpose, as the real world does."""

from __future__ import annotations

from pathlib import Path

from lab.channel import ask


class Faults:
    """What can be broken: each method breaks something, or mends it again."""

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
