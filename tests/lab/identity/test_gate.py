"""The gate, asked by a real client over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from werkzeug.serving import make_server

from lab.identity.action import Call
from lab.identity.gate import Gate
from lab.identity.keys import LAPTOP_KEY_ID, Keys

ONCE = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})


@dataclass
class Stand:
    """A gate before an API that answers everything with an empty 200."""

    port: int = 0
    keys: Any = None
    policies: list[Any] = field(default_factory=list)
    bucket: list[Any] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    done: list[Call] = field(default_factory=list)
    now: float = 0.0

    def client(self, service: str, key_id: str, secret: str, token: str | None = None) -> Any:
        session = boto3.Session(key_id, secret, token, region_name="eu-central-1")
        return session.client(service, endpoint_url=f"http://127.0.0.1:{self.port}", config=ONCE)

    def node(self, service: str) -> Any:
        key = self.keys.of_instance("i-1", "node")
        return self.client(service, key.id, key.secret, key.token)


@pytest.fixture
def stand() -> Iterator[Stand]:
    made = Stand()
    made.keys = Keys("laptop-secret", lambda *_: ("ASIA1", "s", "t"), clock=lambda: made.now)

    def api(environ: Any, start_response: Any) -> list[bytes]:
        environ["wsgi.input"].read()
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]

    gate = Gate(
        api,
        made.keys,
        lambda role: made.policies if role == "node" else [],
        lambda bucket: made.bucket if bucket == "results" else [],
        "123456789012",
        before=lambda call: None,
        after=made.done.append,
        refuse=lambda names: "SlowDown" if set(names) & set(made.faults) else None,
    )
    server = make_server("127.0.0.1", 0, gate, threaded=True)
    made.port = server.port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made
    server.shutdown()


PUT_RUNS = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::results/runs/*"}


def refused(action: Any) -> str:
    with pytest.raises(ClientError) as caught:
        action()
    return str(caught.value.response["Error"]["Code"])


def test_the_laptop_may_do_all(stand: Stand) -> None:
    laptop = stand.client("s3", LAPTOP_KEY_ID, "laptop-secret")
    laptop.put_object(Bucket="results", Key="a b/ü+?", Body=b"x" * 100_000)
    assert stand.done[0].path == "/results/a b/ü+?"


def test_a_wrong_secret_or_key_passes_nobody(stand: Stand) -> None:
    assert refused(stand.client("s3", LAPTOP_KEY_ID, "guess").list_buckets) == "SignatureDoesNotMatch"
    assert refused(stand.client("s3", "AKIANOBODY", "guess").list_buckets) == "InvalidAccessKeyId"
    assert refused(stand.client("ec2", "AKIANOBODY", "guess").describe_vpcs) == "InvalidClientTokenId"
    assert stand.done == []


def test_a_node_needs_its_roles_permission(stand: Stand) -> None:
    stand.policies = [{"Statement": PUT_RUNS}]
    stand.node("s3").put_object(Bucket="results", Key="runs/1", Body=b"x")
    assert (
        refused(lambda: stand.node("s3").put_object(Bucket="results", Key="other", Body=b"x"))
        == "AccessDenied"
    )
    assert refused(stand.node("ec2").describe_instances) == "UnauthorizedOperation"
    assert refused(lambda: stand.node("ssm").get_parameter(Name="/x")) == "AccessDeniedException"
    assert len(stand.done) == 1


def test_a_buckets_policy_may_shut_out_even_the_laptop(stand: Stand) -> None:
    stand.bucket = [{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}}]
    laptop = stand.client("s3", LAPTOP_KEY_ID, "laptop-secret")
    assert refused(lambda: laptop.put_object(Bucket="results", Key="a", Body=b"x")) == "AccessDenied"


def test_a_token_of_another_session_is_no_use(stand: Stand) -> None:
    key = stand.keys.of_instance("i-1", "node")
    assert refused(stand.client("s3", key.id, key.secret, "other").list_buckets) == "SignatureDoesNotMatch"


def test_credentials_expire(stand: Stand) -> None:
    node = stand.node("s3")
    stand.now = 7 * 3600.0
    assert refused(node.list_buckets) == "InvalidAccessKeyId"


def test_an_ended_instances_credentials_end(stand: Stand) -> None:
    node = stand.node("s3")
    stand.keys.revoke("i-1")
    assert refused(node.list_buckets) == "InvalidAccessKeyId"


def test_a_fault_refuses_a_call_by_its_permission(stand: Stand) -> None:
    stand.faults = ["s3:PutObject", "ec2:DescribeVpcs"]
    laptop = stand.client("s3", LAPTOP_KEY_ID, "laptop-secret")
    assert refused(lambda: laptop.put_object(Bucket="results", Key="a", Body=b"x")) == "SlowDown"
    ec2 = stand.client("ec2", LAPTOP_KEY_ID, "laptop-secret")
    assert refused(ec2.describe_vpcs) == "SlowDown"
