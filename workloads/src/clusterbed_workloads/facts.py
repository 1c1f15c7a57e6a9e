"""The facts that every record of a run shares: versions of the software, the nodes' hardware."""

from __future__ import annotations

import platform
import socket
from importlib import metadata
from pathlib import Path
from typing import Final

import psutil
from pydantic import BaseModel, ConfigDict

PACKAGES: Final = ("pyspark", "ray", "pandas", "numpy", "scikit-learn", "joblib", "duckdb", "pyarrow")

DATA: Final = Path("/var/lib/clusterbed")
"""Where a node keeps its data: the disk that counts."""

Hardware = dict[str, float | int | str]


class Facts(BaseModel):
    """`hardware` is host name → figures of that machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    software: dict[str, str]
    hardware: dict[str, Hardware]
    notes: tuple[str, ...] = ()


def software() -> dict[str, str]:
    """Versions of the interpreter, the system and the packages that do the work."""
    versions = {"python": platform.python_version(), "kernel": platform.release(), "system": _system()}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _system() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    except OSError:
        return platform.system()


def hardware() -> Hardware:
    """This machine: processor, cores it may use, memory, disk."""
    return {
        "host": socket.gethostname(),
        "processor": _processor(),
        "cores": len(psutil.Process().cpu_affinity() or []) or psutil.cpu_count() or 1,
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 2),
        "disk_gib": round(psutil.disk_usage(str(DATA if DATA.exists() else Path("/"))).total / 2**30, 1),
        "swap_gib": round(psutil.swap_memory().total / 2**30, 2),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
