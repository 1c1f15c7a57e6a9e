"""A cluster as it stands: the output of `infra/`, the input of everything after it."""

from __future__ import annotations

import enum
import ipaddress
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from contract.errors import ClusterbedError, SettingError

CLUSTER_TAG = "clusterbed:cluster"
"""The tag every resource carries; its value is the cluster's name. Only what carries it is deleted."""


class Cloud(enum.StrEnum):
    """Where a cluster lives."""

    AWS = "aws"
    LAB = "lab"


class Role(enum.StrEnum):
    """What a node is for. S1.3 calls the head `master`; that is its host name, not its role."""

    HEAD = "head"
    WORKER = "worker"


class Node(BaseModel):
    """A machine of the cluster.

    `name` is its host name (S1.3: `master`, `worker`, `worker-2` …). `ssh_host` is set on
    nodes that the laptop reaches directly; the others are reached by jumping through the head.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")
    role: Role
    instance_id: str
    instance_type: str
    private_ip: ipaddress.IPv4Address
    public_ip: ipaddress.IPv4Address | None = None
    ssh_host: str | None = None
    ssh_port: int = 22


class Cluster(BaseModel):
    """Everything the other rooms need to know of a cluster.

    Times are UTC. `bucket` holds `hostkeys/<instance id>` (what each node published of its SSH
    host keys at boot) and `runs/<run>/…` (results).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    setup: str
    cloud: Cloud
    region: str
    nodes: tuple[Node, ...] = Field(min_length=1)
    bucket: str
    ssh_user: str = "ubuntu"
    ssh_key: Path
    vpc_cidr: ipaddress.IPv4Network
    created_at: datetime
    deadline: datetime
    version: str

    @model_validator(mode="after")
    def _one_head(self) -> Cluster:
        heads = [node.name for node in self.nodes if node.role is Role.HEAD]
        if len(heads) != 1:
            raise ValueError(f"a cluster has one head, this one has {heads}")
        return self

    @property
    def head(self) -> Node:
        """The node that runs the masters and does NAT."""
        return next(node for node in self.nodes if node.role is Role.HEAD)

    @property
    def workers(self) -> tuple[Node, ...]:
        """All other nodes, in the order of their names' numbers."""
        return tuple(node for node in self.nodes if node.role is Role.WORKER)

    def node(self, name: str) -> Node:
        """The node of that host name.

        Raises:
            SettingError: there is none; the message lists those there are.
        """
        for node in self.nodes:
            if node.name == name:
                return node
        known = ", ".join(node.name for node in self.nodes)
        raise SettingError(f"cluster {self.name} has no node '{name}'", way_out=f"It has: {known}.")

    def reached_at(self, addresses: dict[str, tuple[str, int]]) -> Cluster:
        """The same cluster, with the SSH address of some instances replaced: {instance id: (host, port)}."""
        nodes = tuple(
            node.model_copy(
                update=dict(zip(("ssh_host", "ssh_port"), addresses[node.instance_id], strict=True))
            )
            if node.instance_id in addresses
            else node
            for node in self.nodes
        )
        return self.model_copy(update={"nodes": nodes})

    @classmethod
    def from_json(cls, text: str, *, source: str) -> Cluster:
        """Parse what `model_dump_json` wrote.

        Raises:
            ClusterbedError: `source` does not hold a cluster of this version.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the top level"
            raise ClusterbedError(
                f"{source} does not describe a cluster: {where}: {first['msg']}",
                way_out="It was made by another version; use that version, or `fab destroy` and `fab up`.",
            ) from error
