"""Route tables as the router's routes."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from hypothesis import given
from hypothesis import strategies as some

from lab.cloud import Instance, Route, Subnet, Vpc
from lab.network import changes, lines, port

INTERNET = IPv4Address("198.18.0.1")
EVERYWHERE = IPv4Network("0.0.0.0/0")


def instance(number: int, subnet: str, address: str) -> Instance:
    return Instance(
        id=f"i-{number:017x}",
        type="t2.large",
        state="running",
        vpc_id="vpc-1",
        subnet_id=subnet,
        interface_id=f"eni-{number}",
        private_ip=IPv4Address(address),
        public_ip=None,
        groups=(),
        source_dest_check=True,
        profile_arn=None,
        key_name=None,
        zone="eu-central-1a",
        image_id="ami-1",
    )


HEAD, WORKER = instance(1, "public", "10.0.1.10"), instance(2, "private", "10.0.2.11")
VPC = Vpc(
    id="vpc-1",
    network=IPv4Network("10.0.0.0/16"),
    subnets=(
        Subnet("public", "vpc-1", IPv4Network("10.0.1.0/24"), "rtb-public"),
        Subnet("private", "vpc-1", IPv4Network("10.0.2.0/24"), "rtb-private"),
    ),
    route_tables=(
        ("rtb-public", (Route(EVERYWHERE, "igw-1"),)),
        ("rtb-private", (Route(EVERYWHERE, "eni-1"),)),
    ),
    instances=(HEAD, WORKER),
)
BOTH = frozenset({HEAD.id, WORKER.id})


def test_s1_2_the_private_table_leads_to_the_head() -> None:
    found = lines(VPC, BOTH, INTERNET)
    assert f"route 0.0.0.0/0 via 10.0.1.10 dev {port(HEAD.id)} onlink table 1001" in found
    assert f"rule pref 1000 iif {port(WORKER.id)} lookup 1001" in found
    assert "route 0.0.0.0/0 via 198.18.0.1 dev uplink onlink table 1000" in found
    assert f"rule pref 1000 iif {port(HEAD.id)} lookup 1000" in found


def test_a_table_without_a_default_route_leads_nowhere() -> None:
    closed = replace(VPC, route_tables=(VPC.route_tables[0], ("rtb-private", ())))
    assert "route unreachable 0.0.0.0/0 table 1001" in lines(closed, BOTH, INTERNET)


def test_a_route_to_a_machine_that_is_gone_leads_nowhere() -> None:
    found = lines(VPC, frozenset({WORKER.id}), INTERNET)
    assert "route unreachable 0.0.0.0/0 table 1001" in found
    assert not any(port(HEAD.id) in line for line in found)


def test_addresses_of_the_vpc_that_nobody_has_are_unreachable() -> None:
    assert "route unreachable 10.0.0.0/16 table 100" in lines(VPC, BOTH, INTERNET)


def test_ports_fit_into_the_kernels_names() -> None:
    assert len(port(HEAD.id)) <= 15


def test_a_changed_route_is_replaced_not_taken_away() -> None:
    before = lines(VPC, BOTH, INTERNET)
    closed = replace(VPC, route_tables=(VPC.route_tables[0], ("rtb-private", ())))
    after = lines(closed, BOTH, INTERNET)
    assert changes(before, after) == ("route replace unreachable 0.0.0.0/0 table 1001",)


@given(some.sets(some.sampled_from([HEAD.id, WORKER.id])), some.sets(some.sampled_from([HEAD.id, WORKER.id])))
def test_changes_lead_from_any_state_to_any_other(old: set[str], new: set[str]) -> None:
    before, after = lines(VPC, frozenset(old), INTERNET), lines(VPC, frozenset(new), INTERNET)
    kernel = {_place(line): line for line in before}
    for step in changes(before, after):
        kind, verb, rest = step.split(" ", 2)
        line = f"{kind} {rest}"
        if verb == "del":
            del kernel[_place(line)]
        else:
            kernel[_place(line)] = line
    assert set(kernel.values()) == set(after)


def _place(line: str) -> str:
    words = line.replace("unreachable ", "").split()
    return line if words[0] == "rule" else f"{words[1]} {words[-1]}"
