"""What a VPC's security groups mean for its router: a packet filter in nftables' language.

The filter stands in the router, not in the nodes, as AWS's stands outside the virtual machine: no
node can see or change it, and a node's own rules (the head's NAT) are its own. It is stateful: an
answer passes whatever the rules say. Rules for IPv6 or prefix lists open nothing; the lab has neither.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, collapse_addresses

from lab.addresses import LAPTOP, METADATA, RESOLVER
from lab.cloud import ANY_PROTOCOL, Group, Instance, Permission, Vpc
from lab.network import UPLINK, port

TABLE = "lab"

_PORT_PROTOCOLS = {"tcp", "6", "udp", "17"}
_ICMP = {"icmp", "1"}


def ruleset(vpc: Vpc, present: frozenset[str]) -> str:
    """The router's whole filter, to be applied in one transaction.

    `present` are the instances that have a port.
    """
    here = [instance for instance in vpc.instances if instance.id in present]
    members: dict[str, list[IPv4Address]] = {}
    for instance in here:
        for group in instance.groups:
            members.setdefault(group, []).append(instance.private_ip)
    groups = {group.id: group for group in vpc.groups}
    chains = [
        _prerouting(here),
        _input(),
        _forward(here),
        _output(here),
        _postrouting(),
    ]
    for instance in here:
        held = [groups[id_] for id_ in instance.groups if id_ in groups]
        chains.append(_chain(f"to_{port(instance.id)}", _allowed(held, members, incoming=True)))
        chains.append(_chain(f"from_{port(instance.id)}", _allowed(held, members, incoming=False)))
    body = "\n".join(reversed(chains))
    # Deleting needs the table to be there; declaring it first makes that so.
    return f"table inet {TABLE}\ndelete table inet {TABLE}\ntable inet {TABLE} {{\n{body}\n}}\n"


def matches(permission: Permission, addresses: Iterable[str], *, incoming: bool) -> list[str]:
    """The nftables matches for one rule, between a node and `addresses`."""
    there = ", ".join(addresses)
    if not there:
        return []
    peer = f"ip {'saddr' if incoming else 'daddr'} {{ {there} }}"
    if permission.protocol == ANY_PROTOCOL:
        return [peer]
    if permission.protocol in _PORT_PROTOCOLS:
        name = "tcp" if permission.protocol in {"tcp", "6"} else "udp"
        if permission.from_port < 0 or (permission.from_port, permission.to_port) == (0, 65535):
            return [f"{peer} meta l4proto {name}"]
        return [f"{peer} {name} dport {permission.from_port}-{permission.to_port}"]
    if permission.protocol in _ICMP:
        kind = "" if permission.from_port < 0 else f" icmp type {permission.from_port}"
        code = "" if permission.to_port < 0 else f" icmp code {permission.to_port}"
        return [f"{peer} meta l4proto icmp{kind}{code}"]
    return [f"{peer} meta l4proto {permission.protocol}"]


def _allowed(groups: list[Group], members: dict[str, list[IPv4Address]], *, incoming: bool) -> list[str]:
    lines = []
    for group in groups:
        for permission in group.ingress if incoming else group.egress:
            networks = [str(network) for network in permission.networks]
            if "0.0.0.0/0" in networks:
                networks = ["0.0.0.0/0"]
            fellows = sorted({str(a) for id_ in permission.groups for a in members.get(id_, [])})
            for addresses in (_disjoint(networks), fellows):
                lines += [f"{match} return" for match in matches(permission, addresses, incoming=incoming)]
    return [*dict.fromkeys(lines), "drop"]


def _disjoint(networks: list[str]) -> list[str]:
    """nftables refuses a set whose ranges overlap."""
    return [str(network) for network in collapse_addresses(IPv4Network(one) for one in networks)]


def _prerouting(here: list[Instance]) -> str:
    """The source check; asking the metadata service in another node's name is refused always."""
    lines = []
    for one in here:
        name, own = port(one.id), one.private_ip
        services = f"{{ {METADATA}, {RESOLVER} }}"
        lines.append(f'iifname "{name}" ip daddr {services} ip saddr != {own} drop')
        if one.source_dest_check:
            lines.append(f'iifname "{name}" ip saddr != {own} drop')
    return _chain("prerouting", lines, "type filter hook prerouting priority raw; policy accept;")


def _input() -> str:
    return _chain(
        "input",
        [
            "ct state established,related accept",
            'iifname "lo" accept',
            f"ip daddr {RESOLVER} meta l4proto {{ tcp, udp }} th dport 53 accept",
            f"ip daddr {METADATA} tcp dport 80 accept",
            "icmp type echo-request accept",
        ],
        "type filter hook input priority filter; policy drop;",
    )


def _forward(here: list[Instance]) -> str:
    """Destination check, then the sender's groups, then the receiver's.

    From the internet nothing comes in unasked (the laptop's connections begin in the router), and
    only a node with a public address goes out: an internet gateway translates no other.
    """
    lines = [
        f'oifname "{port(one.id)}" ip daddr != {one.private_ip} drop' for one in here if one.source_dest_check
    ]
    lines += [
        "ct state established,related accept",
        f'iifname "{UPLINK}" drop',
    ]
    public = ", ".join(str(one.private_ip) for one in here if one.public_ip is not None)
    outside = f'oifname "{UPLINK}" ip saddr != {{ {public} }} drop' if public else f'oifname "{UPLINK}" drop'
    lines.append(outside)
    if here:
        lines.append(f"iifname vmap {{ {_jumps('from', here)} }}")
        lines.append(f"oifname vmap {{ {_jumps('to', here)} }}")
        lines.append("accept")
    return _chain("forward", lines, "type filter hook forward priority filter; policy drop;")


def _output(here: list[Instance]) -> str:
    lines = ["ct state established,related accept"]
    if here:
        lines.append(f"ip saddr {LAPTOP} oifname vmap {{ {_jumps('to', here)} }}")
    return _chain("output", lines, "type filter hook output priority filter; policy accept;")


def _postrouting() -> str:
    """The internet gateway's translation."""
    return _chain(
        "postrouting",
        [f'oifname "{UPLINK}" masquerade'],
        "type nat hook postrouting priority srcnat; policy accept;",
    )


def _jumps(direction: str, here: list[Instance]) -> str:
    return ", ".join(f'"{port(one.id)}" : jump {direction}_{port(one.id)}' for one in here)


def _chain(name: str, lines: list[str], head: str = "") -> str:
    inside = "\n".join(f"    {line}" for line in ([head] if head else []) + lines)
    return f"  chain {name} {{\n{inside}\n  }}"
