"""What the lab changes on this machine outside its own namespaces, and how it takes that back."""

from __future__ import annotations

import json
from ipaddress import IPv4Network
from pathlib import Path

from lab import addresses, podman
from lab.command import CommandError, run
from lab.home import RUN, Home
from lab.netns import attempt, host_ip, named
from lab.router import HOST_PORT, PREFIX
from lab.volume import Volume

FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")
_REMEMBERED = RUN / "ip_forward"

TABLE = "clusterbed"
"""The lab's one nftables table on the host."""

_GUARD_METRIC = 4_000_000_000
"""Any other route to the same range wins over the guard."""


DEFAULT_RANGES = (IPv4Network("10.0.0.0/16"),)
"""Guarded from the start; a VPC of another range is guarded when it is first seen."""


def prepare(ranges: list[IPv4Network], port: int) -> None:
    """Before the first node: guard the lab's ranges, let its internet out, and the AWS API in.

    The guard routes make packets to lab addresses end here and not at the default gateway.
    """
    for network in ranges:
        guard(network)
    host_ip(f"address replace {addresses.API}/32 dev lo")
    if not _REMEMBERED.exists():
        _REMEMBERED.write_text(FORWARDING.read_text())
    FORWARDING.write_text("1\n")
    run("nft", "-f", "-", stdin=_ruleset(port))


def guard(network: IPv4Network) -> None:
    """Let no packet to these addresses go to the default gateway."""
    host_ip(f"route replace unreachable {network} metric {_GUARD_METRIC}")


def _ruleset(port: int) -> str:
    lab = f'"{HOST_PORT}*"'
    return f"""
table inet {TABLE}
delete table inet {TABLE}
table inet {TABLE} {{
  chain prerouting {{
    type nat hook prerouting priority dstnat; policy accept;
    iifname {lab} ip daddr {addresses.API} tcp dport {addresses.API_PORT} dnat ip to {addresses.API}:{port}
  }}
  chain input {{
    type filter hook input priority filter; policy accept;
    iifname {lab} ct state established,related accept
    iifname {lab} ip daddr {addresses.API} tcp dport {port} accept
    iifname {lab} icmp type echo-request accept
    iifname {lab} drop
  }}
  chain forward {{
    type filter hook forward priority filter; policy accept;
    iifname {lab} oifname {lab} drop
  }}
  chain postrouting {{
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr {addresses.RANGE} oifname != {lab} oifname != "lo" masquerade
  }}
}}
"""


def clear(home: Home | None = None) -> None:
    """Remove everything any lab may have left: containers, networks, disks, routes, settings.

    Disks are those of `home`; what is not there is no error.
    """
    for container in podman.containers():
        podman.remove(container.name)
    for namespace in named(PREFIX):
        namespace.delete()
    for interface in _interfaces():
        attempt(host_ip, [f"link delete {interface}"])
    if home is not None and home.machines.is_dir():
        for folder in home.machines.iterdir():
            Volume(folder).delete()
            attempt(lambda path: run("rm", "-rf", "--one-file-system", path), [str(folder)])
    attempt(lambda table: run("nft", "delete", "table", "inet", table), [TABLE])
    attempt(host_ip, [f"route delete unreachable {network} metric {_GUARD_METRIC}" for network in _guarded()])
    attempt(host_ip, [f"address delete {addresses.API}/32 dev lo"])
    if _REMEMBERED.exists():
        FORWARDING.write_text(_REMEMBERED.read_text())
        _REMEMBERED.unlink()


def leftovers(home: Home) -> list[str]:
    """What is still there of a lab, in words; empty when all is gone."""
    found = [f"container {one.name}" for one in podman.containers()]
    found += [f"network namespace {one.name}" for one in named(PREFIX)]
    found += [f"network interface {one}" for one in _interfaces()]
    found += [f"route to {one}" for one in _guarded()]
    try:
        run("nft", "list", "table", "inet", TABLE)
        found.append(f"nftables table {TABLE}")
    except CommandError:
        pass
    if str(addresses.API) in run("ip", "-brief", "address", "show", "dev", "lo"):
        found.append(f"address {addresses.API} of lo")
    devices = json.loads(run("losetup", "--json", "--list") or '{"loopdevices": []}')["loopdevices"]
    found += [f"loop device {one['name']}" for one in devices if str(home.machines) in one["back-file"]]
    return found


def _interfaces() -> list[str]:
    links = json.loads(run("ip", "-json", "link", "show"))
    return [one["ifname"] for one in links if one["ifname"].startswith(HOST_PORT)]


def _guarded() -> list[IPv4Network]:
    """The networks of the lab's guard routes, known by their metric."""
    routes = json.loads(run("ip", "-json", "route", "show", "type", "unreachable") or "[]")
    return [IPv4Network(one["dst"]) for one in routes if one.get("metric") == _GUARD_METRIC]
