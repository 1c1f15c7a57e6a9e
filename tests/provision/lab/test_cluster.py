"""Provisioning on machines of the lab, with what goes wrong on real ones. The tests build on each other."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from contract import Event
from contract.errors import HostKeyError, MachineError, ServiceError, WorkloadError
from contract.settings import Settings
from lab.faults import Faults
from provision import run as runs
from provision.deploy import Deployment, deploy
from provision.everywhere import run_on_all
from provision.health import health, until_healthy
from provision.run import RunState, RunStatus
from provision.session import Session, session
from tasks.cluster import Current
from tests.provision.sites import Heard

pytestmark = pytest.mark.lab

Sink = Callable[[Event], None]


def deployed(cluster: Current, sink: Sink, settings: Settings | None = None) -> Deployment:
    s3 = cluster.stack.session().client("s3")
    with session(
        cluster.cluster, settings or cluster.settings, home=cluster.workspace.home, sink=sink, s3=s3
    ) as at_hand:
        return deploy(at_hand)


def changed(deployment: Deployment) -> dict[str, tuple[str, ...]]:
    return {outcome.node: outcome.changed for outcome in deployment.outcomes if outcome.changed}


def test_a_dropped_connection_does_not_stop_the_first_deploy(
    cluster: Current, faults: Faults, heard: Heard
) -> None:
    dropped = threading.Event()

    def sink(event: Event) -> None:
        heard(event)
        if event.subject == "worker-2" and "software_mount" in event.text and not dropped.is_set():
            dropped.set()
            # All nodes are reached through the head.
            threading.Thread(target=faults.drop_ssh, args=(cluster.cluster.head.instance_id,)).start()

    deployment = deployed(cluster, sink)
    assert dropped.is_set()
    assert any("connecting again" in event.text for event in heard.events)
    assert [one.healthy for one in deployment.health] == [True, True, True]
    assert deployment.executor is not None
    assert {outcome.node for outcome in deployment.outcomes} == {"master", "worker", "worker-2"}


def test_a_second_deploy_changes_nothing(cluster: Current, heard: Heard) -> None:
    deployment = deployed(cluster, heard)
    assert deployment.changed == 0


def test_s1_3_every_node_knows_every_name(cluster: Current, heard: Heard) -> None:
    with cluster.connected(heard) as at_hand:
        found = run_on_all(at_hand, "hostname; getent hosts master worker worker-2")
    for node in cluster.cluster.nodes:
        lines = found[node.name].output.splitlines()
        assert lines[0] == node.name
        assert [line.split()[0] for line in lines[1:]] == [
            str(one.private_ip) for one in cluster.cluster.nodes
        ]


def test_s1_4_passwordless_and_verified(cluster: Current, heard: Heard) -> None:
    command = "ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=3 worker-2 hostname"
    with cluster.connected(heard) as at_hand:
        done = at_hand.head.run(command)
        assert done.output == "worker-2", done.errors
        from_worker = at_hand.to(cluster.cluster.node("worker")).run(command)
    assert from_worker.exit_code != 0


def test_plain_ssh_reaches_a_private_node(cluster: Current, heard: Heard) -> None:
    with cluster.connected(heard) as at_hand:
        config = at_hand.ssh_config()
    done = subprocess.run(
        ["ssh", "-F", str(config), "worker-2", "hostname"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == "worker-2\n", done.stderr


def test_a_changed_setting_restarts_the_daemons_it_concerns_and_no_other(
    cluster: Current, heard: Heard
) -> None:
    hdfs = cluster.settings.hdfs.model_copy(update={"datanode_heap_mib": 200})
    settings = cluster.settings.model_copy(update={"hdfs": hdfs})
    assert changed(deployed(cluster, heard, settings)) == {
        "worker": ("clusterbed-hdfs-datanode",),
        "worker-2": ("clusterbed-hdfs-datanode",),
    }
    deployed(cluster, heard)


def test_a_daemon_that_was_stopped_is_missed_by_name_and_started_again(
    cluster: Current, heard: Heard
) -> None:
    with cluster.connected(heard) as at_hand:
        worker = at_hand.to(cluster.cluster.node("worker-2"))
        assert worker.run("sudo systemctl stop clusterbed-spark-worker").exit_code == 0
        with pytest.raises(ServiceError, match="1 of 2 Spark Workers alive: worker-2 missing"):
            until_healthy(at_hand.site, at_hand.head, heard, deadline_s=2.0)
    assert changed(deployed(cluster, heard)) == {"worker-2": ("clusterbed-spark-worker",)}


def test_a_daemon_that_dies_comes_back_by_itself(cluster: Current, heard: Heard) -> None:
    with cluster.connected(heard) as at_hand:
        worker = at_hand.to(cluster.cluster.node("worker"))
        done = worker.run("sudo systemctl kill --signal=KILL clusterbed-hdfs-datanode")
        assert done.exit_code == 0, done.errors
        restarts = "systemctl show -p NRestarts --value clusterbed-hdfs-datanode"
        again = worker.run(f"for _ in $(seq 60); do [ $({restarts}) = 0 ] || exit 0; sleep 1; done; exit 1")
        assert again.exit_code == 0
        until_healthy(at_hand.site, at_hand.head, heard, deadline_s=60)


def test_a_frozen_node_is_named_and_does_not_hide_the_others(
    cluster: Current, faults: Faults, heard: Heard
) -> None:
    frozen = cluster.cluster.node("worker-2").instance_id
    faults.freeze(frozen)
    try:
        with cluster.connected(heard) as at_hand:
            at_hand.connections.answer_s = 15.0
            with pytest.raises(MachineError, match="worker-2"):
                deploy(at_hand)
    finally:
        faults.thaw(frozen)
    unchanged = {event.subject for event in heard.events if "0 steps changed" in event.text}
    assert "worker" in unchanged


def test_all_services_come_back_after_a_power_cut(cluster: Current, faults: Faults, heard: Heard) -> None:
    worker = cluster.cluster.node("worker-2").instance_id
    faults.kill(worker)
    faults.power_on(worker)
    with cluster.connected(heard) as at_hand:
        until_healthy(at_hand.site, at_hand.head, heard, deadline_s=120)
    assert deployed(cluster, heard).changed == 0


class TestRun:
    """A run outlives connections, and is found again."""

    def plan(self, *, lines: int = 3, pause_s: float = 0.0, exit_code: int = 0) -> str:
        return json.dumps({"lines": lines, "pause_s": pause_s, "exit_code": exit_code})

    def begin(self, at_hand: Session, wheel: Path, run: str, plan: str) -> None:
        runs.ship(at_hand, wheel, "test")
        runs.start(at_hand, run, plan)

    def test_its_progress_and_its_log_arrive(self, cluster: Current, heard: Heard, wheel: Path) -> None:
        log: list[str] = []
        with cluster.connected(heard) as at_hand:
            self.begin(at_hand, wheel, "good", self.plan())
            assert runs.follow(at_hand, "good", log=log.append) == RunStatus("good", RunState.SUCCEEDED)
            assert runs.status(at_hand) == RunStatus("good", RunState.SUCCEEDED)
        assert [event.text for event in heard.events if event.subject == "case"] == [
            "line 0",
            "line 1",
            "line 2",
        ]
        assert [line for line in log if line.startswith("log")] == ["log 0", "log 1", "log 2"]

    def test_a_dropped_connection_loses_and_repeats_nothing(
        self, cluster: Current, faults: Faults, heard: Heard, wheel: Path
    ) -> None:
        log: list[str] = []

        def note(line: str) -> None:
            log.append(line)
            if line == "log 4":
                threading.Thread(target=faults.drop_ssh, args=(cluster.cluster.head.instance_id,)).start()

        with cluster.connected(heard) as at_hand:
            self.begin(at_hand, wheel, "dropped", self.plan(lines=12, pause_s=0.5))
            ended = runs.follow(at_hand, "dropped", log=note)
        assert ended.state is RunState.SUCCEEDED
        assert [line for line in log if line.startswith("log")] == [f"log {number}" for number in range(12)]
        assert any("going on when it is back" in event.text for event in heard.events)

    def test_a_failure_is_told_with_its_exit_status(
        self, cluster: Current, heard: Heard, wheel: Path
    ) -> None:
        with cluster.connected(heard) as at_hand:
            self.begin(at_hand, wheel, "bad", self.plan(exit_code=7))
            ended = runs.follow(at_hand, "bad", log=lambda line: None)
            assert ended == RunStatus("bad", RunState.FAILED, "exit-code, exit status 7")

    def test_a_second_run_at_the_same_time_is_refused_and_the_first_can_be_ended(
        self, cluster: Current, heard: Heard, wheel: Path
    ) -> None:
        with cluster.connected(heard) as at_hand:
            self.begin(at_hand, wheel, "long", self.plan(lines=1000, pause_s=1))
            assert runs.status(at_hand).state is RunState.RUNNING
            with pytest.raises(WorkloadError, match="run long is going on"):
                runs.start(at_hand, "other", self.plan())
            runs.stop(at_hand, "long")
            assert runs.status(at_hand, "long").state is RunState.FAILED
            assert runs.status(at_hand, "other").state is RunState.ABSENT


def test_a_changed_host_key_stops_everything(cluster: Current, heard: Heard) -> None:
    """The last test: after it the head cannot be reached any more."""
    with cluster.connected(heard) as at_hand:
        made = at_hand.head.run(
            "sudo rm /etc/ssh/ssh_host_*_key* && sudo ssh-keygen -A && sudo systemctl restart ssh"
        )
        assert made.exit_code == 0, made.errors
    with cluster.connected(heard) as at_hand, pytest.raises(HostKeyError, match="master"):
        health(at_hand.site, at_hand.head)
