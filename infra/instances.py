"""S1.1, S1.3: the head and its workers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address
from typing import Any

import pulumi
import pulumi_aws as aws

from contract import Role, Settings
from contract.settings.network import FIRST_WORKER_HOST, HEAD_HOST
from infra.boot import Boot
from infra.bucket import Bucket
from infra.deadline import deadline
from infra.firewall import Firewall
from infra.identity import Identity
from infra.keypair import KeyPair
from infra.network import Network
from infra.tags import Tags

VOLUME_TYPE = "gp3"
"""General purpose: cheaper than gp2, and its speed does not depend on its size."""


@dataclass(frozen=True, slots=True)
class Place:
    """A machine before it exists: its host name, role, type and private address."""

    name: str
    role: Role
    instance_type: str
    address: IPv4Address


def places(settings: Settings) -> tuple[Place, ...]:
    """The machines that the settings ask for: `master`, `worker`, `worker-2` … (S1.3)."""
    machines, network = settings.machines, settings.network
    head = Place("master", Role.HEAD, machines.head_type, network.public_cidr[HEAD_HOST])
    workers = (
        Place(
            "worker" if number == 1 else f"worker-{number}",
            Role.WORKER,
            machines.worker_type,
            network.private_cidr[FIRST_WORKER_HOST + number - 1],
        )
        for number in range(1, machines.workers + 1)
    )
    return (head, *workers)


@dataclass(frozen=True, kw_only=True)
class InstancesArgs:
    """The settings, and the components that the machines stand on."""

    settings: Settings
    image: str
    region: str
    network: Network
    firewall: Firewall
    key_pair: KeyPair
    identity: Identity
    bucket: Bucket
    tags: Tags


class Instances(pulumi.ComponentResource):
    """The machines, head first, each with its place."""

    machines: tuple[tuple[Place, aws.ec2.Instance], ...]

    def __init__(self, name: str, args: InstancesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("clusterbed:infra:Instances", name, None, opts)
        self.machines = tuple((place, self._instance(place, args)) for place in places(args.settings))
        self.register_outputs({place.name: instance.id for place, instance in self.machines})

    @property
    def head(self) -> aws.ec2.Instance:
        """The machine that forwards for the others."""
        return self.machines[0][1]

    def _instance(self, place: Place, args: InstancesArgs) -> aws.ec2.Instance:
        is_head = place.role is Role.HEAD
        subnet = args.network.public_subnet if is_head else args.network.private_subnet
        tags = args.tags.named(place.name)
        return aws.ec2.Instance(
            f"{self._name}-{place.name}",
            ami=args.image,
            instance_type=place.instance_type,
            subnet_id=subnet.id,
            private_ip=str(place.address),
            associate_public_ip_address=is_head,
            # S1.2: the head forwards packets that are neither from nor to itself.
            source_dest_check=not is_head,
            vpc_security_group_ids=[args.firewall.groups[place.role].id],
            key_name=args.key_pair.key.key_name,
            iam_instance_profile=args.identity.profile.name,
            instance_initiated_shutdown_behavior="terminate",
            # Version 2 only, and one hop: what runs in a container on the node gets no credentials.
            metadata_options={
                "http_endpoint": "enabled",
                "http_tokens": "required",
                "http_put_response_hop_limit": 1,
            },
            root_block_device={
                "volume_size": args.settings.machines.volume_gb,
                "volume_type": VOLUME_TYPE,
                "encrypted": True,
                "delete_on_termination": True,
                "tags": tags,
            },
            user_data=user_data(place, args),
            tags=tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                # A gateway cannot be taken from a VPC that still has a public address.
                depends_on=[args.network.public_route],
                # Both matter at the first boot only. A newer image or deadline must not replace a machine
                # with data on it; `fab deploy` brings a changed deadline to the running ones.
                ignore_changes=["ami", "userData"],
                # The address is fixed, so the old machine has to give it up first.
                delete_before_replace=True,
            ),
        )


def user_data(place: Place, args: InstancesArgs) -> pulumi.Output[str]:
    """The machine's user data, known once the bucket and the role are there."""
    bucket = args.bucket.bucket

    def render(known: dict[str, Any]) -> str:
        ends_at: datetime = deadline(known["created_at"], args.settings.lifetime.deadline_h)
        return Boot(
            name=place.name,
            role=place.role,
            address=place.address,
            region=args.region,
            bucket=known["bucket"],
            bucket_host=known["bucket_host"],
            vpc_cidr=args.settings.network.vpc_cidr,
            private_cidr=args.settings.network.private_cidr,
            deadline=ends_at,
        ).user_data()

    return pulumi.Output.all(
        created_at=args.identity.created_at,
        bucket=bucket.bucket,
        bucket_host=bucket.bucket_regional_domain_name,
    ).apply(render)
