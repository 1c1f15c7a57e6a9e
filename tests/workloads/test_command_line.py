"""What a user sees of a plan that cannot be carried out: one line, exit code 2, nothing written."""

import json
import sys
from pathlib import Path

import pytest

from clusterbed_workloads.__main__ import main
from tests.workloads.plans import small_plan


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("@clusterbed ")]
    told: dict[str, str] = json.loads(line.removeprefix("@clusterbed "))
    return told


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    plan = tmp_path / "plan.json"
    monkeypatch.setattr(
        sys, "argv", ["clusterbed-workloads", "run", "--plan", str(plan), "--runs", str(tmp_path / "runs")]
    )
    return plan


def test_no_plan(command: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 2
    assert said(capsys)["text"] == f"plan {command} cannot be read: No such file or directory."


def test_a_wrong_value_is_named(command: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    plan = json.loads(small_plan(tmp_path).model_dump_json())
    plan["rows"] = 0
    command.write_text(json.dumps(plan))
    assert main() == 2
    assert "rows: Input should be greater than or equal to 1" in said(capsys)["text"]


def test_an_unknown_experiment_is_named(
    command: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    command.write_text(small_plan(tmp_path, experiments=("E1.1", "E7.7")).model_dump_json())
    assert main() == 2
    assert "there is no E7.7" in said(capsys)["text"]
    assert not (tmp_path / "runs").exists()


def test_rows_of_a_local_run_are_checked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["clusterbed-workloads", "run", "--local", str(tmp_path), "--rows", "0"])
    assert main() == 2
    assert said(capsys)["state"] == "failed"
