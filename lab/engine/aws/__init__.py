"""The table: Pulumi's AWS types and functions, and what stands behind each."""

from __future__ import annotations

from collections.abc import Mapping

from lab.engine.aws import lookups
from lab.engine.aws.bucket import Bucket
from lab.engine.aws.bucket_lifecycle import BucketLifecycle
from lab.engine.aws.bucket_policy import BucketPolicy
from lab.engine.aws.bucket_settings import OwnershipControls, PublicAccessBlock, ServerSideEncryption
from lab.engine.aws.instance import Instance
from lab.engine.aws.instance_profile import InstanceProfile
from lab.engine.aws.internet_gateway import InternetGateway
from lab.engine.aws.key_pair import KeyPair
from lab.engine.aws.lookups import Lookup
from lab.engine.aws.role import Role, RolePolicy
from lab.engine.aws.route import Route
from lab.engine.aws.route_table import RouteTable, RouteTableAssociation
from lab.engine.aws.security_group import SecurityGroup
from lab.engine.aws.security_group_rule import SecurityGroupEgressRule, SecurityGroupIngressRule
from lab.engine.aws.subnet import Subnet
from lab.engine.aws.vpc import Vpc
from lab.engine.kind import Kind, names

KINDS: Mapping[str, type[Kind]] = {
    kind.pulumi_type: kind
    for kind in (
        Bucket,
        BucketLifecycle,
        BucketPolicy,
        Instance,
        InstanceProfile,
        InternetGateway,
        KeyPair,
        OwnershipControls,
        PublicAccessBlock,
        Role,
        RolePolicy,
        Route,
        RouteTable,
        RouteTableAssociation,
        SecurityGroup,
        SecurityGroupEgressRule,
        SecurityGroupIngressRule,
        ServerSideEncryption,
        Subnet,
        Vpc,
    )
}

LOOKUPS: Mapping[str, Lookup] = {
    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": Lookup(
        names("filters locationType"), lookups.get_instance_type_offerings
    ),
    "aws:index/getAvailabilityZones:getAvailabilityZones": Lookup(
        names("state"), lookups.get_availability_zones
    ),
    "aws:index/getCallerIdentity:getCallerIdentity": Lookup(names(""), lookups.get_caller_identity),
    "aws:index/getRegion:getRegion": Lookup(names(""), lookups.get_region),
    "aws:ssm/getParameter:getParameter": Lookup(names("name withDecryption"), lookups.get_parameter),
}
