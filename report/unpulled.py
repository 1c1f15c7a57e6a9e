"""What a bucket holds that this laptop does not: asked before a bucket is dropped."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from contract.errors import UnpulledResultsError
from report.bucket import BucketGoneError, ResultsBucket, StoredObject
from report.directory import read_pulled
from report.download import sha256_of
from report.manifest import PulledObject

if TYPE_CHECKING:
    from boto3 import Session


@dataclass(frozen=True, slots=True)
class Unpulled:
    """The objects of a run that are not in `results/<run>/`, or not as they are in the bucket."""

    run: str
    objects: tuple[str, ...]
    bytes: int

    def __str__(self) -> str:
        return f"{self.run}: {len(self.objects)} objects, {self.bytes / 1e6:.1f} MB"


def unpulled(session: Session, bucket: str, results_dir: Path) -> list[Unpulled]:
    """Every run of which the bucket holds more than the laptop; empty when dropping it loses nothing.

    Files are read again, not trusted: one that was deleted or changed here counts as not pulled.
    A bucket that is gone holds nothing.

    Raises:
        CloudError: the bucket cannot be listed.
    """
    source = ResultsBucket(session.client("s3"), bucket)
    try:
        runs = source.runs()
    except BucketGoneError:
        return []
    found = []
    for run in runs:
        home = results_dir / run
        local = {item.name: item for item in read_pulled(home).objects}
        absent = [
            item for item in source.objects(run).values() if not _is_here(home, item, local.get(item.name))
        ]
        if absent:
            names = tuple(sorted(item.name for item in absent))
            found.append(Unpulled(run, names, sum(item.bytes for item in absent)))
    return found


def require_pulled(session: Session, bucket: str, results_dir: Path) -> None:
    """Pass when dropping the bucket loses nothing.

    Raises:
        UnpulledResultsError: it would; the message lists the runs.
    """
    if lost := unpulled(session, bucket, results_dir):
        runs = "; ".join(str(item) for item in lost)
        raise UnpulledResultsError(
            f"bucket {bucket} holds results that are not in {results_dir}/ ({runs})",
            way_out=f"`fab pull --run {lost[0].run}` brings them; `fab destroy --drop-results` loses them.",
        )


def _is_here(home: Path, stored: StoredObject, pulled: PulledObject | None) -> bool:
    path = home / stored.name
    try:
        return (
            pulled is not None
            and (pulled.etag, pulled.bytes) == (stored.etag, stored.bytes)
            and path.stat().st_size == pulled.bytes
            and sha256_of(path) == pulled.sha256
        )
    except OSError:
        return False
