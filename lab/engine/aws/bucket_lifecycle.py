"""aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration."""

from __future__ import annotations

from typing import Any

from lab.engine.aws.bucket_settings import BucketSetting
from lab.engine.kind import names
from lab.engine.values import Properties


class BucketLifecycle(BucketSetting):
    """What ends by itself in a bucket, and when."""

    pulumi_type = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    updates = names("rules")
    blocks = {
        "rules": names("id status filter abortIncompleteMultipartUpload expiration"),
        "rules.filter": names("prefix"),
        "rules.abortIncompleteMultipartUpload": names("daysAfterInitiation"),
        "rules.expiration": names("days"),
    }

    def put(self, bucket: str, inputs: Properties) -> None:
        rules: Any = {"Rules": [_to_api(rule) for rule in inputs["rules"]]}
        self.cloud.s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=rules)

    def get(self, bucket: str) -> Properties:
        found = self.cloud.s3.get_bucket_lifecycle_configuration(Bucket=bucket)
        return {"rules": [_from_api(rule) for rule in found["Rules"]]}

    def drop(self, bucket: str) -> Any:
        return self.cloud.s3.delete_bucket_lifecycle(Bucket=bucket)


def _to_api(rule: Properties) -> Properties:
    written: Properties = {"ID": rule["id"], "Status": rule["status"]}
    written["Filter"] = {"Prefix": (rule.get("filter") or {}).get("prefix", "")}
    if upload := rule.get("abortIncompleteMultipartUpload"):
        days = upload["daysAfterInitiation"]
        written["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": days}
    if expiration := rule.get("expiration"):
        written["Expiration"] = {"Days": expiration["days"]}
    return written


def _from_api(rule: Any) -> Properties:
    read: Properties = {"id": rule["ID"], "status": rule["Status"]}
    read["filter"] = {"prefix": (rule.get("Filter") or {}).get("Prefix", "")}
    if upload := rule.get("AbortIncompleteMultipartUpload"):
        read["abortIncompleteMultipartUpload"] = {"daysAfterInitiation": upload["DaysAfterInitiation"]}
    if expiration := rule.get("Expiration"):
        read["expiration"] = {"days": expiration["Days"]}
    return read
