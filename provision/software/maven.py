"""Fetch the artifacts of a lock file from Maven Central, or a mirror of it, many at once.

Runs on the head, in the environment of `tools.txt`: jgo knows where Maven Central is.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

PARALLEL = 16
ATTEMPTS = 4


class Artifact(NamedTuple):
    """One line of a lock file; `classifier` is `-` for none."""

    group: str
    name: str
    version: str
    classifier: str
    sha256: str

    @property
    def jar(self) -> str:
        """The file's name, as Maven names it."""
        suffix = "" if self.classifier == "-" else f"-{self.classifier}"
        return f"{self.name}-{self.version}{suffix}.jar"


def read_lock(path: Path) -> list[Artifact]:
    """The artifacts of a lock file."""
    lines = (line for line in path.read_text().splitlines() if not line.startswith("#"))
    return [Artifact(*line.split()) for line in lines]


def fetch(artifact: Artifact, store: Path, mirror: str | None) -> Path:
    """The jar in `store`, downloaded if it is not there; a file there is always whole and verified.

    Raises:
        SystemExit: it cannot be had, or is not what the lock says.
    """
    target = store / artifact.sha256 / artifact.jar
    if target.exists():
        return target
    # There in the environment of tools.txt only.
    from jgo.maven import MavenContext  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415

    problem = ""
    for _ in range(ATTEMPTS):
        with tempfile.TemporaryDirectory(dir=store, prefix=".part-") as scratch:
            remotes = {"mirror": mirror} if mirror else None
            context = MavenContext(repo_cache=Path(scratch), remote_repos=remotes, timeout=60)
            component = context.project(artifact.group, artifact.name).at_version(artifact.version)
            classifier = "" if artifact.classifier == "-" else artifact.classifier
            try:
                path = component.artifact(classifier=classifier).resolve()
            except (OSError, RuntimeError) as error:
                problem = str(error)
                continue
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            if digest == artifact.sha256:
                target.parent.mkdir(exist_ok=True)
                path.replace(target)
                return target
            problem = f"its SHA-256 is {digest}, the lock says {artifact.sha256}"
    raise SystemExit(f"{artifact.jar} of {artifact.group} cannot be had: {problem}")


def main(arguments: list[str]) -> None:
    """Link every artifact of the locks into `--into`, under its Maven name."""
    parser = argparse.ArgumentParser()
    parser.add_argument("lock", type=Path)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--into", type=Path, required=True)
    parser.add_argument("--mirror")
    options = parser.parse_args(arguments)
    options.store.mkdir(parents=True, exist_ok=True)
    options.into.mkdir(parents=True, exist_ok=True)
    artifacts = read_lock(options.lock)
    with ThreadPoolExecutor(PARALLEL) as pool:
        for artifact, jar in zip(
            artifacts, pool.map(lambda one: fetch(one, options.store, options.mirror), artifacts), strict=True
        ):
            link = options.into / artifact.jar
            link.unlink(missing_ok=True)
            os.link(jar, link)


if __name__ == "__main__":
    main(sys.argv[1:])
