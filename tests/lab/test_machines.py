"""Machines boot, stop and end as instances do."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.lab.conftest import Pair, until

pytestmark = pytest.mark.lab


def container_exists(instance: str) -> bool:
    words = ["podman", "container", "exists", f"clusterbed-{instance}"]
    return subprocess.run(words, check=False).returncode == 0


def test_cloud_init_runs_the_real_user_data(pair: Pair) -> None:
    assert pair.sh(pair.worker, "sudo cat /root/user-data") == "ran"
    assert pair.sh(pair.head, "cat /proc/sys/net/ipv4/ip_forward") == "1"
    assert pair.sh(pair.worker, "cat /proc/sys/net/ipv4/ip_forward") == "0"


def test_names_are_those_of_ec2(pair: Pair) -> None:
    assert pair.sh(pair.worker, "hostname; getent hosts ip-10-0-1-10 | cut -d' ' -f1").split() == [
        "ip-10-0-2-11",
        "10.0.1.10",
    ]
    assert pair.try_sh(pair.worker, "sudo true").stderr == ""


def test_s1_1_memory_and_disk_are_the_instances(pair: Pair) -> None:
    total_kib = int(pair.sh(pair.worker, "awk '/MemTotal/ {print $2}' /proc/meminfo"))
    assert total_kib == 8 * 1024 * 1024
    too_much = pair.try_sh(pair.worker, "sudo fallocate -l 10G /var/lib/clusterbed/big")
    assert "No space left" in too_much.stderr
    pair.sh(pair.worker, "sudo rm -f /var/lib/clusterbed/big")


def test_a_squashfs_image_can_be_mounted(pair: Pair) -> None:
    script = (
        "set -e; sudo mksquashfs /etc/cloud /tmp/s.sqfs -quiet -no-progress; sudo mkdir -p /opt/s;"
        "sudo mount -o loop,ro /tmp/s.sqfs /opt/s; ls /opt/s;"
        "sudo umount --lazy /opt/s || true; ! mountpoint -q /opt/s"
    )
    assert "cloud.cfg" in pair.sh(pair.worker, script)


def test_host_keys_are_each_machines_own(pair: Pair) -> None:
    keys = {pair.sh(one, "cat /etc/ssh/ssh_host_ed25519_key.pub") for one in (pair.head, pair.worker)}
    assert len(keys) == 2


def test_metadata_needs_a_token_and_knows_the_instance(pair: Pair) -> None:
    base = "http://169.254.169.254/latest"
    code = pair.sh(pair.worker, f"curl -s -o /dev/null -w '%{{http_code}}' {base}/meta-data/instance-id")
    assert code == "401"
    token = f'$(curl -sX PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 60" {base}/api/token)'
    get = f'curl -s -H "X-aws-ec2-metadata-token: {token}" {base}'
    assert pair.sh(pair.worker, f"{get}/meta-data/instance-id") == pair.worker
    assert pair.sh(pair.worker, f"{get}/meta-data/placement/region") == "eu-central-1"
    assert pair.sh(pair.worker, f"{get}/meta-data/local-ipv4") == "10.0.2.11"
    assert "echo ran" in pair.sh(pair.worker, f"{get}/user-data")
    keys = json.loads(pair.sh(pair.worker, f"{get}/meta-data/iam/security-credentials/node"))
    assert keys["AccessKeyId"].startswith("ASIA")


@pytest.mark.parametrize("how", ["api", "inside"])
def test_a_reboot_comes_back_and_keeps_the_disk(pair: Pair, how: str) -> None:
    pair.sh(pair.worker, "touch ~/kept; sudo touch /run/forgotten")
    if how == "api":
        pair.ec2.reboot_instances(InstanceIds=[pair.worker])
    else:
        pair.try_sh(pair.worker, "sudo systemctl reboot")
    gone = "test -e ~/kept && test ! -e /run/forgotten && echo yes"
    until(lambda: pair.try_sh(pair.worker, gone).stdout.strip() == "yes", "a rebooted worker", within_s=60)
    pair.lab.wait_ready([pair.worker])


def test_stop_start_shutdown_terminate(pair: Pair) -> None:
    extra = pair.start_instance("private", "10.0.2.12", user_data="#!/bin/sh\ntrue\n")
    other = pair.start_instance("private", "10.0.2.13", user_data="#!/bin/sh\ntrue\n")
    pair.lab.wait_ready([extra, other])
    pair.ec2.stop_instances(InstanceIds=[extra])
    until(lambda: pair.try_sh(extra, "true").returncode != 0, "the stopped machine to be silent")
    pair.ec2.start_instances(InstanceIds=[extra])
    until(lambda: pair.try_sh(extra, "true").returncode == 0, "the started machine", within_s=60)
    # The machine's own end: how a cluster's deadline works with no laptop involved.
    pair.try_sh(other, "sudo systemctl poweroff")
    until(lambda: pair.describe(other)["State"]["Name"] == "terminated", "self-termination", within_s=60)
    pair.ec2.terminate_instances(InstanceIds=[extra])
    until(lambda: not container_exists(extra) and not container_exists(other), "removal", within_s=60)
