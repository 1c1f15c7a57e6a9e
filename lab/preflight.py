"""What a machine must have before a lab can start on it, each lack with one clear message."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from ipaddress import IPv4Network
from pathlib import Path

from contract.errors import SettingError, WorkstationError
from lab.command import run
from lab.home import LOCK, Home

PROGRAMS = ("podman", "runc", "nft", "ip", "tc", "sysctl", "mkfs.ext4", "losetup", "mmdebstrap")
LEAST_FREE_BYTES = 5 * 10**9
"""A machine image, a squashfs of the software and a small data set."""


def check(home: Home, *, port: int, ranges: tuple[IPv4Network, ...]) -> None:
    """Everything at once, before anything is changed.

    Raises:
        WorkstationError: this machine lacks something.
        SettingError: a setting collides with this machine.
    """
    _system()
    _programs()
    _control_groups()
    _other_lab(home)
    _disk(home)
    _port(port)
    _routes(ranges)


def elevation() -> list[str]:
    """The words before a command that needs root: none for root itself.

    Raises:
        WorkstationError: this user is not root and may not become root without a password.
    """
    if os.geteuid() == 0:
        return []
    allowed = shutil.which("sudo") and subprocess.run(
        ["sudo", "-n", "true"], capture_output=True, check=False
    )
    if not allowed or allowed.returncode != 0:
        raise WorkstationError(
            "the lab needs root for its networks and machines, and this user is not root",
            way_out="Run as root, or allow sudo without a password (`sudo -v` first also does).",
        )
    return ["sudo", "-n", "-E"]


def holder() -> dict[str, object] | None:
    """Who runs the machine's one lab: its home and process id."""
    try:
        found = json.loads(LOCK.read_text())
    except (OSError, ValueError):
        return None
    return dict(found) if alive(int(found.get("pid", 0))) else None


def alive(pid: int) -> bool:
    """Whether that process runs; one that ended and was not yet waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


def _system() -> None:
    if sys.platform != "linux":
        raise WorkstationError(
            f"the lab needs Linux, and this is {sys.platform}",
            way_out="Use a Linux machine or virtual machine; setups on AWS work from anywhere.",
        )


def _programs() -> None:
    places = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    missing = [name for name in PROGRAMS if shutil.which(name, path=places) is None]
    if missing:
        raise WorkstationError(
            f"missing on this machine: {', '.join(missing)}",
            way_out="Run scripts/setup; it installs what lab/packages.txt lists.",
        )


def _control_groups() -> None:
    mounted = Path("/sys/fs/cgroup")
    kinds = [mounted / "cgroup.controllers", mounted / "memory"]
    if not any(path.exists() for path in kinds):
        raise WorkstationError(
            f"no memory control group is mounted below {mounted}",
            way_out="Containers need them: run on a machine, not inside a container without them.",
        )


def _other_lab(home: Home) -> None:
    running = holder()
    if running is not None and running["home"] != str(home.root):
        raise WorkstationError(
            f"a lab already runs on this machine, from {running['home']} (process {running['pid']})",
            way_out="End it there with `fab destroy --lab`; one machine holds one lab.",
        )


def _disk(home: Home) -> None:
    for folder in (home.root.parent.parent, Path("/var/lib")):
        free = shutil.disk_usage(folder).free
        if free < LEAST_FREE_BYTES:
            raise WorkstationError(
                f"only {free / 10**9:.1f} GB are free at {folder}; the lab needs {LEAST_FREE_BYTES // 10**9}",
                way_out="Free some space.",
            )


def _port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise WorkstationError(
                f"port {port} of 127.0.0.1 is taken", way_out="Set CLUSTERBED_LAB_PORT to a free one."
            ) from error


def _routes(ranges: tuple[IPv4Network, ...]) -> None:
    for route in json.loads(run("ip", "-json", "-4", "route", "show", "table", "all")):
        text = route.get("dst", "default")
        if text == "default" or route.get("type") == "unreachable":
            continue
        taken = IPv4Network(text, strict=False)
        for wanted in ranges:
            if taken.overlaps(wanted):
                raise SettingError(
                    f"network.vpc_cidr: {wanted} overlaps {taken}, which this machine reaches by "
                    f"{route.get('dev', 'another route')}",
                    way_out="Choose another range for the setup's network.",
                )
