"""What a run does: which experiments, at which size, how often."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contract.settings.section import Section

ExperimentId = Annotated[str, Field(pattern=r"^E\d+\.\d+$")]


class Experiments(Section):
    """E1.1-E1.6. 30 M rows and 10,000 training rows are the document's own sizes."""

    rows: int = Field(default=30_000_000, ge=1)
    training_rows: int = Field(default=10_000, ge=100)
    prediction_rows: int = Field(default=1_000_000, ge=1)
    repeats: int = Field(default=5, ge=1, le=1000)
    seed: int = Field(default=42, ge=0)
    ids: tuple[ExperimentId, ...] = Field(
        default=("E1.1", "E1.2", "E1.3", "E1.4", "E1.5", "E1.6"), min_length=1
    )
