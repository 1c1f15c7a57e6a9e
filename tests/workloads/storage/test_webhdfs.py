"""The WebHDFS client against a small server that speaks WebHDFS's own dialect."""

import json
import pickle
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clusterbed_workloads.errors import EngineLost, WaitedTooLong
from clusterbed_workloads.storage.webhdfs import WebHdfs


class NameNode(BaseHTTPRequestHandler):
    """Files in a dictionary; reads and writes go by way of a redirect, as to a DataNode."""

    files: ClassVar[dict[str, bytes]] = {}
    state: ClassVar[dict[str, Any]] = {"NumLiveDataNodes": 1, "FSState": "Operational"}
    full: ClassVar[bool] = False

    def _answer(self, code: int, body: bytes = b"{}", **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _refuse(self, code: int, exception: str, message: str) -> None:
        problem = {"RemoteException": {"exception": exception, "message": message}}
        self._answer(code, json.dumps(problem).encode())

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        path = url.path.removeprefix("/webhdfs/v1").removeprefix("/block")
        match query.get("op", [url.path])[0]:
            case "/jmx":
                self._answer(200, json.dumps({"beans": [self.state]}).encode())
            case "GETFILESTATUS" if path not in self.files:
                self._refuse(404, "FileNotFoundException", f"File does not exist: {path}")
            case "GETFILESTATUS":
                status = {"pathSuffix": "", "length": len(self.files[path]), "type": "FILE"}
                self._answer(200, json.dumps({"FileStatus": status}).encode())
            case "LISTSTATUS":
                names = sorted(name for name in self.files if name.startswith(path + "/"))
                entries = [
                    {"pathSuffix": name.rsplit("/", 1)[1], "length": len(self.files[name]), "type": "FILE",
                     "modificationTime": 7}
                    for name in names
                ]  # fmt: skip
                self._answer(200, json.dumps({"FileStatuses": {"FileStatus": entries}}).encode())
            case "OPEN":
                part = "&".join(f"{key}={query[key][0]}" for key in ("offset", "length") if key in query)
                self._answer(307, Location=f"http://{self.headers['Host']}/block{path}?{part}")
            case _:
                first = int(query.get("offset", ["0"])[0])
                length = int(query.get("length", [str(len(self.files[path]))])[0])
                self._answer(200, self.files[path][first : first + length])

    def do_PUT(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if "op=CREATE" in url.query:
            path = url.path.removeprefix("/webhdfs/v1")
            where = {"Location": f"http://{self.headers['Host']}/block{path}"}
            return self._answer(200, json.dumps(where).encode())
        if self.full:
            return self._refuse(403, "DSQuotaExceededException", "The DiskSpace quota is exceeded")
        self.files[url.path.removeprefix("/block")] = body
        return self._answer(201)

    def do_DELETE(self) -> None:
        path = urlsplit(self.path).path.removeprefix("/webhdfs/v1")
        for name in [name for name in self.files if name.startswith(path)]:
            del self.files[name]
        self._answer(200, b'{"boolean": true}')

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@pytest.fixture
def hdfs(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebHdfs]:
    monkeypatch.setattr(NameNode, "files", {})
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    server = ThreadingHTTPServer(("127.0.0.1", 0), NameNode)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield WebHdfs(f"http://127.0.0.1:{server.server_port}", "hdfs://master:9820", user="ubuntu")
    server.shutdown()
    server.server_close()


def test_written_files_can_be_read_listed_and_deleted(hdfs: WebHdfs) -> None:
    hdfs.write("/datasets/d/part-0.parquet", b"rows")
    hdfs.write("/datasets/d/_population", b"mark")
    assert hdfs.exists("/datasets/d/_population")
    assert hdfs.read("/datasets/d/_population") == b"mark"
    assert [file.path for file in hdfs.files("/datasets/d")] == ["/datasets/d/part-0.parquet"]
    hdfs.delete("/datasets/d")
    assert not hdfs.exists("/datasets/d/_population")


def test_a_directory_is_fetched_with_its_bytes(hdfs: WebHdfs, tmp_path: Path) -> None:
    for number in range(6):
        hdfs.write(f"/d/part-{number}", bytes([number]) * 100_000)
    files = hdfs.fetch("/d", tmp_path / "copy")
    assert [file.read_bytes() for file in files] == [bytes([number]) * 100_000 for number in range(6)]


def test_a_full_hdfs_says_so(hdfs: WebHdfs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NameNode, "full", True)
    with pytest.raises(EngineLost, match=r"HDFS refused /d/x: DSQuotaExceededException: The DiskSpace quota"):
        hdfs.write("/d/x", b"rows")


def test_a_dead_namenode_is_named() -> None:
    with pytest.raises(EngineLost, match=r"HDFS at http://127.0.0.1:1 did not answer \(LISTSTATUS /d\)"):
        WebHdfs("http://127.0.0.1:1", "hdfs://master:9820", user="ubuntu").files("/d")


@pytest.mark.parametrize(
    ("state", "seen"),
    [
        ({"NumLiveDataNodes": 0, "FSState": "Operational"}, "0 live DataNodes, state Operational"),
        ({"NumLiveDataNodes": 1, "FSState": "safeMode"}, "1 live DataNodes, state safeMode"),
    ],
)
def test_waiting_ends_with_what_was_seen(
    hdfs: WebHdfs, monkeypatch: pytest.MonkeyPatch, state: dict[str, Any], seen: str
) -> None:
    monkeypatch.setattr(NameNode, "state", state)
    with pytest.raises(WaitedTooLong, match=seen):
        hdfs.wait_ready(0.0)


def test_a_ready_hdfs_is_not_waited_for(hdfs: WebHdfs) -> None:
    hdfs.wait_ready(0.0)
    assert hdfs.url("/d") == "hdfs://master:9820/d"


def test_parquet_is_read_by_arrow_also_after_the_storage_travelled(hdfs: WebHdfs) -> None:
    table = pa.table({"id": list(range(1000))})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    hdfs.write("/d/part-0.parquet", sink.getvalue().to_pybytes())
    files, prefix = pickle.loads(pickle.dumps(hdfs)).arrow()  # noqa: S301 - its own
    assert pq.read_table(f"{prefix}/d/part-0.parquet", filesystem=files).equals(table)
