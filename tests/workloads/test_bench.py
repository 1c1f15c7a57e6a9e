"""Copies of data sets on this machine's disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from clusterbed_workloads.storage import StoredFile
from tests.workloads.benches import bench


class Remote:
    """A storage whose files must be copied, and that counts how often they were."""

    def __init__(self) -> None:
        self.listing = (StoredFile("/d/part-0", 4, 1),)
        self.fetched = 0

    def files(self, path: str) -> tuple[StoredFile, ...]:
        return self.listing

    def fetch(self, path: str, into: Path) -> tuple[Path, ...]:
        self.fetched += 1
        into.mkdir(parents=True, exist_ok=True)
        (into / "part-0").write_text("rows")
        return (into / "part-0",)


def test_a_data_set_is_copied_once_until_it_changes(tmp_path: Path) -> None:
    remote = Remote()
    where = replace(bench(tmp_path, "E1.2"), storage=cast("Any", remote))
    assert where.fetched("/d") == where.fetched("/d")
    assert remote.fetched == 1
    remote.listing = (StoredFile("/d/part-0", 4, 2),)
    where.fetched("/d")
    assert remote.fetched == 2


def test_a_forgotten_copy_is_made_again(tmp_path: Path) -> None:
    remote = Remote()
    where = replace(bench(tmp_path, "E1.2"), storage=cast("Any", remote))
    where.fetched("/d")
    where.forget("/d")
    assert [file.read_text() for file in where.fetched("/d")] == ["rows"]
