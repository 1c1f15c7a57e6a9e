"""The AWS API as the engine calls it: one client per service, the account, tags and refusals."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from contract.errors import CloudError
from lab.engine.wait import wait_until

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_sts import STSClient

TOKEN_TAG = "clusterbed:creation"  # noqa: S105 - a tag's name
"""Marks what one creation made, so that it is found again when its answer was never recorded."""

CONNECTIONS = 32
T = TypeVar("T")

IN_USE = ("DependencyViolation", "DeleteConflict", "InvalidIPAddress.InUse")
RELEASE_S = 60.0


class Cloud:
    """Clients for one account and region; safe to use from several threads.

    Credentials are the session's. `endpoint` replaces AWS's own addresses when given.
    """

    def __init__(self, session: boto3.Session, region: str, endpoint: str | None) -> None:
        self.region = region
        self._session = session
        self._endpoint = endpoint
        self._lock = threading.RLock()
        self._clients: dict[str, Any] = {}

    def _client(self, service: str) -> Any:
        with self._lock:  # making a client is not thread-safe, using one is
            if service not in self._clients:
                self._clients[service] = self._session.client(
                    service,  # type: ignore[call-overload]
                    region_name=self.region,
                    endpoint_url=self._endpoint,
                    config=Config(
                        retries={"mode": "standard", "max_attempts": 5},
                        max_pool_connections=CONNECTIONS,
                        s3={"addressing_style": "path"} if self._endpoint else {},
                    ),
                )
            return self._clients[service]

    @property
    def ec2(self) -> EC2Client:
        """EC2."""
        client: EC2Client = self._client("ec2")
        return client

    @property
    def s3(self) -> S3Client:
        """S3."""
        client: S3Client = self._client("s3")
        return client

    @property
    def iam(self) -> IAMClient:
        """IAM."""
        client: IAMClient = self._client("iam")
        return client

    @property
    def ssm(self) -> SSMClient:
        """Systems Manager."""
        client: SSMClient = self._client("ssm")
        return client

    @property
    def sts(self) -> STSClient:
        """The token service."""
        client: STSClient = self._client("sts")
        return client

    @functools.cached_property
    def account(self) -> str:
        """The account's number."""
        return self.sts.get_caller_identity()["Account"]

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource of this account and region."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


@contextmanager
def refusals(subject: str) -> Iterator[None]:
    """Turns what the API refuses within into a CloudError that names `subject`."""
    try:
        yield
    except ClientError as error:
        problem = error.response["Error"]
        raise CloudError(
            f"{subject}: {error.operation_name} was refused: {problem['Code']}: {problem['Message']}",
            way_out="Repeating the command goes on from here once the cause is gone.",
        ) from error
    except BotoCoreError as error:
        raise CloudError(
            f"{subject}: the cloud's API could not be used: {error}",
            way_out="Check the endpoint and the credentials; repeating the command goes on from here.",
        ) from error


def code(error: ClientError) -> str:
    """The error code of a refusal, such as `InvalidVpcID.NotFound`."""
    return str(error.response["Error"]["Code"])


def is_gone(error: ClientError) -> bool:
    """Whether a refusal says that the thing does not exist."""
    return "NotFound" in code(error) or code(error) in {
        "NoSuchEntity",
        "NoSuchBucket",
        "NoSuchBucketPolicy",
        "NoSuchLifecycleConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "NoSuchTagSet",
        "404",
    }


def when_there(call: Callable[[], T]) -> T | None:
    """The call's answer, or None when what it asks for does not exist."""
    try:
        return call()
    except ClientError as error:
        if is_gone(error):
            return None
        raise


def remove(call: Callable[[], Any], what: str) -> None:
    """Delete something, whether or not it still exists, waiting while others that go still hold it.

    Raises:
        CloudError: it is still in use after `RELEASE_S` seconds.
    """

    def attempt() -> tuple[bool, str]:
        try:
            call()
        except ClientError as error:
            if is_gone(error):
                return True, "gone"
            if code(error) not in IN_USE:
                raise
            return False, str(error.response["Error"]["Message"])
        return True, "gone"

    wait_until(attempt, what=f"{what} to be free", wait_s=RELEASE_S)


def tag_list(tags: Mapping[str, str] | None, token: str = "") -> list[Any]:
    """Tags as EC2 and IAM take them, with the mark of this creation."""
    every = {**(tags or {}), **({TOKEN_TAG: token} if token else {})}
    return [{"Key": key, "Value": value} for key, value in every.items()]


def tag_map(tags: Sequence[Any] | None) -> dict[str, str]:
    """Tags as Pulumi has them, without the engine's mark and AWS's own."""
    pairs = {tag["Key"]: tag["Value"] for tag in tags or ()}
    return {key: value for key, value in pairs.items() if key != TOKEN_TAG and not key.startswith("aws:")}


def by_token(token: str) -> list[Any]:
    """The filter that finds what one creation made."""
    return [{"Name": f"tag:{TOKEN_TAG}", "Values": [token]}]
