"""How large a node really is, as its agent found it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """Cores, memory and free disk; `shm_mib` is the size of /dev/shm, where Ray keeps its objects."""

    cores: int
    memory_mib: int
    disk_free_mib: int
    shm_mib: int
