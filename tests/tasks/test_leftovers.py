"""After teardown every service is asked what still carries the cluster's tag, and nothing else counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from contract.cluster import CLUSTER_TAG
from tasks.leftovers import leftovers

OURS = [{"Key": CLUSTER_TAG, "Value": "mine"}]
OTHERS = [{"Key": CLUSTER_TAG, "Value": "theirs"}]


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.Session]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield boto3.Session(region_name="eu-central-1")


def make_one_of_each(session: boto3.Session, tags: list[dict[str, str]], name: str) -> str:
    """One resource of every kind, tagged; the id of the instance."""
    ec2: Any = session.client("ec2")

    def tagged(kind: str) -> dict[str, Any]:
        return {"TagSpecifications": [{"ResourceType": kind, "Tags": tags}]}

    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", **tagged("vpc"))["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24", **tagged("subnet"))["Subnet"]["SubnetId"]
    ec2.create_route_table(VpcId=vpc, **tagged("route-table"))
    ec2.create_internet_gateway(**tagged("internet-gateway"))
    ec2.create_security_group(GroupName=name, Description="d", VpcId=vpc, **tagged("security-group"))
    ec2.create_key_pair(KeyName=name, **tagged("key-pair"))
    ec2.create_volume(AvailabilityZone="eu-central-1a", Size=1, **tagged("volume"))
    ec2.allocate_address(Domain="vpc", **tagged("elastic-ip"))
    image = ec2.describe_images()["Images"][0]["ImageId"]
    run = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, SubnetId=subnet, **tagged("instance"))
    s3: Any = session.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})
    session.client("ssm").put_parameter(Name=f"/{name}", Value="v", Type="String", Tags=tags)  # type: ignore[arg-type]
    iam: Any = session.client("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}", Tags=tags)
    iam.create_instance_profile(InstanceProfileName=name, Tags=tags)
    return str(run["Instances"][0]["InstanceId"])


def test_every_kind_of_the_cluster_is_found_and_nothing_of_another(session: boto3.Session) -> None:
    make_one_of_each(session, OURS, "mine")
    make_one_of_each(session, OTHERS, "theirs")
    boto3.client("s3").create_bucket(Bucket="untagged")
    found = leftovers(session, "mine")
    kinds = sorted({item.kind for item in found})
    assert kinds == [
        "address", "bucket", "instance", "instance profile", "internet gateway", "key pair",
        "parameter", "role", "route table", "security group", "subnet", "volume", "vpc",
    ]  # fmt: skip
    assert not any("theirs" in item.id for item in found)


def test_a_terminated_instance_does_not_count(session: boto3.Session) -> None:
    instance = make_one_of_each(session, OURS, "mine")
    session.client("ec2").terminate_instances(InstanceIds=[instance])
    assert instance not in {item.id for item in leftovers(session, "mine")}


def test_nothing_is_an_empty_list(session: boto3.Session) -> None:
    assert leftovers(session, "mine") == ()
