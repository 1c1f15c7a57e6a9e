"""A VPC in the lab: its router with the services behind it, metadata, names and the ways to SSH."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from lab import metadata
from lab.cloud import ACCOUNT, Boot, Instance, Subnet, Vpc, domain
from lab.forward import Forward
from lab.identity.keys import Keys
from lab.metadata import Description, MetadataService
from lab.resolver import Resolver, known_hosts, upstreams
from lab.router import Router

RoleOf = Callable[[str], str | None]
"""The name of the role in an instance profile, by the profile's ARN."""


class Site:
    """One VPC's router and services, up from the moment it is made."""

    def __init__(self, vpc: Vpc, number: int, keys: Keys, role_of: RoleOf) -> None:
        self.router = Router(vpc, number)
        self._keys = keys
        self._role_of = role_of
        self._boots: dict[str, Boot] = {}
        self._instances: dict[str, Instance] = {}
        self._forwards: dict[str, Forward] = {}
        self.router.create()
        self._metadata = MetadataService(self.router.namespace, self.describe, metadata.wall_clock)
        self._hosts = known_hosts()
        self._resolver = Resolver(self.router.namespace, upstreams(), self._names)
        self._metadata.start()
        self._resolver.start()

    def plug_in(self, instance: Instance, subnet: Subnet, boot: Boot) -> None:
        """Give the instance its cable, its metadata and, with a public address, a way to SSH."""
        self.router.plug_in(instance, subnet)
        self._boots[instance.id] = boot

    def apply(self, vpc: Vpc) -> None:
        """Follow what changed in route tables, security groups and instances."""
        self._instances = {str(one.private_ip): one for one in vpc.instances}
        self.router.apply(vpc)
        plugged = [one for one in vpc.instances if one.id in self._boots]
        for one in plugged:
            if one.public_ip is not None and one.id not in self._forwards:
                forward = Forward(self.router.namespace, one.private_ip)
                forward.start()
                self._forwards[one.id] = forward

    def unplug(self, instance_id: str) -> None:
        """Take back all that."""
        forward = self._forwards.pop(instance_id, None)
        if forward is not None:
            forward.stop()
        self._boots.pop(instance_id, None)
        self.router.unplug(instance_id)

    def close(self) -> None:
        """End the services and remove the router."""
        for instance_id in list(self._forwards):
            self._forwards.pop(instance_id).stop()
        self._metadata.stop()
        self._resolver.stop()
        self.router.delete()

    def forwards(self) -> dict[str, int]:
        """The local ports that lead to SSH, by instance."""
        return {id_: forward.port for id_, forward in self._forwards.items()}

    def drop_ssh(self, instance_id: str) -> int:
        """Break the open SSH connections to that instance; returns how many."""
        forward = self._forwards.get(instance_id)
        return forward.drop() if forward is not None else 0

    def describe(self, address: str) -> Description | None:
        """What the metadata service tells the instance at that address."""
        instance = self._instances.get(address)
        if instance is None or instance.id not in self._boots:
            return None
        boot = self._boots[instance.id]
        role = self._role_of(instance.profile_arn) if instance.profile_arn else None
        return Description(
            instance=instance,
            user_data=boot.user_data,
            public_key=boot.public_key,
            role=role,
            account=ACCOUNT,
            credentials=lambda: self._keys.of_instance(instance.id, role or ""),
        )

    def _names(self) -> dict[str, IPv4Address]:
        """The names this VPC's name server answers itself."""
        found = dict(self._hosts)
        for one in self._instances.values():
            found[f"{one.host_name}.{domain(one.region)}"] = one.private_ip
        return found
