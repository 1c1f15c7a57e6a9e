"""done.json: written last; who finds it knows that the run is over and what must be there."""

from __future__ import annotations

import enum
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from clusterbed_workloads.record import Artifact


class CaseStatus(enum.StrEnum):
    """How a case ended: `failed` when any of its records is not ok."""

    OK = "ok"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    NOT_RUN = "not run"


class Done(BaseModel):
    """`exit_code` is the program's; `objects` names every other object below the run's prefix."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: str
    started_at: datetime
    finished_at: datetime
    exit_code: int
    cases: dict[str, CaseStatus]
    objects: tuple[Artifact, ...]
