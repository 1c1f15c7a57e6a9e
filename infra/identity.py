"""The role of the machines: it publishes host keys, and reads and writes results of runs. Nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.tags import Tags

EC2_MAY_ASSUME = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


@dataclass(frozen=True, kw_only=True)
class IdentityArgs:
    """The ARN of the one bucket the machines may touch."""

    bucket_arn: pulumi.Input[str]
    tags: Tags


class Identity(pulumi.ComponentResource):
    """The role, its policy and the instance profile that hands it to machines.

    `created_at` is when the cloud made the role, by the cloud's clock (RFC 3339). The cluster's deadline
    counts from it: it is stored with the resource, so every later `up` sees the same.
    """

    def __init__(self, name: str, args: IdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("clusterbed:infra:Identity", name, None, opts)
        below = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{name}-node",
            description=f"Machines of cluster {args.tags.cluster}",
            assume_role_policy=json.dumps(EC2_MAY_ASSUME),
            tags=args.tags.named("node"),
            opts=below,
        )
        bucket_arn = pulumi.Output.from_input(args.bucket_arn)
        self.policy = aws.iam.RolePolicy(
            f"{name}-node",
            role=role.name,
            policy=bucket_arn.apply(lambda arn: json.dumps(node_policy(arn))),
            opts=below,
        )
        self.profile = aws.iam.InstanceProfile(
            f"{name}-node", role=role.name, tags=args.tags.named("node"), opts=below
        )
        self.created_at: pulumi.Output[str] = role.create_date
        self.register_outputs({"profile": self.profile.name})


def node_policy(bucket_arn: str) -> dict[str, Any]:
    """What a machine may do.

    AWS offers no variable for the bare instance id, so a machine cannot be held to
    `hostkeys/<its own id>`. It is held to writing once instead: a key that stands there cannot be
    replaced, read or deleted by any machine of the cluster.
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "PublishHostKeysOnce",
                "Effect": "Allow",
                "Action": ["s3:PutObject"],
                "Resource": [f"{bucket_arn}/hostkeys/*"],
                "Condition": {"Null": {"s3:if-none-match": "false"}},
            },
            {
                "Sid": "Results",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"],
                "Resource": [f"{bucket_arn}/runs/*"],
            },
            {
                "Sid": "ListResults",
                "Effect": "Allow",
                "Action": ["s3:ListBucket"],
                "Resource": [bucket_arn],
                "Condition": {"StringLike": {"s3:prefix": ["runs/*"]}},
            },
        ],
    }
