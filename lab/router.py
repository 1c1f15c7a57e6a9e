"""A VPC's router: a network stack of its own that every node's cable ends in."""

from __future__ import annotations

from lab import firewall, network
from lab.addresses import LAPTOP, METADATA, RESOLVER, uplink
from lab.cloud import Instance, Subnet, Vpc
from lab.command import CommandError
from lab.netns import Namespace, attempt, host_ip

PREFIX = "clusterbed-"
"""Every network namespace of the lab begins with it."""

HOST_PORT = "clusterbed"
"""Every network interface of the lab on the host begins with it."""


def router_namespace(vpc_id: str) -> Namespace:
    """The namespace of that VPC's router."""
    return Namespace(f"{PREFIX}{vpc_id}")


def node_namespace(instance_id: str) -> Namespace:
    """The namespace an instance's container lives in; it outlives the container's restarts."""
    return Namespace(f"{PREFIX}{instance_id}")


class Router:
    """Routes, filters and translates for one VPC.

    Making it connects it to the internet (the `number`th uplink); no node has a port yet, and
    whatever is not reachable is refused, so that no packet strays.
    """

    def __init__(self, vpc: Vpc, number: int) -> None:
        self.vpc_id = vpc.id
        self.namespace = router_namespace(vpc.id)
        self.number = number
        self._internet, self._address = uplink(number)
        self._ports: set[str] = set()
        self._gateways: set[str] = set()
        self._routes: tuple[str, ...] = ()
        self._ruleset = ""

    def create(self) -> None:
        """Make the namespace and its uplink."""
        self.namespace.delete()
        self.namespace.create()
        self.namespace.sysctl(
            {
                "net.ipv4.ip_forward": "1",
                "net.ipv4.conf.all.rp_filter": "0",
                "net.ipv4.conf.default.rp_filter": "0",
                # Redirects would tell nodes of ways past the route table.
                "net.ipv4.conf.all.send_redirects": "0",
                "net.ipv4.conf.default.send_redirects": "0",
            }
        )
        here = f"{HOST_PORT}{self.number}"
        attempt(host_ip, [f"link delete {here}"])
        self.namespace.ip(
            f"address add {LAPTOP}/32 dev lo",
            f"address add {METADATA}/32 dev lo",
            f"address add {RESOLVER}/32 dev lo",
            "route add unreachable default metric 4000000000",
        )
        host_ip(f"link add {here} type veth peer name {network.UPLINK} netns {self.namespace.name}")
        host_ip(f"address add {self._internet}/30 dev {here}", f"link set {here} up")
        self.namespace.ip(
            f"address add {self._address}/30 dev {network.UPLINK}", f"link set {network.UPLINK} up"
        )

    def delete(self) -> None:
        """Remove it; its cables go with it."""
        self.namespace.delete()

    def plug_in(self, instance: Instance, subnet: Subnet) -> None:
        """Lay the cable between the router and the instance's namespace, which is made here."""
        node = node_namespace(instance.id)
        node.delete()
        node.create()
        name = network.port(instance.id)
        self.namespace.ip(f"link add {name} type veth peer name eth0 netns {node.name}")
        # The router answers for every address that it knows a way to, so that two nodes of a
        # subnet see each other though all their packets pass the filter.
        self.namespace.sysctl(
            {
                f"net.ipv4.conf.{name}.proxy_arp": "1",
                f"net.ipv4.neigh.{name}.proxy_delay": "0",
                f"net.ipv4.conf.{name}.rp_filter": "0",
                f"net.ipv4.conf.{name}.send_redirects": "0",
            }
        )
        node.ip(
            f"address add {instance.private_ip}/{subnet.network.prefixlen} dev eth0",
            "link set eth0 up",
            f"route add default via {subnet.gateway}",
        )
        self._ports.add(instance.id)

    def unplug(self, instance_id: str) -> None:
        """Remove the instance's cable and namespace."""
        self._ports.discard(instance_id)
        attempt(self.namespace.ip, [f"link delete {network.port(instance_id)}"])
        # The kernel dropped the routes of that port; rules that name it are dropped at the next apply.
        name = network.port(instance_id)
        self._routes = tuple(
            line for line in self._routes if f"dev {name} " not in line or line.startswith("rule")
        )
        node_namespace(instance_id).delete()

    def apply(self, vpc: Vpc) -> bool:
        """Make routes and filter those of `vpc`, for the nodes that are plugged in.

        A port is opened only once its filter stands. Returns whether anything changed.
        """
        present = frozenset(self._ports)
        ruleset = firewall.ruleset(vpc, present)
        routes = network.lines(vpc, present, self._internet)
        gateways = {str(subnet.gateway) for subnet in vpc.subnets}
        if (ruleset, routes, gateways) == (self._ruleset, self._routes, self._gateways):
            return False
        if ruleset != self._ruleset:
            self.namespace.nft(ruleset)
            self._ruleset = ruleset
        self.namespace.ip(*(f"address add {one}/32 dev lo" for one in sorted(gateways - self._gateways)))
        self._gateways = gateways
        self.namespace.ip(*(f"link set {network.port(one)} up" for one in sorted(present)))
        # Bringing a port up adds nothing; its routes need it up.
        self._change_routes(routes)
        return True

    def _change_routes(self, routes: tuple[str, ...]) -> None:
        steps = network.changes(self._routes, routes)
        try:
            self.namespace.ip(*steps)
        except CommandError:
            # A line was already there or already gone (a node was unplugged meanwhile): each by itself.
            attempt(self.namespace.ip, steps)
        self._routes = routes
