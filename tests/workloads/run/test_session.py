"""A run as a whole: records are stored as they come, and no case takes another one with it."""

import json
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from clusterbed_workloads.catalogue import CATALOGUE
from clusterbed_workloads.draft import Draft
from clusterbed_workloads.errors import StoreError
from clusterbed_workloads.facts import Facts
from clusterbed_workloads.plan import Plan
from clusterbed_workloads.record import Artifact, Check, Missing, Outcome, Phase, Record, Times, parse
from clusterbed_workloads.run.done import CaseStatus, Done
from clusterbed_workloads.run.interrupt import Interrupt
from clusterbed_workloads.run.session import Session
from clusterbed_workloads.run.store import DiskOnly
from clusterbed_workloads.schedule import Turn
from tests.workloads.plans import small_plan

FACTS = Facts(software={"python": "3.12"}, hardware={"master": {"cores": 2}})
ACTOR = (sys.executable, str(Path(__file__).with_name("actor.py")))


class Run:
    """A session with played cases, and what came of it."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.plan: Plan = small_plan(tmp_path)
        self.dir = tmp_path / "run"
        self.interrupt = Interrupt()
        self.told: list[tuple[str, str, str]] = []
        self._script = tmp_path / "script.json"
        monkeypatch.setenv("ACTOR_SCRIPT", str(self._script))

    def doing(self, experiment: str, variant: str, limit_s: float = 60.0) -> dict[str, Any]:
        return {"kind": "doing", "variant": variant, "phase": "cold", "repeat": 0, "text": "cold 1",
                "limit_s": limit_s}  # fmt: skip

    def measured(self, experiment: str, variant: str, *, right: bool = True) -> dict[str, Any]:
        missing = Missing(missing="a test")
        record = Draft(self.plan, CATALOGUE[experiment], FACTS).record(
            Turn(variant, Phase.COLD, 0, last=True),
            datetime.now(UTC),
            outcome=Outcome.OK if right else Outcome.WRONG,
            times=Times(
                queue_s=0.0, load_s=missing, processing_s=missing, makespan_s=1.5, provision_s=missing
            )
            if right
            else None,
            verification=(Check(name="rows", passed=right, expected="1", got="1" if right else "2"),),
            data_fingerprint="test",
        )
        return {"kind": "measured", "record": json.loads(record.line())}

    def good(self, experiment: str) -> dict[str, list[Any]]:
        return {
            variant: [self.doing(experiment, variant), self.measured(experiment, variant)]
            for variant in ("expert", "literal")
        }

    def carry_out(self, script: dict[str, Any], store: Any = None) -> int:
        self._script.write_text(json.dumps(script))
        session = Session(
            plan=self.plan,
            run_dir=self.dir,
            store=store or DiskOnly(),
            interrupt=self.interrupt,
            progress=lambda *line: self.told.append(line),
            program=ACTOR,
        )
        return session.carry_out(lambda plan: FACTS)

    def records(self, experiment: str) -> list[Record]:
        return [parse(line) for line in (self.dir / f"records/{experiment}.jsonl").read_text().splitlines()]

    @property
    def done(self) -> Done:
        return Done.model_validate_json((self.dir / "done.json").read_text())


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    return Run(tmp_path, monkeypatch)


def test_a_good_run_ends_0_and_done_lists_every_object(run: Run) -> None:
    assert run.carry_out({"E1.2": run.good("E1.2"), "E1.3": run.good("E1.3")}) == 0
    assert run.done.cases == {"E1.2": CaseStatus.OK, "E1.3": CaseStatus.OK}
    assert [item.name for item in run.done.objects] == [
        "artifacts/E1.2/case.log", "artifacts/E1.3/case.log",
        "records/E1.2.jsonl", "records/E1.3.jsonl", "run.json",
    ]  # fmt: skip
    assert ("E1.2/expert", "cold 1: 1.50 s, verified", "running") in run.told
    assert ("E1.2/expert", "verified", "ok") in run.told


def test_the_plan_in_the_runs_directory_stays_and_an_earlier_runs_results_go(run: Run) -> None:
    (run.dir / "records").mkdir(parents=True)
    (run.dir / "records/E9.9.jsonl").write_text("old")
    (run.dir / "plan.json").write_text("plan")
    run.carry_out({"E1.2": run.good("E1.2"), "E1.3": run.good("E1.3")})
    assert (run.dir / "plan.json").read_text() == "plan"
    assert not (run.dir / "records/E9.9.jsonl").exists()


def test_a_wrong_answer_fails_its_case_without_a_time_and_the_others_go_on(run: Run) -> None:
    wrong = run.good("E1.2") | {"literal": [run.measured("E1.2", "literal", right=False)]}
    assert run.carry_out({"E1.2": wrong, "E1.3": run.good("E1.3")}) == 7
    assert run.done.cases == {"E1.2": CaseStatus.FAILED, "E1.3": CaseStatus.OK}
    assert run.records("E1.2")[1].times is None
    assert ("E1.2/literal", "wrong answer: rows: expected 1, got 2", "failed") in run.told


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ("crash", "ended by exit code 3 while cold 1"),
        ("die", "ended by SIGKILL (out of memory?) while cold 1"),
    ],
)
def test_a_process_that_dies_fails_its_variant_with_its_log_and_the_others_go_on(
    run: Run, step: str, why: str
) -> None:
    dying = run.good("E1.2") | {"expert": [run.doing("E1.2", "expert"), step]}
    assert run.carry_out({"E1.2": dying, "E1.3": run.good("E1.3")}) == 7
    lost, other = run.records("E1.2")
    assert (lost.variant, lost.outcome, other.variant, other.outcome) == ("expert", "failed", "literal", "ok")
    assert why in (lost.error or "")
    assert [item.name for item in lost.artifacts] == ["artifacts/E1.2/expert/failure.log"]
    assert "log of E1.2" in (run.dir / "artifacts/E1.2/expert/failure.log").read_text()
    assert run.done.cases["E1.3"] is CaseStatus.OK


def test_a_case_that_hangs_is_given_up_when_its_time_is_over(run: Run) -> None:
    hanging = run.good("E1.2") | {"literal": [run.doing("E1.2", "literal", limit_s=0.3), "hang"]}
    assert run.carry_out({"E1.2": hanging, "E1.3": run.good("E1.3")}) == 7
    assert "cold 1 took more than 0 s and was given up" in (run.records("E1.2")[-1].error or "")
    assert run.done.cases["E1.3"] is CaseStatus.OK


def test_sigterm_keeps_the_records_so_far_and_says_so(run: Run) -> None:
    run.interrupt.listen()
    hanging = run.good("E1.2") | {"literal": [run.doing("E1.2", "literal"), "hang"]}
    threading.Timer(1.5, lambda: signal.raise_signal(signal.SIGTERM)).start()
    try:
        assert run.carry_out({"E1.2": hanging, "E1.3": run.good("E1.3")}) == 143
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
    assert [record.variant for record in run.records("E1.2")] == ["expert"]
    assert run.done.cases == {"E1.2": CaseStatus.INTERRUPTED, "E1.3": CaseStatus.NOT_RUN}
    assert run.done.exit_code == 143


class Refusing:
    """A bucket that is gone after `good` objects."""

    def __init__(self, good: int) -> None:
        self._left = good

    def put(self, item: Artifact, file: Path) -> None:
        self._left -= 1
        if self._left < 0:
            raise StoreError("s3://gone is gone.")


def test_a_bucket_gone_at_the_start_ends_the_run_before_any_case(run: Run) -> None:
    with pytest.raises(StoreError):
        run.carry_out({}, store=Refusing(0))
    assert run.told == []


def test_a_bucket_gone_in_the_middle_ends_the_run_with_everything_on_disk(run: Run) -> None:
    with pytest.raises(StoreError, match="Everything is in"):
        run.carry_out({"E1.2": run.good("E1.2"), "E1.3": run.good("E1.3")}, store=Refusing(3))
    assert len(run.records("E1.2")) == len(run.records("E1.3")) == 2
    assert not (run.dir / "done.json").exists()
