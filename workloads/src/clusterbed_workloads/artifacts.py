"""Files of a run, named and digested as records list them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from clusterbed_workloads.record import Artifact


def artifact(run_dir: Path, file: Path) -> Artifact:
    """One file below the run's directory."""
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    return Artifact(
        name=file.relative_to(run_dir).as_posix(), bytes=file.stat().st_size, sha256=digest.hexdigest()
    )


def listed(run_dir: Path, directory: Path) -> tuple[Artifact, ...]:
    """All files of a directory, by name."""
    return tuple(artifact(run_dir, file) for file in sorted(directory.rglob("*")) if file.is_file())
