"""All settings of a setup, and how a stack file becomes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self

from pydantic import Field, model_validator

from contract.settings.access import Access
from contract.settings.experiments import Experiments
from contract.settings.lifetime import Lifetime
from contract.settings.machines import Machines
from contract.settings.network import FIRST_WORKER_HOST, HEAD_HOST, Network
from contract.settings.section import Section
from contract.settings.services import Hdfs, Ray, Service, Spark
from contract.settings.software import Software

PROJECT = "clusterbed"
"""The Pulumi project, and so the namespace of the settings in a stack file (`clusterbed:machines`)."""


class Settings(Section):
    """One setup. Each field is a section, a key of the stack file."""

    machines: Machines = Machines()
    network: Network = Network()
    access: Access = Access()
    lifetime: Lifetime = Lifetime()
    services: tuple[Service, ...] = (Service.HDFS, Service.SPARK, Service.RAY)
    hdfs: Hdfs = Hdfs()
    spark: Spark = Spark()
    ray: Ray = Ray()
    software: Software = Software()
    experiments: Experiments = Experiments()
    name: str | None = Field(
        default=None,
        pattern=r"^[a-z][a-z0-9-]{0,30}$",
        description="the cluster's name; the stack's name when absent",
    )

    @model_validator(mode="after")
    def _replicas_have_nodes(self) -> Self:
        if Service.HDFS in self.services and self.hdfs.replication > self.machines.workers:
            raise ValueError(
                f"hdfs.replication {self.hdfs.replication} needs as many DataNodes, "
                f"but machines.workers is {self.machines.workers}"
            )
        return self

    @model_validator(mode="after")
    def _workers_have_addresses(self) -> Self:
        # AWS keeps the last address of a subnet; the workers' addresses begin at FIRST_WORKER_HOST.
        room = self.network.private_cidr.num_addresses - FIRST_WORKER_HOST - 1
        if self.machines.workers > room:
            raise ValueError(
                f"machines.workers {self.machines.workers} does not fit into "
                f"network.private_cidr {self.network.private_cidr}, which has room for {max(room, 0)}"
            )
        if self.network.public_cidr.num_addresses - 1 <= HEAD_HOST:
            raise ValueError(f"network.public_cidr {self.network.public_cidr} is too small for the head")
        return self

    @classmethod
    def from_stack(cls, config: Mapping[str, Any]) -> Self:
        """Settings from the `config` mapping of a `Pulumi.<stack>.yaml`.

        Keys of other namespaces (`aws:region`) are left alone.

        Raises:
            SettingError: an unknown key, a wrong type or an impossible value, named in full.
        """
        prefix = f"{PROJECT}:"
        own = {key.removeprefix(prefix): value for key, value in config.items() if key.startswith(prefix)}
        return cls.read(own.get, known=own)

    @classmethod
    def read(cls, get: Callable[[str], Any], *, known: Mapping[str, Any] | None = None) -> Self:
        """Settings from a getter of top-level keys, such as `pulumi.Config("clusterbed").get_object`.

        `known` are the keys there are, where the source can list them: unknown ones are refused.
        """
        keys = known if known is not None else cls.model_fields
        values = {key: value for key in keys if (value := get(key)) is not None}
        return cls.parse(values, path=PROJECT)
