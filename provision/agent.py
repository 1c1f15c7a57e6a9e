"""The program that executes a node's steps, on the node, as root.

`runner.py` sends its text over SSH and starts it under the system's Python (3.10 or later, standard
library only); it imports nothing of this project. Lines of JSON pass in both directions:

in    {"steps": […], …}            once, after the hello
      {"fact": name, "value": …}   what a step of another node published
      {"lost": name, "why": …}     … and that it never will
      {"beat": 1}                  the other side lives; LEASE_S without any line ends this program
out   {"hello": {…}}               cores, memory and free disk of this node
      {"step": name, "state": …, "text": …}
      {"fact": name, "value": …}
      {"failed": name, "exit_code": …, "lines": […], "why": …}
      {"done": {"changed": […], "unchanged": n}}
      {"beat": 1}                  this program lives

When the connection goes, so does this program, and the step that runs: nothing is left to get in the way
of the next deploy, which waits for the node's lock.
"""

from __future__ import annotations

import collections
import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, TextIO

LEASE_S = 30.0
BEAT_S = 5.0
LOCK_WAIT_S = 120.0
KEPT_LINES = 20
MARK = "@clusterbed "
"""A step's output line that begins with this is progress to show."""


class StepFailedError(Exception):
    """A step's shell failed, or what it waits for did not come."""

    def __init__(self, why: str, exit_code: int | None = None, lines: list[str] | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.exit_code = exit_code
        self.lines = lines or []


class Wire:
    """Both directions of the connection, the facts that came in, and the lease."""

    def __init__(self, source: TextIO, target: TextIO) -> None:
        self._source = source
        self._target = target
        self._sending = threading.Lock()
        self._facts: dict[str, str] = {}
        self._lost: dict[str, str] = {}
        self._news = threading.Condition()
        self._heard = time.monotonic()
        self._spawning = threading.Lock()
        self._running: subprocess.Popen[str] | None = None

    def send(self, **message: Any) -> None:
        """Send one line."""
        with self._sending:
            try:
                self._target.write(json.dumps(message) + "\n")
                self._target.flush()
            except OSError:
                self.leave()

    def first(self) -> dict[str, Any]:
        """The first message; from then on the others are read in the background."""
        line = self._source.readline()
        if not line:
            self.leave()
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._watch, daemon=True).start()
        message: dict[str, Any] = json.loads(line)
        return message

    def fact(self, name: str) -> str:
        """What another node publishes under `name`; waits until it comes, or is known never to."""
        with self._news:
            while name not in self._facts:
                if name in self._lost:
                    raise StepFailedError(f"needs {name}, which will not come: {self._lost[name]}")
                self._news.wait()
            return self._facts[name]

    def has(self, name: str) -> bool:
        """Whether that fact is here."""
        with self._news:
            return name in self._facts

    def spawn(self, start: Callable[[], subprocess.Popen[str]]) -> subprocess.Popen[str]:
        """Start the shell of a step; from then on it ends with this program."""
        with self._spawning:
            self._running = start()
        return self._running

    def reap(self, process: subprocess.Popen[str]) -> int:
        """The exit code of a shell that has ended; its number may soon be another process's."""
        code = process.wait()
        with self._spawning:
            self._running = None
        return code

    def leave(self) -> None:
        """End at once, and the step that runs with it."""
        with self._spawning:
            if self._running is not None:
                kill_group(self._running)
            os._exit(75)

    def _listen(self) -> None:
        for line in self._source:
            self._heard = time.monotonic()
            message = json.loads(line)
            with self._news:
                if "fact" in message:
                    self._facts[message["fact"]] = message["value"]
                elif "lost" in message:
                    self._lost[message["lost"]] = message["why"]
                self._news.notify_all()
        self.leave()

    def _watch(self) -> None:
        while time.monotonic() - self._heard < LEASE_S:
            time.sleep(BEAT_S)
            self.send(beat=1)
        self.leave()


class Agent:
    """Executes steps; `state` keeps a fingerprint of each one that was done."""

    def __init__(self, wire: Wire, state: pathlib.Path) -> None:
        self.wire = wire
        self.state = state
        self.lock_fd = -1

    def run(self, steps: list[dict[str, Any]]) -> None:
        """Execute all steps in order, up to the first that fails."""
        changed = []
        step: dict[str, Any] = {"name": "lock"}
        try:
            (self.state / "steps").mkdir(parents=True, exist_ok=True)
            self.lock()
            for step in steps:
                if self.execute(step):
                    changed.append(step["name"])
        except StepFailedError as failure:
            self.wire.send(
                failed=step["name"], why=failure.why, exit_code=failure.exit_code, lines=failure.lines
            )
        except OSError as error:
            self.wire.send(failed=step["name"], why=str(error), exit_code=None, lines=[])
        else:
            self.wire.send(done={"changed": changed, "unchanged": len(steps) - len(changed)})

    def lock(self) -> None:
        """Keep other deploys out. A step inherits the lock, so one left over keeps them out as well."""
        self.lock_fd = os.open(self.state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        os.set_inheritable(self.lock_fd, True)
        deadline = time.monotonic() + LOCK_WAIT_S
        while True:
            try:
                fcntl.flock(self.lock_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self.wire.send(step="lock", state="waiting", text="another deploy is at work here")
            else:
                return
            if time.monotonic() > deadline:
                raise StepFailedError(f"another deploy has been at work here for {LOCK_WAIT_S:.0f} s")
            time.sleep(1)

    def execute(self, step: dict[str, Any]) -> bool:
        """Do one step unless it is done; whether it was."""
        name = step["name"]
        facts = {}
        for fact in step["facts"]:
            if not self.wire.has(fact):
                self.wire.send(step=name, state="waiting", text=f"waiting for {fact}")
            facts[fact] = self.wire.fact(fact)
        fingerprint = hashlib.sha256(json.dumps([step["fingerprint"], facts]).encode()).hexdigest()
        record = self.state / "steps" / name
        done = self.done(step, fingerprint, record, facts)
        if not done:
            record.unlink(missing_ok=True)
            for wait in step["waits"]:
                self.wait(name, wait)
            self.wire.send(step=name, state="running", text=step["text"])
            for file in step["files"]:
                write(file)
            code, lines = self.shell(step["apply"], facts, name, step["deadline_s"])
            if code:
                raise StepFailedError("its command failed", code, lines)
            if step["check"]:
                code, lines = self.shell(step["check"], facts, name, step["deadline_s"])
                if code:
                    raise StepFailedError("its commands ran, but its check still fails", code, lines)
            partial = record.with_suffix(".part")
            partial.write_text(fingerprint)
            partial.replace(record)
        for fact, path in step["publishes"].items():
            self.wire.send(fact=fact, value=pathlib.Path(path).read_text().strip())
        self.wire.send(step=name, state="unchanged" if done else "changed", text=step["text"])
        return not done

    def done(
        self, step: dict[str, Any], fingerprint: str, record: pathlib.Path, facts: dict[str, str]
    ) -> bool:
        """Whether the node already is as this step makes it."""
        recorded = record.exists() and record.read_text() == fingerprint
        if not recorded and not step["adopts"]:
            return False
        if not all(same(file) for file in step["files"]):
            return False
        if not step["check"]:
            return True
        code, _ = self.shell(step["check"], facts, step["name"], step["deadline_s"])
        return code == 0

    def wait(self, name: str, wait: dict[str, Any]) -> None:
        """Until a TCP port answers."""
        address, deadline_s = (wait["host"], wait["port"]), wait["deadline_s"]
        deadline = time.monotonic() + deadline_s
        self.wire.send(step=name, state="waiting", text=f"waiting for {wait['what']}")
        while (seen := refusal(address)) is not None:
            if time.monotonic() > deadline:
                where = f"{wait['what']} at {address[0]}:{address[1]}"
                raise StepFailedError(f"waited {deadline_s:.0f} s for {where}; last seen: {seen}")
            time.sleep(0.3)

    def shell(self, text: str, facts: dict[str, str], name: str, deadline_s: float) -> tuple[int, list[str]]:
        """Run a bash text; its exit code and the last lines it wrote."""
        process = self.wire.spawn(
            lambda: subprocess.Popen(
                ["bash", "-euo", "pipefail", "-c", text],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                env={**os.environ, **facts},
                start_new_session=True,
                pass_fds=(self.lock_fd,),
            )
        )
        late = threading.Timer(deadline_s, kill_group, (process,))
        late.start()
        lines: collections.deque[str] = collections.deque(maxlen=KEPT_LINES)
        for line in process.stdout or ():
            if line.startswith(MARK):
                self.wire.send(step=name, state="running", text=line[len(MARK) :].strip())
            else:
                lines.append(line.rstrip())
        code = self.wire.reap(process)
        if not late.is_alive():
            raise StepFailedError(f"its command did not end within {deadline_s:.0f} s", code, list(lines))
        late.cancel()
        return code, list(lines)


def refusal(address: tuple[str, int]) -> str | None:
    """Why a TCP port does not answer; None when it does."""
    try:
        socket.create_connection(address, timeout=2).close()
    except OSError as error:
        return str(error)
    return None


def kill_group(process: subprocess.Popen[str]) -> None:
    """End a step's shell and all it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def same(file: dict[str, Any]) -> bool:
    """Whether a file is there with that content and mode."""
    path = pathlib.Path(file["path"])
    try:
        mode = path.stat().st_mode & 0o7777
        return (path.read_text(), mode) == (file["content"], file["mode"])
    except (FileNotFoundError, UnicodeDecodeError):
        return False


def write(file: dict[str, Any]) -> None:
    """Put a file in its place, whole or not at all."""
    if same(file):
        return
    path = pathlib.Path(file["path"])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.part")
        partial.write_text(file["content"])
        partial.chmod(file["mode"])
        partial.replace(path)
    except OSError as error:
        raise StepFailedError(f"{path} cannot be written: {error.strerror}") from error


def memory_mib() -> int:
    """This machine's memory, or what its control group allows of it."""
    meminfo = pathlib.Path("/proc/meminfo").read_text()
    # The first line: "MemTotal:  16384256 kB".
    total = int(meminfo.split()[1]) // 1024
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            total = min(total, int(pathlib.Path(limit).read_text()) // 1024**2)
        except (OSError, ValueError):
            continue
    return total


def hello(state: pathlib.Path) -> dict[str, int]:
    """How large this machine is."""
    free = shutil.disk_usage(state if state.exists() else "/").free
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_mib": memory_mib(),
        "disk_free_mib": free // 1024**2,
        "shm_mib": shutil.disk_usage("/dev/shm").total // 1024**2,  # noqa: S108 - asked for its size only
    }


def main(state: str) -> None:
    """Say hello, receive the steps, execute them."""
    wire = Wire(sys.stdin, sys.stdout)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        # In a thread of its own: the main one may be just starting a shell.
        signal.signal(number, lambda *_: threading.Thread(target=wire.leave).start())
    wire.send(hello=hello(pathlib.Path(state)))
    Agent(wire, pathlib.Path(state)).run(wire.first()["steps"])


if __name__ == "__main__":
    main(sys.argv[1])
