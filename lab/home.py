"""Where the lab keeps what it has: the user's folder, and the machine-wide marks of a running lab."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

RUN = Path("/run/clusterbed")
"""One lab runs on a machine at a time, because its networks and kernel settings are the machine's."""

CACHE = Path("/var/cache/clusterbed")
"""What was downloaded or built once, by digest."""

LOCK = RUN / "lock"
SOCKET = RUN / "control"


@dataclass(frozen=True, slots=True)
class Home:
    """The lab's folder."""

    root: Path

    @property
    def id(self) -> str:
        """Labels the lab's containers."""
        return hashlib.sha256(str(self.root).encode()).hexdigest()[:12]

    @property
    def log(self) -> Path:
        """What the daemon wrote."""
        return self.root / "daemon.log"

    @property
    def pid(self) -> Path:
        """The daemon's process id."""
        return self.root / "daemon.pid"

    @property
    def port(self) -> Path:
        """The running lab's port."""
        return self.root / "port"

    @property
    def secret(self) -> Path:
        """The laptop's secret access key."""
        return self.root / "secret"

    @property
    def cache(self) -> Path:
        """Mounted at the same path of every machine; it survives the lab and serves every checkout."""
        return CACHE

    @property
    def machines(self) -> Path:
        """A folder for each machine: its disk and mounted files."""
        return self.root / "machines"
