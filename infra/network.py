"""S1.2: a VPC with a public subnet for the head and a private one for the workers."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

from infra.tags import Tags

EVERYWHERE = IPv4Network("0.0.0.0/0")


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """Address ranges, and the one zone that both subnets are in."""

    vpc_cidr: IPv4Network
    public_cidr: IPv4Network
    private_cidr: IPv4Network
    zone: str
    tags: Tags


class Network(pulumi.ComponentResource):
    """The VPC, its subnets and their route tables.

    The private table has no way out yet: `Nat` adds it when the head exists.
    """

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("clusterbed:infra:Network", name, None, opts)
        below = pulumi.ResourceOptions(parent=self)
        self.vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block=str(args.vpc_cidr),
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=args.tags.named("vpc"),
            opts=below,
        )
        gateway = aws.ec2.InternetGateway(
            f"{name}-gateway", vpc_id=self.vpc.id, tags=args.tags.named("gateway"), opts=below
        )
        self.public_subnet = self._subnet("public", args.public_cidr, args)
        self.private_subnet = self._subnet("private", args.private_cidr, args)
        public_table = self._table("public", self.public_subnet, args.tags)
        self.private_table = self._table("private", self.private_subnet, args.tags)
        self.public_route = aws.ec2.Route(
            f"{name}-public-out",
            route_table_id=public_table.id,
            destination_cidr_block=str(EVERYWHERE),
            gateway_id=gateway.id,
            opts=below,
        )
        self.register_outputs({"vpc_id": self.vpc.id})

    def _subnet(self, kind: str, cidr: IPv4Network, args: NetworkArgs) -> aws.ec2.Subnet:
        return aws.ec2.Subnet(
            f"{self._name}-{kind}",
            vpc_id=self.vpc.id,
            cidr_block=str(cidr),
            availability_zone=args.zone,
            # Addresses are given per instance: only the head has a public one.
            map_public_ip_on_launch=False,
            tags=args.tags.named(kind),
            # The cloud may offer a type in one more zone tomorrow; a standing subnet stays where it is.
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["availabilityZone"]),
        )

    def _table(self, kind: str, subnet: aws.ec2.Subnet, tags: Tags) -> aws.ec2.RouteTable:
        below = pulumi.ResourceOptions(parent=self)
        table = aws.ec2.RouteTable(
            f"{self._name}-{kind}", vpc_id=self.vpc.id, tags=tags.named(kind), opts=below
        )
        aws.ec2.RouteTableAssociation(
            f"{self._name}-{kind}", subnet_id=subnet.id, route_table_id=table.id, opts=below
        )
        return table
