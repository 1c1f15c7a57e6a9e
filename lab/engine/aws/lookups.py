"""The functions of Pulumi's AWS provider that the program may call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lab.engine.cloud import Cloud
from lab.engine.values import Properties, secret


@dataclass(frozen=True, slots=True)
class Lookup:
    """A function of the provider: the arguments it knows, and the call."""

    arguments: frozenset[str]
    call: Callable[[Cloud, Properties], Properties]


def get_parameter(cloud: Cloud, args: Properties) -> Properties:
    """aws:ssm/getParameter: `value` is secret; `insecureValue` is not, and empty for a SecureString."""
    found = cloud.ssm.get_parameter(Name=args["name"], WithDecryption=args.get("withDecryption", True))
    parameter: Any = found["Parameter"]
    encrypted = parameter["Type"] == "SecureString"
    return {
        "id": args["name"],
        "name": args["name"],
        "arn": parameter.get("ARN", cloud.arn("ssm", f"parameter/{args['name'].lstrip('/')}")),
        "type": parameter["Type"],
        "value": secret(parameter["Value"]),
        "insecureValue": "" if encrypted else parameter["Value"],
        "version": parameter.get("Version", 1),
        "withDecryption": args.get("withDecryption", True),
        "region": cloud.region,
    }


def get_instance_type_offerings(cloud: Cloud, args: Properties) -> Properties:
    """aws:ec2/getInstanceTypeOfferings: three lists of equal length."""
    filters: Any = [{"Name": one["name"], "Values": one["values"]} for one in args.get("filters", [])]
    kind: Any = args.get("locationType", "region")
    pages = cloud.ec2.get_paginator("describe_instance_type_offerings").paginate(
        LocationType=kind, Filters=filters
    )
    found: Any = [offering for page in pages for offering in page["InstanceTypeOfferings"]]
    return {
        "id": cloud.region,
        "filters": args.get("filters"),
        "locationType": args.get("locationType"),
        "instanceTypes": [one["InstanceType"] for one in found],
        "locations": [one["Location"] for one in found],
        "locationTypes": [one["LocationType"] for one in found],
        "region": cloud.region,
    }


def get_availability_zones(cloud: Cloud, args: Properties) -> Properties:
    """aws:index/getAvailabilityZones: those in the state asked for, or all."""
    found: Any = cloud.ec2.describe_availability_zones()["AvailabilityZones"]
    wanted = args.get("state")
    zones = [zone for zone in found if wanted in {None, zone["State"]}]
    return {
        "id": cloud.region,
        "state": wanted,
        "names": [zone["ZoneName"] for zone in zones],
        "zoneIds": [zone["ZoneId"] for zone in zones],
        "groupNames": sorted({zone.get("GroupName", cloud.region) for zone in zones}),
        "region": cloud.region,
    }


def get_caller_identity(cloud: Cloud, args: Properties) -> Properties:  # noqa: ARG001
    """aws:index/getCallerIdentity."""
    found = cloud.sts.get_caller_identity()
    account = found["Account"]
    return {"id": account, "accountId": account, "arn": found["Arn"], "userId": found["UserId"]}


def get_region(cloud: Cloud, args: Properties) -> Properties:  # noqa: ARG001
    """aws:index/getRegion."""
    region = cloud.region
    return {"id": region, "name": region, "region": region, "endpoint": f"ec2.{region}.amazonaws.com"}
