"""The lab's process, `python -m lab.daemon`: it lives until it is told to end."""

from __future__ import annotations

import argparse
import fcntl
import functools
import json
import logging
import os
import signal
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3

from contract.errors import ClusterbedError, WorkstationError
from lab import addresses, cloud, host
from lab.api import Region, Server, application, assume, bucket_policies
from lab.channel import Listener
from lab.cloud import ACCOUNT, Cloud, Vpc
from lab.disorder import Disorder
from lab.fleet import Fleet
from lab.home import LOCK, RUN, SOCKET, Home
from lab.identity.action import Call
from lab.identity.gate import Gate
from lab.identity.keys import LAPTOP_KEY_ID, Keys
from lab.site import Site

log = logging.getLogger(__name__)

_LOOK_S = 0.5
_READ_ANYWAY_S = 10.0
"""The API is read after every call that changes something, and this often in any case."""

_READS = ("Describe", "Get", "List", "Head", "Lookup")


class Daemon:
    """Everything that runs while the lab does."""

    def __init__(self, home: Home, *, port: int, region: str, owner: int, image: str) -> None:
        secret = home.secret.read_text().strip()
        endpoint = f"http://127.0.0.1:{port}"
        session = boto3.Session(LAPTOP_KEY_ID, secret, region_name=region)
        self._home = home
        self._region = region
        self._changed = threading.Event()
        self._ending = threading.Event()
        self._regions = Region()
        self._keys = Keys(secret, assume)
        self._ec2 = functools.cache(
            lambda name: session.client("ec2", endpoint_url=endpoint, region_name=name)
        )
        self._used = {region}
        self._iam = session.client("iam", endpoint_url=endpoint)
        self._roles = Roles(self._iam)
        self._sites = 0
        self.fleet = Fleet(
            home=home,
            image=image,
            endpoint=f"http://{addresses.API}:{addresses.API_PORT}",
            ec2_of=self._ec2,
            keys=self._keys,
            site_of=self._site,
        )
        self.disorder = Disorder(self.fleet)
        gate = Gate(
            application(),
            self._keys,
            self._roles.policies,
            bucket_policies,
            ACCOUNT,
            before=self._calling,
            after=self._called,
            refuse=self.disorder.refusal,
        )
        self._server = Server(gate, port)
        self._port = port
        handlers = {
            "state": self._state,
            "addresses": self.fleet.addresses,
            "stop": self._ending.set,
            **self.disorder.handlers(),
        }
        self._listener = Listener(SOCKET, handlers, owner)

    def run(self) -> None:
        """Serve until told to end, then remove everything."""
        host.clear(self._home)
        host.prepare([addresses.RANGE, *host.DEFAULT_RANGES], self._port)
        try:
            self._server.start()
            self._regions.furnish(self._region)
            self._listener.start()
            log.info("the lab is up")
            self._follow()
        finally:
            log.info("the lab ends")
            self.fleet.close()
            self._server.stop()
            host.clear(self._home)
            SOCKET.unlink(missing_ok=True)

    def end(self) -> None:
        """Make `run` return."""
        self._ending.set()
        self._changed.set()

    def _follow(self) -> None:
        read_at = float("-inf")
        while not self._ending.is_set():
            if self._changed.wait(_LOOK_S) or time.monotonic() - read_at > _READ_ANYWAY_S:
                self._changed.clear()
                read_at = time.monotonic()
                self._attempt(lambda: self.fleet.follow(self._read()))
            self._attempt(self.fleet.watch)

    def _attempt(self, action: Any) -> None:
        """One failed round is logged; the next tries again."""
        try:
            action()
        except Exception:
            log.exception("a round of following the API failed")
            time.sleep(1.0)
            self._changed.set()

    def _read(self) -> Cloud:
        """What the API holds, in every region that anybody used."""
        return Cloud(tuple(vpc for name in sorted(self._used) for vpc in cloud.read(self._ec2(name)).vpcs))

    def _calling(self, call: Call) -> None:
        self._regions.furnish(call.region)
        if call.service in {"ec2", "autoscaling"} and self._regions.known(call.region):
            self._used.add(call.region)

    def _called(self, call: Call) -> None:
        if call.service == "ec2" and call.action == "RebootInstances":
            for key, value in call.parameters.items():
                if key.startswith("InstanceId"):
                    self.fleet.reboot(value)
        if call.service == "iam" and not call.action.startswith(_READS):
            self._roles.forget()
        if call.service in {"ec2", "autoscaling", "iam"} and not call.action.startswith(_READS):
            self._changed.set()

    def _site(self, vpc: Vpc) -> Site:
        # An address of this network must not leave this machine, whatever happens to its router.
        host.guard(vpc.network)
        self._sites += 1
        return Site(vpc, self._sites - 1, self._keys, self._roles.of_profile)

    def _state(self) -> dict[str, Any]:
        return {
            "home": str(self._home.root),
            "port": self._port,
            "machines": {
                id_: {"phase": one.phase, "name": one.machine.name, "problem": one.problem}
                for id_, one in self.fleet.members.items()
            },
        }


class Roles:
    """The roles and policies that IAM holds, remembered until somebody changes IAM."""

    def __init__(self, iam: Any) -> None:
        self._iam = iam
        self._known: dict[str, list[Mapping[str, Any]]] = {}

    def forget(self) -> None:
        """IAM changed."""
        self._known = {}

    def of_profile(self, arn: str) -> str | None:
        """The role in that instance profile."""
        profile = self._iam.get_instance_profile(InstanceProfileName=arn.rpartition("/")[2])
        roles = profile["InstanceProfile"]["Roles"]
        return str(roles[0]["RoleName"]) if roles else None

    def policies(self, role: str) -> list[Mapping[str, Any]]:
        """The documents of all its policies, inline and attached."""
        if role not in self._known:
            names = self._iam.list_role_policies(RoleName=role)["PolicyNames"]
            found = [
                self._iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names
            ]
            for one in self._iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
                arn = one["PolicyArn"]
                version = self._iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
                found.append(
                    self._iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"][
                        "Document"
                    ]
                )
            self._known[role] = found
        return self._known[role]


def main() -> None:
    """Take the machine's one place for a lab, and run."""
    parser = argparse.ArgumentParser(prog="python -m lab.daemon")
    parser.add_argument("home", type=Path)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--region", required=True)
    parser.add_argument("--owner", type=int, required=True)
    parser.add_argument("--image", required=True)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    home = Home(given.home)
    RUN.mkdir(mode=0o755, exist_ok=True)
    with LOCK.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise WorkstationError("another lab runs on this machine") from error
        lock.truncate(0)
        lock.write(json.dumps({"home": str(home.root), "pid": os.getpid()}))
        lock.flush()
        home.pid.write_text(f"{os.getpid()}\n")
        home.port.write_text(f"{given.port}\n")
        daemon = Daemon(home, port=given.port, region=given.region, owner=given.owner, image=given.image)
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, lambda *_: daemon.end())
        try:
            daemon.run()
        finally:
            home.pid.unlink(missing_ok=True)
            home.port.unlink(missing_ok=True)
            lock.truncate(0)


if __name__ == "__main__":
    try:
        main()
    except ClusterbedError as error:
        raise SystemExit(str(error)) from error
