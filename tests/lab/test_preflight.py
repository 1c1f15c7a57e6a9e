"""Each lack of this machine has one clear message."""

from __future__ import annotations

import json
import os
import shutil
import socket
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from contract.errors import SettingError, WorkstationError
from lab import preflight
from lab.home import Home

NOWHERE = (IPv4Network("198.19.77.0/24"),)


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Home:
    """A machine that has everything."""
    monkeypatch.setattr(shutil, "which", lambda name, path=None: f"/bin/{name}")
    monkeypatch.setattr(preflight, "run", lambda *_: "[]")
    monkeypatch.setattr(preflight, "LOCK", tmp_path / "lock")
    return Home(tmp_path / "home" / "lab")


def test_a_machine_that_has_everything_passes(ready: Home) -> None:
    preflight.check(ready, port=_free_port(), ranges=NOWHERE)


def test_another_system(ready: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight.sys, "platform", "darwin")
    with pytest.raises(WorkstationError, match="needs Linux, and this is darwin"):
        preflight.check(ready, port=_free_port(), ranges=NOWHERE)


def test_missing_programs_are_named_together(ready: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name, path=None: None if name in {"podman", "nft"} else name)
    with pytest.raises(WorkstationError, match="missing on this machine: podman, nft"):
        preflight.check(ready, port=_free_port(), ranges=NOWHERE)


def test_no_root_and_no_way_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(WorkstationError, match="needs root"):
        preflight.elevation()


def test_a_taken_port(ready: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(WorkstationError, match=f"port {port} of 127.0.0.1 is taken"):
            preflight.check(ready, port=port, ranges=NOWHERE)


def test_a_full_disk(ready: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 9, 4 * 10**9))
    with pytest.raises(WorkstationError, match=r"only 4\.0 GB are free"):
        preflight.check(ready, port=_free_port(), ranges=NOWHERE)


def test_a_range_that_this_machine_uses(ready: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    routes = [{"dst": "default"}, {"dst": "10.0.3.0/24", "dev": "tun0"}]
    monkeypatch.setattr(preflight, "run", lambda *_: json.dumps(routes))
    with pytest.raises(SettingError, match=r"network\.vpc_cidr: 10\.0\.0\.0/16 overlaps .* tun0"):
        preflight.check(ready, port=_free_port(), ranges=(IPv4Network("10.0.0.0/16"),))


def test_another_homes_lab(ready: Home, tmp_path: Path) -> None:
    (tmp_path / "lock").write_text(json.dumps({"home": "/else/lab", "pid": os.getpid()}))
    with pytest.raises(WorkstationError, match=f"from /else/lab \\(process {os.getpid()}\\)"):
        preflight.check(ready, port=_free_port(), ranges=NOWHERE)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
