"""The worker's copy of the software image: whole and right, or not there."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from provision.software import fetch as fetching
from provision.software.fetch import fetch

CONTENT = b"image" * 1_000_000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Flaky(SimpleHTTPRequestHandler):
    """Breaks off in the middle of its first answers."""

    breaks = 0

    def copyfile(self, source, outputfile):  # type: ignore[no-untyped-def]
        if Flaky.breaks:
            Flaky.breaks -= 1
            outputfile.write(source.read(1000))
            self.connection.close()
        else:
            super().copyfile(source, outputfile)

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(fetching.time, "sleep", lambda seconds: None)
    served = tmp_path / "served"
    served.mkdir()
    (served / "image").write_bytes(CONTENT)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Flaky, directory=str(served))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/image"
        server.shutdown()


def test_it_arrives_whole(url: str, tmp_path: Path) -> None:
    fetch(url, tmp_path / "image", DIGEST)
    assert (tmp_path / "image").read_bytes() == CONTENT


def test_a_transfer_that_breaks_off_is_tried_again(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Flaky, "breaks", 2)
    fetch(url, tmp_path / "image", DIGEST)
    assert (tmp_path / "image").read_bytes() == CONTENT


def test_what_is_here_and_right_is_not_fetched(tmp_path: Path) -> None:
    (tmp_path / "image").write_bytes(CONTENT)
    fetch("http://127.0.0.1:1/image", tmp_path / "image", DIGEST)


def test_what_is_here_and_wrong_is_replaced(url: str, tmp_path: Path) -> None:
    (tmp_path / "image").write_bytes(b"half")
    fetch(url, tmp_path / "image", DIGEST)
    assert (tmp_path / "image").read_bytes() == CONTENT


def test_another_content_is_refused_and_not_kept(url: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="it should be 00"):
        fetch(url, tmp_path / "image", "00")
    assert not (tmp_path / "image").exists()
    assert not list(tmp_path.glob("*.part"))


def test_proxies_are_for_the_outside(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    fetch(url, tmp_path / "image", DIGEST)
