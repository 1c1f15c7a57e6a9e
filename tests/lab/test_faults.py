"""What can be broken on purpose breaks, and mends."""

from __future__ import annotations

import subprocess
import time

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.lab.conftest import Pair, until

pytestmark = pytest.mark.lab


def answers(pair: Pair) -> bool:
    return pair.try_sh(pair.worker, "true").returncode == 0


def test_a_node_that_is_cut_off_is_silent_until_it_rejoins(pair: Pair) -> None:
    pair.lab.faults.cut_off(pair.worker)
    assert not answers(pair)
    pair.lab.faults.rejoin(pair.worker)
    until(lambda: answers(pair), "the worker to be back")


def test_a_frozen_node_answers_when_thawed(pair: Pair) -> None:
    pair.lab.faults.freeze(pair.worker)
    with pytest.raises(subprocess.TimeoutExpired):
        pair.sh(pair.worker, "true", timeout_s=4)
    pair.lab.faults.thaw(pair.worker)
    until(lambda: answers(pair), "the worker to answer")


def test_ssh_breaks_in_the_middle(pair: Pair) -> None:
    with subprocess.Popen([*pair.ssh(pair.head), "echo up; sleep 60"], stdout=subprocess.PIPE) as session:
        assert session.stdout is not None
        assert session.stdout.readline() == b"up\n"
        assert pair.lab.faults.drop_ssh(pair.head) >= 1
        assert session.wait(10) == 255
    assert pair.sh(pair.head, "echo again") == "again"


def test_a_killed_node_stays_running_in_the_api_and_comes_back(pair: Pair) -> None:
    pair.lab.faults.kill(pair.worker)
    assert not answers(pair)
    assert pair.describe(pair.worker)["State"]["Name"] == "running"
    pair.lab.faults.power_on(pair.worker)
    pair.lab.wait_ready([pair.worker])
    until(lambda: answers(pair), "the worker to answer")


def test_a_slow_link_is_slow(pair: Pair) -> None:
    def transfer_s() -> float:
        began = time.monotonic()
        subprocess.run(
            [*pair.ssh(pair.worker), "cat > /dev/null"], input=bytes(500_000), check=True, timeout=60
        )
        return time.monotonic() - began

    fast = transfer_s()
    pair.lab.faults.slow(pair.worker, kbit_s=1000)
    slow = transfer_s()
    pair.lab.faults.full_speed(pair.worker)
    # 500 kB at 1 Mbit/s take 4 s.
    assert slow > 3.5 > fast


def test_an_api_call_is_refused_as_often_as_asked(pair: Pair) -> None:
    pair.lab.faults.refuse("ec2:DescribeVpcs", times=2, code="RequestLimitExceeded")
    once = boto3.client("ec2", config=Config(retries={"total_max_attempts": 1}))
    for _ in range(2):
        with pytest.raises(ClientError, match="RequestLimitExceeded"):
            once.describe_vpcs()
    assert once.describe_vpcs()["Vpcs"]
