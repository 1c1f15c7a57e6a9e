"""The laptop's side of the lab: start it, ask it, end it."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from contract.errors import LeftoverError, MachineError, WorkstationError
from contract.events import Event, Sink, State
from lab import addresses, host, preflight
from lab.channel import ask
from lab.faults import Faults
from lab.home import SOCKET, Home
from lab.identity.keys import LAPTOP_KEY_ID
from lab.privileged import perform

DEFAULT_PORT = 5566
REGION = "eu-central-1"
_MOTO = (
    # Images that nobody boots take seconds to load in every region.
    "MOTO_EC2_LOAD_DEFAULT_AMIS=false",
    # As on AWS: an instance of an image that does not exist is refused.
    "MOTO_ENABLE_AMI_VALIDATION=true",
)
"""Moto's settings, which it reads when it is first imported."""

_START_S = 60.0
_STOP_S = 180.0
_POLL_S = 0.25


class Lab:
    """A cloud on this machine. One runs at a time; it goes on when the program that started it ends."""

    def __init__(self, home: Path, sink: Sink, *, region: str = REGION, port: int | None = None) -> None:
        self._home = Home(home.resolve() / "lab")
        self._sink = sink
        self._region = region
        self._port = port or int(os.environ.get("CLUSTERBED_LAB_PORT", DEFAULT_PORT))
        self.faults = Faults(SOCKET)

    @property
    def running(self) -> bool:
        """Whether this home's lab runs."""
        holder = preflight.holder()
        return holder is not None and holder["home"] == str(self._home.root) and SOCKET.exists()

    @property
    def endpoint(self) -> str:
        """The AWS API, as the laptop reaches it. A lab that runs keeps the port it was started with."""
        port = self._home.port.read_text().strip() if self._home.port.exists() else self._port
        return f"http://127.0.0.1:{port}"

    @property
    def caller_cidr(self) -> str:
        """Whom the nodes see when the laptop connects: what a firewall must let in."""
        return f"{addresses.LAPTOP}/32"

    def environment(self) -> dict[str, str]:
        """The variables that make every AWS client talk to the lab, with the rights of an administrator."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": LAPTOP_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": self._secret(),
            "AWS_SESSION_TOKEN": "",
            "AWS_REGION": self._region,
            "AWS_DEFAULT_REGION": self._region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def overrides(self) -> dict[str, Any]:
        """What a setup's settings must be in the lab, by key of the stack file."""
        return {"clusterbed:network": {"caller_cidr": self.caller_cidr}}

    def start(self) -> None:
        """Start the lab, unless it runs.

        Raises:
            WorkstationError: this machine lacks something, or the lab's process ended at once.
            SettingError: a setting collides with this machine.
        """
        if self.running:
            self._sink(Event("lab", "already running", State.UNCHANGED))
            return
        elevated = preflight.elevation()
        self._home.root.mkdir(parents=True, exist_ok=True)
        preflight.check(self._home, port=self._port, ranges=(host.DEFAULT_RANGES[0], addresses.RANGE))
        self._secret()
        tag = str(perform(elevated, "image", self._home, self._sink))
        self._sink(Event("lab", "starting"))
        process = self._launch(elevated, tag)
        self._await(lambda: self.running, "the lab to answer", _START_S, process)
        self._sink(Event("lab", f"up: AWS API at {self.endpoint}", State.OK))

    def stop(self) -> None:
        """End the lab with everything in it; nothing is left of it but its cache.

        Raises:
            LeftoverError: something could not be removed.
        """
        holder = preflight.holder()
        if holder is not None and holder["home"] == str(self._home.root):
            self._sink(Event("lab", "ending"))
            pid = int(str(holder["pid"]))
            ask(SOCKET, "stop")
            self._await(lambda: not preflight.alive(pid), "the lab to end", _STOP_S)
        elif holder is not None:
            self._sink(Event("lab", f"not this one: it runs from {holder['home']}", State.UNCHANGED))
            return
        # After a daemon that was killed this removes what it left; after one that ended, nothing is there.
        left = perform(preflight.elevation(), "clear", self._home, self._sink)
        if left:
            raise LeftoverError(f"of the lab there is still: {', '.join(left)}", way_out="Run it again.")
        self._sink(Event("lab", "ended, nothing is left of it", State.OK))

    def addresses(self) -> dict[str, tuple[str, int]]:
        """Where SSH of the public nodes is reached: {instance id: (host, port)}."""
        return {id_: (place[0], int(place[1])) for id_, place in ask(SOCKET, "addresses").items()}

    def wait_ready(self, instance_ids: Iterable[str], *, timeout_s: float = 300.0) -> None:
        """Wait until these machines are through with their first boot.

        Raises:
            MachineError: one broke, ended, or is not through within `timeout_s`.
        """
        waiting = list(instance_ids)
        shown: dict[str, str] = {}
        deadline = time.monotonic() + timeout_s
        while True:
            machines = ask(SOCKET, "state")["machines"]
            phases = {id_: machines.get(id_, {"phase": "not there yet", "problem": ""}) for id_ in waiting}
            for id_, one in phases.items():
                if one["phase"] != shown.get(id_):
                    shown[id_] = one["phase"]
                    state = State.OK if one["phase"] == "ready" else State.WAITING
                    self._sink(Event(id_, one["phase"], state))
                if one["phase"] == "broken":
                    raise MachineError(f"machine {id_} cannot start: {one['problem']}", way_out=self._look())
            if all(one["phase"] == "ready" for one in phases.values()):
                return
            if time.monotonic() > deadline:
                late = ", ".join(f"{id_} is {one['phase']}" for id_, one in phases.items())
                raise MachineError(
                    f"not all machines are up after {timeout_s:g} s: {late}", way_out=self._look()
                )
            time.sleep(_POLL_S)

    def _look(self) -> str:
        return f"Look into {self._home.log}."

    def _secret(self) -> str:
        if not self._home.secret.exists():
            self._home.root.mkdir(parents=True, exist_ok=True)
            self._home.secret.touch(mode=0o600)
            self._home.secret.write_text(secrets.token_urlsafe(30))
        return self._home.secret.read_text().strip()

    def _launch(self, elevated: list[str], tag: str) -> subprocess.Popen[bytes]:
        with self._home.log.open("ab") as log:
            return subprocess.Popen(
                [
                    *elevated,
                    "env",
                    *_MOTO,
                    sys.executable,
                    "-m",
                    "lab.daemon",
                    str(self._home.root),
                    f"--port={self._port}",
                    f"--region={self._region}",
                    f"--owner={os.getuid()}",
                    f"--image={tag}",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=Path(__file__).parent.parent,
            )

    def _await(
        self,
        reached: Callable[[], bool],
        what: str,
        timeout_s: float,
        process: subprocess.Popen[bytes] | None = None,
    ) -> None:
        deadline = time.monotonic() + timeout_s
        while not reached():
            if process is not None and process.poll() is not None:
                last = self._home.log.read_text(errors="replace").strip().splitlines()[-1:]
                raise WorkstationError(f"the lab ended at once: {''.join(last)}", way_out=self._look())
            if time.monotonic() > deadline:
                raise WorkstationError(f"waited {timeout_s:g} s for {what}", way_out=self._look())
            time.sleep(_POLL_S)
