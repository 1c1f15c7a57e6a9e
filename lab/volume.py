"""A machine's disk: a sparse file with a file system of the size that was asked for, so that full is full."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from lab.command import CommandError, run


@dataclass(frozen=True, slots=True)
class Volume:
    """The disk below a machine's folder; `mounted` is where this machine sees its contents."""

    folder: Path

    @property
    def image(self) -> Path:
        """The sparse file."""
        return self.folder / "disk.img"

    @property
    def mounted(self) -> Path:
        """Its mount point."""
        return self.folder / "disk"

    def create(self, size_gb: int) -> None:
        """Make and mount it. An EC2 volume's GB are GiB."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.mounted.mkdir(exist_ok=True)
        with self.image.open("wb") as file:
            file.truncate(size_gb * 1024**3)
        # No reserved blocks, no journal: its contents do not outlive a crash of this machine anyway.
        run("mkfs.ext4", "-q", "-F", "-m", "0", "-O", "^has_journal", str(self.image))
        run("mount", "-o", "loop,noatime", str(self.image), str(self.mounted))

    def delete(self) -> None:
        """Unmount and delete it. One that is not there is no error."""
        for _ in range(10):
            if not self.mounted.is_mount():
                break
            try:
                run("umount", str(self.mounted))
            except CommandError:
                time.sleep(0.3)
        if self.mounted.is_mount():
            run("umount", "--lazy", str(self.mounted))
        if self.mounted.exists():
            self.mounted.rmdir()
        self.image.unlink(missing_ok=True)
