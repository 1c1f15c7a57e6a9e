"""Drives `fab` as a user does: commands, exit codes, what stands on the screen."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


@dataclass
class Running:
    """A task that goes on."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What it has printed."""
        return "".join(self.lines)

    def wait_for(self, pattern: str, *, within_s: float) -> None:
        """Wait until a line matches; fail when the task ends or the time is over."""
        end = time.monotonic() + within_s
        while not re.search(pattern, self.text):
            assert self.process.poll() is None or re.search(pattern, self.text), (
                f"it ended with {self.process.returncode} before /{pattern}/:\n{self.text}"
            )
            assert time.monotonic() < end, f"no /{pattern}/ within {within_s} s:\n{self.text}"
            time.sleep(0.05)

    def kill(self) -> None:
        """As a power cut: no chance to clean up."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def interrupt(self) -> int:
        """Ctrl-C; the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(timeout=60)


@dataclass(frozen=True)
class Fab:
    """`fab` with local state of its own; `variables` lie over the environment."""

    home: Path
    results: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """Without any AWS access of the caller's."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {
            **inherited,
            "CLUSTERBED_HOME": str(self.home),
            "CLUSTERBED_RESULTS": str(self.results),
            "AWS_EC2_METADATA_DISABLED": "true",
            **self.variables,
        }

    def __call__(self, *arguments: str, exit_code: int = 0, timeout_s: float = 900) -> str:
        """Run to the end; everything printed."""
        done = subprocess.run(
            self.command(arguments),
            cwd=PROJECT,
            env=self.environment,
            check=False,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout_s,
        )
        shown = f"fab {' '.join(arguments)} → {done.returncode}\n{done.stdout}"
        assert done.returncode == exit_code, shown
        print(shown)
        return done.stdout

    @contextmanager
    def start(self, *arguments: str) -> Iterator[Running]:
        """Run beside the test; killed at the end if it still runs."""
        process = subprocess.Popen(
            self.command(arguments),
            cwd=PROJECT,
            env=self.environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        running = Running(process)
        assert process.stdout is not None
        reader = threading.Thread(target=lambda: running.lines.extend(process.stdout or ()), daemon=True)
        reader.start()
        try:
            yield running
        finally:
            if process.poll() is None:
                running.kill()
            reader.join(timeout=10)
            print(running.text)

    def on(self, node: str, command: str, *, exit_code: int = 0) -> str:
        """A command on a node."""
        return self("ssh", "--node", node, "--command", command, exit_code=exit_code)

    @staticmethod
    def command(arguments: tuple[str, ...]) -> list[str]:
        """What is executed for `fab ARGUMENTS`."""
        return [sys.executable, "-m", "fabric", *arguments]
