"""A run's directory on the laptop, `results/<run>/`: what is in it already, and writing to it whole."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from contract.errors import WorkstationError
from report.bucket import StoredObject
from report.download import sha256_of, writing
from report.manifest import PULLED, ListedObject, Pulled, PulledObject

PARTIAL = ".partial"
"""The directory of files that are being fetched."""


def read_pulled(home: Path) -> Pulled:
    """`pulled.json` of a run's directory; an empty one where there is none or it cannot be read."""
    try:
        return Pulled.model_validate_json((home / PULLED).read_bytes())
    except (OSError, ValidationError):
        return Pulled(run=home.name, bucket="", complete=False, objects=())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is never seen half-written.

    Raises:
        WorkstationError: the disk is full or `path` is not writable.
    """
    partial = path.with_name(f".{path.name}.partial")
    with writing(path):
        try:
            partial.write_bytes(content)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


def kept(
    path: Path, stored: StoredObject, listed: ListedObject | None, before: PulledObject | None
) -> PulledObject | None:
    """What the file at `path` is, when it is the object already."""
    try:
        if path.stat().st_size != stored.bytes:
            return None
        sha256 = sha256_of(path)
    except OSError:
        return None
    same_version = before is not None and (before.etag, before.sha256) == (stored.etag, sha256)
    if (sha256 == listed.sha256) if listed else same_version:
        return PulledObject(
            name=stored.name,
            bytes=stored.bytes,
            sha256=sha256,
            etag=stored.etag,
            vouched=listed is not None,
        )
    return None


def joined(records: Path) -> bytes:
    """All lines of all cases, the cases in the order of their numbers (E1.2 before E1.10)."""
    lines: list[bytes] = []
    for path in sorted(records.glob("*.jsonl"), key=_by_number):
        lines += [line for line in path.read_bytes().splitlines() if line.strip()]
    return b"".join(line + b"\n" for line in lines)


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Hold the run's directory, and clear what an interrupted pull left in it."""
    with writing(home):
        home.mkdir(parents=True, exist_ok=True)
        held = os.open(home, os.O_RDONLY)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise WorkstationError(
                f"another pull is writing to {home}", way_out="Wait for it to end."
            ) from error
        try:
            shutil.rmtree(home / PARTIAL, ignore_errors=True)
            yield
        finally:
            shutil.rmtree(home / PARTIAL, ignore_errors=True)
    finally:
        os.close(held)


def _by_number(path: Path) -> list[tuple[int, str]]:
    parts = re.findall(r"\d+|\D+", path.stem)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
