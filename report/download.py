"""One object becomes one file: whole and right, or not there."""

from __future__ import annotations

import errno
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contract.errors import CloudError, WorkstationError
from report.bucket import ResultsBucket, StoredObject
from report.manifest import ListedObject, PulledObject

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class StoppedError(Exception):
    """The download gave up because another one failed or the user interrupted."""


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def download(
    bucket: ResultsBucket,
    run: str,
    stored: StoredObject,
    *,
    listed: ListedObject | None,
    partial: Path,
    target: Path,
    stop: threading.Event,
) -> PulledObject:
    """Read the object into `partial`, compare it with `listed`, and only then rename it to `target`.

    Both paths must be on the same file system; what is left of `partial` after an error is the caller's
    to remove. Without `listed` the transport's own checksum is
    the only check.

    Raises:
        CloudError: the bucket refused, or the bytes are not those the head stored.
        WorkstationError: the disk is full or not writable.
        StoppedError: `stop` was set.
    """
    if stop.is_set():
        raise StoppedError
    digest = hashlib.sha256()
    size = 0
    with writing(target):
        partial.parent.mkdir(parents=True, exist_ok=True)
        chunks, etag = bucket.read(run, stored.name)
        with partial.open("wb") as file:
            for chunk in chunks:
                if stop.is_set():
                    raise StoppedError
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        pulled = PulledObject(
            name=stored.name,
            bytes=size,
            sha256=digest.hexdigest(),
            etag=etag,
            vouched=listed is not None,
        )
        if listed is not None:
            _compare(pulled, listed, bucket.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.replace(target)
    return pulled


def _compare(pulled: PulledObject, listed: ListedObject, bucket: str) -> None:
    if (pulled.bytes, pulled.sha256) != (listed.bytes, listed.sha256):
        raise CloudError(
            f"{pulled.name} in bucket {bucket} is not what the run stored: done.json lists "
            f"{listed.bytes} bytes with SHA-256 {listed.sha256[:12]}…, "
            f"read were {pulled.bytes} bytes with {pulled.sha256[:12]}…",
            way_out="The object was changed after the run. It was not kept; run the experiment again.",
        )


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the file system says no to into one sentence that names `path`.

    Raises:
        WorkstationError: the disk is full, or `path` cannot be written.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise WorkstationError(
                f"the disk is full, {path} was not written",
                way_out="Make room and do it again: what is complete is kept and not fetched twice.",
            ) from error
        raise WorkstationError(
            f"cannot write {path}: {error.strerror or error}",
            way_out="Check who owns that directory, or choose another one.",
        ) from error
