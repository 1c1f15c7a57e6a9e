"""The reading side of a results bucket: `runs/<run>/<name>`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
)

from contract.errors import CloudError, ClusterbedError, SettingError
from report.manifest import checked_name

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RUNS = "runs/"
_CHUNK_BYTES = 1 << 20
_GONE = frozenset({"NoSuchBucket"})
_DENIED = frozenset({"AccessDenied", "403", "Forbidden", "AllAccessDisabled"})
_BAD_KEY = frozenset({"ExpiredToken", "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken"})


class BucketGoneError(CloudError):
    """There is no such bucket (any more)."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object as the bucket lists it; `name` is below the run's prefix."""

    name: str
    bytes: int
    etag: str


class ResultsBucket:
    """Lists and reads runs. Every error of the API becomes one sentence and a way out."""

    def __init__(self, s3: S3Client, name: str) -> None:
        self._s3 = s3
        self.name = name

    def runs(self) -> tuple[str, ...]:
        """The runs that have at least one object, sorted."""
        with self._explained("list"):
            pages = self._s3.get_paginator("list_objects_v2").paginate(
                Bucket=self.name, Prefix=RUNS, Delimiter="/"
            )
            prefixes = [
                found["Prefix"] for page in pages for found in page.get("CommonPrefixes", []) if found
            ]
        return tuple(sorted(prefix.removeprefix(RUNS).rstrip("/") for prefix in prefixes))

    def objects(self, run: str) -> dict[str, StoredObject]:
        """Every object of a run, by name.

        Raises:
            CloudError: the bucket is gone or refuses, or an object's name leads out of its directory.
        """
        prefix = f"{RUNS}{run}/"
        found: dict[str, StoredObject] = {}
        with self._explained("list"):
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
            for page in pages:
                for item in page.get("Contents", []):
                    name = self._inside(item["Key"], prefix)
                    found[name] = StoredObject(name=name, bytes=item["Size"], etag=item["ETag"].strip('"'))
        return found

    def read(self, run: str, name: str) -> tuple[Iterator[bytes], str]:
        """The object's bytes in chunks, and the ETag of the version that is read."""
        with self._explained("read", name):
            answer = self._s3.get_object(Bucket=self.name, Key=f"{RUNS}{run}/{name}")
        return self._chunks(answer["Body"].iter_chunks(_CHUNK_BYTES), name), answer["ETag"].strip('"')

    def _chunks(self, chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
        with self._explained("read", name):
            yield from chunks

    def _inside(self, key: str, prefix: str) -> str:
        try:
            return checked_name(key.removeprefix(prefix))
        except ValueError as error:
            raise CloudError(
                f"bucket {self.name} holds an object that no run of clusterbed wrote: {error}",
                way_out=f"Look at s3://{self.name}/{prefix} and remove it there.",
            ) from error

    @contextmanager
    def _explained(self, verb: str, name: str = "") -> Iterator[None]:
        what = f"{name} in bucket {self.name}" if name else f"bucket {self.name}"
        try:
            yield
        except ClientError as error:
            raise self._from_answer(error, verb, what) from error
        except NoCredentialsError as error:
            raise CloudError(
                f"no credentials to {verb} {what}", way_out="Set AWS_PROFILE, or run `aws configure`."
            ) from error
        except EndpointConnectionError as error:
            raise CloudError(
                f"S3 does not answer, so {what} could not be {verb}: {error}",
                way_out="Check the network and the region, then do it again: what is here already is kept.",
            ) from error
        except BotoCoreError as error:
            raise CloudError(
                f"could not {verb} {what}: {error}",
                way_out="Do it again: what is here already is kept.",
            ) from error

    def _from_answer(self, error: ClientError, verb: str, what: str) -> ClusterbedError:
        problem = error.response.get("Error", {})
        code = problem.get("Code", "")
        if code in _GONE:
            return BucketGoneError(
                f"there is no bucket {self.name}",
                way_out="The cluster was destroyed, or the region is another one; see `fab status`.",
            )
        if code in ("NoSuchKey", "404"):
            return CloudError(f"there is no {what} any more", way_out="Pull again.")
        if code in _DENIED:
            return CloudError(
                f"not allowed to {verb} {what}",
                way_out="Use the credentials that made the cluster (AWS_PROFILE).",
            )
        if code in _BAD_KEY:
            return CloudError(
                f"the credentials are no longer valid ({code}), could not {verb} {what}",
                way_out="Log in again, then repeat the command: what is here already is kept.",
            )
        return CloudError(
            f"could not {verb} {what}: {code} {problem.get('Message', '')}".rstrip(),
            way_out="Do it again: what is here already is kept.",
        )


def known_run(bucket: ResultsBucket, run: str) -> dict[str, StoredObject]:
    """The objects of a run that must exist.

    Raises:
        SettingError: the bucket holds no such run; the message lists those it holds.
    """
    objects = bucket.objects(run)
    if not objects:
        others = ", ".join(bucket.runs()) or "none yet"
        raise SettingError(
            f"bucket {bucket.name} holds no run '{run}'", way_out=f"It holds these runs: {others}."
        )
    return objects
