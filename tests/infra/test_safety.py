"""The safety rules, asserted on everything that the program registers."""

from __future__ import annotations

import inspect
import json
import re

import pulumi_aws as aws
import pytest
from pulumi_aws import ec2, iam, s3, vpc

from contract.cluster import CLUSTER_TAG
from infra.boot import LIMIT_BYTES

INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
WORLD = {"0.0.0.0/0", "::/0"}

MODULES = {"ec2": ec2, "iam": iam, "s3": s3, "vpc": vpc}


def resource_class(token: str) -> type[aws.ec2.Instance]:
    """`aws:ec2/vpc:Vpc` → `pulumi_aws.ec2.Vpc`."""
    _, module, name = token.split(":")
    return getattr(MODULES[module.split("/")[0]], name)


def test_nothing_is_open_to_the_world_in_hardened(build):
    rules = build().cloud.of(INGRESS)
    assert rules
    for name, rule in rules.items():
        assert rule.get("cidrIpv4") not in WORLD, name
        assert "cidrIpv6" not in rule, name
        assert "prefixListId" not in rule, name


def test_hardened_lets_in_one_address_on_one_port_and_else_only_the_clusters_own_groups(build):
    rules = build().cloud.of(INGRESS).values()
    from_addresses = [rule for rule in rules if "cidrIpv4" in rule]
    assert [(rule["cidrIpv4"], rule["fromPort"], rule["toPort"]) for rule in from_addresses] == [
        ("203.0.113.7/32", 22, 22)
    ]
    groups = {"spark-ray-head-id", "spark-ray-worker-id"}
    assert {rule["referencedSecurityGroupId"] for rule in rules if "cidrIpv4" not in rule} <= groups


def test_no_ingress_rule_of_hardened_opens_all_ports(build):
    for name, rule in build().cloud.of(INGRESS).items():
        assert rule["ipProtocol"] in {"tcp", "udp"}, name
        assert rule["toPort"] - rule["fromPort"] < 200, name


def test_groups_have_no_rules_of_their_own_beside_the_rule_resources(build):
    for group in build().cloud.of("aws:ec2/securityGroup:SecurityGroup").values():
        assert "ingress" not in group
        assert "egress" not in group


def test_no_network_has_ipv6(build):
    cloud = build().cloud
    assert "assignGeneratedIpv6CidrBlock" not in cloud.one("aws:ec2/vpc:Vpc")
    assert all("ipv6CidrBlock" not in subnet for subnet in cloud.of("aws:ec2/subnet:Subnet").values())


@pytest.mark.parametrize("profile", ["hardened", "documented"])
def test_every_taggable_resource_carries_the_clusters_tag(build, profile):
    cloud = build(network={"firewall": profile}).cloud
    taggable = 0
    for (token, name), inputs in cloud.resources.items():
        if not token.startswith("aws:"):
            continue
        if "tags" in inspect.signature(resource_class(token)._internal_init).parameters:
            taggable += 1
            assert inputs["tags"][CLUSTER_TAG] == "spark-ray", f"{token} {name}"
            assert inputs["tags"]["Name"].startswith("spark-ray-"), f"{token} {name}"
    assert taggable > 10


def test_volumes_are_tagged_encrypted_and_go_with_their_machine(build):
    for machine in build().instances.values():
        volume = machine["rootBlockDevice"]
        assert volume["encrypted"] is True
        assert volume["deleteOnTermination"] is True
        assert volume["tags"][CLUSTER_TAG] == "spark-ray"


def test_the_metadata_service_answers_version_2_only_and_one_hop_away(build):
    for machine in build().instances.values():
        assert machine["metadataOptions"] == {
            "httpEndpoint": "enabled",
            "httpTokens": "required",
            "httpPutResponseHopLimit": 1,
        }


def test_no_allow_statement_has_a_wildcard_action_or_resource(build):
    cloud = build().cloud
    policies = [
        cloud.one("aws:iam/rolePolicy:RolePolicy")["policy"],
        cloud.one("aws:iam/role:Role")["assumeRolePolicy"],
        cloud.one("aws:s3/bucketPolicy:BucketPolicy")["policy"],
    ]
    for statement in (part for policy in policies for part in json.loads(policy)["Statement"]):
        if statement["Effect"] != "Allow":
            continue
        actions, resources = as_list(statement["Action"]), as_list(statement.get("Resource", []))
        assert not [action for action in actions if "*" in action]
        assert not [resource for resource in resources if "*" in resource.split("/")[0]]
        assert statement.get("Principal") != "*"


def test_machines_may_touch_their_own_bucket_alone(build):
    policy = json.loads(build().cloud.one("aws:iam/rolePolicy:RolePolicy")["policy"])
    allowed = {
        (action, resource)
        for statement in policy["Statement"]
        for action in statement["Action"]
        for resource in statement["Resource"]
    }
    bucket = "arn:aws:s3:::spark-ray-results-0a1b2c3"
    assert allowed == {
        ("s3:PutObject", f"{bucket}/hostkeys/*"),
        ("s3:GetObject", f"{bucket}/runs/*"),
        ("s3:PutObject", f"{bucket}/runs/*"),
        ("s3:AbortMultipartUpload", f"{bucket}/runs/*"),
        ("s3:ListBucket", bucket),
    }


def test_a_published_host_key_can_be_written_once_only(build):
    policy = json.loads(build().cloud.one("aws:iam/rolePolicy:RolePolicy")["policy"])
    (publish,) = [part for part in policy["Statement"] if part["Resource"][0].endswith("/hostkeys/*")]
    assert publish["Condition"] == {"Null": {"s3:if-none-match": "false"}}


def test_the_bucket_is_private_encrypted_and_tls_only(build):
    cloud = build().cloud
    block = cloud.one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
    assert all(
        block[key] is True
        for key in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    )
    ownership = cloud.one("aws:s3/bucketOwnershipControls:BucketOwnershipControls")
    assert ownership["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
    encryption = cloud.one(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    )
    assert encryption["rules"][0]["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}
    (deny,) = json.loads(cloud.one("aws:s3/bucketPolicy:BucketPolicy")["policy"])["Statement"]
    assert deny["Effect"] == "Deny"
    assert deny["Principal"] == "*"
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_pulumi_alone_never_deletes_results(build):
    assert build().cloud.one("aws:s3/bucket:Bucket")["forceDestroy"] is False


def test_a_machine_that_powers_off_is_gone(build):
    for machine in build().instances.values():
        assert machine["instanceInitiatedShutdownBehavior"] == "terminate"


SECRET = re.compile(
    r"PRIVATE KEY|(?:AKIA|ASIA)[A-Z0-9]{16}|password|passwd|secret\s*[:=]\s*\S", re.IGNORECASE
)


def test_user_data_holds_no_secret_and_fits(build, tmp_path):
    built = build(machines={"workers": 64})
    private = (tmp_path / "home" / "keys" / "spark-ray").read_text().splitlines()[1]
    for name, machine in built.instances.items():
        user_data = machine["userData"]
        assert private not in user_data, name
        assert not SECRET.search(user_data), name
        assert len(user_data.encode()) < LIMIT_BYTES, name


def as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
