"""The firewall's rules as data."""

from __future__ import annotations

import re
from ipaddress import IPv4Network

import pytest

from contract import Role, Settings, ports
from infra.rules import Addresses, Direction, Rule, rules

CALLER = IPv4Network("203.0.113.7/32")

# What AWS accepts in a rule's description.
DESCRIPTION = re.compile(r"[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}")
QUOTA = 60
"""AWS's default limit of rules for each direction of a security group."""


def made(**sections: object) -> tuple[Rule, ...]:
    return rules(Settings.model_validate(sections), CALLER)


def admits(found: tuple[Rule, ...], group: Role, peer: Role, port: int, protocol: str = "tcp") -> bool:
    return any(
        rule.direction is Direction.INGRESS
        and rule.group is group
        and rule.peer is peer
        and rule.protocol == protocol
        and rule.ports is not None
        and rule.ports.first <= port <= rule.ports.last
        for rule in found
    )


HEAD, WORKER = Role.HEAD, Role.WORKER


@pytest.mark.parametrize(
    ("group", "peer", "port"),
    [
        (WORKER, HEAD, 22),
        (HEAD, WORKER, 7077),
        (WORKER, HEAD, ports.SPARK_WORKER_RPC),
        (HEAD, WORKER, ports.SPARK_DRIVER.first),
        (HEAD, WORKER, ports.SPARK_BLOCK_MANAGER.last),
        (WORKER, WORKER, ports.SPARK_BLOCK_MANAGER.first),
        (HEAD, WORKER, 9820),
        (HEAD, WORKER, 9870),
        (WORKER, HEAD, 9866),
        (WORKER, WORKER, 9866),
        (HEAD, WORKER, 6379),
        (WORKER, WORKER, ports.RAY_OBJECT_MANAGER),
        (WORKER, HEAD, ports.RAY_WORKERS.last),
        (HEAD, WORKER, ports.SOFTWARE),
    ],
)
def test_services_reach_each_other(group, peer, port):
    assert admits(made(), group, peer, port)


@pytest.mark.parametrize(
    ("group", "peer", "port"), [(HEAD, WORKER, 22), (WORKER, WORKER, 22), (HEAD, WORKER, 3000)]
)
def test_what_no_service_needs_is_shut(group, peer, port):
    assert not admits(made(), group, peer, port)


def test_one_rule_alone_opens_the_spark_master():
    found = made()
    assert admits(found, HEAD, WORKER, 7077)
    without = tuple(rule for rule in found if rule.name != "head-ingress-from-worker-tcp-7077")
    assert len(without) == len(found) - 1
    assert not admits(without, HEAD, WORKER, 7077)


def test_a_service_that_is_not_asked_for_opens_nothing():
    found = made(services=("hdfs",))
    assert not admits(found, HEAD, WORKER, 7077)
    assert not admits(found, HEAD, WORKER, 6379)
    assert admits(found, HEAD, WORKER, 9820)


def test_chosen_ports_are_the_ones_opened():
    found = made(spark={"master_port": 17077}, ray={"port": 16379, "dashboard_port": 18265})
    assert all(admits(found, HEAD, WORKER, port) for port in (17077, 16379, 18265))
    assert not admits(found, HEAD, WORKER, 7077)


@pytest.mark.parametrize(
    ("protocol", "port"), [("tcp", 80), ("tcp", 443), ("tcp", 53), ("udp", 53), ("udp", 123)]
)
def test_s1_2_what_the_head_forwards_passes_its_own_group(protocol, port):
    found = made()
    assert admits(found, HEAD, WORKER, port, protocol)
    for group in Role:
        assert any(
            rule.direction is Direction.EGRESS
            and rule.group is group
            and isinstance(rule.peer, Addresses)
            and rule.protocol == protocol
            and rule.ports == ports.PortRange(port, port)
            for rule in found
        )


def test_another_port_outside_is_one_setting():
    found = made(network={"outside_tcp_ports": (443, 5000)})
    assert admits(found, HEAD, WORKER, 5000)
    assert not admits(found, HEAD, WORKER, 80)


def test_a_port_asked_for_twice_is_one_rule_that_keeps_its_first_purpose():
    found = made(network={"outside_tcp_ports": (443, 8080)})
    (rule,) = [rule for rule in found if rule.name == "head-ingress-from-worker-tcp-8080"]
    assert rule.purpose == "Spark master web"


def test_a_change_of_the_callers_address_keeps_the_rules_name():
    elsewhere = rules(Settings(), IPv4Network("198.51.100.1/32"))
    assert [rule.name for rule in elsewhere] == [rule.name for rule in made()]


def test_documented_opens_ssh_to_the_world_and_everything_inside():
    found = rules(Settings.model_validate({"network": {"firewall": "documented"}}), None)
    ingress = {(rule.name) for rule in found if rule.direction is Direction.INGRESS}
    assert ingress == {
        f"{group}-ingress-from-{rest}" for group in Role for rest in ("world-tcp-22", "vpc-all")
    }


@pytest.mark.parametrize("profile", ["hardened", "documented"])
def test_aws_accepts_the_rules(profile):
    found = made(network={"firewall": profile})
    assert len({rule.name for rule in found}) == len(found)
    assert all(DESCRIPTION.fullmatch(rule.purpose) for rule in found)
    for group in Role:
        for direction in Direction:
            assert len([r for r in found if (r.group, r.direction) == (group, direction)]) <= QUOTA
