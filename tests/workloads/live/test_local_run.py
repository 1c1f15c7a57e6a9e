"""E1.1-E1.6 on this machine, as `clusterbed-workloads run --local` does them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.workloads.live.command import Command

pytestmark = pytest.mark.engines

DOCUMENTED = {
    "artifacts/E1.5/expert/ml_model.pkl",
    "artifacts/E1.5/expert/scaler.pkl",
    "artifacts/E1.5/expert/ml_pipeline.log",
    "artifacts/E1.6/expert/predictions.csv",
    "artifacts/E1.6/expert/prediction.log",
}


def test_all_experiments_verify_and_leave_the_documents_files(tmp_path: Path) -> None:
    sizes = ("--rows", "20000", "--training-rows", "2000", "--prediction-rows", "5000", "--repeats", "1")
    run = Command(tmp_path / "runs", "--local", str(tmp_path), *sizes)
    assert run.ended() == 0, run.lines
    assert set(run.done.cases.values()) == {"ok"}
    objects = {item.name: item for item in run.done.objects}
    assert objects.keys() >= DOCUMENTED
    for name in DOCUMENTED:
        assert hashlib.sha256((run.directory / name).read_bytes()).hexdigest() == objects[name].sha256
    for record in run.records("E1.5"):
        assert record.metrics["fits"] == 24
        assert {check.name for check in record.verification} >= {
            "fits",
            "mean squared error of the saved files",
        }


def test_a_jvm_that_dies_fails_its_variant_and_the_rest_goes_on(tmp_path: Path) -> None:
    run = Command(
        tmp_path / "runs", "--local", str(tmp_path), "--rows", "3000000", "--repeats", "1",
        "--experiments", "E1.2", "E1.3",
    )  # fmt: skip
    run.until("E1.2/expert", "cold 1")
    for java in run.java():
        java.kill()
    assert run.ended() == 7
    lost = run.records("E1.2")[0]
    assert (lost.variant, lost.outcome) == ("expert", "failed")
    assert [item.name for item in lost.artifacts] == ["artifacts/E1.2/expert/failure.log"]
    assert [record.outcome for record in run.records("E1.2")[1:]] == ["ok"] * 3
    assert run.done.cases == {"E1.2": "failed", "E1.3": "ok"}
