"""User data as rendered: what each machine does at its first boot."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
from configparser import ConfigParser
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network

import pytest
import yaml

from contract import Role
from infra.boot import Boot

HEAD = Boot(
    name="master",
    role=Role.HEAD,
    address=IPv4Address("10.0.1.10"),
    region="eu-west-1",
    bucket="spark-ray-results-0a1b2c3",
    bucket_host="spark-ray-results-0a1b2c3.s3.eu-west-1.amazonaws.com",
    vpc_cidr=IPv4Network("10.0.0.0/16"),
    private_cidr=IPv4Network("10.0.2.0/24"),
    deadline=datetime(2025, 11, 21, 14, 0, 5, tzinfo=UTC),
)
WORKER = replace(HEAD, name="worker-2", role=Role.WORKER, address=IPv4Address("10.0.2.12"))


def document(boot: Boot) -> dict:
    return yaml.safe_load(boot.user_data())


def files(boot: Boot) -> dict[str, str]:
    return {file["path"]: file["content"] for file in document(boot)["write_files"]}


def unit(boot: Boot, name: str) -> ConfigParser:
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read_string(files(boot)[f"/etc/systemd/system/{name}"])
    return parser


def moment(boot: Boot) -> str:
    return unit(boot, "clusterbed-deadline.timer.d/deadline.conf")["Timer"]["OnCalendar"]


def enabled(boot: Boot) -> list[str]:
    (command,) = [command for command in document(boot)["runcmd"] if "enable" in command]
    return [word for word in command if word.startswith("clusterbed-")]


def test_it_is_a_cloud_config_document():
    assert HEAD.user_data().startswith("#cloud-config\n")


@pytest.mark.parametrize("boot", [HEAD, WORKER])
def test_s1_3_the_machine_takes_its_name_and_knows_it_by_its_private_address(boot):
    assert document(boot)["hostname"] == boot.name
    (hosts,) = [file for file in document(boot)["write_files"] if file["path"] == "/etc/hosts"]
    assert hosts["append"] is True
    assert hosts["content"] == f"{boot.address} {boot.name}\n"


def test_host_keys_are_made_on_the_machine_and_passwords_refused():
    assert document(HEAD)["ssh_deletekeys"] is True
    assert document(HEAD)["ssh_pwauth"] is False


def test_s1_2_the_head_alone_does_nat():
    assert "clusterbed-nat.service" in enabled(HEAD)
    assert "clusterbed-nat.service" not in enabled(WORKER)
    assert not [path for path in files(WORKER) if "nat" in path]
    assert "ip saddr 10.0.2.0/24 ip daddr != 10.0.0.0/16 masquerade" in files(HEAD)["/etc/clusterbed/nat.nft"]


@pytest.mark.parametrize("boot", [HEAD, WORKER])
def test_the_deadline_is_armed_before_anything_else_at_an_absolute_time(boot):
    assert enabled(boot)[0] == "clusterbed-deadline.timer"
    assert moment(boot) == "2025-11-21 14:00:05 UTC"
    assert int(files(boot)["/etc/clusterbed/deadline"]) == boot.deadline.timestamp()
    service = unit(boot, "clusterbed-deadline.service")
    assert "/etc/clusterbed/deadline" in service["Service"]["ExecCondition"]


@pytest.mark.parametrize("boot", [HEAD, WORKER])
def test_the_machine_knows_where_to_publish_its_host_keys(boot):
    assert json.loads(files(boot)["/etc/clusterbed/boot.json"]) == {
        "region": "eu-west-1",
        "bucket": boot.bucket,
        "bucket_host": boot.bucket_host,
    }
    assert "clusterbed-hostkeys.service" in enabled(boot)


def test_the_publishing_program_is_python_of_ubuntu_22_04():
    program = files(WORKER)["/usr/local/lib/clusterbed/publish_host_keys.py"]
    ast.parse(program, feature_version=(3, 10))


@pytest.mark.parametrize("boot", [HEAD, WORKER])
def test_every_unit_it_enables_is_written_and_leaves_no_placeholder(boot):
    written = files(boot)
    for name in enabled(boot):
        assert f"/etc/systemd/system/{name}" in written
    for path, content in written.items():
        if not path.endswith(".py"):
            assert "@" not in content


@pytest.mark.parametrize("name", ["clusterbed-deadline.service", "clusterbed-nat.service"])
def test_the_shell_in_units_is_valid(name):
    lines = files(HEAD)[f"/etc/systemd/system/{name}"].splitlines()
    commands = [line.split("/bin/sh -c ", 1)[1].strip("'") for line in lines if "/bin/sh -c " in line]
    assert commands
    for command in commands:
        # systemd's own escapes, undone as systemd does.
        shell = command.replace("$$", "$").replace("%%", "%")
        subprocess.run(["bash", "-n", "-c", shell], check=True)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")
def test_systemd_understands_the_deadline():
    calendar = subprocess.run(
        ["systemd-analyze", "calendar", moment(HEAD)],
        check=True,
        capture_output=True,
        text=True,
        env={"TZ": "UTC", "LC_ALL": "C", "PATH": "/usr/bin:/bin"},
    )
    assert "2025-11-21 14:00:05 UTC" in calendar.stdout


@pytest.mark.skipif(not shutil.which("nft") or os.geteuid() != 0, reason="nft --check needs root")
def test_nft_accepts_the_rules():
    checked = subprocess.run(
        ["nft", "--check", "-f", "-"],
        input=files(HEAD)["/etc/clusterbed/nat.nft"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
