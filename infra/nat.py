"""S1.2: the private subnet's only way out leads through the head."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.network import EVERYWHERE


@dataclass(frozen=True, kw_only=True)
class NatArgs:
    """The private route table, and the network interface of the machine that forwards."""

    private_table_id: pulumi.Input[str]
    head_interface_id: pulumi.Input[str]


class Nat(pulumi.ComponentResource):
    """The default route of the private subnet.

    The head's part (forwarding, masquerading, source/destination check off) is in `boot` and `instances`.
    """

    def __init__(self, name: str, args: NatArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("clusterbed:infra:Nat", name, None, opts)
        self.route = aws.ec2.Route(
            f"{name}-private-out",
            route_table_id=args.private_table_id,
            destination_cidr_block=str(EVERYWHERE),
            network_interface_id=args.head_interface_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"route_id": self.route.id})
