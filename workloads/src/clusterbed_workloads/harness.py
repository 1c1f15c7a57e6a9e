"""Measures one case: every attempt becomes a record, whatever happens in it."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

import psutil

from clusterbed_workloads import artifacts
from clusterbed_workloads.bench import RECOVERY_S, Bench
from clusterbed_workloads.case import Case, Figures, Verdict
from clusterbed_workloads.catalogue import Entry
from clusterbed_workloads.draft import Draft
from clusterbed_workloads.engines.spark_watch import SparkWatch
from clusterbed_workloads.failures import explained
from clusterbed_workloads.messages import Doing, Measured, Message
from clusterbed_workloads.record import Missing, Outcome, Record, Times
from clusterbed_workloads.schedule import Turn, turns
from clusterbed_workloads.stopwatch import Stopwatch

BASE_LIMIT_S: Final = 300.0
ROWS_PER_S: Final = 20_000.0
"""The slowest variant (E1.1 literal) makes about five times as many rows a second on two cores."""

_GIB: Final = 2**30


def attempt_limit_s(rows: int) -> float:
    """How long one attempt with its verification may take before it is given up."""
    return BASE_LIMIT_S + rows / ROWS_PER_S


class Harness:
    """Runs a case's attempts in order and tells `send` about each."""

    def __init__(
        self,
        *,
        entry: Entry,
        case: Case[Any],
        bench: Bench,
        draft: Draft,
        send: Callable[[Message], None],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._entry = entry
        self._case = case
        self._bench = bench
        self._draft = draft
        self._send = send
        self._clock = clock
        self._limit_s = attempt_limit_s(bench.plan.rows)

    def measure(self, lost: set[str], first: int = 0) -> None:
        """Prepare, then every turn from number `first` on; a variant that failed once is not run again.

        `lost` are variants that failed in an earlier process of this case.
        """
        schedule = list(turns(self._entry.variants, self._bench.plan.repeats))
        left = [turn for turn in schedule[first:] if turn.variant not in lost]
        if not left:
            return
        self._doing(left[0], "preparing", self._limit_s + RECOVERY_S)
        try:
            self._bench.storage.wait_ready(RECOVERY_S)
            self._case.prepare(self._bench)
        except Exception as error:
            self._bench.log.exception("prepare failed")
            for variant in dict.fromkeys(turn.variant for turn in left):
                turn = next(turn for turn in left if turn.variant == variant)
                self._send(Measured(record=self._failed(turn, datetime.now(UTC), error, "while preparing")))
            return
        for turn in left:
            if turn.variant in lost:
                continue
            self._doing(turn, f"{turn.phase} {turn.repeat + 1}", self._limit_s + RECOVERY_S)
            record = self._attempt(turn)
            self._send(Measured(record=record))
            if record.outcome is not Outcome.OK:
                lost.add(turn.variant)

    def _doing(self, turn: Turn, text: str, limit_s: float) -> None:
        self._send(
            Doing(variant=turn.variant, phase=turn.phase, repeat=turn.repeat, text=text, limit_s=limit_s)
        )

    def _attempt(self, turn: Turn) -> Record:
        started_at = datetime.now(UTC)
        shutil.rmtree(self._bench.artifacts(turn.variant))
        self._bench.log.info("%s %s %s %d", self._entry.experiment, turn.variant, turn.phase, turn.repeat)
        try:
            return self._measured(turn, started_at)
        except Exception as error:
            self._bench.log.exception("%s/%s failed", self._entry.experiment, turn.variant)
            self._bench.spark_engine.stop()
            self._bench.ray_engine.stop()
            return self._failed(turn, started_at, error, f"in its {turn.phase} run")

    def _measured(self, turn: Turn, started_at: datetime) -> Record:
        bench, engines = self._bench, self._entry.engines[turn.variant].split("+")
        queued = self._clock()
        self._engage(engines)
        queue_s = self._clock() - queued
        watch = Stopwatch(self._clock)
        group = f"{self._entry.experiment}/{turn.variant}/{turn.phase}/{turn.repeat}"
        memory_before = psutil.virtual_memory().used / _GIB
        with self._watched(group, engines):
            start = self._clock()
            answer = self._case.run(turn.variant, bench, watch)
            makespan_s = self._clock() - start
        metrics: Figures = {
            "head_memory_before_gib": round(memory_before, 3),
            "head_memory_after_gib": round(psutil.virtual_memory().used / _GIB, 3),
        }
        if "spark" in engines:
            metrics |= bench.spark_engine.rest.cost(group)
        settings, software = self._effective(engines)
        verdict: Verdict = self._case.verify(turn.variant, answer, bench)
        right = bool(verdict.checks) and all(check.passed for check in verdict.checks)
        return self._draft.record(
            turn,
            started_at,
            outcome=Outcome.OK if right else Outcome.WRONG,
            times=Times(
                queue_s=queue_s,
                load_s=watch.load_s,
                processing_s=watch.processing_s,
                makespan_s=makespan_s,
                provision_s=self._draft.provision_s,
            )
            if right
            else None,
            verification=verdict.checks,
            metrics=metrics | verdict.metrics,
            quality=verdict.quality,
            settings=settings,
            software=software,
            data_fingerprint=verdict.data_fingerprint,
            artifacts=artifacts.listed(bench.run_dir, bench.artifacts(turn.variant)) if turn.last else (),
            notes=verdict.notes,
        )

    def _engage(self, engines: list[str]) -> None:
        if "spark" in engines:
            self._bench.spark_engine.ready(RECOVERY_S)
        if "ray" in engines:
            self._bench.ray_engine.ready(RECOVERY_S)

    @contextlib.contextmanager
    def _watched(self, group: str, engines: list[str]) -> Iterator[None]:
        """Name the Spark jobs after the attempt, and end them when no executor is left."""
        if "spark" not in engines:
            yield
            return
        context = self._bench.spark.sparkContext
        context.setJobGroup(group, group, interruptOnCancel=False)
        if not self._bench.spark_engine.on_cluster:
            yield
            return
        watch = SparkWatch(self._bench.spark_engine.rest, lambda: context.cancelJobGroup(group))
        try:
            with watch:
                yield
        except Exception as error:
            if watch.loss is not None:
                raise watch.loss from error
            raise

    def _effective(self, engines: list[str]) -> tuple[dict[str, str], dict[str, str]]:
        settings: dict[str, str] = {}
        software: dict[str, str] = {}
        if "spark" in engines:
            settings |= self._bench.spark_engine.effective()
            software |= self._bench.spark_engine.software()
        if "ray" in engines:
            settings |= self._bench.ray_engine.effective()
        return settings, software

    def _failed(self, turn: Turn, started_at: datetime, error: Exception, when: str) -> Record:
        return self._draft.record(
            turn,
            started_at,
            outcome=Outcome.FAILED,
            error=f"{explained(error)} ({self._entry.experiment}/{turn.variant} {when})",
            data_fingerprint=Missing(missing="the case failed before its data was looked at"),
        )
