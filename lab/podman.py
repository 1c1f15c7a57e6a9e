"""The podman commands the lab uses, each with a time limit."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from contract.errors import WorkstationError
from lab.command import CommandError, run

LIMITS = ("--ulimit", "nofile=20000:20000", "--ulimit", "nproc=8192:8192")
"""podman's own defaults exceed what some machines allow a container to have."""

_COPIES = 3
"""podman 4.3 now and then loses the pipe to the process that unpacks, when several copies begin at once."""

LAB_LABEL = "clusterbed.lab"
INSTANCE_LABEL = "clusterbed.instance"


@dataclass(frozen=True, slots=True)
class Container:
    """A container as podman lists it. `exit_code` counts only when it does not run."""

    name: str
    instance_id: str
    running: bool
    exit_code: int
    pid: int


def containers(lab: str | None = None) -> list[Container]:
    """The lab's containers; those of every lab when none is named."""
    chosen = LAB_LABEL if lab is None else f"{LAB_LABEL}={lab}"
    listed = json.loads(
        run("podman", "ps", "--all", "--filter", f"label={chosen}", "--format", "json") or "[]"
    )
    return [
        Container(
            name=one["Names"][0],
            instance_id=one["Labels"].get(INSTANCE_LABEL, ""),
            running=one["State"] in {"running", "paused", "stopping"},
            exit_code=int(one.get("ExitCode", 0)),
            pid=int(one.get("Pid", 0)),
        )
        for one in listed
    ]


def create(name: str, image: str, options: Sequence[str], labels: Mapping[str, str]) -> None:
    """Make a container, not yet running."""
    marks = [word for key, value in labels.items() for word in ("--label", f"{key}={value}")]
    run("podman", "create", "--runtime", "runc", "--name", name, *LIMITS, *marks, *options, image)


def copy_in(name: str, archive: bytes) -> None:
    """Unpack a tar archive at the container's root."""
    for left in reversed(range(_COPIES)):
        try:
            run("podman", "cp", "-", f"{name}:/", stdin=archive)
        except CommandError as error:
            if "broken pipe" not in error.output or left == 0:
                raise
        else:
            return


def start(name: str) -> None:
    """Boot it."""
    run("podman", "start", name)


def stop(name: str, *, grace_s: int) -> None:
    """Ask it to shut down; power it off after `grace_s`."""
    run("podman", "stop", "--time", str(grace_s), name, timeout_s=grace_s + 60.0)


def kill(name: str) -> None:
    """Power it off, as pulling the plug does. One that does not run is no error."""
    try:
        run("podman", "kill", "--signal", "KILL", name)
    except CommandError as error:
        if "can only kill running containers" not in error.output and "no such container" not in error.output:
            raise


def pause(name: str) -> None:
    """Freeze all its processes."""
    run("podman", "pause", name)


def unpause(name: str) -> None:
    """Let a frozen one go on."""
    run("podman", "unpause", name)


def remove(name: str) -> None:
    """Power it off and remove it. One that is not there is no error.

    A container that runs systemd now and then refuses the first removal ("container state
    improper"): it is killed first, and removal is tried again.

    Raises:
        WorkstationError: it is still there after several tries.
    """
    last = ""
    for _ in range(5):
        try:
            kill(name)
            run("podman", "rm", "--force", "--ignore", "--volumes", "--time", "0", name)
        except CommandError as error:
            last = error.output.strip()
        if not exists(name):
            return
        time.sleep(0.5)
    raise WorkstationError(f"container {name} cannot be removed: {last}", way_out=f"podman rm -f {name}")


def exists(name: str) -> bool:
    """Whether there is a container of that name."""
    try:
        run("podman", "container", "exists", name)
    except CommandError:
        return False
    return True


def image_exists(tag: str) -> bool:
    """Whether that image is here."""
    try:
        run("podman", "image", "exists", tag)
    except CommandError:
        return False
    return True


def import_image(archive: Path, tag: str) -> None:
    """Make an image of a root file system's tar archive."""
    run("podman", "import", "--quiet", str(archive), tag, timeout_s=300.0)


def build(folder: Path, tag: str, arguments: Mapping[str, str]) -> None:
    """Build the Containerfile of `folder`; it may use the network as this machine does."""
    given = [word for key, value in arguments.items() for word in ("--build-arg", f"{key}={value}")]
    command = ["podman", "build", "--runtime", "runc", "--network", "host", "--quiet", *LIMITS, *given]
    run(*command, "--tag", tag, str(folder), timeout_s=1200.0)
