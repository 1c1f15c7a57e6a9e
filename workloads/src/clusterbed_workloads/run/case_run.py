"""One case of a run: watches its process, ends it when it hangs, and writes the record it no longer can."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from clusterbed_workloads.artifacts import artifact
from clusterbed_workloads.catalogue import Entry
from clusterbed_workloads.draft import Draft
from clusterbed_workloads.facts import Facts
from clusterbed_workloads.messages import Doing, Ended, Measured
from clusterbed_workloads.plan import Plan
from clusterbed_workloads.record import Artifact, Missing, Outcome, Record
from clusterbed_workloads.run.case_process import CASE_PROGRAM, CaseProcess, Deadline
from clusterbed_workloads.run.interrupt import Interrupt
from clusterbed_workloads.run.progress import Progress
from clusterbed_workloads.schedule import Turn, turns

START_S: Final = 120.0
"""For the process to load its engines and say its first word."""

Keep = Callable[[Record], None]


class CaseRun:
    """Runs the variants of one case in as many processes as it takes: a killed one is followed by another."""

    def __init__(
        self,
        *,
        plan: Plan,
        facts: Facts,
        entry: Entry,
        run_dir: Path,
        interrupt: Interrupt,
        progress: Progress,
        keep: Keep,
        program: Sequence[str] = CASE_PROGRAM,
    ) -> None:
        self._entry = entry
        self._plan = plan
        self._draft = Draft(plan, entry, facts)
        self._run_dir = run_dir
        self._interrupt = interrupt
        self._progress = progress
        self._keep = keep
        self._program = program
        self._lost: set[str] = set()
        self.log_name = f"artifacts/{entry.experiment}/case.log"

    def carry_out(self) -> None:
        """Until every variant ran to its end or failed, or the run was interrupted."""
        schedule = list(turns(self._entry.variants, self._plan.repeats))
        first = 0
        while self._interrupt.exit_code is None:
            left = [turn for turn in schedule[first:] if turn.variant not in self._lost]
            if not left:
                return
            last = self._process(left[0], first)
            if last is None:
                return
            first = next(
                number
                for number, turn in enumerate(schedule)
                if (turn.variant, turn.phase, turn.repeat) == (last.variant, last.phase, last.repeat)
            )

    def _process(self, turn: Turn, first: int) -> Doing | None:
        """Runs the turns from number `first` on. Returns what took the process with it, if anything did."""
        arguments = ["--run-dir", str(self._run_dir), "--experiment", self._entry.experiment]
        arguments += ["--first", str(first), "--lost", *sorted(self._lost)]
        process = CaseProcess(self._program, arguments, self._run_dir / self.log_name)
        deadline, finished = Deadline(), False
        doing = Doing(
            variant=turn.variant, phase=turn.phase, repeat=turn.repeat, text="starting", limit_s=START_S
        )
        deadline.set(START_S)
        try:
            for message in process.messages():
                match message:
                    case Doing():
                        doing = message
                        deadline.set(message.limit_s)
                        self._progress(self._subject(message.variant), message.text, "running")
                    case Measured():
                        self._measured(message.record)
                    case Ended():
                        finished = True
                if self._interrupt.exit_code is not None:
                    return None
                if deadline.passed:
                    process.kill()
                    self._gone(doing, f"{doing.text} took more than {doing.limit_s:.0f} s and was given up")
                    return doing
            code = process.ended()
        finally:
            process.kill()
            process.close()
        if finished or self._interrupt.exit_code is not None:
            return None
        self._gone(doing, f"the case's process ended by {_ending(code)} while {doing.text}")
        return doing

    def _subject(self, variant: str) -> str:
        return f"{self._entry.experiment}/{variant}"

    def _measured(self, record: Record) -> None:
        if record.outcome is not Outcome.OK:
            self._lost.add(record.variant)
        if record.outcome is Outcome.FAILED:
            excerpt = self._excerpt(record.variant)
            record = record.model_copy(update={"artifacts": (*record.artifacts, excerpt)})
        self._keep(record)
        if record.times is not None:
            text = f"{record.phase} {record.repeat + 1}: {record.times.makespan_s:.2f} s, verified"
            self._progress(self._subject(record.variant), text, "running")
            return
        wrong = "; ".join(
            f"{check.name}: expected {check.expected}, got {check.got}"
            for check in record.verification
            if not check.passed
        )
        self._progress(self._subject(record.variant), record.error or f"wrong answer: {wrong}", "failed")

    def _gone(self, doing: Doing, why: str) -> None:
        turn = Turn(doing.variant, doing.phase, doing.repeat, last=False)
        self._measured(
            self._draft.record(
                turn,
                datetime.now(UTC),
                outcome=Outcome.FAILED,
                error=f"{why} ({self._subject(doing.variant)})",
                data_fingerprint=Missing(missing="the case's process is gone"),
            )
        )

    def _excerpt(self, variant: str) -> Artifact:
        """The log as it is now, beside the failed record."""
        file = self._run_dir / "artifacts" / self._entry.experiment / variant / "failure.log"
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self._run_dir / self.log_name, file)
        return artifact(self._run_dir, file)


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    name = signal.Signals(-code).name
    return f"{name} (out of memory?)" if -code == signal.SIGKILL else name
