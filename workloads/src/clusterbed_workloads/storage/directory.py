"""A directory in the place of HDFS, for runs on one machine."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from clusterbed_workloads.storage.place import StoredFile, is_data

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem


class Directory:
    """Everything lies below the directory of a `file:///…` URL."""

    def __init__(self, root_url: str) -> None:
        self._root = Path(root_url.removeprefix("file://"))

    def _at(self, path: str) -> Path:
        return self._root / path.lstrip("/")

    def url(self, path: str) -> str:
        """See `Storage`."""
        return self._at(path).as_uri()

    def exists(self, path: str) -> bool:
        """See `Storage`."""
        return self._at(path).exists()

    def delete(self, path: str) -> None:
        """See `Storage`."""
        shutil.rmtree(self._at(path), ignore_errors=True)

    def files(self, path: str) -> tuple[StoredFile, ...]:
        """See `Storage`."""
        found = sorted(entry for entry in self._at(path).iterdir() if is_data(entry.name))
        return tuple(
            StoredFile(f"{path.rstrip('/')}/{entry.name}", stat.st_size, stat.st_mtime_ns // 1_000_000)
            for entry in found
            for stat in [entry.stat()]
        )

    def read(self, path: str) -> bytes:
        """See `Storage`."""
        return self._at(path).read_bytes()

    def write(self, path: str, content: bytes) -> None:
        """See `Storage`."""
        self._at(path).parent.mkdir(parents=True, exist_ok=True)
        self._at(path).write_bytes(content)

    def fetch(self, path: str, into: Path) -> tuple[Path, ...]:  # noqa: ARG002 - they are here already
        """See `Storage`; nothing is copied."""
        return tuple(self._at(file.path) for file in self.files(path))

    def arrow(self) -> tuple[FileSystem, str]:
        """See `Storage`."""
        from pyarrow.fs import LocalFileSystem  # noqa: PLC0415 - loading pyarrow takes 0.2 s

        return LocalFileSystem(), str(self._root)

    def wait_ready(self, within_s: float) -> None:  # noqa: ARG002 - a directory is ready
        """See `Storage`."""
        self._root.mkdir(parents=True, exist_ok=True)
