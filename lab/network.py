"""What a VPC's route tables mean for its router: which port leads where, for whom.

Every packet between two nodes passes the VPC's router, those inside one subnet too, as on AWS.
Each route table becomes a table of the router's kernel, chosen by the port a packet came in at;
before it stands the table of the VPC's own addresses, AWS's "local" route. What no table knows is
unreachable.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from lab.cloud import Instance, Vpc

UPLINK = "uplink"
"""The router's port to the internet."""

LOCAL_TABLE = 100
_FIRST_TABLE = 1000
_LOCAL_PREFERENCE = 100
_PORT_PREFERENCE = 1000


def port(instance_id: str) -> str:
    """The router's port to that instance. The kernel allows 15 characters.

    >>> port("i-0123456789abcdef0")
    'n6789abcdef0'
    """
    return f"n{instance_id[-11:]}"


def lines(vpc: Vpc, present: frozenset[str], internet: IPv4Address) -> tuple[str, ...]:
    """The routes and rules of the VPC's router, as arguments of `ip … add`.

    `present` are the instances that have a port; `internet` is the far end of the uplink.
    """
    here = [instance for instance in vpc.instances if instance.id in present]
    by_interface = {instance.interface_id: instance for instance in here}
    by_interface |= {instance.id: instance for instance in here}
    found = [
        f"rule pref {_LOCAL_PREFERENCE} lookup {LOCAL_TABLE}",
        f"route unreachable {vpc.network} table {LOCAL_TABLE}",
    ]
    found += [f"route {one.private_ip}/32 dev {port(one.id)} table {LOCAL_TABLE}" for one in here]
    tables = {id_: _FIRST_TABLE + number for number, (id_, _) in enumerate(vpc.route_tables)}
    for id_, routes in vpc.route_tables:
        ways = {
            route.destination: _way(route.target, by_interface, internet)
            for route in routes
            if route.target in by_interface or route.target.startswith("igw-")
        }
        # Without this line a packet would go on to the router's own table.
        ways.setdefault(IPv4Network("0.0.0.0/0"), "")
        found += [
            f"route {destination} {way} table {tables[id_]}"
            if way
            else f"route unreachable {destination} table {tables[id_]}"
            for destination, way in ways.items()
        ]
    table_of = {subnet.id: tables[subnet.route_table] for subnet in vpc.subnets}
    found += [
        f"rule pref {_PORT_PREFERENCE} iif {port(one.id)} lookup {table_of[one.subnet_id]}" for one in here
    ]
    return tuple(found)


def changes(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    """The lines of `ip` that lead from one state to the other; what stays is not touched.

    Additions come first, so that no packet finds a hole.
    """
    added = [line for line in new if line not in old]
    gone = [line for line in old if line not in new]
    # Only one route to a destination can stand in a table: it is replaced, not added beside.
    replaced = {_place(line) for line in added}
    return tuple(
        [_command(line, "add") for line in added]
        + [_command(line, "del") for line in gone if _place(line) not in replaced]
    )


def _way(target: str, by_interface: dict[str, Instance], internet: IPv4Address) -> str:
    if target in by_interface:
        instance = by_interface[target]
        return f"via {instance.private_ip} dev {port(instance.id)} onlink"
    return f"via {internet} dev {UPLINK} onlink"


def _place(line: str) -> str:
    """Where a line stands: a route by destination and table, a rule by all of it."""
    words = line.split()
    if words[0] == "rule":
        return line
    destination = words[2] if words[1] == "unreachable" else words[1]
    return f"{destination} {words[-1]}"


def _command(line: str, verb: str) -> str:
    kind, rest = line.split(" ", 1)
    return f"{kind} {'replace' if kind == 'route' and verb == 'add' else verb} {rest}"
