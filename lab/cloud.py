"""What the AWS API holds right now of instances, networks and firewalls: read, never changed, here."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

ACCOUNT = "123456789012"
"""The account that everything in the lab belongs to; moto's own."""

ANY_PROTOCOL = "-1"


@dataclass(frozen=True, slots=True)
class Permission:
    """One rule of a security group. Ports count for tcp and udp, type and code for icmp; -1 is any."""

    protocol: str
    from_port: int = -1
    to_port: int = -1
    networks: tuple[IPv4Network, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A security group: what may come in to its members, what they may send out."""

    id: str
    ingress: tuple[Permission, ...] = ()
    egress: tuple[Permission, ...] = ()


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet and the route table that counts for it."""

    id: str
    vpc_id: str
    network: IPv4Network
    route_table: str

    @property
    def gateway(self) -> IPv4Address:
        """AWS's router is the first address of every subnet."""
        return self.network[1]


@dataclass(frozen=True, slots=True)
class Route:
    """One line of a route table. `target` is an internet gateway's or a network interface's id."""

    destination: IPv4Network
    target: str


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance as the API describes it."""

    id: str
    type: str
    state: str
    vpc_id: str
    subnet_id: str
    interface_id: str
    private_ip: IPv4Address
    public_ip: IPv4Address | None
    groups: tuple[str, ...]
    source_dest_check: bool
    profile_arn: str | None
    key_name: str | None
    zone: str
    image_id: str

    @property
    def region(self) -> str:
        """`eu-central-1` of zone `eu-central-1a`."""
        return self.zone[:-1]

    @property
    def host_name(self) -> str:
        """AWS's name for it: ip-10-0-1-10."""
        return f"ip-{str(self.private_ip).replace('.', '-')}"


@dataclass(frozen=True, slots=True)
class Vpc:
    """A network of its own: its subnets, route tables and what lives in it."""

    id: str
    network: IPv4Network
    subnets: tuple[Subnet, ...] = ()
    route_tables: tuple[tuple[str, tuple[Route, ...]], ...] = ()
    groups: tuple[Group, ...] = ()
    instances: tuple[Instance, ...] = ()


@dataclass(frozen=True, slots=True)
class Cloud:
    """One reading of the API."""

    vpcs: tuple[Vpc, ...]

    @property
    def instances(self) -> tuple[Instance, ...]:
        """Every instance, ended ones included for as long as the API shows them."""
        return tuple(instance for vpc in self.vpcs for instance in vpc.instances)


@dataclass(frozen=True, slots=True)
class Boot:
    """What an instance needs to boot, beyond its description."""

    user_data: bytes
    public_key: str | None
    volume_gb: int
    memory_mib: int
    vcpus: int


def domain(region: str) -> str:
    """The domain of instances' names, which each VPC's name server answers for."""
    return "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"


def read(ec2: EC2Client) -> Cloud:
    """Read everything the lab builds from."""
    instances = [
        one for page in ec2.get_paginator("describe_instances").paginate() for one in _instances(dict(page))
    ]
    inhabited = sorted({instance.vpc_id for instance in instances})
    if not inhabited:
        return Cloud(())
    chosen: Any = [{"Name": "vpc-id", "Values": inhabited}]
    tables = ec2.describe_route_tables(Filters=chosen)["RouteTables"]
    subnets = ec2.describe_subnets(Filters=chosen)["Subnets"]
    groups = ec2.describe_security_groups(Filters=chosen)["SecurityGroups"]
    return Cloud(
        tuple(
            Vpc(
                id=vpc["VpcId"],
                network=IPv4Network(vpc["CidrBlock"]),
                subnets=tuple(
                    Subnet(
                        one["SubnetId"],
                        vpc["VpcId"],
                        IPv4Network(one["CidrBlock"]),
                        _table_of(one["SubnetId"], vpc["VpcId"], tables),
                    )
                    for one in subnets
                    if one["VpcId"] == vpc["VpcId"]
                ),
                route_tables=tuple(
                    (one["RouteTableId"], _routes(one)) for one in tables if one["VpcId"] == vpc["VpcId"]
                ),
                groups=tuple(_group(one) for one in groups if one["VpcId"] == vpc["VpcId"]),
                instances=tuple(one for one in instances if one.vpc_id == vpc["VpcId"]),
            )
            for vpc in ec2.describe_vpcs(VpcIds=inhabited)["Vpcs"]
        )
    )


def boot_of(ec2: EC2Client, instance: Instance) -> Boot:
    """What that instance boots with."""
    attribute = ec2.describe_instance_attribute(InstanceId=instance.id, Attribute="userData")
    encoded = attribute.get("UserData", {}).get("Value") or ""
    public_key = None
    if instance.key_name is not None:
        pair = ec2.describe_key_pairs(KeyNames=[instance.key_name], IncludePublicKey=True)["KeyPairs"][0]
        public_key = pair.get("PublicKey")
    volumes = ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [instance.id]}])
    kind: Any = ec2.describe_instance_types(InstanceTypes=[instance.type])["InstanceTypes"][0]  # type: ignore[list-item]
    return Boot(
        user_data=base64.b64decode(encoded),
        public_key=public_key.strip() if public_key else None,
        volume_gb=max((volume["Size"] for volume in volumes["Volumes"]), default=8),
        memory_mib=int(kind["MemoryInfo"]["SizeInMiB"]),
        vcpus=int(kind["VCpuInfo"]["DefaultVCpus"]),
    )


def _instances(page: dict[str, Any]) -> list[Instance]:
    return [
        Instance(
            id=one["InstanceId"],
            type=one["InstanceType"],
            state=one["State"]["Name"],
            vpc_id=one["VpcId"],
            subnet_id=one["SubnetId"],
            interface_id=one["NetworkInterfaces"][0]["NetworkInterfaceId"],
            private_ip=IPv4Address(one["PrivateIpAddress"]),
            public_ip=IPv4Address(one["PublicIpAddress"]) if one.get("PublicIpAddress") else None,
            groups=tuple(group["GroupId"] for group in one["NetworkInterfaces"][0]["Groups"]),
            source_dest_check=bool(one.get("SourceDestCheck", True)),
            profile_arn=one.get("IamInstanceProfile", {}).get("Arn"),
            key_name=one.get("KeyName") or None,
            zone=one["Placement"]["AvailabilityZone"],
            image_id=one["ImageId"],
        )
        for reservation in page["Reservations"]
        for one in reservation["Instances"]
        # An ended instance loses its network interface in the API; nothing is built for it.
        if one.get("SubnetId") and one.get("NetworkInterfaces")
    ]


def _table_of(subnet_id: str, vpc_id: str, tables: Any) -> str:
    """The route table associated with the subnet, else its VPC's main one."""
    main = ""
    for table in tables:
        if table["VpcId"] != vpc_id:
            continue
        for association in table["Associations"]:
            if association.get("SubnetId") == subnet_id:
                return str(table["RouteTableId"])
            if association.get("Main"):
                main = str(table["RouteTableId"])
    return main


def _routes(table: Any) -> tuple[Route, ...]:
    found = []
    for route in table["Routes"]:
        target = route.get("NetworkInterfaceId") or route.get("InstanceId") or route.get("GatewayId") or ""
        if "DestinationCidrBlock" in route and target != "local":
            found.append(Route(IPv4Network(route["DestinationCidrBlock"]), target))
    return tuple(found)


def _group(group: Any) -> Group:
    return Group(
        id=group["GroupId"],
        ingress=tuple(_permission(one) for one in group["IpPermissions"]),
        egress=tuple(_permission(one) for one in group["IpPermissionsEgress"]),
    )


def _permission(one: Any) -> Permission:
    return Permission(
        protocol=one["IpProtocol"],
        from_port=one.get("FromPort", -1),
        to_port=one.get("ToPort", -1),
        networks=tuple(IPv4Network(network["CidrIp"]) for network in one["IpRanges"]),
        groups=tuple(pair["GroupId"] for pair in one["UserIdGroupPairs"]),
    )
