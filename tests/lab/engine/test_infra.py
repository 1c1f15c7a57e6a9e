"""The real program, infra/, on the engine: the setup `spark-ray` (S1.1-S1.4)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contract import Cluster
from lab.engine import Engine, Op
from tests.lab.engine.stacks import IMAGE_PARAMETER, REGION, Account

PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture
def make(account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CLUSTERBED_HOME", str(tmp_path / "home"))

    def make(**machines: Any) -> Engine:
        return Engine(
            PROJECT,
            "spark-ray",
            tmp_path / "spark-ray.json",
            endpoint=account.endpoint,
            region=REGION,
            overrides={
                "clusterbed:network": {"caller_cidr": "127.0.0.1/32"},
                "clusterbed:machines": {"image_parameter": IMAGE_PARAMETER, **machines},
            },
            sink=lambda _event: None,
            session=account.session,
        )

    return make


def test_spark_ray_from_up_to_destroy(make, account: Account):
    foreseen = make().preview()
    up = make()
    cluster = Cluster.model_validate(up.up()["cluster"])
    assert foreseen.counts == up.changes.counts == {Op.CREATE: len(up.changes.every)}
    assert [node.name for node in cluster.nodes] == ["master", "worker"]
    assert str(cluster.head.private_ip) == "10.0.1.10"
    again = make()
    again.up()
    assert again.changes.empty
    assert again.refresh().empty
    make().destroy()
    assert account.tagged(cluster.name) == []
    assert account.empty()


def test_three_workers_are_two_more_instances_and_nothing_else(make, account: Account):
    make().up()
    more = make(workers=3)
    cluster = Cluster.model_validate(more.up()["cluster"])
    assert {(one.op, one.urn.rpartition("::")[2]) for one in more.changes.listed} == {
        (Op.CREATE, "spark-ray-worker-2"),
        (Op.CREATE, "spark-ray-worker-3"),
    }
    assert len(cluster.workers) == 3
    make().destroy()
    assert account.empty()
