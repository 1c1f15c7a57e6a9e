"""aws:s3/bucket:Bucket."""

from __future__ import annotations

from typing import Any

from lab.engine.aws.tags import tag_outputs
from lab.engine.cloud import tag_list, when_there
from lab.engine.kind import Kind, names
from lab.engine.values import Properties

BATCH = 1000  # objects a DeleteObjects call takes
DEFAULT_REGION = "us-east-1"  # the one that CreateBucket does not want to be told


class Bucket(Kind):
    """A bucket. Its id is its name; what configures it are resources of their own.

    `forceDestroy` deletes its objects with it; without, deleting a bucket that holds any is refused.
    """

    pulumi_type = "aws:s3/bucket:Bucket"
    replaces = names("bucket")
    updates = names("forceDestroy tags")
    autoname = "bucket"

    def create(self, inputs: Properties, token: str) -> str:
        region = self.cloud.region
        place: Any = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        self.cloud.s3.create_bucket(Bucket=inputs["bucket"], **(place if region != DEFAULT_REGION else {}))
        return str(inputs["bucket"])

    def find(self, inputs: Properties, token: str) -> str | None:
        # CreateBucket takes no tags. The name is unique and ours: it was recorded before the call.
        name = inputs["bucket"]
        return str(name) if self._exists(name) else None

    def configure(self, id_: str, inputs: Properties, old: Properties | None) -> str:
        tags = inputs.get("tags") or {}
        if tags:
            self.cloud.s3.put_bucket_tagging(Bucket=id_, Tagging={"TagSet": tag_list(tags)})
        elif old is not None:
            self.cloud.s3.delete_bucket_tagging(Bucket=id_)
        return id_

    def read(self, id_: str, inputs: Properties) -> Properties | None:
        if not self._exists(id_):
            return None
        tagging = when_there(lambda: self.cloud.s3.get_bucket_tagging(Bucket=id_))
        region = self.cloud.region
        return {
            "arn": f"arn:aws:s3:::{id_}",
            "bucket": id_,
            "bucketDomainName": f"{id_}.s3.amazonaws.com",
            "bucketRegion": region,
            "bucketRegionalDomainName": f"{id_}.s3.{region}.amazonaws.com",
            "forceDestroy": bool(inputs.get("forceDestroy", False)),
            **tag_outputs(tagging["TagSet"] if tagging else None),
        }

    def delete(self, id_: str, state: Properties) -> None:
        if not self._exists(id_):
            return
        if state.get("forceDestroy"):
            self._empty(id_)
        when_there(lambda: self.cloud.s3.delete_bucket(Bucket=id_))

    def _exists(self, name: str) -> bool:
        return when_there(lambda: self.cloud.s3.head_bucket(Bucket=name)) is not None

    def _empty(self, name: str) -> None:
        s3 = self.cloud.s3
        for page in s3.get_paginator("list_object_versions").paginate(
            Bucket=name, PaginationConfig={"PageSize": BATCH}
        ):
            every = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            objects: Any = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in every]
            if objects:
                s3.delete_objects(Bucket=name, Delete={"Objects": objects, "Quiet": True})
