"""User data: what a machine does by itself when it first boots, as one cloud-config document.

Values travel inside YAML and JSON only, so nothing is ever quoted for a shell. It holds no secret:
anyone on the machine can read it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from string import Template
from typing import Any

import yaml

from contract import Role
from contract.deadline import DEADLINE_TIMER, deadline_files

FILES = Path(__file__).with_name("user_data")
UNITS = Path("/etc/systemd/system")
PROGRAMS = Path("/usr/local/lib/clusterbed")
CONFIGURATION = Path("/etc/clusterbed")

LIMIT_BYTES = 16 * 1024
"""EC2's limit for user data, before it is base64-encoded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Boot:
    """What a machine has to know at its first boot. `bucket_host` is the bucket's own regional host name."""

    name: str
    role: Role
    address: IPv4Address
    region: str
    bucket: str
    bucket_host: str
    vpc_cidr: IPv4Network
    private_cidr: IPv4Network
    deadline: datetime

    def user_data(self) -> str:
        """The document, starting with `#cloud-config`."""
        units = [DEADLINE_TIMER, "clusterbed-hostkeys.service"]
        if self.role is Role.HEAD:
            units.insert(1, "clusterbed-nat.service")
        document = {
            "hostname": self.name,
            "preserve_hostname": False,
            "ssh_deletekeys": True,
            "ssh_pwauth": False,
            "write_files": [*self._files(), self._own_name()],
            "runcmd": [
                ["systemctl", "daemon-reload"],
                # Not waited for: host keys are published over and over until the head forwards.
                ["systemctl", "enable", "--now", "--no-block", *units],
            ],
        }
        return "#cloud-config\n" + yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=1000)

    def _files(self) -> list[dict[str, str]]:
        place = {"region": self.region, "bucket": self.bucket, "bucket_host": self.bucket_host}
        files = [
            _file(CONFIGURATION / "boot.json", json.dumps(place, indent=2) + "\n"),
            _file(PROGRAMS / "publish_host_keys.py", (FILES / "publish_host_keys.py").read_text()),
            _unit("clusterbed-hostkeys.service"),
            _unit("clusterbed-deadline.service"),
            _unit(DEADLINE_TIMER),
            *(_file(Path(path), content) for path, content in deadline_files(self.deadline).items()),
        ]
        if self.role is Role.HEAD:
            ranges = {"private_cidr": str(self.private_cidr), "vpc_cidr": str(self.vpc_cidr)}
            files += [
                _file(CONFIGURATION / "nat.nft", _rendered("nat.nft", **ranges)),
                _unit("clusterbed-nat.service"),
            ]
        return files

    def _own_name(self) -> dict[str, Any]:
        """Its own name means its private address, never 127.0.1.1, to which Hadoop would bind."""
        return {"path": "/etc/hosts", "append": True, "content": f"{self.address} {self.name}\n"}


def _unit(name: str) -> dict[str, str]:
    return _file(UNITS / name, (FILES / name).read_text())


def _file(path: Path, content: str) -> dict[str, str]:
    return {"path": str(path), "permissions": "0644", "content": content}


def _rendered(name: str, **values: str) -> str:
    return _Template((FILES / name).read_text()).substitute(values)


class _Template(Template):
    """`@{name}`: units and rules have uses of their own for $ and %."""

    delimiter = "@"


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, so that user data can be read in the console."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
