"""One security group a role, and the rules in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from contract import Role
from infra.rules import Addresses, Direction, Rule
from infra.tags import Tags


@dataclass(frozen=True, kw_only=True)
class FirewallArgs:
    """The VPC and the rules (see `rules`)."""

    vpc_id: pulumi.Input[str]
    rules: tuple[Rule, ...]
    tags: Tags


class Firewall(pulumi.ComponentResource):
    """The groups, by role. A rule is a resource of its own, so that one can be added or taken away alone."""

    groups: Mapping[Role, aws.ec2.SecurityGroup]

    def __init__(self, name: str, args: FirewallArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("clusterbed:infra:Firewall", name, None, opts)
        self.groups = {
            role: aws.ec2.SecurityGroup(
                f"{name}-{role}",
                vpc_id=args.vpc_id,
                description=f"{role} of cluster {args.tags.cluster}",
                tags=args.tags.named(role),
                opts=pulumi.ResourceOptions(parent=self),
            )
            for role in Role
        }
        for rule in args.rules:
            self._rule(rule, args.tags)
        self.register_outputs({role: group.id for role, group in self.groups.items()})

    def _rule(self, rule: Rule, tags: Tags) -> None:
        cidr, peer_group = (
            (str(rule.peer.cidr), None)
            if isinstance(rule.peer, Addresses)
            else (None, self.groups[rule.peer].id)
        )
        kind = (
            aws.vpc.SecurityGroupIngressRule
            if rule.direction is Direction.INGRESS
            else aws.vpc.SecurityGroupEgressRule
        )
        kind(
            f"{self._name}-{rule.name}",
            security_group_id=self.groups[rule.group].id,
            ip_protocol=rule.protocol,
            from_port=rule.ports.first if rule.ports else None,
            to_port=rule.ports.last if rule.ports else None,
            cidr_ipv4=cidr,
            referenced_security_group_id=peer_group,
            description=rule.purpose,
            tags=tags.named(rule.name),
            opts=pulumi.ResourceOptions(parent=self),
        )
