"""The error tree. A script tells the kinds apart by exit code.

    ClusterbedError            1   anything not named below
    ├── SettingError           2   a wrong, unknown or impossible setting or argument
    ├── WorkstationError       3   this machine lacks something: podman, disk, a port, a tool, a key file
    ├── CloudError             4   the cloud refused: credentials, region, quota, a failed resource
    ├── MachineError           5   a node is dead, unreachable, or failed a step
    │   └── HostKeyError       5   a node's SSH host key is not the one it published
    ├── ServiceError           6   a service on the cluster is not healthy
    ├── WorkloadError          7   a case of a run failed, or its answer did not verify
    ├── LeftoverError          8   teardown ended and the cloud still holds something of the cluster
    └── UnpulledResultsError   9   teardown refused: results in the bucket were not pulled

An interrupt (Ctrl-C) exits 130, as the shell does.
"""

from __future__ import annotations

from typing import ClassVar


class ClusterbedError(Exception):
    """What was wrong, where, and the way out.

    `what` is one sentence that names the setting, machine or file; `way_out` is what the
    user can do about it. Both are shown, nothing else is: no traceback.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, way_out: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.way_out = way_out

    def __str__(self) -> str:
        return f"{self.what}\n  {self.way_out}" if self.way_out else self.what


class SettingError(ClusterbedError):
    """A setting or an argument is wrong, unknown or impossible."""

    exit_code = 2


class WorkstationError(ClusterbedError):
    """This machine lacks what the task needs."""

    exit_code = 3


class CloudError(ClusterbedError):
    """The cloud's API refused, or a resource failed."""

    exit_code = 4


class MachineError(ClusterbedError):
    """A node is dead, unreachable, or failed a step."""

    exit_code = 5


class HostKeyError(MachineError):
    """A node answers SSH with a key other than the one it published at boot."""


class ServiceError(ClusterbedError):
    """A service on the cluster is not healthy."""

    exit_code = 6


class WorkloadError(ClusterbedError):
    """A case failed or its answer did not verify."""

    exit_code = 7


class LeftoverError(ClusterbedError):
    """The cloud still holds something that carries the cluster's tag."""

    exit_code = 8


class UnpulledResultsError(ClusterbedError):
    """Teardown would drop results that no laptop has."""

    exit_code = 9
