"""The machines of a setup: how many, of which type, with which volume and system."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contract.settings.section import Section

InstanceType = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*\.[a-z0-9-]+$")]

UBUNTU_22_04 = "/aws/service/canonical/ubuntu/server/22.04/stable/current/amd64/hvm/ebs-gp2/ami-id"
"""Canonical's public SSM parameter for the current Ubuntu Server 22.04 LTS image (S1.1)."""


class Machines(Section):
    """S1.1: one head and `workers` workers."""

    workers: int = Field(default=1, ge=1, le=64)
    head_type: InstanceType = "t2.large"
    worker_type: InstanceType = "t2.large"
    volume_gb: int = Field(default=15, ge=8, le=16384)
    image_parameter: str = Field(default=UBUNTU_22_04, pattern=r"^/")
    ssh_user: str = Field(default="ubuntu", pattern=r"^[a-z_][a-z0-9_-]*$")
