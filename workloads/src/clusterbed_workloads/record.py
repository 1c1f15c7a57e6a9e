"""A run record: one JSON line for each time a case ran.

A metric that could not be had is a `Missing` with its reason, never 0.
"""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from clusterbed_workloads.plan import Where

SCHEMA = 1


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Phase(enum.StrEnum):
    """`cold`: the first ever, caches empty. `warm-up`: not counted. `measured`: counted."""

    COLD = "cold"
    WARM_UP = "warm-up"
    MEASURED = "measured"


class Outcome(enum.StrEnum):
    """How it ended. `wrong`: it ran, but its answer did not verify; such a record carries no times."""

    OK = "ok"
    WRONG = "wrong"
    FAILED = "failed"


class Missing(_Part):
    """In the place of a value that could not be had."""

    missing: str = Field(min_length=1, description="why")


class Check(_Part):
    """One assertion about the answer: what was expected, what was got."""

    name: str
    passed: bool
    expected: str
    got: str


class Artifact(_Part):
    """A file that the case left: its name below the run's prefix, size in bytes, SHA-256 in hex."""

    name: str
    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Times(_Part):
    """Seconds. `load` and `processing` are parts of `makespan`; `queue` is before it."""

    queue_s: float | Missing
    load_s: float | Missing
    processing_s: float | Missing
    makespan_s: float
    provision_s: float | Missing


class Record(_Part):
    """What ran, where, on what, how long, how well, and whether its answer is right.

    `settings` are the effective ones as the engine reports them, `metrics` the engine's own figures,
    `quality` figures about the answer (mean squared error …), each with its unit in its name.
    """

    schema_version: int = SCHEMA
    run: str
    experiment: str = Field(pattern=r"^E\d+\.\d+$")
    variant: str
    engine: str
    phase: Phase
    repeat: int = Field(ge=0)
    started_at: datetime
    outcome: Outcome
    error: str | None = None
    times: Times | None
    verification: tuple[Check, ...]
    metrics: dict[str, float | int | str | Missing]
    quality: dict[str, float | int | str | Missing]
    settings: dict[str, str]
    software: dict[str, str]
    where: Where
    hardware: dict[str, dict[str, float | int | str]]
    code_fingerprint: str
    settings_fingerprint: str
    data_fingerprint: str | Missing
    artifacts: tuple[Artifact, ...]
    cost_usd: float | Missing
    notes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _a_wrong_answer_never_gets_a_time(self) -> Record:
        if self.outcome is Outcome.OK:
            if self.times is None:
                raise ValueError("a record that is ok has times")
            if not self.verification or not all(check.passed for check in self.verification):
                raise ValueError("a record that is ok has checks, and all of them passed")
        elif self.times is not None:
            raise ValueError(f"a record that is {self.outcome} carries no times")
        if self.outcome is Outcome.FAILED and not self.error:
            raise ValueError("a record that failed says why")
        return self

    def line(self) -> str:
        """One JSON line, without its newline."""
        return self.model_dump_json()


def parse(line: str) -> Record:
    """The record of one JSON line.

    Raises:
        pydantic.ValidationError: the line is no record of this schema.
    """
    return Record.model_validate_json(line)


def summary(record: Record) -> dict[str, Any]:
    """The few fields a person wants to see at a glance."""
    return {
        "experiment": record.experiment,
        "variant": record.variant,
        "phase": str(record.phase),
        "outcome": str(record.outcome),
        "makespan_s": record.times.makespan_s if record.times else None,
    }
