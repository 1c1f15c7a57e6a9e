"""What the cloud still holds under a cluster's tag, asked of every service the cluster uses.

Services that know tags are asked by tag filter; IAM, which has none, is listed and every role's tags
are read. Terminated instances stay listed by EC2 for an hour or so and cost nothing: they do not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

from contract.cluster import CLUSTER_TAG

_EC2_KINDS = (
    # (kind, operation, key of the list, key of the id)
    ("volume", "describe_volumes", "Volumes", "VolumeId"),
    ("network interface", "describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"),
    ("address", "describe_addresses", "Addresses", "AllocationId"),
    ("security group", "describe_security_groups", "SecurityGroups", "GroupId"),
    ("subnet", "describe_subnets", "Subnets", "SubnetId"),
    ("route table", "describe_route_tables", "RouteTables", "RouteTableId"),
    ("internet gateway", "describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    ("key pair", "describe_key_pairs", "KeyPairs", "KeyPairId"),
    ("vpc", "describe_vpcs", "Vpcs", "VpcId"),
)


@dataclass(frozen=True, slots=True, order=True)
class Leftover:
    """A resource that is still there."""

    service: str
    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.service} {self.kind} {self.id}"


def leftovers(session: boto3.Session, cluster: str) -> tuple[Leftover, ...]:
    """Everything that still carries `clusterbed:cluster = <cluster>`."""
    searches: tuple[Callable[[boto3.Session, str], Iterator[Leftover]], ...] = (
        _instances,
        _ec2,
        _buckets,
        _parameters,
        _identity,
    )
    return tuple(sorted({found for search in searches for found in search(session, cluster)}))


def _by_tag(cluster: str) -> list[dict[str, Any]]:
    return [{"Name": f"tag:{CLUSTER_TAG}", "Values": [cluster]}]


def _instances(session: boto3.Session, cluster: str) -> Iterator[Leftover]:
    client: Any = session.client("ec2")
    for page in client.get_paginator("describe_instances").paginate(Filters=_by_tag(cluster)):
        for reservation in page["Reservations"]:
            for instance in reservation["Instances"]:
                if instance["State"]["Name"] != "terminated":
                    yield Leftover("ec2", "instance", instance["InstanceId"])


def _ec2(session: boto3.Session, cluster: str) -> Iterator[Leftover]:
    client: Any = session.client("ec2")
    for kind, operation, listing, identifier in _EC2_KINDS:
        # One page holds them all: a cluster has a handful of each, and the filter is applied first.
        for item in getattr(client, operation)(Filters=_by_tag(cluster))[listing]:
            yield Leftover("ec2", kind, item[identifier])


def _buckets(session: boto3.Session, cluster: str) -> Iterator[Leftover]:
    client: Any = session.client("s3")
    for bucket in client.list_buckets()["Buckets"]:
        name = bucket["Name"]
        try:
            tags = client.get_bucket_tagging(Bucket=name)["TagSet"]
        except ClientError as error:
            # Untagged, gone since it was listed, or somebody else's: not ours.
            if error.response["Error"]["Code"] in {"NoSuchTagSet", "NoSuchBucket", "AccessDenied"}:
                continue
            raise
        if _carries(tags, cluster):
            yield Leftover("s3", "bucket", name)


def _parameters(session: boto3.Session, cluster: str) -> Iterator[Leftover]:
    client: Any = session.client("ssm")
    tagged = [{"Key": f"tag:{CLUSTER_TAG}", "Values": [cluster]}]
    for page in client.get_paginator("describe_parameters").paginate(ParameterFilters=tagged):
        for parameter in page["Parameters"]:
            yield Leftover("ssm", "parameter", parameter["Name"])


def _identity(session: boto3.Session, cluster: str) -> Iterator[Leftover]:
    # The listings leave tags out: each is read once more by its name.
    client: Any = session.client("iam")
    for page in client.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            name = role["RoleName"]
            if _carries(_tags_of(client.get_role, "Role", RoleName=name), cluster):
                yield Leftover("iam", "role", name)
    for page in client.get_paginator("list_instance_profiles").paginate():
        for profile in page["InstanceProfiles"]:
            name = profile["InstanceProfileName"]
            tags = _tags_of(client.get_instance_profile, "InstanceProfile", InstanceProfileName=name)
            if _carries(tags, cluster):
                yield Leftover("iam", "instance profile", name)


def _tags_of(operation: Callable[..., Any], key: str, **name: str) -> list[Any]:
    try:
        tags: list[Any] = operation(**name)[key].get("Tags", [])
    except ClientError as error:
        if error.response["Error"]["Code"] in {"NoSuchEntity", "AccessDenied"}:
            return []
        raise
    return tags


def _carries(tags: list[Any], cluster: str) -> bool:
    return any(tag["Key"] == CLUSTER_TAG and tag["Value"] == cluster for tag in tags)
