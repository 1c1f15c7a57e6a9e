"""Which permissions a request to the AWS API needs.

Query services (EC2, IAM, STS …) name their action in the body, JSON services in a header; S3 says it
by method and path, and the permission's name is often not the operation's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote
from xml.etree import ElementTree

from contract.errors import SettingError
from lab.identity.policy import Request


@dataclass(frozen=True, slots=True)
class Call:
    """A request to the API, as it came in. `path` is decoded."""

    service: str
    region: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def parameters(self) -> dict[str, str]:
        """The named values of a query service's body, or of the address."""
        form = self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        text = self.body.decode() if form else self.query
        return {key: values[0] for key, values in parse_qs(text, keep_blank_values=True).items()}

    @property
    def action(self) -> str:
        """The API's action, such as `RunInstances`; empty for S3."""
        target = self.headers.get("x-amz-target", "")
        return target.rpartition(".")[2] if target else self.parameters.get("Action", "")


_BUCKET_READS = {
    "acl": "GetBucketAcl",
    "encryption": "GetEncryptionConfiguration",
    "lifecycle": "GetLifecycleConfiguration",
    "location": "GetBucketLocation",
    "policy": "GetBucketPolicy",
    "publicAccessBlock": "GetBucketPublicAccessBlock",
    "tagging": "GetBucketTagging",
    "uploads": "ListBucketMultipartUploads",
    "versioning": "GetBucketVersioning",
    "versions": "ListBucketVersions",
}
_BUCKET_WRITES = {
    "acl": "PutBucketAcl",
    "encryption": "PutEncryptionConfiguration",
    "lifecycle": "PutLifecycleConfiguration",
    "policy": "PutBucketPolicy",
    "publicAccessBlock": "PutBucketPublicAccessBlock",
    "tagging": "PutBucketTagging",
    "versioning": "PutBucketVersioning",
}
_BUCKET_DELETES = {"policy": "DeleteBucketPolicy", "tagging": "PutBucketTagging"}
_OBJECT = {
    ("GET", "acl"): "GetObjectAcl",
    ("GET", "tagging"): "GetObjectTagging",
    ("GET", "uploadId"): "ListMultipartUploadParts",
    ("PUT", "acl"): "PutObjectAcl",
    ("PUT", "tagging"): "PutObjectTagging",
    ("PUT", "uploadId"): "PutObject",
    ("POST", "uploads"): "PutObject",
    ("POST", "uploadId"): "PutObject",
    ("DELETE", "uploadId"): "AbortMultipartUpload",
    ("DELETE", "tagging"): "DeleteObjectTagging",
    ("GET", ""): "GetObject",
    ("HEAD", ""): "GetObject",
    ("PUT", ""): "PutObject",
    ("DELETE", ""): "DeleteObject",
}


def needed(call: Call, account: str) -> list[Request]:
    """All permissions the call needs; every one of them must be granted.

    Raises:
        SettingError: the lab does not know what this call needs.
    """
    if call.service == "s3":
        return _s3(call)
    context = {"aws:securetransport": "true", "aws:requestedregion": call.region}
    parameters = call.parameters
    resources = [parameters["RoleArn"]] if "RoleArn" in parameters else []
    if call.service == "ec2":
        resources = [
            f"arn:aws:ec2:{call.region}:{account}:instance/{value}"
            for key, value in parameters.items()
            if key.startswith("InstanceId") and not call.action.startswith("Describe")
        ]
    if call.service == "ssm" and call.body:
        values = json.loads(call.body)
        names = [values["Name"]] if "Name" in values else values.get("Names", [])
        resources = [f"arn:aws:ssm:{call.region}:{account}:parameter/{name.lstrip('/')}" for name in names]
    return [Request(f"{call.service}:{call.action}", one, context) for one in resources or ["*"]]


def _s3(call: Call) -> list[Request]:
    query = {key: values[0] for key, values in parse_qs(call.query, keep_blank_values=True).items()}
    bucket, _, key = call.path.lstrip("/").partition("/")
    # The lab has no TLS; what asks for it is not refused for that.
    context = {"aws:securetransport": "true", "aws:requestedregion": call.region}
    context |= {f"s3:{name}": query[name] for name in ("prefix", "delimiter", "max-keys") if name in query}
    context |= {
        f"s3:{name}": call.headers[name] for name in ("if-match", "if-none-match") if name in call.headers
    }
    encryption = call.headers.get("x-amz-server-side-encryption")
    if encryption:
        context["s3:x-amz-server-side-encryption"] = encryption
    if not bucket:
        return [Request("s3:ListAllMyBuckets", "*", context)]
    if not key:
        if call.method == "POST" and "delete" in query:
            return [_request("DeleteObject", f"{bucket}/{one}", context) for one in _deleted(call.body)]
        return [_request(_bucket_action(call, query), bucket, context)]
    wanted = [_request(_object_action(call, query), f"{bucket}/{key}", context)]
    source = call.headers.get("x-amz-copy-source")
    if source:
        wanted.append(_request("GetObject", unquote(source).lstrip("/").partition("?")[0], context))
    return wanted


def _request(action: str, resource: str, context: Mapping[str, str]) -> Request:
    return Request(f"s3:{action}", f"arn:aws:s3:::{resource}", context)


def _bucket_action(call: Call, query: Mapping[str, str]) -> str:
    tables = {"GET": _BUCKET_READS, "HEAD": {}, "PUT": _BUCKET_WRITES, "DELETE": _BUCKET_DELETES}
    plain = {"GET": "ListBucket", "HEAD": "ListBucket", "PUT": "CreateBucket", "DELETE": "DeleteBucket"}
    for name, action in tables.get(call.method, {}).items():
        if name in query:
            return action
    if call.method not in plain or not _PLAIN_LISTING.issuperset(query):
        raise _unknown(call)
    return plain[call.method]


_PLAIN_LISTING = {
    "list-type",
    "prefix",
    "delimiter",
    "max-keys",
    "encoding-type",
    "continuation-token",
    "start-after",
    "fetch-owner",
    "marker",
}


def _object_action(call: Call, query: Mapping[str, str]) -> str:
    for (method, name), action in _OBJECT.items():
        if method == call.method and (name == "" or name in query):
            return action
    raise _unknown(call)


def _deleted(body: bytes) -> list[str]:
    root = ElementTree.fromstring(body)  # noqa: S314 - signed by one of the lab's own identities
    return [key.text or "" for key in root.iter() if key.tag.rpartition("}")[2] == "Key"]


def _unknown(call: Call) -> SettingError:
    return SettingError(
        f"the lab does not know which permission S3's {call.method} {call.path}?{call.query} needs",
        way_out="Add it to lab/identity/action.py.",
    )
