"""Runs: the shell texts on this machine, and following one over a connection that breaks."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contract.errors import HostKeyError, MachineError, SettingError
from provision import run as runs
from provision.connection import Result
from provision.machine import ConnectionLostError
from provision.run import RunState, RunStatus
from provision.templates import script
from tests.provision.sites import Heard


def bash(text: str, **more: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["bash", "-euo", "pipefail", "-c", text], check=True, capture_output=True, **more)


class TestShipping:
    @pytest.fixture
    def wheel(self, tmp_path: Path) -> bytes:
        path = tmp_path / "some.whl"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("clusterbed_workloads/__init__.py", "VALUE = 1\n")
        return path.read_bytes()

    def ship(self, root: Path, fingerprint: str, wheel: bytes) -> None:
        bash(script("ship.sh", root=str(root), fingerprint=fingerprint, python=sys.executable), input=wheel)

    def test_it_is_unpacked_and_current(self, tmp_path: Path, wheel: bytes) -> None:
        root = tmp_path / "workloads"
        self.ship(root, "f1", wheel)
        assert (root / "current").readlink() == Path("f1")
        assert (root / "current" / "clusterbed_workloads" / "__init__.py").read_text() == "VALUE = 1\n"
        assert list((root / "f1").rglob("*.pyc"))

    def test_a_second_time_leaves_it_and_another_fingerprint_becomes_current(
        self, tmp_path: Path, wheel: bytes
    ) -> None:
        root = tmp_path / "workloads"
        self.ship(root, "f1", wheel)
        mark = root / "f1" / "mark"
        mark.touch()
        self.ship(root, "f2", wheel)
        self.ship(root, "f1", b"not even a wheel")
        assert mark.exists()
        assert (root / "current").readlink() == Path("f1")
        assert {path.name for path in root.iterdir()} == {"f1", "f2", "current"}

    def test_what_is_no_wheel_leaves_nothing(self, tmp_path: Path) -> None:
        root = tmp_path / "workloads"
        with pytest.raises(subprocess.CalledProcessError):
            self.ship(root, "f1", b"no zip")
        assert not list(root.iterdir())


class TestStatus:
    """`run_status.sh`, with a systemctl that says what the test wants."""

    @pytest.fixture
    def runs_folder(self, tmp_path: Path) -> Path:
        return tmp_path / "runs"

    def status(self, folder: Path, run: str, unit: str) -> str:
        programs = folder.parent / "bin"
        programs.mkdir(exist_ok=True)
        (programs / "systemctl").write_text(f"#!/bin/sh\necho {unit}\ntest {unit} = active\n")
        (programs / "systemctl").chmod(0o755)
        text = script("run_status.sh", run=run, runs=str(folder))
        return bash(text, env={"PATH": f"{programs}:/usr/bin:/bin"}).stdout.decode()

    def begin(self, folder: Path, run: str, ended: str | None = None) -> None:
        (folder / run).mkdir(parents=True)
        (folder / run / "plan.json").write_text("{}")
        if ended is not None:
            (folder / run / "ended").write_text(ended)

    def test_none_yet(self, runs_folder: Path) -> None:
        runs_folder.mkdir()
        assert self.status(runs_folder, "", "inactive") == ""
        assert self.status(runs_folder, "r9", "inactive") == ""

    def test_the_latest_is_found(self, runs_folder: Path) -> None:
        self.begin(runs_folder, "r1", "success 0\n")
        subprocess.run(["touch", "-d", "2020-01-01", str(runs_folder / "r1" / "plan.json")], check=True)
        self.begin(runs_folder, "r2")
        assert self.status(runs_folder, "", "active") == "r2 active \n"
        assert self.status(runs_folder, "r1", "inactive") == "r1 inactive success 0\n"


@pytest.mark.parametrize(
    ("ended", "state", "text"),
    [
        ("success 0", RunState.SUCCEEDED, ""),
        ("success TERM", RunState.FAILED, "ended by SIGTERM"),
        ("exit-code 7", RunState.FAILED, "exit-code, exit status 7"),
        ("oom-kill KILL", RunState.FAILED, "oom-kill, exit status KILL"),
        ("", RunState.FAILED, "the head stopped while it ran"),
    ],
)
def test_how_systemd_says_a_run_ended(ended: str, state: RunState, text: str) -> None:
    head = Head([], status=f"r1 inactive {ended}")
    assert runs.status(session(head), "r1") == RunStatus("r1", state, text)


class Head:
    """A head that tells of a run; each of `tellings` is one connection's lines, or why there is none."""

    def __init__(self, tellings: list[list[Any] | Exception], status: str = "r1 active ") -> None:
        self.tellings = tellings
        self.status = status
        self.commands: list[str] = []

    def run(self, command: str, **more: object) -> Result:
        return Result(0, self.status, "")

    def start(self, command: str) -> Any:
        self.commands.append(command)
        telling = self.tellings.pop(0)
        if isinstance(telling, Exception):
            raise telling
        return SimpleNamespace(lines=lambda: self._lines(telling), close=lambda: None)

    def _lines(self, telling: list[Any]) -> Iterator[str]:
        for line in telling:
            if isinstance(line, Exception):
                raise line
            yield json.dumps(line)


def session(head: Head, heard: Heard | None = None) -> Any:
    return SimpleNamespace(
        head=head, sink=heard or Heard(), cluster=SimpleNamespace(head=SimpleNamespace(name="master"))
    )


def line(cursor: str, message: str) -> dict[str, str]:
    return {"cursor": cursor, "message": message}


def told(subject: str, text: str, state: str) -> str:
    return "@clusterbed " + json.dumps({"subject": subject, "text": text, "state": state})


def never(seconds: float) -> None:
    """Sleeps not at all."""


def test_progress_goes_to_the_sink_and_the_rest_to_the_log(heard: Heard) -> None:
    log: list[str] = []
    lines = [line("1", told("E1.2", "loading", "running")), line("2", "a plain line"), {"beat": 1}]
    head = Head([[*lines, line("3", "@clusterbed {broken"), {"ended": "success 0"}]])
    ended = runs.follow(session(head, heard), "r1", log=log.append, sleep=never)
    assert ended.state is RunState.SUCCEEDED
    assert [(event.subject, event.text) for event in heard.events] == [("E1.2", "loading")]
    assert log == ["a plain line", "@clusterbed {broken"]


def test_a_lost_connection_goes_on_after_the_last_line_seen() -> None:
    log: list[str] = []
    head = Head(
        [
            [line("c1", "one"), line("c2", "two"), ConnectionLostError("reset")],
            MachineError("not yet"),
            [line("c3", "three"), {"ended": "exit-code 1"}],
        ]
    )
    ended = runs.follow(session(head), "r1", log=log.append, sleep=never)
    assert log == ["one", "two", "three"]
    assert head.commands[-1].endswith(" c2")
    assert ended.state is RunState.FAILED


def test_a_head_that_stays_away_is_an_error_that_says_the_run_may_go_on() -> None:
    head = Head([ConnectionLostError("reset")] * 100)
    times = iter(range(0, 100_000, 100))
    with pytest.raises(MachineError, match="out of reach") as caught:
        runs.follow(session(head), "r1", log=print, clock=lambda: next(times), sleep=never)
    assert "fab logs" in caught.value.way_out


def test_a_changed_host_key_is_not_tried_again() -> None:
    head = Head([HostKeyError("changed")])
    with pytest.raises(HostKeyError):
        runs.follow(session(head), "r1", log=print, sleep=never)


def test_a_run_that_is_not_there_is_said_so() -> None:
    with pytest.raises(SettingError, match="there is no run r1"):
        runs.follow(session(Head([], status="")), "r1", log=print)
