"""A run from its first object (run.json) to its last (done.json)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from clusterbed_workloads.catalogue import Entry, entries
from clusterbed_workloads.errors import StoreError
from clusterbed_workloads.facts import Facts
from clusterbed_workloads.plan import Plan
from clusterbed_workloads.record import Outcome, Record
from clusterbed_workloads.run.case_process import CASE_PROGRAM
from clusterbed_workloads.run.case_run import CaseRun
from clusterbed_workloads.run.done import CaseStatus, Done
from clusterbed_workloads.run.interrupt import Interrupt
from clusterbed_workloads.run.progress import Progress
from clusterbed_workloads.run.store import Shelf, Store

OK: Final = 0
CASE_FAILED: Final = 7

Survey = Callable[[Plan], Facts]


class Opening(BaseModel):
    """run.json: what is to be run, on what."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plan: Plan
    facts: Facts
    started_at: datetime


class Session:
    """One run, kept in `run_dir` and in the store."""

    def __init__(
        self,
        *,
        plan: Plan,
        run_dir: Path,
        store: Store,
        interrupt: Interrupt,
        progress: Progress,
        program: Sequence[str] = CASE_PROGRAM,
    ) -> None:
        self._plan = plan
        self._run_dir = run_dir
        self._shelf = Shelf(run_dir, store)
        self._interrupt = interrupt
        self._progress = progress
        self._program = program
        self._cases: dict[str, CaseStatus] = {}

    def carry_out(self, survey: Survey) -> int:
        """Run every case of the plan. Returns the exit code.

        Raises:
            PlanError: an experiment is unknown; nothing was run.
            StoreError: the bucket refused: at the start (nothing was run) or at the end (all is on disk).
        """
        planned = entries(self._plan.experiments)
        self._cases = {entry.experiment: CaseStatus.NOT_RUN for entry in planned}
        self._clear()
        started_at = datetime.now(UTC)
        self._open(started_at, Facts(software={}, hardware={}))
        facts = survey(self._plan)
        self._open(started_at, facts)
        for entry in planned:
            if self._interrupt.exit_code is not None:
                break
            self._case(entry, facts)
        shutil.rmtree(self._run_dir / "scratch", ignore_errors=True)
        return self._close(started_at)

    def _clear(self) -> None:
        """Remove what an earlier run of this name left; the plan and what the caller keeps there stay."""
        for name in ("artifacts", "records", "scratch"):
            shutil.rmtree(self._run_dir / name, ignore_errors=True)
        for name in ("run.json", "done.json"):
            (self._run_dir / name).unlink(missing_ok=True)
        self._run_dir.mkdir(parents=True, exist_ok=True)

    def _open(self, started_at: datetime, facts: Facts) -> None:
        opening = Opening(plan=self._plan, facts=facts, started_at=started_at)
        self._shelf.put("run.json", opening.model_dump_json(indent=2))
        if self._shelf.refusal is not None:
            raise self._shelf.refusal

    def _case(self, entry: Entry, facts: Facts) -> None:
        lines: list[str] = []
        records: list[Record] = []

        def keep(record: Record) -> None:
            records.append(record)
            lines.append(record.line() + "\n")
            self._shelf.put(f"records/{entry.experiment}.jsonl", "".join(lines))
            for item in record.artifacts:
                self._shelf.put(item.name)

        case_run = CaseRun(
            plan=self._plan,
            facts=facts,
            entry=entry,
            run_dir=self._run_dir,
            interrupt=self._interrupt,
            progress=self._progress,
            keep=keep,
            program=self._program,
        )
        case_run.carry_out()
        self._shelf.put(case_run.log_name)
        right = {
            variant
            for variant in entry.variants
            if any(record.variant == variant for record in records)
            and all(record.outcome is Outcome.OK for record in records if record.variant == variant)
        }
        interrupted = self._interrupt.exit_code is not None
        for variant in entry.variants:
            ending = "interrupted" if interrupted else "verified" if variant in right else "failed"
            self._progress(
                f"{entry.experiment}/{variant}", ending, "ok" if ending == "verified" else "failed"
            )
        if interrupted:
            self._cases[entry.experiment] = CaseStatus.INTERRUPTED
        else:
            self._cases[entry.experiment] = (
                CaseStatus.OK if len(right) == len(entry.variants) else CaseStatus.FAILED
            )

    def _close(self, started_at: datetime) -> int:
        code = self._interrupt.exit_code
        if code is None:
            code = OK if set(self._cases.values()) <= {CaseStatus.OK} else CASE_FAILED
        try:
            self._shelf.flush()
        except StoreError as error:
            raise StoreError(
                error.what, way_out=f"Everything is in {self._run_dir} on this machine."
            ) from error
        done = Done(
            run=self._plan.run,
            started_at=started_at,
            finished_at=datetime.now(UTC),
            exit_code=code,
            cases=self._cases,
            objects=self._shelf.stored,
        )
        self._shelf.put("done.json", done.model_dump_json(indent=2))
        self._shelf.flush()
        return code
