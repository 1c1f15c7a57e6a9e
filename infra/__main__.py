"""The program that Pulumi runs: composes the components of a cluster and exports it."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path

import pulumi

from contract import ClusterbedError, Settings
from contract.settings import FirewallProfile
from infra import configuration, lookup
from infra.bucket import Bucket, BucketArgs
from infra.caller import caller_cidr
from infra.firewall import Firewall, FirewallArgs
from infra.identity import Identity, IdentityArgs
from infra.instances import Instances, InstancesArgs
from infra.keypair import KeyPair, KeyPairArgs, LocalKey, existing_key, own_key
from infra.nat import Nat, NatArgs
from infra.network import Network, NetworkArgs
from infra.outputs import ClusterOutput
from infra.rules import rules
from infra.tags import Tags

PROJECT = Path(__file__).resolve().parent.parent


def build() -> None:
    """One cluster, from the stack's settings.

    Raises:
        ClusterbedError: a setting, this machine or the cloud stands in the way.
    """
    settings = configuration.settings()
    region = configuration.region()
    name = configuration.cluster_name(settings)
    tags = Tags(cluster=name, setup=pulumi.get_stack(), version=version("clusterbed"))
    machines, ranges = settings.machines, settings.network
    caller = ranges.caller_cidr
    if caller is None and ranges.firewall is FirewallProfile.HARDENED:
        caller = caller_cidr()
    key = ssh_key(settings, name)
    # All that can be refused is asked before the first resource, so that a refusal leaves nothing behind.
    zone = lookup.zone({machines.head_type, machines.worker_type}, region=region)
    image = lookup.image(machines.image_parameter, region=region)

    bucket = Bucket(name, BucketArgs(tags=tags))
    identity = Identity(name, IdentityArgs(bucket_arn=bucket.bucket.arn, tags=tags))
    network = Network(
        name,
        NetworkArgs(
            vpc_cidr=ranges.vpc_cidr,
            public_cidr=ranges.public_cidr,
            private_cidr=ranges.private_cidr,
            zone=zone,
            tags=tags,
        ),
    )
    firewall = Firewall(name, FirewallArgs(vpc_id=network.vpc.id, rules=rules(settings, caller), tags=tags))
    key_pair = KeyPair(name, KeyPairArgs(public_key=key.public, tags=tags))
    instances = Instances(
        name,
        InstancesArgs(
            settings=settings,
            image=image,
            region=region,
            network=network,
            firewall=firewall,
            key_pair=key_pair,
            identity=identity,
            bucket=bucket,
            tags=tags,
        ),
    )
    Nat(
        name,
        NatArgs(
            private_table_id=network.private_table.id,
            head_interface_id=instances.head.primary_network_interface_id,
        ),
    )
    cluster = ClusterOutput(
        settings=settings,
        region=region,
        ssh_key=key.private_path,
        instances=instances,
        bucket=bucket,
        identity=identity,
        tags=tags,
    )
    pulumi.export("cluster", cluster.value())


def ssh_key(settings: Settings, cluster: str) -> LocalKey:
    """The owner's own pair where the settings name one, else the cluster's in the local state."""
    if settings.access.public_key is not None:
        return existing_key(settings.access.public_key)
    home = Path(os.environ.get("CLUSTERBED_HOME", PROJECT / ".clusterbed"))
    return own_key(home / "keys" / cluster, comment=f"clusterbed-{cluster}")


if __name__ == "__main__":
    try:
        build()
    except ClusterbedError as error:
        # The one exception that the Pulumi CLI shows as its message alone, without a traceback.
        raise pulumi.RunError(str(error)) from error
