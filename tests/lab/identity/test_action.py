"""Which permission a call needs."""

from __future__ import annotations

import pytest

from contract.errors import SettingError
from lab.identity.action import Call, needed


def call(method: str, path: str, query: str = "", *, service: str = "s3", **more: object) -> Call:
    headers = dict(more.get("headers") or {})  # type: ignore[call-overload]
    body = more.get("body") or b""
    assert isinstance(body, bytes)
    return Call(service, "eu-central-1", method, path, query, headers, body)


@pytest.mark.parametrize(
    ("method", "path", "query", "action", "resource"),
    [
        ("GET", "/b/k/x", "", "s3:GetObject", "arn:aws:s3:::b/k/x"),
        ("HEAD", "/b/k", "", "s3:GetObject", "arn:aws:s3:::b/k"),
        ("PUT", "/b/k", "", "s3:PutObject", "arn:aws:s3:::b/k"),
        ("POST", "/b/k", "uploads", "s3:PutObject", "arn:aws:s3:::b/k"),
        ("PUT", "/b/k", "partNumber=1&uploadId=u", "s3:PutObject", "arn:aws:s3:::b/k"),
        ("DELETE", "/b/k", "uploadId=u", "s3:AbortMultipartUpload", "arn:aws:s3:::b/k"),
        ("DELETE", "/b/k", "", "s3:DeleteObject", "arn:aws:s3:::b/k"),
        ("GET", "/b", "list-type=2&prefix=runs%2F", "s3:ListBucket", "arn:aws:s3:::b"),
        ("GET", "/b", "location", "s3:GetBucketLocation", "arn:aws:s3:::b"),
        ("PUT", "/b", "", "s3:CreateBucket", "arn:aws:s3:::b"),
        ("PUT", "/b", "policy", "s3:PutBucketPolicy", "arn:aws:s3:::b"),
        ("GET", "/", "", "s3:ListAllMyBuckets", "*"),
    ],
)
def test_s3_by_method_and_path(method: str, path: str, query: str, action: str, resource: str) -> None:
    (one,) = needed(call(method, path, query), "1")
    assert (one.action, one.resource) == (action, resource)


def test_a_listing_carries_its_prefix() -> None:
    (one,) = needed(call("GET", "/b", "list-type=2&prefix=runs%2F1"), "1")
    assert one.context["s3:prefix"] == "runs/1"


def test_deleting_many_needs_each() -> None:
    body = b'<Delete xmlns="x"><Object><Key>a</Key></Object><Object><Key>b/c</Key></Object></Delete>'
    found = needed(call("POST", "/b", "delete", body=body), "1")
    assert [one.resource for one in found] == ["arn:aws:s3:::b/a", "arn:aws:s3:::b/b/c"]


def test_a_copy_reads_its_source_too() -> None:
    found = needed(call("PUT", "/b/k", headers={"x-amz-copy-source": "/c/s%20x"}), "1")
    assert [(one.action, one.resource) for one in found][1] == ("s3:GetObject", "arn:aws:s3:::c/s x")


def test_what_is_not_known_is_refused_by_name() -> None:
    with pytest.raises(SettingError, match=r"GET /b\?analytics"):
        needed(call("GET", "/b", "analytics"), "1")


def test_query_and_json_services_name_their_action() -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    body = b"Action=TerminateInstances&InstanceId.1=i-1&Version=2016-11-15"
    (one,) = needed(call("POST", "/", service="ec2", headers=form, body=body), "1")
    assert one.action == "ec2:TerminateInstances"
    assert one.resource == "arn:aws:ec2:eu-central-1:1:instance/i-1"
    target = {"x-amz-target": "AmazonSSM.GetParameter"}
    (two,) = needed(call("POST", "/", service="ssm", headers=target, body=b'{"Name": "/a/b"}'), "1")
    assert (two.action, two.resource) == ("ssm:GetParameter", "arn:aws:ssm:eu-central-1:1:parameter/a/b")
