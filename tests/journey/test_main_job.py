"""The main job as a user does it, on the lab: up, deploy, run, results, destroy, and what goes wrong between.

The tests stand in the order of a cluster's life and share one cluster: each begins where the one
before it left off.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import boto3
import pytest

from clusterbed_workloads.record import Outcome, Phase, Record, parse
from contract.events import silent
from lab import Lab
from tests.journey.fab import Fab

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1800)]

ROWS = 20_000
SETTINGS = (
    *("--set", f"experiments.rows={ROWS}"),
    *("--set", "experiments.repeats=2"),
    *("--set", "experiments.training_rows=1000"),
    *("--set", "experiments.prediction_rows=5000"),
)
NODES = ("master", "worker", "worker-2", "worker-3")


def records(home: Path) -> list[Record]:
    return [parse(line) for line in (home / "records.jsonl").read_text().splitlines()]


def state(fab: Fab) -> list[dict[str, Any]]:
    text = (fab.home / "lab" / "stacks" / "spark-ray.json").read_text()
    resources: list[dict[str, Any]] = json.loads(text)["deployment"]["resources"]
    return resources


def test_a_wrong_setting_is_refused_before_anything_is_touched(fab: Fab) -> None:
    text = fab("up", "--setup", "spark-ray", "--lab", "--workers", "0", exit_code=2)
    assert "clusterbed:machines.workers" in text
    assert "there is no current cluster" in fab("status", exit_code=2)


def test_up_killed_in_the_middle_goes_on_to_three_workers(fab: Fab) -> None:
    with fab.start("up", "--setup", "spark-ray", "--lab", "--workers", "3", *SETTINGS) as up:
        up.wait_for(r"vpc.*creat|creat.*vpc|created", within_s=300)
        up.kill()
    fab("up")
    names = [resource["urn"] for resource in state(fab)]
    assert len(names) == len(set(names))
    instances = [one for one in state(fab) if one["type"] == "aws:ec2/instance:Instance"]
    assert len(instances) == len(NODES)


def test_a_second_up_changes_nothing(fab: Fab) -> None:
    assert "nothing would change" in fab("preview")


def test_deploy_killed_in_the_middle_goes_on(fab: Fab) -> None:
    with fab.start("deploy") as deploy:
        deploy.wait_for(r"hdfs|software", within_s=300)
        deploy.kill()
    text = fab("deploy")
    assert "3 of 3 DataNodes" in text


def test_a_second_deploy_changes_nothing_and_says_so(fab: Fab) -> None:
    assert "nothing changed" in fab("deploy")


def test_status_asks_the_services_themselves(fab: Fab) -> None:
    text = fab("status")
    for node in NODES:
        assert node in text
    assert "ILL" not in text


def test_s1_4_the_head_reaches_the_workers_without_a_password(fab: Fab) -> None:
    for worker in NODES[1:]:
        reached = fab.on("master", f"ssh -o BatchMode=yes -o StrictHostKeyChecking=yes {worker} hostname")
        assert reached.split()[-1] == worker


def test_s1_2_stopping_nat_on_the_head_shuts_the_worker_in(fab: Fab) -> None:
    """The worker reaches the package registry through the head, or not at all."""
    pip = "/var/tmp/pip/bin/pip"
    ask = f"timeout 20 {pip} download --retries 0 --timeout 5 --no-deps --no-cache-dir -q -d /var/tmp six"
    fab.on("worker", f"python3 -m venv /var/tmp/pip && {ask}")
    fab.on("master", "sudo systemctl stop clusterbed-nat")
    try:
        with pytest.raises(AssertionError):
            fab.on("worker", ask)
    finally:
        fab.on("master", "sudo systemctl start clusterbed-nat")
    fab.on("worker", ask)


def test_s1_6_without_the_rule_for_7077_a_spark_worker_cannot_join(fab: Fab) -> None:
    """What the firewall forgets is closed in the lab too; `fab up` notices and mends it."""
    ec2 = ec2_client(fab)
    rules = ec2.describe_security_group_rules()["SecurityGroupRules"]
    (rule,) = [one for one in rules if not one["IsEgress"] and one["FromPort"] == 7077]
    ec2.revoke_security_group_ingress(
        GroupId=rule["GroupId"], SecurityGroupRuleIds=[rule["SecurityGroupRuleId"]]
    )
    fab.on("worker", "sudo systemctl restart clusterbed-spark-worker")
    text = fab("status", exit_code=6)
    assert "2 of 3 Spark Workers alive: worker missing" in text
    assert "created" in fab("up")
    assert "3 of 3 Spark Workers alive" in fab("deploy")


def ec2_client(fab: Fab) -> Any:
    """The lab's EC2, as the laptop's tools see it."""
    access = Lab(fab.home, silent).environment()
    return boto3.client(
        "ec2",
        endpoint_url=access["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id=access["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=access["AWS_SECRET_ACCESS_KEY"],
    )


def test_the_run_survives_the_laptop_and_every_answer_verifies(fab: Fab) -> None:
    """E1.1-E1.6, both variants: the laptop dies in the middle, `fab logs` finds the run again."""
    with fab.start("run-bench") as bench:
        bench.wait_for(r"E1\.1", within_s=300)
        bench.kill()
    fab("logs", timeout_s=1700)
    home = max(fab.results.iterdir())
    found = records(home)
    assert {record.outcome for record in found} == {Outcome.OK}
    assert {record.experiment for record in found} == {f"E1.{number}" for number in range(1, 7)}
    for experiment in {record.experiment for record in found}:
        measured = [
            record for record in found if record.experiment == experiment and record.phase is Phase.MEASURED
        ]
        assert {record.variant for record in measured} == {"expert", "literal"}
    names = {Path(artifact.name).name for record in found for artifact in record.artifacts}
    documented = {"ml_model.pkl", "scaler.pkl", "ml_pipeline.log", "predictions.csv", "prediction.log"}
    assert documented <= names
    assert "<html" in (home / "report.html").read_text()


def test_killing_the_worker_fails_its_case_clearly_and_the_others_go_on(fab: Fab) -> None:
    """The case that runs while no worker is there fails with its record and log; the others are well."""
    lab = Lab(fab.home, silent)
    workers = [node["instance_id"] for node in nodes(fab) if node["role"] == "worker"]
    with fab.start("run-bench", "--only", "E1.1,E1.2,E1.3,E1.4", "--repeats", "1") as bench:
        bench.wait_for(r"E1\.2/\w+ +cold 1: ", within_s=600)
        for worker in workers:
            lab.faults.kill(worker)
        bench.wait_for(r"✗ +E1\.2", within_s=900)
        for worker in workers:
            lab.faults.power_on(worker)
        assert bench.process.wait(timeout=1500) == 7
    found = records(max(fab.results.iterdir()))
    failed = [record for record in found if record.outcome is Outcome.FAILED]
    assert failed
    assert all(record.error and record.artifacts for record in failed)
    well = {record.experiment for record in found if record.outcome is Outcome.OK}
    assert {"E1.1", "E1.4"} <= well


def nodes(fab: Fab) -> list[dict[str, Any]]:
    """The nodes as the stack's output tells them."""
    stack = next(one for one in state(fab) if one["type"] == "pulumi:pulumi:Stack")
    found: list[dict[str, Any]] = stack["outputs"]["cluster"]["nodes"]
    return found


def test_destroy_refuses_to_drop_what_was_not_pulled(fab: Fab) -> None:
    with fab.start("run-bench", "--detach", "--only", "E1.1") as bench:
        assert bench.process.wait(timeout=300) == 0
    text = fab("destroy", exit_code=9)
    assert re.search(r"holds results that are not in", text)


def test_destroy_killed_in_the_middle_goes_on_and_nothing_is_left(fab: Fab) -> None:
    fab("stop-run")
    with fab.start("destroy", "--drop-results") as destroy:
        destroy.wait_for(r"delet", within_s=120)
        destroy.kill()
    text = fab("destroy", "--drop-results")
    assert "0 resources" in text
    containers = subprocess.run(
        ["podman", "ps", "-aq", "--filter", "label=clusterbed.lab"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert containers == ""
    assert "there is no current cluster" in fab("status", exit_code=2)
