"""What the tests know of an account: everything in it, counted and by tag."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import boto3

REGION = "us-east-1"
IMAGE_PARAMETER = "/clusterbed/test/image"
GONE = {"shutting-down", "terminated"}


@dataclass(frozen=True)
class Account:
    session: boto3.Session
    endpoint: str

    def client(self, service: str) -> Any:
        return self.session.client(service, endpoint_url=self.endpoint, region_name=REGION)

    def census(self) -> dict[str, int]:
        """How many there are of each kind that a program can make; AWS's own defaults are left out."""
        ec2, iam, s3 = self.client("ec2"), self.client("iam"), self.client("s3")
        vpcs = [one["VpcId"] for one in ec2.describe_vpcs()["Vpcs"] if not one["IsDefault"]]
        ours = [{"Name": "vpc-id", "Values": vpcs or ["vpc-none"]}]
        groups = [
            one
            for one in ec2.describe_security_groups(Filters=ours)["SecurityGroups"]
            if one["GroupName"] != "default"
        ]
        ids = [one["GroupId"] for one in groups]
        tables = [
            one
            for one in ec2.describe_route_tables(Filters=ours)["RouteTables"]
            if not any(found.get("Main") for found in one["Associations"])
        ]
        rules = ec2.describe_security_group_rules()["SecurityGroupRules"]
        instances = [
            one
            for reservation in ec2.describe_instances()["Reservations"]
            for one in reservation["Instances"]
            if one["State"]["Name"] not in GONE
        ]
        roles = [one["RoleName"] for one in iam.list_roles()["Roles"] if one["Path"] == "/"]
        return {
            "vpcs": len(vpcs),
            "subnets": len(ec2.describe_subnets(Filters=ours)["Subnets"]),
            "gateways": len(ec2.describe_internet_gateways()["InternetGateways"]),
            "tables": len(tables),
            "associations": sum(len(one["Associations"]) for one in tables),
            "routes": sum(
                route.get("DestinationCidrBlock") == "0.0.0.0/0" for one in tables for route in one["Routes"]
            ),
            "groups": len(groups),
            "rules": sum(one["GroupId"] in ids for one in rules),
            "instances": len(instances),
            "interfaces": len(ec2.describe_network_interfaces(Filters=ours)["NetworkInterfaces"]),
            "volumes": len(ec2.describe_volumes()["Volumes"]),
            "keys": len(ec2.describe_key_pairs()["KeyPairs"]),
            "roles": len(roles),
            "policies": sum(len(iam.list_role_policies(RoleName=role)["PolicyNames"]) for role in roles),
            "profiles": len(iam.list_instance_profiles()["InstanceProfiles"]),
            "buckets": len(s3.list_buckets()["Buckets"]),
        }

    def tagged(self, cluster: str) -> list[str]:
        """The ARNs of all that carries the cluster's tag, by the API that is made for asking so."""
        pages = (
            self.client("resourcegroupstaggingapi")
            .get_paginator("get_resources")
            .paginate(TagFilters=[{"Key": "clusterbed:cluster", "Values": [cluster]}])
        )
        found = [one["ResourceARN"] for page in pages for one in page["ResourceTagMappingList"]]
        alive = {
            one["InstanceId"]
            for reservation in self.client("ec2").describe_instances()["Reservations"]
            for one in reservation["Instances"]
            if one["State"]["Name"] not in GONE
        }
        return [arn for arn in found if ":instance/" not in arn or arn.rpartition("/")[2] in alive]

    def empty(self) -> bool:
        return not any(self.census().values())


SMALL = {
    "vpcs": 1,
    "subnets": 1,
    "gateways": 1,
    "tables": 1,
    "associations": 1,
    "routes": 1,
    "groups": 1,
    "rules": 2,
    "instances": 1,
    "interfaces": 1,
    "volumes": 1,
    "keys": 0,
    "roles": 1,
    "policies": 1,
    "profiles": 1,
    "buckets": 1,
}
"""What the program `small` makes, no more and no less."""
