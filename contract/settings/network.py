"""The network of a setup: address ranges and the firewall's profile."""

from __future__ import annotations

import enum
from ipaddress import IPv4Network
from typing import Annotated

from pydantic import Field, model_validator

from contract.settings.section import Section

HEAD_HOST = 10
FIRST_WORKER_HOST = 11
"""Addresses are fixed: the head is host 10 of the public subnet, the workers 11, 12 … of the private one."""

Port = Annotated[int, Field(ge=1, le=65535)]


class FirewallProfile(enum.StrEnum):
    """`hardened`: 22 from the caller only, all else only inside. `documented`: what the paper describes."""

    HARDENED = "hardened"
    DOCUMENTED = "documented"


class Network(Section):
    """S1.2: a VPC with a public subnet for the head and a private one for the workers."""

    vpc_cidr: IPv4Network = IPv4Network("10.0.0.0/16")
    public_cidr: IPv4Network = IPv4Network("10.0.1.0/24")
    private_cidr: IPv4Network = IPv4Network("10.0.2.0/24")
    firewall: FirewallProfile = FirewallProfile.HARDENED
    caller_cidr: IPv4Network | None = Field(
        default=None, description="who may reach port 22 in `hardened`; looked up when absent"
    )
    outside_tcp_ports: tuple[Port, ...] = Field(
        default=(80, 443),
        min_length=1,
        description="TCP ports that nodes may reach outside the cluster: package registries, the cloud's API",
    )

    @model_validator(mode="after")
    def _subnets_fit(self) -> Network:
        for name, subnet in (("public_cidr", self.public_cidr), ("private_cidr", self.private_cidr)):
            if not subnet.subnet_of(self.vpc_cidr):
                raise ValueError(f"{name} {subnet} is not inside vpc_cidr {self.vpc_cidr}")
        if self.public_cidr.overlaps(self.private_cidr):
            raise ValueError(f"public_cidr {self.public_cidr} overlaps private_cidr {self.private_cidr}")
        if self.caller_cidr is not None and self.caller_cidr.prefixlen == 0:
            raise ValueError(
                "caller_cidr 0.0.0.0/0 opens SSH to the world; use firewall: documented to ask for that"
            )
        return self
