"""A machine's /proc/meminfo: a container would see the whole host's memory there, a machine sees its own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_CONTROL_GROUPS = Path("/sys/fs/cgroup")


def meminfo(total_kib: int, used_kib: int, cached_kib: int) -> str:
    """The file's text. Its length does not depend on the values, so it can be rewritten in place.

    `used_kib` counts the page cache in, as the control group's usage does.
    """
    free = max(0, total_kib - used_kib)
    cached = min(cached_kib, used_kib)
    values = {
        "MemTotal": total_kib,
        "MemFree": free,
        "MemAvailable": free + cached,
        "Buffers": 0,
        "Cached": cached,
        "SwapCached": 0,
        "Active": max(0, used_kib - cached),
        "Inactive": cached,
        "SwapTotal": 0,
        "SwapFree": 0,
        "Shmem": 0,
        "Slab": 0,
        "SReclaimable": 0,
        "SUnreclaim": 0,
    }
    return "".join(f"{name + ':':<15}{value:>12} kB\n" for name, value in values.items())


class MemoryFile:
    """The file that is mounted over a machine's /proc/meminfo."""

    def __init__(self, path: Path, total_mib: int) -> None:
        self.path = path
        self._total_kib = total_mib * 1024

    def create(self) -> None:
        """Write it for a machine that uses nothing yet."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(meminfo(self._total_kib, 0, 0))

    def refresh(self, pid: int) -> None:
        """Write what the control group of that process uses now; a group that is gone is left alone."""
        used = _usage(pid)
        if used is None:
            return
        text = meminfo(self._total_kib, used["used"] // 1024, used["cached"] // 1024)
        descriptor = os.open(self.path, os.O_WRONLY)
        try:
            # One write of the same length: a reader never sees half of it.
            os.pwrite(descriptor, text.encode(), 0)
        finally:
            os.close(descriptor)


def _usage(pid: int) -> Mapping[str, int] | None:
    """Bytes in use, and of these the file cache that can be given back, in either version of cgroups."""
    try:
        for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if "memory" in controllers.split(","):
                group = _CONTROL_GROUPS / "memory" / path.lstrip("/")
                return _read(_top(group), "memory.usage_in_bytes", "total_inactive_file")
            if controllers == "" and (_CONTROL_GROUPS / "cgroup.controllers").exists():
                group = _CONTROL_GROUPS / path.lstrip("/")
                return _read(_top(group), "memory.current", "inactive_file")
    except (OSError, ValueError):
        return None
    return None


def _top(group: Path) -> Path:
    """The container's own group: systemd puts its first process into one below."""
    for one in (group, *group.parents):
        if one.name.startswith("libpod-"):
            return one
    return group


def _read(group: Path, usage: str, cache: str) -> dict[str, int]:
    lines = (group / "memory.stat").read_text().splitlines()
    statistics = dict(line.split() for line in lines)
    return {"used": int((group / usage).read_text()), "cached": int(statistics[cache])}
