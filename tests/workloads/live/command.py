"""Starts `clusterbed-workloads run` and reads its progress as it comes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

from clusterbed_workloads.record import Record, parse
from clusterbed_workloads.run.done import Done

Line = tuple[str, str, str]


class Command:
    """One run as a user starts it."""

    def __init__(self, runs: Path, *arguments: str) -> None:
        self._runs = runs
        self.lines: list[Line] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "clusterbed_workloads", "run", *arguments],
            stdout=subprocess.PIPE,
            text=True,
        )

    def progress(self) -> Iterator[Line]:
        assert self.process.stdout is not None
        for text in self.process.stdout:
            if text.startswith("@clusterbed "):
                told = json.loads(text.removeprefix("@clusterbed "))
                line = (told["subject"], told["text"], told["state"])
                self.lines.append(line)
                yield line

    def until(self, subject: str, text: str) -> None:
        for line in self.progress():
            if line[0] == subject and line[1].startswith(text):
                return
        raise AssertionError(f"{subject} never said {text!r}; it ended with {self.lines[-3:]}")

    def ended(self) -> int:
        for _ in self.progress():
            pass
        return self.process.wait()

    def java(self) -> list[psutil.Process]:
        return [
            process
            for process in psutil.Process(self.process.pid).children(recursive=True)
            if process.name() == "java"
        ]

    @property
    def directory(self) -> Path:
        (directory,) = [path for path in self._runs.iterdir() if path.is_dir()]
        return directory

    @property
    def done(self) -> Done:
        return Done.model_validate_json((self.directory / "done.json").read_text())

    def records(self, experiment: str) -> list[Record]:
        lines = (self.directory / f"records/{experiment}.jsonl").read_text().splitlines()
        return [parse(line) for line in lines]
