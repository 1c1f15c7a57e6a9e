"""Where the data sets lie: HDFS over WebHDFS, or a directory of this machine."""

from __future__ import annotations

from clusterbed_workloads.plan import Engines
from clusterbed_workloads.storage.directory import Directory
from clusterbed_workloads.storage.place import Storage, StoredFile
from clusterbed_workloads.storage.webhdfs import WebHdfs

__all__ = ["Storage", "StoredFile", "open_storage"]


def open_storage(engines: Engines, *, user: str) -> Storage:
    """The storage that the plan names: `file:///…` is a directory, all else HDFS."""
    if engines.hdfs_url.startswith("file://"):
        return Directory(engines.hdfs_url)
    return WebHdfs(engines.webhdfs_url, engines.hdfs_url, user=user)
