"""What a case may ask of the place its data sets lie in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A data file: absolute path in the storage, size in bytes, last change in ms since 1970."""

    path: str
    bytes: int
    modified_ms: int


class Storage(Protocol):
    """Paths are absolute (`/datasets/…`). Every call raises `EngineLost` when the place does not answer."""

    def url(self, path: str) -> str:
        """The path as Spark wants it."""

    def exists(self, path: str) -> bool:
        """Whether a file or directory is there."""

    def delete(self, path: str) -> None:
        """Remove a file or a whole directory; one that is not there is fine."""

    def files(self, path: str) -> tuple[StoredFile, ...]:
        """The data files of a directory by name, without markers (`_SUCCESS`) and hidden files."""

    def read(self, path: str) -> bytes:
        """A small file."""

    def write(self, path: str, content: bytes) -> None:
        """Create or replace a small file, with the directories above it."""

    def fetch(self, path: str, into: Path) -> tuple[Path, ...]:
        """The data files of a directory, on this machine's disk; `into` is where copies may go."""

    def arrow(self) -> tuple[FileSystem, str]:
        """A file system for pyarrow, and the prefix its paths need. It belongs to this process alone:

        what travels to another one is the storage, which can be pickled.
        """

    def wait_ready(self, within_s: float) -> None:
        """Return when data can be read and written.

        Raises:
            WaitedTooLong: it could not within `within_s` seconds.
        """


def is_data(name: str) -> bool:
    """Whether a file holds data: Spark leaves out names that start with `_` or `.` as well."""
    return not name.startswith(("_", "."))
