"""The firewall's rules as plain data: what may reach what, and why."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Literal

from contract import Role, Settings, ports
from contract.ports import PortRange
from contract.settings import FirewallProfile, Service
from infra.network import EVERYWHERE

ALL_PROTOCOLS: Literal["-1"] = "-1"
DNS = 53
NTP = 123


class Direction(enum.StrEnum):
    """As seen from the machines of the group that holds the rule."""

    INGRESS = "ingress"
    EGRESS = "egress"


@dataclass(frozen=True, slots=True)
class Addresses:
    """A range of addresses and what it is called: it may change while the rule stays the same."""

    name: str
    cidr: IPv4Network


@dataclass(frozen=True, slots=True)
class Rule:
    """One opening in the security group of `group`. `ports` is None where all protocols are meant."""

    direction: Direction
    group: Role
    peer: Role | Addresses
    protocol: Literal["tcp", "udp", "-1"]
    ports: PortRange | None
    purpose: str

    @property
    def name(self) -> str:
        """Unique among the rules of a cluster: `worker-ingress-from-head-tcp-7078`."""
        peer = self.peer if isinstance(self.peer, Role) else self.peer.name
        way = "from" if self.direction is Direction.INGRESS else "to"
        what = "all" if self.ports is None else f"{self.protocol}-{self.ports}"
        return f"{self.group}-{self.direction}-{way}-{peer}-{what}"


def rules(settings: Settings, caller: IPv4Network | None) -> tuple[Rule, ...]:
    """The rules of the chosen profile; `caller` may reach port 22 in `hardened` and is unused otherwise."""
    if settings.network.firewall is FirewallProfile.DOCUMENTED:
        found = _documented(settings)
    elif caller is None:
        raise ValueError("the hardened profile needs the caller's address")
    else:
        found = _hardened(settings, caller)
    # AWS refuses a second rule with the same peer and ports, which two services may well ask for.
    return tuple({rule.name: rule for rule in reversed([*found])}.values())[::-1]


def _documented(settings: Settings) -> Iterator[Rule]:
    """What following the paper in the console gives: SSH from anywhere, all else inside the VPC."""
    world = Addresses("world", EVERYWHERE)
    vpc = Addresses("vpc", settings.network.vpc_cidr)
    for group in Role:
        yield Rule(Direction.INGRESS, group, world, "tcp", _one(ports.SSH), "SSH")
        yield Rule(Direction.INGRESS, group, vpc, ALL_PROTOCOLS, None, "Everything inside the VPC")
        yield Rule(Direction.EGRESS, group, world, ALL_PROTOCOLS, None, "Everything")


def _hardened(settings: Settings, caller: IPv4Network) -> Iterator[Rule]:
    head, worker = Role.HEAD, Role.WORKER
    laptop = Addresses("caller", caller)
    yield Rule(Direction.INGRESS, head, laptop, "tcp", _one(ports.SSH), "SSH from the owner")
    yield from _open(worker, (head,), _one(ports.SSH), "SSH through the head")
    yield from _open(head, (worker,), _one(ports.SOFTWARE), "Software image for the workers")
    if Service.HDFS in settings.services:
        yield from _hdfs()
    if Service.SPARK in settings.services:
        yield from _spark(settings)
    if Service.RAY in settings.services:
        yield from _ray(settings)
    for group in Role:
        for peer in Role:
            yield Rule(Direction.EGRESS, group, peer, ALL_PROTOCOLS, None, "To the cluster itself")
    yield from _outside(settings)


def _hdfs() -> Iterator[Rule]:
    head, worker = Role.HEAD, Role.WORKER
    yield from _open(head, (worker,), _one(ports.NAMENODE_RPC), "HDFS NameNode RPC")
    yield from _open(head, (worker,), _one(ports.NAMENODE_WEB), "HDFS NameNode web and WebHDFS")
    for port, purpose in (
        (ports.DATANODE_WEB, "HDFS DataNode web and WebHDFS"),
        (ports.DATANODE_DATA, "HDFS DataNode blocks"),
        (ports.DATANODE_IPC, "HDFS DataNode IPC"),
    ):
        yield from _open(worker, (head, worker), _one(port), purpose)


def _spark(settings: Settings) -> Iterator[Rule]:
    head, worker = Role.HEAD, Role.WORKER
    yield from _open(head, (worker,), _one(settings.spark.master_port), "Spark master")
    yield from _open(head, (worker,), _one(ports.SPARK_MASTER_WEB), "Spark master web")
    yield from _open(worker, (head,), _one(ports.SPARK_WORKER_RPC), "Spark worker")
    yield from _open(worker, (head,), _one(ports.SPARK_WORKER_WEB), "Spark worker web")
    yield from _open(head, (worker,), ports.SPARK_DRIVER, "Spark drivers, from executors")
    yield from _open(head, (worker,), ports.SPARK_BLOCK_MANAGER, "Spark blocks of drivers")
    yield from _open(worker, (head, worker), ports.SPARK_BLOCK_MANAGER, "Spark blocks of executors")


def _ray(settings: Settings) -> Iterator[Rule]:
    head, worker = Role.HEAD, Role.WORKER
    yield from _open(head, (worker,), _one(settings.ray.port), "Ray control store")
    yield from _open(head, (worker,), _one(settings.ray.dashboard_port), "Ray dashboard and jobs")
    yield from _open(head, (worker,), _one(ports.RAY_CLIENT), "Ray client server")
    for group, peers in ((head, (worker,)), (worker, (head, worker))):
        yield from _open(group, peers, ports.RAY_NODE, "Ray node and object managers, agents, metrics")
        yield from _open(group, peers, ports.RAY_WORKERS, "Ray worker processes")


def _outside(settings: Settings) -> Iterator[Rule]:
    """The ways out, and for each the head's ingress from the workers.

    What the head forwards arrives at its interface with the port of its destination outside, and the
    head's security group filters it there like traffic to the head itself.
    """
    world = Addresses("world", EVERYWHERE)
    ways: list[tuple[Literal["tcp", "udp"], int, str]] = [
        ("tcp", port, "web") for port in settings.network.outside_tcp_ports
    ]
    ways += [("tcp", DNS, "DNS"), ("udp", DNS, "DNS"), ("udp", NTP, "time")]
    for protocol, port, what in ways:
        for group in Role:
            yield Rule(Direction.EGRESS, group, world, protocol, _one(port), f"Outside: {what}")
        yield Rule(
            Direction.INGRESS, Role.HEAD, Role.WORKER, protocol, _one(port), f"NAT for the workers: {what}"
        )


def _open(group: Role, peers: tuple[Role, ...], opened: PortRange, purpose: str) -> Iterator[Rule]:
    for peer in peers:
        yield Rule(Direction.INGRESS, group, peer, "tcp", opened, purpose)


def _one(port: int) -> PortRange:
    return PortRange(port, port)
