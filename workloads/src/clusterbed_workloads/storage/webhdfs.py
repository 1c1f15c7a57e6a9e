"""HDFS over its REST interface: no JVM starts for a listing, 0.1 s instead of 2-5."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

import requests

from clusterbed_workloads.errors import EngineLost
from clusterbed_workloads.polling import until
from clusterbed_workloads.storage.place import StoredFile, is_data

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

_TIMEOUT_S: Final = (5.0, 60.0)
"""To connect, and between two bytes."""

_STREAMS: Final = 4
_NOT_FOUND: Final = 404
_STATE: Final = "Hadoop:service=NameNode,name=FSNamesystem"


class WebHdfs:
    """The NameNode's web address, and the `hdfs://…` one that Spark uses for the same files."""

    def __init__(
        self, webhdfs_url: str, hdfs_url: str, *, user: str, session: requests.Session | None = None
    ) -> None:
        self._web = webhdfs_url.rstrip("/")
        self._hdfs = hdfs_url.rstrip("/")
        self._user = user
        self._session = session or requests.Session()
        self._session.trust_env = False  # the cluster's own addresses never go through a proxy

    def url(self, path: str) -> str:
        """See `Storage`."""
        return f"{self._hdfs}{path}"

    def exists(self, path: str) -> bool:
        """See `Storage`."""
        with self._asking("GET", path, "GETFILESTATUS", missing_ok=True) as response:
            return response.status_code != _NOT_FOUND

    def delete(self, path: str) -> None:
        """See `Storage`."""
        with self._asking("DELETE", path, "DELETE", recursive="true"):
            pass

    def files(self, path: str) -> tuple[StoredFile, ...]:
        """See `Storage`."""
        with self._asking("GET", path, "LISTSTATUS") as response:
            entries: list[dict[str, Any]] = response.json()["FileStatuses"]["FileStatus"]
        return tuple(
            StoredFile(
                f"{path.rstrip('/')}/{entry['pathSuffix']}", entry["length"], entry["modificationTime"]
            )
            for entry in sorted(entries, key=lambda entry: str(entry["pathSuffix"]))
            if entry["type"] == "FILE" and is_data(entry["pathSuffix"])
        )

    def read(self, path: str) -> bytes:
        """See `Storage`."""
        with self._asking("GET", path, "OPEN") as response:
            return response.content

    def write(self, path: str, content: bytes) -> None:
        """See `Storage`."""
        with self._asking("PUT", path, "CREATE", overwrite="true", noredirect="true") as response:
            datanode = response.json()["Location"]
        with self._talking(f"writing {path}"):
            stored = self._session.put(datanode, data=content, timeout=_TIMEOUT_S)
            self._check(stored, path)

    def fetch(self, path: str, into: Path) -> tuple[Path, ...]:
        """See `Storage`; four files at a time."""
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir(parents=True)
        with ThreadPoolExecutor(_STREAMS) as pool:
            return tuple(pool.map(lambda file: self._fetch_one(file, into), self.files(path)))

    def _fetch_one(self, file: StoredFile, into: Path) -> Path:
        target = into / PurePosixPath(file.path).name
        with self._asking("GET", file.path, "OPEN", stream=True) as response, target.open("wb") as sink:
            for chunk in response.iter_content(1 << 20):
                sink.write(chunk)
        if target.stat().st_size != file.bytes:
            raise EngineLost(f"{file.path} has {file.bytes} bytes, but {target.stat().st_size} came over.")
        return target

    def arrow(self) -> tuple[FileSystem, str]:
        """See `Storage`."""
        from fsspec.implementations.webhdfs import WebHDFS  # noqa: PLC0415 - only readers of Parquet need it
        from pyarrow.fs import FSSpecHandler, PyFileSystem  # noqa: PLC0415 - loading pyarrow takes 0.2 s

        address = urlsplit(self._web)
        remote = WebHDFS(host=address.hostname, port=address.port, user=self._user)
        remote.session.trust_env = False
        return PyFileSystem(FSSpecHandler(remote)), ""

    def wait_ready(self, within_s: float) -> None:
        """See `Storage`: a DataNode is live and safe mode is off."""
        until("HDFS to have a live DataNode and leave safe mode", self._state, within_s=within_s, pause_s=1.0)

    def _state(self) -> tuple[bool | None, str]:
        try:
            answer = self._session.get(
                f"{self._web}/jmx", params={"qry": f"{_STATE}State"}, timeout=_TIMEOUT_S
            )
            bean = answer.json()["beans"][0]
        except (requests.RequestException, ValueError, LookupError) as error:
            return None, f"{self._web} does not answer ({type(error).__name__})"
        live, state = int(bean["NumLiveDataNodes"]), str(bean["FSState"])
        return True if live and state == "Operational" else None, f"{live} live DataNodes, state {state}"

    @contextmanager
    def _asking(
        self,
        method: str,
        path: str,
        operation: str,
        *,
        stream: bool = False,
        missing_ok: bool = False,
        **parameters: str,
    ) -> Iterator[requests.Response]:
        with self._talking(f"{operation} {path}"):
            response = self._session.request(
                method,
                f"{self._web}/webhdfs/v1{quote(path)}",
                params={"op": operation, "user.name": self._user, **parameters},
                timeout=_TIMEOUT_S,
                stream=stream,
            )
            with response:
                if not (missing_ok and response.status_code == _NOT_FOUND):
                    self._check(response, path)
                yield response

    def _check(self, response: requests.Response, path: str) -> None:
        if response.ok:
            return
        try:
            problem = response.json()["RemoteException"]
            reason = f"{problem['exception']}: {problem['message'].splitlines()[0]}"
        except (ValueError, LookupError):
            reason = f"HTTP {response.status_code}"
        raise EngineLost(f"HDFS refused {path}: {reason}.")

    @contextmanager
    def _talking(self, doing: str) -> Iterator[None]:
        try:
            yield
        except requests.RequestException as error:
            raise EngineLost(
                f"HDFS at {self._web} did not answer ({doing}): {type(error).__name__}.",
                way_out="Look at the NameNode's and the DataNode's journal.",
            ) from error
