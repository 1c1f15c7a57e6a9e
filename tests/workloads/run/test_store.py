"""Results reach the bucket with their digests, and a bucket that is gone loses nothing."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from clusterbed_workloads.errors import StoreError
from clusterbed_workloads.run.store import Bucket, Shelf


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("s3", region_name="eu-central-1")
        client.create_bucket(
            Bucket="results", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        yield client


def test_an_object_is_stored_under_the_runs_prefix_with_its_digest(s3: Any, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, Bucket(s3, "results", "runs/r1/"))
    shelf.put("records/E1.2.jsonl", "{}\n")
    stored = s3.get_object(Bucket="results", Key="runs/r1/records/E1.2.jsonl")
    body = stored["Body"].read()
    (item,) = shelf.stored
    assert item.sha256 == hashlib.sha256(body).hexdigest() == stored["Metadata"]["sha256"]
    assert (item.name, item.bytes) == ("records/E1.2.jsonl", 3)


def test_a_changed_object_replaces_the_earlier_one(s3: Any, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, Bucket(s3, "results", "runs/r1/"))
    shelf.put("records/E1.2.jsonl", "1\n")
    shelf.put("records/E1.2.jsonl", "1\n2\n")
    assert s3.get_object(Bucket="results", Key="runs/r1/records/E1.2.jsonl")["Body"].read() == b"1\n2\n"
    assert [item.bytes for item in shelf.stored] == [4]


def test_a_bucket_that_is_gone_is_named_and_the_disk_still_has_everything(s3: Any, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, Bucket(s3, "gone", "runs/r1/"))
    shelf.put("run.json", "{}")
    assert (tmp_path / "run.json").read_text() == "{}"
    assert shelf.stored == ()
    with pytest.raises(StoreError, match=r"s3://gone/runs/r1/run.json could not be stored.*NoSuchBucket"):
        shelf.flush()


def test_what_was_refused_is_stored_once_the_bucket_is_back(s3: Any, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, Bucket(s3, "late", "runs/r1/"))
    shelf.put("run.json", "{}")
    s3.create_bucket(Bucket="late", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    shelf.flush()
    assert [item.name for item in shelf.stored] == ["run.json"]
