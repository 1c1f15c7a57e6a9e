"""The bucket of a cluster: host keys and results. Private, encrypted, TLS only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.tags import Tags

ABORT_UPLOADS_AFTER_DAYS = 1
"""An upload that a dying machine left unfinished costs money and shows nowhere."""


@dataclass(frozen=True, kw_only=True)
class BucketArgs:
    """Nothing to choose: every cluster's bucket is the same."""

    tags: Tags


class Bucket(pulumi.ComponentResource):
    """The bucket with all that keeps it shut.

    `force_destroy` stays off, so that no path deletes results by the way: a bucket is emptied by
    `fab destroy` alone, after it has seen that they were pulled. Versioning is off (the default):
    objects are written once, and old versions would outlive their deletion.
    """

    def __init__(self, name: str, args: BucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("clusterbed:infra:Bucket", name, None, opts)
        below = pulumi.ResourceOptions(parent=self)
        self.bucket = aws.s3.Bucket(
            f"{name}-results", force_destroy=False, tags=args.tags.named("results"), opts=below
        )
        block = aws.s3.BucketPublicAccessBlock(
            f"{name}-results",
            bucket=self.bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=below,
        )
        aws.s3.BucketOwnershipControls(
            f"{name}-results",
            bucket=self.bucket.id,
            rule={"object_ownership": "BucketOwnerEnforced"},
            opts=below,
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{name}-results",
            bucket=self.bucket.id,
            rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
            opts=below,
        )
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-results",
            bucket=self.bucket.id,
            rules=[
                {
                    "id": "unfinished-uploads",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "abort_incomplete_multipart_upload": {"days_after_initiation": ABORT_UPLOADS_AFTER_DAYS},
                }
            ],
            opts=below,
        )
        aws.s3.BucketPolicy(
            f"{name}-results",
            bucket=self.bucket.id,
            policy=self.bucket.arn.apply(lambda arn: json.dumps(tls_only(arn))),
            # S3 refuses two changes of a bucket's access at once.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[block]),
        )
        self.register_outputs({"bucket": self.bucket.bucket})


def tls_only(bucket_arn: str) -> dict[str, Any]:
    """The bucket policy that refuses every request that is not encrypted on its way."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [bucket_arn, f"{bucket_arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
