"""One lab for all its tests: a head with a public address and a private worker behind its NAT (S1.2)."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from contract.events import silent
from lab import Lab

NAT = """#!/bin/sh
sysctl -qw net.ipv4.ip_forward=1
nft add table ip nat
nft 'add chain ip nat out { type nat hook postrouting priority srcnat; }'
nft add rule ip nat out ip saddr 10.0.0.0/16 ip daddr != 10.0.0.0/16 masquerade
"""
TRUST_EC2 = """{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
  "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"""
HOST_KEYS_ONLY = """{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
  "Action": "s3:PutObject", "Resource": "arn:aws:s3:::results/hostkeys/*"}]}"""


def until(holds: Callable[[], Any], what: str, *, within_s: float = 20.0) -> Any:
    deadline = time.monotonic() + within_s
    while not (found := holds()):
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        time.sleep(0.2)
    return found


@dataclass
class Pair:
    """What the tests work with. `sh` runs a command on a machine over SSH, as its user would."""

    lab: Lab
    ec2: Any
    s3: Any
    key: Path
    vpc: str
    group: str
    head: str
    worker: str
    subnets: dict[str, str]
    image: str

    def sh(self, machine: str, command: str, *, timeout_s: float = 30.0) -> str:
        done = self.try_sh(machine, command, timeout_s=timeout_s)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def try_sh(
        self, machine: str, command: str, *, timeout_s: float = 30.0
    ) -> subprocess.CompletedProcess[str]:
        words = [*self.ssh(machine), command]
        return subprocess.run(words, capture_output=True, text=True, timeout=timeout_s, check=False)

    def ssh(self, machine: str) -> list[str]:
        host, port = self.lab.addresses()[self.head]
        options = [
            "-i",
            str(self.key),
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
        ]
        options += ["-o", "LogLevel=ERROR", "-o", "BatchMode=yes", "-o", "ConnectTimeout=8"]
        direct = ["ssh", *options, "-p", str(port), f"ubuntu@{host}"]
        if machine == self.head:
            return direct
        address = self.describe(machine)["PrivateIpAddress"]
        jump = " ".join([*direct[:-1], "-W", "%h:%p", direct[-1]])
        return ["ssh", *options, "-o", f"ProxyCommand={jump}", f"ubuntu@{address}"]

    def describe(self, instance: str) -> dict[str, Any]:
        found = self.ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
        return dict(found)

    def start_instance(self, subnet: str, address: str, *, user_data: str, public: bool = False) -> str:
        made = self.ec2.run_instances(
            ImageId=self.image,
            MinCount=1,
            MaxCount=1,
            InstanceType="t2.large",
            KeyName="laptop",
            IamInstanceProfile={"Name": "node"},
            NetworkInterfaces=[
                {
                    "DeviceIndex": 0,
                    "SubnetId": self.subnets[subnet],
                    "PrivateIpAddress": address,
                    "Groups": [self.group],
                    "AssociatePublicIpAddress": public,
                }
            ],
            MetadataOptions={"HttpTokens": "required"},
            InstanceInitiatedShutdownBehavior="terminate",
            BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 9, "VolumeType": "gp3"}}],
            UserData=user_data,
        )
        return str(made["Instances"][0]["InstanceId"])


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    made = Lab(tmp_path_factory.mktemp("home"), silent)
    made.start()
    before = dict(os.environ)
    os.environ.update(made.environment())
    yield made
    os.environ.clear()
    os.environ.update(before)
    made.stop()


@pytest.fixture(scope="session")
def pair(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    ec2, iam, s3 = boto3.client("ec2"), boto3.client("iam"), boto3.client("s3")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets, tables = {}, {}
    for name, cidr in (("public", "10.0.1.0/24"), ("private", "10.0.2.0/24")):
        subnets[name] = ec2.create_subnet(VpcId=vpc, CidrBlock=cidr)["Subnet"]["SubnetId"]
        tables[name] = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        ec2.associate_route_table(RouteTableId=tables[name], SubnetId=subnets[name])
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    everywhere = {"DestinationCidrBlock": "0.0.0.0/0"}
    ec2.create_route(RouteTableId=tables["public"], GatewayId=gateway, **everywhere)
    group = ec2.create_security_group(GroupName="cluster", Description="cluster", VpcId=vpc)["GroupId"]
    for rule in (
        {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": lab.caller_cidr}]},
        {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "UserIdGroupPairs": [{"GroupId": group}]},
        # What the worker sends out by way of the head's NAT.
        {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 6000, "UserIdGroupPairs": [{"GroupId": group}]},
        {"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "UserIdGroupPairs": [{"GroupId": group}]},
    ):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    key = tmp_path_factory.mktemp("key") / "laptop"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    ec2.import_key_pair(KeyName="laptop", PublicKeyMaterial=key.with_suffix(".pub").read_bytes())
    iam.create_role(RoleName="node", AssumeRolePolicyDocument=TRUST_EC2)
    iam.put_role_policy(RoleName="node", PolicyName="host-keys", PolicyDocument=HOST_KEYS_ONLY)
    iam.create_instance_profile(InstanceProfileName="node")
    iam.add_role_to_instance_profile(InstanceProfileName="node", RoleName="node")
    s3.create_bucket(Bucket="results", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    parameter = "/aws/service/canonical/ubuntu/server/22.04/stable/current/amd64/hvm/ebs-gp2/ami-id"
    image = boto3.client("ssm").get_parameter(Name=parameter)["Parameter"]["Value"]
    made = Pair(lab, ec2, s3, key, vpc, group, "", "", subnets, image)
    made.head = made.start_instance("public", "10.0.1.10", user_data=NAT, public=True)
    ec2.modify_instance_attribute(InstanceId=made.head, SourceDestCheck={"Value": False})
    interface = made.describe(made.head)["NetworkInterfaces"][0]["NetworkInterfaceId"]
    ec2.create_route(RouteTableId=tables["private"], NetworkInterfaceId=interface, **everywhere)
    script = "#!/bin/sh\necho ran > /root/user-data\n"
    made.worker = made.start_instance("private", "10.0.2.11", user_data=script)
    lab.wait_ready([made.head, made.worker])
    return made
