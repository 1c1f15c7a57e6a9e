"""S1.1-S1.4 as the program registers them, and what it exports."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path

import pulumi
import pytest

from contract import Role
from contract.errors import CloudError, ClusterbedError, SettingError, WorkstationError
from tests.infra.mocked import Cloud

INSTANCE = "aws:ec2/instance:Instance"
ROUTE = "aws:ec2/route:Route"


def test_s1_1_two_t2_large_machines_with_15_gb(build):
    instances = build().instances
    assert set(instances) == {"master", "worker"}
    for machine in instances.values():
        assert machine["instanceType"] == "t2.large"
        assert machine["rootBlockDevice"]["volumeSize"] == 15
        assert machine["ami"] == "ami-0123"


def test_s1_1_one_setting_makes_three_workers_with_names_and_addresses_in_order(build):
    built = build(machines={"workers": 3})
    assert [(node.name, str(node.private_ip)) for node in built.cluster.nodes] == [
        ("master", "10.0.1.10"),
        ("worker", "10.0.2.11"),
        ("worker-2", "10.0.2.12"),
        ("worker-3", "10.0.2.13"),
    ]
    assert {name: machine["privateIp"] for name, machine in built.instances.items()} == {
        node.name: str(node.private_ip) for node in built.cluster.nodes
    }


def test_s1_2_only_the_head_has_a_public_address(build):
    built = build(machines={"workers": 2})
    public = {name for name, machine in built.instances.items() if machine["associatePublicIpAddress"]}
    assert public == {"master"}
    assert all(
        not subnet["mapPublicIpOnLaunch"] for subnet in built.cloud.of("aws:ec2/subnet:Subnet").values()
    )


def test_s1_2_the_private_subnets_only_way_out_is_the_heads_interface(build):
    built = build()
    private = {
        association["routeTableId"]
        for association in built.cloud.of("aws:ec2/routeTableAssociation:RouteTableAssociation").values()
        if association["subnetId"] == built.instances["worker"]["subnetId"]
    }
    (route,) = [route for route in built.cloud.of(ROUTE).values() if route["routeTableId"] in private]
    assert route["destinationCidrBlock"] == "0.0.0.0/0"
    assert route["networkInterfaceId"] == "eni-spark-ray-master"
    assert "gatewayId" not in route


def test_s1_2_the_head_forwards_and_only_the_head(build):
    built = build()
    assert built.instances["master"]["sourceDestCheck"] is False
    assert built.instances["worker"]["sourceDestCheck"] is True


def test_s1_2_both_subnets_are_in_one_zone_that_has_the_machines(build):
    built = build()
    zones = {subnet["availabilityZone"] for subnet in built.cloud.of("aws:ec2/subnet:Subnet").values()}
    assert zones == {"us-east-1a"}


def test_s1_3_host_names_are_set_at_boot(build):
    built = build(machines={"workers": 2})
    assert {name: built.user_data(name)["hostname"] for name in built.instances} == {
        name: name for name in ("master", "worker", "worker-2")
    }


def test_s1_4_the_owners_key_is_on_every_machine_and_its_private_half_stays_home(build, tmp_path: Path):
    built = build()
    private = tmp_path / "home" / "keys" / "spark-ray"
    assert built.cluster.ssh_key == private
    assert private.stat().st_mode & 0o777 == 0o600
    public = built.cloud.one("aws:ec2/keyPair:KeyPair")["publicKey"]
    assert public == private.with_name("spark-ray.pub").read_text().strip()
    assert {machine["keyName"] for machine in built.instances.values()} == {"spark-ray-owner"}


def test_the_output_is_the_contracts_cluster(build):
    cluster = build().cluster
    assert (cluster.name, cluster.setup, cluster.region) == ("spark-ray", "spark-ray", "us-east-1")
    assert cluster.bucket == "spark-ray-results-0a1b2c3"
    assert cluster.head.role is Role.HEAD
    assert cluster.head.ssh_host == "198.51.100.10"
    assert cluster.head.public_ip == IPv4Address("198.51.100.10")
    assert cluster.workers[0].ssh_host is None
    assert cluster.created_at == datetime(2025, 11, 21, 6, tzinfo=UTC)
    assert cluster.deadline == datetime(2025, 11, 21, 14, tzinfo=UTC)


def test_a_name_of_its_own_reaches_every_resource(build):
    built = build(name="mine")
    assert built.cluster.name == "mine"
    assert built.cluster.setup == "spark-ray"
    assert all(name.startswith("mine") for _, name in built.cloud.resources)


def test_a_second_up_registers_the_same(build):
    first, second = build(), build()
    assert first.cloud.resources == second.cloud.resources
    assert first.output == second.output


@pytest.mark.parametrize(
    ("sections", "named"),
    [
        ({"machines": {"wrokers": 2}}, "clusterbed:machines.wrokers"),
        ({"colour": "green"}, "clusterbed:colour"),
        ({"machines": {"workers": 0}}, "clusterbed:machines.workers"),
        ({"machines": "many"}, "clusterbed:machines"),
        ({"network": {"private_cidr": "10.0.2.0/28"}, "machines": {"workers": 5}}, "machines.workers 5"),
        ({"access": {"public_key": "key"}}, "clusterbed:access.public_key"),
        ({"aws:region": None}, "aws:region"),
        ({"stack": "Big_Data"}, "Big_Data"),
    ],
)
def test_a_wrong_setting_is_one_message_that_names_it(build, sections, named):
    assert named in str(refusal(build, SettingError, **sections))


def test_no_zone_with_the_machines_is_a_wrong_setting_and_leaves_nothing_behind(build):
    cloud = Cloud(zones=())
    error = refusal(build, SettingError, cloud=cloud)
    assert "no zone of region us-east-1 offers t2.large" in str(error)
    assert not cloud.resources


def test_an_image_that_the_cloud_does_not_have_is_one_message_and_leaves_nothing_behind(build):
    cloud = Cloud(image=None)
    error = refusal(build, CloudError, cloud=cloud)
    assert "/aws/service/canonical/ubuntu" in str(error)
    assert not cloud.resources


def test_an_unreadable_key_is_named(build, tmp_path: Path):
    missing = tmp_path / "mine.pub"
    error = refusal(build, WorkstationError, access={"public_key": str(missing)})
    assert str(missing) in error.what


def test_an_existing_key_is_used(build, tmp_path: Path):
    build()
    pair = tmp_path / "home" / "keys" / "spark-ray"
    built = build(access={"public_key": f"{pair}.pub"}, name="other")
    assert built.cluster.ssh_key == pair
    assert not (pair.parent / "other").exists()


def refusal(build, kind: type[ClusterbedError], **arguments) -> ClusterbedError:
    """What the program ends with: one Pulumi error, whose message is the cause's."""
    with pytest.raises(pulumi.RunError) as caught:
        build(**arguments)
    cause = caught.value.__cause__
    assert isinstance(cause, kind)
    assert str(caught.value) == str(cause)
    return cause
