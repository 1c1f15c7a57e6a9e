"""One machine: the container an instance runs in, with its disk and first-boot files."""

from __future__ import annotations

import enum
import os
import shutil
from pathlib import Path

from lab import podman, seed
from lab.cloud import Boot, Instance
from lab.command import run
from lab.home import Home
from lab.memory import MemoryFile
from lab.router import PREFIX, node_namespace
from lab.volume import Volume

DATA = "/var/lib/clusterbed"
"""Where the machine's disk is mounted: what the cluster stores is limited by its size."""

_SHUTDOWN_GRACE_S = 30

_CAPABILITIES = "NET_ADMIN,NET_RAW,SYS_ADMIN,SYS_BOOT,MKNOD,SYS_PTRACE"
"""SYS_BOOT tells a reboot from a shutdown; SYS_ADMIN and MKNOD serve loop mounts."""


class Exit(enum.IntEnum):
    """How a container whose first process may call reboot(2) ends: by SIGHUP or SIGINT."""

    REBOOT = 129
    SHUTDOWN = 130


class Machine:
    """A container that boots as a machine does."""

    def __init__(self, home: Home, instance: Instance, boot: Boot) -> None:
        self._boot = boot
        self.instance = instance
        self.name = f"{PREFIX}{instance.id}"
        self._home = home
        self._folder = home.machines / instance.id
        self._volume = Volume(self._folder)
        self._memory = MemoryFile(self._folder / "meminfo", boot.memory_mib)
        # podman would put the host's here.
        self._names = self._folder / "resolv.conf"
        self.pid = 0

    def create(self, image: str, endpoint: str) -> None:
        """Make it and switch it on. Its network namespace must be there."""
        self._volume.create(self._boot.volume_gb)
        self._memory.create()
        self._names.write_text(seed.resolv_conf(self.instance))
        self._home.cache.mkdir(parents=True, exist_ok=True)
        podman.create(
            self.name,
            image,
            self._options(),
            {podman.LAB_LABEL: self._home.id, podman.INSTANCE_LABEL: self.instance.id},
        )
        podman.copy_in(self.name, seed.archive(seed.files(self.instance, self._boot, endpoint)))
        self.start()

    def start(self) -> None:
        """Switch it on."""
        podman.start(self.name)
        self.pid = int(run("podman", "inspect", "--format", "{{.State.Pid}}", self.name))

    def stop(self) -> None:
        """Shut it down in order."""
        self.pid = 0
        podman.stop(self.name, grace_s=_SHUTDOWN_GRACE_S)

    def reboot(self) -> None:
        """Shut it down and switch it on again."""
        self.stop()
        self.start()

    def power_off(self) -> None:
        """Pull the plug."""
        self.pid = 0
        podman.kill(self.name)

    def remove(self) -> None:
        """Power it off and remove it with its disk."""
        self.pid = 0
        podman.remove(self.name)
        self._volume.delete()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def alive(self) -> bool:
        """Whether its first process runs."""
        return self.pid > 0 and Path(f"/proc/{self.pid}").exists()

    @property
    def booted(self) -> bool:
        """Whether cloud-init is through with this boot."""
        # It is a link that is right only inside.
        return self.alive and os.path.lexists(f"/proc/{self.pid}/root/run/cloud-init/result.json")

    def refresh(self) -> None:
        """Bring up to date what it sees of its memory."""
        if self.alive:
            self._memory.refresh(self.pid)

    def exit_code(self) -> int:
        """How it ended."""
        return int(run("podman", "inspect", "--format", "{{.State.ExitCode}}", self.name))

    def _options(self) -> list[str]:
        boot = self._boot
        options = {
            "--hostname": self.instance.host_name,
            "--network": f"ns:{node_namespace(self.instance.id).path}",
            "--systemd": "always",
            "--cap-add": _CAPABILITIES,
            "--device": "/dev/loop-control",
            "--device-cgroup-rule": "b 7:* rmw",
            "--memory": f"{boot.memory_mib}m",
            "--memory-swap": f"{boot.memory_mib}m",
            # A virtual machine gives half its memory to /dev/shm.
            "--shm-size": f"{boot.memory_mib // 2}m",
            "--stop-signal": "SIGRTMIN+3",
            "--log-driver": "none",
        }
        words = [word for option in options.items() for word in option]
        if boot.vcpus < (os.cpu_count() or 1):
            words += ["--cpus", str(boot.vcpus)]
        mounts = {
            self._home.cache: "/var/cache/clusterbed",
            self._volume.mounted: DATA,
            self._names: "/etc/resolv.conf",
            self._memory.path: "/proc/meminfo:ro",
        }
        words += [word for here, there in mounts.items() for word in ("--volume", f"{here}:{there}")]
        return [*words, "--no-hosts"]
