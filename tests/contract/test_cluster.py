"""The cluster as it passes from infra/ to everything after it."""

from __future__ import annotations

from typing import Any

import pytest

from contract import Cluster, ClusterbedError, Role
from contract.errors import SettingError


def values(**changes: Any) -> dict[str, Any]:
    node = {"instance_type": "t2.large"}
    return {
        "name": "spark-ray",
        "setup": "spark-ray",
        "cloud": "aws",
        "region": "eu-central-1",
        "nodes": [
            {**node, "name": "master", "role": "head", "instance_id": "i-1", "private_ip": "10.0.1.10",
             "public_ip": "203.0.113.7", "ssh_host": "203.0.113.7"},
            {**node, "name": "worker", "role": "worker", "instance_id": "i-2", "private_ip": "10.0.2.10"},
        ],
        "bucket": "spark-ray-results",
        "ssh_key": "/keys/spark-ray",
        "vpc_cidr": "10.0.0.0/16",
        "created_at": "2026-01-01T00:00:00Z",
        "deadline": "2026-01-01T08:00:00Z",
        "version": "0.1.0",
        **changes,
    }  # fmt: skip


def test_s1_3_head_and_workers_by_name() -> None:
    cluster = Cluster.model_validate(values())
    assert cluster.head.name == "master"
    assert [worker.name for worker in cluster.workers] == ["worker"]
    assert cluster.node("worker").role is Role.WORKER


def test_an_unknown_node_is_refused_with_those_there_are() -> None:
    with pytest.raises(SettingError, match="worker-9") as caught:
        Cluster.model_validate(values()).node("worker-9")
    assert "master, worker" in caught.value.way_out


def test_two_heads_are_no_cluster() -> None:
    text = Cluster.model_validate(values()).model_dump_json()
    with pytest.raises(ClusterbedError, match="one head"):
        Cluster.from_json(text.replace('"role":"worker"', '"role":"head"'), source="a test")


def test_json_round_trip() -> None:
    cluster = Cluster.model_validate(values())
    assert Cluster.from_json(cluster.model_dump_json(), source="a test") == cluster


def test_a_cluster_of_another_version_is_refused_in_one_sentence() -> None:
    text = Cluster.model_validate(values()).model_dump_json().replace('"bucket"', '"pail"')
    with pytest.raises(ClusterbedError, match="does not describe a cluster") as caught:
        Cluster.from_json(text, source="the stack's output")
    assert "another version" in caught.value.way_out


def test_reached_at_changes_only_the_instances_named() -> None:
    cluster = Cluster.model_validate(values()).reached_at({"i-1": ("127.0.0.1", 4022)})
    assert (cluster.head.ssh_host, cluster.head.ssh_port) == ("127.0.0.1", 4022)
    assert cluster.workers[0].ssh_host is None
