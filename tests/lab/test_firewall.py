"""Security groups as a packet filter: what is compiled permits what the rules say, and nothing more."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network

from hypothesis import given
from hypothesis import strategies as some

from lab.cloud import Group, Instance, Permission, Subnet, Vpc
from lab.firewall import ruleset
from lab.network import port

NETWORK = IPv4Network("10.0.0.0/16")


def instance(number: int, groups: tuple[str, ...], *, check: bool = True, public: bool = False) -> Instance:
    return Instance(
        id=f"i-{number:017x}",
        type="t2.large",
        state="running",
        vpc_id="vpc-1",
        subnet_id="subnet-1",
        interface_id=f"eni-{number}",
        private_ip=IPv4Address(f"10.0.1.{number}"),
        public_ip=IPv4Address("54.0.0.1") if public else None,
        groups=groups,
        source_dest_check=check,
        profile_arn=None,
        key_name=None,
        zone="eu-central-1a",
        image_id="ami-1",
    )


def vpc(groups: tuple[Group, ...], *instances: Instance) -> Vpc:
    subnet = Subnet("subnet-1", "vpc-1", IPv4Network("10.0.1.0/24"), "rtb-1")
    return Vpc("vpc-1", NETWORK, (subnet,), (("rtb-1", ()),), groups, instances)


def chain(text: str, name: str) -> list[str]:
    found = re.search(rf"chain {name} {{\n(.*?)\n  }}", text, re.DOTALL)
    assert found, name
    return [line.strip() for line in found[1].splitlines()]


def passes(lines: list[str], peer: str, protocol: str, number: int) -> bool:
    """Reads the compiled chain as the kernel does: first match wins, the last line drops."""
    for line in lines:
        if line == "drop":
            return False
        match = re.fullmatch(
            r"ip [sd]addr { ([^}]+) }(?: (tcp|udp) dport (\d+)-(\d+)| meta l4proto (\w+))? return", line
        )
        assert match, line
        addresses, ported, low, high, whole = match.groups()
        if not any(IPv4Address(peer) in IPv4Network(one.strip()) for one in addresses.split(",")):
            continue
        if ported and not (ported == protocol and int(low) <= number <= int(high)):
            continue
        if whole and whole != protocol:
            continue
        return True
    raise AssertionError("the chain has no end")


def says(permission: Permission, peer: Instance, protocol: str, number: int) -> bool:
    """The rule as EC2's documentation states it."""
    reaches = any(peer.private_ip in one for one in permission.networks) or bool(
        set(permission.groups) & set(peer.groups)
    )
    kind = permission.protocol in {"-1", protocol}
    within = permission.protocol == "-1" or permission.from_port <= number <= permission.to_port
    return reaches and kind and within


ports = some.tuples(some.integers(0, 65535), some.integers(0, 65535)).map(sorted)
networks = some.sampled_from(["10.0.1.0/24", "10.0.1.8/30", "10.0.0.0/8", "0.0.0.0/0", "192.0.2.0/24"])
permissions = some.builds(
    lambda protocol, between, cidrs, groups: Permission(
        protocol, between[0], between[1], tuple(IPv4Network(one) for one in cidrs), tuple(groups)
    ),
    some.sampled_from(["tcp", "udp", "-1"]),
    ports,
    some.lists(networks, max_size=2),
    some.lists(some.sampled_from(["sg-a", "sg-b"]), max_size=2, unique=True),
)


@given(
    some.lists(permissions, max_size=4),
    some.lists(some.sampled_from(["sg-a", "sg-b", "sg-c"]), min_size=1, unique=True),
    some.sampled_from(["tcp", "udp"]),
    some.integers(1, 65535),
)
def test_incoming_traffic_passes_exactly_when_a_rule_says_so(
    rules: list[Permission], groups_of_peer: list[str], protocol: str, number: int
) -> None:
    target = instance(9, ("sg-t",))
    peer = instance(10, tuple(groups_of_peer))
    text = ruleset(vpc((Group("sg-t", ingress=tuple(rules)),), target, peer), frozenset({target.id, peer.id}))
    lines = chain(text, f"to_{port(target.id)}")
    expected = any(says(rule, peer, protocol, number) for rule in rules)
    assert passes(lines, str(peer.private_ip), protocol, number) == expected


@given(some.lists(permissions, max_size=4))
def test_outgoing_traffic_follows_egress_rules_only(rules: list[Permission]) -> None:
    sender = instance(9, ("sg-t",))
    group = Group(
        "sg-t", ingress=(Permission("-1", networks=(IPv4Network("0.0.0.0/0"),)),), egress=tuple(rules)
    )
    text = ruleset(vpc((group,), sender), frozenset({sender.id}))
    lines = chain(text, f"from_{port(sender.id)}")
    # Nobody else is a member of a group here, so only networks count.
    expected = any(
        IPv4Address("192.0.2.7") in one
        and rule.protocol in {"-1", "tcp"}
        and (rule.protocol == "-1" or rule.from_port <= 443 <= rule.to_port)
        for rule in rules
        for one in rule.networks
    )
    assert passes(lines, "192.0.2.7", "tcp", 443) == expected


def test_a_machine_without_groups_is_closed_both_ways() -> None:
    alone = instance(9, ())
    text = ruleset(vpc((), alone), frozenset({alone.id}))
    assert chain(text, f"to_{port(alone.id)}") == ["drop"]
    assert chain(text, f"from_{port(alone.id)}") == ["drop"]


def test_icmp_types_are_told_apart() -> None:
    rule = Permission("icmp", 8, -1, (NETWORK,))
    target = instance(9, ("sg-t",))
    text = ruleset(vpc((Group("sg-t", ingress=(rule,)),), target), frozenset({target.id}))
    assert "ip saddr { 10.0.0.0/16 } meta l4proto icmp icmp type 8 return" in text


def test_s1_2_only_the_checked_node_is_held_to_its_address() -> None:
    head, worker = instance(10, (), check=False, public=True), instance(11, ())
    text = ruleset(vpc((), head, worker), frozenset({head.id, worker.id}))
    sources = chain(text, "prerouting")
    assert f'iifname "{port(worker.id)}" ip saddr != 10.0.1.11 drop' in sources
    assert f'iifname "{port(head.id)}" ip saddr != 10.0.1.10 drop' not in sources


def test_only_a_public_address_goes_out_and_nothing_comes_in_unasked() -> None:
    head, worker = instance(10, (), public=True), instance(11, ())
    lines = chain(ruleset(vpc((), head, worker), frozenset({head.id, worker.id})), "forward")
    assert 'oifname "uplink" ip saddr != { 10.0.1.10 } drop' in lines
    assert 'iifname "uplink" drop' in lines
    private = chain(ruleset(vpc((), worker), frozenset({worker.id})), "forward")
    assert 'oifname "uplink" drop' in private


def test_a_machine_without_a_cable_is_not_named() -> None:
    absent = instance(9, ("sg-t",))
    assert port(absent.id) not in ruleset(vpc((Group("sg-t"),), absent), frozenset())
