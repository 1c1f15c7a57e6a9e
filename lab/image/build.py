"""Building the machine image, once for each state of its inputs."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from contract.errors import WorkstationError
from contract.events import Event, Sink, State
from lab import podman
from lab.command import CommandError, run

_FOLDER = Path(__file__).parent

BASE_SETTING = "CLUSTERBED_BASE_IMAGE"
"""Environment variable: a public Debian 12 image to start from, where a registry is reachable."""

SUITE = "bookworm"


def tag_of(folder: Path, base: str) -> str:
    """The image's name: it holds a digest of all its inputs, so that equal inputs are built once."""
    digest = hashlib.sha256(base.encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in {".py", ".pyc"}:
            mode = "x" if os.access(path, os.X_OK) else "-"
            digest.update(f"\0{path.relative_to(folder)}\0{mode}\0".encode() + path.read_bytes())
    return f"localhost/clusterbed-machine:{digest.hexdigest()[:16]}"


def ensure(sink: Sink) -> str:
    """The machine image's tag, built first if it is not here.

    Raises:
        WorkstationError: it cannot be built; the message holds what the build said last.
    """
    base = os.environ.get(BASE_SETTING, "")
    tag = tag_of(_FOLDER, base or SUITE)
    if podman.image_exists(tag):
        sink(Event("machine image", f"already here ({tag})", State.UNCHANGED))
        return tag
    try:
        start = base or _bootstrapped(sink)
        sink(Event("machine image", "installing packages (about half a minute, once)"))
        podman.build(_FOLDER, tag, {"BASE": start})
    except CommandError as error:
        raise WorkstationError(
            f"the machine image cannot be built: {error.what}",
            way_out=f"Look at:\n{error.output.strip()[-2000:]}",
        ) from error
    sink(Event("machine image", f"built ({tag})", State.CHANGED))
    return tag


def _bootstrapped(sink: Sink) -> str:
    """A minimal Debian made from packages, for machines that reach no image registry."""
    tag = f"localhost/clusterbed-base:{SUITE}"
    if podman.image_exists(tag):
        return tag
    sink(Event("machine image", "bootstrapping the base system (about half a minute, once)"))
    with tempfile.TemporaryDirectory(prefix="clusterbed-") as folder:
        archive = Path(folder) / "base.tar"
        run(
            "mmdebstrap",
            "--quiet",
            "--variant=minbase",
            "--include=ca-certificates",
            SUITE,
            str(archive),
            timeout_s=900.0,
        )
        podman.import_image(archive, tag)
    return tag
