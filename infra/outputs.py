"""The program's output: the cluster, as `contract` describes it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

from contract import Cloud, Cluster, Node, Role, Settings, ports
from infra.bucket import Bucket
from infra.deadline import created, deadline
from infra.identity import Identity
from infra.instances import Instances, Place
from infra.tags import Tags


@dataclass(frozen=True, kw_only=True)
class ClusterOutput:
    """What the output is made from."""

    settings: Settings
    region: str
    ssh_key: Path
    instances: Instances
    bucket: Bucket
    identity: Identity
    tags: Tags

    def value(self) -> pulumi.Output[dict[str, Any]]:
        """The cluster in JSON's types, validated by `contract` itself once all of it is known."""
        nodes = [_node(place, machine) for place, machine in self.instances.machines]
        return pulumi.Output.all(
            nodes=pulumi.Output.all(*nodes),
            bucket=self.bucket.bucket.bucket,
            created_at=self.identity.created_at,
        ).apply(self._cluster)

    def _cluster(self, known: dict[str, Any]) -> dict[str, Any]:
        cluster = Cluster(
            name=self.tags.cluster,
            setup=self.tags.setup,
            cloud=Cloud.AWS,
            region=self.region,
            nodes=known["nodes"],
            bucket=known["bucket"],
            ssh_user=self.settings.machines.ssh_user,
            ssh_key=self.ssh_key,
            vpc_cidr=self.settings.network.vpc_cidr,
            created_at=created(known["created_at"]),
            deadline=deadline(known["created_at"], self.settings.lifetime.deadline_h),
            version=self.tags.version,
        )
        return cluster.model_dump(mode="json")


def _node(place: Place, machine: aws.ec2.Instance) -> pulumi.Output[dict[str, Any]]:
    def described(known: dict[str, Any]) -> dict[str, Any]:
        public_ip = known.get("public_ip")
        node = Node(
            name=place.name,
            role=place.role,
            instance_id=known["instance_id"],
            instance_type=place.instance_type,
            private_ip=place.address,
            public_ip=public_ip,
            ssh_host=public_ip,
            ssh_port=ports.SSH,
        )
        return node.model_dump(mode="json")

    # Only the head has one; for the others the cloud reports an empty string.
    reached = {"public_ip": machine.public_ip} if place.role is Role.HEAD else {}
    return pulumi.Output.all(instance_id=machine.id, **reached).apply(described)
