"""What configures a bucket: access block, ownership, encryption, lifecycle. Each one's id is the bucket."""

from __future__ import annotations

import abc
from typing import Any

from lab.engine.cloud import when_there
from lab.engine.kind import Kind, names
from lab.engine.values import Properties


class BucketSetting(Kind):
    """One configuration of a bucket: put as a whole, got, deleted."""

    replaces = names("bucket")

    @abc.abstractmethod
    def put(self, bucket: str, inputs: Properties) -> None:
        """Write the whole configuration."""

    @abc.abstractmethod
    def get(self, bucket: str) -> Properties:
        """The configuration as Pulumi has it."""

    @abc.abstractmethod
    def drop(self, bucket: str) -> Any:
        """Remove the configuration."""

    def create(self, inputs: Properties, token: str) -> str:
        self.put(inputs["bucket"], inputs)
        return str(inputs["bucket"])

    def find(self, inputs: Properties, token: str) -> str | None:
        return inputs["bucket"] if self.read(inputs["bucket"], inputs) else None

    def configure(self, id_: str, inputs: Properties, old: Properties | None) -> str:
        if old is not None:
            self.put(id_, inputs)
        return id_

    def read(self, id_: str, inputs: Properties) -> Properties | None:
        found = when_there(lambda: self.get(id_))
        return {"bucket": id_, **found} if found else None

    def delete(self, id_: str, state: Properties) -> None:
        when_there(lambda: self.drop(id_))


class PublicAccessBlock(BucketSetting):
    """Shuts the public out, whatever policies and ACLs say."""

    pulumi_type = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    updates = names("blockPublicAcls blockPublicPolicy ignorePublicAcls restrictPublicBuckets")

    def put(self, bucket: str, inputs: Properties) -> None:
        block: Any = {_upper(name): bool(inputs.get(name, False)) for name in self.updates}
        self.cloud.s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)

    def get(self, bucket: str) -> Properties:
        found = self.cloud.s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        return {_lower(name): value for name, value in found.items()}

    def drop(self, bucket: str) -> Any:
        return self.cloud.s3.delete_public_access_block(Bucket=bucket)


class OwnershipControls(BucketSetting):
    """Who owns what others put into the bucket."""

    pulumi_type = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
    updates = names("rule")
    blocks = {"rule": names("objectOwnership")}

    def put(self, bucket: str, inputs: Properties) -> None:
        rules: Any = {"Rules": [{"ObjectOwnership": inputs["rule"]["objectOwnership"]}]}
        self.cloud.s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=rules)

    def get(self, bucket: str) -> Properties:
        found = self.cloud.s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]
        return {"rule": {"objectOwnership": found["Rules"][0]["ObjectOwnership"]}}

    def drop(self, bucket: str) -> Any:
        return self.cloud.s3.delete_bucket_ownership_controls(Bucket=bucket)


class ServerSideEncryption(BucketSetting):
    """How objects are encrypted that say nothing of it."""

    pulumi_type = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    updates = names("rules")
    blocks = {
        "rules": names("applyServerSideEncryptionByDefault bucketKeyEnabled"),
        "rules.applyServerSideEncryptionByDefault": names("sseAlgorithm kmsMasterKeyId"),
    }

    def put(self, bucket: str, inputs: Properties) -> None:
        rules: Any = {"Rules": [_encryption(rule) for rule in inputs["rules"]]}
        self.cloud.s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rules)

    def get(self, bucket: str) -> Properties:
        found = self.cloud.s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
        rules = []
        for rule in found["Rules"]:
            default: Any = rule["ApplyServerSideEncryptionByDefault"]
            algorithm = {"sseAlgorithm": default["SSEAlgorithm"]}
            key = {"kmsMasterKeyId": default["KMSMasterKeyID"]} if "KMSMasterKeyID" in default else {}
            kept = {"bucketKeyEnabled": True} if rule.get("BucketKeyEnabled") else {}
            rules.append({"applyServerSideEncryptionByDefault": algorithm | key, **kept})
        return {"rules": rules}

    def drop(self, bucket: str) -> Any:
        return self.cloud.s3.delete_bucket_encryption(Bucket=bucket)


def _encryption(rule: Properties) -> Properties:
    default = rule["applyServerSideEncryptionByDefault"]
    key = {"KMSMasterKeyID": default["kmsMasterKeyId"]} if "kmsMasterKeyId" in default else {}
    written = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": default["sseAlgorithm"], **key}}
    kept = {"BucketKeyEnabled": rule["bucketKeyEnabled"]} if "bucketKeyEnabled" in rule else {}
    return {**written, **kept}


def _upper(name: str) -> str:
    return name[0].upper() + name[1:]


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]
