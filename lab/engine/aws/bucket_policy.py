"""aws:s3/bucketPolicy:BucketPolicy."""

from __future__ import annotations

from typing import Any

from lab.engine.aws.bucket_settings import BucketSetting
from lab.engine.aws.document import same_json
from lab.engine.kind import names
from lab.engine.values import Properties


class BucketPolicy(BucketSetting):
    """What the bucket itself says about who may do what."""

    pulumi_type = "aws:s3/bucketPolicy:BucketPolicy"
    updates = names("policy")

    def put(self, bucket: str, inputs: Properties) -> None:
        self.cloud.s3.put_bucket_policy(Bucket=bucket, Policy=inputs["policy"])

    def get(self, bucket: str) -> Properties:
        return {"policy": self.cloud.s3.get_bucket_policy(Bucket=bucket)["Policy"]}

    def read(self, id_: str, inputs: Properties) -> Properties | None:
        found = super().read(id_, inputs)
        return found and {**found, "policy": same_json(found["policy"], inputs.get("policy"))}

    def drop(self, bucket: str) -> Any:
        return self.cloud.s3.delete_bucket_policy(Bucket=bucket)
