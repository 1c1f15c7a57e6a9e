"""After a case's process died, its other variant goes on where it stood, and nothing runs twice."""

from pathlib import Path

import pytest

from tests.workloads.run.test_session import Run


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    return Run(tmp_path, monkeypatch)


def test_no_turn_is_measured_twice(run: Run) -> None:
    dying = run.good("E1.2") | {"literal": [run.doing("E1.2", "literal"), "die"]}
    run.carry_out({"E1.2": dying, "E1.3": run.good("E1.3")})
    measured = [(record.variant, record.phase, record.repeat) for record in run.records("E1.2")]
    assert len(measured) == len(set(measured))


def test_a_process_that_dies_before_it_speaks_fails_each_variant_once(run: Run) -> None:
    run.carry_out({"E1.2": {"expert": ["die"], "literal": ["die"]}, "E1.3": run.good("E1.3")})
    assert [record.variant for record in run.records("E1.2")] == ["expert", "literal"]
    assert all("while starting" in (record.error or "") for record in run.records("E1.2"))
