"""What a case is: prepare, run, verify. The harness measures; a case never looks at the clock for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from clusterbed_workloads.bench import Bench
from clusterbed_workloads.record import Check, Missing
from clusterbed_workloads.stopwatch import Stopwatch

Figures = dict[str, float | int | str | Missing]
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verification found: checks that must all pass, figures about the answer, figures of the engine."""

    checks: tuple[Check, ...]
    data_fingerprint: str | Missing
    quality: Figures = field(default_factory=dict)
    metrics: Figures = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class Case(Protocol[Answer]):
    """One experiment. `variant` is `expert` or `literal`; the catalogue says which there are."""

    def prepare(self, bench: Bench) -> None:
        """Make sure that the input is there. Not timed."""

    def run(self, variant: str, bench: Bench, watch: Stopwatch) -> Answer:
        """Do the work. This, and only this, is timed."""

    def verify(self, variant: str, answer: Answer, bench: Bench) -> Verdict:
        """Compute the answer again by other means and compare. Not timed."""
