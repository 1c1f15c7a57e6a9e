"""Results, first on this machine's disk and then in the bucket, each object under its SHA-256."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from clusterbed_workloads.artifacts import artifact
from clusterbed_workloads.errors import StoreError
from clusterbed_workloads.plan import Plan
from clusterbed_workloads.record import Artifact

RETRIES: Final = Config(
    connect_timeout=10, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 5}
)
"""About half a minute of trying before an upload counts as refused."""

_TYPES: Final = {
    ".json": "application/json",
    ".jsonl": "application/x-ndjson",
    ".log": "text/plain; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
}


class Store(Protocol):
    """Where objects of a run go."""

    def put(self, item: Artifact, file: Path) -> None:
        """Store `file` under the artifact's name.

        Raises:
            StoreError: it was refused, or nobody answered.
        """


class Bucket:
    """Below one prefix of an S3 bucket."""

    def __init__(self, client: Any, bucket: str, prefix: str) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix

    def put(self, item: Artifact, file: Path) -> None:
        """See `Store`; S3 itself compares the digest."""
        with self._refused(item.name), file.open("rb") as body:
            self._client.put_object(
                Bucket=self._bucket,
                Key=f"{self._prefix}{item.name}",
                Body=body,
                ContentType=_TYPES.get(file.suffix, "application/octet-stream"),
                ChecksumSHA256=base64.b64encode(bytes.fromhex(item.sha256)).decode(),
                Metadata={"sha256": item.sha256},
            )

    @contextmanager
    def _refused(self, name: str) -> Iterator[None]:
        try:
            yield
        except (ClientError, BotoCoreError) as error:
            raise StoreError(
                f"s3://{self._bucket}/{self._prefix}{name} could not be stored: {error}",
                way_out="Is the bucket gone, or does the machine's role not reach it?",
            ) from error


class DiskOnly:
    """For runs without a cluster: the run's directory is all there is."""

    def put(self, item: Artifact, file: Path) -> None:
        """See `Store`: it lies there already."""


def store_for(plan: Plan) -> Store:
    """The bucket of the plan; the disk alone for a plan of one machine."""
    if plan.where.cloud == "local":
        return DiskOnly()
    client = boto3.client("s3", region_name=plan.results.region, config=RETRIES)
    return Bucket(client, plan.results.bucket, plan.results.prefix)


class Shelf:
    """Remembers what was stored and what still waits; the run's directory holds all of it."""

    def __init__(self, run_dir: Path, store: Store) -> None:
        self._run_dir = run_dir
        self._store = store
        self._stored: dict[str, Artifact] = {}
        self._waiting: set[str] = set()
        self.refusal: StoreError | None = None

    @property
    def stored(self) -> tuple[Artifact, ...]:
        """All objects in the store, by name."""
        return tuple(self._stored[name] for name in sorted(self._stored))

    def put(self, name: str, content: str | None = None) -> Artifact:
        """Keep an object (`content`, or the file that is there) and store it.

        A refused upload is kept in `refusal` and tried again by `flush`; the run goes on.
        """
        file = self._run_dir / name
        if content is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
        item = artifact(self._run_dir, file)
        if self._stored.get(name) == item:
            return item
        try:
            self._store.put(item, file)
        except StoreError as error:
            self.refusal = error
            self._waiting.add(name)
        else:
            self._stored[name] = item
            self._waiting.discard(name)
        return item

    def flush(self) -> None:
        """Try once more what was refused.

        Raises:
            StoreError: something is still refused.
        """
        self.refusal = None
        for name in sorted(self._waiting):
            self.put(name)
            if self.refusal is not None:
                raise self.refusal
